//! `hookscope replay`: a hook as a `curl` command.

use super::judged::Judged;
use super::output::{self, Place};
use super::{Error, Exit, files};
use crate::cli::{Color, Input, Judging, Redacting, ToFile};
use clap::Args;
use hookscope::report::{BackendUrl, Replay, UrlError};

const EXAMPLES: &str = "\
Examples:
  hookscope replay log.pcap h3                    the command for hook h3 of the report
  hookscope replay log.pcap 12 --to http://localhost:8080/EchoApp
                                                  for another backend
  hookscope replay log.pcap h3 -o h3.sh && AUTH_TOKEN=... sh h3.sh";

const EXIT_CODES: &str = "\
Exit codes:
  0 written   2 wrong usage, no such hook, or it was not captured whole
  3 input cannot be read or is no capture   5 output failed";

/// Write a hook as a curl command that repeats it, with variables in place of secrets
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The hook: its id in the report (h3), or the number of one of its frames (12, or file#12)
    #[arg(required = true, value_name = "FRAME|HOOK")]
    hook: String,
    /// Send it there instead: scheme, host and port, with a base path of its own if need be
    #[arg(long, value_name = "URL", value_parser = url)]
    to: Option<String>,
    #[command(flatten)]
    file: ToFile,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
}

/// A URL as given, if a backend can have it.
fn url(text: &str) -> Result<String, UrlError> {
    text.parse::<BackendUrl>().map(|_| text.to_owned())
}

/// Writes the command that repeats a hook.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, redacting, file, .. } = arguments;
    let place = Place::named(file, input.captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let judged = Judged::read(input, &arguments.judging, true)?;
    let document = judged.document(redaction.clone());
    let replay = Replay::new(&judged.case, &document, &arguments.hook, arguments.to.as_deref(), &redaction)
        .map_err(|reason| Error::Replay { name: arguments.hook.clone(), reason })?;
    output::write(place, Color::Never, |_, out| replay.render(out))?;
    Ok(Exit::Clean)
}
