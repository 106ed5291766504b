//! Sessions: how hooks belong together, and what beside them is no hook.

use super::Scenario;
use super::builder::wcs::{BACKEND, Client, HOST, call_id, to_backend};
use super::builder::{Capture, Connection, Link, MS, SEC, http};

/// Sessions that are as they should be.
const fn healthy(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    healthy("session-sip.pcap", "A session that registers at a SIP server, and ends.", sip),
    healthy("sessions-on-one-connection.pcap", "Two sessions with a call each share one connection.", shared),
    Scenario {
        name: "session-over-connections.pcap",
        shows: "One session's hooks come over four connections.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing", "unexpected-transition"],
        build: spread,
    },
    healthy(
        "session-two-nodes.pcap",
        "Two WCS nodes use the same sessionId for different clients.",
        two_nodes,
    ),
    healthy("session-again.pcap", "A client disconnects and connects again with the same sessionId.", again),
    healthy("lower-case-names.pcap", "Method names with a small first letter.", lower_case),
    Scenario {
        name: "rest-client-config.pcap",
        shows: "The response to connect holds a restClientConfig.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["config-invalid", "override-ignored"],
        build: config,
    },
    Scenario {
        name: "rest-api-beside-hooks.pcap",
        shows: "REST API calls with the paths of hooks, into WCS, beside hooks.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["no-hooks"],
        build: rest_api,
    },
    Scenario {
        name: "rest-api-on-hook-port.pcap",
        shows: "On loopback one port takes hooks (EchoApp) and REST API calls with the same last segments.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing"],
        build: same_port,
    },
    Scenario {
        name: "rest-api-fails.pcap",
        shows: "REST API calls are answered 404 and 403, beside healthy hooks.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["hook-declined", "hook-not-found"],
        build: rest_api_fails,
    },
    Scenario {
        name: "other-requests-fail.pcap",
        shows: "Requests that are no hooks get 500, 503 and an empty page from the backend.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["backend-error", "gateway-error", "response-empty"],
        build: other_requests,
    },
];

fn sip() -> Vec<u8> {
    let client = Client::new(6);
    let mut backend = to_backend(41_006, 0);
    backend.handshake().ok("connect", &client.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED"));
    backend.ok("RegistrationStatusEvent", &client.registration_status("REGISTERED")).wait(8 * SEC);
    backend.ok("RegistrationStatusEvent", &client.registration_status("UNREGISTERED"));
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn shared() -> Vec<u8> {
    let (alice, bob) = (Client::new(6), Client::new(8));
    let mut backend = to_backend(41_006, 0);
    backend.handshake().session(&alice).session(&bob);
    backend.ok("call", &alice.call(&call_id(6), "PENDING")).ok("call", &bob.call(&call_id(8), "PENDING"));
    for status in ["RING", "ESTABLISHED", "FINISH"] {
        backend.ok("CallStatusEvent", &bob.call(&call_id(8), status));
        backend.ok("CallStatusEvent", &alice.call(&call_id(6), status)).wait(300 * MS);
    }
    backend.disconnect(&alice).disconnect(&bob).close();
    Capture::of([backend]).ethernet()
}

fn spread() -> Vec<u8> {
    let (client, call) = (Client::new(6), call_id(6));
    let mut first = to_backend(41_006, 0);
    first.handshake().session(&client);
    let mut second = to_backend(41_007, 2 * SEC);
    second.handshake().ok("call", &client.call(&call, "PENDING"));
    // Two events that are almost simultaneous arrive in swapped order.
    let mut third = to_backend(41_008, 2_400 * MS);
    third.handshake().ok("CallStatusEvent", &client.call(&call, "ESTABLISHED"));
    let mut fourth = to_backend(41_009, 2_403 * MS);
    fourth.handshake().ok("CallStatusEvent", &client.call(&call, "SESSION_PROGRESS"));
    first.go_to(6 * SEC).hangup(&client, &call).disconnect(&client);
    Capture::of([first, second, third, fourth]).ethernet()
}

fn two_nodes() -> Vec<u8> {
    let one = Client { session_id: "/10.8.0.2:50123/10.8.0.1:8443".to_owned(), ..Client::new(6) };
    let node = "q7Zb0sYkT4nVx1LmWc8RjE2dGh5UpA9f@192.0.2.11".to_owned();
    let other = Client { node_id: Some(node), ..one.clone() };
    let mut first = to_backend(41_006, 0);
    first.handshake().session(&one).call(&one, &call_id(6)).hangup(&one, &call_id(6)).disconnect(&one);
    let mut second = Connection::new("192.0.2.11:41006", BACKEND).at(300 * MS).numbered(61, 62);
    second.handshake().session(&other).wait(4 * SEC).disconnect(&other);
    Capture::of([first, second]).ethernet()
}

fn again() -> Vec<u8> {
    let client = Client::new(6);
    let mut backend = to_backend(41_006, 0);
    backend.handshake().session(&client).disconnect(&client).wait(7 * SEC);
    backend.session(&client).call(&client, &call_id(6)).hangup(&client, &call_id(6)).disconnect(&client);
    Capture::of([backend]).ethernet()
}

fn lower_case() -> Vec<u8> {
    let (client, call) = (Client::new(6), call_id(6));
    let mut backend = to_backend(41_006, 0);
    backend.handshake().ok("connect", &client.connect());
    backend.ok("connectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("call", &client.call(&call, "PENDING"));
    backend.ok("callStatusEvent", &client.call(&call, "ESTABLISHED"));
    backend.ok("sendDtmf", &client.body().text("callId", &call).text("dtmf", "1").text("type", "INFO").end());
    backend.ok("callStatusEvent", &client.call(&call, "FINISH"));
    Capture::of([backend]).ethernet()
}

fn config() -> Vec<u8> {
    let (client, call) = (Client::new(6), call_id(6));
    let answer = client.body().raw(
        "restClientConfig",
        concat!(
            r#"{"call":{"restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"callee"},"#,
            r#""ConnectionStatusEvent":{"clientExclude":"sipLogin,sipPassword","restPolicy":"NOTIFY"}}"#
        ),
    );
    let mut backend = to_backend(41_006, 0);
    backend.handshake().hook("connect", &client.connect(), &http::json(&answer.end()));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.hook("call", &client.call(&call, "PENDING"), &http::json(r#"{"callee":"2002"}"#));
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED").replace("1002", "2002"));
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH").replace("1002", "2002"));
    Capture::of([backend]).ethernet()
}

/// The backend's calls of the REST API of WCS: path, body, response.
fn api(calls: &[(&str, String, Vec<u8>)]) -> Connection {
    let mut api = Connection::new("198.51.100.20:52001", "192.0.2.10:8081").captured_by_server().at(500 * MS);
    api.handshake();
    for (path, body, response) in calls {
        api.exchange(&http::post(path, "192.0.2.10:8081", body), response, 4 * MS).wait(80 * MS);
    }
    api.close();
    api
}

fn rest_api() -> Vec<u8> {
    let (client, call) = (Client::new(6), "123456711");
    let empty = || http::response("200 OK", &[], b"");
    let found = format!("[{}]", client.call(call, "ESTABLISHED"));
    let calls = [
        ("/rest-api/call/startup", client.call(call, "PENDING"), empty()),
        ("/rest-api/api/call", client.call(&call_id(6), "PENDING"), empty()),
        ("/rest-api/call/find_all", "{}".to_owned(), http::json(&found)),
        ("/RESTCall/hangup", client.call_id(call), empty()),
    ];
    let mut backend = to_backend(41_006, 0);
    backend.handshake().session(&client).wait(500 * MS);
    backend.call(&client, call).ok("CallStatusEvent", &client.call(call, "FINISH"));
    Capture::of([backend, api(&calls)]).ethernet()
}

/// All between ports of 127.0.0.1, so that only paths tell hooks and REST API calls apart.
fn same_port() -> Vec<u8> {
    let client = Client::new(6);
    let mut echo = Connection::new("127.0.0.1:41006", "127.0.0.1:8081").segment_size(32_768);
    let mut api = Connection::new("127.0.0.1:52001", "127.0.0.1:8081").segment_size(32_768).at(600 * MS);
    let hook = |method: &str, body: String| {
        let request = http::post(&format!("/apps/EchoApp/{method}"), "localhost:8081", &body);
        (request, http::chunked("200 OK", &[("Content-Type", "application/json")], &[body.as_bytes()]))
    };
    echo.handshake();
    for (request, response) in [
        hook("connect", client.connect()),
        hook("ConnectionStatusEvent", client.connection_status("ESTABLISHED")),
        hook("call", client.call(&call_id(6), "PENDING")),
        hook("CallStatusEvent", client.call(&call_id(6), "ESTABLISHED")),
        hook("hangup", client.call_id(&call_id(6))),
        hook("CallStatusEvent", client.call(&call_id(6), "FINISH")),
    ] {
        echo.exchange(&request, &response, 3 * MS).wait(400 * MS);
    }
    api.handshake();
    for path in
        ["/rest-api/api/call", "/rest-api/call/find_all", "/RESTCall/hangup", "/RESTCallback/sendData"]
    {
        // Of another client, whose session has no connect.
        let body = Client::new(19).call_id(&call_id(19));
        let request = http::post(path, "localhost:8081", &body);
        api.exchange(&request, &http::response("200 OK", &[], b""), 2 * MS).wait(300 * MS);
    }
    Capture::of([echo, api]).pcap(Link::LinuxCooked)
}

fn rest_api_fails() -> Vec<u8> {
    let client = Client::new(6);
    let missing = http::response("404 Not Found", &[], b"");
    let forbidden = http::response("403 Forbidden", &[], b"");
    let calls = [
        ("/rest-api/call/find", client.call_id(&call_id(6)), missing.clone()),
        ("/rest-api/api/hangup", client.call_id(&call_id(6)), missing),
        ("/RESTCall/call", client.call_id(&call_id(6)), forbidden),
    ];
    let mut backend = to_backend(41_006, 0);
    backend.handshake().session(&client).wait(SEC).disconnect(&client);
    Capture::of([backend, api(&calls)]).ethernet()
}

fn other_requests() -> Vec<u8> {
    let client = Client::new(6);
    let mut backend = to_backend(41_006, 0);
    backend.handshake().session(&client).wait(SEC).disconnect(&client);
    let mut monitor = Connection::new("192.0.2.77:50001", BACKEND).at(200 * MS);
    monitor.handshake().exchange(&http::get("/health", HOST), &http::html("500 Internal Server Error"), MS);
    monitor.exchange(&http::get("/health", HOST), &http::html("503 Service Unavailable"), MS);
    monitor.exchange(&http::get("/favicon.ico", HOST), &http::response("200 OK", &[], b""), MS).close();
    Capture::of([backend, monitor]).ethernet()
}
