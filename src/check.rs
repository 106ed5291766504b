//! Does a capture hold a call flow? Flow files in, expected beside seen out.
//!
//! Comes in: a [`Case`], the [`Document`] that tells of it, masked, and [`FlowFile`]s. Goes out: a [`Check`] and its
//! renderings; and the other way, a flow file that a good capture is an example of ([`record()`]). Deliberately does not:
//! call a step missing that may merely not have been captured. Whether an absence is sure is decided where it is decided
//! for all rules.
//!
//! What is matched is what was captured; what is shown is masked, the flow file's own values too.

mod align;
mod expected;
mod file;
mod judge;
mod junit;
mod library;
mod markdown;
mod matching;
mod reader;
mod record;
mod result;
mod rows;
mod text;
mod unit;

pub use file::FlowFile;
pub use library::{ready_made, ready_made_named};
pub use reader::FlowError;
pub use record::record;
pub use result::{Check, ConditionEntry, FlowEntry, SeenEntry, StepEntry, UnitEntry};

use crate::report::{Document, Redaction, Redactor, Style};
use crate::session::Case;
use std::io::{self, Write};

impl Check {
    /// Compares a case with flows; `document` tells of the same case, all of it, masked as `redaction` says.
    pub fn new(case: &Case, document: &Document, redaction: &Redaction, flows: &[FlowFile]) -> Self {
        let redactor = Redactor::new(case, redaction);
        matching::Matching { case, document, redactor: &redactor }.check(flows)
    }
}

/// Writes a check for people.
pub fn render_text(check: &Check, style: Style, out: &mut dyn Write) -> io::Result<()> {
    text::render(check, style, out)
}

/// Writes a check for a ticket.
pub fn render_markdown(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    markdown::render(check, out)
}

/// Writes a check as the result of tests (`JUnit`'s XML): a step is a test, and what it is looked for in is its class.
pub fn render_junit(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    junit::render(check, out)
}

/// The JSON Schema (2020-12) of [`Check`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Check).to_value()
}
