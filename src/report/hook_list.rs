//! `hookscope hooks`: the hooks of a document as one list.

use super::document::{Backend, Capture, Document, Hook, Selection, Tool};
use super::escape::for_terminal;
use super::index::Index;
use super::text::{LIST, Style, align_right, table, unpad, write_selection, write_table};
use super::words::{self, frame, seconds};
use comfy_table::ColumnConstraint;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Columns from which on there is room for the session and the backend.
const WIDE: u16 = 120;
/// Columns from which on times have six decimals, as in Wireshark.
const MIDDLE: u16 = 90;

/// The hooks of captures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HookList<'d> {
    /// The version of this format; members are added, never changed, within a major version.
    schema_version: &'d str,
    /// Who wrote it.
    tool: &'d Tool,
    /// Whether secrets are masked.
    redacted: bool,
    /// Which hooks are listed, where not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<&'d Selection>,
    /// The capture files.
    captures: &'d [Capture],
    /// Where the hooks go.
    backends: &'d [Backend],
    /// Every attempt that put a request on the wire, in the order of first frames.
    hooks: &'d [Hook],
}

impl<'d> HookList<'d> {
    /// The hooks of a document.
    pub fn of(document: &'d Document) -> Self {
        let Document { schema_version, tool, redacted, selection, captures, backends, hooks, .. } = document;
        let (redacted, selection) = (*redacted, selection.as_ref());
        Self { schema_version, tool, redacted, selection, captures, backends, hooks }
    }
}

/// Writes a row for each hook.
pub(super) fn render(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    write_selection(document, style, out)?;
    let index = Index::new(document);
    let mut table = table(LIST, style.width);
    table.set_header([
        "Id", "Frame", "Time", "Hook", "Reports", "Answer", "Latency", "In", "Findings", "Session", "Backend",
    ]);
    for hook in &document.hooks {
        let row = row(hook, &index, style.width < MIDDLE);
        table.add_row(row.iter().map(|text| for_terminal(text).into_owned()));
    }
    for column in [1, 2, 6, 7] {
        align_right(&mut table, column);
    }
    let hidden = if style.width < WIDE { [9, 10].as_slice() } else { &[] };
    for place in hidden {
        if let Some(column) = table.column_mut(*place) {
            column.set_constraint(ColumnConstraint::Hidden);
        }
    }
    unpad(&mut table);
    write_table(out, &table)
}

fn row(hook: &Hook, index: &Index<'_>, narrow: bool) -> [String; 11] {
    let decimals = if narrow { 3 } else { 6 };
    let findings: Vec<&str> = index.findings(hook).iter().map(|finding| finding.id.as_str()).collect();
    let backend = index.backend(hook).map(|backend| words::address(&backend.address, backend.port));
    [
        hook.id.clone(),
        frame(&hook.frame),
        format!("{:.decimals$}", hook.relative),
        words::name(hook),
        words::reported(hook).unwrap_or_default().to_owned(),
        words::answer(hook),
        hook.latency.map(seconds).unwrap_or_default(),
        hook.response_frame.as_ref().map(frame).unwrap_or_default(),
        findings.join(" "),
        hook.session.clone().unwrap_or_default(),
        backend.unwrap_or_default(),
    ]
}
