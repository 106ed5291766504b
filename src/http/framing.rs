//! How long a body is, and whether HTTP follows it (RFC 9112, section 6.3; RFC 9110, section 7.8).

use super::chunked::Chunked;
use super::message::{Fields, Request, Response, StatusLine};

/// What a response's framing depends on: the method of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReplyTo {
    #[default]
    Other,
    Head,
    Connect,
}

/// What says where a body ends.
#[derive(Clone)]
pub(super) enum Framing {
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

/// The framing that the fields declare. A transfer coding overrides a length, and only chunks tell where they end.
pub(super) fn declared(fields: &Fields) -> Option<Framing> {
    if fields.transfer_codings().next().is_some() {
        let chunks = || Framing::Chunked(Chunked::new());
        return Some(if fields.is_chunked() { chunks() } else { Framing::UntilClose });
    }
    // Of several, the first.
    let values = fields.all("content-length").map(str::as_bytes);
    let mut lengths = values.flat_map(|value| value.split(|octet| *octet == b',').map(<[u8]>::trim_ascii));
    let length = str::from_utf8(lengths.find(|length| !length.is_empty())?).ok()?;
    let is_number = length.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| Framing::Length(length.parse().unwrap_or(u64::MAX)))
}

/// What a request's method means for its response.
pub(super) fn reply_to(method: &str) -> ReplyTo {
    match method {
        "HEAD" => ReplyTo::Head,
        "CONNECT" => ReplyTo::Connect,
        _ => ReplyTo::Other,
    }
}

/// Whether what follows a response is another protocol (RFC 9110, sections 9.3.6 and 15.2.2).
pub(super) fn is_last(line: &StatusLine, reply_to: ReplyTo) -> bool {
    line.status == 101 || reply_to == ReplyTo::Connect && line.status / 100 == 2
}

/// Whether a request asks to go on with another protocol.
pub(super) fn asks_to_leave(request: &Request) -> bool {
    reply_to(&request.start.method) == ReplyTo::Connect || request.fields.get("upgrade").is_some()
}

/// Whether a request asks to go on with another protocol, and its response agrees. To a 101 that nobody asked for a
/// client may well answer with its next request.
pub(super) fn is_left(request: &Request, response: &Response) -> bool {
    is_last(&response.start, reply_to(&request.start.method)) && asks_to_leave(request)
}
