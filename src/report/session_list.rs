//! `hookscope sessions`: the sessions of a document as one list.

use super::csv::guarded;
use super::document::{Capture, Document, Flow, Hook, Selection, Session, Tool};
use super::escape::for_terminal;
use super::text::{LIST, Style, align_right, hide, table, unpad, write_selection, write_table};
use super::words::{is_problem, seconds};
use ::csv::{Terminator, WriterBuilder};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Columns from which on there is room for application and flows.
const WIDE: u16 = 120;

/// The sessions of captures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionList<'d> {
    /// The version of this format; members are added, never changed, within a major version.
    schema_version: &'d str,
    /// Who wrote it.
    tool: &'d Tool,
    /// Whether secrets are masked.
    redacted: bool,
    /// Which hooks are meant, where not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<&'d Selection>,
    /// The capture files.
    captures: &'d [Capture],
    /// The hooks of one client's connection to WCS each.
    sessions: &'d [Session],
    /// The hooks of one thing inside a session each.
    flows: &'d [Flow],
}

impl<'d> SessionList<'d> {
    /// The sessions of a document.
    pub fn of(document: &'d Document) -> Self {
        let Document { schema_version, tool, redacted, selection, captures, sessions, flows, .. } = document;
        let (redacted, selection) = (*redacted, selection.as_ref());
        Self { schema_version, tool, redacted, selection, captures, sessions, flows }
    }
}

/// A session with what its hooks say.
struct Row<'d> {
    session: &'d Session,
    hooks: Vec<&'d Hook>,
    flows: Vec<&'d Flow>,
}

impl Row<'_> {
    /// How many hooks were declined, failed or unanswered.
    fn failed(&self) -> usize {
        self.hooks.iter().filter(|hook| is_problem(&hook.outcome)).count()
    }

    /// From the first hook to the last, in seconds.
    fn duration(&self) -> f64 {
        let times = || self.hooks.iter().map(|hook| hook.relative);
        times().fold(f64::MIN, f64::max) - times().fold(f64::MAX, f64::min)
    }

    fn flows(&self) -> String {
        let flows = self.flows.iter().map(|flow| format!("{} {}", flow.kind, flow.state));
        flows.collect::<Vec<_>>().join(", ")
    }
}

fn rows(document: &Document) -> impl Iterator<Item = Row<'_>> {
    let hooks: BTreeMap<&str, &Hook> = document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
    let flows: BTreeMap<&str, &Flow> = document.flows.iter().map(|flow| (flow.id.as_str(), flow)).collect();
    document.sessions.iter().map(move |session| Row {
        session,
        hooks: session.hooks.iter().filter_map(|id| hooks.get(id.as_str()).copied()).collect(),
        flows: session.flows.iter().filter_map(|id| flows.get(id.as_str()).copied()).collect(),
    })
}

/// Writes a row for each session, for people.
pub(super) fn text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    write_selection(document, style, out)?;
    let mut table = table(LIST, style.width);
    table.set_header([
        "Id", "Begins", "Takes", "Hooks", "Failed", "State", "Session", "Findings", "App", "Flows",
    ]);
    for row in rows(document) {
        let first = row.hooks.first().map(|hook| format!("{:.3}", hook.relative));
        let cells = [
            row.session.id.clone(),
            first.unwrap_or_default(),
            seconds(row.duration()),
            row.hooks.len().to_string(),
            row.failed().to_string(),
            row.session.state.clone(),
            row.session.session_id.clone(),
            row.session.findings.join(" "),
            row.session.app_key.clone().unwrap_or_default(),
            row.flows(),
        ];
        table.add_row(cells.iter().map(|text| for_terminal(text).into_owned()));
    }
    for column in 1..=4 {
        align_right(&mut table, column);
    }
    if style.width < WIDE {
        hide(&mut table, &[8, 9]);
    }
    unpad(&mut table);
    write_table(out, &table)
}

/// Writes a row for each session, as comma-separated values (RFC 4180).
pub(super) fn csv(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record([
        "id",
        "node_id",
        "session_id",
        "app_key",
        "state",
        "first_time",
        "last_time",
        "duration",
        "hooks",
        "failed",
        "flows",
        "findings",
    ])?;
    for row in rows(document) {
        let time = |hook: Option<&&Hook>| hook.map(|hook| hook.time.clone()).unwrap_or_default();
        let said = |text: &Option<String>| guarded(&for_terminal(text.as_deref().unwrap_or_default()));
        writer.write_record([
            row.session.id.clone(),
            said(&row.session.node_id),
            guarded(&for_terminal(&row.session.session_id)),
            said(&row.session.app_key),
            row.session.state.clone(),
            time(row.hooks.first()),
            time(row.hooks.last()),
            format!("{:.9}", row.duration()),
            row.hooks.len().to_string(),
            row.failed().to_string(),
            row.flows(),
            row.session.findings.join(" "),
        ])?;
    }
    writer.flush()
}
