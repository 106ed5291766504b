//! Answers other than 200 that each have their own cause.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// A session whose call gets an answer that WCS takes for an error.
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
        "wants-credentials.pcap",
        "The web server wants credentials for call: 401.",
        &["authentication-required"],
        &["hook-declined", "request-rejected"],
        || {
            call_gets(&http::response(
                "401 Unauthorized",
                &[("WWW-Authenticate", "Basic realm=\"hooks\"")],
                b"",
            ))
        },
    ),
    Scenario {
        name: "wants-credentials-altogether.pcap",
        shows: "The backend wants credentials for every hook, and WCS has none.",
        verdict: "broken",
        findings: &["authentication-required", "connect-failed"],
        near_miss_of: &["hook-declined"],
        build: || {
            let client = Client::new(15);
            let mut backend = to_backend(41_092, 0);
            let challenge =
                http::response("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"hooks\"")], b"");
            backend.handshake().hook("connect", &client.connect(), &challenge).wait(SEC);
            let over = client.connection_status("DISCONNECTED");
            backend.hook("ConnectionStatusEvent", &over, &challenge).wait(SEC).close();
            Capture::of([backend]).ethernet()
        },
    },
    bad(
        "redirected-to-login.pcap",
        "The web server redirects call to a page to log in.",
        &["redirected"],
        &["unexpected-success"],
        || {
            let location = ("Location", "https://backend.example.com/login?next=%2FEchoApp%2Fcall");
            call_gets(&http::response("302 Found", &[location], b""))
        },
    ),
    bad(
        "unavailable-by-itself.pcap",
        "The application itself answers call with 503 and a JSON object.",
        &["gateway-error"],
        &["backend-error"],
        || {
            let fields = [("Content-Type", "application/json"), ("Server", "gunicorn")];
            call_gets(&http::response("503 Service Unavailable", &fields, br#"{"error":"busy"}"#))
        },
    ),
    bad(
        "redirected-to-https.pcap",
        "The web server redirects call to https.",
        &["redirected"],
        &["unexpected-success"],
        || {
            let location = ("Location", "https://backend.example.com/EchoApp/call");
            call_gets(&http::response("301 Moved Permanently", &[location], b""))
        },
    ),
    Scenario {
        name: "redirected-altogether.pcap",
        shows: "The web server redirects every hook to https.",
        verdict: "broken",
        findings: &["connect-failed", "redirected"],
        near_miss_of: &["hook-not-found"],
        build: || {
            let client = Client::new(15);
            let mut backend = to_backend(41_096, 0);
            backend.handshake();
            let redirect = |method: &str| {
                let location = format!("https://backend.example.com/EchoApp/{method}?from=http");
                http::response("308 Permanent Redirect", &[("Location", &location)], b"")
            };
            backend.hook("connect", &client.connect(), &redirect("connect"));
            let failed = client.connection_status("DISCONNECTED");
            backend.hook("ConnectionStatusEvent", &failed, &redirect("ConnectionStatusEvent"));
            backend.close();
            Capture::of([backend]).ethernet()
        },
    },
    bad(
        "too-large.pcap",
        "The web server refuses the body of call for its size: 413.",
        &["request-rejected"],
        &["authentication-required", "backend-error"],
        || call_gets(&http::html("413 Request Entity Too Large")),
    ),
    bad(
        "not-found-lower-case.pcap",
        "The backend knows CallStatusEvent, but not callStatusEvent: 404.",
        &["hook-not-found"],
        &["status-event-missing"],
        || {
            session(|backend, client| {
                let call = call_id(5);
                backend.ok("call", &client.call(&call, "PENDING"));
                backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED"));
                backend.hook("callStatusEvent", &client.call(&call, "FINISH"), &http::html("404 Not Found"));
            })
        },
    ),
    bad(
        "upgrade-answer.pcap",
        "An odd proxy answers call with 101, as if another protocol had been asked for.",
        &["request-rejected"],
        &["unexpected-success"],
        || {
            let client = Client::new(15);
            let mut session = to_backend(41_090, 0);
            session.handshake().session(&client).close();
            let mut call = to_backend(41_091, SEC);
            let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n";
            call.handshake().hook("call", &client.call(&call_id(15), "PENDING"), answer).server_closes();
            Capture::of([session, call]).ethernet()
        },
    ),
    Scenario {
        name: "upgrade-asked-for.pcap",
        shows: "An HTTP client asks for HTTP/2 with connect, and the backend agrees: the answer comes in that, and is not read.",
        verdict: "unclear",
        findings: &[],
        near_miss_of: &["connect-failed", "request-rejected"],
        build: upgraded,
    },
    bad(
        "no-content.pcap",
        "The backend answers call with 204, which WCS takes for an error.",
        &["unexpected-success"],
        &["redirected", "response-empty"],
        || call_gets(b"HTTP/1.1 204 No Content\r\n\r\n"),
    ),
    bad(
        "truncated.pcap",
        "The backend closes the connection in the middle of its answer to call.",
        &["response-truncated"],
        &["connection-closed", "connection-reset", "response-not-json"],
        truncated,
    ),
    Scenario {
        name: "unknown-hook.pcap",
        shows: "A POST with a session's members goes to the backend under a name that no document knows.",
        verdict: "healthy",
        findings: &["unknown-hook"],
        near_miss_of: &["hook-not-found"],
        build: || {
            session(|backend, client| {
                backend.ok("roomStatusEvent2", &client.body().end());
            })
        },
    },
    Scenario {
        name: "unknown-elsewhere.pcap",
        shows: "A POST with a session's members goes to another path on the same server.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["unknown-hook"],
        build: || {
            session(|backend, client| {
                let request = http::post("/audit/log", "backend.example.com", &client.body().end());
                backend.exchange(&request, &http::json("{}"), 5 * MS);
            })
        },
    },
];

/// A session that does what `talk` says.
fn session(talk: impl Fn(&mut Connection, &Client)) -> Vec<u8> {
    let client = Client::new(15);
    let mut backend = to_backend(41_090, 0);
    backend.handshake().session(&client);
    talk(&mut backend, &client);
    backend.wait(SEC).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn call_gets(response: &[u8]) -> Vec<u8> {
    session(|backend, client| {
        backend.hook("call", &client.call(&call_id(15), "PENDING"), response);
        backend.ok("CallStatusEvent", &client.call(&call_id(15), "ESTABLISHED")).wait(SEC);
        backend.hangup(client, &call_id(15));
    })
}

fn upgraded() -> Vec<u8> {
    let fields = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"),
    ];
    let request = http::post_with(&format!("{BASE}/connect"), HOST, &fields, &Client::new(15).connect());
    let mut backend = to_backend(41_090, 0);
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    backend.handshake().exchange(&request, answer, 6 * MS).wait(MS);
    // The client's preface and each side's SETTINGS (RFC 9113, sections 3.4 and 6.5).
    backend.client_sends(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    backend.server_sends(b"\0\0\0\x04\0\0\0\0\0").client_acks().wait(SEC).close();
    Capture::of([backend]).ethernet()
}

fn truncated() -> Vec<u8> {
    let client = Client::new(15);
    let call = client.call(&call_id(15), "PENDING");
    let response = http::json(&call);
    let mut backend = to_backend(41_090, 0);
    backend.handshake().session(&client).client_sends(&request("call", &call)).wait(8 * MS);
    backend.server_sends(&response[..response.len() - 40]).client_acks().fin(Side::Server).fin(Side::Client);
    let mut after = to_backend(41_091, backend.now() + SEC);
    after.handshake().ok("CallStatusEvent", &client.call(&call_id(15), "FINISH")).disconnect(&client).close();
    Capture::of([backend, after]).ethernet()
}
