//! How long answers took, over time.

use super::anchors::{Anchors, words};
use super::axis::{Tick, TimeAxis, coordinate};
use crate::report::document::{Document, Hook};
use crate::report::words::is_problem;
use crate::report::words::seconds;
use std::cmp::Ordering;

/// Points that are drawn.
const POINTS: usize = 1_000;
/// Of them, for what went wrong or is unknown.
const WRONG: usize = 500;
/// Of them, for the slowest.
const SLOWEST: usize = 200;

const LEFT: f64 = 70.0;
const RIGHT: f64 = 948.0;
/// Where hooks without an answer stand, above the scale.
const UNANSWERED: f64 = 16.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 196.0;

/// The plot.
pub(super) struct LatencyPlot {
    pub(super) points: Vec<Point>,
    pub(super) left_out: usize,
    pub(super) times: Vec<Tick>,
    pub(super) latencies: Vec<Tick>,
    /// What it shows, in words.
    pub(super) words: String,
    pub(super) legend: Vec<(String, &'static str)>,
    /// Whether any hook stands above the scale.
    pub(super) unanswered: bool,
}

/// A hook.
pub(super) struct Point {
    pub(super) shape: String,
    pub(super) outcome: String,
    pub(super) target: Option<String>,
    pub(super) title: String,
}

impl LatencyPlot {
    /// Draws, if there is a hook.
    pub(super) fn of(document: &Document, anchors: &Anchors) -> Option<Self> {
        let latencies: Vec<f64> = document.hooks.iter().filter_map(|hook| hook.latency).collect();
        let least = latencies.iter().copied().fold(f64::INFINITY, f64::min);
        let most = latencies.iter().copied().fold(0.0, f64::max);
        let scale = if latencies.is_empty() { Scale::new(0.001, 1.0) } else { Scale::new(least, most) };
        let axis = TimeAxis { left: LEFT, right: RIGHT, end: end(document)? };
        let chosen = choose(&document.hooks);
        let points: Vec<Point> = chosen.iter().map(|hook| point(hook, axis, &scale, anchors)).collect();
        let silent = document.hooks.iter().filter(|hook| hook.latency.is_none()).count();
        let range = if latencies.is_empty() {
            "no hook has a latency".to_owned()
        } else {
            format!("latencies from {} to {}", seconds(least), seconds(most))
        };
        Some(Self {
            left_out: document.hooks.len() - points.len(),
            times: axis.ticks(),
            latencies: scale.ticks(),
            words: format!("{} hooks: {range}; {silent} without an answer.", document.hooks.len()),
            legend: legend(document),
            unanswered: silent > 0,
            points,
        })
    }
}

/// When the last hook had ended; `None` without hooks.
pub(super) fn end(document: &Document) -> Option<f64> {
    let ends = document.hooks.iter().map(|hook| hook.relative + hook.latency.unwrap_or_default());
    (!document.hooks.is_empty()).then(|| ends.fold(0.0, f64::max).max(0.001))
}

/// The hooks that are drawn: what went wrong, the slowest, and of the others each so many-th.
fn choose(hooks: &[Hook]) -> Vec<&Hook> {
    if hooks.len() <= POINTS {
        return hooks.iter().collect();
    }
    let (odd, mut rest): (Vec<(usize, &Hook)>, Vec<_>) =
        hooks.iter().enumerate().partition(|(_, hook)| hook.outcome != "ok");
    let mut chosen = spread(&odd, WRONG);
    let slower =
        |one: &Hook, other: &Hook| other.latency.partial_cmp(&one.latency).unwrap_or(Ordering::Equal);
    rest.sort_by(|one, other| slower(one.1, other.1).then(one.0.cmp(&other.0)));
    let slowest = rest.drain(..SLOWEST.min(rest.len()));
    chosen.extend(slowest);
    rest.sort_by_key(|(place, _)| *place);
    chosen.extend(spread(&rest, POINTS - chosen.len()));
    chosen.sort_by_key(|(place, _)| *place);
    chosen.into_iter().map(|(_, hook)| hook).collect()
}

/// At most so many, evenly spread.
fn spread<'d>(all: &[(usize, &'d Hook)], most: usize) -> Vec<(usize, &'d Hook)> {
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.iter().step_by(step).copied().collect()
}

fn point(hook: &Hook, axis: TimeAxis, scale: &Scale, anchors: &Anchors) -> Point {
    let x = axis.at(hook.relative);
    let y = hook.latency.map_or(UNANSWERED, |latency| scale.at(latency));
    let latency = hook.latency.map_or_else(|| "no latency".to_owned(), seconds);
    let status = hook.status.map(|status| format!(" {status}")).unwrap_or_default();
    Point {
        shape: shape(&hook.outcome, x, y),
        outcome: hook.outcome.clone(),
        target: anchors.target(&hook.frame),
        title: format!(
            "{} in frame {} at {:.3} s: {}{status}, {latency}",
            hook.method,
            words(&hook.frame),
            hook.relative,
            hook.outcome
        ),
    }
}

/// Each outcome has a shape of its own, so that colour never tells it alone.
pub(super) fn shape(outcome: &str, x: f64, y: f64) -> String {
    let (x, y) = (coordinate(x), coordinate(y));
    match outcome {
        "ok" => format!("M{x} {y}m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0"),
        "declined" => format!("M{x} {y}m0-5l5 5l-5 5l-5-5z"),
        "failed" => format!("M{x} {y}m0-5l5 9h-10z"),
        "unanswered" => format!("M{x} {y}m-4.5-4.5l9 9m0-9l-9 9"),
        _ => format!("M{x} {y}m-4 0h8m-4-4v8"),
    }
}

/// A logarithmic scale over whole powers of ten.
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    #[expect(clippy::cast_possible_truncation, reason = "powers of ten between 1e-9 and 1e9")]
    fn new(least: f64, most: f64) -> Self {
        let low = least.clamp(1e-6, 1e6).log10().floor() as i32;
        let high = most.clamp(1e-6, 1e6).log10().ceil() as i32;
        Self { low, high: high.max(low + 1) }
    }

    fn at(&self, latency: f64) -> f64 {
        let (low, high) = (f64::from(self.low), f64::from(self.high));
        let share = (latency.max(1e-9).log10() - low) / (high - low);
        BOTTOM - (BOTTOM - TOP) * share.clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<Tick> {
        let tick = |power: i32| {
            let latency = 10_f64.powi(power);
            let label = match power {
                ..-3 => format!("{:.0} µs", latency * 1e6),
                -3..0 => format!("{:.0} ms", latency * 1e3),
                _ => format!("{latency:.0} s"),
            };
            Tick { at: coordinate(self.at(latency)), label }
        };
        (self.low..=self.high).map(tick).collect()
    }
}

/// Outcomes in the legend, each with its shape, those that occur.
fn legend(document: &Document) -> Vec<(String, &'static str)> {
    ["ok", "declined", "failed", "unanswered", "unknown"]
        .into_iter()
        .filter(|outcome| document.hooks.iter().any(|hook| hook.outcome == *outcome))
        .map(|outcome| (shape(outcome, 8.0, 8.0), outcome))
        .collect()
}

/// Whether a hook is to be seen among others.
pub(super) fn stands_out(hook: &Hook) -> bool {
    is_problem(&hook.outcome)
}
