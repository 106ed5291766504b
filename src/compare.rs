//! Comparisons: two captures in, what differs between them out.
//!
//! Comes in: two cases. Goes out: a [`Comparison`], masked, and its renderings. Deliberately does not: read captures, or
//! judge one by itself; that is done by then, by the same rules as ever.
//!
//! Two captures are compared in one of two ways. *Two runs* hold different traffic: they are aligned by backends,
//! methods and the course of flows, and what varies from run to run (ids, times, how many) is not told. *Two vantage
//! points* hold the same traffic, seen at two places: hooks are aligned by ids and content, the offset of the clocks is
//! estimated, and what left one place and never reached the other is named, as far as the captures can tell.
//!
//! Both cases are told with the same key, so that equal secrets have equal masks.

mod clock;
mod connections;
mod difference;
mod document;
mod fields;
mod matching;
mod methods;
mod page;
mod runs;
mod shapes;
mod side;
mod vantage;

use crate::report::{Redaction, Style};
use crate::report::{SCHEMA_VERSION, Tool};
use crate::session::Case;
pub use document::{ClockEntry, Comparison, DifferenceEntry, LatencySplit, Seen, SideEntry, VantageEntry};
use matching::Matched;
use side::Side;
use std::io::{self, Write};

/// What two captures are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Different traffic: one worked, the other did not.
    Runs,
    /// The same traffic, captured at two places.
    VantagePoints,
}

impl Mode {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::VantagePoints => "vantage-points",
        }
    }
}

impl Comparison {
    /// Compares two cases, as `asked`, or as what the captures turn out to be to each other.
    pub fn new(first: &Case, second: &Case, redaction: &Redaction, asked: Option<Mode>) -> Self {
        let sides = Side::both(first, second, redaction);
        let matched = Matched::new(&sides);
        let mode = asked.unwrap_or_else(|| matched.mode(&sides));
        let told = match mode {
            Mode::Runs => runs::compare(&sides),
            Mode::VantagePoints => vantage::compare(&sides, &matched),
        };
        let (differences, summary) = difference::in_order(told.differences, &told.same);
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::this(),
            redacted: sides.iter().all(|side| side.document.redacted),
            mode: mode.name().to_owned(),
            mode_asked: asked.is_some(),
            different: !differences.is_empty(),
            summary,
            sides: sides.iter().map(SideEntry::of).collect(),
            differences,
            vantage: told.vantage,
            notes: told.notes,
        }
    }

    /// Whether neither capture holds any hook traffic.
    pub fn is_absent(&self) -> bool {
        self.sides.iter().all(|side| side.state == "absent")
    }
}

/// Writes a comparison for people.
pub fn render_text(comparison: &Comparison, style: Style, out: &mut dyn Write) -> io::Result<()> {
    page::text(comparison, style, out)
}

/// Writes a comparison for a ticket.
pub fn render_markdown(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    page::markdown(comparison, out)
}

/// The JSON Schema (2020-12) of [`Comparison`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Comparison).to_value()
}
