//! The command line of hookscope: arguments in, exit code out.

mod cli;
mod commands;
mod config;

use anstream::{AutoStream, ColorChoice};
use std::io;
use std::process::ExitCode;

/// Hooks are made on one thread and given back on another.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let ended = commands::Arguments::get().and_then(|arguments| {
        arguments.map_or(Ok(commands::Exit::Clean), |arguments| commands::run(&arguments))
    });
    let exit = ended.unwrap_or_else(|error| {
        let color = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        commands::report(&error, color, &mut io::stderr().lock())
    });
    if commands::was_interrupted() { commands::Exit::INTERRUPTED.into() } else { exit.into() }
}
