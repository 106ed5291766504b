//! `hookscope exchanges`: every HTTP exchange, hook or not.

use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Color, Destination, Form, Input, Redacting};
use crate::config::Knowledge;
use clap::{Args, ValueEnum};
use hookscope::report::{ExchangeList, render_exchanges_text, render_exchanges_tsv, render_json};
use hookscope::session::Options;

const EXAMPLES: &str = "\
Examples:
  hookscope exchanges log.pcap                    requests and their answers, a row each
  hookscope exchanges log.pcap --format tsv       for scripts, under tshark's field names
  hookscope exchanges log.pcap -o exchanges.json     with all frames, phases, digests";

const EXIT_CODES: &str = "\
Exit codes:
  0 exchanges listed   2 wrong usage   3 input cannot be read or is no capture
  4 no HTTP in the capture   5 output failed";

/// List every HTTP exchange, hook or not, with Wireshark's frames and times
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    knowledge: Knowledge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs; `hookscope schema exchanges` describes it
    Json,
    /// Lines with tabs, under tshark's field names
    Tsv,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Tsv => &["tsv"],
        }
    }
}

/// Lists exchanges.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Input { captures, resources, quiet } = &arguments.input;
    let redacting = &arguments.redacting;
    let target = Target::of(&arguments.destination, captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let options = Options { list_exchanges: true, ..arguments.knowledge.options() };
    let case = files::Inputs::new(captures, resources, *quiet).read(captures, options)?;
    let list = ExchangeList::new(&case, redaction);
    output::write(target.place, Color::Never, |style, out| match target.format {
        Format::Text => render_exchanges_text(&list, style, out),
        Format::Json => render_json(&list, out),
        Format::Tsv => render_exchanges_tsv(&list, out),
    })?;
    Ok(if list.exchanges.is_empty() { Exit::Absent } else { Exit::Clean })
}
