//! `hookscope explain`: what a rule or a hook method means.

use super::{Error, Exit, output};
use crate::cli::{Color, Explain, PageFormat};
use hookscope::report::Topic;

/// Explains a rule or a method.
pub(crate) fn run(arguments: &Explain) -> Result<Exit, Error> {
    let endings = [("txt", PageFormat::Text), ("md", PageFormat::Markdown)];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    let topic = Topic::find(&arguments.name)
        .map_err(|meant| Error::Topic { name: arguments.name.clone(), advice: advice(&meant) })?;
    output::write(arguments.output.as_deref(), Color::Auto, |style, out| match format {
        PageFormat::Text => topic.render_text(style, out),
        PageFormat::Markdown => topic.render_markdown(out),
    })?;
    Ok(Exit::Clean)
}

fn advice(meant: &[&str]) -> String {
    match meant {
        [] => "hookscope rules and hookscope methods list them".to_owned(),
        names => format!("did you mean {}?", names.join(", ")),
    }
}
