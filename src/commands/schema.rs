//! `hookscope schema`: the JSON Schema of a JSON report.

use super::{Error, Exit};
use crate::cli::{Report, Schema};
use hookscope::report;
use std::io::{self, Write as _};

/// Prints the schema.
pub(crate) fn run(arguments: &Schema) -> Result<Exit, Error> {
    let schema = match arguments.report {
        Report::Analyze => report::schema(),
        Report::Ndjson => report::ndjson_schema(),
        Report::Triage => report::triage_schema(),
        Report::Exchanges => report::exchanges_schema(),
        Report::Show => report::show_schema(),
        Report::Rules => report::rules_schema(),
        Report::Methods => report::methods_schema(),
    };
    let mut out = io::stdout().lock();
    let written =
        serde_json::to_writer_pretty(&mut out, &schema).map_err(io::Error::from).and_then(|()| writeln!(out));
    written.map_err(|source| Error::Output { name: "standard output".to_owned(), source })?;
    Ok(Exit::Clean)
}
