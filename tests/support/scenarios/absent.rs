//! What is not there: no hooks at all, and hooks that should have followed others.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, Link, MS, SEC, http, traffic};

/// A capture without hooks.
const fn without_hooks(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "absent", findings: &["no-hooks"], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    without_hooks("empty.pcap", "A capture without packets.", || Capture::new().ethernet()),
    without_hooks("no-tcp.pcap", "SIP and sound, and no TCP.", || {
        Capture::new().add(traffic::call_media(0, 60)).ethernet()
    }),
    without_hooks("no-http.pcap", "TCP without HTTP: an SSH session.", no_http),
    without_hooks(
        "http-without-hooks.pcap",
        "HTTP without hooks: a browser loads pages.",
        http_without_hooks,
    ),
    without_hooks("rest-api-only.pcap", "REST API calls into WCS, and no hooks.", rest_api_only),
    without_hooks(
        "browsers-only.pcap",
        "Browsers are connected to WCS by WebSocket; the capture is of one interface.",
        || browsers().ethernet(),
    ),
    without_hooks(
        "browsers-only-on-any.pcap",
        "Browsers are connected to WCS by WebSocket; the capture is of all interfaces.",
        || browsers().pcap(Link::LinuxCooked),
    ),
    Scenario {
        name: "one-hook.pcap",
        shows: "A single hook among the sound of a call.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["no-hooks"],
        build: one_hook,
    },
    Scenario {
        name: "connect-missing.pcap",
        shows: "A minute into the capture a session begins with publishStream, without connect.",
        verdict: "healthy",
        findings: &["connect-missing"],
        near_miss_of: &["status-event-missing"],
        build: connect_missing,
    },
    Scenario {
        name: "status-event-missing.pcap",
        shows: "A call is answered 200, but no CallStatusEvent follows in a minute; another call has some.",
        verdict: "degraded",
        findings: &["status-event-missing"],
        near_miss_of: &["connect-missing"],
        build: || call_without_status(60).ethernet(),
    },
    Scenario {
        name: "status-event-beside-websocket.pcap",
        shows: "The same beside the browser's WebSocket, whose frames are no HTTP.",
        verdict: "degraded",
        findings: &["status-event-missing"],
        near_miss_of: &[],
        build: || call_without_status(60).add(browser(0)).ethernet(),
    },
    Scenario {
        name: "status-event-cut-off.pcap",
        shows: "A call is answered 200, and the capture ends 10 s later.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["status-event-missing"],
        build: || call_without_status(10).ethernet(),
    },
    Scenario {
        name: "status-event-not-enabled.pcap",
        shows: "Streams are published, and StreamStatusEvent is seen nowhere.",
        verdict: "healthy",
        findings: &["status-event-missing"],
        near_miss_of: &[],
        build: not_enabled,
    },
    Scenario {
        name: "status-event-disabled.pcap",
        shows: "The restClientConfig disables CallStatusEvent for a session, and none comes.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["status-event-missing"],
        build: disabled,
    },
    Scenario {
        name: "registration-missing.pcap",
        shows: "A session that is to register at a SIP server gets no RegistrationStatusEvent; another does.",
        verdict: "degraded",
        findings: &["status-event-missing"],
        near_miss_of: &[],
        build: registration_missing,
    },
    Scenario {
        name: "registration-not-required.pcap",
        shows: "The response to connect turns registration off, and no RegistrationStatusEvent comes.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["status-event-missing"],
        build: registration_not_required,
    },
];

fn no_http() -> Vec<u8> {
    let mut ssh = Connection::new("192.0.2.77:50022", "192.0.2.10:22").captured_by_server();
    ssh.handshake().exchange(b"SSH-2.0-OpenSSH_9.2p1\r\n", b"SSH-2.0-OpenSSH_8.4p1\r\n", MS);
    for number in 0..6_u8 {
        ssh.wait(200 * MS).exchange(&[0x5a ^ number; 36], &[0xa5 ^ number; 52], MS);
    }
    ssh.close();
    Capture::of([ssh]).ethernet()
}

fn http_without_hooks() -> Vec<u8> {
    let mut browser = Connection::new("203.0.113.14:50080", "192.0.2.10:8081").captured_by_server();
    browser.handshake();
    for page in ["/", "/client2/examples/demo/dependencies.css", "/client2/phone.html", "/favicon.ico"] {
        browser.exchange(&http::get(page, "192.0.2.10:8081"), &http::html("200 OK"), 3 * MS).wait(50 * MS);
    }
    browser.close();
    Capture::of([browser]).ethernet()
}

fn browsers() -> Capture {
    let mut capture = Capture::of([browser(0), browser(1)]);
    capture.add(traffic::call_media(SEC, 60));
    capture
}

/// A browser's connection to WCS, which becomes a WebSocket, with a frame from either side.
fn browser(number: u16) -> Connection {
    let client = format!("203.0.113.14:{}", 50_080 + number);
    let mut browser = Connection::new(&client, "192.0.2.10:8080").captured_by_server();
    let ask = "GET /websocket HTTP/1.1\r\nHost: 192.0.2.10:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let accept = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    browser.handshake().exchange(ask.as_bytes(), accept.as_bytes(), 2 * MS);
    browser.exchange(&[0x82, 0x84, 1, 2, 3, 4, 5, 6, 7, 8], &[0x82, 4, 5, 6, 7, 8], 300 * MS);
    browser
}

fn rest_api_only() -> Vec<u8> {
    let client = Client::new(14);
    let mut api = Connection::new("198.51.100.20:52014", "192.0.2.10:8081").captured_by_server();
    api.handshake();
    for path in
        ["/rest-api/call/startup", "/rest-api/api/call", "/rest-api/call/terminate", "/RESTCall/hangup"]
    {
        let request = http::post(path, "192.0.2.10:8081", &client.call(&call_id(14), "PENDING"));
        api.exchange(&request, &http::response("200 OK", &[], b""), 4 * MS).wait(500 * MS);
    }
    api.close();
    Capture::of([api]).ethernet()
}

fn one_hook() -> Vec<u8> {
    let mut backend = to_backend(41_080, SEC);
    let body = Client::new(14).body().text("mediaSessionId", "67b9223e-test-HLS").text("name", "test").end();
    backend.handshake().ok("playHLS", &body).close();
    Capture::of([backend]).add(traffic::call_media(0, 60)).ethernet()
}

fn connect_missing() -> Vec<u8> {
    let (first, second) = (Client::new(14), Client::new(15));
    let mut before = to_backend(41_080, 0);
    before.handshake().session(&first).wait(30 * SEC).disconnect(&first).close();
    let mut after = to_backend(41_081, 60 * SEC);
    let media_session = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";
    after.handshake().ok("publishStream", &second.stream(media_session, true, "PENDING"));
    after.ok("StreamStatusEvent", &second.stream(media_session, true, "PUBLISHING")).wait(5 * SEC);
    after.ok("StreamStatusEvent", &second.stream(media_session, true, "UNPUBLISHED")).close();
    Capture::of([before, after]).ethernet()
}

/// Two calls of a session: the first has its status events, the second none until the capture ends.
fn call_without_status(seconds: u64) -> Capture {
    let client = Client::new(14);
    let mut backend = to_backend(41_080, 0);
    backend.handshake().session(&client).call(&client, &call_id(14)).hangup(&client, &call_id(14));
    backend.ok("call", &client.call(&call_id(15), "PENDING")).wait(seconds * SEC - 50 * MS);
    // The capture goes on, as the end of another session shows.
    let other = Client::new(16);
    backend.session(&other).disconnect(&other);
    Capture::of([backend])
}

fn not_enabled() -> Vec<u8> {
    let client = Client::new(14);
    let mut backend = to_backend(41_080, 0);
    backend.handshake().session(&client);
    for number in 1..3 {
        let media_session = format!("56141d1{number}-fddc-11e6-ac3a-4d67d5b3360d");
        backend.ok("publishStream", &client.stream(&media_session, true, "PENDING")).wait(50 * SEC);
    }
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn disabled() -> Vec<u8> {
    let (client, other) = (Client::new(14), Client::new(15));
    let config = r#"{"CallStatusEvent":{"restPolicy":"DISABLE"}}"#;
    let answer = http::json(&client.body().raw("restClientConfig", config).end());
    let mut backend = to_backend(41_080, 0);
    backend.handshake().session(&other).call(&other, &call_id(15)).hangup(&other, &call_id(15));
    backend.hook("connect", &client.connect(), &answer);
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("call", &client.call(&call_id(14), "PENDING")).wait(60 * SEC);
    backend.ok("hangup", &client.call_id(&call_id(14))).wait(60 * SEC);
    backend.disconnect(&client).disconnect(&other).close();
    Capture::of([backend]).ethernet()
}

fn registration_missing() -> Vec<u8> {
    let (client, other) = (Client::new(14), Client::new(15));
    let mut backend = to_backend(41_080, 0);
    backend.handshake().ok("connect", &other.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &other.sip_connect("ESTABLISHED"));
    backend.ok("RegistrationStatusEvent", &other.registration_status("REGISTERED"));
    backend.ok("connect", &client.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED")).wait(60 * SEC);
    backend.disconnect(&other).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn registration_not_required() -> Vec<u8> {
    let (client, other) = (Client::new(14), Client::new(15));
    let mut backend = to_backend(41_080, 0);
    backend.handshake().ok("connect", &other.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &other.sip_connect("ESTABLISHED"));
    backend.ok("RegistrationStatusEvent", &other.registration_status("REGISTERED"));
    let answer = http::json(r#"{"sipRegisterRequired":false}"#);
    backend.hook("connect", &client.sip_connect("PENDING"), &answer);
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED")).wait(60 * SEC);
    backend.disconnect(&other).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}
