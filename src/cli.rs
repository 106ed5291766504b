//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use hookscope::rules::Severity;
use hookscope::time::Span;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Tells from a packet capture of a media server (WCS) what happened to its REST hooks
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  hookscope analyze log.pcap                      what is broken, since when, who has to act
  hookscope analyze log.pcap -o report.json       the same as JSON
  hookscope analyze log.pcap -o ticket.md         what belongs into a ticket, in 60 lines at most
  hookscope explain backend-refused               what a finding means, and what to do
  ssh server tcpdump -i any -s 0 -w - | hookscope analyze -

Exit codes:
  0 no problem   1 problems found   2 wrong usage   3 input cannot be read or is no capture
  4 no hook traffic in the capture   5 output failed";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Analyze captures: verdict, findings, backends, and each session's timeline
    #[command(after_help = EXAMPLES)]
    Analyze(Analyze),
    /// Look at many captures and folders of them: a row each, the worst first
    #[command(after_help = TRIAGE_EXAMPLES)]
    Triage(Triage),
    /// List every HTTP exchange, hook or not, with Wireshark's frames and times
    #[command(after_help = EXCHANGES_EXAMPLES)]
    Exchanges(Exchanges),
    /// Draw each session's messages between WCS and its backends
    #[command(after_help = LADDER_EXAMPLES)]
    Ladder(Ladder),
    /// Show everything about one hook: its messages, times, effect, and what the response changes
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Show),
    /// Write a hook as a curl command that repeats it, with variables in place of secrets
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Write the frames behind a session, a finding or a hook as a capture of their own, secrets overwritten
    #[command(after_help = EXCERPT_EXAMPLES)]
    Excerpt(Excerpt),
    /// Explain a rule or a hook method: what it means, why it matters, what to do
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// List the rules: what `analyze` can find
    Rules(Reference),
    /// List the hook methods that WCS calls on a backend
    Methods(Reference),
    /// Print the JSON Schema of a JSON report
    Schema(Schema),
    /// Print a script with which a shell completes commands, options and values
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page of hookscope, or of one of its commands
    #[command(after_help = MAN_EXAMPLES)]
    Man(Man),
}

const EXCERPT_EXAMPLES: &str = "\
Examples:
  hookscope excerpt log.pcap --finding F1 -o small.pcapng      what proves a finding, to pass on
  hookscope excerpt log.pcap --session s3 -o small.pcapng      a session, by its id in the report

Exit codes:
  0 written   2 wrong usage, no such id   3 input cannot be read or is no capture
  5 not written: output failed, or a secret cannot be overwritten";

#[derive(Debug, Args)]
pub(crate) struct Excerpt {
    /// Capture files, read twice
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// Write to this file, as pcapng
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Leave passwords, tokens and other secrets in
    #[arg(long)]
    pub(crate) no_redact: bool,
    /// From how many seconds on an answer is slow: as for `analyze`, whose findings are meant
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) slow: Span,
    /// How many seconds WCS waits for an answer
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub(crate) rest_timeout: Span,
    /// An address that hooks should go to; may be repeated
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    pub(crate) backend: Vec<SocketAddr>,
}

/// What an excerpt holds.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Wanted {
    /// A session, by its id in the report or by its sessionId; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) session: Vec<String>,
    /// A finding, by its id in the report or by its rule; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) finding: Vec<String>,
    /// A hook, by its id in the report; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) hook: Vec<String>,
}

const TRIAGE_EXAMPLES: &str = "\
Examples:
  hookscope triage captures/                      a row for each capture in the folder and below
  hookscope triage monday.pcap tuesday.pcap.gz -o triage.csv
  hookscope triage captures/ --format json | jq -r '.captures[] | select(.state == \"broken\") | .path'

Exit codes, the worst of all captures:
  0 no problem   1 problems found   2 wrong usage   3 a file cannot be read or is no capture
  4 a capture without hook traffic, or no capture at all   5 output failed";

#[derive(Debug, Args)]
pub(crate) struct Triage {
    /// Capture files, and folders with captures
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Form of the rows [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<TriageFormat>,
    /// Write the rows to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TriageFormat {
    /// For people
    Text,
    /// For programs; `hookscope schema triage` describes it
    Json,
    /// For spreadsheets
    Csv,
    /// A table for a ticket
    Markdown,
}

const EXCHANGES_EXAMPLES: &str = "\
Examples:
  hookscope exchanges log.pcap                    requests and their answers, a row each
  hookscope exchanges log.pcap --format tsv       for scripts, under tshark's field names
  hookscope exchanges log.pcap -o exchanges.json  with all frames, phases, lengths and digests of bodies

Exit codes:
  0 exchanges listed   2 wrong usage   3 input cannot be read or is no capture
  4 no HTTP in the capture   5 output failed";

#[derive(Debug, Args)]
pub(crate) struct Exchanges {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    /// Form of the list [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ListFormat>,
    /// Write the list to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Text,
    /// For programs; `hookscope schema exchanges` describes it
    Json,
    /// Lines with tabs, under tshark's field names
    Tsv,
}

const LADDER_EXAMPLES: &str = "\
Examples:
  hookscope ladder log.pcap                       a ladder for each session
  hookscope ladder log.pcap --session s3          one session, by its id in the report
  hookscope ladder log.pcap --session 50011       those whose sessionId holds this
  hookscope ladder log.pcap --color always | less -RS

Exit codes:
  0 drawn   2 wrong usage, or no such session   3 input cannot be read or is no capture
  4 no hook in the capture   5 output failed";

#[derive(Debug, Args)]
pub(crate) struct Ladder {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    /// Draw one session: its id in the report, such as s1, or a part of its sessionId
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<String>,
    /// Draw with ASCII characters only [default: on terminals whose locale is not UTF-8]
    #[arg(long)]
    pub(crate) ascii: bool,
    /// Write the ladders to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  hookscope show log.pcap 12                      the hook that frame 12 belongs to, request or answer
  hookscope show log.pcap h3                      by its id in the report
  hookscope show ring_*.pcap ring_2.pcap#12       a frame of one of several files

Exit codes:
  0 shown   2 wrong usage, or no such hook   3 input cannot be read or is no capture   5 output failed";

const REPLAY_EXAMPLES: &str = "\
Examples:
  hookscope replay log.pcap h3                    the command for hook h3 of the report
  hookscope replay log.pcap 12 --to http://localhost:8080/EchoApp
                                                  for another backend
  hookscope replay log.pcap h3 -o h3.sh && AUTH_TOKEN=... sh h3.sh

Exit codes:
  0 written   2 wrong usage, no such hook, or it was not captured whole
  3 input cannot be read or is no capture   5 output failed";

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    /// The hook: its id in the report (h3), or the number of one of its frames (12, or file#12)
    #[arg(required = true, value_name = "FRAME|HOOK")]
    pub(crate) hook: String,
    /// Send it there instead: scheme, host and port, with a base path of its own if need be
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// Write the command to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    /// The hook: its id in the report (h3), or the number of one of its frames (12, or file#12)
    #[arg(required = true, value_name = "FRAME|HOOK")]
    pub(crate) hook: String,
    /// Form of the text [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ShowFormat>,
    /// Write the text to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people
    Text,
    /// For programs; `hookscope schema show` describes it
    Json,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  hookscope explain backend-refused               a rule, as findings name it
  hookscope explain CallStatusEvent               a hook method, in any case of letters

Exit codes:
  0 explained   2 wrong usage, or no such name   5 output failed";

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule or a hook method; `hookscope rules` and `hookscope methods` list them
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Form of the text [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<PageFormat>,
    /// Write the text to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    /// For a terminal
    Text,
    /// For a page
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Reference {
    /// Form of the list [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ReferenceFormat>,
    /// Write the list to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReferenceFormat {
    /// For people: a row each
    Text,
    /// For programs; `hookscope schema rules` and `hookscope schema methods` describe it
    Json,
    /// A page that explains all of them
    Markdown,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  hookscope completions bash > ~/.local/share/bash-completion/completions/hookscope
  hookscope completions zsh > ~/.zfunc/_hookscope
  hookscope completions fish > ~/.config/fish/completions/hookscope.fish";

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
    /// Write the script to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

const MAN_EXAMPLES: &str = "\
Examples:
  hookscope man | man -l -                        read it
  hookscope man analyze -o hookscope-analyze.1    for a package";

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command whose page it is to be, instead of the program's
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// Write the page to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The command whose JSON is described
    #[arg(value_enum, default_value = "analyze")]
    pub(crate) report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// `hookscope analyze`
    Analyze,
    /// A line of `hookscope analyze --format ndjson`
    Ndjson,
    /// `hookscope triage`
    Triage,
    /// `hookscope exchanges`
    Exchanges,
    /// `hookscope show`
    Show,
    /// `hookscope rules`
    Rules,
    /// `hookscope methods`
    Methods,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
    /// Form of the report [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write the report to a file instead of standard output; may be repeated: each file's ending picks its form
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Vec<PathBuf>,
    /// From how many seconds on an answer is slow
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) slow: Span,
    /// How many seconds WCS waits for an answer (`rest_request_timeout`)
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub(crate) rest_timeout: Span,
    /// An address that hooks should go to, whether any are seen there or not; may be repeated
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    pub(crate) backend: Vec<SocketAddr>,
    #[command(flatten)]
    pub(crate) redaction: Redacting,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For a ticket, in 60 lines at most
    Markdown,
    /// A page for a browser, with ladders, header fields and bodies; one file that works offline
    Html,
    /// Sequence diagrams for mermaid
    Mermaid,
    /// For programs; `hookscope schema` describes it
    Json,
    /// One JSON object a line; `hookscope schema ndjson` describes it
    Ndjson,
    /// Hooks, a row each, for spreadsheets
    Csv,
    /// Hooks, lines with tabs, under tshark's field names
    Tsv,
    /// HTTP Archive, with header fields and bodies, for browsers' tools and proxies
    Har,
    /// Test results in the XML of junit, for systems that run tests
    Junit,
}

/// What is masked.
#[derive(Debug, Args)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
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
fn seconds(text: &str) -> Result<Span, String> {
    let value: f64 =
        text.trim_end_matches('s').parse().map_err(|_| "not a number of seconds, such as 1 or 0.5")?;
    if !(0.0..=1e6).contains(&value) {
        return Err("out of range: 0 to 1000000 seconds".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range has been checked")]
    Ok(Span::from_nanoseconds((value * 1e9).round() as i64))
}

/// An address as hooks carry it.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "not an IP address with a port, such as 192.0.2.9:8081 or [2001:db8::9]:8081; names are not looked up".to_owned()
    })
}
