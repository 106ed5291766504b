//! A comparison as a page: for a terminal, and in Markdown.

use super::document::{ClockEntry, Comparison, DifferenceEntry, LatencySplit, Seen, SideEntry};
use super::vantage;
use crate::report::Style;
use crate::report::{Block, Page, cut, for_code, for_markdown, for_terminal};
use crate::time::Span;
use std::io::{self, Write};

/// Differences that are shown; the rest is counted.
const SHOWN: usize = 40;
/// Columns of a text from a capture.
const MOST_TEXT: usize = 300;

/// Writes a page for a terminal.
pub(super) fn text(comparison: &Comparison, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let plain = |text: &str| for_terminal(text).into_owned();
    Form { comparison, text: &plain, name: &plain }.page().text(style, out)
}

/// Writes Markdown.
pub(super) fn markdown(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    Form { comparison, text: &for_markdown, name: &for_code }.page().markdown_unbroken(out)
}

/// A form: how texts, and names of captures, are made harmless for it.
struct Form<'c> {
    comparison: &'c Comparison,
    text: &'c dyn Fn(&str) -> String,
    name: &'c dyn Fn(&str) -> String,
}

impl Form<'_> {
    fn page(&self) -> Page {
        let comparison = self.comparison;
        let title = match comparison.differences.len() {
            0 => "SAME: no difference".to_owned(),
            1 => "DIFFERENT: 1 difference".to_owned(),
            more => format!("DIFFERENT: {more} differences"),
        };
        let what = if comparison.different { "What changed" } else { "Compared" };
        let mut blocks = vec![
            Block::Text(format!("{what}: {}.", (self.text)(&comparison.summary))),
            Block::text(self.mode()),
            self.sides(),
        ];
        self.differences(&mut blocks);
        self.vantage(&mut blocks);
        if !comparison.notes.is_empty() {
            blocks.push(Block::heading("To know"));
            blocks.push(Block::Items(comparison.notes.iter().map(|note| self.short(note)).collect()));
        }
        if !comparison.redacted {
            blocks.push(Block::text("Caution: secrets are NOT masked in this comparison."));
        }
        Page { title, blocks }
    }

    /// A text from a capture, bounded.
    fn short(&self, text: &str) -> String {
        (self.text)(&cut(text, MOST_TEXT, "…"))
    }

    fn mode(&self) -> &'static str {
        match (self.comparison.mode.as_str(), self.comparison.mode_asked) {
            ("runs", false) => {
                "Two runs, since they have few ids in common: aligned by backends, methods and flows."
            }
            ("runs", true) => "Two runs, as asked for: aligned by backends, methods and flows.",
            (_, false) => {
                "Two vantage points of the same traffic, since they have ids in common: aligned by these."
            }
            (_, true) => "Two vantage points of the same traffic, as asked for: aligned by ids.",
        }
    }

    fn sides(&self) -> Block {
        let row = |label: &str, value: &dyn Fn(&SideEntry) -> String| {
            let mut row = vec![label.to_owned()];
            row.extend(self.comparison.sides.iter().map(value));
            row
        };
        let path = |side: &SideEntry| (self.name)(&side.name);
        let begins = |side: &SideEntry| {
            let first = side.captures.first().and_then(|capture| capture.first_time.clone());
            first.unwrap_or_default().split('.').next().unwrap_or_default().replace('T', " ")
        };
        Block::Rows {
            header: vec!["", "First", "Second"],
            rows: vec![
                row("capture", &path),
                row("begins (UTC)", &begins),
                row("verdict", &|side| side.state.clone()),
                row("hooks", &|side| side.hooks.to_string()),
                row("failed", &|side| side.failed.to_string()),
                row("sessions", &|side| side.sessions.to_string()),
                row("flows", &|side| side.flows.to_string()),
                row("connections", &|side| side.connections.to_string()),
            ],
        }
    }

    fn differences(&self, blocks: &mut Vec<Block>) {
        let differences = &self.comparison.differences;
        if differences.is_empty() {
            return;
        }
        blocks.push(Block::heading("Differences"));
        for difference in differences.iter().take(SHOWN) {
            let DifferenceEntry { id, severity, title, .. } = difference;
            blocks.push(Block::Text(format!("{id} {severity}: {}", self.short(title))));
            let sides = self.comparison.sides.iter().zip(&difference.seen);
            blocks.push(Block::Items(sides.map(|(side, seen)| self.seen(side, seen)).collect()));
        }
        if let Some(more) = differences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            blocks.push(Block::text(format!("… {more} more differences; --format json has them all.")));
        }
    }

    fn seen(&self, side: &SideEntry, seen: &Seen) -> String {
        let frames: Vec<String> = seen.frames.iter().map(|frame| (self.text)(&frame.to_string())).collect();
        let more = if seen.count > seen.frames.len() as u64 { ", …" } else { "" };
        let frames = match frames.len() {
            0 => String::new(),
            1 if more.is_empty() => format!(" (frame {})", frames.concat()),
            _ => format!(" (frames {}{more})", frames.join(", ")),
        };
        format!("{}: {}{frames}", (self.name)(&side.name), self.short(&seen.text))
    }

    fn vantage(&self, blocks: &mut Vec<Block>) {
        let Some(entry) = &self.comparison.vantage else { return };
        blocks.push(Block::heading("Between the two places"));
        let mut items = vantage::in_words(entry);
        items.extend(entry.clock.as_ref().map(|clock| self.clock(clock)));
        match &entry.media_server_side {
            Some(name) => {
                items.push(format!("{} is on WCS's side: answers take longer there.", (self.name)(name)));
            }
            None => items.push("Which capture is on WCS's side is not clear from the times.".to_owned()),
        }
        items.extend(entry.latency.as_ref().map(split));
        blocks.push(Block::Items(items));
    }

    fn clock(&self, clock: &ClockEntry) -> String {
        let name = self.comparison.sides.get(1).map(|side| (self.name)(&side.name)).unwrap_or_default();
        let shown = duration(clock.offset.abs());
        let shown = match clock.offset {
            offset if offset < 0.0 => format!("is {shown} behind the other"),
            offset if offset > 0.0 => format!("is {shown} ahead of the other"),
            _ => "shows the same as the other".to_owned(),
        };
        let hooks = vantage::hooks(clock.samples);
        let base = format!(
            "The clock of {name} {shown} (half of {hooks} within {} of that)",
            duration(clock.spread)
        );
        match (clock.two_way, clock.asymmetry) {
            (true, Some(asymmetry)) => format!(
                "{base}, if requests and answers are under way equally long; it may be wrong by {} if they are not.",
                duration(asymmetry)
            ),
            _ => format!(
                "{base}; no answer is in both captures, so the time that requests are under way is in it."
            ),
        }
    }
}

fn split(latency: &LatencySplit) -> String {
    let LatencySplit { total, backend, between, between_max } = latency;
    format!(
        "Answers take {} (median), {} of it behind the backend's side and {} in between (at most {}).",
        duration(*total),
        duration(*backend),
        duration(*between),
        duration(*between_max)
    )
}

#[expect(clippy::cast_possible_truncation, reason = "durations in a report are far below 2^63 ns")]
fn duration(seconds: f64) -> String {
    Span::from_nanoseconds((seconds * 1e9).round() as i64).to_string()
}
