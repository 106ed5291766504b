//! `hookscope excerpt`: the frames behind a session, a finding or a hook, without secrets.

use super::judged::Judged;
use super::output::{self, Place};
use super::{Error, Exit, files};
use crate::cli::{Color, Input, Judging, Replacing};
use clap::Args;
use hookscope::excerpt::{self, Selection, Wanted as Ids};
use hookscope::session::Options;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  hookscope excerpt log.pcap --finding F1 -o small.pcapng      what proves a finding
  hookscope excerpt log.pcap --session s1 -o small.pcapng      a session, by its id";

const EXIT_CODES: &str = "\
Exit codes:
  0 written   2 wrong usage, no such id   3 input cannot be read or is no capture
  5 not written: output failed, or a secret cannot be overwritten";

/// Write the frames behind a session, a finding or a hook as a capture of their own, secrets overwritten
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    wanted: Wanted,
    /// Write to this file, as pcapng, or to standard output (-)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    replacing: Replacing,
    /// Leave passwords, tokens and other secrets in
    #[arg(long)]
    no_redact: bool,
    #[command(flatten)]
    judging: Judging,
}

/// What an excerpt holds.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Wanted {
    /// A session, by its id in the report or by its sessionId; may be repeated
    #[arg(long, value_name = "ID")]
    session: Vec<String>,
    /// A finding, by its id in the report or by its rule; may be repeated
    #[arg(long, value_name = "ID")]
    finding: Vec<String>,
    /// A hook, by its id in the report; may be repeated
    #[arg(long, value_name = "ID")]
    hook: Vec<String>,
}

impl Wanted {
    fn ids(&self) -> Vec<Ids> {
        let sessions = self.session.iter().cloned().map(Ids::Session);
        let findings = self.finding.iter().cloned().map(Ids::Finding);
        let hooks = self.hook.iter().cloned().map(Ids::Hook);
        sessions.chain(findings).chain(hooks).collect()
    }
}

/// Writes an excerpt.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let captures = &arguments.input.captures;
    if captures.iter().any(|path| path.as_os_str() == "-") {
        return Err(Error::TwiceRead);
    }
    let place = Place::of(Some(&arguments.output), arguments.replacing, captures)?;
    if matches!(place, Place::Standard) && io::stdout().is_terminal() {
        return Err(Error::OutputIsTerminal);
    }
    let options = Options { keep_exchanges: true, list_exchanges: true, ..arguments.judging.options() };
    // It reads its captures twice.
    let twice = [captures.as_slice(), captures].concat();
    let inputs = files::Inputs::new(&twice, &arguments.input.resources, arguments.input.quiet);
    let judged = Judged::of(inputs.read(captures, options)?);
    let selection = Selection::new(&judged.case, &judged.findings, &arguments.wanted.ids())?;
    let again = inputs.open(captures)?;
    let file = excerpt::make(again, &judged.case, &selection, &inputs.limits, arguments.no_redact)?;
    output::write(place, Color::Never, |_, out| out.write_all(&file))?;
    Ok(Exit::Clean)
}
