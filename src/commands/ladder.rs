//! `hookscope ladder`: each session's messages, drawn.

use super::{Error, Exit, files, output};
use crate::cli::Ladder;
use hookscope::limits::Limits;
use hookscope::report::{Document, Strokes, render_ladder};
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use std::io::{self, IsTerminal as _};

/// Sessions that are offered where there is none of that name.
const OFFERED: usize = 5;

/// Draws ladders.
pub(crate) fn run(arguments: &Ladder) -> Result<Exit, Error> {
    let redaction = files::redaction(&arguments.redaction)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let case = pipeline::read(captures, &limits, Options::default());
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, redaction);
    let only = arguments.session.as_deref().map(|name| sessions(&document, name)).transpose()?;
    let strokes = if arguments.ascii || is_plain() { Strokes::ASCII } else { Strokes::UNICODE };
    output::write(arguments.output.as_deref(), arguments.color, |style, out| {
        render_ladder(&document, only.as_deref(), strokes, style, out)
    })?;
    Ok(if document.hooks.is_empty() { Exit::Absent } else { Exit::Clean })
}

/// The ids of the sessions that are meant: by id, or by a part of WCS's own.
fn sessions(document: &Document, name: &str) -> Result<Vec<String>, Error> {
    let sessions = || document.sessions.iter();
    let exact = sessions().filter(|session| session.id == name).map(|session| session.id.clone());
    let found: Vec<String> = exact.collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let part = sessions().filter(|session| !name.is_empty() && session.session_id.contains(name));
    let found: Vec<String> = part.map(|session| session.id.clone()).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = sessions().take(OFFERED).map(|session| format!("{} {:?}", session.id, session.session_id));
    let known: Vec<String> = known.collect();
    let more = document.sessions.len().saturating_sub(OFFERED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let known = if known.is_empty() { "it has none".to_owned() } else { known.join(", ") + &more };
    Err(Error::Session { name: name.to_owned(), known })
}

/// Whether standard output is a terminal whose locale does not say UTF-8.
fn is_plain() -> bool {
    let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = named("LC_ALL").or_else(|| named("LC_CTYPE")).or_else(|| named("LANG")).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    io::stdout().is_terminal() && !locale.contains("utf-8") && !locale.contains("utf8")
}
