//! Reports: a judged case in, text or JSON out.
//!
//! Comes in: a [`Case`](crate::session::Case) with its findings and verdict. Goes out: a [`Document`], masked, and its
//! renderings. Deliberately does not: judge, or compute a number that two renderings share twice.
//!
//! Secrets are masked while the document is made, in `redact`, so that no renderer ever sees one; control characters
//! are escaped where text goes to a terminal.

mod build;
mod document;
mod escape;
mod redact;
mod text;

pub use document::Document;
pub use text::Style;

use std::io::{self, Write};

/// Writes the document as JSON, ending with a line feed.
pub fn render_json(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// Writes the document for people.
pub fn render_text(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    text::render(document, style, out)
}

/// The JSON Schema (2020-12) of [`Document`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
