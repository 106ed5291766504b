//! What bodies say: settings that are not understood, changes that do not count, refusals that have no effect.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// Hooks that are as they should be, but for notes.
const fn healthy(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings, near_miss_of, build }
}

/// Hooks of which some do not do what they are to do.
const fn bad(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { verdict: "degraded", ..healthy(name, shows, findings, near_miss_of, build) }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    bad(
        "config-misspelled.pcap",
        "The restClientConfig of two sessions names the method cal, the setting restonerror and the value STOP.",
        &["config-invalid"],
        &["hook-declined"],
        || configured(&[MISSPELLED, MISSPELLED]),
    ),
    bad(
        "config-in-a-string.pcap",
        "The restClientConfig is a string that holds the object.",
        &["config-invalid"],
        &[],
        || configured(&[r#""{\"call\":{\"restOnError\":\"FAIL\"}}""#]),
    ),
    healthy(
        "config-of-a-later-version.pcap",
        "The restClientConfig names a method and a setting that no document knows.",
        &["config-invalid"],
        &[],
        || configured(&[r#"{"roomCreated":{"restOnError":"FAIL"},"call":{"retries":3}}"#]),
    ),
    healthy(
        "config-spellings.pcap",
        "The restClientConfig has the value DISABLED of WCS 4, a method's other name, and the empty arrays of PHP.",
        &[],
        &["config-invalid"],
        || configured(&[SPELLINGS]),
    ),
    healthy(
        "content-type-missing.pcap",
        "The backend sends its JSON as text/html, PHP's default, or without a type.",
        &["response-type"],
        &[],
        || {
            types(&[
                ("connect", &[("Content-Type", "text/html; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "text/html; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[]),
            ])
        },
    ),
    healthy(
        "content-type-spellings.pcap",
        "The backend sends its JSON as application/json in several spellings, and as a type built on it.",
        &[],
        &["response-type"],
        || {
            types(&[
                ("connect", &[("content-type", "Application/JSON;charset=utf-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "application/json ; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "application/vnd.example+json")]),
            ])
        },
    ),
    healthy(
        "override-without-policy.pcap",
        "The response to call changes the callee, without restPolicy OVERWRITE; the call goes to the first one.",
        &["override-ignored"],
        &["config-invalid"],
        || call_gets("{}", r#"{"callee":"2002"}"#),
    ),
    healthy(
        "override-not-listed.pcap",
        "The response to call changes caller and callee, and restOverwrite lists the caller only.",
        &["override-ignored"],
        &[],
        || {
            let config = r#"{"call":{"restPolicy":"OVERWRITE","restOverwrite":"caller"}}"#;
            call_gets(config, r#"{"caller":"3001","callee":"2002"}"#)
        },
    ),
    healthy(
        "override-in-form-only.pcap",
        "The response to call writes its members in other types, empties some, and says that its status is OK.",
        &[],
        &["override-ignored"],
        || {
            let answer = concat!(
                r#"{"status":"OK","result":"accepted","incoming":"false","hasAudio":1,"hasVideo":"","sdp":"","#,
                r#""custom":[],"callee":"1002"}"#
            );
            call_gets("{}", answer)
        },
    ),
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
    healthy(
        "invalid-values.pcap",
        "A status that no document knows, a DTMF type and truth values that are none, and a port of letters.",
        &["invalid-value"],
        &[],
        || values("HELD", "SIGNAL", "maybe", "\"none\""),
    ),
    healthy(
        "values-in-other-spellings.pcap",
        "A status in small letters, numbers and truth values as strings, and empty values.",
        &[],
        &["invalid-value"],
        || values("hold", "info", "FALSE", "\"5060\""),
    ),
    healthy(
        "secrets-in-clear.pcap",
        "Hooks with a SIP password, a token of the customer's and credentials cross the network unencrypted.",
        &["secrets-in-clear"],
        &[],
        || secrets(|number| to_backend(41_100 + number, 9 * SEC * u64::from(number))),
    ),
    healthy(
        "secrets-on-one-host.pcap",
        "The same between two addresses of 127.0.0.0/8, and between two ports of one address.",
        &[],
        &["secrets-in-clear"],
        || {
            secrets(|number| match number {
                0 => Connection::new("127.0.0.1:41100", "127.0.1.1:8081"),
                _ => Connection::new("192.0.2.10:41101", "192.0.2.10:8081").at(9 * SEC),
            })
        },
    ),
    healthy(
        "secrets-masked.pcap",
        "Hooks that cross the network with secrets masked, emptied or left out.",
        &[],
        &["secrets-in-clear"],
        || {
            let client = Client::new(17);
            let body = client
                .body()
                .text("sipPassword", "***")
                .text("authToken", "")
                .raw("custom", r#"{"room":"7"}"#);
            let body = body.text("status", "ESTABLISHED").end();
            let mut backend = to_backend(41_100, 0);
            backend
                .handshake()
                .ok("connect", &client.body().end())
                .ok("ConnectionStatusEvent", &body)
                .close();
            Capture::of([backend]).ethernet()
        },
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
];

const MISSPELLED: &str = concat!(
    r#"{"cal":{"restOnError":"FAIL"},"answer":{"restonerror":"FAIL","restPolicy":"NOTIFY"},"#,
    r#""publishStream":{"restOnError":"STOP"}}"#
);

const SPELLINGS: &str = concat!(
    r#"{"StreamKeepAliveEvent":{"restPolicy":"DISABLED"},"sendDtmf":{"restOnError":"FAIL","restExclude":""},"#,
    r#""callStatusEvent":[],"call":{"restOverwrite":[],"clientExclude":null,"restExclude":"sdp, sipSDP"}}"#
);

/// The response to connect that is the request with a configuration.
fn with_config(client: &Client, config: &str) -> Vec<u8> {
    http::json(&client.body().raw("restClientConfig", config).end())
}

/// A client that is let in with a configuration, on an open connection.
fn open(client: &Client, config: &str) -> Connection {
    let mut backend = to_backend(41_100, 0);
    backend.handshake().hook("connect", &client.connect(), &with_config(client, config));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend
}

fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.wait(SEC).disconnect(client).close();
    Capture::of([backend]).ethernet()
}

/// Sessions that are let in with these configurations, one after the other, and make a call.
fn configured(configs: &[&str]) -> Vec<u8> {
    let mut backend = to_backend(41_100, 0);
    backend.handshake();
    for (number, config) in (17..).zip(configs) {
        let client = Client::new(number);
        backend.hook("connect", &client.connect(), &with_config(&client, config));
        backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
        backend.call(&client, &call_id(number)).hangup(&client, &call_id(number)).disconnect(&client);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

/// A session's hooks, each answered by its own body with these header fields.
fn types(hooks: &[(&str, &[(&str, &str)])]) -> Vec<u8> {
    let client = Client::new(17);
    let mut backend = to_backend(41_100, 0);
    backend.handshake();
    for (number, (method, fields)) in hooks.iter().enumerate() {
        let body = match number {
            0 => client.connect(),
            1 => client.connection_status("ESTABLISHED"),
            _ => client.connection_status("DISCONNECTED"),
        };
        backend.hook(method, &body, &http::response("200 OK", fields, body.as_bytes())).wait(SEC);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

/// A call that the backend answers so.
fn call_gets(config: &str, answer: &str) -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = open(&client, config);
    backend.hook("call", &client.call(&call, "PENDING"), &http::json(answer));
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).wait(SEC).hangup(&client, &call);
    end(backend, &client)
}

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

/// A call with these values: a status, the type of a DTMF tone, a truth value, and connect's port.
fn values(status: &str, kind: &str, video: &str, port: &str) -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = to_backend(41_100, 0);
    let connect = client.body().raw("sipPort", "5060").text("width", "").end();
    let answer = client.body().raw("sipPort", port).raw("custom", "[]").end();
    backend.handshake().hook("connect", &connect, &http::json(&answer));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend
        .call(&client, &call)
        .ok("hold", &client.body().text("callId", &call).text("hasVideo", video).end());
    backend.ok("CallStatusEvent", &client.call(&call, status)).wait(SEC);
    let tone = client.body().text("callId", &call).raw("dtmf", "5").text("type", kind);
    backend.ok("sendDTMF", &tone.end()).hangup(&client, &call);
    end(backend, &client)
}

/// Two connections with a session each, whose hooks hold secrets.
fn secrets(to: impl Fn(u16) -> Connection) -> Vec<u8> {
    let connections = [0, 1].map(|number| {
        let client = Client::new(17 + number);
        let mut backend = to(number);
        backend.handshake().ok("connect", &client.sip_connect("PENDING"));
        backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED"));
        backend.ok("RegistrationStatusEvent", &client.registration_status("REGISTERED")).wait(SEC);
        backend.disconnect(&client).close();
        backend
    });
    Capture::of(connections).ethernet()
}
