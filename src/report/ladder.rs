//! A ladder for each session, for a terminal: a row a message, WCS on the left, backends to the right of it.

use super::document::{Backend, Document, Frame, Hook};
use super::escape::for_terminal;
use super::steps::{self, Part, Step, answered_at};
use super::text::Style;
use super::words::{self, address, answer, frame, seconds};
use anstyle::{AnsiColor, Style as Ansi};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// Columns from lane to lane: fewer have no room for a label, more are no easier to read.
const HOP: std::ops::RangeInclusive<usize> = 24..=64;
/// Columns below which times have milliseconds only.
const NARROW: u16 = 90;

/// The characters that ladders are drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Strokes {
    lane: char,
    line: char,
    right: char,
    left: char,
    lost: char,
    times: char,
    more: &'static str,
}

impl Strokes {
    /// Box characters.
    pub const UNICODE: Self =
        Self { lane: '│', line: '─', right: '►', left: '◄', lost: '✗', times: '×', more: "…" };
    /// Nothing but ASCII.
    pub const ASCII: Self =
        Self { lane: '|', line: '-', right: '>', left: '<', lost: 'X', times: 'x', more: "..." };
}

/// Writes the ladders of all sessions.
pub(super) fn render(
    document: &Document,
    strokes: Strokes,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut is_first = true;
    for part in &steps::parts(document) {
        if !is_first {
            writeln!(out)?;
        }
        is_first = false;
        Ladder::new(part, strokes, style).write(out)?;
    }
    if is_first {
        writeln!(out, "No hook to draw: {}", for_terminal(&document.verdict.headline))?;
    }
    Ok(())
}

struct Ladder<'d> {
    part: &'d Part<'d>,
    strokes: Strokes,
    style: Style,
    /// Decimals of times.
    decimals: usize,
    /// Columns of frame, time, and the time since the row before.
    columns: [usize; 3],
    /// Columns from lane to lane.
    hop: usize,
    /// Whether the backends have a lane each; where there is no room, they share one.
    apart: bool,
}

/// A row: where, when, and an arrow.
struct Row<'d> {
    frame: &'d Frame,
    at: f64,
    backend: &'d str,
    label: String,
    /// What became of the answer, where there is none.
    reason: String,
    head: Head,
    color: Option<AnsiColor>,
}

/// Where an arrow points.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Right,
    Left,
    Lost,
    /// As a request goes; of its answer nothing is known.
    Unknown,
}

impl<'d> Ladder<'d> {
    fn new(part: &'d Part<'d>, strokes: Strokes, style: Style) -> Self {
        let decimals = if style.width < NARROW { 3 } else { 6 };
        let mut ladder = Self { part, strokes, style, decimals, columns: [5, 4, 1], hop: 0, apart: true };
        let mut before = None;
        for row in ladder.rows() {
            let texts = [frame(row.frame), ladder.time(row.at), ladder.since(row.at, &mut before)];
            for (column, text) in ladder.columns.iter_mut().zip(&texts) {
                *column = (*column).max(text.width());
            }
        }
        // Names of files may be long: their ends tell them apart.
        if let Some(frames) = ladder.columns.first_mut() {
            *frames = (*frames).min(usize::from(style.width) / 3);
        }
        let left = ladder.columns.iter().sum::<usize>() + 2 * ladder.columns.len();
        let room = usize::from(style.width).saturating_sub(left + 1);
        let lanes = part.backends.len().max(1);
        ladder.apart = room / lanes >= *HOP.start();
        ladder.hop = (if ladder.apart { room / lanes } else { room }).min(*HOP.end());
        ladder
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = self.cut(&self.part.title(), usize::from(self.style.width));
        writeln!(out, "{}", self.paint(&title, Some(Ansi::new().bold())))?;
        let delta = if self.strokes.lane.is_ascii() { "+" } else { "Δ" };
        writeln!(out, "{}{}", self.left("frame", "time", delta), self.lanes())?;
        let mut before = None;
        for row in self.rows() {
            let since = self.since(row.at, &mut before);
            let left = self.left(&frame(row.frame), &self.time(row.at), &since);
            writeln!(out, "{left}{}", self.arrow(&row))?;
        }
        Ok(())
    }

    fn rows(&self) -> Vec<Row<'d>> {
        self.part.steps.iter().flat_map(|step| self.rows_of(step)).collect()
    }

    fn rows_of(&self, step: &Step<'d>) -> Vec<Row<'d>> {
        match step {
            Step::Request(hook) => vec![request_row(hook, steps::request(hook))],
            Step::Answer(hook) => vec![answer_row(hook, with_latency(hook))],
            Step::Lost(hook) => {
                let row = request_row(hook, steps::request(hook));
                let (reason, color) = (answer(hook), Some(color(hook)));
                let head = if hook.outcome == "unanswered" { Head::Lost } else { Head::Unknown };
                vec![Row { reason, head, color, ..row }]
            }
            Step::Repeats(hooks) => {
                let (Some(first), Some(last)) = (hooks.first(), hooks.last()) else { return Vec::new() };
                let label = steps::repeats(hooks).replacen('×', &self.strokes.times.to_string(), 1);
                let label = format!("{label} to {}", frame(&last.frame));
                vec![request_row(first, label), answer_row(last, steps::repeats_answer(hooks))]
            }
        }
    }

    fn left(&self, frame: &str, time: &str, since: &str) -> String {
        let mut text = String::new();
        for (column, part) in self.columns.iter().zip([frame, time, since]) {
            let part = for_terminal(part);
            let beyond = part.chars().count().saturating_sub(*column);
            let part: String = part.chars().skip(beyond).collect();
            text.push_str(&" ".repeat(column.saturating_sub(part.width())));
            text.push_str(&part);
            text.push_str("  ");
        }
        text
    }

    fn time(&self, at: f64) -> String {
        format!("{at:.*}", self.decimals)
    }

    /// The time since the row before.
    fn since(&self, at: f64, before: &mut Option<f64>) -> String {
        before.replace(at).map(|before| self.time(at - before)).unwrap_or_default()
    }

    /// The lanes' names.
    fn lanes(&self) -> String {
        let name = |backend: &&Backend| format!("{} {}", backend.id, address(&backend.address, backend.port));
        let mut names: Vec<String> = self.part.backends.iter().map(name).collect();
        if !self.apart {
            names = vec![names.join(", ")];
        }
        let mut text = "WCS".to_owned();
        let last = names.len();
        // The last lane's name ends below it, the others' begin there: the last two share what is between them.
        let two: usize = names.iter().rev().take(2).map(|name| name.width() + 1).sum();
        let shared = last > 1 && two > self.hop;
        for (lane, name) in (1..).zip(&names) {
            let room = match lane == last {
                _ if shared && lane + 1 >= last => self.hop / 2 - 1,
                true => self.hop.saturating_sub(4),
                false => self.hop.saturating_sub(1),
            };
            let name = self.cut(name, room);
            let end = if lane == last {
                (lane * self.hop + 1).saturating_sub(name.width())
            } else {
                lane * self.hop
            };
            text.push_str(&" ".repeat(end.saturating_sub(text.width()).max(1)));
            text.push_str(&name);
        }
        text
    }

    /// A row's lanes, with its arrow.
    fn arrow(&self, row: &Row<'d>) -> String {
        let place = self.part.backends.iter().position(|backend| backend.id == row.backend);
        let lane = if self.apart { place.unwrap_or_default() + 1 } else { 1 };
        let lanes = if self.apart { self.part.backends.len().max(1) } else { 1 };
        let room = (lane * self.hop).saturating_sub(1);
        let mut label = row.label.clone();
        if !self.apart {
            label = format!("{}: {label}", row.backend);
        }
        let head = match row.head {
            Head::Right | Head::Unknown => self.strokes.right,
            Head::Left => self.strokes.left,
            Head::Lost => self.strokes.lost,
        };
        let drawn = match row.head {
            Head::Unknown => self.line(&format!("{label}: {}", row.reason), room, "", head, false),
            _ => self.line(&label, room, &row.reason, head, row.head == Head::Left),
        };
        let bar = self.strokes.lane;
        let rest =
            format!("{}{bar}", " ".repeat(self.hop.saturating_sub(1))).repeat(lanes.saturating_sub(lane));
        let color = row.color.map(AnsiColor::on_default);
        format!("{bar}{}{bar}{rest}", self.paint(&drawn, color))
    }

    /// A line of `room` columns with a label on it; what is behind its head, such as the reason of a loss, stands there.
    fn line(&self, label: &str, room: usize, behind: &str, head: char, to_left: bool) -> String {
        let behind = if behind.is_empty() {
            String::new()
        } else {
            format!(" {} ", self.cut(behind, room.saturating_sub(10)))
        };
        let stroke = |count: usize| self.strokes.line.to_string().repeat(count);
        let label = self.cut(label, room.saturating_sub(behind.width() + 8));
        // Two strokes and a blank on either side, and the head.
        let free = room.saturating_sub(behind.width() + label.width() + 3);
        if to_left {
            format!("{head}{} {label} {}", stroke(free.saturating_sub(2)), stroke(2))
        } else {
            format!("{} {label} {}{head}{behind}", stroke(2), stroke(free.saturating_sub(2)))
        }
    }

    /// Text for a terminal, cut to its room.
    fn cut(&self, text: &str, room: usize) -> String {
        let text = for_terminal(text);
        let text = if self.strokes.lane.is_ascii() { ascii(&text) } else { text.into_owned() };
        words::cut(&text, room, self.strokes.more)
    }

    fn paint(&self, text: &str, ansi: Option<Ansi>) -> String {
        match ansi.filter(|_| self.style.color) {
            Some(ansi) => format!("{ansi}{text}{ansi:#}"),
            None => text.to_owned(),
        }
    }
}

/// Text for terminals that know ASCII only: all other characters as `\u{e4}`.
fn ascii(text: &str) -> String {
    let shown = |letter: char| {
        if letter.is_ascii() { letter.to_string() } else { letter.escape_unicode().to_string() }
    };
    text.chars().map(shown).collect()
}

fn request_row(hook: &Hook, label: String) -> Row<'_> {
    Row {
        frame: &hook.frame,
        at: hook.relative,
        backend: &hook.backend,
        label,
        reason: String::new(),
        head: Head::Right,
        color: None,
    }
}

fn answer_row(hook: &Hook, label: String) -> Row<'_> {
    Row {
        frame: hook.response_frame.as_ref().unwrap_or(&hook.frame),
        at: answered_at(hook),
        backend: &hook.backend,
        label,
        reason: String::new(),
        head: Head::Left,
        color: Some(color(hook)),
    }
}

fn with_latency(hook: &Hook) -> String {
    let latency = hook.latency.map(|latency| format!(" {}", seconds(latency)));
    format!("{}{}", answer(hook), latency.unwrap_or_default())
}

fn color(hook: &Hook) -> AnsiColor {
    match hook.outcome.as_str() {
        "ok" => AnsiColor::Green,
        "failed" | "unanswered" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    }
}
