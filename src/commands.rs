//! The subcommands: one file each, with what can be said to it.

mod analyze;
mod check;
mod compare;
mod completions;
mod excerpt;
mod exchanges;
mod explain;
mod files;
mod hooks;
mod judged;
mod ladder;
mod lists;
mod man;
mod output;
mod parallel;
mod progress;
mod replay;
mod schema;
mod sessions;
mod show;
mod triage;
mod watch;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use hookscope::capture::CaptureError;
use hookscope::check::FlowError;
use hookscope::excerpt::Refusal;
use hookscope::report::NotRepeatable;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Tells from a packet capture of a media server (WCS) what happened to its REST hooks
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Draw no progress on the terminal
    #[arg(short, long, global = true)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  hookscope analyze log.pcap                      what is broken, since when, who has to act
  hookscope analyze log.pcap -o report.json       the same as JSON
  hookscope analyze log.pcap -o ticket.md         what belongs into a ticket, in 60 lines at most
  hookscope explain backend-refused               what a finding means, and what to do
  ssh server tcpdump -i any -s 0 -w - | hookscope analyze -";

const EXIT_CODES: &str = "\
Exit codes:
  0 no problem   1 problems found   2 wrong usage   3 input cannot be read or is no capture
  4 no hook traffic in the capture   5 output failed";

/// Where the parts of a command's help stand: examples before options.
const HELP: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::Arguments),
    Triage(triage::Arguments),
    Check(check::Arguments),
    Hooks(hooks::Arguments),
    Sessions(sessions::Arguments),
    Compare(compare::Arguments),
    Exchanges(exchanges::Arguments),
    Watch(watch::Arguments),
    Ladder(ladder::Arguments),
    Show(show::Arguments),
    Replay(replay::Arguments),
    Excerpt(excerpt::Arguments),
    Explain(explain::Arguments),
    /// List the rules: what `analyze` can find
    Rules(lists::Arguments),
    /// List the hook methods that WCS calls on a backend
    Methods(lists::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The description of the command line.
fn program() -> clap::Command {
    Arguments::command().help_template(HELP).mut_subcommands(|command| command.help_template(HELP))
}

impl Arguments {
    /// What was said; help, the version and wrong usage end the program.
    pub(crate) fn get() -> Self {
        let matches = program().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings at or above it.
    Findings,
    /// Wrong usage.
    Usage,
    /// An input cannot be read, or is no capture.
    Input,
    /// No hook traffic.
    Absent,
    /// Output failed.
    Output,
}

impl Exit {
    /// Ended by Ctrl-C: 128 and the signal's number, as shells have it.
    const INTERRUPTED: u8 = 130;
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Input => 3,
            Exit::Absent => 4,
            Exit::Output => 5,
        })
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Standard input is a terminal.
    #[error("standard input is a terminal: pipe a capture into hookscope, or name a file")]
    Terminal,
    /// The ending of `--output` names no format.
    #[error("{} does not end in {known}: name the format with --format", path.display())]
    Ending {
        /// The file.
        path: PathBuf,
        /// The endings that do.
        known: String,
    },
    /// One form for several files.
    #[error(
        "--format names one form for several files: leave it out, the endings of the files pick their forms"
    )]
    OneFormat,
    /// What is to be explained does not exist.
    #[error("no rule and no hook method is called {name:?}: {advice}")]
    Topic {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        advice: String,
    },
    /// The key of the pseudonyms cannot be read.
    #[error("cannot read the key {}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key of the pseudonyms is empty.
    #[error("the key {} is empty: anybody could compute its pseudonyms", path.display())]
    EmptyKey {
        /// The file.
        path: PathBuf,
    },
    /// A hook cannot be repeated.
    #[error("hook {name:?} cannot be repeated: {reason}")]
    Replay {
        /// What was asked for.
        name: String,
        /// Why not.
        reason: NotRepeatable,
    },
    /// There is no such ready-made flow, and no such file.
    #[error("no flow is called {name:?}, and no file: {advice}")]
    UnknownFlow {
        /// What was asked for.
        name: String,
        /// Those that there are.
        advice: String,
    },
    /// A flow file cannot be read.
    #[error("cannot read the flow file {}: {source}", path.display())]
    Flow {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A flow file is wrong.
    #[error("{}: {source}", path.display())]
    FlowFile {
        /// The file.
        path: PathBuf,
        /// Where, and what.
        source: FlowError,
    },
    /// There is no hook to make a flow file of.
    #[error("the capture has no hooks to record")]
    NothingToRecord,
    /// There is no such command.
    #[error("there is no command {name:?}; there are {known}")]
    Page {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// There is no such session or backend.
    #[error("the capture has no {what} {name:?}: {known}")]
    Unknown {
        /// Which of them.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// There is no such hook, or more than one.
    #[error("{name:?} names no one hook: give an id (h12), a frame (12) or file#frame; {advice}")]
    Hook {
        /// What was asked for.
        name: String,
        /// Those that there are.
        advice: String,
    },
    /// A capture that has not begun.
    #[error("the capture has not begun: nothing was read before the end")]
    NothingYet,
    /// An excerpt of standard input.
    #[error("an excerpt reads its capture twice: write standard input to a file first")]
    TwiceRead,
    /// Standard input in place of two captures.
    #[error("standard input can be one of the two captures, and not both")]
    InputTwice,
    /// An excerpt cannot be made.
    #[error(transparent)]
    Excerpt(#[from] Refusal),
    /// An input.
    #[error(transparent)]
    Input(#[from] CaptureError),
    /// The report cannot be written.
    #[error("cannot write {name}: {source}")]
    Output {
        /// Where to.
        name: String,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    const fn exit(&self) -> Exit {
        match self {
            Self::Terminal
            | Self::Ending { .. }
            | Self::OneFormat
            | Self::Topic { .. }
            | Self::Unknown { .. }
            | Self::Page { .. }
            | Self::Key { .. }
            | Self::EmptyKey { .. }
            | Self::Hook { .. }
            | Self::Replay { .. }
            | Self::UnknownFlow { .. }
            | Self::Flow { .. }
            | Self::FlowFile { .. }
            | Self::TwiceRead
            | Self::InputTwice
            | Self::Excerpt(Refusal::Unknown(_)) => Exit::Usage,
            Self::Input(_) | Self::NothingYet | Self::Excerpt(Refusal::Unreadable(_)) => Exit::Input,
            Self::NothingToRecord => Exit::Absent,
            Self::Output { .. } | Self::Excerpt(_) => Exit::Output,
        }
    }
}

/// Runs what the arguments say.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    match &arguments.command {
        Command::Analyze(arguments) => analyze::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Hooks(arguments) => hooks::run(arguments),
        Command::Sessions(arguments) => sessions::run(arguments),
        Command::Exchanges(arguments) => exchanges::run(arguments),
        Command::Triage(arguments) => triage::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Watch(arguments) => watch::run(arguments),
        Command::Ladder(arguments) => ladder::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Excerpt(arguments) => excerpt::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Rules(arguments) => lists::rules(arguments),
        Command::Methods(arguments) => lists::methods(arguments),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}

/// Tells an error; a reader that went away is none.
pub(crate) fn report(error: &Error, out: &mut dyn Write) -> Exit {
    if let Error::Output { source, .. } = error
        && source.kind() == io::ErrorKind::BrokenPipe
    {
        return Exit::Clean;
    }
    // Where standard error is closed, the exit code alone tells.
    let told = writeln!(out, "hookscope: {error}");
    drop(told);
    error.exit()
}
