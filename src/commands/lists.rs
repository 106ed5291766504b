//! `hookscope rules` and `hookscope methods`: what can be found, and what hooks there are.

use super::{Error, Exit, output};
use crate::cli::{Color, Reference, ReferenceFormat};
use hookscope::report::{
    MethodList, RuleList, Style, render_json, render_methods_markdown, render_methods_text,
    render_rules_markdown, render_rules_text,
};
use std::io::{self, Write};

/// Lists the rules.
pub(crate) fn rules(arguments: &Reference) -> Result<Exit, Error> {
    let list = RuleList::all();
    write(arguments, |format, style, out| match format {
        ReferenceFormat::Text => render_rules_text(&list, style, out),
        ReferenceFormat::Json => render_json(&list, out),
        ReferenceFormat::Markdown => render_rules_markdown(&list, out),
    })
}

/// Lists the methods.
pub(crate) fn methods(arguments: &Reference) -> Result<Exit, Error> {
    let list = MethodList::all();
    write(arguments, |format, style, out| match format {
        ReferenceFormat::Text => render_methods_text(&list, style, out),
        ReferenceFormat::Json => render_json(&list, out),
        ReferenceFormat::Markdown => render_methods_markdown(&list, out),
    })
}

fn write(
    arguments: &Reference,
    render: impl Fn(ReferenceFormat, Style, &mut dyn Write) -> io::Result<()>,
) -> Result<Exit, Error> {
    let endings =
        [("txt", ReferenceFormat::Text), ("json", ReferenceFormat::Json), ("md", ReferenceFormat::Markdown)];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    output::write(arguments.output.as_deref(), Color::Never, |style, out| render(format, style, out))?;
    Ok(Exit::Clean)
}
