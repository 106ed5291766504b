//! `hookscope triage`: many captures, a row each.

use super::{Error, Exit, files, output};
use crate::cli::{Triage as Arguments, TriageFormat};
use hookscope::capture::Captures;
use hookscope::limits::Limits;
use hookscope::report::{
    Document, Redaction, Triage, TriageEntry, render_json, render_triage_csv, render_triage_markdown,
    render_triage_text,
};
use hookscope::rules::Severity;
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use walkdir::WalkDir;

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
    let endings = [
        ("txt", TriageFormat::Text),
        ("json", TriageFormat::Json),
        ("csv", TriageFormat::Csv),
        ("md", TriageFormat::Markdown),
    ];
    let format = output::format(arguments.format, arguments.output.as_deref(), &endings)?;
    let redaction = files::redaction(&arguments.redaction)?;
    let redacted = !arguments.redaction.no_redact;
    let (candidates, mut entries) = candidates(&arguments.paths);
    let looked = look_at_all(&candidates, &redaction, arguments.fail_on.severity());
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
    output::write(arguments.output.as_deref(), arguments.color, |style, out| match format {
        TriageFormat::Text => render_triage_text(&triage, style, out),
        TriageFormat::Json => render_json(&triage, out),
        TriageFormat::Csv => render_triage_csv(&triage, out),
        TriageFormat::Markdown => render_triage_markdown(&triage, out),
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
fn look_at_all(candidates: &[Candidate], redaction: &Redaction, least: Option<Severity>) -> Vec<Looked> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Looked)>> = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(candidates.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(candidate) = candidates.get(index) else { return };
                    let looked = look_at(candidate, redaction, least);
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

fn look_at(candidate: &Candidate, redaction: &Redaction, least: Option<Severity>) -> Looked {
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
    let case = pipeline::read(captures, &limits, Options::default());
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, redaction.clone());
    let exit = super::exit(&findings, &verdict, least);
    Looked::At(Box::new(TriageEntry::of(&document, size)), exit)
}
