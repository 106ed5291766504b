//! `hookscope schema`: the JSON Schema of a JSON report.

use super::{Error, Exit};
use clap::{Args, ValueEnum};
use hookscope::{check, compare, report};
use std::io::{self, Write as _};

/// Print the JSON Schema of a JSON report
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command whose JSON is described
    #[arg(value_enum, default_value = "analyze")]
    report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// `hookscope analyze`
    Analyze,
    /// A line of `hookscope analyze --format ndjson`
    Ndjson,
    /// `hookscope triage`
    Triage,
    /// `hookscope check`
    Check,
    /// `hookscope hooks`
    Hooks,
    /// `hookscope sessions`
    Sessions,
    /// `hookscope compare`
    Compare,
    /// `hookscope exchanges`
    Exchanges,
    /// `hookscope show`
    Show,
    /// `hookscope recipe`
    Recipe,
    /// `hookscope config show`
    Config,
    /// `hookscope rules`
    Rules,
    /// `hookscope methods`
    Methods,
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let schema = match arguments.report {
        Report::Analyze => report::schema(),
        Report::Ndjson => report::ndjson_schema(),
        Report::Triage => report::triage_schema(),
        Report::Check => check::schema(),
        Report::Hooks => report::hooks_schema(),
        Report::Sessions => report::sessions_schema(),
        Report::Compare => compare::schema(),
        Report::Exchanges => report::exchanges_schema(),
        Report::Show => report::show_schema(),
        Report::Recipe => report::Recipe::schema(),
        Report::Config => super::config::schema().into(),
        Report::Rules => report::rules_schema(),
        Report::Methods => report::methods_schema(),
    };
    let mut out = io::stdout().lock();
    let written =
        serde_json::to_writer_pretty(&mut out, &schema).map_err(io::Error::from).and_then(|()| writeln!(out));
    written.map_err(|source| Error::Output { name: "standard output".to_owned(), source })?;
    Ok(Exit::Clean)
}
