//! `hookscope completions`: what a shell needs to complete commands, options and values.

use super::output::{self, Place};
use super::{Error, Exit};
use crate::cli::{Color, ToFile};
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  hookscope completions bash > ~/.local/share/bash-completion/completions/hookscope
  hookscope completions zsh > ~/.zfunc/_hookscope
  hookscope completions fish > ~/.config/fish/completions/hookscope.fish";

/// Print a script with which a shell completes commands, options and values
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
    #[command(flatten)]
    file: ToFile,
}

/// Writes the script.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let place = Place::named(&arguments.file, [])?;
    let mut program = super::program();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, env!("CARGO_PKG_NAME"), &mut script);
    output::write(place, Color::Never, |_, out| out.write_all(&script))?;
    Ok(Exit::Clean)
}
