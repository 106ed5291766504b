//! Heads of messages: finding where one begins, and reading it.

use super::message::{Fields, RequestLine, StatusLine};
use memchr::memmem;
use std::mem::MaybeUninit;

/// Header fields read without allocating; a head with more is read again with as many as [`MOST_FIELDS`].
const USUAL_FIELDS: usize = 64;
const MOST_FIELDS: usize = 4_096;
/// The longest request method that is believed.
const LONGEST_METHOD: usize = 32;
/// What a status line begins with.
const VERSION_NAME: &[u8] = b"HTTP/";
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"];

/// A head that was read.
#[derive(Clone, Debug)]
pub(super) struct ParsedHead {
    pub(super) start: StartLine,
    pub(super) fields: Fields,
}

/// The start line of either kind.
#[derive(Clone, Debug)]
pub(super) enum StartLine {
    Request(RequestLine),
    Status(StatusLine),
}

/// Whether octets at a message's boundary may begin a message. `false` is certain.
pub(super) fn may_begin(octets: &[u8]) -> bool {
    let known = octets.len().min(VERSION_NAME.len());
    if octets.get(..known) == VERSION_NAME.get(..known) {
        return true;
    }
    let token = |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet);
    let length = octets.iter().take_while(|octet| token(octet)).count();
    length > 0 && length <= LONGEST_METHOD && octets.get(length).is_none_or(|octet| *octet == b' ')
}

/// How far a head that is being read was looked at: each octet once, in however many pieces it comes.
#[derive(Clone, Copy)]
pub(super) struct Glance {
    /// Where the first line begins whose end was not seen.
    line: usize,
    /// Up to where that end was looked for.
    until: usize,
    looks: Looks,
}

/// What the whole lines of a head look like.
#[derive(Clone, Copy)]
enum Looks {
    /// There are none.
    Open,
    /// The first one may be that of a damaged request, which fields must follow.
    Damaged,
    /// The same, and fields follow.
    Fields,
    /// HTTP/1.x, whatever follows.
    Http,
}

impl Glance {
    /// Begins before the first octet.
    pub(super) const fn new() -> Self {
        Self { line: 0, until: 0, looks: Looks::Open }
    }

    /// Whether a head, as far as it has come, can no longer become one of HTTP/1.x.
    pub(super) fn is_other(&mut self, head: &[u8]) -> bool {
        while !matches!(self.looks, Looks::Http) {
            let Some(line) = self.next_line(head) else {
                return matches!(self.looks, Looks::Open) && !may_begin(head);
            };
            self.looks = match self.looks {
                Looks::Open if is_start_line(line) => Looks::Http,
                Looks::Open if may_be_damaged(line) => Looks::Damaged,
                Looks::Fields if line.is_empty() => Looks::Http,
                Looks::Damaged | Looks::Fields if line.contains(&b':') => Looks::Fields,
                _ => return true,
            };
        }
        false
    }

    /// The next whole line, without its end.
    fn next_line<'a>(&mut self, head: &'a [u8]) -> Option<&'a [u8]> {
        let Some(length) = memchr::memchr(b'\n', head.get(self.until..)?) else {
            self.until = head.len();
            return None;
        };
        let end = self.until.saturating_add(length);
        let line = head.get(self.line..end)?;
        self.until = end.saturating_add(1);
        self.line = self.until;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// Whether a whole first line is one of HTTP/1.x, or a status line that claims another version.
fn is_start_line(line: &[u8]) -> bool {
    line.starts_with(VERSION_NAME)
        || matches!(line.split_last(), Some((_minor, before)) if before.ends_with(b" HTTP/1."))
}

/// Whether a whole first line may be that of a request whose target or version is missing or damaged: another
/// protocol's would say its name and version.
fn may_be_damaged(line: &[u8]) -> bool {
    let method = line.split(|octet| *octet == b' ').next().unwrap_or_default();
    let last = line.rsplit(|octet| *octet == b' ').next().unwrap_or_default();
    let names_other = matches!(last, [name @ .., b'/', b'0'..=b'9', b'.', b'0'..=b'9']
        if !name.is_empty() && !name.ends_with(b"HTTP") && name.iter().all(u8::is_ascii_alphanumeric));
    method.len() > 2
        && method.iter().all(|octet| octet.is_ascii_uppercase() || *octet == b'_')
        && !names_other
}

/// Finds the beginning of a message among octets that may begin anywhere: after a gap, or where the capture began.
/// Surer than [`may_begin`], since what is read here by mistake would be an exchange that never was.
pub(super) fn seek(octets: &[u8]) -> Option<usize> {
    if begins_surely(octets) {
        return Some(0);
    }
    memmem::find_iter(octets, b"HTTP/1.").find_map(|at| begin_around(octets, at))
}

/// Whether a segment begins with a start line, as far as it goes.
pub(super) fn begins_surely(octets: &[u8]) -> bool {
    if is_status_line(octets) {
        return true;
    }
    let Some(space) = octets.iter().position(|octet| *octet == b' ') else { return false };
    let (method, rest) = octets.split_at(space);
    let line_end = rest.iter().position(|octet| *octet == b'\n');
    METHODS.iter().any(|known| known.as_bytes() == method)
        && match line_end.and_then(|end| rest.get(..end)) {
            Some(line) => is_start_line(line.strip_suffix(b"\r").unwrap_or(line)),
            None => rest.get(1).is_some_and(u8::is_ascii_graphic),
        }
}

/// The beginning of the message in whose start line `HTTP/1.` stands at `version`.
fn begin_around(octets: &[u8], version: usize) -> Option<usize> {
    let (before, after) = octets.split_at_checked(version)?;
    if is_status_line(after) && before.last().is_none_or(|octet| matches!(octet, b'\n' | b'}')) {
        return Some(version);
    }
    if !matches!(after, [_, _, _, _, _, _, _, b'0' | b'1', b'\r' | b'\n', ..]) {
        return None;
    }
    let target_end = before.strip_suffix(b" ")?;
    let target = target_end.iter().rposition(|octet| *octet == b' ')?;
    let method = target_end.get(..target)?;
    let before = METHODS.iter().find_map(|known| method.strip_suffix(known.as_bytes()))?;
    before.last().is_none_or(|octet| matches!(octet, b'\n' | b'}')).then_some(before.len())
}

/// Whether octets begin like a status line.
pub(super) fn is_status_line(octets: &[u8]) -> bool {
    matches!(octets, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', a, b, c, ..]
        if [a, b, c].iter().all(|digit| digit.is_ascii_digit()))
}

/// The length of the head that `octets` begin with, its empty line included; `from` is where to look.
pub(super) fn length(octets: &[u8], from: usize) -> Option<usize> {
    let from = from.saturating_sub(3);
    memchr::memchr_iter(b'\n', octets.get(from..)?).find_map(|at| {
        let next = from.checked_add(at)?.checked_add(1)?;
        match octets.get(next..)? {
            [b'\n', ..] => next.checked_add(1),
            [b'\r', b'\n', ..] => next.checked_add(2),
            _ => None,
        }
    })
}

/// Reads a complete head: strictly first, then as leniently as real peers are read.
pub(super) fn parse(octets: &[u8]) -> Option<ParsedHead> {
    match parse_into(octets, &mut [const { MaybeUninit::uninit() }; USUAL_FIELDS]) {
        Err(httparse::Error::TooManyHeaders) => {
            let mut many = vec![MaybeUninit::uninit(); MOST_FIELDS];
            parse_into(octets, &mut many).ok().flatten()
        }
        parsed => parsed.ok().flatten(),
    }
    .or_else(|| parse_leniently(octets))
}

/// Reads a head that breaks the rules, with control characters in a field, blanks in a target or another version: all
/// that it says.
fn parse_leniently(octets: &[u8]) -> Option<ParsedHead> {
    let mut lines = octets.split(|octet| *octet == b'\n').map(String::from_utf8_lossy);
    let first = lines.next()?;
    let mut fields = Fields::default();
    for line in lines {
        if fields.len() >= MOST_FIELDS {
            break;
        }
        if line.starts_with([' ', '\t']) && fields.extend_last(line.trim_end()) {
            continue;
        }
        if let Some((name, value)) = line.split_once(':') {
            fields.push(name.trim(), value.trim());
        }
    }
    let first = first.trim_end();
    let start = start_line(first).or_else(|| fields.get("host").and(damaged_line(first)))?;
    Some(ParsedHead { start, fields })
}

fn start_line(line: &str) -> Option<StartLine> {
    if line.as_bytes().starts_with(VERSION_NAME) {
        return status_line(line).map(StartLine::Status);
    }
    let (line, version) = line.rsplit_once(" HTTP/1.")?;
    let version = version.parse().ok().filter(|version| *version <= 1)?;
    let (method, target) = line.split_once(' ')?;
    let (method, target) = (method.to_owned(), target.trim().to_owned());
    Some(StartLine::Request(RequestLine { method, target, version }))
}

/// A status line of any version: some servers claim HTTP/2.0 in HTTP/1's clothes.
fn status_line(line: &str) -> Option<StatusLine> {
    let (version, rest) = line.split_once([' ', '\t'])?;
    let (major, minor) = version.strip_prefix("HTTP/")?.split_once('.')?;
    let (major, minor): (u8, u8) = (major.parse().ok()?, minor.parse().ok()?);
    let rest = rest.trim_start();
    let (status, reason) = rest.split_at_checked(3)?;
    let ends = !reason.starts_with(|next: char| next.is_ascii_alphanumeric());
    let status =
        status.parse().ok().filter(|_| ends && status.bytes().all(|digit| digit.is_ascii_digit()))?;
    Some(StatusLine { status, reason: reason.trim().to_owned(), version: u8::from((major, minor) >= (1, 1)) })
}

/// A request line whose target or version is missing or damaged; that it is one, the fields behind it show.
fn damaged_line(line: &str) -> Option<StartLine> {
    let line = Some(line).filter(|line| may_be_damaged(line.as_bytes()))?;
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let (method, target) = (words.next()?.to_owned(), words.next().unwrap_or_default().to_owned());
    Some(StartLine::Request(RequestLine { method, target, version: 0 }))
}

/// Reads what is there of a head whose rest was not captured: its whole lines, or of a cut status line the code.
pub(super) fn parse_visible(octets: &[u8]) -> Option<ParsedHead> {
    match memchr::memrchr(b'\n', octets) {
        Some(end) => parse(&[octets.get(..=end)?, b"\r\n"].concat()),
        None => parse(&[visible_code(octets)?, b"\r\n\r\n"].concat()),
    }
}

/// A status line up to the blank behind its code.
fn visible_code(octets: &[u8]) -> Option<&[u8]> {
    let line = octets.get(.."HTTP/1.1 200 ".len())?;
    let digits = line.get(9..12)?.iter().all(u8::is_ascii_digit);
    (line.starts_with(b"HTTP/1.") && line.ends_with(b" ") && digits).then_some(line)
}

fn parse_into<'b>(
    octets: &'b [u8],
    fields: &mut [MaybeUninit<httparse::Header<'b>>],
) -> Result<Option<ParsedHead>, httparse::Error> {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_space_before_first_header_name(true)
        .ignore_invalid_headers_in_responses(true)
        .ignore_invalid_headers_in_requests(true);
    if octets.starts_with(b"HTTP/1.") {
        let mut response = httparse::Response::new(&mut []);
        let status = config.parse_response_with_uninit_headers(&mut response, octets, fields)?;
        let (Some(code), Some(version), true) = (response.code, response.version, status.is_complete())
        else {
            return Ok(None);
        };
        let reason = response.reason.unwrap_or_default().to_owned();
        let start = StartLine::Status(StatusLine { status: code, reason, version });
        return Ok(Some(ParsedHead { start, fields: owned(octets, response.headers) }));
    }
    let mut request = httparse::Request::new(&mut []);
    let status = config.parse_request_with_uninit_headers(&mut request, octets, fields)?;
    let (Some(method), Some(target), Some(version), true) =
        (request.method, request.path, request.version, status.is_complete())
    else {
        return Ok(None);
    };
    let start = RequestLine { method: method.to_owned(), target: target.to_owned(), version };
    Ok(Some(ParsedHead { start: StartLine::Request(start), fields: owned(octets, request.headers) }))
}

/// The fields of a head.
fn owned(head: &[u8], fields: &[httparse::Header<'_>]) -> Fields {
    let is_folded = fields.iter().any(|field| memchr::memchr(b'\n', field.value).is_some());
    Some(head).filter(|_| !is_folded).and_then(|head| Fields::of(head, fields)).unwrap_or_else(|| {
        let mut owned = Fields::default();
        for field in fields {
            owned.push(field.name, "");
            // A value of several lines is one.
            let value = String::from_utf8_lossy(field.value);
            value.split("\r\n").for_each(|part| _ = owned.extend_last(part));
        }
        owned
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a head is another protocol's, in one piece or with its fields octet by octet.
    fn is_other(head: &[u8]) -> bool {
        let mut glance = Glance::new();
        let first = head.split_inclusive(|octet| *octet == b'\n').next().unwrap_or_default().len();
        let crumbs = (first..=head.len()).any(|length| glance.is_other(&head[..length]));
        assert_eq!(Glance::new().is_other(head), crumbs, "{head:?}");
        crumbs
    }

    #[test]
    fn what_begins_a_message_is_told_from_what_does_not() {
        for begin in ["POST /a HTTP/1.1\r\n", "HTTP/1.0 200 OK", "H", "GE", "M-SEARCH * HTTP/1.1\r\n"] {
            assert!(may_begin(begin.as_bytes()), "{begin}");
        }
        for other in ["\u{16}\u{3}\u{1}", "{\"a\":1}", " GET", "", "A".repeat(40).as_str()] {
            assert!(!may_begin(other.as_bytes()) || other.is_empty(), "{other}");
        }
        for other in [
            "REGISTER sip:a SIP/2.0\r\n",
            "REQMOD icap://a/b ICAP/1.0\r\nHost: a\r\n",
            "GET key\r\nGET other\r\n",
            "GET key\r\n\r\nHost: a\r\n",
            "GET key\nHost: a\nGET other\n",
            "hello\r\nHost: a\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n",
        ] {
            assert!(is_other(other.as_bytes()), "{other}");
        }
        for http in [
            "POST /a HTTP/1.1\r\n",
            "POST /a",
            "HTTP/2.0 200 OK\r\n",
            "GET /a HTTP/1.\r\nHost: a\r\n",
            "GET /a\nHost: a\n\nGET",
        ] {
            assert!(!is_other(http.as_bytes()), "{http}");
        }
    }

    #[test]
    fn a_message_is_found_behind_the_rest_of_another() {
        assert_eq!(seek(b"POST /a HTTP/1.1\r\nHost: b"), Some(0));
        assert_eq!(seek(b"\":1}POST /a HTTP/1.1\r\n"), Some(4));
        assert_eq!(seek(b"0\r\n\r\nHTTP/1.1 200 OK\r\n"), Some(5));
        assert_eq!(seek(b"say GET /a HTTP/1.1\r\n"), None, "in the middle of a text");
        assert_eq!(seek(b"\"HTTP/1.1 200 OK\""), None);
        assert_eq!(seek(b"POST is a verb\r\n"), None);
    }

    #[test]
    fn a_head_ends_at_its_empty_line_whatever_the_line_ends() {
        assert_eq!(length(b"A\r\nB: c\r\n\r\nrest", 0), Some(11));
        assert_eq!(length(b"A\nB: c\n\nrest", 0), Some(8));
        assert_eq!(length(b"A\r\nB: c\r\n\r", 0), None);
        assert_eq!(length(b"A\r\nB: c\r\n\r\nrest", 10), Some(11), "the empty line came in two parts");
    }

    #[test]
    fn a_cut_head_is_read_as_far_as_its_last_whole_line() {
        let head = parse_visible(b"POST /x/connect HTTP/1.1\r\nHost: a\r\nContent-Le").unwrap();
        let StartLine::Request(line) = head.start else { panic!("a request") };
        assert_eq!(line.target, "/x/connect");
        assert_eq!(head.fields.get("host"), Some("a"));
        assert!(parse_visible(b"POST /x/connect HT").is_none());
        let head = parse_visible(b"HTTP/1.1 500 Internal Ser").unwrap();
        assert!(matches!(head.start, StartLine::Status(line) if line.status == 500));
        assert!(parse_visible(b"HTTP/1.1 500").is_none(), "there may be more of it");
    }

    #[test]
    fn a_head_that_breaks_the_rules_is_read_nevertheless() {
        let head =
            parse(b"HTTP/1.1 500 Oops\r\nX-Error: a\x00b\x0b\r\nno field\r\nA: b\n c\r\n\r\n").unwrap();
        let StartLine::Status(line) = head.start else { panic!("a response") };
        assert_eq!((line.status, line.reason.as_str()), (500, "Oops"));
        assert_eq!(head.fields.get("A"), Some("b c"));
        let head = parse(b"POST /x/a b HTTP/1.0\r\nA: b\rC: d\r\n\r\n").unwrap();
        let StartLine::Request(line) = head.start else { panic!("a request") };
        assert_eq!((line.target.as_str(), line.version), ("/x/a b", 0));
        for (text, said) in
            [("HTTP/2.0 200 OK", (200, 1)), ("HTTP/1.1 404\rA:b", (404, 1)), ("HTTP/0.9 500", (500, 0))]
        {
            let StartLine::Status(line) = parse(format!("{text}\r\n\r\n").as_bytes()).unwrap().start else {
                panic!("{text}")
            };
            assert_eq!((line.status, line.version), said, "{text}");
        }
        for none in ["GET HTTP/1.1", "HTTP/1.1 20 OK", "GET / HTTP/1.9", "HTTP/1.1", "HTTP/1.1 2040 OK"] {
            assert!(parse(format!("{none}\r\n\r\n").as_bytes()).is_none(), "{none}");
        }
    }

    #[test]
    fn a_damaged_request_line_is_read_where_a_host_follows() {
        for (text, target) in [
            ("GET / HTTP/1.", "/"),
            ("OPTIONS HTTP/1.1", "HTTP/1.1"),
            ("OPTIONS", ""),
            ("CCM_POST /HTTP/1.1", "/HTTP/1.1"),
            ("GET /gen.php?a=1", "/gen.php?a=1"),
        ] {
            let head = format!("{text}\r\nAccept: */*\r\nHost: a\r\n\r\n");
            assert!(!is_other(head.as_bytes()), "{text}");
            let StartLine::Request(line) = parse(head.as_bytes()).unwrap().start else { panic!("{text}") };
            assert_eq!(line.target, target, "{text}");
        }
    }

    #[test]
    fn many_fields_are_all_read() {
        let fields = (0..500).map(|n| format!("X-{n}: {n}\r\n")).collect::<Vec<_>>().concat();
        let head = parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).unwrap();
        assert_eq!(head.fields.len(), 500);
    }
}
