//! `hookscope ladder`: each session's messages, drawn.

use super::judged::Judged;
use super::output::{self, Place};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Filtering, Input, Judging, Redacting, ToFile};
use clap::Args;
use hookscope::report::{Strokes, render_ladder};
use std::io::{self, IsTerminal as _};

const EXAMPLES: &str = "\
Examples:
  hookscope ladder log.pcap                       a ladder for each session
  hookscope ladder log.pcap --session s1          one session, by its id in the report
  hookscope ladder log.pcap --session 50011       those whose sessionId holds this
  hookscope ladder log.pcap --color always | less -RS";

const EXIT_CODES: &str = "\
Exit codes:
  0 drawn   2 wrong usage, or no such session   3 input cannot be read or is no capture
  4 no hook in the capture   5 output failed";

/// Draw each session's messages between WCS and its backends
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Draw with ASCII characters only [default: on terminals whose locale is not UTF-8]
    #[arg(long)]
    ascii: bool,
    #[command(flatten)]
    file: ToFile,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    filtering: Filtering,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
}

/// Draws ladders.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, judging, filtering, redacting, file, .. } = arguments;
    let place = Place::named(file, input.captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let judged = Judged::part(input, judging, filtering, &redaction, false)?;
    let document = judged.document(redaction);
    let strokes = if arguments.ascii || is_plain() { Strokes::ASCII } else { Strokes::UNICODE };
    output::write(place, arguments.coloring.color, |style, out| {
        render_ladder(&document, strokes, style, out)
    })?;
    Ok(if document.hooks.is_empty() { Exit::Absent } else { Exit::Clean })
}

/// Whether standard output is a terminal whose locale does not say UTF-8.
fn is_plain() -> bool {
    let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = named("LC_ALL").or_else(|| named("LC_CTYPE")).or_else(|| named("LANG")).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    io::stdout().is_terminal() && !locale.contains("utf-8") && !locale.contains("utf8")
}
