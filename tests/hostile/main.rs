//! Writes hostile captures, or damages samples in every way and reads what is left.
//!
//! `.ci/hostile` gives the captures to the program, and makes the tables of `docs/reliability.md`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a mistake here is to fail loudly"
)]

#[path = "../support/support.rs"]
mod support;

mod damage;
mod faults;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: hostile FOLDER [N]  writes each kind of hostile capture, small and four times as large, and a list of them; all
                           of them N times smaller, so that limits may not be reached
       hostile --damage    damages all samples in every way, reads what is left, and tells how much that was
       hostile --faults    copies a pcap stream from standard input to standard output, with faults";

/// How much larger the large one of two captures of a kind is.
const TIMES: u32 = 4;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("--damage") => damage::all(),
        Some("--faults") => faults::put().unwrap(),
        Some(folder) if !folder.starts_with('-') => {
            let smaller = std::env::args().nth(2).map_or(1, |smaller| smaller.parse().unwrap());
            write(Path::new(folder), smaller);
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Writes `NAME-1.pcap`, `NAME-4.pcap` and `list.tsv`.
fn write(folder: &Path, smaller: u32) {
    fs::create_dir_all(folder).unwrap();
    let mut list = String::new();
    for kind in support::hostile::all() {
        for times in [1, TIMES] {
            let octets = (kind.build)((kind.count / smaller).max(1) * times);
            fs::write(folder.join(format!("{}-{times}.pcap", kind.name)), octets).unwrap();
        }
        let about = kind.about.replace("{}", &(kind.count * TIMES).to_string());
        let told_by = kind.told_by.filter(|_| smaller == 1).unwrap_or_default();
        list += &format!("{}\t{about}\t{told_by}\n", kind.name);
    }
    fs::write(folder.join("list.tsv"), list).unwrap();
}
