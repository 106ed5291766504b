//! `hookscope analyze`: captures in, report out.

use super::{Error, Exit};
use crate::cli::{Analyze, Color, Format};
use anstream::{AutoStream, ColorChoice};
use hookscope::capture::Captures;
use hookscope::limits::Limits;
use hookscope::report::{Document, Style, render_json, render_text};
use hookscope::rules::{Finding, Verdict, VerdictState};
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

/// Columns where nothing says how many there are.
const WIDTH: u16 = 100;
/// Columns below which nothing can be laid out.
const LEAST_WIDTH: u16 = 40;

/// Analyzes captures.
pub(crate) fn run(arguments: &Analyze) -> Result<Exit, Error> {
    let format = format(arguments)?;
    if arguments.captures.iter().any(|path| path.as_os_str() == "-") && io::stdin().is_terminal() {
        return Err(Error::Terminal);
    }
    let limits = Limits::default();
    let captures = Captures::open(&arguments.captures, &limits)?;
    let options = Options {
        slow: arguments.slow,
        rest_timeout: arguments.rest_timeout,
        backends: arguments.backend.clone(),
    };
    let case = pipeline::read(captures, &limits, options);
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, !arguments.no_redact);
    write(arguments, format, &document)?;
    Ok(exit(arguments, &findings, &verdict))
}

fn exit(arguments: &Analyze, findings: &[Finding], verdict: &Verdict) -> Exit {
    let least = arguments.fail_on.severity();
    if verdict.state == VerdictState::Absent {
        Exit::Absent
    } else if least.is_some_and(|least| findings.iter().any(|finding| finding.severity >= least)) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

fn format(arguments: &Analyze) -> Result<Format, Error> {
    match (arguments.format, &arguments.output) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(Format::Text),
        (None, Some(path)) => match path.extension().and_then(|ending| ending.to_str()) {
            Some("txt") => Ok(Format::Text),
            Some("json") => Ok(Format::Json),
            _ => Err(Error::Ending(path.clone())),
        },
    }
}

fn write(arguments: &Analyze, format: Format, document: &Document) -> Result<(), Error> {
    match &arguments.output {
        Some(path) => write_file(path, format, document)
            .map_err(|source| Error::Output { name: path.display().to_string(), source }),
        None => write_stdout(arguments.color, format, document)
            .map_err(|source| Error::Output { name: "standard output".to_owned(), source }),
    }
}

fn write_file(path: &Path, format: Format, document: &Document) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    render(format, Style { width: WIDTH, color: false }, document, &mut out)?;
    out.flush()
}

fn write_stdout(color: Color, format: Format, document: &Document) -> io::Result<()> {
    let stdout = io::stdout();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => AutoStream::choice(&stdout) != ColorChoice::Never,
    };
    let mut out = BufWriter::new(stdout.lock());
    render(format, Style { width: width(), color }, document, &mut out)?;
    out.flush()
}

fn render(format: Format, style: Style, document: &Document, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => render_text(document, style, out),
        Format::Json => render_json(document, out),
    }
}

/// The columns that `COLUMNS` names, or the terminal has.
fn width() -> u16 {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    named.or_else(terminal).unwrap_or(WIDTH).max(LEAST_WIDTH)
}
