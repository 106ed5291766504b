//! The hooks of a document as rows of named columns: what the forms for spreadsheets and scripts have in common.

use super::document::{Backend, Document, Finding, Flow, Frame, Hook};
use super::index::Index;
use crate::time::Timestamp;

/// A value. Numbers stay numbers in whatever reads them, text is never taken for anything else.
pub(super) enum Cell {
    /// Digits, with a sign and a point at most.
    Number(String),
    /// Anything.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// A column: its name, what it holds, and where that comes from.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    value: fn(&Row<'_>) -> Option<Cell>,
}

/// A hook with what belongs to it.
struct Row<'d> {
    hook: &'d Hook,
    backend: Option<&'d Backend>,
    flow: Option<&'d Flow>,
    findings: &'d [&'d Finding],
}

const fn column(name: &'static str, meaning: &'static str, value: fn(&Row<'_>) -> Option<Cell>) -> Column {
    Column { name, meaning, value }
}

/// The columns: tshark's fields first, under its names, then what only hookscope knows.
pub(super) const COLUMNS: &[Column] = &[
    column("frame.number", "the frame that completed the request", |row| Some(frame(&row.hook.frame))),
    column("frame.time_relative", "its time, in seconds since the capture's first frame", |row| {
        Some(Cell::Number(row.hook.moments.relative.decimal()))
    }),
    column("frame.time_epoch", "its time, in seconds since 1970", |row| {
        Some(Cell::Number(row.hook.moments.asked.since(Timestamp::default()).decimal()))
    }),
    column("ip.src", "WCS's address, IPv4 or IPv6", |row| text(&row.hook.client.address)),
    column("tcp.srcport", "WCS's port", |row| number(row.hook.client.port)),
    column("ip.dst", "the backend's address, IPv4 or IPv6", |row| text(&row.backend?.address)),
    column("tcp.dstport", "the backend's port", |row| number(row.backend?.port)),
    column("tcp.stream", "the TCP connection", |row| number(row.hook.stream)),
    column("http.request.uri", "the request's target", |row| text(&row.hook.target)),
    column("http.response_in", "the frame that completed the response", |row| {
        row.hook.response_frame.as_ref().map(frame)
    }),
    column("http.response.code", "the response's status code", |row| number(row.hook.status?)),
    column("http.content_type", "the response's Content-Type", |row| {
        text(row.hook.response.as_ref()?.content_type.as_ref()?)
    }),
    column("http.time", "from the one frame to the other, in seconds", |row| seconds(row.hook.http_time)),
    column("hookscope.id", "the hook's id, the same in all forms of the report", |row| text(&row.hook.id)),
    column("hookscope.hook", "the hook method", |row| text(&row.hook.method)),
    column("hookscope.type", "connect, direct, event or incoming", |row| text(row.hook.hook_type.as_ref()?)),
    column("hookscope.backend", "the backend's id", |row| text(&row.hook.backend)),
    column("hookscope.session", "the session's id", |row| text(row.hook.session.as_ref()?)),
    column("hookscope.flow", "the flow's id", |row| text(row.hook.flow.as_ref()?)),
    column("hookscope.flow_kind", "call, message, stream, …", |row| text(&row.flow?.kind)),
    column("hookscope.flow_key", "what names the flow, such as the callId", |row| text(&row.flow?.key)),
    column("hookscope.node_id", "the WCS node", |row| text(row.hook.context.node_id.as_ref()?)),
    column("hookscope.session_id", "the client's connection on that node", |row| {
        text(row.hook.context.session_id.as_ref()?)
    }),
    column("hookscope.app_key", "the application", |row| text(row.hook.context.app_key.as_ref()?)),
    column("hookscope.outcome", "ok, declined, failed, unanswered or unknown", |row| text(&row.hook.outcome)),
    column("hookscope.no_response", "why there is no response", |row| text(row.hook.no_response.as_ref()?)),
    column("hookscope.retry_of", "the id of the hook that this one repeats", |row| {
        text(row.hook.retry_of.as_ref()?)
    }),
    column("hookscope.time", "when the request began, RFC 3339 in UTC", |row| text(&row.hook.time)),
    column(
        "hookscope.latency",
        "first octet of the request to last octet of the response, in seconds",
        |row| seconds(row.hook.latency),
    ),
    column("hookscope.ttfb", "last octet of the request to first octet of the response, in seconds", |row| {
        seconds(row.hook.ttfb)
    }),
    column("hookscope.frames", "the request's frames", |row| frames(&row.hook.frames)),
    column("hookscope.response_frames", "the response's frames", |row| frames(&row.hook.response_frames)),
    column("hookscope.findings", "the ids of the findings about it", |row| {
        list(row.findings.iter().map(|finding| &finding.id))
    }),
    column("hookscope.rules", "the rules of these, in the same order", |row| {
        list(row.findings.iter().map(|finding| &finding.rule))
    }),
    column("hookscope.effect", "what WCS did about it, if it did not go well", |row| {
        text(row.hook.effect.as_ref()?)
    }),
];

/// The hooks as rows, a cell for each column.
pub(super) fn rows(document: &Document) -> impl Iterator<Item = Vec<Option<Cell>>> {
    let index = Index::new(document);
    document.hooks.iter().map(move |hook| {
        let findings = index.findings(hook);
        let row = Row { hook, backend: index.backend(hook), flow: index.flow(hook), findings };
        COLUMNS.iter().map(|column| (column.value)(&row)).collect()
    })
}

#[expect(clippy::unnecessary_wraps, reason = "most columns' values may be absent")]
fn text(text: &str) -> Option<Cell> {
    Some(Cell::Text(text.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "most columns' values may be absent")]
fn number(number: impl Into<u32>) -> Option<Cell> {
    Some(Cell::Number(number.into().to_string()))
}

/// Seconds with nine decimals, as tshark writes them.
fn seconds(seconds: Option<f64>) -> Option<Cell> {
    seconds.map(|seconds| Cell::Number(format!("{seconds:.9}")))
}

fn frame(frame: &Frame) -> Cell {
    match frame {
        Frame::Number(number) => Cell::Number(number.to_string()),
        Frame::Named(name) => Cell::Text(name.clone()),
    }
}

fn frames(frames: &[Frame]) -> Option<Cell> {
    if let [one] = frames {
        return Some(frame(one));
    }
    list(frames)
}

fn list(parts: impl IntoIterator<Item = impl ToString>) -> Option<Cell> {
    let parts: Vec<String> = parts.into_iter().map(|part| part.to_string()).collect();
    (!parts.is_empty()).then_some(Cell::List(parts))
}
