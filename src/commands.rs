//! The subcommands: one file each, with what can be said to it.

mod analyze;
mod check;
mod compare;
mod completions;
mod config;
mod error;
mod excerpt;
mod exchanges;
mod explain;
mod files;
mod hooks;
mod interrupt;
mod judged;
mod ladder;
mod lists;
mod man;
mod output;
mod progress;
mod recipe;
mod replay;
mod schema;
mod sessions;
mod show;
mod triage;
mod watch;

use crate::config::{Choice, Configuration};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use error::Error;
use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

pub(crate) use error::report;
pub(crate) use interrupt::happened as was_interrupted;

/// Tells from a packet capture of a media server (WCS) what happened to its REST hooks
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Draw no progress on the terminal
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(flatten)]
    choice: Choice,
    #[arg(skip)]
    configuration: Configuration,
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
    Recipe(recipe::Arguments),
    Explain(explain::Arguments),
    /// List the rules: what `analyze` can find
    Rules(lists::Arguments),
    /// List the hook methods that WCS calls on a backend
    Methods(lists::Arguments),
    Config(config::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The description of the command line.
fn program() -> clap::Command {
    Arguments::command().help_template(HELP).mut_subcommands(|command| command.help_template(HELP))
}

impl Arguments {
    /// What was said, and what is configured where nothing was; wrong usage ends the program. None where help or the version
    /// was asked for: that has been printed.
    pub(crate) fn get() -> Result<Option<Self>, Error> {
        let mut described = program();
        let given = match described.try_get_matches_from_mut(env::args_os()) {
            Ok(given) => given,
            Err(error) if error.use_stderr() => error.exit(),
            Err(help) => return print(&help).map(|()| None),
        };
        let said = Self::of(&given);
        let configuration = Configuration::load(&described, &given, &said.choice)?;
        if !configuration.is_any() {
            return Ok(Some(Self { configuration, ..said }));
        }
        let matches = configuration.in_place_of_defaults(program(), &given).get_matches();
        Ok(Some(Self { configuration, ..Self::of(&matches) }))
    }

    fn of(matches: &ArgMatches) -> Self {
        Self::from_arg_matches(matches).unwrap_or_else(|error| error.exit())
    }
}

/// Prints help or the version.
fn print(help: &clap::Error) -> Result<(), Error> {
    let printed = help.print().and_then(|()| io::stdout().flush());
    printed.map_err(|source| Error::Output { name: "standard output".to_owned(), source })
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
    pub(crate) const INTERRUPTED: u8 = 130;
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
        Command::Recipe(arguments) => recipe::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Rules(arguments) => lists::rules(arguments),
        Command::Methods(arguments) => lists::methods(arguments),
        Command::Config(asked) => config::run(asked, &arguments.configuration),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}
