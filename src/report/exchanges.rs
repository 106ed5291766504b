//! Every HTTP exchange, hook or not, as data: what its renderings show, and what `--format json` writes.

use super::build::{SCHEMA_VERSION, capture};
use super::document::{Capture, Frame, Tool};
use super::hook_maker::no_response;
use super::redact::{Redaction, Redactor};
use crate::endpoint::Endpoint;
use crate::http::{Completeness, Exchange, Message, NoResponse};
use crate::session::{BodyDigest, Case, ListedExchange};
use crate::time::{Span, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

/// The HTTP exchanges of one or several captures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExchangeList {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// The capture files.
    pub captures: Vec<Capture>,
    /// The exchanges, in the order of first frames.
    pub exchanges: Vec<ExchangeEntry>,
}

/// A request with its response, or one of the two alone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExchangeEntry {
    /// Its id in this document.
    pub id: String,
    /// The name of the hook that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// Wireshark's tcp.stream.
    pub stream: u32,
    /// Who asks: address and port.
    pub client: EndpointEntry,
    /// Who is to answer.
    pub server: EndpointEntry,
    /// The request, unless it was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<MessageEntry>,
    /// The final response, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<MessageEntry>,
    /// Why there is no response: reset, closed, gave-up, not-captured, unreadable, capture-ended or end-not-captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_response: Option<String>,
    /// The frame that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_response_frame: Option<Frame>,
    /// The frame in which the server's machine acknowledged the whole request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_frame: Option<Frame>,
    /// First octet of the request to last octet of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<f64>,
    /// Last octet of the request to first octet of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttfb: Option<f64>,
    /// Wireshark's http.time: last segment of the request to last segment of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_time: Option<f64>,
    /// The parts of its time.
    pub phases: PhasesEntry,
}

/// An end of a connection.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EndpointEntry {
    /// The IP address.
    pub address: String,
    /// The TCP port.
    pub port: u16,
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MessageEntry {
    /// The frame that completed it: Wireshark's frame of it.
    pub frame: Frame,
    /// The frame with its first octet.
    pub first_frame: Frame,
    /// Its frames.
    pub frames: Vec<Frame>,
    /// When its last frame was captured, RFC 3339 in UTC.
    pub time: String,
    /// The same in seconds since 1970, exactly.
    pub epoch: String,
    /// The same in seconds since the capture's first frame, exactly.
    pub relative: String,
    /// When its first frame was captured.
    pub first_time: String,
    /// A request's method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A request's target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// A response's status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A response's reason phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// HTTP/1.0 or HTTP/1.1.
    pub version: String,
    /// The field Host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The field Content-Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The field Content-Length, as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_length: Option<String>,
    /// whole, not-captured, broken (an end closed in the middle of it) or capture-ended.
    pub completeness: String,
    /// Its content.
    pub body: BodyEntry,
}

/// The content of a message.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BodyEntry {
    /// Octets, decoded; as far as they are there.
    pub length: u64,
    /// The hexadecimal SHA-256 of these.
    pub sha256: String,
    /// Whether that is all: all of it was captured, and it is no longer than the limit.
    pub complete: bool,
    /// Octets as sent, without the framing of chunks.
    pub encoded_length: u64,
    /// The codings of the content, and of its transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coding: Option<String>,
}

/// The parts of an exchange's time, in seconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PhasesEntry {
    /// From the SYN until the connection could be used; the first exchange of a connection has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<f64>,
    /// From then, or from the end of the response before, to the request's first octet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<f64>,
    /// From the request's first octet to its last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<f64>,
    /// From there to the response's first octet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<f64>,
    /// From there to its last octet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<f64>,
}

impl EndpointEntry {
    /// An address and port.
    pub(super) fn of(end: Endpoint, redactor: &Redactor) -> Self {
        Self { address: redactor.address(end.ip()), port: end.port() }
    }
}

impl PhasesEntry {
    /// The phases of an exchange.
    pub(super) fn of(exchange: &Exchange) -> Self {
        let phases = exchange.phases();
        let seconds = |span: Option<Span>| span.map(Span::seconds);
        Self {
            connect: seconds(phases.connect),
            idle: seconds(phases.idle),
            send: seconds(phases.send),
            wait: seconds(phases.wait),
            receive: seconds(phases.receive),
        }
    }
}

impl ExchangeList {
    /// Lists the exchanges of a case, masked as `redact` says: `true` masks secrets, `false` nothing.
    pub fn new(case: &Case, redact: impl Into<Redaction>) -> Self {
        let maker = Maker { case, redactor: Redactor::new(case, &redact.into()) };
        let exchanges = (1..).zip(&case.exchanges).map(|(number, listed)| maker.entry(number, listed));
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::this(),
            redacted: maker.redactor.is_active(),
            captures: case.captures.iter().map(capture).collect(),
            exchanges: exchanges.collect(),
        }
    }
}

struct Maker<'c> {
    case: &'c Case,
    redactor: Redactor,
}

impl Maker<'_> {
    fn entry(&self, number: usize, listed: &ListedExchange) -> ExchangeEntry {
        let ListedExchange { exchange, request_body, response_body, hook } = listed;
        let seconds = |span: Option<Span>| span.map(Span::seconds);
        ExchangeEntry {
            id: format!("x{number}"),
            hook: hook.as_deref().map(|name| self.redactor.text(name)),
            stream: exchange.connection.0,
            client: EndpointEntry::of(exchange.client, &self.redactor),
            server: EndpointEntry::of(exchange.server, &self.redactor),
            request: self.request(exchange, request_body.as_ref()),
            response: self.response(exchange, response_body.as_ref()),
            no_response: exchange.no_response.map(|reason| no_response(reason).to_owned()),
            no_response_frame: exchange.no_response.and_then(|reason| match reason {
                NoResponse::Reset(at)
                | NoResponse::Closed(at)
                | NoResponse::GaveUp(at)
                | NoResponse::Unreadable(at) => Some(Frame::of(self.case, at.frame)),
                _ => None,
            }),
            acknowledged_frame: exchange.acknowledged.map(|at| Frame::of(self.case, at.frame)),
            latency: seconds(exchange.latency()),
            ttfb: seconds(exchange.ttfb()),
            http_time: seconds(exchange.http_time()),
            phases: PhasesEntry::of(exchange),
        }
    }

    fn request(&self, exchange: &Exchange, digest: Option<&BodyDigest>) -> Option<MessageEntry> {
        let request = exchange.request.as_ref()?;
        Some(MessageEntry {
            method: Some(self.redactor.text(&request.start.method)),
            target: Some(self.redactor.text(&request.start.target)),
            ..self.message(request, request.start.version, digest?)
        })
    }

    fn response(&self, exchange: &Exchange, digest: Option<&BodyDigest>) -> Option<MessageEntry> {
        let response = exchange.response.as_ref()?;
        Some(MessageEntry {
            status: Some(response.start.status),
            reason: Some(self.redactor.text(&response.start.reason)),
            ..self.message(response, response.start.version, digest?)
        })
    }

    fn message<S>(&self, message: &Message<S>, version: u8, digest: &BodyDigest) -> MessageEntry {
        let Message { fields, body, extent, completeness, .. } = message;
        let field = |name: &str| fields.get(name).map(|value| self.redactor.field(name, value).1);
        let frame = |number| Frame::of(self.case, number);
        MessageEntry {
            frame: frame(extent.last.frame),
            first_frame: frame(extent.first.frame),
            frames: extent.frames.iter().map(|number| frame(*number)).collect(),
            time: extent.last.time.rfc3339(),
            epoch: extent.last.time.since(Timestamp::default()).decimal(),
            relative: extent.last.time.since(self.case.start()).decimal(),
            first_time: extent.first.time.rfc3339(),
            method: None,
            target: None,
            status: None,
            reason: None,
            version: format!("HTTP/1.{version}"),
            host: field("host"),
            content_type: field("content-type"),
            content_length: field("content-length"),
            completeness: match completeness {
                Completeness::Whole => "whole",
                Completeness::NotCaptured => "not-captured",
                Completeness::Broken => "broken",
                Completeness::CaptureEnded => "capture-ended",
            }
            .to_owned(),
            body: BodyEntry {
                length: digest.len,
                sha256: digest.sha256.clone(),
                complete: *completeness == Completeness::Whole && body.missing == 0 && !body.cut,
                encoded_length: body.wire_len,
                coding: body.coding.as_deref().map(|coding| self.redactor.text(coding)),
            },
        }
    }
}
