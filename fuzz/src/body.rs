//! Content codings: what comes out is bounded, and what was coded comes out as it went in.

use crate::http::exchanges;
use crate::script::Script;
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use hookscope::http::{Body, Exchange};
use hookscope::limits::Limits;
use std::io::Read as _;

/// Values of Content-Encoding; the first ones can be coded here as well.
const CODINGS: [&str; 9] = [
    "gzip",
    "deflate",
    "deflate",
    "br",
    "zstd",
    "gzip, gzip",
    "x-gzip",
    "identity, GZIP",
    "gzip, br, deflate, zstd",
];

/// A response's content as it is read, coded so.
fn decoded(coding: &str, octets: &[u8], limits: &Limits) -> Body {
    let request = b"POST /EchoApp/connect HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", octets.len());
    let response = [head.as_bytes(), octets].concat();
    match exchanges(limits, request, &response, &[1_448]).0.as_slice() {
        [Exchange { response: Some(response), .. }] => response.body.clone(),
        other => panic!("{other:?}"),
    }
}

/// Checks octets: the first one names a coding, the others are coded so, or are what is to be coded.
pub fn check(input: &[u8]) {
    let mut script = Script::new(input);
    let which = usize::from(script.octet()) % CODINGS.len();
    let octets = script.rest();
    for limits in [Limits::default(), Limits { body: 100, ..Limits::default() }] {
        let body = decoded(CODINGS[which], octets, &limits);
        assert!(body.octets.len() <= limits.body, "{} octets kept", body.octets.len());
        assert_eq!(body.wire_len, octets.len() as u64);
    }
    let mut coded = Vec::new();
    let level = Compression::fast();
    let read = match which {
        0 => GzEncoder::new(octets, level).read_to_end(&mut coded),
        1 => ZlibEncoder::new(octets, level).read_to_end(&mut coded),
        2 => DeflateEncoder::new(octets, level).read_to_end(&mut coded),
        _ => return,
    };
    read.unwrap();
    let body = decoded(CODINGS[which], &coded, &Limits::default());
    assert_eq!((body.octets.as_slice(), body.undecodable, body.cut), (octets, false, false));
}
