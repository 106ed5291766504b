//! Writes the flow file that a good capture is an example of.
//!
//! What is particular to the capture is left out: who, when, and which. What is left is which hooks came in which order,
//! what status each event reported, and how each was answered.

use super::unit::{Seen, Unit};
use crate::catalog::{HookMethod, HookType};
use crate::hook::Outcome;
use crate::report::{Redaction, Redactor};
use crate::session::Case;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A step as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    method: HookMethod,
    /// The status that the event reports.
    reports: Option<String>,
    outcome: Outcome,
    status: Option<u16>,
}

/// Makes a flow file of a case's hooks, called `name`: of its sessions, if all went the same way, else of the capture. None
/// if it has no hook that the catalogue knows.
pub fn record(case: &Case, name: &str, redaction: &Redaction) -> Option<String> {
    let redactor = Redactor::new(case, redaction);
    let of = |unit: Unit| steps(&unit.hooks(case), &redactor);
    let mut sessions = (0..case.sessions.len()).map(|index| of(Unit::Session(index)));
    let first = sessions.next().unwrap_or_default();
    let alone = case.hooks.iter().any(|record| record.session.is_none());
    let (per, steps) = if !alone && sessions.all(|other| other == first) {
        ("session", first)
    } else {
        ("capture", of(Unit::Capture))
    };
    if steps.is_empty() {
        return None;
    }
    let mut file = String::from(
        "# Recorded from a capture: which hooks come, in which order, and how they are answered. A step\n\
         # expects 200 with a JSON object unless it says otherwise. Take out what does not matter, and add\n\
         # what does: docs/check.md names all keys.\n\n[flow]\n",
    );
    line(&mut file, "name", &quoted(name));
    line(&mut file, "per", &quoted(per));
    let mut rest = steps.as_slice();
    while let Some(step) = rest.first() {
        let count = rest.iter().take_while(|other| *other == step).count();
        write_step(&mut file, step, count);
        rest = rest.get(count..).unwrap_or_default();
    }
    Some(file)
}

fn steps(hooks: &[Seen<'_>], redactor: &Redactor) -> Vec<Recorded> {
    let step = |seen: &Seen<'_>| {
        let method = seen.last.method?;
        let event = method.spec().hook_type == HookType::Event;
        // A status that is masked is none of those that the documents know.
        let reports = seen.first.status().filter(|status| event && redactor.text(status) == **status);
        let (outcome, status) = (seen.last.outcome, seen.last.status_code());
        Some(Recorded { method, reports: reports.map(Cow::into_owned), outcome, status })
    };
    hooks.iter().filter_map(step).collect()
}

fn write_step(file: &mut String, step: &Recorded, count: usize) {
    file.push_str("\n[[step]]\n");
    line(file, "method", &quoted(step.method.name()));
    if let Some(status) = &step.reports {
        line(file, "request", &format!("{{ status = {} }}", quoted(status)));
    }
    match (step.outcome, step.status) {
        (Outcome::Ok, _) => {}
        (Outcome::Unknown, _) => line(file, "outcome", &quoted("any")),
        (Outcome::Declined | Outcome::Failed, Some(status)) if status != 200 => {
            line(file, "status", &status.to_string());
        }
        (outcome, _) => line(file, "outcome", &quoted(outcome.name())),
    }
    if count > 1 {
        line(file, "repeat", "true");
    }
}

fn line(file: &mut String, key: &str, value: &str) {
    let written = writeln!(file, "{key} = {value}");
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

/// A basic string of TOML. What could drive a terminal is written as an escape.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            letter if letter.is_alphanumeric() => quoted.push(letter),
            other => quoted.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_as_they_were_written() {
        for text in ["plain", "a\"b\\c", "\u{1b}[31m\n\u{202e}ü", ""] {
            let file = format!("[flow]\nname = {}\n[[step]]\nmethod = \"call\"\n", quoted(text));
            assert!(!file.contains('\u{1b}'));
            assert_eq!(crate::check::FlowFile::parse("x", &file).unwrap().name, text);
        }
    }
}
