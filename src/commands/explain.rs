//! `hookscope explain`: what a rule or a hook method means.

use super::output::{self, Target};
use super::{Error, Exit};
use crate::cli::{Color, Destination, Form};
use clap::{Args, ValueEnum};
use hookscope::report::Topic;

const EXAMPLES: &str = "\
Examples:
  hookscope explain backend-refused               a rule, as findings name it
  hookscope explain CallStatusEvent               a hook method, in any case of letters";

const EXIT_CODES: &str = "\
Exit codes:
  0 explained   2 wrong usage, or no such name   5 output failed";

/// Explain a rule or a hook method: what it means, why it matters, what to do
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// A rule or a hook method; `hookscope rules` and `hookscope methods` list them
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    destination: Destination<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a page
    Markdown,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Markdown => &["md"],
        }
    }
}

/// Explains a rule or a method.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let target = Target::of(&arguments.destination, [])?;
    let topic = Topic::find(&arguments.name)
        .map_err(|meant| Error::Topic { name: arguments.name.clone(), advice: advice(&meant) })?;
    output::write(target.place, Color::Auto, |style, out| match target.format {
        Format::Text => topic.render_text(style, out),
        Format::Markdown => topic.render_markdown(out),
    })?;
    Ok(Exit::Clean)
}

fn advice(meant: &[&str]) -> String {
    match meant {
        [] => "hookscope rules and hookscope methods list them".to_owned(),
        names => format!("did you mean {}?", names.join(", ")),
    }
}
