//! The rows for terminals, spreadsheets and tickets.

use super::{STATES, Triage, TriageEntry};
use crate::report::csv::guarded;
use crate::report::escape::{for_cell, for_terminal};
use crate::report::text::{LIST, Style};
use crate::report::words::cut;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

const HEADER: [&str; 6] = ["State", "Capture", "Hooks", "Failed", "Begins (UTC)", "What is wrong"];

/// Columns that are left for the last column at least; the time goes without where there are fewer.
const ROOM: usize = 24;
/// Columns that it has in any case.
const LEAST: usize = 8;
/// What stands where text was cut off.
const MORE: &str = "…";

/// Writes the rows for people: a line each, cut to the width.
pub(in crate::report) fn text(triage: &Triage, style: Style, out: &mut dyn Write) -> io::Result<()> {
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
    match triage.captures.len() {
        0 => writeln!(out, "\nno captures")?,
        1 => writeln!(out, "\n1 capture: {}", counted.join(", "))?,
        more => writeln!(out, "\n{more} captures: {}", counted.join(", "))?,
    }
    if let Some(conditions) = &triage.conditions {
        writeln!(out, "by {}", for_terminal(conditions))?;
    }
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
pub(in crate::report) fn csv(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
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
pub(in crate::report) fn markdown(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    if let Some(conditions) = &triage.conditions {
        writeln!(out, "By {}:\n", crate::report::for_code(conditions))?;
    }
    writeln!(out, "| {} |\n|{}", HEADER.join(" | "), "---|".repeat(HEADER.len()))?;
    for entry in &triage.captures {
        let cells: Vec<String> = entry.cells().iter().map(|cell| for_cell(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
