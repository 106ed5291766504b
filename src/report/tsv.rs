//! Lines with tabs between values, as `tshark -T fields -E header=y` writes them: a header, nothing quoted, control
//! characters escaped.

use super::document::Document;
use super::escape::for_terminal;
use super::hook_columns::{COLUMNS, Cell, rows};
use std::io::{self, Write};

/// Writes the hooks, a line each.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let text = |cell: Option<Cell>| match cell {
        Some(Cell::Number(text) | Cell::Text(text)) => text,
        // As tshark's default aggregator.
        Some(Cell::List(parts)) => parts.join(","),
        None => String::new(),
    };
    let lines = rows(document).map(|row| row.into_iter().map(text).collect());
    write(COLUMNS.iter().map(|column| column.name), lines, out)
}

/// Writes a header, and lines.
pub(super) fn write<'n>(
    names: impl Iterator<Item = &'n str>,
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", names.collect::<Vec<_>>().join("\t"))?;
    for row in rows {
        let escaped: Vec<_> = row.iter().map(|value| for_terminal(value)).collect();
        writeln!(out, "{}", escaped.join("\t"))?;
    }
    Ok(())
}
