//! `hookscope recipe`: how to make a capture that can answer.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit};
use crate::cli::{Color, Destination, Form, Input, Judging, Resources};
use clap::{Args, ValueEnum};
use hookscope::report::{BackendUrl, Interface, Recipe, Redaction, Ring, Wanted, render_json};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  hookscope recipe --url http://198.51.100.20:8081/rest/my_api
                                                  for the URL that the application has
  hookscope recipe log.pcap                       why a capture cannot answer, and how to make one that can
  hookscope recipe                                for the default backend of WCS
  hookscope recipe log.pcap -o next.md            for a ticket";

const EXIT_CODES: &str = "\
Exit codes:
  0 written   2 wrong usage, or no URL   3 input cannot be read or is no capture   5 output failed";

/// Tell how to make a capture that can answer, and why a given one cannot
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// The capture that could not answer, or that shows where hooks go; several files are one capture in time order
    #[arg(value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// The application's URL, as `show apps -d` in the WCS console has it; may be repeated
    // What is wrong with it is told by `run`: the parser of the command line would repeat it, with credentials.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// The interface to capture on
    #[arg(long, value_name = "INTERFACE", default_value = "any")]
    interface: Interface,
    /// How much to keep: so many files of so many megabytes, of which the oldest is overwritten
    #[arg(long, value_name = "MBxFILES", default_value = "100x10")]
    ring: Ring,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    judging: Judging,
    #[arg(from_global)]
    quiet: bool,
    #[command(flatten)]
    resources: Resources,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a ticket
    Markdown,
    /// For programs; `hookscope schema recipe` describes it
    Json,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Markdown => &["md"],
            Self::Json => &["json"],
        }
    }
}

/// Writes a recipe.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let target = Target::of(&arguments.destination, &arguments.captures)?;
    let urls: Result<Vec<BackendUrl>, _> = arguments.url.iter().map(|url| url.parse()).collect();
    let wanted = Wanted {
        urls: urls.map_err(Error::Url)?,
        interface: arguments.interface.clone(),
        ring: arguments.ring,
    };
    let recipe = if arguments.captures.is_empty() {
        Recipe::new(&wanted, None)
    } else {
        let Arguments { captures, quiet, resources, .. } = arguments;
        let input = Input { captures: captures.clone(), quiet: *quiet, resources: resources.clone() };
        let judged = Judged::read(&input, &arguments.judging, false)?;
        Recipe::new(&wanted, Some((&judged.case, &judged.document(Redaction::default()))))
    };
    output::write(target.place, Color::Auto, |style, out| match target.format {
        Format::Text => recipe.render_text(style, out),
        Format::Markdown => recipe.render_markdown(out),
        Format::Json => render_json(&recipe, out),
    })?;
    Ok(Exit::Clean)
}
