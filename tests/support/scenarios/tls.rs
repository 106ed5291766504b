//! Backends that speak TLS, or are taken to; and lossy networks before them.

use super::Scenario;

use super::builder::tcp::Side;
use super::builder::wcs::{Client, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "tls-works.pcap",
        shows: "Connections with TLS to the backend that work; no hook can be read.",
        verdict: "absent",
        findings: &["no-hooks", "tls-backend"],
        near_miss_of: &["tls-handshake-failed", "scheme-mismatch"],
        build: || connections(works),
    },
    Scenario {
        name: "scanned.pcap",
        shows: "Browsers are connected to WCS over TLS; a stranger tries closed ports of it, those of backends among them.",
        verdict: "absent",
        findings: &["no-hooks", "tls-backend"],
        near_miss_of: &["backend-refused"],
        build: scanned,
    },
    Scenario {
        name: "tls-unknown-ca.pcap",
        shows: "WCS does not trust the backend's certificate: it ends each handshake with unknown_ca.",
        verdict: "broken",
        findings: &["tls-handshake-failed"],
        near_miss_of: &["tls-backend"],
        build: || {
            connections(|backend| {
                backend.exchange(&client_hello(), &server_hello_with(INTERNAL_CA), 4 * MS);
                backend.client_sends(&record(0x15, &[2, 48])).server_acks().close();
            })
        },
    },
    Scenario {
        name: "tls-certificate-expired.pcap",
        shows: "The backend's certificate, which it issued itself, has expired: WCS ends each handshake.",
        verdict: "broken",
        findings: &["tls-handshake-failed"],
        near_miss_of: &["tls-backend"],
        build: || {
            connections(|backend| {
                backend.exchange(&client_hello(), &server_hello_with(EXPIRED), 4 * MS);
                backend.client_sends(&record(0x15, &[2, 46])).server_acks().close();
            })
        },
    },
    Scenario {
        name: "tls-left-after-certificate.pcap",
        shows: "WCS closes each connection upon the backend's certificate, without an alert.",
        verdict: "broken",
        findings: &["tls-handshake-failed"],
        near_miss_of: &["tls-backend"],
        build: || {
            connections(|backend| {
                backend.exchange(&client_hello(), &server_hello_with(INTERNAL_CA), 4 * MS).close();
            })
        },
    },
    Scenario {
        name: "tls-version-refused.pcap",
        shows: "The backend refuses the versions of TLS that WCS offers.",
        verdict: "broken",
        findings: &["tls-handshake-failed"],
        near_miss_of: &[],
        build: || {
            connections(|backend| {
                backend.exchange(&client_hello(), &record(0x15, &[2, 70]), 4 * MS).server_closes();
            })
        },
    },
    Scenario {
        name: "tls-closed.pcap",
        shows: "The backend closes each connection upon the first octets of TLS.",
        verdict: "broken",
        findings: &["tls-handshake-failed"],
        near_miss_of: &[],
        build: || {
            connections(|backend| {
                backend.client_sends(&client_hello()).server_acks().wait(2 * MS).server_closes();
            })
        },
    },
    Scenario {
        name: "tls-to-plain-port.pcap",
        shows: "WCS begins TLS on a port where the backend speaks plain HTTP.",
        verdict: "broken",
        findings: &["scheme-mismatch"],
        near_miss_of: &["tls-handshake-failed"],
        build: || {
            connections(|backend| {
                backend.exchange(&client_hello(), &http::html("400 Bad Request"), 2 * MS).server_closes();
            })
        },
    },
    Scenario {
        name: "plain-to-tls-port.pcap",
        shows: "WCS sends a plain hook to a port where the backend speaks TLS: an alert comes back.",
        verdict: "broken",
        findings: &["connect-failed", "scheme-mismatch"],
        near_miss_of: &["no-response"],
        build: || {
            let mut backend = to_backend(41_003, 0);
            let hook = request("connect", &Client::new(3).connect());
            backend.handshake().exchange(&hook, &record(0x15, &[2, 10]), 2 * MS).server_closes();
            Capture::of([backend]).ethernet()
        },
    },
    Scenario {
        name: "plain-to-https-page.pcap",
        shows: "WCS sends a plain hook to nginx's port of https, which answers 400 and says so.",
        verdict: "broken",
        findings: &["connect-failed", "scheme-mismatch"],
        near_miss_of: &["request-rejected"],
        build: || {
            let mut backend = to_backend(41_003, 0);
            let page = "<html><center>The plain HTTP request was sent to HTTPS port</center></html>";
            let answer = http::response("400 Bad Request", &[("Content-Type", "text/html")], page.as_bytes());
            let hook = request("connect", &Client::new(3).connect());
            backend.handshake().exchange(&hook, &answer, 2 * MS).server_closes();
            Capture::of([backend]).ethernet()
        },
    },
    Scenario {
        name: "network-loss.pcap",
        shows: "Hooks work, but one in five segments has to be sent again.",
        verdict: "degraded",
        findings: &["network-loss"],
        near_miss_of: &[],
        build: || lossy(2),
    },
    Scenario {
        name: "network-loss-now-and-then.pcap",
        shows: "Hooks work; now and then a segment is sent again.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["network-loss"],
        build: || lossy(20),
    },
];

/// Three connections to the backend, five seconds apart, on which `talk` plays.
fn connections(talk: impl Fn(&mut Connection)) -> Vec<u8> {
    let mut capture = Capture::new();
    for number in 0..3_u16 {
        let mut backend = to_backend(41_003 + number, u64::from(number) * 5 * SEC);
        backend.handshake();
        talk(&mut backend);
        capture.add(backend);
    }
    capture.ethernet()
}

fn scanned() -> Vec<u8> {
    let mut capture = Capture::new();
    for number in 0..3 {
        let client = format!("203.0.113.{}:51443", 40 + number);
        let mut browser = Connection::new(&client, "192.0.2.10:8443").at(number * SEC);
        works(browser.handshake());
        capture.add(browser);
    }
    for (number, port) in [(4, 22), (5, 8081), (6, 9091)] {
        let client = format!("203.0.113.77:4100{number}");
        let mut scan = Connection::new(&client, &format!("192.0.2.10:{port}")).at(number * SEC);
        scan.syn().rst(Side::Server);
        capture.add(scan);
    }
    capture.ethernet()
}

fn works(backend: &mut Connection) {
    backend.exchange(&client_hello(), &server_hello_with(INTERNAL_CA), 4 * MS);
    let changes = record(0x14, &[1]);
    let finished = record(0x16, &[0x5a; 40]);
    backend.exchange(&[&changes[..], &finished].concat(), &[&changes[..], &finished].concat(), 2 * MS);
    backend.exchange(&record(0x17, &[0x6b; 400]), &record(0x17, &[0x7c; 380]), 9 * MS).close();
}

/// Calls that change their status, of whose requests every so many is sent again after 300 ms.
fn lossy(every: usize) -> Vec<u8> {
    let client = Client::new(3);
    let mut backend = to_backend(41_003, 0);
    backend.handshake().session(&client);
    for number in 0..20 {
        let body = client.stream("a-stream", true, "PUBLISHING");
        let (message, answer) = (request("StreamStatusEvent", &body), http::json(&body));
        backend.client_sends(&message);
        if number % every == 0 {
            backend.wait(300 * MS).retransmits(0);
        }
        backend.server_acks().wait(5 * MS).server_sends(&answer).client_acks().wait(50 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn vector(length_octets: usize, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length[4 - length_octets..], content].concat()
}

/// A record of TLS 1.2 (RFC 5246, section 6.2.1).
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &vector(2, content)[..]].concat()
}

/// A client's first message, for backend.example.com, up to TLS 1.2 (RFC 5246, section 7.4.1.2).
fn client_hello() -> Vec<u8> {
    let name = vector(2, &[&[0], &vector(2, b"backend.example.com")[..]].concat());
    let extensions = vector(2, &[&[0, 0], &vector(2, &name)[..]].concat());
    let body =
        [&[3, 3], &[0x11; 32][..], &[0], &[0, 4, 0xc0, 0x2f, 0xc0, 0x30], &[1, 0], &extensions].concat();
    record(0x16, &[&[1], &vector(3, &body)[..]].concat())
}

/// For backend.example.com and www.example.com, issued by "Example Internal CA", valid in 2026.
const INTERNAL_CA: &[u8] = include_bytes!("../certificates/internal-ca.der");
/// For old.example.com, self-signed, valid until February of 2026.
const EXPIRED: &[u8] = include_bytes!("../certificates/expired.der");

/// A server's first messages: hello, a certificate across two records, and done (RFC 5246, section 7.4.2).
fn server_hello_with(certificate: &[u8]) -> Vec<u8> {
    let body = [&[3, 3], &[0x22; 32][..], &[0], &[0xc0, 0x2f, 0]].concat();
    let hello = [&[2], &vector(3, &body)[..]].concat();
    let done = [14, 0, 0, 0];
    let chain = vector(3, &vector(3, certificate));
    let message = [&[11], &vector(3, &chain)[..]].concat();
    let (begin, rest) = message.split_at(100);
    [record(0x16, &[&hello, begin].concat()), record(0x16, rest), record(0x16, &done)].concat()
}
