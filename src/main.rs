//! The command line of hookscope: arguments in, exit code out.

mod cli;
mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = commands::Arguments::get();
    match commands::run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = commands::report(&error, &mut anstream::stderr());
            exit.into()
        }
    }
}
