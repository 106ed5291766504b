//! What tests and benches share: a builder of capture files, and the table of sample scenarios that it
//! builds.
//!
//! Another crate includes it with `#[path = "../support/support.rs"] mod support;`. It depends on `flate2`
//! only, never on the library under test. Everything is deterministic: no clock, no randomness, so that the
//! files under `samples/` equal what [`files`] returns, octet for octet.

#![allow(dead_code, unreachable_pub, reason = "tests and benches use different parts")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::doc_markdown,
    clippy::format_push_string,
    reason = "a mistake in test support is to fail the test; it need not be fast"
)]

pub mod builder;
pub mod hostile;
pub mod listings;
pub mod random;
pub mod scenarios;

use scenarios::{SCENARIOS, Scenario};
use std::fmt::Write as _;
use std::path::Path;

/// Every file of the folder `samples/`: the captures in the table's order, then `README.md`.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let captures = SCENARIOS.iter().map(|scenario| (scenario.name.to_owned(), (scenario.build)()));
    captures.chain([("README.md".to_owned(), readme().into_bytes())]).collect()
}

/// Writes every file of the folder `samples/` into `folder`.
pub fn write_all(folder: &Path) {
    for (name, octets) in files() {
        std::fs::write(folder.join(&name), octets).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The text of `samples/README.md`.
fn readme() -> String {
    let mut text = String::from(README_HEAD);
    for scenario in SCENARIOS {
        writeln!(text, "{}", row(scenario)).unwrap();
    }
    text
}

fn row(scenario: &Scenario) -> String {
    let Scenario { name, shows, verdict, findings, near_miss_of, .. } = scenario;
    format!("| `{name}` | {shows} | {verdict} | {} | {} |", names(findings), names(near_miss_of))
}

fn names(rules: &[&str]) -> String {
    rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" ")
}

const README_HEAD: &str = "\
# Samples

Captures of one situation each, written by the builder under `tests/support/`; nothing in them was recorded. A
test compares them with what the builder makes now; `UPDATE=1 cargo test` writes them anew, this page too.
Addresses and names are those reserved for documentation. Values that begin with `planted-secret` stand for
passwords and tokens: no output may show them.

*Findings* are the rules that the sample fires, all of them but `secrets-in-clear`, which those fire whose
hooks carry such values from one host to another; *near miss of* names rules that it narrowly does not fire.

| sample | what it shows | verdict | findings | near miss of |
| --- | --- | --- | --- | --- |
";
