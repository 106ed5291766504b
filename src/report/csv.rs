//! Comma-separated values by RFC 4180, safe to open in a spreadsheet.

use super::document::Document;
use super::escape::for_terminal;
use super::hook_columns::{COLUMNS, Cell, rows};
use ::csv::{Terminator, WriterBuilder};
use std::io::{self, Write};

/// Writes the hooks, a row each, below a header.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(COLUMNS.iter().map(|column| column.name))?;
    for row in rows(document) {
        writer.write_record(row.into_iter().map(cell))?;
    }
    writer.flush()
}

fn cell(cell: Option<Cell>) -> String {
    match cell {
        None => String::new(),
        // A number may begin with a minus sign; it stays a number.
        Some(Cell::Number(number)) => number,
        Some(Cell::Text(text)) => guarded(&for_terminal(&text)),
        // Commas would make one number of two: 12,140.
        Some(Cell::List(parts)) => guarded(&for_terminal(&parts.join(" "))),
    }
}

/// Text that a spreadsheet takes for text: an apostrophe stands before what begins like a formula (OWASP, CSV
/// injection).
pub(super) fn guarded(text: &str) -> String {
    const LEADS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let guard = if text.starts_with(LEADS) { "'" } else { "" };
    format!("{guard}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_text_and_numbers_stay_numbers() {
        let text = |text: &str| cell(Some(Cell::Text(text.to_owned())));
        assert_eq!(text("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!([text("+1"), text("-1"), text("@SUM(A1)")], ["'+1", "'-1", "'@SUM(A1)"]);
        assert_eq!([text("＝1"), text("\t=1"), text("\r=1")], ["'＝1", "\\x09=1", "\\x0d=1"]);
        assert_eq!([text("a=b"), text("")], ["a=b", ""]);
        assert_eq!(cell(Some(Cell::Number("-0.055000000".to_owned()))), "-0.055000000");
    }
}
