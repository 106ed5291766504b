//! `hookscope hooks`: hooks, a row each.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Filtering, Form, Input, Judging, Redacting};
use clap::{Args, ValueEnum};
use hookscope::report::{
    HookList, render_csv, render_hooks_ndjson, render_hooks_text, render_json, render_tsv,
};

const EXAMPLES: &str = "\
Examples:
  hookscope hooks log.pcap                                       every hook, a row each
  hookscope hooks log.pcap --where 'status != 200 && latency > 0.5'
  hookscope hooks log.pcap --method call --since 09:00:00 --format csv
  hookscope hooks log.pcap --format ndjson | jq -r 'select(.outcome == \"failed\") | .frame'";

const EXIT_CODES: &str = "\
Exit codes:
  0 hooks listed   2 wrong usage   3 input cannot be read or is no capture
  4 no hook in the capture, or none that meets the conditions   5 output failed";

/// List hooks, a row each
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
    /// For programs; `hookscope schema hooks` describes it
    Json,
    /// One JSON object a line, and a summary in the last; `hookscope schema ndjson` describes it
    Ndjson,
    /// For spreadsheets
    Csv,
    /// Lines with tabs, under tshark's field names
    Tsv,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv"],
        }
    }
}

/// Lists hooks.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, judging, filtering, redacting, .. } = arguments;
    let target = Target::of(&arguments.destination, input.captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let judged = Judged::part(input, judging, filtering, &redaction, false)?;
    let color = arguments.coloring.color;
    let is_empty = match target.format {
        Format::Json | Format::Ndjson => {
            let document = judged.streamed(redaction, input.resources.threads());
            output::write(target.place, color, |_, out| match target.format {
                Format::Json => render_json(&HookList::of(&document), out),
                _ => render_hooks_ndjson(&document, out),
            })?;
            document.hooks.is_empty()
        }
        Format::Text | Format::Csv | Format::Tsv => {
            let document = judged.document(redaction);
            output::write(target.place, color, |style, out| match target.format {
                Format::Csv => render_csv(&document, out),
                Format::Tsv => render_tsv(&document, out),
                _ => render_hooks_text(&document, style, out),
            })?;
            document.hooks.is_empty()
        }
    };
    judged.leave();
    Ok(if is_empty { Exit::Absent } else { Exit::Clean })
}
