//! `hookscope completions` and `hookscope man`: what is made from the command line's own description.

use super::{Error, Exit, output};
use crate::cli::{Arguments, Color, Completions, Man};
use clap::CommandFactory as _;
use clap_mangen::Man as Page;

/// Writes a script with which a shell completes commands, options and values.
pub(crate) fn completions(arguments: &Completions) -> Result<Exit, Error> {
    let mut command = Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, env!("CARGO_PKG_NAME"), &mut script);
    output::write(arguments.output.as_deref(), Color::Never, |_, out| out.write_all(&script))?;
    Ok(Exit::Clean)
}

/// Writes the manual page of the program, or of one of its commands.
pub(crate) fn man(arguments: &Man) -> Result<Exit, Error> {
    let mut program = Arguments::command();
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
    let page = Page::new(command);
    output::write(arguments.output.as_deref(), Color::Never, |_, out| page.render(&mut &mut *out))?;
    Ok(Exit::Clean)
}
