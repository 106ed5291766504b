//! One binary for all integration tests: one link step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "tests may fail loudly"
)]

#[path = "../support/support.rs"]
mod support;

mod architecture;
mod command_line;
mod differential;
mod golden;
mod samples;

use std::path::PathBuf;

/// A folder of the repository.
pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
