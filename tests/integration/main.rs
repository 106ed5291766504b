//! One binary for all integration tests: one link step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "tests may fail loudly"
)]

#[path = "../support/support.rs"]
mod support;

mod absence;
mod architecture;
mod browser;
mod causes;
mod check;
mod command_line;
mod compare;
mod config;
mod differential;
mod documents;
mod errors;
mod excerpt;
mod exchanges;
mod faults;
mod filters;
mod formats;
mod forms;
mod fuzzed;
mod golden;
mod hostile;
mod html;
mod limits;
mod metamorphic;
mod outputs;
mod readme;
mod recipe;
mod reference;
mod replay;
mod samples;
mod secrets;
mod started;
mod threads;
mod times;
mod triage;
mod watch;

use std::path::PathBuf;
use std::process::Command;

/// A folder of the repository.
pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What tshark prints; `None` where it is not installed, which the checks do not accept.
pub fn tshark(arguments: &[&str]) -> Option<String> {
    match Command::new("tshark").args(arguments).output() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "tshark is needed: {error}");
            println!("skipped: no tshark ({error})");
            None
        }
    }
}
