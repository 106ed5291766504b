//! `hookscope excerpt`: the frames behind a session, a finding or a hook, without secrets.

use super::{Error, Exit, files};
use crate::cli::Excerpt;
use hookscope::excerpt::{self, Selection, Wanted};
use hookscope::limits::Limits;
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use std::fs;

/// Writes an excerpt.
pub(crate) fn run(arguments: &Excerpt) -> Result<Exit, Error> {
    if arguments.captures.iter().any(|path| path.as_os_str() == "-") {
        return Err(Error::TwiceRead);
    }
    let limits = Limits::default();
    let options = Options {
        slow: arguments.slow,
        rest_timeout: arguments.rest_timeout,
        backends: arguments.backend.clone(),
        keep_exchanges: true,
        list_exchanges: true,
    };
    let case = pipeline::read(files::open(&arguments.captures, &limits)?, &limits, options);
    let (findings, _) = rules::judge(&case);
    let wanted: Vec<Wanted> = arguments
        .wanted
        .session
        .iter()
        .map(|id| Wanted::Session(id.clone()))
        .chain(arguments.wanted.finding.iter().map(|id| Wanted::Finding(id.clone())))
        .chain(arguments.wanted.hook.iter().map(|id| Wanted::Hook(id.clone())))
        .collect();
    let selection = Selection::new(&case, &findings, &wanted)?;
    let again = files::open(&arguments.captures, &limits)?;
    let file = excerpt::make(again, &case, &selection, &limits, arguments.no_redact)?;
    fs::write(&arguments.output, file)
        .map_err(|source| Error::Output { name: arguments.output.display().to_string(), source })?;
    Ok(Exit::Clean)
}
