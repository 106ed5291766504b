//! Hostile HTTP.

use super::builder::wcs::{BASE, Client, HOST, request, to_backend};
use super::builder::{Capture, Connection, MS, http};
use super::{Hostile, kind};

pub(super) const KINDS: &[Hostile] = &[
    kind("head-in-crumbs", "a head of {} octets, one in each segment", None, 10_000, |count| {
        let mut backend = to_backend(40_001, 0).segment_size(1).without_timestamps();
        let head = http::post_with(
            &target("connect"),
            HOST,
            &[("X-Long", &"x".repeat(count as usize))],
            &Client::new(1).connect(),
        );
        finish(backend.handshake().exchange(&head, &http::json("{}"), MS))
    }),
    kind("head-without-end", "a head of {} KiB that does not end", Some("limit-reached"), 1_000, |count| {
        let head =
            format!("POST {} HTTP/1.1\r\nX: {}", target("connect"), "x".repeat(1_024 * count as usize));
        finish(session().client_sends(head.as_bytes()).server_acks())
    }),
    kind(
        "fields-in-crumbs",
        "a damaged request with {} fields of an octet, an octet in each segment",
        None,
        2_500,
        |count| {
            let mut backend = to_backend(40_001, 0).segment_size(1).without_timestamps();
            let head = format!("POSTX y\n{}Host: a\n\n", "a:\n".repeat(count as usize));
            finish(backend.handshake().exchange(head.as_bytes(), &http::json("{}"), MS))
        },
    ),
    kind("fields", "a head of {} fields", None, 4_000, |count| {
        let fields: Vec<(String, String)> =
            (0..count).map(|number| (format!("X-{number}"), "y".to_owned())).collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = http::post_with(&target("connect"), HOST, &fields, "{}");
        finish(session().exchange(&request, &http::response("200 OK", &fields, b"{}"), MS))
    }),
    kind("chunk-crumbs", "a body in {} chunks of one octet", None, 20_000, |count| {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(count as usize));
        let chunks: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
        finish(session().exchange(&request("call", &body), &http::chunked("200 OK", &[], &chunks), MS))
    }),
    kind(
        "chunk-claims",
        "{} answers whose chunks claim 2^64 octets and more",
        Some("response-truncated"),
        200,
        |count| {
            let claims = [
                "ffffffffffffffff",
                "10000000000000000",
                "8000000000000000",
                "-1",
                "0x10",
                "7fffffffffffffff;a=b",
            ];
            connections(count, |backend, number| {
                let claim = claims[number as usize % claims.len()];
                let answer =
                    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{claim}\r\n{{\"a\":1}}");
                backend.exchange(&hook(), answer.as_bytes(), MS);
            })
        },
    ),
    kind(
        "length-claims",
        "{} answers whose Content-Length is 2^63, negative, listed or twice",
        Some("response-timeout"),
        200,
        |count| {
            let claims = [
                "9223372036854775808",
                "99999999999999999999",
                "-1",
                "7, 7",
                "7\r\nContent-Length: 8",
                "+7",
                "0x7",
            ];
            connections(count, |backend, number| {
                let claim = claims[number as usize % claims.len()];
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {claim}\r\n\r\n{{\"a\":1}}");
                backend.exchange(&hook(), answer.as_bytes(), MS);
            })
        },
    ),
    kind(
        "smuggled",
        "{} requests that say in several ways where they end, with bare CRs and folded fields",
        None,
        200,
        |count| {
            let shapes = [
                "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}",
                "Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}",
                "X: a\rContent-Length: 9\r\nContent-Length: 2\r\n\r\n{}",
                "X: a\r\n\tContent-Length: 9\r\nContent-Length: 2\r\n\r\n{}",
                "Content-Length: 2\n\n{}",
                "Content-Length: 44\r\n\r\nPOST /rest/my_api/hangup HTTP/1.1\r\n\r\n{}",
            ];
            connections(count, |backend, number| {
                let shape = shapes[number as usize % shapes.len()];
                let asked = format!("POST {} HTTP/1.1\r\nHost: {HOST}\r\n{shape}", target("call"));
                backend.exchange(asked.as_bytes(), &http::json("{}"), MS);
            })
        },
    ),
    kind(
        "pipelined",
        "{} requests on a connection that answers none",
        Some("limit-reached"),
        10_000,
        |count| {
            let mut backend = session();
            for _ in 0..count {
                backend.client_sends(b"POST /rest/my_api/call HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
            }
            finish(backend.server_acks())
        },
    ),
    kind("interim", "{} interim responses before the final one", None, 10_000, |count| {
        let answer =
            [&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(count as usize)[..], &http::json("{}")].concat();
        finish(session().exchange(&hook(), &answer, MS))
    }),
    kind(
        "smallest-answers",
        "{} answers of 14 octets in one segment",
        Some("limit-reached"),
        4_500,
        |count| {
            let mut backend = to_backend(40_001, 0).segment_size(16 << 20);
            let answers = b"HTTP/1.1 204\n\n".repeat(count as usize);
            finish(backend.handshake().session(&Client::new(1)).exchange(&hook(), &answers, MS))
        },
    ),
    kind("long-target", "a target of {} octets", None, 50_000, |count| {
        let asked = http::post(&format!("{BASE}/{}/connect", "%2e/".repeat(count as usize / 4)), HOST, "{}");
        finish(session().exchange(&asked, &http::json("{}"), MS))
    }),
];

fn target(method: &str) -> String {
    format!("{BASE}/{method}")
}

fn hook() -> Vec<u8> {
    request("call", &Client::new(1).call("c", "PENDING"))
}

/// An open connection on which a session has begun.
fn session() -> Connection {
    let mut backend = to_backend(40_001, 0);
    backend.handshake().session(&Client::new(1));
    backend
}

fn finish(backend: &mut Connection) -> Vec<u8> {
    Capture::of([backend.close().clone()]).ethernet()
}

/// So many connections, one after the other.
fn connections(count: u32, exchange: impl Fn(&mut Connection, u32)) -> Vec<u8> {
    let mut capture = Capture::of([session()]);
    for number in 0..count {
        let mut backend = to_backend(10_000 + (number % 50_000) as u16, u64::from(10 + number) * 100 * MS);
        backend.handshake();
        exchange(&mut backend, number);
        capture.add(backend.close().clone());
    }
    capture.ethernet()
}
