//! The two messages of a hook in full: header fields, bodies as they stand, and the parts of its time.

use super::exchanges::PhasesEntry;
use super::redact::Redactor;
use crate::http::{Completeness, Exchange, Message};

/// What was sent and received, masked.
#[derive(Debug)]
pub struct Detail {
    /// The request.
    pub request: Option<MessageDetail>,
    /// The final response.
    pub response: Option<MessageDetail>,
    /// The parts of its time.
    pub phases: PhasesEntry,
}

/// A message in full.
#[derive(Debug)]
pub struct MessageDetail {
    /// The start line, without its line end.
    pub start: String,
    /// HTTP/1.0 or HTTP/1.1.
    pub version: String,
    /// A response's reason phrase; empty for requests.
    pub reason: String,
    /// The header fields in the order sent.
    pub fields: Vec<(String, String)>,
    /// Octets of the head with the empty line behind it; unknown where the content is framed in chunks or was not captured whole.
    pub head_length: Option<u64>,
    /// Octets of the content as sent, without the framing of chunks; unknown where some were not captured.
    pub wire_length: Option<u64>,
    /// Octets of the content, decoded, as far as they are there.
    pub length: u64,
    /// Whether that is all of it.
    pub complete: bool,
    /// The content, decoded.
    pub content: Content,
}

/// The content of a message.
#[derive(Debug)]
pub enum Content {
    /// Text in UTF-8.
    Text(String),
    /// Other octets; none where they are masked, since nothing can tell what they hold.
    Binary(Vec<u8>),
}

impl Detail {
    /// Describes an exchange.
    pub(super) fn new(exchange: &Exchange, redactor: &Redactor) -> Self {
        let request = exchange.request.as_ref().map(|request| {
            let line = &request.start;
            // Each by itself, as elsewhere: what a target hides must not depend on the words around it.
            let [method, target] = [&line.method, &line.target].map(|text| redactor.text(text));
            let start = format!("{method} {target} HTTP/1.{}", line.version);
            MessageDetail::new(request, start, line.version, String::new(), redactor)
        });
        let response = exchange.response.as_ref().map(|response| {
            let line = &response.start;
            let reason = redactor.text(&line.reason);
            let start = format!("HTTP/1.{} {} {reason}", line.version, line.status).trim_end().to_owned();
            MessageDetail::new(response, start, line.version, reason, redactor)
        });
        Self { request, response, phases: PhasesEntry::of(exchange) }
    }
}

impl MessageDetail {
    /// Describes a message, whose start line and reason phrase are masked already.
    fn new<S>(message: &Message<S>, start: String, version: u8, reason: String, redactor: &Redactor) -> Self {
        let Message { fields, body, extent, completeness, .. } = message;
        let chunked = fields.is_chunked();
        let whole = *completeness == Completeness::Whole && body.missing == 0;
        let length = extent.octets.end.saturating_sub(extent.octets.start);
        Self {
            start,
            version: format!("HTTP/1.{version}"),
            reason,
            fields: fields.iter().map(|(name, value)| redactor.field(name, value)).collect(),
            head_length: (whole && !chunked).then(|| length.saturating_sub(body.wire_len)),
            wire_length: whole.then_some(body.wire_len),
            length: body.octets.len() as u64,
            complete: whole && !body.cut && !body.undecodable,
            content: content(&body.octets, redactor),
        }
    }
}

fn content(octets: &[u8], redactor: &Redactor) -> Content {
    match str::from_utf8(octets) {
        Ok(text) => Content::Text(redactor.body(text)),
        Err(_) if redactor.is_active() => Content::Binary(Vec::new()),
        Err(_) => Content::Binary(octets.to_owned()),
    }
}
