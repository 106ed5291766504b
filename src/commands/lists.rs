//! `hookscope rules` and `hookscope methods`: what can be found, and what hooks there are.

use super::output::{self, Target};
use super::{Error, Exit};
use crate::cli::{Color, Destination, Form};
use clap::{Args, ValueEnum};
use hookscope::report::{
    MethodList, RuleList, Style, render_json, render_methods_markdown, render_methods_text,
    render_rules_markdown, render_rules_text,
};
use std::io::{self, Write};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    destination: Destination<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: a row each
    Text,
    /// For programs; `hookscope schema rules` and `hookscope schema methods` describe it
    Json,
    /// A page that explains all of them
    Markdown,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Markdown => &["md"],
        }
    }
}

/// Lists the rules.
pub(crate) fn rules(arguments: &Arguments) -> Result<Exit, Error> {
    let list = RuleList::all();
    write(arguments, |format, style, out| match format {
        Format::Text => render_rules_text(&list, style, out),
        Format::Json => render_json(&list, out),
        Format::Markdown => render_rules_markdown(&list, out),
    })
}

/// Lists the methods.
pub(crate) fn methods(arguments: &Arguments) -> Result<Exit, Error> {
    let list = MethodList::all();
    write(arguments, |format, style, out| match format {
        Format::Text => render_methods_text(&list, style, out),
        Format::Json => render_json(&list, out),
        Format::Markdown => render_methods_markdown(&list, out),
    })
}

fn write(
    arguments: &Arguments,
    render: impl Fn(Format, Style, &mut dyn Write) -> io::Result<()>,
) -> Result<Exit, Error> {
    let target = Target::of(&arguments.destination, [])?;
    output::write(target.place, Color::Never, |style, out| render(target.format, style, out))?;
    Ok(Exit::Clean)
}
