//! HTTP messages: the requests of WCS as HTTP client, and the responses of several kinds of backend.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write as _;

/// A hook's request with the head that WCS 5 sends.
pub fn post(target: &str, host: &str, body: &str) -> Vec<u8> {
    post_with(target, host, &[], body)
}

/// A hook's request with further header fields.
pub fn post_with(target: &str, host: &str, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!(
        "POST {target} HTTP/1.1\r\nAccept: application/json, application/*+json\r\n\
         Content-Type: application/json;charset=UTF-8\r\nUser-Agent: Java/1.8.0_111\r\n\
         Host: {host}\r\nConnection: keep-alive\r\n"
    );
    put_fields(&mut head, fields);
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body.as_bytes()].concat()
}

/// A hook's request with the head of the WCS of 2014, an Apache HTTP client.
pub fn post_2014(target: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {target} HTTP/1.1\r\nAccept: application/json, application/*+json\r\n\
         Content-Type: application/json;charset=UTF-8\r\nContent-Length: {}\r\nHost: localhost:9091\r\n\
         Connection: Keep-Alive\r\nUser-Agent: Apache-HttpClient/4.3.5 (java 1.5)\r\n\
         Accept-Encoding: gzip,deflate\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request without a body.
pub fn get(target: &str, host: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n")
        .into_bytes()
}

/// A response with its length.
pub fn response(status: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nServer: nginx/1.22.1\r\n");
    put_fields(&mut head, fields);
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A response with a JSON body: what a good backend answers.
pub fn json(body: &str) -> Vec<u8> {
    response("200 OK", &[("Content-Type", "application/json")], body.as_bytes())
}

/// A response whose body is an HTML page.
pub fn html(status: &str) -> Vec<u8> {
    let body = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body><h1>{status}</h1></body></html>\r\n"
    );
    response(status, &[("Content-Type", "text/html")], body.as_bytes())
}

/// A response in chunks.
pub fn chunked(status: &str, fields: &[(&str, &str)], chunks: &[&[u8]]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    put_fields(&mut head, fields);
    head += "Transfer-Encoding: chunked\r\n\r\n";
    let mut octets = head.into_bytes();
    for chunk in chunks {
        octets.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        octets.extend(*chunk);
        octets.extend(b"\r\n");
    }
    octets.extend(b"0\r\n\r\n");
    octets
}

/// A response in the five pieces that the EchoApp of 2014 sends as segments of their own: head, chunk size,
/// chunk, the chunk's end, last chunk.
pub fn echo_pieces(body: &str) -> [Vec<u8>; 5] {
    [
        ECHO_HEAD.as_bytes().to_vec(),
        format!("{:x}\r\n", body.len()).into_bytes(),
        body.as_bytes().to_vec(),
        b"\r\n".to_vec(),
        b"0\r\n\r\n".to_vec(),
    ]
}

/// The head of EchoApp's responses: 384 octets, as the acknowledgments of the documents' listings tell.
pub const ECHO_HEAD: &str = "HTTP/1.1 200 OK\r\n\
    Server: Apache-Coyote/1.1\r\n\
    Cache-Control: no-cache, no-store, max-age=0, must-revalidate\r\n\
    Vary: Accept-Encoding\r\n\
    Pragma: no-cache\r\n\
    Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
    Set-Cookie: JSESSIONID=5D1A0C7F42B94E60A7D8E3F1B2C69A04; Path=/EchoApp/; HttpOnly\r\n\
    Content-Type: application/json;charset=UTF-8\r\n\
    Transfer-Encoding: chunked\r\n\
    Date: Fri, 26 Sep 2014 10:16:09 GMT\r\n\r\n";

/// The octets as gzip.
pub fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// The octets as `Content-Encoding: deflate` has them: the zlib format.
pub fn deflate(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// The octets as brotli writes them without compressing (RFC 7932, section 9.2): one block, and the empty last one.
pub fn brotli(octets: &[u8]) -> Vec<u8> {
    // A window of 22 bits; not the last block, whose length less one has 16 bits; not compressed.
    let head = 0b1011 | ((octets.len() as u32 - 1) << 7) | 1 << 23;
    [&head.to_le_bytes()[..3], octets, &[3]].concat()
}

/// The octets as zstd writes them without compressing (RFC 8878, section 3.1.1): a frame of a single segment and of one
/// raw block.
pub fn zstd(octets: &[u8]) -> Vec<u8> {
    let size = (octets.len() as u32).to_le_bytes();
    let block = (1 | (octets.len() as u32) << 3).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0], &size[..], &block[..3], octets].concat()
}

fn put_fields(head: &mut String, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        *head += &format!("{name}: {value}\r\n");
    }
}
