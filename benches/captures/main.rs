//! Writes captures of a given shape: what the benchmarks read.
//!
//! The same call always writes the same octets. Files are streamed, so that they may be larger than memory.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a mistake here is to fail loudly"
)]

#[path = "../../tests/support/support.rs"]
mod support;

mod filler;
mod hooks;
mod lane;
mod shapes;
mod sink;

use sink::{Format, Sink};
use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: captures FOLDER [NAME...]    writes the captures of these names, or all
       captures - GIGABYTES         writes RTP with little HTTP inside to standard output
       captures --list              prints the names";

const MEGABYTE: u64 = 1_000_000;

/// What a capture is made of.
#[derive(Clone, Copy)]
enum Shape {
    /// RTP with little HTTP inside: so many octets.
    Filler(Format, u64),
    /// Hooks with bodies as large as real ones, answered in chunks: so many sessions.
    Http(u32),
    /// Hooks with small bodies: so many sessions.
    Hooks(u32),
    /// Connections of one hook each: so many, opened and closed one after the other.
    Connections(u32),
    /// The same, but all are open at once, and half are never closed.
    Open(u32),
}

/// The captures; a session has ten hooks.
const CAPTURES: [(&str, Shape); 12] = [
    ("filler.pcap", Shape::Filler(Format::Pcap, 1_000 * MEGABYTE)),
    ("filler.pcapng", Shape::Filler(Format::Pcapng, 1_000 * MEGABYTE)),
    ("http.pcap", Shape::Http(15_600)),
    ("hooks.pcap", Shape::Hooks(20_000)),
    ("hooks-1.pcap", Shape::Hooks(20)),
    ("hooks-10.pcap", Shape::Hooks(200)),
    ("hooks-100.pcap", Shape::Hooks(2_000)),
    ("connections.pcap", Shape::Connections(100_000)),
    ("open.pcap", Shape::Open(100_000)),
    ("filler-small.pcap", Shape::Filler(Format::Pcap, 50 * MEGABYTE)),
    ("http-small.pcap", Shape::Http(200)),
    ("hooks-small.pcap", Shape::Hooks(1_000)),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--list"] => list(),
        ["-", gigabytes] => match gigabytes.parse::<u64>() {
            Ok(count) => write(Shape::Filler(Format::Pcap, count * 1_000 * MEGABYTE), io::stdout().lock()),
            Err(_) => return usage(),
        },
        [folder, ..] if !folder.starts_with('-') => write_files(Path::new(folder), &arguments[1..]),
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads standard output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("captures: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn list() -> io::Result<()> {
    CAPTURES.iter().try_for_each(|(name, _)| writeln!(io::stdout(), "{name}"))
}

fn write_files(folder: &Path, names: &[&str]) -> io::Result<()> {
    if let Some(name) = names.iter().find(|name| CAPTURES.iter().all(|(known, _)| known != *name)) {
        return Err(io::Error::other(format!("{name}: no such capture")));
    }
    std::fs::create_dir_all(folder)?;
    for (name, shape) in CAPTURES.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        // Whoever finds a capture under its name finds it whole.
        let unfinished = folder.join(format!("{name}.part"));
        write(*shape, File::create(&unfinished)?)?;
        std::fs::rename(unfinished, folder.join(name))?;
    }
    Ok(())
}

fn write(shape: Shape, to: impl Write) -> io::Result<()> {
    match shape {
        Shape::Filler(format, octets) => filler::write(&mut Sink::new(to, format, filler::LINK)?, octets),
        Shape::Http(sessions) => shapes::lanes(to, shapes::http(sessions)),
        Shape::Hooks(sessions) => shapes::lanes(to, shapes::hooks(sessions)),
        Shape::Connections(count) => shapes::lanes(to, shapes::connections(count)),
        Shape::Open(count) => shapes::open(to, count),
    }
}
