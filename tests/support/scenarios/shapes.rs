//! Hooks in shapes of HTTP and TCP that are allowed, or nearly so, and seldom seen.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, http};

/// A shape in which hooks work.
const fn healthy(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    healthy("http-br.pcap", "Responses compressed with brotli.", || {
        coded("br", |body| http::brotli(body.as_bytes()))
    }),
    healthy("http-zstd.pcap", "Responses compressed with zstd.", || {
        coded("zstd", |body| http::zstd(body.as_bytes()))
    }),
    healthy("http-two-codings.pcap", "Responses compressed with deflate, and then with gzip.", || {
        coded("deflate, gzip", |body| http::gzip(&http::deflate(body.as_bytes())))
    }),
    healthy(
        "http-folded.pcap",
        "Fields of the response go on in the next line (obsolete line folding).",
        || {
            session(|body| {
                let head =
                    "HTTP/1.1 200 OK\r\nX-Note: one\r\n\ttwo\r\nContent-Type:\r\n application/json\r\n";
                format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
            })
        },
    ),
    healthy("http-bare-line-feeds.pcap", "Lines of the response's head end in a line feed alone.", || {
        session(|body| {
            let head = "HTTP/1.1 200 OK\nContent-Type: application/json\n";
            format!("{head}Content-Length: {}\n\n{body}", body.len()).into_bytes()
        })
    }),
    healthy(
        "http-length-and-chunks.pcap",
        "Responses in chunks that name a wrong Content-Length, too.",
        || {
            session(|body| {
                let fields = [JSON, ("Content-Length", "7")];
                http::chunked("200 OK", &fields, &[body.as_bytes()])
            })
        },
    ),
    healthy(
        "http-chunk-extensions.pcap",
        "Chunks with extensions, and a trailer section behind the last.",
        || {
            session(|body| {
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
                let size = body.len();
                format!("{head}{size:X};name=\"a b\";last\r\n{body}\r\n0\r\nX-Sum: 1\r\n\r\n").into_bytes()
            })
        },
    ),
    healthy(
        "http-absolute-form.pcap",
        "Requests through a proxy: their targets are whole URLs.",
        absolute_form,
    ),
    healthy("http-request-then-cruft.pcap", "The client goes on with octets that are no request.", cruft),
    healthy(
        "http-behind-socks.pcap",
        "Hooks through a SOCKS 5 proxy: HTTP begins behind its handshake.",
        socks,
    ),
    healthy("tcp-never-closed.pcap", "The capture ends with the connection still open.", || {
        let mut backend = to_backend(41_003, 0);
        backend.handshake();
        talk(&mut backend);
        Capture::of([backend]).ethernet()
    }),
    healthy("tcp-simultaneous-open.pcap", "Both ends ask for the connection at the same time.", || {
        let mut backend = to_backend(41_003, 0);
        backend.simultaneous_handshake();
        talk(&mut backend);
        Capture::of([backend]).ethernet()
    }),
    healthy("tcp-simultaneous-close.pcap", "Both ends close at the same time.", || {
        let mut backend = to_backend(41_003, 0);
        backend.handshake();
        talk(&mut backend);
        backend.fin(Side::Client).fin(Side::Server).client_acks().server_acks();
        Capture::of([backend]).ethernet()
    }),
    healthy("tcp-fast-open.pcap", "The first request comes with the SYN.", fast_open),
    healthy(
        "tcp-half-closed.pcap",
        "The client closes its direction behind the request, and reads the response.",
        half_closed,
    ),
    healthy(
        "tcp-zero-window.pcap",
        "The backend's buffer is full in the middle of a request; WCS waits, asks, and goes on.",
        zero_window,
    ),
    Scenario {
        name: "http-length-beyond-all-bounds.pcap",
        shows: "A response that names a length of more than 64 bits, and is cut off by the backend.",
        verdict: "broken",
        findings: &["connect-failed", "response-truncated"],
        near_miss_of: &[],
        build: endless,
    },
];

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The hooks of a short session: method and body.
fn hooks() -> [(&'static str, String); 4] {
    let client = Client::new(3);
    [
        ("connect", client.connect()),
        ("ConnectionStatusEvent", client.connection_status("ESTABLISHED")),
        ("call", client.call(&call_id(3), "PENDING")),
        ("CallStatusEvent", client.call(&call_id(3), "ESTABLISHED")),
    ]
}

/// The hooks of a short session, answered well.
fn talk(backend: &mut Connection) {
    for (method, body) in hooks() {
        backend.ok(method, &body);
    }
}

/// A session on one connection, each hook answered with what `answer` makes of its body.
fn session(answer: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks() {
        backend.hook(method, &body, &answer(&body));
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn coded(coding: &str, encode: fn(&str) -> Vec<u8>) -> Vec<u8> {
    session(|body| http::response("200 OK", &[JSON, ("Content-Encoding", coding)], &encode(body)))
}

fn absolute_form() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks() {
        let request = http::post(&format!("http://{HOST}{BASE}/{method}"), HOST, &body);
        backend.exchange(&request, &http::json(&body), 5 * MS).wait(30 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn cruft() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    talk(&mut backend);
    backend.client_sends(b"\x00\x01this is no request\r\n\r\n").server_acks().close();
    Capture::of([backend]).ethernet()
}

fn socks() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    backend.exchange(&[5, 1, 0], &[5, 0], MS);
    backend.exchange(
        &[5, 1, 0, 1, 198, 51, 100, 20, 0x1f, 0x91],
        &[5, 0, 0, 1, 198, 51, 100, 20, 0x1f, 0x91],
        MS,
    );
    talk(&mut backend);
    backend.close();
    Capture::of([backend]).ethernet()
}

fn fast_open() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    let mut hooks = hooks().into_iter();
    if let Some((method, body)) = hooks.next() {
        backend.syn_with(&request(method, &body)).syn_ack().client_acks().wait(5 * MS);
        backend.server_sends(&http::json(&body)).client_acks().wait(30 * MS);
    }
    for (method, body) in hooks {
        backend.ok(method, &body);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn half_closed() -> Vec<u8> {
    let mut capture = Capture::new();
    for (number, (method, body)) in (0_u16..).zip(hooks()) {
        let mut backend = to_backend(41_010 + number, u64::from(number) * 200 * MS);
        backend
            .handshake()
            .client_sends(&request(method, &body))
            .fin(Side::Client)
            .server_acks()
            .wait(5 * MS);
        backend.server_sends(&http::json(&body)).client_acks().fin(Side::Server).client_acks();
        capture.add(backend);
    }
    capture.ethernet()
}

fn zero_window() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    talk(&mut backend);
    let body = Client::new(3).call(&call_id(3), "FINISH");
    let message = request("CallStatusEvent", &body);
    let (first, rest) = message.split_at(200);
    backend.client_sends(first).window(Side::Server, 0).server_acks().wait(300 * MS);
    backend.keep_alive(Side::Client).wait(300 * MS);
    backend.window(Side::Server, 64_240).server_acks();
    backend.exchange(rest, &http::json(&body), 5 * MS).close();
    Capture::of([backend]).ethernet()
}

fn endless() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    let body = Client::new(3).connect();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let response = format!("{head}Content-Length: 99999999999999999999\r\n\r\n{body}");
    backend.handshake().exchange(&request("connect", &body), response.as_bytes(), 5 * MS).server_closes();
    Capture::of([backend]).ethernet()
}
