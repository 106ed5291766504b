//! A check for people: expected beside seen.

use super::result::{Check, FlowEntry, UnitEntry};
use super::rows;
use crate::report::{LIST, Style, describe_capture, for_terminal, unpad, write_table};
use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, TableStyle};
use std::io::{self, Write};

/// Sessions, calls, … that are shown of a flow.
const SHOWN: usize = 50;

/// Writes the check.
pub(super) fn render(check: &Check, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let text = Text { style };
    text.headline(&check.result, &rows::summary(check), out)?;
    for capture in &check.captures {
        text.paragraph(&format!("capture  {}", describe_capture(capture)), out)?;
    }
    if !check.redacted {
        text.paragraph("caution  secrets are NOT masked in this report", out)?;
    }
    check.flows.iter().try_for_each(|flow| text.flow(flow, out))
}

struct Text {
    style: Style,
}

impl Text {
    fn flow(&self, flow: &FlowEntry, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        if let Some(reason) = &flow.reason {
            self.headline(&flow.result, &format!("{}: {reason}", flow.name), out)?;
        }
        for (index, unit) in rows::in_order(flow).into_iter().take(SHOWN).enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            self.unit(flow, unit, out)?;
        }
        match flow.units.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            Some(more) => writeln!(out, "\n… {more} more; --format json has them all"),
            None => Ok(()),
        }
    }

    fn unit(&self, flow: &FlowEntry, unit: &UnitEntry, out: &mut dyn Write) -> io::Result<()> {
        self.headline(&unit.result, &format!("{}: {}", flow.name, rows::name(flow, unit)), out)?;
        if let Some(reason) = &unit.reason {
            self.paragraph(reason, out)?;
        }
        if !unit.steps.is_empty() {
            let mut table = self.table(LIST);
            table.set_header(["Step", "Expected", "Seen", "Frame", "Result"]);
            for row in unit.steps.iter().flat_map(rows::of_step) {
                let cells = [&row.step, &row.expected, &row.seen, &row.frame];
                let cells = cells.map(|text| Cell::new(for_terminal(text)));
                table.add_row(cells.into_iter().chain([Cell::new(row.result)]));
            }
            if let Some(column) = table.column_mut(0) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            unpad(&mut table);
            write_table(out, &table)?;
        }
        rows::others(unit).map_or(Ok(()), |others| self.paragraph(&others, out))
    }

    fn headline(&self, result: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let word = result.to_uppercase();
        let line = format!("{word}  {}", for_terminal(text));
        let mut table = self.table(NOTHING);
        table.add_row([line]);
        unpad(&mut table);
        let mut written = Vec::new();
        write_table(&mut written, &table)?;
        let written = String::from_utf8_lossy(&written).into_owned();
        out.write_all(written.replacen(&word, &self.paint(&word, color(result)), 1).as_bytes())
    }

    fn paragraph(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut table = self.table(NOTHING);
        table.add_row([for_terminal(text)]);
        unpad(&mut table);
        if let Some(column) = table.column_mut(0) {
            column.set_padding((2, 0));
        }
        write_table(out, &table)
    }

    fn table(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.style.width);
        table
    }

    fn paint(&self, text: &str, ansi: Ansi) -> String {
        if self.style.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }
}

const fn color(result: &str) -> Ansi {
    let color = match result.as_bytes() {
        b"passed" => AnsiColor::Green,
        b"failed" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    color.on_default().bold()
}
