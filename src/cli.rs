//! What commands share on the command line.

mod filtering;
mod resources;

pub(crate) use filtering::{Filtering, Given};
pub(crate) use resources::Resources;

use crate::config::Knowledge;
use clap::{Args, ValueEnum};
use hookscope::filter::BackendName;
use hookscope::rules::Severity;
use hookscope::time::Span;
use std::path::PathBuf;

/// The captures that a command reads.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    #[arg(from_global)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) resources: Resources,
}

/// What findings depend on, besides the captures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct Judging {
    /// From how many seconds on an answer is slow
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) slow: Span,
    /// How many seconds WCS waits for an answer (`rest_request_timeout`)
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub(crate) rest_timeout: Span,
    /// The backend that is meant: an address and port that hooks should go to, whether any are seen there or not, or an id of the report (b2), an address or a name that is seen; may be repeated
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Vec<Given<BackendName>>,
    #[command(flatten)]
    pub(crate) knowledge: Knowledge,
}

/// A form of output, which the ending of a file can pick. The first form is that of standard output.
pub(crate) trait Form: ValueEnum + Copy + Send + Sync + 'static {
    /// The endings that pick it, without the dot.
    fn endings(self) -> &'static [&'static str];
}

/// Where output goes, and in which form.
#[derive(Debug, Args)]
pub(crate) struct Destination<F: Form> {
    /// Form of the output [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<F>,
    #[command(flatten)]
    pub(crate) file: ToFile,
}

/// A file for output.
#[derive(Debug, Args)]
pub(crate) struct ToFile {
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replacing: Replacing,
}

/// What becomes of files that exist already.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Replacing {
    /// Replace the file of --output where it exists already; of a symbolic link, the link itself
    #[arg(long)]
    pub(crate) force: bool,
}

/// The forms of commands that write for people and for programs only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs; `hookscope schema` describes it
    Json,
}

impl Form for TextOrJson {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
        }
    }
}

/// What is masked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Masking")]
pub(crate) struct Redacting {
    /// What to mask: each value by a short pseudonym, the same one throughout
    #[arg(long, value_enum, default_value = "secrets", value_name = "WHAT")]
    pub(crate) redact: Redact,
    /// Show passwords, tokens and other secrets
    #[arg(long, conflicts_with_all = ["redact", "redact_key"])]
    pub(crate) no_redact: bool,
    /// A file whose content makes the pseudonyms, so that they agree between reports
    #[arg(long, value_name = "FILE")]
    pub(crate) redact_key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Redact {
    /// Passwords, tokens and other secrets
    Secrets,
    /// These, and phone numbers, logins, e-mail and IP addresses, names of machines
    All,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Terminal")]
pub(crate) struct Coloring {
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Failing {
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Anything at all
    Note,
    /// Nothing
    Never,
}

impl FailOn {
    /// The least severity that counts.
    pub(crate) const fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Never => None,
        }
    }
}

/// Seconds, with a fraction if need be.
pub(crate) fn seconds(text: &str) -> Result<Span, String> {
    let value: f64 =
        text.trim_end_matches('s').parse().map_err(|_| "not a number of seconds, such as 1 or 0.5")?;
    if !(0.0..=1e6).contains(&value) {
        return Err("out of range: 0 to 1000000 seconds".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range has been checked")]
    Ok(Span::from_nanoseconds((value * 1e9).round() as i64))
}
