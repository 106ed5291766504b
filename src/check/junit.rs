//! A check as the result of tests: a step is a test, and what the flow was looked for in is its class.
//!
//! Failed: missing, or other than expected. Skipped: what the capture cannot decide. Error: a flow that applies to
//! nothing in the capture.

use super::result::{Check, FlowEntry, StepEntry, UnitEntry};
use super::rows;
use crate::report::{Suite, Test, TestOutcome, for_terminal};
use crate::time::Span;
use std::io::{self, Write};

/// Writes the tests.
pub(super) fn render(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let suite = Suite {
        tool: &check.tool,
        redacted: check.redacted,
        captures: &check.captures,
        properties: vec![("result", check.result.clone())],
        tests: check.flows.iter().flat_map(of_flow).collect(),
    };
    suite.write(out)
}

fn of_flow(flow: &FlowEntry) -> Vec<Test> {
    let name = for_terminal(&flow.name).into_owned();
    let none = flow.reason.iter().map(|reason| test(&name, "flow", TestOutcome::Error, reason.clone()));
    none.chain(flow.units.iter().flat_map(|unit| of_unit(flow, unit))).collect()
}

fn of_unit(flow: &FlowEntry, unit: &UnitEntry) -> Vec<Test> {
    let class = for_terminal(&format!("{}.{}", flow.name, unit.id)).into_owned();
    let as_a_whole = unit.reason.iter().map(|reason| {
        let outcome = match unit.result.as_str() {
            "failed" => TestOutcome::Failed,
            _ => TestOutcome::Skipped,
        };
        let others = rows::others(unit).map(|others| format!(": {others}")).unwrap_or_default();
        test(&class, "hooks", outcome, format!("{reason}{others}"))
    });
    as_a_whole.chain(unit.steps.iter().map(|step| of_step(&class, step))).collect()
}

fn of_step(class: &str, step: &StepEntry) -> Test {
    let rows = rows::of_step(step);
    let outcome = match step.state.as_str() {
        "missing" | "differs" => TestOutcome::Failed,
        "undecided" => TestOutcome::Skipped,
        _ => TestOutcome::Passed,
    };
    let line = |row: &rows::Row| format!("expected {}; seen {}", row.expected, row.seen);
    // What differs tells more than the hook that it is about.
    let telling = rows.iter().skip(1).find(|row| row.result == "DIFFERS").or(rows.first());
    let message = telling.map(line).unwrap_or_default();
    let told: Vec<String> = rows.iter().map(|row| format!("{} [{}]", line(row), row.result)).collect();
    let told = for_terminal(&told.join(". ")).into_owned();
    let name = for_terminal(&format!("{} {}", step.step, step.expected)).into_owned();
    Test { told, ..test(class, &name, outcome, message) }
}

fn test(class: &str, name: &str, outcome: TestOutcome, message: String) -> Test {
    let told = for_terminal(&message).into_owned();
    Test { class: class.to_owned(), name: name.to_owned(), outcome, message, told, time: Span::ZERO }
}
