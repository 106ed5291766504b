//! `hookscope replay`: a hook as a `curl` command.

use super::{Error, Exit, files, output};
use crate::cli::{Color, Replay as Arguments};
use hookscope::limits::Limits;
use hookscope::report::{Document, Replay};
use hookscope::session::Options;
use hookscope::{pipeline, rules};

/// Writes the command that repeats a hook.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let redaction = files::redaction(&arguments.redaction)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let case = pipeline::read(captures, &limits, Options { keep_exchanges: true, ..Options::default() });
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, redaction.clone());
    let replay = Replay::new(&case, &document, &arguments.hook, arguments.to.as_deref(), &redaction)
        .map_err(|reason| Error::Replay { name: arguments.hook.clone(), reason })?;
    output::write(arguments.output.as_deref(), Color::Never, |_, out| replay.render(out))?;
    Ok(Exit::Clean)
}
