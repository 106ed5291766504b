//! Hostile bodies.

use super::builder::wcs::{Client, request, to_backend};
use super::builder::{Capture, MS, http};
use super::{Hostile, kind};

pub(super) const KINDS: &[Hostile] = &[
    kind(
        "gzip-bomb",
        "a body of {} KiB of zeros, as 1 KiB of gzip for each 1,000",
        Some("limit-reached"),
        4_000,
        |count| {
            let body = http::gzip(&vec![0; 1_024 * count as usize]);
            answered(&[("Content-Encoding", "gzip")], &body)
        },
    ),
    kind("gzip-in-gzip", "a body of {} KiB of zeros, three times in gzip", None, 4_000, |count| {
        let body = (0..3).fold(vec![0; 1_024 * count as usize], |octets, _| http::gzip(&octets));
        answered(&[("Content-Encoding", "gzip, gzip, gzip")], &body)
    }),
    kind("codings", "a body with {} content codings", None, 1_000, |count| {
        let codings = vec!["gzip"; count as usize].join(",");
        answered(&[("Content-Encoding", &codings)], &http::gzip(b"{}"))
    }),
    kind("json-deep", "JSON arrays {} deep", None, 100_000, |count| {
        json(&format!("{{\"a\":{}}}", "[".repeat(count as usize)))
    }),
    kind("json-deep-objects", "JSON objects {} deep, all closed", None, 50_000, |count| {
        let count = count as usize;
        json(&format!("{}1{}", "{\"a\":".repeat(count), "}".repeat(count)))
    }),
    kind("json-members", "a JSON object of {} members", None, 20_000, |count| {
        json(&format!(
            "{{{}}}",
            (0..count).map(|number| format!("\"k{number}\":{number}")).collect::<Vec<_>>().join(",")
        ))
    }),
    kind("json-twins", "a JSON object with the same name {} times", None, 20_000, |count| {
        json(&format!(
            "{{{}}}",
            (0..count).map(|number| format!("\"status\":{number}")).collect::<Vec<_>>().join(",")
        ))
    }),
    kind("json-digits", "a JSON number of {} digits", None, 100_000, |count| {
        json(&format!("{{\"a\":{}}}", "9".repeat(count as usize)))
    }),
    kind("json-exponent", "a JSON number with an exponent of {} digits", None, 100_000, |count| {
        json(&format!("{{\"a\":1e{}}}", "9".repeat(count as usize)))
    }),
    kind("json-escapes", "a JSON string of {} escapes, lone surrogates among them", None, 20_000, |count| {
        json(&format!("{{\"a\":\"{}\"}}", "\\ud800\\u0000\\\"".repeat(count as usize)))
    }),
    kind("json-invalid", "{} octets that are no UTF-8 in a JSON string", None, 100_000, |count| {
        let body = [&b"{\"a\":\""[..], &vec![0xff; count as usize], b"\"}"].concat();
        answered(&[("Content-Type", "application/json")], &body)
    }),
    kind("json-cut", "a JSON object of {} members that does not end", None, 20_000, |count| {
        json(&format!(
            "{{{}",
            (0..count).map(|number| format!("\"k{number}\":{{\"a\":[1,")).collect::<Vec<_>>().concat()
        ))
    }),
    kind("json-strings", "a JSON array of {} strings that look like secrets", None, 5_000, |count| {
        let secret = "\"password=hunter2&token=abc Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln\"";
        json(&format!("{{\"a\":[{}]}}", vec![secret; count as usize].join(",")))
    }),
    kind(
        "config-methods",
        "a restClientConfig of {} unknown methods",
        Some("config-invalid"),
        5_000,
        |count| {
            let methods: Vec<String> = (0..count)
                .map(|number| format!("\"m{number}\":{{\"restOnErrror\":\"x{number}\"}}"))
                .collect();
            json(&format!("{{\"restClientConfig\":{{{}}}}}", methods.join(",")))
        },
    ),
];

/// A session whose first answers have this JSON.
fn json(body: &str) -> Vec<u8> {
    answered(&[("Content-Type", "application/json")], body.as_bytes())
}

/// A session whose hooks are answered so, and one of which asks so.
fn answered(fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let client = Client::new(2);
    let mut backend = to_backend(40_002, 0);
    backend.handshake().hook("connect", &client.connect(), &http::response("200 OK", fields, body));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    let mut asked = request("call", &"x".repeat(body.len()));
    let head = asked.len() - body.len();
    asked.truncate(head);
    asked.extend(body);
    backend.exchange(&asked, &http::json("{}"), MS).close();
    Capture::of([backend]).ethernet()
}
