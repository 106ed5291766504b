//! The command line of hookscope: arguments in, exit code out.

mod cli;
mod commands;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match commands::run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = commands::report(&error, &mut anstream::stderr());
            exit.into()
        }
    }
}
