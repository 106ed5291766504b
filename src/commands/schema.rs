//! `hookscope schema`: the JSON Schema of the JSON report.

use super::{Error, Exit};
use hookscope::report;
use std::io::{self, Write as _};

/// Prints the schema.
pub(crate) fn run() -> Result<Exit, Error> {
    let mut out = io::stdout().lock();
    let written = serde_json::to_writer_pretty(&mut out, &report::schema())
        .map_err(io::Error::from)
        .and_then(|()| writeln!(out));
    written.map_err(|source| Error::Output { name: "standard output".to_owned(), source })?;
    Ok(Exit::Clean)
}
