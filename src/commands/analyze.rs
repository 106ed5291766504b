//! `hookscope analyze`: captures in, report out.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Failing, Filtering, Form, Input, Judging, Redacting, Replacing};
use clap::{Args, ValueEnum};
use hookscope::report::{self, Document, Hooks, Style};
use std::io::{self, Write};
use std::path::PathBuf;

/// Analyze captures: verdict, findings, backends, and each session's timeline
#[derive(Debug, Args)]
#[command(before_help = super::EXAMPLES, after_help = super::EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Form of the report [default: by the ending of --output, else text]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the report to a file instead of standard output; may be repeated: each file's ending picks its form
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    replacing: Replacing,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    filtering: Filtering,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
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

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Markdown => &["md"],
            Self::Html => &["html", "htm"],
            Self::Mermaid => &["mmd"],
            Self::Json => &["json"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv"],
            Self::Har => &["har"],
            Self::Junit => &["junit", "xml"],
        }
    }
}

impl Format {
    /// Whether hooks are made while they are written.
    const fn is_streamed(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }

    /// Whether it shows header fields and bodies.
    const fn shows_messages(self) -> bool {
        matches!(self, Self::Html | Self::Har)
    }
}

/// Analyzes captures.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { input, judging, filtering, redacting, .. } = arguments;
    let inputs = input.captures.iter().chain(&redacting.redact_key);
    let targets = Target::several(arguments.format, &arguments.output, arguments.replacing, &inputs)?;
    let redaction = files::redaction(redacting)?;
    let keep_exchanges = targets.iter().any(|target| target.format.shows_messages());
    let judged = Judged::part(input, judging, filtering, &redaction, keep_exchanges)?;
    let color = arguments.coloring.color;
    // Secrets are learned once: hooks that other forms keep serve all.
    if targets.iter().all(|target| target.format.is_streamed()) {
        let document = judged.streamed(redaction, input.resources.threads());
        for Target { place, format } in targets {
            output::write(place, color, |_, out| render_streamed(&document, format, out))?;
        }
    } else {
        let document = judged.document(redaction);
        for Target { place, format } in targets {
            output::write(place, color, |style, out| render(&document, format, style, out))?;
        }
    }
    let exit = judged.exit(arguments.failing.fail_on.severity());
    judged.leave();
    Ok(exit)
}

fn render(document: &Document, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => report::render_text(document, style, out),
        Format::Html => report::render_html(document, out),
        Format::Markdown => report::render_markdown(document, out),
        Format::Mermaid => report::render_mermaid(document, out),
        Format::Json | Format::Ndjson => render_streamed(document, format, out),
        Format::Csv => report::render_csv(document, out),
        Format::Tsv => report::render_tsv(document, out),
        Format::Har => report::render_har(document, out),
        Format::Junit => report::render_junit(document, out),
    }
}

/// Writes a form that takes hooks one after the other.
fn render_streamed<H: Hooks>(document: &Document<H>, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Ndjson => report::render_ndjson(document, out),
        _ => report::render_json(document, out),
    }
}
