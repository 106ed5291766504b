//! `hookscope analyze`: captures in, report out.

use super::{Error, Exit};
use super::{files, output};
use crate::cli::{Analyze, Format};
use hookscope::limits::Limits;
use hookscope::report::{Document, Style};
use hookscope::session::Options;
use hookscope::{pipeline, report, rules};
use std::io::{self, Write};

/// Analyzes captures.
pub(crate) fn run(arguments: &Analyze) -> Result<Exit, Error> {
    let targets = output::targets(arguments.format, &arguments.output, ENDINGS)?;
    let redaction = files::redaction(&arguments.redaction)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let options = Options {
        slow: arguments.slow,
        rest_timeout: arguments.rest_timeout,
        backends: arguments.backend.clone(),
        list_exchanges: false,
        keep_exchanges: targets.iter().any(|target| target.format.shows_messages()),
    };
    let case = pipeline::read(captures, &limits, options);
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, redaction);
    for target in targets {
        output::write(target.path, arguments.color, |style, out| {
            render(&document, target.format, style, out)
        })?;
    }
    Ok(super::exit(&findings, &verdict, arguments.fail_on.severity()))
}

/// Endings of files, and the forms that they pick; the first one is that of standard output.
const ENDINGS: &[(&str, Format)] = &[
    ("txt", Format::Text),
    ("json", Format::Json),
    ("ndjson", Format::Ndjson),
    ("jsonl", Format::Ndjson),
    ("md", Format::Markdown),
    ("mmd", Format::Mermaid),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("har", Format::Har),
    ("junit", Format::Junit),
    ("xml", Format::Junit),
];

impl Format {
    /// Whether it shows header fields and bodies.
    const fn shows_messages(self) -> bool {
        matches!(self, Self::Html | Self::Har)
    }
}

fn render(document: &Document, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => report::render_text(document, style, out),
        Format::Json => report::render_json(document, out),
        Format::Html => report::render_html(document, out),
        Format::Markdown => report::render_markdown(document, out),
        Format::Mermaid => report::render_mermaid(document, out),
        Format::Ndjson => report::render_ndjson(document, out),
        Format::Csv => report::render_csv(document, out),
        Format::Tsv => report::render_tsv(document, out),
        Format::Har => report::render_har(document, out),
        Format::Junit => report::render_junit(document, out),
    }
}
