//! One JSON object a line: the document's lists taken apart, for programs that read line by line.

use super::document::{
    Backend, Capture, Document, Finding, Flow, Hook, RestApiCall, Selection, Session, Tool, Traffic, Verdict,
};
use super::escape::in_json;
use super::hook_stream::Hooks;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::io::{self, Write};

/// A line; its member `type` says which one.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Record<'d> {
    /// A capture file.
    Capture(&'d Capture),
    /// A backend.
    Backend(&'d Backend),
    /// A session.
    Session(&'d Session),
    /// A flow.
    Flow(&'d Flow),
    /// A hook.
    Hook(HookRecord<'d>),
    /// A call of the REST API.
    RestApiCall(&'d RestApiCall),
    /// A finding, the worst first.
    Finding(&'d Finding),
    /// The last line: where it is missing, the report is not whole.
    Summary(Summary<'d>),
}

/// The verdict, and what the other lines have in common.
#[derive(Serialize, JsonSchema)]
pub(super) struct Summary<'d> {
    /// The version of this format; members and types are added, never changed, within a major version.
    schema_version: &'d str,
    /// Who wrote it.
    tool: &'d Tool,
    /// Whether secrets are masked.
    redacted: bool,
    /// Which part of the captures the lines show, where not the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<&'d Selection>,
    /// The verdict.
    verdict: &'d Verdict,
    /// What the captures hold, counted.
    traffic: &'d Traffic,
    /// How many lines there are, this one included.
    lines: usize,
}

/// A hook whose own `type` is called `hook_type`, since `type` is the line's.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct HookRecord<'d>(&'d Hook);

const TAKEN: &str = "type";
const GIVEN: &str = "hook_type";

/// Writes a line's JSON, where the second member called [`TAKEN`] is called [`GIVEN`].
#[derive(Default)]
struct LineFormatter {
    depth: usize,
    in_name: bool,
    taken: bool,
}

impl Formatter for LineFormatter {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        CompactFormatter.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        CompactFormatter.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.in_name = self.depth == 1;
        CompactFormatter.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_name = false;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let names = self.in_name && fragment == TAKEN;
        let name = if names && self.taken { GIVEN } else { fragment };
        self.taken |= names;
        out.write_all(name.as_bytes())
    }
}

/// The members under other names where need be, in the same order.
fn renamed(members: Map<String, Value>) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| if name == TAKEN { (GIVEN.to_owned(), value) } else { (name, value) })
        .collect()
}

impl JsonSchema for HookRecord<'_> {
    fn schema_name() -> Cow<'static, str> {
        "HookRecord".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Hook::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            *properties = renamed(std::mem::take(properties));
        }
        schema
    }
}

/// Writes all lines.
pub(super) fn render<H: Hooks>(document: &Document<H>, out: &mut dyn Write) -> io::Result<()> {
    let Document { captures, backends, rest_api_calls, findings, .. } = document;
    let mut lines = Lines { out, count: 0 };
    lines.write(captures.iter().map(Record::Capture))?;
    lines.write(backends.iter().map(Record::Backend))?;
    lines.sessions(document)?;
    lines.hooks(document)?;
    lines.write(rest_api_calls.iter().map(Record::RestApiCall))?;
    lines.write(findings.iter().map(Record::Finding))?;
    render_summary(document, lines.count, out)
}

/// Writes the hooks' lines, and the last.
pub(super) fn render_hooks<H: Hooks>(document: &Document<H>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines { out, count: 0 };
    lines.hooks(document)?;
    render_summary(document, lines.count, out)
}

/// Writes the lines of sessions and flows, and the last.
pub(super) fn render_sessions(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines { out, count: 0 };
    lines.sessions(document)?;
    render_summary(document, lines.count, out)
}

/// Writes the lines of some hooks and findings.
pub(super) fn render_news(hooks: &[&Hook], findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Lines { out, count: 0 };
    lines.write(hooks.iter().map(|hook| Record::Hook(HookRecord(hook))))?;
    lines.write(findings.iter().map(|finding| Record::Finding(finding)))
}

/// Lines, counted.
struct Lines<'o> {
    out: &'o mut dyn Write,
    count: usize,
}

impl Lines<'_> {
    fn write<'d>(&mut self, mut records: impl Iterator<Item = Record<'d>>) -> io::Result<()> {
        records.try_for_each(|record| self.line(&record))
    }

    fn line(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.put(&line(record)?)
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        self.count += 1;
        writeln!(self.out, "{line}")
    }

    fn sessions<H>(&mut self, document: &Document<H>) -> io::Result<()> {
        self.write(document.sessions.iter().map(Record::Session))?;
        self.write(document.flows.iter().map(Record::Flow))
    }

    fn hooks<H: Hooks>(&mut self, document: &Document<H>) -> io::Result<()> {
        let hook = |hook: &Hook| line(&Record::Hook(HookRecord(hook)));
        document.hooks.each(&hook, &mut |line| self.put(line))
    }
}

/// Writes the last line, behind so many others.
pub(super) fn render_summary<H>(document: &Document<H>, lines: usize, out: &mut dyn Write) -> io::Result<()> {
    let lines = lines + 1;
    let Document { schema_version, tool, redacted, selection, verdict, traffic, .. } = document;
    let (redacted, selection) = (*redacted, selection.as_ref());
    let summary = Summary { schema_version, tool, redacted, selection, verdict, traffic, lines };
    writeln!(out, "{}", line(&Record::Summary(summary))?)
}

fn line(record: &Record<'_>) -> io::Result<String> {
    let mut json = Vec::new();
    record.serialize(&mut Serializer::with_formatter(&mut json, LineFormatter::default()))?;
    let json = String::from_utf8(json).map_err(io::Error::other)?;
    match in_json(&json) {
        Cow::Borrowed(_) => Ok(json),
        Cow::Owned(harmless) => Ok(harmless),
    }
}
