//! Healthy hooks whose HTTP messages come in less common forms.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, http};

/// A form in which a healthy backend answers.
const fn healthy(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    healthy("http-gzip.pcap", "Responses compressed with gzip.", || {
        coded("gzip", |body| http::gzip(body.as_bytes()))
    }),
    healthy("http-deflate.pcap", "Responses compressed with deflate.", || {
        coded("deflate", |body| http::deflate(body.as_bytes()))
    }),
    healthy("http-chunked.pcap", "Responses in several chunks, each in two segments.", chunked),
    Scenario {
        name: "http-until-close.pcap",
        shows: "Responses without a length, ended by the backend's FIN; a connection for each hook.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connection-closed"],
        build: until_close,
    },
    healthy("http-1-0.pcap", "A backend that answers with HTTP/1.0.", http_1_0),
    healthy("http-continue.pcap", "WCS sends its bodies only after 100 Continue.", expect_continue),
    healthy("http-pipelined.pcap", "Two requests in one segment, then both responses in one.", pipelined),
    healthy("http-head-in-pieces.pcap", "A request and its response in many small segments.", pieces),
    healthy("http-authorization.pcap", "Hooks with Basic authorization.", authorization),
    Scenario {
        name: "http-php.pcap",
        shows: "A PHP backend: escaped slashes, an emptied array, Connection: close.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["response-not-json"],
        build: php,
    },
    Scenario {
        name: "http-json-with-blanks.pcap",
        shows: "JSON responses with blanks and newlines around them, sent as text/plain.",
        verdict: "healthy",
        findings: &["response-type"],
        near_miss_of: &["response-not-json"],
        build: blanks,
    },
    Scenario {
        name: "http-empty-object.pcap",
        shows: "A backend that answers every hook, connect too, with an empty JSON object.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-failed", "response-empty"],
        build: empty_object,
    },
];

/// The hooks of a short session: method and body.
fn hooks(client: &Client) -> [(&'static str, String); 4] {
    [
        ("connect", client.connect()),
        ("ConnectionStatusEvent", client.connection_status("ESTABLISHED")),
        ("call", client.call(&call_id(3), "PENDING")),
        ("CallStatusEvent", client.call(&call_id(3), "ESTABLISHED")),
    ]
}

/// A session on one connection, each hook answered with what `answer` makes of its body.
fn session(answer: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks(&Client::new(3)) {
        backend.hook(method, &body, &answer(&body));
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

/// A session with a connection for each hook, on which `talk` plays it.
fn connections(talk: impl Fn(&mut Connection, &str, &str)) -> Vec<u8> {
    let mut capture = Capture::new();
    for (number, (method, body)) in (0_u16..).zip(hooks(&Client::new(3))) {
        let mut backend = to_backend(41_010 + number, u64::from(number) * 200 * MS);
        backend.handshake();
        talk(&mut backend, method, &body);
        capture.add(backend);
    }
    capture.ethernet()
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn coded(coding: &str, encode: fn(&str) -> Vec<u8>) -> Vec<u8> {
    session(|body| http::response("200 OK", &[JSON, ("Content-Encoding", coding)], &encode(body)))
}

fn chunked() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks(&Client::new(3)) {
        let (first, second) = body.as_bytes().split_at(40);
        let response = http::chunked("200 OK", &[JSON], &[first, second]);
        backend.asks(method, &body).wait(5 * MS);
        backend.sends_in(Side::Server, &response, &[120]).client_acks().wait(30 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn until_close() -> Vec<u8> {
    connections(|backend, method, body| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
        backend.exchange(&request(method, body), format!("{head}{body}").as_bytes(), 5 * MS).server_closes();
    })
}

fn http_1_0() -> Vec<u8> {
    connections(|backend, method, body| {
        let head = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n";
        backend.exchange(&request(method, body), format!("{head}{body}").as_bytes(), 5 * MS).server_closes();
    })
}

fn expect_continue() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks(&Client::new(3)) {
        let expect = [("Expect", "100-continue")];
        let request = http::post_with(&format!("{BASE}/{method}"), HOST, &expect, &body);
        let (head, body_octets) = request.split_at(request.len() - body.len());
        backend.exchange(head, b"HTTP/1.1 100 Continue\r\n\r\n", MS);
        backend.exchange(body_octets, &http::json(&body), 5 * MS).wait(30 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn pipelined() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0).segment_size(4_000);
    backend.handshake();
    for pair in hooks(&Client::new(3)).chunks(2) {
        let requests: Vec<u8> = pair.iter().flat_map(|(method, body)| request(method, body)).collect();
        let responses: Vec<u8> = pair.iter().flat_map(|(_, body)| http::json(body)).collect();
        backend.exchange(&requests, &responses, 6 * MS).wait(50 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn pieces() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0).segment_size(61);
    let body = Client::new(3).connect();
    backend.handshake().hook("connect", &body, &http::json(&body)).close();
    Capture::of([backend]).ethernet()
}

fn authorization() -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake();
    for (method, body) in hooks(&Client::new(3)) {
        let credentials = [("Authorization", "Basic planted-secret-credentials")];
        let request = http::post_with(&format!("{BASE}/{method}"), HOST, &credentials, &body);
        backend.exchange(&request, &http::json(&body), 5 * MS).wait(30 * MS);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn php() -> Vec<u8> {
    connections(|backend, method, body| {
        let body_again = body.replace('/', "\\/").replace(r#"{"token":"planted-secret-custom-token"}"#, "[]");
        let fields = [("X-Powered-By", "PHP/8.2.7"), ("Connection", "close"), JSON];
        let response = http::response("200 OK", &fields, body_again.as_bytes());
        backend.exchange(&request(method, body), &response, 9 * MS).server_closes();
    })
}

fn blanks() -> Vec<u8> {
    session(|body| {
        let body = format!("\r\n\n  {body}\n\n");
        http::response("200 OK", &[("Content-Type", "text/plain")], body.as_bytes())
    })
}

fn empty_object() -> Vec<u8> {
    session(|_| http::json("{}"))
}
