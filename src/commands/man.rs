//! `hookscope man`: manual pages, from the command line's own description.

use super::output::{self, Place};
use super::{Error, Exit};
use crate::cli::{Color, ToFile};
use clap::Args;
use clap_mangen::Man as Page;

const EXAMPLES: &str = "\
Examples:
  hookscope man | man -l -                        read it
  hookscope man analyze -o hookscope-analyze.1    for a package";

/// Print the manual page of hookscope, or of one of its commands
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The command whose page it is to be, instead of the program's
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    #[command(flatten)]
    file: ToFile,
}

/// Writes the page.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let place = Place::named(&arguments.file, [])?;
    // `hookscope help` has no page: each page is what it prints.
    let mut program = super::program().disable_help_subcommand(true);
    program.build();
    let command = match &arguments.command {
        None => program,
        Some(name) => {
            let found = program.get_subcommands().find(|command| command.get_name() == name).cloned();
            let found = found.ok_or_else(|| Error::Page {
                name: name.clone(),
                known: program.get_subcommands().map(clap::Command::get_name).collect::<Vec<_>>().join(", "),
            })?;
            let name = format!("{}-{name}", program.get_name());
            found.display_name(name)
        }
    };
    let page = Page::new(with_examples(command)).source(concat!("hookscope ", env!("CARGO_PKG_VERSION")));
    output::write(place, Color::Never, |_, out| page.render(&mut &mut *out))?;
    Ok(Exit::Clean)
}

/// Manual pages show what comes after the options only.
fn with_examples(command: clap::Command) -> clap::Command {
    let texts = [command.get_before_help(), command.get_after_help()];
    let text: Vec<String> = texts.into_iter().flatten().map(ToString::to_string).collect();
    if text.is_empty() { command } else { command.after_help(text.join("\n\n")) }
}
