//! Hooks that are rightly missing, and some that are not: what a session's settings, the other side, a lost client or a
//! repetition make of the hooks that are to be expected.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// Nothing is missing, though it may look so.
const fn right(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let near_miss_of = &["flow-unfinished", "status-event-missing"];
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of, build }
}

/// An event is missing that is a hint at most, or that may be missing for another reason.
const fn hint(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let findings = &["status-event-missing"];
    Scenario { name, shows, verdict: "healthy", findings, near_miss_of: &[], build }
}

/// An event is missing without a reason.
const fn missing(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let findings = &["status-event-missing"];
    Scenario { name, shows, verdict: "degraded", findings, near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    right(
        "expected-status-excluded.pcap",
        "The restClientConfig excludes the status from CallStatusEvent, which comes without it.",
        || excluded("status"),
    ),
    right(
        "expected-id-excluded.pcap",
        "The restClientConfig excludes the callId from CallStatusEvent, which comes without it.",
        || excluded("callId"),
    ),
    right(
        "expected-disabled-stream.pcap",
        "The restClientConfig disables StreamStatusEvent, in the old spelling, for one session of two.",
        disabled_stream,
    ),
    right(
        "expected-remote-hangup.pcap",
        "The other side hangs up an outgoing call: no hangup; the client's own comes a second late.",
        remote_hangup,
    ),
    Scenario {
        name: "expected-lost-publisher.pcap",
        shows: "A client is lost while it publishes; its stream and session are told to be over 50 s later.",
        verdict: "healthy",
        findings: &["client-lost"],
        near_miss_of: &["flow-unfinished", "status-event-missing"],
        build: lost_publisher,
    },
    Scenario {
        name: "expected-event-before-hook.pcap",
        shows: "A call's first status is captured 300 ms before the call, on another connection.",
        verdict: "healthy",
        findings: &["client-lost"],
        near_miss_of: &["flow-unfinished", "status-event-missing"],
        build: event_before_hook,
    },
    right(
        "expected-hold-twice.pcap",
        "The client asks twice to hold a call, and one status answers both.",
        hold_twice,
    ),
    right(
        "expected-registered-once.pcap",
        "ESTABLISHED is told twice, and the registration once, between the two.",
        registered_once,
    ),
    Scenario {
        name: "expected-after-retry.pcap",
        shows: "A hook is sent again after a timeout; its status came between the two attempts.",
        verdict: "degraded",
        findings: &["hook-retried", "response-timeout"],
        near_miss_of: &["status-event-missing"],
        build: after_retry,
    },
    Scenario {
        name: "play-hls-with-status.pcap",
        shows: "A minute into the capture a viewer by HLS comes, whose stream has statuses, without connect.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing"],
        build: hls_with_status,
    },
    hint(
        "incoming-call-unanswered.pcap",
        "An incoming call is told, and then nothing for four minutes.",
        unanswered_incoming,
    ),
    hint(
        "lost-publisher-silent.pcap",
        "A publisher is lost: no status of its stream, and its session ends 50 s later.",
        lost_publisher_silent,
    ),
    missing("hangup-without-end.pcap", "A call is hung up, and its end is never told.", || {
        asked_to_end("hangup")
    }),
    missing("stop-without-end.pcap", "A stream is stopped, and its end is never told.", || {
        asked_to_end("unPublishStream")
    }),
    missing("hold-without-status.pcap", "A call is put on hold, and no status follows.", || held(1)),
    missing("transfer-without-status.pcap", "A second transfer of a session has no status.", transfer),
    missing("message-without-status.pcap", "A second message of a session has no status.", message),
];

const MEDIA_SESSION: &str = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";

fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_140, 0);
    backend.handshake().session(client);
    backend
}

fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.disconnect(client).close();
    Capture::of([backend]).ethernet()
}

/// A call of a session whose config excludes a member from `CallStatusEvent`.
fn excluded(member: &str) -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let config = format!(r#"{{"CallStatusEvent":{{"restExclude":"sdp,{member}"}}}}"#);
    let answer = http::json(&client.body().raw("restClientConfig", &config).end());
    let mut backend = to_backend(41_140, 0);
    backend.handshake().hook("connect", &client.connect(), &answer);
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("call", &client.call(&call, "PENDING"));
    let told = |status: &str| {
        let body = client.body().raw("incoming", "false");
        let body = if member == "callId" { body } else { body.text("callId", &call) };
        if member == "status" { body.end() } else { body.text("status", status).end() }
    };
    backend.ok("CallStatusEvent", &told("ESTABLISHED")).wait(40 * SEC);
    backend.ok("hangup", &client.call_id(&call)).ok("CallStatusEvent", &told("FINISH")).wait(50 * SEC);
    backend.disconnect(&client).wait(10 * SEC).session(&Client::new(23));
    end(backend, &Client::new(23))
}

fn disabled_stream() -> Vec<u8> {
    let (client, other) = (Client::new(22), Client::new(23));
    let answer = client.body().raw("restClientConfig", r#"{"StreamStatusEvent":{"restPolicy":"DISABLED"}}"#);
    let mut backend = to_backend(41_140, 0);
    backend.handshake().session(&other);
    let second = "77a41d10-fddc-11e6-ac3a-4d67d5b3360d";
    backend.ok("publishStream", &other.stream(second, true, "PENDING"));
    backend.ok("StreamStatusEvent", &other.stream(second, true, "PUBLISHING"));
    backend.hook("connect", &client.connect(), &http::json(&answer.end()));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(60 * SEC);
    backend.ok("unPublishStream", &client.stream(MEDIA_SESSION, true, "PUBLISHING")).wait(10 * SEC);
    backend.disconnect(&client).wait(10 * SEC);
    backend.ok("StreamStatusEvent", &other.stream(second, true, "UNPUBLISHED"));
    end(backend, &other)
}

fn remote_hangup() -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    backend.call(&client, &call).ok("CallStatusEvent", &client.call(&call, "FINISH")).wait(SEC);
    backend.ok("hangup", &client.call_id(&call)).wait(50 * SEC);
    backend.disconnect(&client).wait(10 * SEC).session(&Client::new(23));
    end(backend, &Client::new(23))
}

fn lost_publisher() -> Vec<u8> {
    let client = Client::new(22);
    let mut backend = open(&client);
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(50 * SEC);
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED"));
    backend.disconnect(&client).wait(10 * SEC).session(&Client::new(23));
    end(backend, &Client::new(23))
}

fn event_before_hook() -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    backend.wait(2 * SEC);
    let mut other = to_backend(41_141, backend.now() - 300 * MS);
    other.handshake().ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).close();
    backend.ok("call", &client.call(&call, "PENDING")).wait(50 * SEC);
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH")).wait(SEC);
    backend.disconnect(&client).close();
    Capture::of([backend, other]).ethernet()
}

fn hold_twice() -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    backend.call(&client, &call).ok("hold", &client.call_id(&call));
    backend.ok("CallStatusEvent", &client.call(&call, "HOLD")).wait(SEC);
    backend.ok("hold", &client.call_id(&call)).wait(60 * SEC).hangup(&client, &call).wait(SEC);
    end(backend, &client)
}

/// A call that is held, off and on: nothing follows the last `rest` requests.
fn held(rest: usize) -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    backend.call(&client, &call);
    let steps = [("hold", "HOLD"), ("unhold", "ESTABLISHED"), ("hold", "HOLD")];
    for (number, (method, status)) in steps.iter().enumerate() {
        backend.ok(method, &client.call_id(&call));
        if number + rest < steps.len() {
            backend.ok("CallStatusEvent", &client.call(&call, status)).wait(5 * SEC);
        }
    }
    backend.wait(90 * SEC);
    goes_on(backend)
}

/// Another session: it shows that the capture goes on, and that hooks come.
fn goes_on(mut backend: Connection) -> Vec<u8> {
    backend.session(&Client::new(23));
    end(backend, &Client::new(23))
}

fn registered_once() -> Vec<u8> {
    let client = Client::new(22);
    let mut backend = to_backend(41_140, 0);
    backend.handshake().ok("connect", &client.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED"));
    backend.ok("RegistrationStatusEvent", &client.registration_status("REGISTERED")).wait(5 * SEC);
    backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED")).wait(60 * SEC);
    end(backend, &client)
}

fn after_retry() -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    let body = client.call(&call, "PENDING");
    backend.asks("call", &body);
    let mut other = to_backend(41_141, backend.now() + 2 * SEC);
    other.handshake().ok("CallStatusEvent", &client.call(&call, "ESTABLISHED"));
    backend.wait(15 * SEC).fin(Side::Client).server_acks();
    other.go_to(backend.now() + 50 * MS).exchange(&request("call", &body), &http::json(&body), 5 * MS);
    other.wait(60 * SEC).hangup(&client, &call).disconnect(&client).close();
    Capture::of([backend, other]).ethernet()
}

fn hls_with_status() -> Vec<u8> {
    let first = Client::new(22);
    let viewer = Client { session_id: "/203.0.113.5:59470/192.0.2.10:8445".to_owned(), ..Client::new(23) };
    let stream = "60709c5b-85ef-4a7d-8e1f-7f3d6a20f5e1-test-HLS";
    let mut backend = open(&first);
    backend.wait(60 * SEC).ok("playHLS", &viewer.stream(stream, false, "NEW"));
    backend.ok("StreamStatusEvent", &viewer.stream(stream, false, "PLAYING")).wait(5 * SEC);
    backend.ok("StreamStatusEvent", &viewer.stream(stream, false, "STOPPED"));
    end(backend, &first)
}

fn unanswered_incoming() -> Vec<u8> {
    let client = Client::new(22);
    let call = "pbx-8BD6EE910B71BE609010-3434@pbx.example.com";
    let mut backend = open(&client);
    backend.call(&client, &call_id(22)).hangup(&client, &call_id(22));
    backend.ok("OnCallEvent", &client.incoming_call(call, "PENDING")).wait(240 * SEC);
    end(backend, &client)
}

fn lost_publisher_silent() -> Vec<u8> {
    let (client, other) = (Client::new(22), Client::new(23));
    let second = "77a41d10-fddc-11e6-ac3a-4d67d5b3360d";
    let mut backend = open(&client);
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).session(&other);
    backend.ok("publishStream", &other.stream(second, true, "PENDING"));
    backend.ok("StreamStatusEvent", &other.stream(second, true, "PUBLISHING")).wait(50 * SEC);
    backend.disconnect(&client).wait(10 * SEC);
    backend.ok("StreamStatusEvent", &other.stream(second, true, "UNPUBLISHED"));
    end(backend, &other)
}

/// A call and a stream of which one is asked to end in vain.
fn asked_to_end(method: &str) -> Vec<u8> {
    let (client, call) = (Client::new(22), call_id(22));
    let mut backend = open(&client);
    backend.call(&client, &call).ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING"));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING")).wait(5 * SEC);
    if method == "hangup" {
        backend.ok("hangup", &client.call_id(&call));
        backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED"));
    } else {
        backend.ok(method, &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
        backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    }
    backend.wait(90 * SEC);
    goes_on(backend)
}

fn transfer() -> Vec<u8> {
    let client = Client::new(22);
    let mut backend = open(&client);
    for number in [22, 23] {
        let call = call_id(number);
        backend.call(&client, &call);
        backend.ok("transfer", &client.body().text("callId", &call).text("target", "1003").end());
        if number == 22 {
            let body = client.body().text("callId", &call).text("status", "COMPLETED").end();
            backend.ok("TransferStatusEvent", &body).ok("CallStatusEvent", &client.call(&call, "FINISH"));
        }
    }
    backend.wait(90 * SEC);
    goes_on(backend)
}

fn message() -> Vec<u8> {
    let client = Client::new(22);
    let mut backend = open(&client);
    let message = |id: &str| client.body().text("id", id).text("from", "1001").text("to", "1002");
    for id in ["0c53b1d2-77f1-4a60-9d5b-30a1f7c2be10", "5b1e90aa-13c4-4f02-8b0d-6f7e2d3c4a11"] {
        backend.ok("sendMessage", &message(id).text("body", "Hello").end()).wait(SEC);
        if id.starts_with('0') {
            backend.ok("MessageStatusEvent", &message(id).text("status", "ACCEPTED").end());
        }
    }
    backend.wait(60 * SEC);
    end(backend, &client)
}
