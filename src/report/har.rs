//! HTTP Archive (HAR 1.2): the hooks as browsers' tools and proxies show traffic, a page for each session.
//!
//! What HAR does not know stands in members whose names begin with an underscore, as it demands.

mod model;

use super::detail::{self, MessageDetail};
use super::document::{Backend, Document, Finding, Hook, Session};
use super::escape::in_json;
use super::index::Index;
use crate::time::{Span, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{
    Content, Creator, Empty, Entry, FindingNote, Frames, Har, Log, Page, PageTimings, Pair, PostData,
    Request, Response, Text, Timings, Wcs,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The type of content that names none.
const UNKNOWN_TYPE: &str = "x-unknown";
/// Why a body is not there.
const MASKED: &str = "binary content is left out, since nothing can tell what it holds";
/// What is to be known of a body.
const PARTIAL: &str = "not all of it is there";
/// The longest part of a time, a day: the parts of one entry, in milliseconds with six decimals, then add up exactly
/// within the fifteen digits that every reader of JSON keeps.
const LONGEST: i64 = 86_400_000_000_000;
/// What a URL writes in another way (RFC 3986).
const NOT_IN_URLS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Writes the archive.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let index = Index::new(document);
    let mut began: Vec<(Timestamp, &Hook)> = document.hooks.iter().map(|hook| (start(hook), hook)).collect();
    // The time of a connection's opening belongs to its first hook, which may have begun after another one.
    began.sort_by_key(|(start, _)| *start);
    let log = Log {
        version: "1.2",
        creator: Creator { name: &document.tool.name, version: &document.tool.version },
        pages: pages(document, &began),
        entries: began.iter().map(|(start, hook)| entry(&index, hook, *start)).collect(),
        redacted: document.redacted,
        verdict: &document.verdict,
        findings: document.findings.iter().filter(|finding| finding.hooks.is_empty()).map(note).collect(),
    };
    let json = serde_json::to_string_pretty(&Har { log })?;
    writeln!(out, "{}", in_json(&json))
}

/// A page for each session, from its first entry on.
fn pages(document: &Document, began: &[(Timestamp, &Hook)]) -> Vec<Page> {
    let mut spans: BTreeMap<&str, (Timestamp, &Hook, &Hook)> = BTreeMap::new();
    for (start, hook) in began {
        if let Some(session) = hook.session.as_deref() {
            spans.entry(session).and_modify(|(_, _, last)| *last = hook).or_insert((*start, hook, hook));
        }
    }
    let page = |session: &Session| {
        let (start, first, last) = spans.get(session.id.as_str())?;
        let hooks = if first.id == last.id {
            first.method.clone()
        } else {
            format!("{} … {}", first.method, last.method)
        };
        Some(Page {
            started_date_time: start.rfc3339(),
            id: session.id.clone(),
            title: format!("{hooks}, session {}", session.session_id),
            timings: PageTimings { on_content_load: -1, on_load: -1 },
        })
    };
    document.sessions.iter().filter_map(page).collect()
}

/// When the entry begins: with the opening of its connection, if it is the first on it.
fn start(hook: &Hook) -> Timestamp {
    let Parts { blocked, connect, .. } = Parts::of(hook);
    let before = connect.unwrap_or_default() + blocked.unwrap_or_default();
    hook.moments.began.plus(Span::from_nanoseconds(-before))
}

fn entry<'d>(index: &Index<'d>, hook: &'d Hook, start: Timestamp) -> Entry<'d> {
    let parts = Parts::of(hook);
    let backend = index.backend(hook);
    let capture = index.capture(&hook.frame);
    Entry {
        pageref: index.session(hook).map(|session| session.id.as_str()),
        started_date_time: start.rfc3339(),
        time: milliseconds(Some(parts.sum())),
        request: request(index, hook),
        response: response(hook),
        cache: Empty {},
        timings: parts.timings(),
        server_address: backend.map(|backend| backend.address.as_str()),
        connection: hook.stream.to_string(),
        error: hook.status.is_none().then(|| hook.no_response.as_deref().unwrap_or("not-captured")),
        frames: Frames { request: &hook.frames, response: &hook.response_frames },
        stream: hook.stream,
        wcs: wcs(index, hook),
        findings: index.findings(hook).iter().copied().map(note).collect(),
        capture_file: capture.map(|capture| capture.path.as_str()),
        sha256: capture.and_then(|capture| capture.sha256.as_deref()),
    }
}

fn note(finding: &Finding) -> FindingNote<'_> {
    let Finding { id, rule, severity, confidence, title, .. } = finding;
    FindingNote { id, rule, severity, confidence, title }
}

fn wcs<'d>(index: &Index<'d>, hook: &'d Hook) -> Wcs<'d> {
    let call = index.flow(hook).filter(|flow| flow.kind == "call" && !flow.key.is_empty());
    Wcs {
        hook: &hook.id,
        method: &hook.method,
        hook_type: hook.hook_type.as_deref(),
        outcome: &hook.outcome,
        effect: hook.effect.as_deref(),
        retry_of: hook.retry_of.as_deref(),
        session_id: hook.context.session_id.as_deref(),
        call_id: call.map(|call| call.key.as_str()),
        node_id: hook.context.node_id.as_deref(),
        app_key: hook.context.app_key.as_deref(),
        flow: hook.flow.as_deref(),
    }
}

/// The parts of an entry's time in nanoseconds, none of them below zero.
struct Parts {
    blocked: Option<i64>,
    connect: Option<i64>,
    send: i64,
    wait: i64,
    receive: i64,
}

impl Parts {
    fn of(hook: &Hook) -> Self {
        let moments = &hook.moments;
        let bounded = |span: Span| span.nanoseconds().clamp(0, LONGEST);
        // Between two hooks on one connection nothing waits for the connection.
        let idle = moments.idle.filter(|_| moments.connect.is_some());
        let waited = moments.wait.or(moments.ended.map(|ended| ended.since(moments.asked)));
        Self {
            blocked: idle.map(bounded),
            connect: moments.connect.map(bounded),
            send: bounded(moments.asked.since(moments.began)),
            wait: bounded(waited.unwrap_or_default()),
            receive: bounded(moments.receive.unwrap_or_default()),
        }
    }

    fn sum(&self) -> i64 {
        let Self { blocked, connect, send, wait, receive } = self;
        blocked.unwrap_or_default() + connect.unwrap_or_default() + send + wait + receive
    }

    fn timings(&self) -> Timings {
        Timings {
            blocked: milliseconds(self.blocked),
            dns: -1.0,
            connect: milliseconds(self.connect),
            ssl: -1.0,
            send: milliseconds(Some(self.send)),
            wait: milliseconds(Some(self.wait)),
            receive: milliseconds(Some(self.receive)),
        }
    }
}

/// Milliseconds with all their decimals; -1 where unknown.
#[expect(clippy::cast_precision_loss, reason = "bounded by LONGEST, far below 53 bits")]
fn milliseconds(nanoseconds: Option<i64>) -> f64 {
    nanoseconds.map_or(-1.0, |nanoseconds| nanoseconds as f64 / 1e6)
}

fn request<'d>(index: &Index<'d>, hook: &'d Hook) -> Request<'d> {
    let message = hook.detail.as_ref().and_then(|detail| detail.request.as_ref());
    let host = message.and_then(|message| field(message, "host")).filter(|host| is_authority(host));
    let backend = index.backend(hook).map(|backend| {
        let Backend { address, port, .. } = backend;
        if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
    });
    let authority = host.map(str::to_owned).or(backend).unwrap_or_default();
    let method = message.and_then(|message| message.start.split(' ').next()).unwrap_or("POST");
    Request {
        method: method.to_owned(),
        url: url(&authority, &hook.target),
        http_version: message.map_or("HTTP/1.1", |message| &message.version),
        cookies: [],
        headers: message.map(headers).unwrap_or_default(),
        query_string: query(&hook.target),
        post_data: message.filter(|message| message.length > 0).map(post_data),
        headers_size: size(message.and_then(|message| message.head_length)),
        body_size: size(message.and_then(|message| message.wire_length)),
    }
}

fn response(hook: &Hook) -> Response<'_> {
    let message = hook.detail.as_ref().and_then(|detail| detail.response.as_ref());
    Response {
        status: hook.status.unwrap_or_default(),
        status_text: message.map_or("", |message| &message.reason),
        http_version: message.map_or("", |message| &message.version),
        cookies: [],
        headers: message.map(headers).unwrap_or_default(),
        content: message.map_or_else(no_content, content),
        redirect_url: message.and_then(|message| field(message, "location")).unwrap_or_default(),
        headers_size: size(message.and_then(|message| message.head_length)),
        body_size: size(message.and_then(|message| message.wire_length)),
    }
}

const fn no_content<'d>() -> Content<'d> {
    Content { size: 0, compression: None, mime_type: UNKNOWN_TYPE, text: None, encoding: None, comment: None }
}

fn content(message: &MessageDetail) -> Content<'_> {
    let (text, encoding, comment) = body(message);
    let saved = message.wire_length.filter(|_| message.complete);
    Content {
        size: size(Some(message.length)),
        compression: saved.map(|wire| size(Some(message.length)) - size(Some(wire))),
        mime_type: field(message, "content-type").unwrap_or(UNKNOWN_TYPE),
        text: Some(text),
        encoding,
        comment,
    }
}

fn post_data(message: &MessageDetail) -> PostData<'_> {
    let (text, encoding, comment) = body(message);
    PostData { mime_type: field(message, "content-type").unwrap_or(UNKNOWN_TYPE), text, encoding, comment }
}

/// A body as text, how that is encoded, and what is to be known of it.
fn body(message: &MessageDetail) -> (Text<'_>, Option<&'static str>, Option<&'static str>) {
    let partial = (!message.complete).then_some(PARTIAL);
    match &message.content {
        detail::Content::Text(text) => (text.into(), None, partial),
        detail::Content::Binary(octets) if octets.is_empty() && message.length > 0 => {
            ("".into(), None, Some(MASKED))
        }
        detail::Content::Binary(octets) => (STANDARD.encode(octets).into(), Some("base64"), partial),
    }
}

fn headers(message: &MessageDetail) -> Vec<Pair<'_>> {
    message.fields.iter().map(|(name, value)| Pair { name, value }).collect()
}

fn field<'d>(message: &'d MessageDetail, name: &str) -> Option<&'d str> {
    let mut fields = message.fields.iter();
    fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Octets; -1 where unknown.
fn size(octets: Option<u64>) -> i64 {
    octets.and_then(|octets| i64::try_from(octets).ok()).unwrap_or(-1)
}

/// Whether a field Host can stand in a URL.
fn is_authority(host: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    !host.is_empty() && host.chars().all(is_plain)
}

/// The URL of a target; one that is a URL already stands for itself.
fn url(authority: &str, target: &str) -> String {
    let mut escaped = String::with_capacity(target.len());
    for (number, part) in target.split('%').enumerate() {
        let is_escape = part.get(..2).is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
        match number {
            0 => {}
            _ if is_escape => escaped.push('%'),
            _ => escaped.push_str("%25"),
        }
        escaped.extend(utf8_percent_encode(part, NOT_IN_URLS));
    }
    let has_scheme = ["http://", "https://"].iter().any(|scheme| escaped.starts_with(scheme));
    match escaped.starts_with('/') {
        _ if has_scheme => escaped,
        true => format!("http://{authority}{escaped}"),
        false => format!("http://{authority}/{escaped}"),
    }
}

/// The parameters of a target's query, as they stand there: secrets are masked in that form.
fn query(target: &str) -> Vec<Pair<'_>> {
    let Some((_, query)) = target.split_once('?') else { return Vec::new() };
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    parameters
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            Pair { name, value }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_become_urls() {
        assert_eq!(url("a:80", "/b?c=%41&d=***"), "http://a:80/b?c=%41&d=***");
        assert_eq!(url("a", "/x y%zz/é#{%"), "http://a/x%20y%25zz/%C3%A9%23%7B%25");
        assert_eq!(url("a", "*"), "http://a/*");
        assert_eq!(url("a", "http://b/c"), "http://b/c");
        assert!(is_authority("[2001:db8::1]:80") && !is_authority("a/b") && !is_authority(""));
    }

    #[test]
    fn queries_are_pairs() {
        let told: Vec<_> = query("/a?b=c=d&&e").into_iter().map(|pair| (pair.name, pair.value)).collect();
        assert_eq!(told, [("b", "c=d"), ("e", "")]);
        assert!(query("/a").is_empty());
    }
}
