//! What becomes of a file, of several that are one capture, and of an archive: rows.

use crate::cli::{Filtering, Judging};
use crate::commands::judged::Judged;
use crate::commands::{Exit, progress};
use hookscope::capture::archive::{self, Entry, Kind};
use hookscope::capture::ring::Ring;
use hookscope::capture::{Capture, CaptureError, CaptureSummary, Captures, Meter};
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::{Redaction, TriageEntry, TriageFile};
use hookscope::rules::Severity;
use std::path::{Path, PathBuf};

/// How each capture is looked at.
pub(super) struct Manner<'a> {
    pub(super) judging: &'a Judging,
    pub(super) filtering: &'a Filtering,
    pub(super) redaction: Redaction,
    /// From which severity on findings make the exit code 1.
    pub(super) least: Option<Severity>,
    pub(super) limits: Limits,
    pub(super) meter: Meter,
}

/// A file to look at.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// Whether it was named, and not found in a folder: then it is to be a capture.
    pub(super) named: bool,
}

/// What is looked at together.
pub(super) enum Task {
    File(Candidate),
    /// Files that are one capture by their names.
    Ring(Ring, Vec<Candidate>),
}

impl Task {
    /// Octets to read, where that is known.
    pub(super) fn octets(&self) -> Option<u64> {
        match self {
            Self::File(candidate) => progress::size(&candidate.path),
            Self::Ring(_, candidates) => candidates.iter().map(|one| progress::size(&one.path)).sum(),
        }
    }
}

/// What there is to tell.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) entries: Vec<TriageEntry>,
    /// How analyses would have ended.
    pub(super) exits: Vec<Exit>,
    /// Files that are no captures.
    pub(super) other_files: u64,
}

impl Rows {
    /// Tells of a file that cannot be read.
    pub(super) fn refuse(&mut self, path: &Path, size: u64, error: &CaptureError) {
        self.unreadable(TriageEntry::unreadable(name(path), size, error.to_string()));
    }

    /// Tells of something that cannot be read.
    pub(super) fn unreadable(&mut self, entry: TriageEntry) {
        self.entries.push(entry);
        self.exits.push(Exit::Input);
    }

    /// Puts others behind these.
    pub(super) fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.exits.append(&mut other.exits);
        self.other_files += other.other_files;
    }
}

impl Manner<'_> {
    /// Looks at what is to be done.
    pub(super) fn look_at(&self, task: &Task) -> Rows {
        let mut rows = Rows::default();
        match task {
            Task::File(candidate) => self.file(candidate, &mut rows),
            Task::Ring(ring, candidates) => self.ring(ring, candidates, &mut rows),
        }
        rows
    }

    fn judge(&self, captures: Captures) -> Judged {
        let judged = Judged::of(pipeline::read(captures, &self.limits, self.judging.options()));
        judged.filtered(self.filtering, self.judging)
    }

    fn capture(&self, captures: Captures, size: u64, rows: &mut Rows) {
        let judged = self.judge(captures);
        rows.exits.push(judged.exit(self.least));
        rows.entries.push(TriageEntry::of(&judged.document(self.redaction.clone()), size));
    }

    fn file(&self, candidate: &Candidate, rows: &mut Rows) {
        let path = &candidate.path;
        let size = size(path);
        match Captures::metered(std::slice::from_ref(path), &self.limits, &self.meter) {
            Ok(captures) => self.capture(captures, size, rows),
            Err(CaptureError::IsArchive { kind, .. }) if path.as_os_str() != "-" => {
                self.archive(candidate, kind, size, rows);
            }
            Err(error) if !candidate.named && is_other_file(path, &error) => rows.other_files += 1,
            Err(error) => rows.refuse(path, size, &error),
        }
    }

    /// Files that are one capture by their names; by what they hold, they may be several.
    fn ring(&self, ring: &Ring, candidates: &[Candidate], rows: &mut Rows) {
        let paths: Vec<PathBuf> = candidates.iter().map(|candidate| candidate.path.clone()).collect();
        let single = |rows: &mut Rows| candidates.iter().for_each(|candidate| self.file(candidate, rows));
        let (captures, refused) = match Captures::readable(&paths, &self.limits, &self.meter) {
            Ok(opened) => opened,
            Err(error) => return rows.refuse(&ring.name, 0, &error),
        };
        if captures.count() < 2 {
            return single(rows);
        }
        let judged = self.judge(captures);
        let summaries = &judged.case.captures;
        let parts = ring.parts(summaries);
        if let [_] = parts.as_slice() {
            rows.exits.push(judged.exit(self.least));
            if !refused.is_empty() {
                rows.exits.push(Exit::Input);
            }
            let files = files(&paths, summaries, &refused);
            let document = judged.document(self.redaction.clone());
            rows.entries.push(TriageEntry::of_files(&document, name(&ring.name), files));
            return;
        }
        for part in parts {
            let held = |candidate: &&Candidate| {
                part.iter().any(|place| summaries.get(*place).is_some_and(|one| one.path == candidate.path))
            };
            let held: Vec<Candidate> = candidates.iter().filter(held).cloned().collect();
            match held.as_slice() {
                // These follow one another: they were judged to.
                [_, _, ..] => self.ring(ring, &held, rows),
                alone => alone.iter().for_each(|candidate| self.file(candidate, rows)),
            }
        }
        let refused = candidates.iter().filter(|one| refused.iter().any(|(path, _)| *path == one.path));
        refused.for_each(|candidate| self.file(candidate, rows));
    }

    /// The captures in an archive.
    fn archive(&self, archive: &Candidate, kind: Kind, size: u64, rows: &mut Rows) {
        let mut inside = Rows::default();
        let gone = archive::each(&archive.path, kind, &self.limits, &self.meter, &mut |entry| {
            self.entry(entry, &mut inside);
        });
        match gone {
            Err(error) => inside.refuse(&archive.path, size, &error),
            Ok(()) if inside.entries.is_empty() && archive.named => {
                let error = "there is no capture in this archive".to_owned();
                inside.unreadable(TriageEntry::unreadable(name(&archive.path), size, error));
            }
            Ok(()) => {}
        }
        rows.append(inside);
    }

    fn entry(&self, entry: Entry, rows: &mut Rows) {
        let Entry { path, size, content } = entry;
        match content.and_then(|content| Capture::from_reader(content, &path, 0, &self.limits)) {
            Ok(capture) => self.capture(Captures::new(vec![capture]), size, rows),
            Err(error) if is_other_file(&path, &error) => rows.other_files += 1,
            Err(CaptureError::IsArchive { kind, .. }) => {
                let error = format!("it is {kind} archive in an archive: unpack it first");
                rows.unreadable(TriageEntry::unreadable(name(&path), size, error));
            }
            Err(error) => rows.refuse(&path, size, &error),
        }
    }
}

/// Whether a file is no capture, and none that is damaged: that one's name says so, compressed or not.
fn is_other_file(path: &Path, error: &CaptureError) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let plain = [".gz", ".zst", ".lz4"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    error.is_no_capture() && ![".pcap", ".pcapng", ".cap"].iter().any(|ending| plain.ends_with(ending))
}

/// The files of a ring in their order, with what became of them.
fn files(
    paths: &[PathBuf],
    summaries: &[CaptureSummary],
    refused: &[(PathBuf, CaptureError)],
) -> Vec<TriageFile> {
    let told = |path: &PathBuf| {
        let summary = summaries.iter().find(|summary| summary.path == *path);
        let error = refused.iter().find(|(refused, _)| refused == path);
        TriageFile {
            path: name(path),
            size: size(path),
            sha256: summary.and_then(|summary| summary.sha256.clone()),
            error: error.map(|(_, error)| error.to_string()),
            cut_short: summary.is_some_and(|summary| summary.cut_short),
        }
    };
    paths.iter().map(told).collect()
}

/// Whether a file is, or may be, a capture or an archive, and no report of an earlier run.
pub(super) fn holds_capture(path: &Path, limits: &Limits) -> bool {
    let opened = Capture::open(path, 0, limits);
    !matches!(opened, Err(CaptureError::NotACapture { .. } | CaptureError::Empty { .. }))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn size(path: &Path) -> u64 {
    progress::size(path).unwrap_or_default()
}
