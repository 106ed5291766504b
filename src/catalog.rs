//! The catalogue: what REST hooks exist, as one table.
//!
//! Every fact that depends on *which* hook it is stands in a column of [`CATALOG`]; code that wants to list methods
//! elsewhere is missing a column. The compiler checks the table: as many rows as methods, each in its place, and no
//! follower that does not exist.
//!
//! Sources are named in each row: `S0`…`S4` are the vendor's documents "Four types of REST methods" (S0, S1),
//! "REST / HTTP" (S2, S3) and "List of methods and parameters" (S4); `D` pages of <https://docs.flashphoner.com>;
//! `C` the vendor's public client code. `inferred` marks what no document states.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod custom;
mod rest_api;
mod secret;
mod table;

use crate::time::Span;
pub use custom::{CustomFollower, CustomMethod};
pub use rest_api::{REST_API, RestApiMethod};
use rustc_hash::FxHashMap;
pub use secret::{documented_secrets, is_secret};
use std::sync::LazyLock;
pub use table::CATALOG;

/// Defines the enum of methods from their canonical names.
macro_rules! hook_methods {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A REST method that WCS calls on the backend.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum HookMethod { $($(#[$doc])* $variant,)+ }

        impl HookMethod {
            /// All methods, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The canonical spelling, which is the last segment of the path.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

hook_methods! {
    /// A client connects to an application.
    Connect = "connect",
    /// The state of a client's connection changed.
    ConnectionStatusEvent = "ConnectionStatusEvent",
    /// The state of a SIP registration changed.
    RegistrationStatusEvent = "RegistrationStatusEvent",
    /// An outgoing call.
    Call = "call",
    /// An incoming call came in.
    OnCallEvent = "OnCallEvent",
    /// A call's state changed.
    CallStatusEvent = "CallStatusEvent",
    /// The client answers an incoming call.
    Answer = "answer",
    /// The client ends a call.
    Hangup = "hangup",
    /// The client puts a call on hold.
    Hold = "hold",
    /// The client takes a call off hold.
    Unhold = "unhold",
    /// The client transfers a call.
    Transfer = "transfer",
    /// The other side transfers a call.
    OnTransferEvent = "OnTransferEvent",
    /// A transfer's state changed.
    TransferStatusEvent = "TransferStatusEvent",
    /// The client sends a DTMF tone.
    SendDtmf = "sendDTMF",
    /// The client sends a message.
    SendMessage = "sendMessage",
    /// A message came in.
    OnMessageEvent = "OnMessageEvent",
    /// A message's state changed.
    MessageStatusEvent = "MessageStatusEvent",
    /// The client sends a delivery notification.
    SendImdn = "sendIMDN",
    /// The client subscribes to SIP notifications.
    Subscribe = "subscribe",
    /// A subscription's state changed.
    SubscriptionStatusEvent = "SubscriptionStatusEvent",
    /// The client sends an XCAP request.
    SendXcapRequest = "sendXcapRequest",
    /// The answer to an XCAP request.
    XcapStatusEvent = "XcapStatusEvent",
    /// The client publishes a stream.
    PublishStream = "publishStream",
    /// The client stops publishing a stream.
    UnPublishStream = "unPublishStream",
    /// The client plays a stream.
    PlayStream = "playStream",
    /// The client pauses a stream that it plays.
    PauseStream = "pauseStream",
    /// The client stops playing a stream.
    StopStream = "stopStream",
    /// The client takes a snapshot of a stream.
    Snapshot = "snapshot",
    /// A viewer asks for a stream by HLS.
    PlayHls = "playHLS",
    /// A viewer asks for a stream by RTSP.
    PlayRtsp = "playRTSP",
    /// A stream's state changed.
    StreamStatusEvent = "StreamStatusEvent",
    /// A stream is still alive.
    StreamKeepAliveEvent = "StreamKeepAliveEvent",
    /// A publisher's stream changed (muted, unmuted, …).
    SendStreamEvent = "sendStreamEvent",
    /// The same, told to each subscriber.
    StreamEvent = "StreamEvent",
    /// Data sent by a client, or to one.
    OnDataEvent = "OnDataEvent",
    /// The state of sent data changed.
    DataStatusEvent = "DataStatusEvent",
    /// The client sends a bug report.
    SendBugReport = "sendBugReport",
    /// A bug report was stored.
    BugReportStatusEvent = "BugReportStatusEvent",
    /// The client pushes its logs.
    PushLogs = "pushLogs",
    /// The client starts or stops a debug session.
    SessionDebug = "sessionDebug",
    /// A debug session's state changed.
    SessionDebugStatusEvent = "SessionDebugStatusEvent",
    /// An error that belongs to no other event.
    ErrorEvent = "ErrorEvent",
}

/// Messages between WCS and its clients that might be hooks of other versions (C1, C2); no document says that they are.
pub const POSSIBLE_METHODS: &[&str] = &[
    "availableStream",
    "recordings",
    "RecordingStatusEvent",
    "requestStreamInfo",
    "StreamInfoEvent",
    "updateCallToVideo",
    "changeVideoState",
    "notificationResult",
    "setUseProxy",
];

/// The methods by their names and aliases, in lower case.
static BY_NAME: LazyLock<FxHashMap<String, HookMethod>> = LazyLock::new(|| {
    let named =
        CATALOG.iter().flat_map(|spec| spec.names().map(|name| (name.to_ascii_lowercase(), spec.method)));
    named.collect()
});

impl HookMethod {
    /// All names of methods, aliases included.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CATALOG.iter().flat_map(HookSpec::names)
    }

    /// Finds a method by its name or an alias, without regard to ASCII case.
    pub fn from_name(name: &str) -> Option<Self> {
        BY_NAME.get(name.to_ascii_lowercase().as_str()).copied()
    }

    /// The method's row of the catalogue.
    #[expect(
        clippy::indexing_slicing,
        reason = "the table has a row for each method, checked at compile time"
    )]
    pub const fn spec(self) -> &'static HookSpec {
        &CATALOG[self as usize]
    }
}

/// The four types of REST methods (S0): what a refusal by the backend does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookType {
    /// `connect`: any error declines the session.
    Connect,
    /// The client asks for an operation, which the backend may forbid.
    Direct,
    /// Something has happened already; nothing can be forbidden.
    Event,
    /// Something comes in from the SIP side, which the backend may forbid.
    Incoming,
}

impl HookType {
    /// All types.
    pub const ALL: [Self; 4] = [Self::Connect, Self::Direct, Self::Event, Self::Incoming];

    /// The type's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Direct => "direct",
            Self::Event => "event",
            Self::Incoming => "incoming",
        }
    }

    /// What hooks of this type are about: a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Connect => "The backend's answer admits or refuses the client.",
            Self::Direct => "The client asks for an operation, which the backend may forbid.",
            Self::Event => "Something has happened already, so nothing can be forbidden.",
            Self::Incoming => "Something comes in from the SIP side, which the backend may forbid.",
        }
    }

    /// What WCS does when the backend answers anything but 200, or not at all, in Markdown (S0, S1).
    pub const fn on_error(self) -> &'static str {
        match self {
            Self::Connect => {
                "WCS declines the session and tells the client FAILED, whatever `restOnError` says. A 200 must carry a \
                 JSON object."
            }
            Self::Direct => {
                "With `restOnError` LOG, the default, WCS logs it and goes on: even a refusal (403) has no effect. With \
                 FAIL it breaks off the operation and tells the client by the event that follows."
            }
            Self::Event => {
                "With `restOnError` LOG, the default, WCS logs it and goes on. With FAIL it goes on as well, and tells \
                 the client by `ErrorEvent`."
            }
            Self::Incoming => {
                "With `restOnError` LOG, the default, WCS logs it and goes on: even a refusal (403) has no effect. With \
                 FAIL it breaks off, answers the caller 403 FORBIDDEN, and tells the client by the event that follows."
            }
        }
    }
}

/// What a hook's flow is about: hooks of one thing inside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// A call, by `callId`.
    Call,
    /// A message, by `id`.
    Message,
    /// A published or played stream, by `mediaSessionId`.
    Stream,
    /// A SIP subscription, by `event`.
    Subscription,
    /// An XCAP request, by `url`.
    Xcap,
    /// Sent data, by `operationId`.
    Data,
    /// A transfer, by `callId`.
    Transfer,
    /// A bug report.
    BugReport,
    /// A debug session.
    Debug,
}

impl FlowKind {
    /// The kind's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Message => "message",
            Self::Stream => "stream",
            Self::Subscription => "subscription",
            Self::Xcap => "xcap",
            Self::Data => "data",
            Self::Transfer => "transfer",
            Self::BugReport => "bug-report",
            Self::Debug => "debug",
        }
    }

    /// Whether the thing cannot outlive its session: a last status is due when the client's connection ends (inferred
    /// from the client code, which frees calls and streams then).
    pub const fn ends_with_session(self) -> bool {
        matches!(self, Self::Call | Self::Stream)
    }
}

/// One row of the catalogue.
#[derive(Debug)]
pub struct HookSpec {
    /// The method.
    pub method: HookMethod,
    /// Its type.
    pub hook_type: HookType,
    /// Other spellings that differ by more than case.
    pub aliases: &'static [&'static str],
    /// What the method does, for people: one sentence.
    pub summary: &'static str,
    /// What its hooks are about, where they are about one thing inside a session.
    pub flow: Option<FlowKind>,
    /// Body members that name that thing, the first present one counts; empty: one such thing a session.
    pub flow_key: &'static [&'static str],
    /// Whether a session's hooks of this method may come without a `connect` before them.
    pub without_connect: bool,
    /// Body members, context parameters included.
    pub parameters: &'static [Parameter],
    /// Values of the member `status`; empty where the documents name none.
    pub statuses: &'static [Status],
    /// Whether other statuses may come as well.
    pub open_statuses: bool,
    /// Whether it comes again and again, at a steady pace, for as long as its flow lasts.
    pub keeps_alive: bool,
    /// Which statuses may follow which; a status that is not listed may be followed by any.
    pub successors: &'static [Successors],
    /// Hooks that must or may follow.
    pub followers: &'static [Follower],
    /// Statuses of the followers that show that the operation was carried out; empty where a follower's coming shows it.
    pub carried_out: &'static [&'static str],
    /// What WCS does about a refusal whatever `restOnError` says; empty: what the method's type says.
    pub on_refusal: &'static str,
    /// What else an engineer should know, settings of flashphoner.properties first: sentences in Markdown.
    pub notes: &'static [&'static str],
    /// Where the row comes from.
    pub source: &'static str,
}

impl HookSpec {
    /// The method's name and its aliases.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.method.name()].into_iter().chain(self.aliases.iter().copied())
    }

    /// The documented status of that name, without regard to ASCII case.
    pub fn status(&self, name: &str) -> Option<&'static Status> {
        self.statuses.iter().find(|status| status.name.eq_ignore_ascii_case(name))
    }

    /// Whether the flow's machine lets one status follow another; so it does where it says nothing.
    pub fn may_follow(&self, before: &Status, after: &Status) -> bool {
        let listed = |names: &[&str], status: &Status| names.contains(&status.name);
        let rule = self.successors.iter().find(|rule| listed(rule.of, before));
        before.name == after.name || rule.is_none_or(|rule| listed(rule.may_be, after))
    }
}

/// A member of a hook's body.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The member's name.
    pub name: &'static str,
    /// Its JSON type as documented; real bodies are looser (numbers and booleans as strings).
    pub kind: ParameterKind,
    /// The values that the documents allow; empty: any.
    pub values: &'static [&'static str],
    /// Whether the value is a secret, masked in every output.
    pub secret: bool,
}

/// The documented JSON type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// An array.
    List,
    /// An object.
    Object,
}

/// A value of the member `status`.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// The value's spelling in the documents.
    pub name: &'static str,
    /// What it says about the operation.
    pub phase: Phase,
    /// Whether nothing follows it: the flow, or the session, is over.
    pub terminal: bool,
}

/// What may follow a status in a flow's reports. A repetition always may.
#[derive(Clone, Copy, Debug)]
pub struct Successors {
    /// The statuses concerned.
    pub of: &'static [&'static str],
    /// What may follow each of them.
    pub may_be: &'static [&'static str],
}

/// What a status says about the operation that it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Asked for, not begun.
    Initial,
    /// Under way, or done so far.
    Progress,
    /// Over, as wanted.
    Done,
    /// Failed.
    Failed,
}

/// A hook that is to follow another.
#[derive(Clone, Copy, Debug)]
pub struct Follower {
    /// What the first hook must have met.
    pub after: Trigger,
    /// A further condition on the session or the first hook.
    pub only_if: Condition,
    /// Any one of these methods fulfils the expectation.
    pub methods: &'static [HookMethod],
    /// Which statuses of theirs do.
    pub wanted: Wanted,
    /// How long to wait for it.
    pub within: Span,
    /// How strongly it is expected.
    pub expectation: Expectation,
}

/// What a hook must have met for its followers to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The backend answered 200.
    Accepted,
    /// The backend answered otherwise, or not at all.
    Refused,
    /// The hook reported this status.
    Status(&'static str),
}

/// A condition beside the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// None.
    Always,
    /// The session registers at a SIP server: `sipRegisterRequired` is true in connect's response, or, where it is
    /// absent there, in its request.
    SipRegisterRequired,
    /// The message asks for a delivery notification: `isImdnRequired`.
    ImdnRequired,
}

/// Which statuses of a follower fulfil the expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Any.
    Any,
    /// A terminal one.
    Terminal,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// How strongly a follower is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Its absence is a warning.
    Required,
    /// Its absence is a hint at most.
    Usual,
    /// Its absence says nothing.
    Optional,
}

/// A row out of its place does not compile.
#[expect(clippy::indexing_slicing, reason = "the loop stays within the table, at compile time")]
const _: () = {
    let mut row = 0;
    while row < CATALOG.len() {
        assert!(CATALOG[row].method as usize == row, "a row of the catalogue stands out of the enum's order");
        row += 1;
    }
};
