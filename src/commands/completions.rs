//! `hookscope completions`: what a shell needs to complete commands, options and values.

use super::{Error, Exit, output};
use crate::cli::Color;
use clap::Args;
use std::path::PathBuf;

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
    /// Write the script to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the script.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let mut program = super::program();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, env!("CARGO_PKG_NAME"), &mut script);
    output::write(arguments.output.as_deref(), Color::Never, |_, out| out.write_all(&script))?;
    Ok(Exit::Clean)
}
