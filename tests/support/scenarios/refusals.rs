//! Refusals, and what WCS does about them by the hook's type and its settings.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};
use super::contents::{end, open};

/// Hooks of which some are refused, or fail.
const fn bad(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "degraded", findings, near_miss_of, build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    bad(
        "incoming-403-log.pcap",
        "The backend refuses an incoming call; without restOnError it rings all the same, and is answered.",
        &["decline-ignored", "hook-declined"],
        &[],
        || incoming_refused("{}", &["CallStatusEvent RING", "answer PENDING", "CallStatusEvent ESTABLISHED"]),
    ),
    bad(
        "incoming-403-fail.pcap",
        "The backend refuses an incoming call; restOnError is FAIL, and the call is over.",
        &["hook-declined", "operation-failed"],
        &["decline-ignored"],
        || incoming_refused(r#"{"OnCallEvent":{"restOnError":"FAIL"}}"#, &["CallStatusEvent FAILED"]),
    ),
    bad(
        "incoming-403-failed.pcap",
        "The backend refuses an incoming call; restOnError is LOG, yet the call fails at once.",
        &["decline-ignored", "hook-declined", "operation-failed"],
        &[],
        || incoming_refused(r#"{"OnCallEvent":{"restOnError":"LOG"}}"#, &["CallStatusEvent FAILED"]),
    ),
    bad(
        "refusal-disobeyed.pcap",
        "The backend refuses a call with restOnError FAIL, and the call is established all the same.",
        &["hook-declined"],
        &["decline-ignored"],
        || {
            let client = Client::new(17);
            let mut backend = open(&client, r#"{"call":{"restOnError":"FAIL"}}"#);
            backend.hook("call", &client.call(&call_id(17), "PENDING"), &forbidden()).wait(SEC);
            backend.ok("CallStatusEvent", &client.call(&call_id(17), "ESTABLISHED")).wait(SEC);
            backend.hangup(&client, &call_id(17));
            end(backend, &client)
        },
    ),
    bad(
        "event-403-fail.pcap",
        "The backend refuses an event with restOnError FAIL: it has happened, and cannot be forbidden.",
        &["hook-declined"],
        &["decline-ignored"],
        || {
            let client = Client::new(17);
            let mut backend = open(&client, r#"{"CallStatusEvent":{"restOnError":"FAIL"}}"#);
            backend.ok("call", &client.call(&call_id(17), "PENDING"));
            let established = client.call(&call_id(17), "ESTABLISHED");
            backend.hook("CallStatusEvent", &established, &forbidden()).wait(SEC);
            backend.hangup(&client, &call_id(17));
            end(backend, &client)
        },
    ),
    bad(
        "play-hls-403.pcap",
        "The backend refuses one of two viewers by HLS, who is turned away whatever restOnError says.",
        &["hook-declined"],
        &["decline-ignored"],
        || {
            let mut backend = to_backend(41_100, 0);
            let viewer = |number| Client::new(number).stream(&call_id(number), false, "NEW");
            backend.handshake().ok("playHLS", &viewer(17)).hook("playHLS", &viewer(18), &forbidden()).close();
            Capture::of([backend]).ethernet()
        },
    ),
    bad(
        "rest-api-call-403.pcap",
        "The backend starts a call by the REST API, and refuses the hook that it causes, which names no session.",
        &["decline-ignored", "hook-declined", "rest-api-declined"],
        &[],
        || api_call("123456711", "123456711"),
    ),
    bad(
        "rest-api-other-call-403.pcap",
        "The backend starts a call by the REST API, and refuses another one.",
        &["decline-ignored", "hook-declined"],
        &["rest-api-declined"],
        || api_call("123456711", "123456712"),
    ),
    bad(
        "rest-api-session-403.pcap",
        "The REST API creates a session, whose id is in its response, and the backend refuses its connect.",
        &["connect-failed", "rest-api-declined"],
        &["hook-declined"],
        api_session,
    ),
    bad(
        "config-misread-403.pcap",
        "The backend refuses a call, with a restOnError that WCS does not know, and the call goes on.",
        &["config-invalid", "decline-ignored", "hook-declined"],
        &[],
        || {
            let (client, call) = (Client::new(17), call_id(17));
            let mut backend = open(&client, r#"{"call":{"restOnError":"DENY"}}"#);
            backend.hook("call", &client.call(&call, "PENDING"), &forbidden());
            backend.ok("CallStatusEvent", &client.call(&call, "RING")).wait(SEC).hangup(&client, &call);
            end(backend, &client)
        },
    ),
    bad(
        "keep-alive-403.pcap",
        "The backend ends a stream by refusing its StreamKeepAliveEvent, with restOnError FAIL.",
        &["hook-declined"],
        &["decline-ignored"],
        || {
            let (client, stream) = (Client::new(17), call_id(17));
            let mut backend = open(&client, r#"{"StreamKeepAliveEvent":{"restOnError":"FAIL"}}"#);
            backend.ok("publishStream", &client.stream(&stream, true, "PENDING"));
            backend.ok("StreamStatusEvent", &client.stream(&stream, true, "PUBLISHING")).wait(10 * SEC);
            backend.hook("StreamKeepAliveEvent", &client.stream(&stream, true, "PUBLISHING"), &forbidden());
            backend.ok("StreamStatusEvent", &client.stream(&stream, true, "UNPUBLISHED"));
            end(backend, &client)
        },
    ),
    bad(
        "connect-500-established.pcap",
        "The backend answers connect with 500, and the session is established all the same.",
        &["backend-error", "connect-failed"],
        &["hook-declined"],
        || {
            let client = Client::new(17);
            let mut backend = to_backend(41_100, 0);
            let error = http::html("500 Internal Server Error");
            backend.handshake().hook("connect", &client.connect(), &error);
            backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
            end(backend, &client)
        },
    ),
    bad(
        "config-not-captured.pcap",
        "The capture lacks the restClientConfig: what a change and a refusal do then is not known.",
        &["capture-loss", "decline-ignored", "hook-declined"],
        &["override-ignored"],
        config_not_captured,
    ),
];

fn forbidden() -> Vec<u8> {
    http::response("403 Forbidden", &[], b"")
}

/// An incoming call that the backend refuses, and the hooks that follow: name and status.
fn incoming_refused(config: &str, after: &[&str]) -> Vec<u8> {
    let (client, call) = (Client::new(17), "pbx-8BD6EE910B71BE609010-3434@pbx.example.com");
    let mut backend = open(&client, config);
    backend.hook("OnCallEvent", &client.incoming_call(call, "PENDING"), &forbidden());
    for (method, status) in after.iter().filter_map(|hook| hook.split_once(' ')) {
        backend.ok(method, &client.incoming_call(call, status)).wait(SEC);
    }
    end(backend, &client)
}

/// A call of the REST API from the backend.
fn api(path: &str, body: &str, response: &[u8]) -> Connection {
    let mut api = Connection::new("198.51.100.20:52001", "192.0.2.10:8081").captured_by_server().at(500 * MS);
    api.handshake().exchange(&http::post(path, "192.0.2.10:8081", body), response, 900 * MS).close();
    api
}

/// A call that the REST API starts, and one that the backend refuses.
fn api_call(started: &str, refused: &str) -> Vec<u8> {
    let client = Client::new(17);
    let body = |call: &str, status: &str| {
        client.call(call, status).replace(&format!("\"{}\"", client.session_id), "null")
    };
    let api = api(
        "/rest-api/call/startup",
        &client.call_id(started).replace("sessionId", "toSession"),
        &http::response("200 OK", &[], b""),
    );
    let mut backend = open(&client, "{}");
    backend.go_to(800 * MS).hook("call", &body(refused, "PENDING"), &forbidden());
    backend.ok("CallStatusEvent", &body(refused, "ESTABLISHED")).wait(SEC);
    backend.ok("CallStatusEvent", &body(refused, "FINISH")).disconnect(&client).close();
    Capture::of([backend, api]).ethernet()
}

/// A session that the REST API creates, and the backend refuses.
fn api_session() -> Vec<u8> {
    let (client, made) = (Client::new(17), Client::new(18));
    let api = api("/rest-api/api/create-session", r#"{"sipLogin":"1001"}"#, &http::json(&made.body().end()));
    let mut backend = open(&client, "{}");
    backend.go_to(800 * MS).hook("connect", &made.connect(), &forbidden());
    backend.disconnect(&made).wait(SEC).disconnect(&client).close();
    Capture::of([backend, api]).ethernet()
}

/// A session whose response to connect is captured up to where its configuration begins.
fn config_not_captured() -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let config = r#"{"call":{"restPolicy":"OVERWRITE","restOverwrite":"callee"}}"#;
    let answer =
        client.body().end_at(2_000, "custom", "", "-").replace(r#"-"}"#, r#"-","restClientConfig":"#);
    let mut backend = to_backend(41_100, 0);
    let answer = http::json(&format!("{answer}{config}}}"));
    backend
        .handshake()
        .sends(Side::Client, &request("connect", &client.connect()))
        .server_acks()
        .wait(6 * MS);
    backend
        .sends(Side::Server, &answer[..1_448])
        .loses(Side::Server, &answer[1_448..])
        .client_acks()
        .wait(MS);
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.hook("call", &client.call(&call, "PENDING"), &http::json(r#"{"callee":"2002"}"#));
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    let message =
        client.body().text("id", "0c53b1d2-77f1-4a60-9d5b-30a1f7c2be10").text("body", "Hello").end();
    backend.hook("sendMessage", &message, &forbidden());
    end(backend, &client)
}
