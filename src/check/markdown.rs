//! A check for a ticket.

use super::result::{Check, FlowEntry, UnitEntry};
use super::rows;
use crate::report::{describe_capture, for_cell, for_markdown};
use std::io::{self, Write};

/// Sessions, calls, … that are shown of a flow: trackers limit the length of a text.
const SHOWN: usize = 20;

/// Writes the check.
pub(super) fn render(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}: {}", check.result.to_uppercase(), for_markdown(&rows::summary(check)))?;
    for flow in &check.flows {
        if let Some(reason) = &flow.reason {
            let name = for_markdown(&flow.name);
            writeln!(out, "\n### {name}: {}\n\n{}.", flow.result, for_markdown(reason))?;
        }
        for unit in rows::in_order(flow).into_iter().take(SHOWN) {
            self::unit(flow, unit, out)?;
        }
        if let Some(more) = flow.units.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            writeln!(out, "\n… {more} more.")?;
        }
    }
    writeln!(out, "\n### Capture\n")?;
    for capture in &check.captures {
        writeln!(out, "* {}", for_markdown(&describe_capture(capture)))?;
    }
    let secrets = if check.redacted { "secrets are masked" } else { "secrets are NOT masked" };
    writeln!(out, "\nMade by {} {}; {secrets}.", check.tool.name, check.tool.version)
}

fn unit(flow: &FlowEntry, unit: &UnitEntry, out: &mut dyn Write) -> io::Result<()> {
    let name = format!("{}: {}", flow.name, rows::name(flow, unit));
    writeln!(out, "\n### {}: {}", for_markdown(&name), unit.result)?;
    if let Some(reason) = &unit.reason {
        writeln!(out, "\n{}.", for_markdown(reason))?;
    }
    if !unit.steps.is_empty() {
        writeln!(out, "\n| step | expected | seen | frame | result |\n| ---: | --- | --- | --- | --- |")?;
    }
    for row in unit.steps.iter().flat_map(rows::of_step) {
        let [expected, seen, frame] = [&row.expected, &row.seen, &row.frame].map(|text| for_cell(text));
        writeln!(out, "| {} | {expected} | {seen} | {frame} | {} |", row.step, row.result)?;
    }
    rows::others(unit).map_or(Ok(()), |others| writeln!(out, "\n{}.", for_markdown(&others)))
}
