//! The list of exchanges as rows: for people, and for programs that split lines at tabs.

use super::document::Frame;
use super::escape::for_terminal;
use super::exchanges::{EndpointEntry, ExchangeEntry, ExchangeList, MessageEntry};
use super::text::{LIST, Style};
use super::tsv;
use super::words::seconds as span;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};
use std::io::{self, Write};

/// A column: its name, and its value.
type Column = (&'static str, fn(&ExchangeEntry) -> Option<String>);

/// The columns for programs: tshark's field names where it has them, of the frame that it attaches the message to. A row
/// is a request with its response; a response alone has only the latter's columns, and its own frame's.
const COLUMNS: &[Column] = &[
    ("frame.number", |entry| Some(frame(&main(entry)?.frame))),
    ("frame.time_relative", |entry| Some(main(entry)?.relative.clone())),
    ("frame.time_epoch", |entry| Some(main(entry)?.epoch.clone())),
    ("ip.src", |entry| Some(sender(entry).address.clone())),
    ("tcp.srcport", |entry| Some(sender(entry).port.to_string())),
    ("ip.dst", |entry| Some(receiver(entry).address.clone())),
    ("tcp.dstport", |entry| Some(receiver(entry).port.to_string())),
    ("tcp.stream", |entry| Some(entry.stream.to_string())),
    ("http.request.method", |entry| entry.request.as_ref()?.method.clone()),
    ("http.host", |entry| entry.request.as_ref()?.host.clone()),
    ("http.request.uri", |entry| entry.request.as_ref()?.target.clone()),
    ("http.response_in", |entry| {
        entry.request.as_ref()?;
        Some(frame(&entry.response.as_ref()?.frame))
    }),
    ("http.response.code", |entry| Some(entry.response.as_ref()?.status?.to_string())),
    ("http.response.phrase", |entry| entry.response.as_ref()?.reason.clone()),
    ("http.content_type", |entry| entry.response.as_ref()?.content_type.clone()),
    ("http.time", |entry| seconds(entry.http_time)),
    ("hookscope.latency", |entry| seconds(entry.latency)),
    ("hookscope.ttfb", |entry| seconds(entry.ttfb)),
    ("hookscope.connect", |entry| seconds(entry.phases.connect)),
    ("hookscope.idle", |entry| seconds(entry.phases.idle)),
    ("hookscope.send", |entry| seconds(entry.phases.send)),
    ("hookscope.receive", |entry| seconds(entry.phases.receive)),
    ("hookscope.request_length", |entry| Some(entry.request.as_ref()?.body.length.to_string())),
    ("hookscope.response_length", |entry| Some(entry.response.as_ref()?.body.length.to_string())),
    ("hookscope.hook", |entry| entry.hook.clone()),
    ("hookscope.no_response", |entry| entry.no_response.clone()),
];

/// Writes rows for programs: a header, tabs between, nothing quoted; control characters are escaped.
pub(super) fn tsv(list: &ExchangeList, out: &mut dyn Write) -> io::Result<()> {
    let row = |entry| COLUMNS.iter().map(|(_, value)| value(entry).unwrap_or_default()).collect();
    tsv::write(COLUMNS.iter().map(|(name, _)| *name), list.exchanges.iter().map(row), out)
}

/// Columns from which on there is room for stream and server.
const MIDDLE: u16 = 100;
/// Columns from which on there is room for the client, too.
const WIDE: u16 = 140;

/// Writes rows for people.
pub(super) fn text(list: &ExchangeList, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(LIST).set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    table.set_header([
        "frame", "time", "stream", "client", "server", "request", "answer", "in frame", "latency",
    ]);
    for column in [0, 1, 2, 7, 8] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let shown = [(0, 0), (1, 0), (2, MIDDLE), (3, WIDE), (4, MIDDLE), (7, 0), (8, 0)];
    for (column, least) in shown {
        let is_shown = style.width >= least;
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(if is_shown {
                ColumnConstraint::ContentWidth
            } else {
                ColumnConstraint::Hidden
            });
        }
    }
    for entry in &list.exchanges {
        table.add_row(cells(entry).map(|text| Cell::new(for_terminal(&text))));
    }
    if !list.exchanges.is_empty() {
        writeln!(out, "{}\n", table.trim_fmt())?;
    }
    if !list.redacted {
        writeln!(out, "Secrets are NOT masked in this list.")?;
    }
    let hooks = list.exchanges.iter().filter(|entry| entry.hook.is_some()).count();
    match list.exchanges.len() {
        0 => {
            writeln!(
                out,
                "No HTTP exchange in the capture.\n`hookscope analyze` tells what there is instead."
            )
        }
        1 => writeln!(out, "1 HTTP exchange, {hooks} of them a hook."),
        count => writeln!(out, "{count} HTTP exchanges, {hooks} of them hooks."),
    }
}

fn cells(entry: &ExchangeEntry) -> [String; 9] {
    let asked = entry.request.as_ref();
    let request = asked.map_or("(not captured)".to_owned(), |request| {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{} {}", text(&request.method), text(&request.target))
    });
    let answer = entry.response.as_ref().map(|response| {
        let (status, reason) =
            (response.status.unwrap_or_default(), response.reason.as_deref().unwrap_or_default());
        format!("{status} {reason}").trim_end().to_owned()
    });
    let answered = entry.response.as_ref().filter(|_| asked.is_some());
    [
        main(entry).map(|message| frame(&message.frame)).unwrap_or_default(),
        main(entry)
            .and_then(|message| message.relative.get(..message.relative.len() - 3))
            .unwrap_or_default()
            .to_owned(),
        entry.stream.to_string(),
        end(&entry.client),
        end(&entry.server),
        request,
        answer.or_else(|| entry.no_response.as_ref().map(|why| format!("none: {why}"))).unwrap_or_default(),
        answered.map(|answer| frame(&answer.frame)).unwrap_or_default(),
        entry.latency.map(span).unwrap_or_default(),
    ]
}

/// The message whose frame the row is about.
fn main(entry: &ExchangeEntry) -> Option<&MessageEntry> {
    entry.request.as_ref().or(entry.response.as_ref())
}

fn sender(entry: &ExchangeEntry) -> &EndpointEntry {
    if entry.request.is_some() { &entry.client } else { &entry.server }
}

fn receiver(entry: &ExchangeEntry) -> &EndpointEntry {
    if entry.request.is_some() { &entry.server } else { &entry.client }
}

fn end(end: &EndpointEntry) -> String {
    let EndpointEntry { address, port } = end;
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn frame(frame: &Frame) -> String {
    match frame {
        Frame::Number(number) => number.to_string(),
        Frame::Named(name) => name.clone(),
    }
}

/// Seconds with nine decimals, as tshark writes them.
fn seconds(seconds: Option<f64>) -> Option<String> {
    seconds.map(|seconds| format!("{seconds:.9}"))
}
