//! `hookscope hooks`: the hooks of a document as one list.

use super::document::{Backend, Capture, Document, Hook, Selection, Tool};
use super::escape::for_terminal;
use super::index::Index;
use super::text::{
    HOOK_HEADER, LIST, NARROW, Style, align_right, hide, hook_cells, table, unpad, write_selection,
    write_table,
};
use super::words;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Columns from which on there is room for the session and the backend.
const WIDE: u16 = 120;

/// The hooks of captures.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HookList")]
pub struct HookList<'d, H = Vec<Hook>> {
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
    hooks: &'d H,
}

impl<'d, H> HookList<'d, H> {
    /// The hooks of a document.
    pub fn of(document: &'d Document<H>) -> Self {
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
    table.set_header(["Id"].iter().chain(&HOOK_HEADER).chain(&["Findings", "Session", "Backend"]));
    for hook in &document.hooks {
        let row = row(hook, &index, style.width < NARROW);
        table.add_row(row.map(|text| for_terminal(&text).into_owned()));
    }
    for column in [1, 2, 6, 7] {
        align_right(&mut table, column);
    }
    if style.width < WIDE {
        hide(&mut table, &[9, 10]);
    }
    unpad(&mut table);
    write_table(out, &table)
}

fn row(hook: &Hook, index: &Index<'_>, narrow: bool) -> impl Iterator<Item = String> {
    let findings: Vec<&str> = index.findings(hook).iter().map(|finding| finding.id.as_str()).collect();
    let backend = index.backend(hook).map(|backend| words::address(&backend.address, backend.port));
    let behind = [findings.join(" "), hook.session.clone().unwrap_or_default(), backend.unwrap_or_default()];
    [hook.id.clone()].into_iter().chain(hook_cells(hook, narrow)).chain(behind)
}
