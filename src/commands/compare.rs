//! `hookscope compare`: what differs between two captures.

use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Form, Judging, Redacting, Resources};
use clap::{Args, ValueEnum};
use hookscope::compare::{Comparison, Mode, render_markdown, render_text};
use hookscope::report::render_json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  hookscope compare yesterday.pcap today.pcap     it worked yesterday: what is other today?
  hookscope compare wcs.pcap backend.pcap         at two places: what got lost?
  hookscope compare good.pcap bad.pcap -o changes.md";

const EXIT_CODES: &str = "\
Exit codes:
  0 no difference   1 differences   2 wrong usage   3 a capture cannot be read or is none
  4 no hook traffic in either capture   5 output failed";

/// Tell what differs between two captures: two runs, or two places where the same traffic was captured
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// The capture to compare with: a run that went well, or WCS's side; or - for standard input
    #[arg(value_name = "GOOD")]
    good: PathBuf,
    /// The capture in question: a run that fails, or the backend's side; or - for standard input
    #[arg(value_name = "BAD")]
    bad: PathBuf,
    #[arg(from_global)]
    quiet: bool,
    /// What the captures are to each other [default: found out by the ids in them]
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    mode: Option<Relation>,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
    #[command(flatten)]
    resources: Resources,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Relation {
    /// Different traffic: one worked, the other did not
    Runs,
    /// The same traffic, captured at two places
    VantagePoints,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs; `hookscope schema compare` describes it
    Json,
    /// For a ticket
    Markdown,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Markdown => &["md"],
        }
    }
}

/// Compares two captures.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let both = [arguments.good.clone(), arguments.bad.clone()];
    let inputs = both.iter().chain(&arguments.redacting.redact_key);
    let target = Target::of(&arguments.destination, inputs)?;
    let redaction = files::redaction(&arguments.redacting)?;
    if [&arguments.good, &arguments.bad].iter().all(|path| path.as_os_str() == "-") {
        return Err(Error::InputTwice);
    }
    let inputs = files::Inputs::new(&both, &arguments.resources, arguments.quiet);
    let read = |path| inputs.read(std::slice::from_ref(path), arguments.judging.options());
    let (good, bad) = (read(&arguments.good)?, read(&arguments.bad)?);
    drop(inputs);
    let mode = arguments.mode.map(|relation| match relation {
        Relation::Runs => Mode::Runs,
        Relation::VantagePoints => Mode::VantagePoints,
    });
    let comparison = Comparison::new(&good, &bad, &redaction, mode);
    output::write(target.place, arguments.coloring.color, |style, out| match target.format {
        Format::Text => render_text(&comparison, style, out),
        Format::Json => render_json(&comparison, out),
        Format::Markdown => render_markdown(&comparison, out),
    })?;
    Ok(if comparison.is_absent() {
        Exit::Absent
    } else if comparison.different {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
