//! The report as data: what all renderings show, and what `--format json` writes. Absent members are left out.

use super::detail::Detail;
use super::exchanges::EndpointEntry;
use super::moments::Moments;
use crate::hook::JsonObject;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// The report on one or several captures.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Document")]
pub struct Document<H = Vec<Hook>> {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// Which part of the captures it shows, where not the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// The capture files.
    pub captures: Vec<Capture>,
    /// The verdict.
    pub verdict: Verdict,
    /// Where hooks go.
    pub backends: Vec<Backend>,
    /// Every attempt that put a request on the wire, in the order of first frames.
    pub hooks: H,
    /// The hooks of one client's connection to WCS each.
    pub sessions: Vec<Session>,
    /// The hooks of one thing inside a session each.
    pub flows: Vec<Flow>,
    /// Calls of the REST API, into WCS.
    pub rest_api_calls: Vec<RestApiCall>,
    /// What rules concluded, the worst first.
    pub findings: Vec<Finding>,
    /// What the captures hold, counted.
    pub traffic: Traffic,
}

/// A program and its version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// Which part of the captures a report shows. Rules judge the whole; what is left out here was captured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Selection {
    /// The conditions, as the command line has them.
    pub conditions: String,
    /// Whether the verdict is about the part that meets them; otherwise it is about the whole.
    pub judged: bool,
    /// How many hooks are shown.
    pub hooks: u64,
    /// How many are not.
    pub hooks_outside: u64,
    /// How many findings are not shown.
    pub findings_outside: u64,
}

/// A frame: its number as in Wireshark, or `file#number` where there are several files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Frame {
    /// The number.
    Number(u64),
    /// File and number.
    Named(String),
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Named(name) => name.fmt(f),
        }
    }
}

/// A capture file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Capture {
    /// The path as given.
    pub path: String,
    /// The hexadecimal SHA-256 of the file; absent where it has more octets than `--limit digest` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// pcap or pcapng.
    pub format: String,
    /// How the file is compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// Link types, in order of appearance.
    pub link_types: Vec<String>,
    /// How many frames it has.
    pub frames: u64,
    /// The first frame's time, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// The last frame's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
    /// Whether it ends in the middle of a record, or could not be read to its end.
    pub cut_short: bool,
}

/// The verdict.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    /// healthy, degraded, broken, unclear or absent.
    pub state: String,
    /// What is broken, since when, for which sessions.
    pub headline: String,
    /// Who has to act: backend, network, media-server, sip, capture or nobody.
    pub actor: String,
    /// The findings that it rests on, the cause first.
    pub findings: Vec<String>,
}

/// A backend.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Backend {
    /// Its id in this document.
    pub id: String,
    /// Its IP address.
    pub address: String,
    /// Its TCP port.
    pub port: u16,
    /// The field Host of its first hook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The path before the methods' names.
    pub base_path: String,
    /// How many hooks went to it.
    pub hooks: u64,
    /// How many of them were declined, failed or unanswered.
    pub failed: u64,
    /// How long its answers took, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
}

/// Latencies, in seconds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Latency {
    /// The shortest.
    pub min: f64,
    /// The middle one.
    pub median: f64,
    /// The one that 95 of 100 do not exceed.
    pub p95: f64,
    /// The longest.
    pub max: f64,
}

/// A hook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hook {
    /// Its id in this document.
    pub id: String,
    /// The method's name.
    pub method: String,
    /// connect, direct, event or incoming; absent for unknown methods.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub hook_type: Option<String>,
    /// The request's target.
    pub target: String,
    /// The backend's id.
    pub backend: String,
    /// Wireshark's tcp.stream.
    pub stream: u32,
    /// WCS's end of the connection: address and port.
    pub client: EndpointEntry,
    /// The frame that completed the request: Wireshark's frame of it.
    pub frame: Frame,
    /// The frame with its first octet.
    pub first_frame: Frame,
    /// Its frames.
    pub frames: Vec<Frame>,
    /// The frame that completed the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_frame: Option<Frame>,
    /// The response's frames.
    pub response_frames: Vec<Frame>,
    /// When the request began, RFC 3339 in UTC.
    pub time: String,
    /// The same in seconds since the capture's first frame.
    pub relative: f64,
    /// First octet of the request to last octet of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<f64>,
    /// Last octet of the request to first octet of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttfb: Option<f64>,
    /// Wireshark's http.time: last segment of the request to last segment of the response, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_time: Option<f64>,
    /// ok, declined, failed, unanswered or unknown.
    pub outcome: String,
    /// The response's status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there is no response: reset, closed, gave-up, not-captured, unreadable, capture-ended or
    /// end-not-captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_response: Option<String>,
    /// The hook that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<String>,
    /// Whom it is about.
    pub context: Context,
    /// The session's id in this document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The flow's id in this document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// The request's body.
    pub request: Body,
    /// The response's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Body>,
    /// What the response changes in the request's members.
    pub changes: Vec<Change>,
    /// What WCS did about it, if it did not go well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The two messages, where exchanges are kept; the JSON report goes without them.
    #[serde(skip)]
    pub detail: Option<Box<Detail>>,
    /// Its moments as numbers.
    #[serde(skip)]
    pub moments: Moments,
}

/// The context parameters of a hook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Context {
    /// The WCS node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The client's connection on that node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
}

/// A request's or response's body.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Body {
    /// Whether all of it was captured.
    pub complete: bool,
    /// Its members, as far as they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub json: Option<JsonObject>,
    /// Why it is no JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Its beginning, where it is no JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// The field Content-Type of a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The field Server of a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// Why a body is no JSON object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// What it is instead.
    pub what: String,
    /// The line where reading failed, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
}

/// A member that a response changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The member.
    pub field: String,
    /// Its value in the request; absent if it has none there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// Its value in the response.
    pub to: Value,
    /// Whether WCS takes it over: by restPolicy OVERWRITE and restOverwrite, or because the method is connect.
    pub applied: bool,
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    /// Its id in this document.
    pub id: String,
    /// The WCS node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The client's connection on that node.
    pub session_id: String,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
    /// unknown, connecting, refused, established, failed or disconnected.
    pub state: String,
    /// How its hooks are handled.
    pub config: Config,
    /// Its hooks' ids.
    pub hooks: Vec<String>,
    /// Its flows' ids.
    pub flows: Vec<String>,
    /// The ids of findings about it.
    pub findings: Vec<String>,
}

/// A session's restClientConfig.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Config {
    /// Where it comes from: connect (its response), or default.
    pub source: String,
    /// The settings of the methods that it names.
    pub methods: Map<String, Value>,
    /// What WCS cannot understand.
    pub problems: Vec<String>,
}

/// A flow.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Flow {
    /// Its id in this document.
    pub id: String,
    /// call, message, stream, subscription, xcap, data, transfer, bug-report or debug.
    pub kind: String,
    /// What names it, such as the callId; empty where a session has one such thing.
    pub key: String,
    /// The session's id in this document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// open, finished or failed.
    pub state: String,
    /// Its hooks' ids.
    pub hooks: Vec<String>,
}

/// A call of the REST API.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RestApiCall {
    /// The path.
    pub path: String,
    /// Wireshark's tcp.stream.
    pub stream: u32,
    /// The request's frame.
    pub frame: Frame,
    /// The response's status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Its id in this document.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// error, warning or note.
    pub severity: String,
    /// confirmed, likely, possible or unresolved.
    pub confidence: String,
    /// Who has to act: backend, network, media-server, sip, capture or nobody.
    pub actor: String,
    /// The problem in one line.
    pub title: String,
    /// What was seen.
    pub message: String,
    /// What WCS did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What to do.
    pub remedy: String,
    /// How many cases of it there are.
    pub count: u64,
    /// When it was first seen, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
    /// The session's id, if it concerns exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The flow's id, if it concerns exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// The hook's id, if it concerns exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// The id of the finding that explains it: with that mended, this one goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<String>,
    /// The ids of all hooks concerned.
    pub hooks: Vec<String>,
    /// Wireshark's tcp.stream of the connections concerned, the first ones.
    pub streams: Vec<u32>,
    /// The frames that prove it, the first ones.
    pub frames: Vec<Frame>,
    /// A Wireshark display filter that selects at least these frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

/// What the captures hold, counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Traffic {
    /// Frames.
    pub frames: u64,
    /// TCP segments.
    pub tcp_segments: u64,
    /// TCP connections.
    pub tcp_connections: u64,
    /// UDP datagrams.
    pub udp_datagrams: u64,
    /// HTTP requests.
    pub http_requests: u64,
    /// HTTP responses whose request was not captured.
    pub http_responses_alone: u64,
    /// Connections that begin with TLS.
    pub tls_connections: u64,
}
