//! The rows of the catalogue, and nothing else: one [`HookSpec`] for each method, in the enum's order.
//!
//! First come the words that the rows are written with (a parameter, a status, a follower), then the lists
//! that several rows share, then the table. A column that a row leaves out is empty, as in [`BLANK`]. No
//! vendor document says how long to wait for a follower, so all waiting times are inferred: 35 s outlasts
//! the 32 s of a SIP transaction.

use super::{
    Condition, Expectation, FlowKind, Follower, HookMethod, HookSpec, HookType, Parameter, ParameterKind,
    Phase, Status, Successors, Trigger, Wanted,
};
use crate::time::Span;

// ---- Words: parameters ----

const fn parameter(name: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, kind, values: &[], secret: false }
}

const fn text(name: &'static str) -> Parameter {
    parameter(name, ParameterKind::Text)
}

const fn flag(name: &'static str) -> Parameter {
    parameter(name, ParameterKind::Flag)
}

const fn number(name: &'static str) -> Parameter {
    parameter(name, ParameterKind::Number)
}

const fn list(name: &'static str) -> Parameter {
    parameter(name, ParameterKind::List)
}

const fn object(name: &'static str) -> Parameter {
    parameter(name, ParameterKind::Object)
}

/// A text that no output may show.
const fn secret(name: &'static str) -> Parameter {
    Parameter { secret: true, ..text(name) }
}

/// A text out of a closed list.
const fn one_of(name: &'static str, values: &'static [&'static str]) -> Parameter {
    Parameter { values, ..text(name) }
}

/// Joins lists of parameters into one.
macro_rules! parameters {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&[Parameter]] = &[$($part),+];
        const JOINED: [Parameter; total(PARTS)] = join(PARTS);
        &JOINED
    }};
}

const fn total(mut parts: &[&[Parameter]]) -> usize {
    let mut total = 0;
    while let [part, rest @ ..] = parts {
        total = part.len().saturating_add(total);
        parts = rest;
    }
    total
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs in the compiler only, which checks the bounds"
)]
const fn join<const N: usize>(mut parts: &[&[Parameter]]) -> [Parameter; N] {
    let mut joined = [text(""); N];
    let mut next = 0;
    while let [part, rest @ ..] = parts {
        let mut index = 0;
        while index < part.len() {
            joined[next] = part[index];
            next += 1;
            index += 1;
        }
        parts = rest;
    }
    joined
}

// ---- Words: statuses ----

const fn initial(name: &'static str) -> Status {
    Status { name, phase: Phase::Initial, terminal: false }
}

const fn progress(name: &'static str) -> Status {
    Status { name, phase: Phase::Progress, terminal: false }
}

/// Over, as wanted: terminal.
const fn done(name: &'static str) -> Status {
    Status { name, phase: Phase::Done, terminal: true }
}

/// Over, by failure: terminal.
const fn failed(name: &'static str) -> Status {
    Status { name, phase: Phase::Failed, terminal: true }
}

// ---- Words: followers ----

/// Follows an accepted hook; its absence is a warning.
const fn required(methods: &'static [HookMethod], wanted: Wanted, seconds: i64) -> Follower {
    Follower {
        after: Trigger::Accepted,
        only_if: Condition::Always,
        methods,
        wanted,
        within: Span::from_seconds(seconds),
        expectation: Expectation::Required,
    }
}

/// Follows an accepted hook; its absence is a hint at most.
const fn usual(methods: &'static [HookMethod], wanted: Wanted, seconds: i64) -> Follower {
    Follower { expectation: Expectation::Usual, ..required(methods, wanted, seconds) }
}

/// What a row does not say. Columns that no row may leave out are blank so that a test notices.
const BLANK: HookSpec = HookSpec {
    method: HookMethod::Connect,
    hook_type: HookType::Connect,
    aliases: &[],
    summary: "",
    flow: None,
    flow_key: &[],
    without_connect: false,
    parameters: &[],
    statuses: &[],
    open_statuses: false,
    keeps_alive: false,
    successors: &[],
    followers: &[],
    carried_out: &[],
    on_refusal: "",
    notes: &[],
    source: "",
};

// ---- Shared keys ----

const CALL_KEY: &[&str] = &["callId"];
const MESSAGE_KEY: &[&str] = &["id", "messageId"];
/// S4 writes `mediaSession` once, in `playStream`: a misprint that may have found its readers.
const STREAM_KEY: &[&str] = &["mediaSessionId", "mediaSession"];

// ---- Shared parameters ----

/// The context parameters, which S4 promises in all hooks.
const CONTEXT: &[Parameter] = &[text("nodeId"), text("sessionId"), text("appKey")];

/// Free for the customer's use, so passwords and tokens may be in it.
const CUSTOM: Parameter = Parameter { secret: true, ..object("custom") };

/// How media come to WCS: S4 names the first two, hooks of other clients the next ones (D14, D16), and connect the last.
const MEDIA_PROVIDER: Parameter =
    one_of("mediaProvider", &["WebRTC", "Flash", "HLS", "RTSP", "MSE", "WSPlayer"]);

/// The body of `connect`, which `ConnectionStatusEvent` repeats.
const CONNECTION: &[Parameter] = &[
    flag("sipRegisterRequired"),
    text("sipLogin"),
    text("sipAuthenticationName"),
    secret("sipPassword"),
    text("sipVisibleName"),
    text("sipDomain"),
    text("sipOutboundProxy"),
    text("sipProxy"),
    number("sipPort"),
    text("sipContactParams"),
    text("status"),
    list("mediaProviders"),
    number("width"),
    number("height"),
    CUSTOM,
    text("login"),
    secret("authToken"),
    flag("keepAlive"),
    flag("useProxy"),
    flag("useDTLS"),
    flag("useSelfSigned"),
    flag("useWsTunnel"),
    flag("useWsTunnelPacketization2"),
    flag("useBase64BinaryEncoding"),
    number("msePacketizationVersion"),
    text("supportedResolutions"),
    text("clientVersion"),
    text("clientOSVersion"),
    text("clientBrowserVersion"),
    text("origin"),
];

/// A call, as its own hooks and the REST API's answers describe it.
const CALL: &[Parameter] = &[
    text("callId"),
    text("parentCallId"),
    flag("incoming"),
    text("status"),
    text("info"),
    number("sipStatus"),
    text("sipMessageRaw"),
    text("caller"),
    text("callee"),
    text("visibleName"),
    flag("hasAudio"),
    flag("hasVideo"),
    MEDIA_PROVIDER,
    text("sdp"),
    text("sipSDP"),
    object("inviteParameters"),
    flag("isMsrp"),
    text("target"),
    flag("holdForTransfer"),
    text("rtmpUrl"),
    text("rtmpStream"),
    text("rtmpStreamStatus"),
    CUSTOM,
];

const TRANSFER: &[Parameter] = &[
    text("callId"),
    flag("incoming"),
    text("status"),
    text("info"),
    text("sipMessageRaw"),
    flag("hasVideo"),
];

/// A message; its `contentType` is open, since the SIP side may send any.
const MESSAGE: &[Parameter] = &[
    text("id"),
    text("from"),
    text("to"),
    text("body"),
    text("contentType"),
    flag("isImdnRequired"),
    text("sipMessageRaw"),
    text("status"),
];

/// A stream. Down to `custom` all versions have these; the rest came in with WCS 5.2, where `sdp` left.
const STREAM: &[Parameter] = &[
    text("mediaSessionId"),
    text("name"),
    flag("published"),
    flag("hasVideo"),
    flag("hasAudio"),
    text("status"),
    text("sdp"),
    flag("record"),
    number("width"),
    number("height"),
    number("bitrate"),
    number("quality"),
    MEDIA_PROVIDER,
    CUSTOM,
    text("audioCodec"),
    text("videoCodec"),
    number("audioBitrate"),
    number("minBitrate"),
    number("maxBitrate"),
    number("gop"),
    number("fps"),
    text("codecImpl"),
    text("transport"),
    flag("cvoExtension"),
    flag("history"),
    number("createDate"),
    text("mediaType"),
    object("audioState"),
    object("videoState"),
];

/// What happened to a publisher's stream.
const STREAM_EVENT: &[Parameter] = &[
    text("mediaSessionId"),
    one_of(
        "type",
        &[
            "audioMuted",
            "audioUnmuted",
            "videoMuted",
            "videoUnmuted",
            "data",
            "snapshotCompleted",
            "snapshotFailed",
            "resize",
            "notEnoughBandwidth",
        ],
    ),
    text("info"),
    object("payload"),
];

const DATA: &[Parameter] = &[text("operationId"), object("payload")];

// ---- Shared statuses ----

/// What a call or a stream begins with: `PENDING` from a browser, `NEW` from RTMP and HLS clients.
const BEGINNING: &[Status] = &[initial("NEW"), initial("PENDING")];

const CALL_STATUSES: &[Status] = &[
    initial("NEW"),
    initial("PENDING"),
    progress("TRYING"),
    progress("RING"),
    progress("RING_MEDIA"),
    progress("SESSION_PROGRESS"),
    progress("ESTABLISHED"),
    progress("HOLD"),
    done("FINISH"),
    failed("BUSY"),
    failed("FAILED"),
];

/// `ACCEPTED` ends a message, unless it asks for a delivery notification: then an `IMDN_…` status follows.
const MESSAGE_STATUSES: &[Status] = &[
    progress("RECEIVED"),
    progress("SENT"),
    done("ACCEPTED"),
    failed("FAILED"),
    done("IMDN_NOTIFICATION_SENT"),
    done("IMDN_DELIVERED"),
    failed("IMDN_FAILED"),
    failed("IMDN_FORBIDDEN"),
    failed("IMDN_ERROR"),
    // S4's other names of IMDN_DELIVERED and IMDN_FAILED.
    done("DELIVERED"),
    failed("DELIVERY_FAILED"),
];

/// Outcomes of a message that asks for a delivery notification: one comes, or the message itself failed.
const IMDN_OUTCOMES: Wanted = Wanted::OneOf(&[
    "IMDN_DELIVERED",
    "IMDN_FAILED",
    "IMDN_FORBIDDEN",
    "IMDN_ERROR",
    "DELIVERED",
    "DELIVERY_FAILED",
    "FAILED",
]);

const STREAM_STATUSES: &[Status] = &[
    initial("NEW"),
    initial("PENDING"),
    progress("PUBLISHING"),
    progress("PLAYING"),
    progress("PAUSED"),
    progress("RESIZE"),
    progress("SNAPSHOT_COMPLETE"),
    progress("PLAYBACK_PROBLEM"),
    progress("NOT_ENOUGH_BANDWIDTH"),
    progress("LOCAL_STREAM_STOPPED"),
    done("UNPUBLISHED"),
    done("STOPPED"),
    failed("FAILED"),
];

// ---- Which status may follow which ----
//
// The documents draw no machines: these are inferred from the flows that they tell, and forbid only what cannot be
// under any reading. Messages, subscriptions, data and registrations have none: a message to several recipients reports
// for each of them, and the others may begin again by themselves.

const CALL_ENDS: &[&str] = &["FINISH", "BUSY", "FAILED"];

/// Before the answer all is possible, in any order (a call may ring at several places), but no hold. The answer to a
/// re-INVITE may bring `TRYING`, and even `BUSY`, into an established call.
const CALL_SUCCESSORS: &[Successors] = &[
    Successors {
        of: &["TRYING", "RING", "RING_MEDIA", "SESSION_PROGRESS"],
        may_be: &[
            "TRYING",
            "RING",
            "RING_MEDIA",
            "SESSION_PROGRESS",
            "ESTABLISHED",
            "FINISH",
            "BUSY",
            "FAILED",
        ],
    },
    Successors {
        of: &["ESTABLISHED", "HOLD"],
        may_be: &["ESTABLISHED", "HOLD", "TRYING", "FINISH", "BUSY", "FAILED"],
    },
    Successors { of: CALL_ENDS, may_be: CALL_ENDS },
];

/// S4 mixes up the statuses of publishers and players, so they are not told apart. A snapshot may be ready behind the
/// end; `FAILED` may be the snapshot's and not the stream's, so any may follow it.
const STREAM_SUCCESSORS: &[Successors] = &[
    Successors {
        of: &[
            "PUBLISHING",
            "PLAYING",
            "PAUSED",
            "RESIZE",
            "SNAPSHOT_COMPLETE",
            "PLAYBACK_PROBLEM",
            "NOT_ENOUGH_BANDWIDTH",
            "LOCAL_STREAM_STOPPED",
        ],
        may_be: &[
            "PUBLISHING",
            "PLAYING",
            "PAUSED",
            "RESIZE",
            "SNAPSHOT_COMPLETE",
            "PLAYBACK_PROBLEM",
            "NOT_ENOUGH_BANDWIDTH",
            "LOCAL_STREAM_STOPPED",
            "UNPUBLISHED",
            "STOPPED",
            "FAILED",
        ],
    },
    Successors {
        of: &["UNPUBLISHED", "STOPPED"],
        may_be: &["UNPUBLISHED", "STOPPED", "FAILED", "SNAPSHOT_COMPLETE", "LOCAL_STREAM_STOPPED"],
    },
];

/// A client that comes back begins with `connect` again.
const CONNECTION_SUCCESSORS: &[Successors] = &[
    Successors {
        of: &["ESTABLISHED", "REGISTERED"],
        may_be: &["ESTABLISHED", "REGISTERED", "FAILED", "DISCONNECTED"],
    },
    Successors { of: &["FAILED", "DISCONNECTED"], may_be: &["FAILED", "DISCONNECTED"] },
];

const TRANSFER_SUCCESSORS: &[Successors] =
    &[Successors { of: &["COMPLETED", "FAILED"], may_be: &["COMPLETED", "FAILED"] }];

// ---- The table ----

/// The catalogue: the row of a method stands at the method's place in the enum.
pub static CATALOG: [HookSpec; HookMethod::ALL.len()] = [
    // Session.
    HookSpec {
        method: HookMethod::Connect,
        hook_type: HookType::Connect,
        summary: "A client connects to an application, and the backend's answer decides about the session.",
        parameters: parameters![CONTEXT, CONNECTION, &[text("urlServer"), object("restClientConfig")]],
        statuses: &[initial("PENDING")],
        followers: &[
            required(&[HookMethod::ConnectionStatusEvent], Wanted::Any, 5),
            Follower {
                after: Trigger::Refused,
                ..usual(&[HookMethod::ConnectionStatusEvent], Wanted::Terminal, 5)
            },
        ],
        notes: &[
            "Its answer counts without any setting: SIP data in it replace those of the client, and `restClientConfig` in it rules all hooks of the session.",
            "A client that names an `appKey` that WCS does not know is turned away without any hook.",
            "A refused connect is usually followed by `ConnectionStatusEvent` FAILED and DISCONNECTED.",
        ],
        source: "S0, S4, D3, D5b, D7, D13, C1, C2, C3",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::ConnectionStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a client's connection changed.",
        parameters: parameters![CONTEXT, CONNECTION, &[text("info")]],
        statuses: &[
            initial("PENDING"),
            progress("ESTABLISHED"),
            progress("REGISTERED"),
            // DISCONNECTED still comes after FAILED, but the session is over.
            failed("FAILED"),
            done("DISCONNECTED"),
        ],
        successors: CONNECTION_SUCCESSORS,
        followers: &[Follower {
            after: Trigger::Status("ESTABLISHED"),
            only_if: Condition::SipRegisterRequired,
            ..required(&[HookMethod::RegistrationStatusEvent], Wanted::Any, 40)
        }],
        notes: &[
            "`keep_alive.server_interval` (5000 ms) and `keep_alive.probes` (10): a client that vanished is noticed after about 50 s, so DISCONNECTED may come that late.",
            "It repeats the SIP data of connect, the password among them; `restExclude` keeps members out.",
        ],
        source: "S0, S4, D5b, D6, D7, C2, github.com/hugheba/wcs-springboot; the follower is inferred",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::RegistrationStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a client's SIP registration changed.",
        parameters: parameters![CONTEXT, &[text("status"), text("info"), text("sipMessageRaw")]],
        // Terminal for the registration; the session goes on.
        statuses: &[
            progress("REGISTERED"),
            done("UNREGISTERED"),
            failed("FAILED"),
            failed("AUTHENTICATION_FAIL"),
        ],
        notes: &[
            "It comes where `sipRegisterRequired` is true. FAILED and AUTHENTICATION_FAIL come from the SIP server: `sipMessageRaw` holds its message.",
        ],
        source: "S0, S4, D9",
        ..BLANK
    },
    // Calls.
    HookSpec {
        method: HookMethod::Call,
        hook_type: HookType::Direct,
        summary: "A client makes an outgoing call.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, CALL],
        statuses: BEGINNING,
        followers: &[required(&[HookMethod::CallStatusEvent], Wanted::Any, 35)],
        carried_out: &["TRYING", "RING", "RING_MEDIA", "SESSION_PROGRESS", "ESTABLISHED", "HOLD", "BUSY"],
        source: "S0, S4, D8, D17, C1, C5",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::OnCallEvent,
        hook_type: HookType::Incoming,
        summary: "A call came in from the SIP side.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, CALL],
        statuses: BEGINNING,
        followers: &[usual(
            &[HookMethod::Answer, HookMethod::Hangup, HookMethod::CallStatusEvent],
            Wanted::Any,
            180,
        )],
        carried_out: &["RING", "ESTABLISHED"],
        source: "S0, S4, D8, D11, D17, C5",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::CallStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a call changed.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, CALL],
        statuses: CALL_STATUSES,
        notes: &[
            "TRYING is SIP 100, RING 180, SESSION_PROGRESS 183, ESTABLISHED 200 to the INVITE, HOLD 200 to a further INVITE, BUSY 486 or 600, FAILED any other 4xx, 5xx or 6xx, which `info` names.",
            "The same status may come several times.",
        ],
        successors: CALL_SUCCESSORS,
        source: "S0, S3, S4, D9, D17, C1, C5",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Answer,
        hook_type: HookType::Direct,
        summary: "The client answers an incoming call.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, CALL],
        followers: &[required(&[HookMethod::CallStatusEvent], Wanted::Any, 35)],
        carried_out: &["ESTABLISHED"],
        source: "S0, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Hangup,
        hook_type: HookType::Direct,
        summary: "The client ends a call.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, &[text("callId"), flag("hasVideo")]],
        followers: &[required(&[HookMethod::CallStatusEvent], Wanted::Terminal, 35)],
        carried_out: &["FINISH"],
        notes: &["To forbid it is of little use: the client has left."],
        source: "S0, S3, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Hold,
        hook_type: HookType::Direct,
        summary: "The client puts a call on hold.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, &[text("callId"), flag("hasVideo"), flag("holdForTransfer")]],
        followers: &[required(&[HookMethod::CallStatusEvent], Wanted::Any, 35)],
        carried_out: &["HOLD"],
        source: "S0, S4, D8, C1, C2",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Unhold,
        hook_type: HookType::Direct,
        summary: "The client takes a call off hold.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, &[text("callId"), flag("hasVideo")]],
        followers: &[required(&[HookMethod::CallStatusEvent], Wanted::Any, 35)],
        carried_out: &["ESTABLISHED"],
        source: "S0, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Transfer,
        hook_type: HookType::Direct,
        summary: "The client transfers a call to another number.",
        flow: Some(FlowKind::Transfer),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, &[text("callId"), text("target")]],
        followers: &[required(&[HookMethod::TransferStatusEvent], Wanted::Any, 35)],
        carried_out: &["ACCEPTED", "TRYING", "COMPLETED"],
        source: "S0, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::OnTransferEvent,
        hook_type: HookType::Incoming,
        summary: "The other side of a call transfers it.",
        flow: Some(FlowKind::Transfer),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, TRANSFER],
        statuses: &[initial("PENDING")],
        followers: &[usual(&[HookMethod::TransferStatusEvent], Wanted::Any, 35)],
        carried_out: &["ACCEPTED", "TRYING", "COMPLETED"],
        source: "S0, C2; parameters (those of TransferStatusEvent) and follower are inferred",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::TransferStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a call's transfer changed.",
        flow: Some(FlowKind::Transfer),
        flow_key: CALL_KEY,
        parameters: parameters![CONTEXT, TRANSFER],
        statuses: &[progress("ACCEPTED"), progress("TRYING"), done("COMPLETED"), failed("FAILED")],
        // A status that WCS does not know is passed on as the SIP side wrote it.
        open_statuses: true,
        successors: TRANSFER_SUCCESSORS,
        source: "S0, S4",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SendDtmf,
        hook_type: HookType::Direct,
        summary: "The client sends a DTMF tone in a call.",
        flow: Some(FlowKind::Call),
        flow_key: CALL_KEY,
        parameters: parameters![
            CONTEXT,
            &[
                text("callId"),
                one_of("dtmf", &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]),
                one_of("type", &["INFO", "INFO_RELAY", "RFC2833"]),
            ]
        ],
        source: "S0, S4, D8, C1, C2",
        ..BLANK
    },
    // Messages.
    HookSpec {
        method: HookMethod::SendMessage,
        hook_type: HookType::Direct,
        summary: "The client sends a message.",
        flow: Some(FlowKind::Message),
        flow_key: MESSAGE_KEY,
        parameters: parameters![
            CONTEXT,
            &[
                text("id"),
                text("from"),
                text("to"),
                text("body"),
                one_of("contentType", &["text/plain", "message/cpim", "multipart/mixed"]),
                flag("isImdnRequired"),
                text("recipients"),
                text("visibleName"),
            ]
        ],
        followers: &[
            required(&[HookMethod::MessageStatusEvent], Wanted::Any, 35),
            Follower {
                only_if: Condition::ImdnRequired,
                ..usual(&[HookMethod::MessageStatusEvent], IMDN_OUTCOMES, 600)
            },
        ],
        carried_out: &["SENT", "ACCEPTED", "IMDN_DELIVERED", "IMDN_FAILED", "DELIVERED", "DELIVERY_FAILED"],
        source: "S0, S3, S4, D8, C2; the notification is inferred",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::OnMessageEvent,
        hook_type: HookType::Incoming,
        summary: "A message came in from the SIP side.",
        flow: Some(FlowKind::Message),
        flow_key: MESSAGE_KEY,
        parameters: parameters![CONTEXT, MESSAGE],
        statuses: &[progress("RECEIVED")],
        source: "S0, S3, S4, C2, C7",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::MessageStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a message changed.",
        flow: Some(FlowKind::Message),
        flow_key: MESSAGE_KEY,
        parameters: parameters![CONTEXT, MESSAGE, &[text("info")]],
        statuses: MESSAGE_STATUSES,
        source: "S0, S3, S4, C2",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SendImdn,
        hook_type: HookType::Direct,
        summary: "The client notifies a message's sender that it was delivered.",
        flow: Some(FlowKind::Message),
        flow_key: &["messageId"],
        parameters: parameters![CONTEXT, &[text("messageId")]],
        followers: &[usual(
            &[HookMethod::MessageStatusEvent],
            Wanted::OneOf(&["IMDN_NOTIFICATION_SENT"]),
            35,
        )],
        carried_out: &["IMDN_NOTIFICATION_SENT"],
        source: "S0, S4; the follower is inferred",
        ..BLANK
    },
    // SIP subscriptions and XCAP.
    HookSpec {
        method: HookMethod::Subscribe,
        hook_type: HookType::Direct,
        summary: "The client subscribes to notifications of the SIP server.",
        flow: Some(FlowKind::Subscription),
        flow_key: &["event"],
        parameters: parameters![CONTEXT, &[text("event"), number("expires"), flag("terminate")]],
        followers: &[required(&[HookMethod::SubscriptionStatusEvent], Wanted::Any, 35)],
        carried_out: &["Active", "Terminated"],
        source: "S0, S4, D8, C7",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SubscriptionStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a SIP subscription changed, or a notification came in.",
        flow: Some(FlowKind::Subscription),
        flow_key: &["event"],
        parameters: parameters![
            CONTEXT,
            &[
                text("event"),
                number("expires"),
                flag("terminate"),
                text("requestBody"),
                text("status"),
                text("info"),
                text("sipMessageRaw"),
            ]
        ],
        statuses: &[progress("Active"), done("Terminated")],
        source: "S0, S4",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SendXcapRequest,
        hook_type: HookType::Direct,
        summary: "The client sends an XCAP request.",
        flow: Some(FlowKind::Xcap),
        flow_key: &["url"],
        parameters: parameters![CONTEXT, &[text("url")]],
        followers: &[required(&[HookMethod::XcapStatusEvent], Wanted::Any, 35)],
        source: "S0, S4, D8",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::XcapStatusEvent,
        hook_type: HookType::Event,
        summary: "The answer to an XCAP request came in.",
        flow: Some(FlowKind::Xcap),
        flow_key: &["url"],
        parameters: parameters![CONTEXT, &[text("url"), text("xcapResponse"), text("responseBody")]],
        source: "S0, S4, C7",
        ..BLANK
    },
    // Streams.
    HookSpec {
        method: HookMethod::PublishStream,
        hook_type: HookType::Direct,
        summary: "The client publishes a stream.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM],
        statuses: BEGINNING,
        followers: &[required(&[HookMethod::StreamStatusEvent], Wanted::Any, 35)],
        carried_out: &["PUBLISHING"],
        source: "S0, S4, D8, D10, D13, D18",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::UnPublishStream,
        hook_type: HookType::Direct,
        summary: "The client stops publishing a stream.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM],
        followers: &[required(&[HookMethod::StreamStatusEvent], Wanted::Terminal, 5)],
        carried_out: &["UNPUBLISHED"],
        source: "S0, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::PlayStream,
        hook_type: HookType::Direct,
        summary: "The client plays a stream.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM, &[text("mediaSession")]],
        statuses: BEGINNING,
        followers: &[required(&[HookMethod::StreamStatusEvent], Wanted::Any, 35)],
        carried_out: &["PLAYING"],
        source: "S0, S4, D8, D10, D13",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::PauseStream,
        hook_type: HookType::Direct,
        summary: "The client pauses a stream that it plays.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM],
        followers: &[usual(&[HookMethod::StreamStatusEvent], Wanted::Any, 35)],
        carried_out: &["PAUSED"],
        source: "D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::StopStream,
        hook_type: HookType::Direct,
        summary: "The client stops playing a stream.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM],
        followers: &[required(&[HookMethod::StreamStatusEvent], Wanted::Terminal, 5)],
        carried_out: &["STOPPED"],
        source: "S0, S4, D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::Snapshot,
        hook_type: HookType::Direct,
        summary: "The client takes a snapshot of a stream.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, &[text("mediaSessionId"), text("name")]],
        followers: &[usual(&[HookMethod::StreamStatusEvent], Wanted::Any, 35)],
        carried_out: &["SNAPSHOT_COMPLETE"],
        source: "D8, C1, C6",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::PlayHls,
        hook_type: HookType::Direct,
        summary: "A viewer asks for a stream by HLS.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        without_connect: true,
        parameters: parameters![CONTEXT, STREAM, &[secret("token")]],
        statuses: BEGINNING,
        on_refusal: "WCS answered the player 401",
        notes: &[
            "`hls_auth_enabled=true` in flashphoner.properties: without it WCS does not send it.",
            "`hls_auth_token_cache`: results are kept for a time, so that fewer hooks come than viewers.",
            "`client_acl_property_name` (`aclAuth`) names the member of `custom` that holds the token in later versions.",
        ],
        source: "S0, S4, D14, D15",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::PlayRtsp,
        hook_type: HookType::Direct,
        summary: "A viewer asks for a stream by RTSP, once for each RTSP request.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        without_connect: true,
        parameters: parameters![
            CONTEXT,
            &[
                text("mediaSessionId"),
                text("name"),
                MEDIA_PROVIDER,
                text("rtspUrl"),
                text("User-Agent"),
                text("userAgent"),
                CUSTOM,
            ]
        ],
        on_refusal: "WCS dropped the RTSP client",
        notes: &[
            "`rtsp_server_auth_enabled=true` in flashphoner.properties: without it WCS does not send it.",
            "`client_acl_property_name` (`aclAuth`) names the member of `custom` that holds the token.",
            "It comes for every RTSP method but OPTIONS: several for one viewer are normal.",
        ],
        source: "S0, S4, D16, D16a",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::StreamStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of a stream changed.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM, &[text("info")]],
        statuses: STREAM_STATUSES,
        successors: STREAM_SUCCESSORS,
        source: "S0, S4, D9, D10, D10a, C1, C2, C6",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::StreamKeepAliveEvent,
        hook_type: HookType::Event,
        summary: "A stream is still alive, and the backend may end it here.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM, &[text("info")]],
        statuses: &[progress("PLAYING"), progress("PUBLISHING")],
        notes: &[
            "`keep_alive_streaming_sessions_enabled=true` in flashphoner.properties: without it WCS does not send it.",
            "`streaming_sessions_keep_alive_interval` (10000 ms) is its period, `streaming_sessions_keep_alive_app_keys` (`defaultApp`) lists the applications.",
            "Though it is an event, a 403 with `restOnError` FAIL ends the stream.",
        ],
        keeps_alive: true,
        source: "S0, S4, D21",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SendStreamEvent,
        hook_type: HookType::Event,
        summary: "A publisher's stream changed: sound or picture was switched off or on, or data was sent.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM_EVENT],
        notes: &["Since WCS 5.2.935; the type `data` since 5.2.942."],
        source: "S0, S4, D19, C1, C6",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::StreamEvent,
        hook_type: HookType::Event,
        summary: "A subscriber is told that the publisher's stream changed.",
        flow: Some(FlowKind::Stream),
        flow_key: STREAM_KEY,
        parameters: parameters![CONTEXT, STREAM_EVENT],
        source: "S0, S4, D19, C6",
        ..BLANK
    },
    // Data.
    HookSpec {
        method: HookMethod::OnDataEvent,
        hook_type: HookType::Direct,
        aliases: &["sendData"],
        summary: "A client sends data to the backend, or data is sent to a client.",
        flow: Some(FlowKind::Data),
        flow_key: &["operationId"],
        parameters: parameters![CONTEXT, DATA],
        carried_out: &["ACCEPTED"],
        notes: &[
            "From client to backend it is a hook; the other way the backend calls `/rest-api/data/send` of WCS.",
        ],
        // It goes to the client; that the backend hears of it as well is not promised.
        followers: &[Follower {
            expectation: Expectation::Optional,
            ..required(&[HookMethod::DataStatusEvent], Wanted::Any, 35)
        }],
        source: "S0, S4, D8, D12, D17a",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::DataStatusEvent,
        hook_type: HookType::Event,
        summary: "The state of sent data changed.",
        flow: Some(FlowKind::Data),
        flow_key: &["operationId"],
        parameters: parameters![CONTEXT, &[text("operationId"), text("status"), text("info")]],
        statuses: &[done("ACCEPTED"), failed("FAILED")],
        source: "S0, S4, D12",
        ..BLANK
    },
    // Diagnostics.
    HookSpec {
        method: HookMethod::SendBugReport,
        hook_type: HookType::Direct,
        aliases: &["submitBugReport"],
        summary: "The client sends a bug report.",
        flow: Some(FlowKind::BugReport),
        parameters: parameters![CONTEXT, &[text("text"), text("type")]],
        followers: &[required(&[HookMethod::BugReportStatusEvent], Wanted::Any, 35)],
        source: "S0, S4, D8, C1, C7",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::BugReportStatusEvent,
        hook_type: HookType::Event,
        summary: "A bug report was stored on the server.",
        flow: Some(FlowKind::BugReport),
        parameters: parameters![CONTEXT, &[text("filename")]],
        source: "S0, S4",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::PushLogs,
        hook_type: HookType::Direct,
        summary: "The client pushes its logs to the server.",
        parameters: CONTEXT,
        source: "D8; no document names its own parameters",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SessionDebug,
        hook_type: HookType::Direct,
        summary: "The client starts or stops a debug session.",
        flow: Some(FlowKind::Debug),
        parameters: parameters![CONTEXT, &[one_of("command", &["start", "stop"])]],
        followers: &[required(&[HookMethod::SessionDebugStatusEvent], Wanted::Any, 35)],
        carried_out: &["STARTED", "STOPPED"],
        source: "D8, C1",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::SessionDebugStatusEvent,
        hook_type: HookType::Event,
        summary: "A debug session started or stopped.",
        flow: Some(FlowKind::Debug),
        parameters: parameters![CONTEXT, &[text("status")]],
        statuses: &[progress("STARTED"), done("STOPPED")],
        source: "D8, D9; the parameter is inferred from the statuses",
        ..BLANK
    },
    HookSpec {
        method: HookMethod::ErrorEvent,
        hook_type: HookType::Event,
        aliases: &["ErrorStatusEvent"],
        summary: "An error occurred that belongs to no other event.",
        without_connect: true,
        parameters: parameters![CONTEXT, &[text("info")]],
        source: "S0, S4, C2, github.com/hugheba/wcs-springboot; that it needs no connect is inferred",
        ..BLANK
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn has_parameter(spec: &HookSpec, name: &str) -> bool {
        spec.parameters.iter().any(|parameter| parameter.name == name)
    }

    fn is_repeated<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
        let mut seen = BTreeSet::new();
        names.into_iter().any(|name| !seen.insert(name.to_ascii_lowercase()))
    }

    #[test]
    fn a_name_or_alias_means_one_method_whatever_its_case() {
        assert!(!is_repeated(HookMethod::names()));
        for row in &CATALOG {
            for name in row.names() {
                assert_eq!(HookMethod::from_name(&name.to_ascii_lowercase()), Some(row.method), "{name}");
                assert_eq!(HookMethod::from_name(&name.to_ascii_uppercase()), Some(row.method), "{name}");
            }
        }
        assert_eq!(HookMethod::from_name("sendData"), Some(HookMethod::OnDataEvent));
        assert_eq!(HookMethod::from_name("callStatus"), None);
    }

    #[test]
    fn no_row_leaves_out_what_all_must_have() {
        for row in &CATALOG {
            let name = row.method.name();
            assert_eq!(row.hook_type == HookType::Connect, row.method == HookMethod::Connect, "{name}");
            assert!(row.summary.len() > 1 && row.summary.ends_with('.'), "{name}: {:?}", row.summary);
            assert_eq!(row.summary.matches(". ").count(), 0, "{name}: one sentence");
            assert!(!row.source.is_empty(), "{name}");
            assert!(row.notes.iter().all(|note| note.ends_with('.')), "{name}: sentences");
            for context in ["nodeId", "sessionId", "appKey"] {
                assert!(has_parameter(row, context), "{name} lacks {context}");
            }
        }
    }

    #[test]
    fn hook_types_are_those_of_the_vendors_lists() {
        let incoming = [HookMethod::OnCallEvent, HookMethod::OnMessageEvent, HookMethod::OnTransferEvent];
        for row in &CATALOG {
            let name = row.method.name();
            let is_event = name == "sendStreamEvent" || name.ends_with("Event") && !name.starts_with("On");
            let expected = match row.method {
                HookMethod::Connect => HookType::Connect,
                method if incoming.contains(&method) => HookType::Incoming,
                _ if is_event => HookType::Event,
                _ => HookType::Direct,
            };
            assert_eq!(row.hook_type, expected, "{name}");
        }
    }

    #[test]
    fn a_flow_key_is_a_parameter() {
        for row in &CATALOG {
            let name = row.method.name();
            if let Some(key) = row.flow_key.first() {
                assert!(has_parameter(row, key), "{name} lacks {key}");
            }
            let wants_key = !matches!(row.flow, None | Some(FlowKind::BugReport | FlowKind::Debug));
            assert_eq!(!row.flow_key.is_empty(), wants_key, "{name}");
        }
    }

    #[test]
    fn a_parameter_stands_once_in_a_row_and_means_the_same_in_each() {
        let mut known = BTreeMap::new();
        for row in &CATALOG {
            let name = row.method.name();
            assert!(!is_repeated(row.parameters.iter().map(|parameter| parameter.name)), "{name}");
            for parameter in row.parameters {
                assert!(!parameter.name.is_empty(), "{name}");
                assert!(!is_repeated(parameter.values.iter().copied()), "{name}: {}", parameter.name);
                let meaning = (format!("{:?}", parameter.kind), parameter.secret);
                let first = known.entry(parameter.name).or_insert_with(|| meaning.clone());
                assert_eq!(*first, meaning, "{name}: {}", parameter.name);
            }
        }
    }

    #[test]
    fn passwords_and_tokens_are_secret_and_nothing_else_is() {
        let secrets: BTreeSet<_> = CATALOG
            .iter()
            .flat_map(|row| row.parameters)
            .filter(|parameter| parameter.secret)
            .map(|parameter| parameter.name)
            .collect();
        assert_eq!(secrets, BTreeSet::from(["authToken", "custom", "sipPassword", "token"]));
    }

    #[test]
    fn statuses_are_unique_in_a_row_and_mean_the_same_in_a_flow() {
        let mut known = BTreeMap::new();
        for row in &CATALOG {
            let name = row.method.name();
            assert!(!is_repeated(row.statuses.iter().map(|status| status.name)), "{name}");
            assert!(row.statuses.is_empty() || has_parameter(row, "status"), "{name}");
            for status in row.statuses {
                let over = matches!(status.phase, Phase::Done | Phase::Failed);
                assert_eq!(status.terminal, over, "{name}: {}", status.name);
                let Some(flow) = row.flow else { continue };
                let first = *known.entry((flow, status.name)).or_insert(status.phase);
                assert_eq!(first, status.phase, "{name}: {}", status.name);
            }
        }
    }

    #[test]
    fn machines_speak_of_known_statuses_and_open_nothing_that_is_over() {
        for row in &CATALOG {
            let name = row.method.name();
            let mut ruled = BTreeSet::new();
            for rule in row.successors {
                for status in rule.of.iter().chain(rule.may_be) {
                    assert!(row.statuses.iter().any(|known| known.name == *status), "{name}: {status}");
                }
                assert!(rule.of.iter().all(|status| ruled.insert(*status)), "{name}: ruled twice");
            }
        }
        let may = |method: HookMethod, before: &str, after: &str| {
            let spec = method.spec();
            spec.may_follow(spec.status(before).unwrap(), spec.status(after).unwrap())
        };
        let call = |before, after| may(HookMethod::CallStatusEvent, before, after);
        assert!(call("RING", "SESSION_PROGRESS") && call("HOLD", "ESTABLISHED") && call("BUSY", "FINISH"));
        assert!(call("PENDING", "HOLD") && call("FINISH", "FINISH"));
        assert!(!call("ESTABLISHED", "RING") && !call("FINISH", "ESTABLISHED") && !call("RING", "HOLD"));
        let stream = |before, after| may(HookMethod::StreamStatusEvent, before, after);
        assert!(stream("PAUSED", "PLAYING") && stream("FAILED", "PLAYING"));
        assert!(!stream("STOPPED", "PLAYING") && !stream("PUBLISHING", "PENDING"));
        assert!(!may(HookMethod::TransferStatusEvent, "COMPLETED", "TRYING"));
        assert!(may(HookMethod::ConnectionStatusEvent, "FAILED", "DISCONNECTED"));
        assert!(!may(HookMethod::ConnectionStatusEvent, "DISCONNECTED", "ESTABLISHED"));
        assert!(may(HookMethod::RegistrationStatusEvent, "FAILED", "REGISTERED"));
    }

    #[test]
    fn a_follower_can_come() {
        for row in &CATALOG {
            for follower in row.followers {
                let name = row.method.name();
                assert!(!follower.methods.is_empty() && follower.within > Span::ZERO, "{name}");
                if let Trigger::Status(status) = follower.after {
                    assert!(row.status(status).is_some(), "{name} never reports {status}");
                }
                for method in follower.methods {
                    let awaited = method.spec();
                    assert_eq!(awaited.method, *method);
                    assert_eq!(awaited.flow, row.flow, "{name} and {} share no flow", method.name());
                    assert!(can_fulfil(awaited, follower.wanted), "{name} awaits {follower:?}");
                }
            }
        }
    }

    #[test]
    fn what_shows_that_an_operation_was_carried_out_can_come() {
        for row in &CATALOG {
            let name = row.method.name();
            assert!(row.carried_out.is_empty() || !row.followers.is_empty(), "{name} has no follower");
            for status in row.carried_out {
                let reported = row.followers.iter().flat_map(|follower| follower.methods);
                assert!(
                    reported.clone().any(|method| method.spec().status(status).is_some()),
                    "{name}: {status}"
                );
            }
            assert!(row.on_refusal.is_empty() || row.hook_type == HookType::Direct, "{name}");
        }
    }

    /// Whether hooks of this row can report each of the statuses that are wanted.
    fn can_fulfil(awaited: &HookSpec, wanted: Wanted) -> bool {
        match wanted {
            Wanted::Any => true,
            Wanted::Terminal => awaited.statuses.iter().any(|status| status.terminal),
            Wanted::OneOf(names) => {
                !names.is_empty() && names.iter().all(|name| awaited.status(name).is_some())
            }
        }
    }

    #[test]
    fn what_follows_is_as_specified() {
        let strength = |method: HookMethod| -> Vec<_> {
            method.spec().followers.iter().map(|follower| (follower.within, follower.expectation)).collect()
        };
        let seconds = Span::from_seconds;
        assert_eq!(
            strength(HookMethod::Connect),
            [(seconds(5), Expectation::Required), (seconds(5), Expectation::Usual)]
        );
        assert_eq!(strength(HookMethod::ConnectionStatusEvent), [(seconds(40), Expectation::Required)]);
        assert_eq!(strength(HookMethod::OnCallEvent), [(seconds(180), Expectation::Usual)]);
        assert_eq!(strength(HookMethod::StopStream), [(seconds(5), Expectation::Required)]);
        assert!(strength(HookMethod::PlayHls).is_empty(), "playHLS asks for permission and no more");
        assert!(strength(HookMethod::SendDtmf).is_empty(), "no event tells that a tone was sent");
    }
}
