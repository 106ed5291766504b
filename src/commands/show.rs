//! `hookscope show`: everything about one hook.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Input, Judging, Redacting, TextOrJson};
use clap::Args;
use hookscope::report::{HookSheet, render_json, render_show_text};

const EXAMPLES: &str = "\
Examples:
  hookscope show log.pcap 12                      the hook that frame 12 belongs to
  hookscope show log.pcap h3                      by its id in the report
  hookscope show ring_*.pcap ring_2.pcap#12       a frame of one of several files";

const EXIT_CODES: &str = "\
Exit codes:
  0 shown   2 wrong usage, or no such hook   3 input cannot be read or is no capture   5 output failed";

/// Show everything about one hook: its messages, times, effect, and what the response changes
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The hook: its id in the report (h3), or the number of one of its frames (12, or file#12)
    #[arg(required = true, value_name = "FRAME|HOOK")]
    hook: String,
    #[command(flatten)]
    destination: Destination<TextOrJson>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
}

/// Shows a hook.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, redacting, .. } = arguments;
    let target = Target::of(&arguments.destination, input.captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let document = Judged::read(input, &arguments.judging, true)?.document(redaction);
    let sheet = HookSheet::find(&document, &arguments.hook)
        .map_err(|advice| Error::Hook { name: arguments.hook.clone(), advice })?;
    output::write(target.place, arguments.coloring.color, |style, out| match target.format {
        TextOrJson::Text => render_show_text(&sheet, style, out),
        TextOrJson::Json => render_json(&sheet, out),
    })?;
    Ok(Exit::Clean)
}
