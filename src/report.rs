//! Reports: a judged case in, text, JSON or a page out.
//!
//! Comes in: a [`Case`](crate::session::Case) with its findings and verdict. Goes out: a [`Document`], masked, and its
//! renderings. Deliberately does not: judge, or compute a number that two renderings share twice.
//!
//! The rules and the catalogue are told in the same forms: as lists, and one by one ([`Topic`]).
//!
//! Secrets are masked while the document is made, in `redact`, so that no renderer ever sees one; control characters
//! are escaped where text goes to a terminal or a page.

mod build;
mod csv;
mod detail;
pub mod document;
mod escape;
mod exchange_rows;
mod exchanges;
mod explain;
mod har;
mod harmless;
mod hook_columns;
mod hook_list;
mod hook_maker;
mod hook_stream;
mod html;
mod indented;
mod index;
mod junit;
mod ladder;
mod live;
mod markdown;
mod mermaid;
mod moments;
mod ndjson;
mod page;
mod recipe;
mod redact;
mod reference;
mod replay;
mod session_list;
mod show;
mod show_text;
mod steps;
mod text;
mod triage;
mod tsv;
mod words;

pub(crate) use build::SCHEMA_VERSION;
pub use detail::{Content, Detail, MessageDetail};
pub use document::{Capture as CaptureEntry, Document, Frame, Selection, Tool};
pub(crate) use document::{Finding, Hook};
pub use escape::for_terminal;
pub(crate) use escape::{for_cell, for_code, for_markdown};
pub use exchanges::{BodyEntry, EndpointEntry, ExchangeEntry, ExchangeList, MessageEntry, PhasesEntry};
pub use explain::{
    Topic, render_methods_markdown, render_methods_text, render_rules_markdown, render_rules_text,
};
pub use hook_list::HookList;
pub use hook_stream::{HookStream, Hooks};
pub(crate) use junit::{Outcome as TestOutcome, Suite, Test};
pub use ladder::Strokes;
pub use live::{Live, News};
pub use moments::Moments;
pub(crate) use page::{Block, Page};
pub use recipe::{
    BackendUrl, Before, CommandEntry, Interface, Lack, Recipe, RecipeBackend, Ring, Step, UrlError, Wanted,
};
pub use redact::{Masked, Redaction};
pub(crate) use redact::{Redactor, plain};
pub use reference::{
    FollowerEntry, MethodEntry, MethodList, ParameterEntry, RuleEntry, RuleList, StatusEntry,
};
pub use replay::{NotRepeatable, Replay};
pub use session_list::SessionList;
pub use show::{ErrorSheet, FieldSheet, HookSheet, MessageSheet};
pub use text::Style;
pub(crate) use text::{LIST, unpad, write_table};
pub use triage::{Triage, TriageEntry, TriageFile, TriageOrder};
pub(crate) use words::{address, answer, cut, describe_capture, reported};

use harmless::Harmless;
use indented::Indented;
use serde::Serialize;
use serde_json::Serializer;
use std::io::{self, BufWriter, Write};

/// Octets of JSON that are written at a time.
const BUFFER: usize = 64 << 10;

/// Writes a report as JSON, ending with a line feed.
pub fn render_json(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    // Of a known type, and in memory: JSON is written in very small pieces.
    let mut out = BufWriter::with_capacity(BUFFER, Harmless::new(out));
    document.serialize(&mut Serializer::with_formatter(&mut out, Indented::default()))?;
    writeln!(out)?;
    out.flush()
}

/// Writes the document for people.
pub fn render_text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    text::render(document, style, out)
}

/// Writes the document as a page for a browser: one file that refers to no other.
pub fn render_html(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    html::render(document, out)
}

/// Writes the document for a ticket.
pub fn render_markdown(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    markdown::render(document, out)
}

/// Writes the document as sequence diagrams for mermaid, each beginning with a line `sequenceDiagram`.
pub fn render_mermaid(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    mermaid::render(document, out)
}

/// Draws the ladders of all sessions.
pub fn render_ladder(
    document: &Document,
    strokes: Strokes,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    ladder::render(document, strokes, style, out)
}

/// Writes all about one hook for people.
pub fn render_show_text(sheet: &HookSheet<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    show_text::render(sheet, style, out)
}

/// Writes the document's hooks for people, a row each.
pub fn render_hooks_text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    hook_list::render(document, style, out)
}

/// Writes the document's hooks as lines, a JSON object each, and a summary in the last.
pub fn render_hooks_ndjson<H: Hooks>(document: &Document<H>, out: &mut dyn Write) -> io::Result<()> {
    ndjson::render_hooks(document, out)
}

/// Writes what is new while a capture grows, for people.
pub fn render_live_text(news: &News<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    live::text(news, style, out)
}

/// Writes what is new while a capture grows: the lines of its hooks and findings.
pub fn render_live_ndjson(news: &News<'_>, out: &mut dyn Write) -> io::Result<()> {
    live::lines(news, out)
}

/// Writes the document for people, without its sessions.
pub fn render_summary_text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    text::summary(document, style, out)
}

/// Writes the last of the lines of [`render_ndjson`], behind so many others.
pub fn render_summary_ndjson(document: &Document, lines: usize, out: &mut dyn Write) -> io::Result<()> {
    ndjson::render_summary(document, lines, out)
}

/// Writes the document's sessions for people, a row each.
pub fn render_sessions_text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    session_list::text(document, style, out)
}

/// Writes the document's sessions and flows as lines, a JSON object each, and a summary in the last.
pub fn render_sessions_ndjson(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    ndjson::render_sessions(document, out)
}

/// Writes the document's sessions as comma-separated values (RFC 4180), safe to open in a spreadsheet.
pub fn render_sessions_csv(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    session_list::csv(document, out)
}

/// The JSON Schema (2020-12) of [`HookList`].
pub fn hooks_schema() -> serde_json::Value {
    schemars::schema_for!(HookList<'_>).to_value()
}

/// The JSON Schema (2020-12) of [`SessionList`].
pub fn sessions_schema() -> serde_json::Value {
    schemars::schema_for!(SessionList<'_>).to_value()
}

/// Writes the list of exchanges for people.
pub fn render_exchanges_text(list: &ExchangeList, style: Style, out: &mut dyn Write) -> io::Result<()> {
    exchange_rows::text(list, style, out)
}

/// Writes the list of exchanges as lines with tabs, under tshark's field names.
pub fn render_exchanges_tsv(list: &ExchangeList, out: &mut dyn Write) -> io::Result<()> {
    exchange_rows::tsv(list, out)
}

/// Writes the document as lines, a JSON object each.
pub fn render_ndjson<H: Hooks>(document: &Document<H>, out: &mut dyn Write) -> io::Result<()> {
    ndjson::render(document, out)
}

/// Writes the document's hooks as comma-separated values (RFC 4180), safe to open in a spreadsheet.
pub fn render_csv(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    csv::render(document, out)
}

/// Writes the document's hooks as lines with tabs, under tshark's field names.
pub fn render_tsv(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    tsv::render(document, out)
}

/// The columns of [`render_csv`] and [`render_tsv`]: names, and what they hold.
pub fn hook_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    hook_columns::COLUMNS.iter().map(|column| (column.name, column.meaning))
}

/// Writes the document's hooks as an HTTP Archive (HAR 1.2); with header fields and bodies where exchanges are kept.
pub fn render_har(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    har::render(document, out)
}

/// Writes the document as the result of tests (`JUnit`'s XML), for systems that run them.
pub fn render_junit(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    junit::render(document, out)
}

/// The JSON Schema (2020-12) of a line of [`render_ndjson`].
pub fn ndjson_schema() -> serde_json::Value {
    schemars::schema_for!(ndjson::Record<'_>).to_value()
}

/// The JSON Schema (2020-12) of [`Document`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// Writes a row for each of many captures, for people.
pub fn render_triage_text(triage: &Triage, style: Style, out: &mut dyn Write) -> io::Result<()> {
    triage::text(triage, style, out)
}

/// Writes a row for each of many captures, as comma-separated values.
pub fn render_triage_csv(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    triage::csv(triage, out)
}

/// Writes a row for each of many captures, as a table in Markdown.
pub fn render_triage_markdown(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    triage::markdown(triage, out)
}

/// Writes a row for each of many captures, as a page for a browser: one file that refers to no other.
pub fn render_triage_html(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    triage::html(triage, out)
}

/// The JSON Schema (2020-12) of [`Triage`].
pub fn triage_schema() -> serde_json::Value {
    schemars::schema_for!(Triage).to_value()
}

/// The JSON Schema (2020-12) of [`ExchangeList`].
pub fn exchanges_schema() -> serde_json::Value {
    schemars::schema_for!(ExchangeList).to_value()
}

/// The JSON Schema (2020-12) of [`HookSheet`].
pub fn show_schema() -> serde_json::Value {
    schemars::schema_for!(HookSheet<'_>).to_value()
}

/// The JSON Schema (2020-12) of [`RuleList`].
pub fn rules_schema() -> serde_json::Value {
    schemars::schema_for!(RuleList).to_value()
}

/// The JSON Schema (2020-12) of [`MethodList`].
pub fn methods_schema() -> serde_json::Value {
    schemars::schema_for!(MethodList).to_value()
}
