//! `hookscope triage`: many captures, a row each.

mod look;

use super::output::{self, Target};
use super::progress::Progress;
use super::{Error, Exit, files, interrupt};
use crate::cli::{Coloring, Destination, Failing, Filtering, Form, Judging, Redacting, Resources};
use clap::{Args, ValueEnum};
use hookscope::capture::ring::{self, Ring};
use hookscope::limits::Limits;
use hookscope::parallel;
use hookscope::report::{
    Triage, TriageEntry, TriageOrder, render_json, render_triage_csv, render_triage_html,
    render_triage_markdown, render_triage_text,
};
use look::{Candidate, Manner, Rows, Task};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use walkdir::WalkDir;

const EXAMPLES: &str = "\
Examples:
  hookscope triage captures/                      a row for each capture in the folder and below
  hookscope triage monday.pcap tuesday.pcap.gz -o triage.csv
  hookscope triage ticket-4711.zip -o triage.html the captures in an archive, as a page
  hookscope triage captures/ --sort time          in the order in which they were made
  hookscope triage captures/ --format json | jq -r '.captures[] | [.state, .path] | @tsv'";

const EXIT_CODES: &str = "\
Exit codes, the worst of all captures:
  0 no problem   1 problems found   2 wrong usage   3 a file cannot be read or is no capture
  4 a capture without hook traffic, or no capture at all   5 output failed";

/// Look at many captures and folders of them: a row each, the worst first
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Capture files, archives (ZIP, tar) and folders with captures
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What rows are sorted by
    #[arg(long, value_enum, default_value = "verdict", value_name = "COLUMN")]
    sort: Sort,
    /// Turn the order of rows
    #[arg(long)]
    reverse: bool,
    /// Look at each file alone, even where several are one capture (the files of a ring buffer)
    #[arg(long)]
    no_sets: bool,
    #[arg(from_global)]
    quiet: bool,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    filtering: Filtering,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
    #[command(flatten)]
    resources: Resources,
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
    /// A page for a browser
    Html,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Csv => &["csv"],
            Self::Markdown => &["md"],
            Self::Html => &["html", "htm"],
        }
    }
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The worst first
    Verdict,
    /// By path
    Path,
    /// By the time of the first frame
    Time,
    /// Most hooks first
    Hooks,
    /// Most failing hooks first
    Failing,
    /// The largest first
    Size,
}

impl From<Sort> for TriageOrder {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Verdict => Self::Verdict,
            Sort::Path => Self::Path,
            Sort::Time => Self::Time,
            Sort::Hooks => Self::Hooks,
            Sort::Failing => Self::Failing,
            Sort::Size => Self::Size,
        }
    }
}

/// Looks at captures.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    files::check_terminal(&arguments.paths)?;
    let inputs = arguments.paths.iter().chain(&arguments.redacting.redact_key);
    let target = Target::of(&arguments.destination, inputs)?;
    let redacted = !arguments.redacting.no_redact;
    // Copies are told by their digests.
    let limits = arguments.resources.upon(Limits { digest: u64::MAX, ..Limits::default() });
    let workers = limits.threads;
    let manner = Manner {
        judging: &arguments.judging,
        filtering: &arguments.filtering,
        redaction: files::redaction(&arguments.redacting)?,
        least: arguments.failing.fail_on.severity(),
        // Each worker reads a capture of its own.
        limits: Limits { threads: 1, ..limits },
        meter: interrupt::meter(),
    };
    let (candidates, mut rows) = candidates(&arguments.paths);
    if let Some(path) = candidates.iter().map(|one| &one.path).find(|path| target.place.is_file(path))
        && look::holds_capture(path, &manner.limits)
    {
        return Err(Error::OutputIsInput { path: path.clone() });
    }
    let tasks = tasks(&candidates, arguments.no_sets);
    for looked in look_at_all(&tasks, &manner, workers, arguments.quiet) {
        rows.append(looked);
    }
    let Rows { entries, exits, other_files } = rows;
    let triage = Triage::new(entries, other_files, redacted, arguments.sort.into(), arguments.reverse);
    output::write(target.place, arguments.coloring.color, |style, out| match target.format {
        Format::Text => render_triage_text(&triage, style, out),
        Format::Json => render_json(&triage, out),
        Format::Csv => render_triage_csv(&triage, out),
        Format::Markdown => render_triage_markdown(&triage, out),
        Format::Html => render_triage_html(&triage, out),
    })?;
    let worst = [Exit::Findings, Exit::Input, Exit::Absent].into_iter().find(|exit| exits.contains(exit));
    // Without any capture, silence is no success.
    Ok(worst.unwrap_or(if exits.is_empty() { Exit::Absent } else { Exit::Clean }))
}

/// The files that are named or found in folders, in order; and rows for what cannot be looked into.
fn candidates(paths: &[PathBuf]) -> (Vec<Candidate>, Rows) {
    let (mut candidates, mut rows) = (Vec::new(), Rows::default());
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
                Ok(found) if found.file_type().is_dir() => {}
                // A pipe, a socket, a device: no capture lies there, and waiting for one could take for ever.
                Ok(_) => rows.other_files += 1,
                Err(error) => {
                    let path = error.path().unwrap_or(named).to_string_lossy().into_owned();
                    rows.unreadable(TriageEntry::unreadable(path, 0, error.to_string()));
                }
            }
        }
    }
    (candidates, rows)
}

/// What is looked at together, in order.
fn tasks(candidates: &[Candidate], no_sets: bool) -> Vec<Task> {
    let paths: Vec<PathBuf> = candidates.iter().map(|candidate| candidate.path.clone()).collect();
    let rings = if no_sets { Vec::new() } else { ring::rings(&paths) };
    let grouped: BTreeSet<usize> = rings.iter().flat_map(|ring| ring.files.iter().copied()).collect();
    let of = |ring: Ring| {
        let held = ring.files.iter().filter_map(|index| candidates.get(*index).cloned()).collect();
        Task::Ring(ring, held)
    };
    // They come first, so that the longest work is not left to a single worker at the end.
    let mut tasks: Vec<Task> = rings.into_iter().map(of).collect();
    let single = candidates.iter().enumerate().filter(|(index, _)| !grouped.contains(index));
    tasks.extend(single.map(|(_, candidate)| Task::File(candidate.clone())));
    tasks
}

/// Looks at everything, with so many workers; the results are in order.
fn look_at_all(tasks: &[Task], manner: &Manner<'_>, workers: usize, quiet: bool) -> Vec<Rows> {
    let octets = tasks.iter().map(Task::octets).sum();
    let (done, count) = (Arc::new(AtomicUsize::new(0)), tasks.len());
    let counted = Arc::clone(&done);
    let words = move || format!("{} of {count} captures", counted.load(Ordering::Relaxed));
    let _progress = Progress::of(octets, &manner.meter, quiet, words);
    parallel::each(tasks, workers, |task| {
        let rows = manner.look_at(task);
        done.fetch_add(1, Ordering::Relaxed);
        rows
    })
}
