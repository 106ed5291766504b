//! Responses that are not what WCS expects: other statuses than 200, and bodies that are no JSON object.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, SEC, http};

/// A session whose call meets a bad answer.
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
        "connect-403.pcap",
        "The backend declines connect; ConnectionStatusEvent follows with FAILED and DISCONNECTED.",
        &["connect-failed", "operation-failed"],
        &["hook-declined"],
        connect_403,
    ),
    bad(
        "connect-html.pcap",
        "The backend answers connect with 200 and an HTML page.",
        &["connect-failed", "response-not-json"],
        &["gateway-error"],
        connect_html,
    ),
    Scenario {
        name: "wrong-base-path.pcap",
        shows: "Every hook gets 404, as with a wrong base path.",
        verdict: "broken",
        findings: &["connect-failed", "hook-not-found", "operation-failed"],
        near_miss_of: &["no-hooks"],
        build: wrong_base_path,
    },
    bad(
        "call-403-fail.pcap",
        "The backend declines a call; restOnError is FAIL, so the call ends there.",
        &["hook-declined"],
        &["connect-failed", "decline-ignored", "status-event-missing"],
        || {
            session(Some(FAIL), |backend, client| {
                backend.hook("call", &call(client), &http::response("403 Forbidden", &[], b""));
            })
        },
    ),
    bad(
        "call-403-log.pcap",
        "The backend declines a call; without restOnError WCS goes on.",
        &["decline-ignored", "hook-declined"],
        &["connect-failed"],
        || {
            session(None, |backend, client| {
                backend.hook("call", &call(client), &http::html("403 Forbidden"));
                backend.ok("CallStatusEvent", &client.call(&call_id(13), "ESTABLISHED")).wait(SEC);
                backend.hangup(client, &call_id(13));
            })
        },
    ),
    bad(
        "not-found-one-method.pcap",
        "The backend does not know CallStatusEvent; all other hooks are answered.",
        &["hook-not-found"],
        &["status-event-missing"],
        || status_event_gets(&http::html("404 Not Found")),
    ),
    bad(
        "error-500.pcap",
        "The backend answers call with 500.",
        &["backend-error"],
        &["gateway-error"],
        || call_gets(&http::html("500 Internal Server Error")),
    ),
    bad(
        "gateway-503.pcap",
        "A proxy answers call with 503 and an HTML page.",
        &["gateway-error"],
        &["backend-error", "response-not-json"],
        || call_gets(&http::html("503 Service Temporarily Unavailable")),
    ),
    bad(
        "html-200.pcap",
        "The backend answers call with 200 and an HTML page.",
        &["response-not-json"],
        &["connect-failed"],
        || call_gets(&http::html("200 OK")),
    ),
    bad(
        "php-notice.pcap",
        "A PHP notice stands before the JSON of the response to call.",
        &["response-not-json"],
        &["backend-error"],
        || {
            session(None, |backend, client| {
                let notice =
                    "<br />\n<b>Notice</b>: Undefined index: caller in <b>call.php</b> on line <b>12</b>";
                backend.hook(
                    "call",
                    &call(client),
                    &http::json(&format!("{notice}<br />\n{}", call(client))),
                );
                call_goes_on(backend, client);
            })
        },
    ),
    bad(
        "json-cut.pcap",
        "The JSON of the response to call ends in the middle, as its Content-Length says.",
        &["response-not-json"],
        &["response-empty"],
        || {
            session(None, |backend, client| {
                backend.hook("call", &call(client), &http::json(call(client).split_at(80).0));
                call_goes_on(backend, client);
            })
        },
    ),
    bad(
        "empty-200.pcap",
        "The backend answers call with 200 and no body.",
        &["response-empty"],
        &["connect-failed", "response-not-json"],
        || call_gets(&http::response("200 OK", &[("Content-Type", "application/json")], b"")),
    ),
    bad(
        "blank-200.pcap",
        "The backend answers call with 200 and nothing but white space.",
        &["response-empty"],
        &["response-not-json"],
        || call_gets(&http::json("  \n")),
    ),
    bad(
        "json-in-utf-16.pcap",
        "The backend answers call with JSON in UTF-16, behind a byte order mark.",
        &["response-not-json"],
        &["response-empty"],
        || {
            session(None, |backend, client| {
                let body = format!("\u{feff}{}", call(client));
                let octets: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let fields = [("Content-Type", "application/json")];
                backend.hook("call", &call(client), &http::response("200 OK", &fields, &octets));
                call_goes_on(backend, client);
            })
        },
    ),
    Scenario {
        name: "answer-not-taken.pcap",
        shows: "connect is answered well as far as one sees, but WCS reports REST_FAIL.",
        verdict: "degraded",
        findings: &["operation-failed"],
        near_miss_of: &["connect-failed"],
        build: || {
            let client = Client::new(13);
            let failed = client.body().text("status", "FAILED").text("info", "REST_FAIL").end();
            let mut backend = to_backend(41_070, 0);
            backend.handshake().ok("connect", &client.connect()).ok("ConnectionStatusEvent", &failed).close();
            Capture::of([backend]).ethernet()
        },
    },
    Scenario {
        name: "call-fails-in-sip.pcap",
        shows: "The SIP server refuses a call: CallStatusEvent FAILED, SIP 403 FORBIDDEN. Its hooks work.",
        verdict: "healthy",
        findings: &["operation-failed"],
        near_miss_of: &["hook-declined"],
        build: fails_in_sip,
    },
];

/// The `restClientConfig` by which a refusal of `call` counts.
const FAIL: &str = r#"{"call":{"restOnError":"FAIL","restPolicy":"NOTIFY"}}"#;

fn call(client: &Client) -> String {
    client.call(&call_id(13), "PENDING")
}

/// A session that connects with that configuration, does what `talk` says, and disconnects.
fn session(config: Option<&str>, talk: impl Fn(&mut Connection, &Client)) -> Vec<u8> {
    let client = Client::new(13);
    let mut backend = to_backend(41_070, 0);
    let answer =
        config.map_or(client.connect(), |config| client.body().raw("restClientConfig", config).end());
    backend.handshake().hook("connect", &client.connect(), &http::json(&answer));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    talk(&mut backend, &client);
    backend.wait(SEC).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn call_goes_on(backend: &mut Connection, client: &Client) {
    backend.ok("CallStatusEvent", &client.call(&call_id(13), "RING"));
    backend.ok("CallStatusEvent", &client.call(&call_id(13), "ESTABLISHED")).wait(SEC);
    backend.hangup(client, &call_id(13));
}

fn call_gets(response: &[u8]) -> Vec<u8> {
    session(None, |backend, client| {
        backend.hook("call", &call(client), response);
        call_goes_on(backend, client);
    })
}

fn status_event_gets(response: &[u8]) -> Vec<u8> {
    session(None, |backend, client| {
        backend.ok("call", &call(client));
        for status in ["RING", "ESTABLISHED", "FINISH"] {
            backend.hook("CallStatusEvent", &client.call(&call_id(13), status), response).wait(SEC);
        }
    })
}

fn connect_403() -> Vec<u8> {
    let client = Client::new(13);
    let failed = client.body().text("status", "FAILED").text("info", "Authorization failed").end();
    let mut backend = to_backend(41_070, 0);
    backend.handshake().hook("connect", &client.connect(), &http::response("403 Forbidden", &[], b""));
    backend.ok("ConnectionStatusEvent", &failed).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn connect_html() -> Vec<u8> {
    let client = Client::new(13);
    let mut backend = to_backend(41_070, 0);
    backend.handshake().hook("connect", &client.connect(), &http::html("200 OK"));
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn wrong_base_path() -> Vec<u8> {
    let client = Client::new(13);
    let failed = client.body().text("status", "FAILED").text("info", "REST_FAIL").end();
    let page = http::html("404 Not Found");
    let mut backend = to_backend(41_070, 0);
    backend.handshake().hook("connect", &client.connect(), &page);
    backend.hook("ConnectionStatusEvent", &failed, &page);
    backend.hook("ConnectionStatusEvent", &client.connection_status("DISCONNECTED"), &page).close();
    Capture::of([backend]).ethernet()
}

fn fails_in_sip() -> Vec<u8> {
    session(None, |backend, client| {
        let failed = client
            .call_body(&call_id(13), "FAILED")
            .raw("sipStatus", "403")
            .text("info", "SIP 403 FORBIDDEN")
            .text("sipMessageRaw", "SIP/2.0 403 Forbidden\r\nCSeq: 1 INVITE\r\n")
            .end();
        backend.ok("call", &call(client)).ok("CallStatusEvent", &failed);
    })
}
