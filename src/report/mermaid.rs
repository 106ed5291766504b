//! Sequence diagrams for mermaid, as trackers and wikis draw them: session after session.

use super::document::{Backend, Document, Hook};
use super::escape::for_terminal;
use super::steps::{self, Part, Step};
use super::words::{address, answer, frame, seconds};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Messages of a diagram.
const MOST_MESSAGES: usize = 400;
/// Characters of a diagram, as mermaid counts them (UTF-16), with some room for its first lines.
const MOST_CHARACTERS: usize = 49_000;
/// Characters of a label.
const LABEL: usize = 160;
const INDENT: &str = "    ";

/// Writes the diagrams.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut diagrams = Diagrams { document, done: Vec::new(), open: Diagram::default() };
    for part in steps::parts(document) {
        diagrams.part(&part);
    }
    if document.hooks.is_empty() {
        let headline = &document.verdict.headline;
        diagrams.open.lines.push(format!("Note over W: {}", label(&format!("no hook: {headline}"))));
    }
    diagrams.close();
    let count = diagrams.done.len();
    for (number, diagram) in (1..).zip(&diagrams.done) {
        writeln!(out, "sequenceDiagram")?;
        if count > 1 {
            writeln!(out, "{INDENT}%% diagram {number} of {count}")?;
        }
        for line in diagram.participants.iter().chain(&diagram.lines) {
            writeln!(out, "{INDENT}{line}")?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Diagram<'d> {
    participants: Vec<String>,
    /// The backends that have their line.
    known: BTreeSet<&'d str>,
    lines: Vec<String>,
    messages: usize,
    size: usize,
}

struct Diagrams<'d> {
    document: &'d Document,
    done: Vec<Diagram<'d>>,
    open: Diagram<'d>,
}

impl<'d> Diagrams<'d> {
    fn part(&mut self, part: &Part<'d>) {
        let Some(last) = part.backends.last() else { return };
        let note = |more: &str| {
            format!("Note over W,{}: {}", name(&last.id), label(&format!("{}{more}", part.title())))
        };
        self.add(&[note("")], &part.backends, 0, &[]);
        for step in &part.steps {
            let lines = messages(step);
            self.add(&lines, &part.backends, lines.len(), &[note(", continued")]);
        }
    }

    /// Adds lines; where they do not fit, a new diagram begins with `head`.
    fn add(&mut self, lines: &[String], backends: &[&'d Backend], messages: usize, head: &[String]) {
        let size: usize = lines.iter().map(|line| length(line)).sum();
        if self.open.messages + messages > MOST_MESSAGES || self.open.size + size > MOST_CHARACTERS {
            self.close();
            self.add(head, backends, 0, &[]);
        }
        for backend in backends {
            if self.open.known.insert(&backend.id) {
                let target = address(&backend.address, backend.port);
                let text = label(&format!("{} {target} {}", backend.id, backend.base_path));
                let line = format!("participant {} as {text}", name(&backend.id));
                self.open.size += length(&line);
                self.open.participants.push(line);
            }
        }
        self.open.lines.extend_from_slice(lines);
        self.open.messages += messages;
        self.open.size += size;
    }

    fn close(&mut self) {
        let mut diagram = std::mem::take(&mut self.open);
        diagram.participants.insert(0, format!("participant W as {}", label(&self.wcs())));
        self.done.push(diagram);
    }

    /// WCS, with its address where all hooks come from one.
    fn wcs(&self) -> String {
        let mut addresses = self.document.hooks.iter().map(|hook| hook.client.address.as_str());
        match addresses.next() {
            Some(first) if addresses.all(|other| other == first) => format!("WCS {first}"),
            _ => "WCS".to_owned(),
        }
    }
}

/// What a line adds to a diagram.
fn length(line: &str) -> usize {
    INDENT.len() + line.encode_utf16().count() + 1
}

/// A backend's name in the diagram.
fn name(id: &str) -> String {
    id.to_uppercase()
}

fn messages(step: &Step<'_>) -> Vec<String> {
    let to =
        |hook: &Hook, arrow: &str, text: String| format!("W{arrow}{}: {}", name(&hook.backend), label(&text));
    let from = |hook: &Hook, text: String| format!("{}-->>W: {}", name(&hook.backend), label(&text));
    match step {
        Step::Request(hook) => {
            vec![to(hook, "->>", format!("{} #{}", steps::request(hook), frame(&hook.frame)))]
        }
        Step::Answer(hook) => {
            let latency = hook.latency.map(|latency| format!(" ({})", seconds(latency)));
            vec![from(hook, format!("{}{}", answer(hook), latency.unwrap_or_default()))]
        }
        Step::Lost(hook) => {
            let request = format!("{} #{}", steps::request(hook), frame(&hook.frame));
            let (arrow, reason) = match &hook.no_response {
                Some(reason) if hook.outcome == "unanswered" => {
                    ("-x", format!("no answer: {}", reason.replace('-', " ")))
                }
                _ => ("->>", format!("answer unknown: {}", answer(hook))),
            };
            vec![to(hook, arrow, format!("{request} ({reason})"))]
        }
        Step::Repeats(hooks) => {
            let (Some(first), Some(last)) = (hooks.first(), hooks.last()) else { return Vec::new() };
            let frames = format!("#{} to #{}", frame(&first.frame), frame(&last.frame));
            vec![
                to(first, "->>", format!("{} {frames}", steps::repeats(hooks))),
                from(last, steps::repeats_answer(hooks)),
            ]
        }
    }
}

/// Text that is text to mermaid, bounded: whatever could be anything else stands as a character's number, and so does
/// the word `end`, which would close a block.
fn label(text: &str) -> String {
    let text = for_terminal(text);
    let mut safe = String::with_capacity(text.len());
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            safe.push(' ');
        }
        let ends = word.eq_ignore_ascii_case("end");
        for (place, letter) in word.chars().enumerate() {
            let plain = letter.is_alphanumeric() && letter != 'ﬂ' || ".,/-_()+=×…".contains(letter);
            if plain && !(ends && place == 0) {
                safe.push(letter);
            } else {
                let written = write!(safe, "#{};", u32::from(letter));
                debug_assert!(written.is_ok(), "writing to a string cannot fail");
            }
        }
        if safe.chars().count() > LABEL {
            return bounded(&safe);
        }
    }
    safe
}

/// Cut, but not inside of a character's number.
fn bounded(safe: &str) -> String {
    let cut: String = safe.chars().take(LABEL).collect();
    let whole = match cut.rsplit_once('#') {
        Some((before, number)) if !number.contains(';') => before,
        _ => cut.as_str(),
    };
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mermaid_would_read_is_a_characters_number() {
        for (text, safe) in [
            ("call PENDING #12", "call PENDING #35;12"),
            ("a;b <i>\"x\"</i>", "a#59;b #60;i#62;#34;x#34;#60;/i#62;"),
            ("the end, END", "the end, #69;ND"),
            ("end", "#101;nd"),
            ("%%{init: {}}%% wrap:x", "#37;#37;#123;init#58; #123;#125;#125;#37;#37; wrap#58;x"),
            ("one\ntwo\u{202e}", "one#92;x0atwo#92;u#123;202e#125;"),
        ] {
            assert_eq!(label(text), safe);
        }
        let long = label(&"#".repeat(100));
        assert!(long.ends_with(";…") && long.chars().count() <= LABEL + 1, "{long}");
    }
}
