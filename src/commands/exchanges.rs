//! `hookscope exchanges`: every HTTP exchange, hook or not.

use super::{Error, Exit, files, output};
use crate::cli::{Color, Exchanges, ListFormat};
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::{ExchangeList, render_exchanges_text, render_exchanges_tsv, render_json};
use hookscope::session::Options;

/// Lists exchanges.
pub(crate) fn run(arguments: &Exchanges) -> Result<Exit, Error> {
    let endings = [("txt", ListFormat::Text), ("json", ListFormat::Json), ("tsv", ListFormat::Tsv)];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    let redaction = files::redaction(&arguments.redaction)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let case = pipeline::read(captures, &limits, Options { list_exchanges: true, ..Options::default() });
    let list = ExchangeList::new(&case, redaction);
    output::write(arguments.output.as_deref(), Color::Never, |style, out| match format {
        ListFormat::Text => render_exchanges_text(&list, style, out),
        ListFormat::Json => render_json(&list, out),
        ListFormat::Tsv => render_exchanges_tsv(&list, out),
    })?;
    Ok(if list.exchanges.is_empty() { Exit::Absent } else { Exit::Clean })
}
