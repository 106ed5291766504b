//! `hookscope sessions`: sessions, a row each.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Filtering, Form, Input, Judging, Redacting};
use clap::{Args, ValueEnum};
use hookscope::report::{
    SessionList, render_json, render_sessions_csv, render_sessions_ndjson, render_sessions_text,
};

const EXAMPLES: &str = "\
Examples:
  hookscope sessions log.pcap                     every session, a row each
  hookscope sessions log.pcap --app defaultApp --status 4xx
                                                  those of an application with refused hooks
  hookscope sessions log.pcap -o sessions.csv     for a spreadsheet";

const EXIT_CODES: &str = "\
Exit codes:
  0 sessions listed   2 wrong usage   3 input cannot be read or is no capture
  4 no session in the capture, or none that meets the conditions   5 output failed";

/// List sessions, a row each
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    filtering: Filtering,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs; `hookscope schema sessions` describes it
    Json,
    /// One JSON object a line, sessions and their flows, and a summary in the last; `hookscope schema ndjson` describes it
    Ndjson,
    /// For spreadsheets
    Csv,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
        }
    }
}

/// Lists sessions.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, judging, filtering, redacting, .. } = arguments;
    let target = Target::of(&arguments.destination, input.captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let document = Judged::part(input, judging, filtering, &redaction, false)?.document(redaction);
    output::write(target.place, arguments.coloring.color, |style, out| match target.format {
        Format::Text => render_sessions_text(&document, style, out),
        Format::Json => render_json(&SessionList::of(&document), out),
        Format::Ndjson => render_sessions_ndjson(&document, out),
        Format::Csv => render_sessions_csv(&document, out),
    })?;
    Ok(if document.sessions.is_empty() { Exit::Absent } else { Exit::Clean })
}
