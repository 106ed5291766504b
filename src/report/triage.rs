//! Many captures, a row each: which of them tells of a problem, and of which.

use super::build::SCHEMA_VERSION;
use super::csv::guarded;
use super::document::{Document, Tool};
use super::escape::{for_cell, for_terminal};
use super::text::{LIST, Style};
use super::words::cut;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// Captures, the worst first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Triage {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// The captures.
    pub captures: Vec<TriageEntry>,
    /// Files in the folders that are no captures.
    pub other_files: u64,
}

/// A capture.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct TriageEntry {
    /// The path.
    pub path: String,
    /// Octets of the file.
    pub size: u64,
    /// The hexadecimal SHA-256 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The path of the same capture, told in another row, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// healthy, degraded, broken, unclear or absent; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What is broken, since when, for which sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Who has to act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// How many hooks there are.
    pub hooks: u64,
    /// How many of them were declined, failed or unanswered.
    pub failed: u64,
    /// How many sessions there are.
    pub sessions: u64,
    /// The first frame's time, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// The last frame's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
    /// Whether the file ends in the middle of a record, or could not be read to its end.
    pub cut_short: bool,
}

/// States, the worst first.
const STATES: [&str; 5] = ["broken", "degraded", "unclear", "absent", "healthy"];

impl Triage {
    /// Puts captures in order: the worst first, then by path; equal ones are told once.
    pub fn new(mut captures: Vec<TriageEntry>, other_files: u64, redacted: bool) -> Self {
        captures.sort_by(|one, other| one.rank().cmp(&other.rank()).then_with(|| one.path.cmp(&other.path)));
        for place in 0..captures.len() {
            let (before, rest) = captures.split_at_mut(place);
            if let Some(entry) = rest.first_mut()
                && entry.sha256.is_some()
            {
                let same = before.iter().find(|other| other.sha256 == entry.sha256);
                entry.same_as = same.map(|other| other.path.clone());
            }
        }
        let schema_version = SCHEMA_VERSION.to_owned();
        Self { schema_version, tool: Tool::this(), redacted, captures, other_files }
    }
}

impl TriageEntry {
    /// The row of a capture that was read.
    pub fn of(document: &Document, size: u64) -> Self {
        let capture = document.captures.first();
        Self {
            path: capture.map(|capture| capture.path.clone()).unwrap_or_default(),
            size,
            sha256: capture.map(|capture| capture.sha256.clone()),
            same_as: None,
            error: None,
            state: Some(document.verdict.state.clone()),
            headline: Some(document.verdict.headline.clone()),
            actor: Some(document.verdict.actor.clone()),
            hooks: document.hooks.len() as u64,
            failed: document.backends.iter().map(|backend| backend.failed).sum(),
            sessions: document.sessions.len() as u64,
            first_time: capture.and_then(|capture| capture.first_time.clone()),
            last_time: capture.and_then(|capture| capture.last_time.clone()),
            cut_short: capture.is_some_and(|capture| capture.cut_short),
        }
    }

    /// The row of a file that could not be read.
    pub fn unreadable(path: String, size: u64, error: String) -> Self {
        Self { path, size, error: Some(error), ..Self::default() }
    }

    fn rank(&self) -> usize {
        let state = self.state.as_deref();
        // What cannot be read stands behind what is known to be bad.
        STATES.iter().position(|known| state == Some(known)).unwrap_or(2)
    }

    fn state_in_words(&self) -> &str {
        match (&self.same_as, &self.state) {
            (Some(_), _) => "same",
            (None, Some(state)) => state,
            (None, None) => "unreadable",
        }
    }

    fn told(&self) -> String {
        let cut = if self.cut_short { " (the file is cut short)" } else { "" };
        match (&self.same_as, &self.error, &self.headline) {
            (Some(path), ..) => format!("the same capture as {path}"),
            (None, Some(error), _) => {
                error.strip_prefix(&self.path).map_or(error.as_str(), str::trim).to_owned()
            }
            (None, None, headline) => format!("{}{cut}", headline.as_deref().unwrap_or_default()),
        }
    }

    fn cells(&self) -> [String; 6] {
        let first = self.first_time.as_deref().unwrap_or_default();
        // To the second: the report on the capture has it exactly.
        let first = first.split('.').next().unwrap_or_default().replace('T', " ");
        [
            self.state_in_words().to_owned(),
            self.path.clone(),
            self.hooks.to_string(),
            self.failed.to_string(),
            first,
            self.told(),
        ]
    }
}

const HEADER: [&str; 6] = ["State", "Capture", "Hooks", "Failed", "Begins (UTC)", "What is wrong"];

/// Columns that are left for the last column at least; the time goes without where there are fewer.
const ROOM: usize = 24;
/// Columns that it has in any case.
const LEAST: usize = 8;
/// What stands where text was cut off.
const MORE: &str = "…";

/// Writes the rows for people: a line each, cut to the width.
pub(super) fn text(triage: &Triage, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    let shown = triage.captures.iter().map(TriageEntry::cells);
    rows.extend(shown.map(|cells| cells.iter().map(|cell| for_terminal(cell).into_owned()).collect()));
    let width_of = |rows: &[Vec<String>], column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default()
    };
    let taken = |rows: &[Vec<String>], columns: usize| {
        (0..columns).map(|column| width_of(rows, column) + 2).sum::<usize>()
    };
    let width = usize::from(style.width);
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(1)) {
        *cell = cut_front(cell, width * 2 / 5);
    }
    if taken(&rows, 5) + ROOM > width {
        for row in &mut rows {
            row.remove(4);
        }
    }
    let last = rows.first().map_or(0, |row| row.len().saturating_sub(1));
    let room = width.saturating_sub(taken(&rows, last)).max(LEAST);
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(last)) {
        *cell = cut(cell, room, MORE);
    }
    let mut table = Table::new();
    table.load_style(LIST);
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut rows = rows.into_iter();
    table.set_header(rows.next().unwrap_or_default());
    table.add_rows(rows);
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, u16::from(place < last)));
        if matches!(place, 2 | 3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    let count = |state: &str| triage.captures.iter().filter(|entry| entry.state_in_words() == state).count();
    let counted: Vec<String> = STATES
        .iter()
        .chain(&["unreadable", "same"])
        .map(|state| (count(state), state))
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    let captures = triage.captures.len();
    let plural = if captures == 1 { "" } else { "s" };
    writeln!(out, "\n{captures} capture{plural}: {}", counted.join(", "))?;
    match triage.other_files {
        0 => Ok(()),
        1 => writeln!(out, "1 other file is no capture"),
        more => writeln!(out, "{more} other files are no captures"),
    }
}

/// Text of which the beginning is cut off: the end of a path tells more.
fn cut_front(text: &str, room: usize) -> String {
    let backwards: String = text.chars().rev().collect();
    cut(&backwards, room, MORE).chars().rev().collect()
}

/// Writes the rows as comma-separated values (RFC 4180).
pub(super) fn csv(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    writer.write_record([
        "state",
        "path",
        "hooks",
        "failed",
        "sessions",
        "first_time",
        "last_time",
        "size",
        "sha256",
        "actor",
        "told",
    ])?;
    for entry in &triage.captures {
        let [state, path, hooks, failed, _, told] = entry.cells();
        let text = |text: &str| guarded(&for_terminal(text));
        let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
        writer.write_record([
            state,
            text(&path),
            hooks,
            failed,
            entry.sessions.to_string(),
            maybe(&entry.first_time),
            maybe(&entry.last_time),
            entry.size.to_string(),
            maybe(&entry.sha256),
            maybe(&entry.actor),
            text(&told),
        ])?;
    }
    writer.flush()
}

/// Writes the rows as a table in Markdown.
pub(super) fn markdown(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| {} |\n|{}", HEADER.join(" | "), "---|".repeat(HEADER.len()))?;
    for entry in &triage.captures {
        let cells: Vec<String> = entry.cells().iter().map(|cell| for_cell(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
