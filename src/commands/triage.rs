//! `hookscope triage`: many captures, a row each.

use super::judged::Judged;
use super::output::{self, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Failing, Form, Judging, Redacting};
use clap::{Args, ValueEnum};
use hookscope::capture::Captures;
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::{
    Redaction, Triage, TriageEntry, render_json, render_triage_csv, render_triage_markdown,
    render_triage_text,
};
use hookscope::rules::Severity;
use hookscope::session::Options;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use walkdir::WalkDir;

const EXAMPLES: &str = "\
Examples:
  hookscope triage captures/                      a row for each capture in the folder and below
  hookscope triage monday.pcap tuesday.pcap.gz -o triage.csv
  hookscope triage captures/ --format json | jq -r '.captures[] | select(.state == \"broken\") | .path'";

const EXIT_CODES: &str = "\
Exit codes, the worst of all captures:
  0 no problem   1 problems found   2 wrong usage   3 a file cannot be read or is no capture
  4 a capture without hook traffic, or no capture at all   5 output failed";

/// Look at many captures and folders of them: a row each, the worst first
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Capture files, and folders with captures
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs; `hookscope schema triage` describes it
    Json,
    /// For spreadsheets
    Csv,
    /// A table for a ticket
    Markdown,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Csv => &["csv"],
            Self::Markdown => &["md"],
        }
    }
}

/// How each capture is looked at.
struct Manner {
    options: Options,
    redaction: Redaction,
    /// From which severity on findings make the exit code 1.
    least: Option<Severity>,
}

/// A file to look at.
struct Candidate {
    path: PathBuf,
    /// Whether it was named, and not found in a folder: then it is to be a capture.
    named: bool,
}

/// What became of a file.
enum Looked {
    /// A capture, and how its own analysis would have ended.
    At(Box<TriageEntry>, Exit),
    /// No capture, found in a folder.
    NoCapture,
}

/// Looks at captures.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let target = Target::of(&arguments.destination)?;
    let redacted = !arguments.redacting.no_redact;
    let manner = Manner {
        options: arguments.judging.options(),
        redaction: files::redaction(&arguments.redacting)?,
        least: arguments.failing.fail_on.severity(),
    };
    let (candidates, mut entries) = candidates(&arguments.paths);
    let looked = look_at_all(&candidates, &manner);
    let mut exits = if entries.is_empty() { Vec::new() } else { vec![Exit::Input] };
    let mut other_files = 0;
    for looked in looked {
        match looked {
            Looked::At(entry, exit) => {
                entries.push(*entry);
                exits.push(exit);
            }
            Looked::NoCapture => other_files += 1,
        }
    }
    let triage = Triage::new(entries, other_files, redacted);
    output::write(target.path, arguments.coloring.color, |style, out| match target.format {
        Format::Text => render_triage_text(&triage, style, out),
        Format::Json => render_json(&triage, out),
        Format::Csv => render_triage_csv(&triage, out),
        Format::Markdown => render_triage_markdown(&triage, out),
    })?;
    let worst = [Exit::Findings, Exit::Input, Exit::Absent].into_iter().find(|exit| exits.contains(exit));
    // Without any capture, silence is no success.
    Ok(worst.unwrap_or(if exits.is_empty() { Exit::Absent } else { Exit::Clean }))
}

/// The files that are named or found in folders, in order; and rows for what cannot be looked into.
fn candidates(paths: &[PathBuf]) -> (Vec<Candidate>, Vec<TriageEntry>) {
    let (mut candidates, mut entries) = (Vec::new(), Vec::new());
    for named in paths {
        if !named.is_dir() {
            candidates.push(Candidate { path: named.clone(), named: true });
            continue;
        }
        for found in WalkDir::new(named).follow_links(true).sort_by_file_name() {
            match found {
                Ok(found) if found.file_type().is_file() => {
                    candidates.push(Candidate { path: found.into_path(), named: false });
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(named).to_string_lossy().into_owned();
                    entries.push(TriageEntry::unreadable(path, 0, error.to_string()));
                }
            }
        }
    }
    (candidates, entries)
}

/// Looks at all files, on all cores; the results are in the order of the files.
fn look_at_all(candidates: &[Candidate], manner: &Manner) -> Vec<Looked> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Looked)>> = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(candidates.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(candidate) = candidates.get(index) else { return };
                    let looked = look_at(candidate, manner);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, looked));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, looked)| looked).collect()
}

fn look_at(candidate: &Candidate, manner: &Manner) -> Looked {
    let limits = Limits::default();
    let path: &Path = &candidate.path;
    let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
    let captures = match Captures::open(std::slice::from_ref(&candidate.path), &limits) {
        Ok(captures) => captures,
        Err(error) if !candidate.named && error.is_no_capture() => return Looked::NoCapture,
        Err(error) => {
            let name = path.to_string_lossy().into_owned();
            return Looked::At(Box::new(TriageEntry::unreadable(name, size, error.to_string())), Exit::Input);
        }
    };
    let judged = Judged::of(pipeline::read(captures, &limits, manner.options.clone()));
    let document = judged.document(manner.redaction.clone());
    let exit = judged.exit(manner.least);
    Looked::At(Box::new(TriageEntry::of(&document, size)), exit)
}
