//! `hookscope analyze`: captures in, report out.

use super::{Error, Exit};
use super::{files, output};
use crate::cli::{Analyze, Format};
use hookscope::limits::Limits;
use hookscope::report::{Document, render_json, render_text};
use hookscope::rules::{Finding, Verdict, VerdictState};
use hookscope::session::Options;
use hookscope::{pipeline, rules};

/// Analyzes captures.
pub(crate) fn run(arguments: &Analyze) -> Result<Exit, Error> {
    let endings = [("txt", Format::Text), ("json", Format::Json)];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let options = Options {
        slow: arguments.slow,
        rest_timeout: arguments.rest_timeout,
        backends: arguments.backend.clone(),
        list_exchanges: false,
    };
    let case = pipeline::read(captures, &limits, options);
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, !arguments.no_redact);
    output::write(arguments.output.as_deref(), arguments.color, |style, out| match format {
        Format::Text => render_text(&document, style, out),
        Format::Json => render_json(&document, out),
    })?;
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
