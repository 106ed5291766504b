//! The rows as a page: one file without any reference to another, that reads without script.

use super::{STATES, Triage, TriageEntry, to_the_second};
use crate::report::html::digest;
use askama::Template;
use std::io::{self, Write};

const STYLE: &str =
    concat!(include_str!("../../../templates/report.css"), include_str!("../../../templates/triage.css"));
const SCRIPT: &str = include_str!("../../../templates/triage.js");

#[derive(Template)]
#[template(path = "triage.html")]
struct Page<'t> {
    triage: &'t Triage,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    /// The states that there are, and how often.
    states: Vec<(&'static str, usize)>,
    rows: Vec<Row<'t>>,
}

struct Row<'t> {
    entry: &'t TriageEntry,
    state: &'t str,
    name: String,
    told: String,
    begins: String,
    ends: String,
    size: String,
}

/// Writes the page.
pub(in crate::report) fn render(triage: &Triage, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Row<'_>> = triage.captures.iter().map(Row::of).collect();
    let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
    let states = STATES.into_iter().chain(["unreadable", "same"]);
    let page = Page {
        triage,
        style: STYLE,
        script: SCRIPT,
        style_hash: digest(STYLE),
        script_hash: digest(SCRIPT),
        states: states.map(|state| (state, count(state))).filter(|(_, count)| *count > 0).collect(),
        rows,
    };
    page.write_into(&mut io::BufWriter::new(out))
}

impl<'t> Row<'t> {
    fn of(entry: &'t TriageEntry) -> Self {
        let time = |time: &Option<String>| time.as_deref().map(to_the_second).unwrap_or_default();
        Self {
            entry,
            state: entry.state_in_words(),
            name: entry.name(),
            told: entry.told(),
            begins: time(&entry.first_time),
            ends: time(&entry.last_time),
            size: octets(entry.size),
        }
    }
}

/// A number of octets for people.
fn octets(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let mut scale = 1;
    let mut shown = format!("{count} B");
    for unit in UNITS {
        if count / scale < 1_000 {
            break;
        }
        let tenths = count / (scale * 100);
        shown = format!("{}.{} {unit}", tenths / 10, tenths % 10);
        scale *= 1_000;
    }
    shown
}
