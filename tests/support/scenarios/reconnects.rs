//! Clients that connect again and again.

use super::Scenario;
use super::builder::wcs::{Client, to_backend};
use super::builder::{Capture, MS, SEC, http};

/// Connects that fail, and no loop.
const fn near(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario {
        name,
        shows,
        verdict: "broken",
        findings: &["connect-failed"],
        near_miss_of: &["reconnect-loop"],
        build,
    }
}

/// One client that connects again and again.
const fn again(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "broken", findings, near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    again(
        "reconnect-loop.pcap",
        "A SIP user connects every four seconds, and is refused six times.",
        &["connect-failed", "reconnect-loop"],
        || refused(&[0, 4, 8, 12, 16, 20], |_| "1001".to_owned()),
    ),
    again(
        "reconnect-loop-by-address.pcap",
        "A client without a login connects every five seconds, and is refused four times.",
        &["connect-failed", "reconnect-loop"],
        || refused(&[0, 5, 10, 15], |_| String::new()),
    ),
    again(
        "reconnect-loop-unanswered.pcap",
        "A SIP user connects every twenty seconds, and gets no answer in 15 s.",
        &["connect-failed", "reconnect-loop", "response-timeout"],
        unanswered,
    ),
    near("reconnect-twice.pcap", "A SIP user connects twice, and is refused.", || {
        refused(&[0, 4], |_| "1001".to_owned())
    }),
    near("reconnect-users.pcap", "Four SIP users behind one address are refused once each.", || {
        refused(&[0, 4, 8, 12], |number| format!("100{number}"))
    }),
    near("reconnect-rare.pcap", "A SIP user is refused three times, with minutes between.", || {
        refused(&[0, 130, 260], |_| "1001".to_owned())
    }),
    Scenario {
        name: "reconnect-succeeds.pcap",
        shows: "A SIP user is refused every other time.",
        verdict: "degraded",
        findings: &["connect-failed", "operation-failed"],
        near_miss_of: &["reconnect-loop", "status-event-missing"],
        build: succeeds,
    },
];

/// The body of `connect` at the `number`th attempt: another port each time, and a login unless it is empty.
fn connect(client: &Client, login: &str) -> String {
    let body = client.body();
    let body =
        if login.is_empty() { body } else { body.raw("sipRegisterRequired", "true").text("sipLogin", login) };
    body.text("clientBrowserVersion", "Mozilla/5.0 (X11; Linux x86_64)").text("status", "PENDING").end()
}

fn client(number: u16) -> Client {
    Client { session_id: format!("/203.0.113.21:{}/192.0.2.10:8443", 50_021 + number), ..Client::new(21) }
}

/// Attempts at these seconds, all refused, and nothing that is answered well.
fn refused(seconds: &[u64], login: fn(usize) -> String) -> Vec<u8> {
    let mut backend = to_backend(41_130, 0);
    backend.handshake();
    for (number, second) in seconds.iter().enumerate() {
        let body = connect(&client(number as u16), &login(number));
        backend.go_to(second * SEC + MS).hook("connect", &body, &http::html("403 Forbidden"));
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn unanswered() -> Vec<u8> {
    let mut capture = Capture::new();
    for number in 0..3_u16 {
        let mut backend = to_backend(41_131 + number, u64::from(number) * 20 * SEC);
        backend.handshake().asks("connect", &connect(&client(number), "1001")).wait(15 * SEC).close();
        capture.add(backend);
    }
    capture.ethernet()
}

fn succeeds() -> Vec<u8> {
    let mut backend = to_backend(41_130, 0);
    backend.handshake();
    for number in 0..6 {
        let body = connect(&client(number), "1001");
        let (response, client) = (http::html("403 Forbidden"), client(number));
        if number % 2 == 0 {
            backend.hook("connect", &body, &response);
            backend.ok("ConnectionStatusEvent", &client.connection_status("FAILED"));
            backend.ok("ConnectionStatusEvent", &client.connection_status("DISCONNECTED")).wait(SEC);
        } else {
            backend.ok("connect", &body);
            backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED")).wait(SEC);
            backend.disconnect(&client).wait(SEC);
        }
    }
    backend.close();
    Capture::of([backend]).ethernet()
}
