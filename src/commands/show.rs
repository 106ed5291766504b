//! `hookscope show`: everything about one hook.

use super::{Error, Exit, files, output};
use crate::cli::{Show, ShowFormat};
use hookscope::limits::Limits;
use hookscope::report::{Document, HookSheet, render_json, render_show_text};
use hookscope::session::Options;
use hookscope::{pipeline, rules};

/// Shows a hook.
pub(crate) fn run(arguments: &Show) -> Result<Exit, Error> {
    let endings = [("txt", ShowFormat::Text), ("json", ShowFormat::Json)];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    let redaction = files::redaction(&arguments.redaction)?;
    let limits = Limits::default();
    let captures = files::open(&arguments.captures, &limits)?;
    let case = pipeline::read(captures, &limits, Options { keep_exchanges: true, ..Options::default() });
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, redaction);
    let sheet = HookSheet::find(&document, &arguments.hook)
        .map_err(|advice| Error::Hook { name: arguments.hook.clone(), advice })?;
    output::write(arguments.output.as_deref(), arguments.color, |style, out| match format {
        ShowFormat::Text => render_show_text(&sheet, style, out),
        ShowFormat::Json => render_json(&sheet, out),
    })?;
    Ok(Exit::Clean)
}
