//! Many captures, a row each: which of them tells of a problem, and of which.

mod page;
mod table;

use super::build::SCHEMA_VERSION;
use super::document::{Document, Tool};
pub(super) use page::render as html;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashMap;
pub(super) use table::{csv, markdown, text};

/// Captures, in order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Triage {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// The conditions that hooks and findings had to meet, as the command line has them, where there were some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// The captures.
    pub captures: Vec<TriageEntry>,
    /// Files in the folders that are no captures.
    pub other_files: u64,
}

/// A capture.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct TriageEntry {
    /// The path; for several files that are one capture, the pattern that names them; for what is in an archive, the
    /// archive's path with the entry's name behind it.
    pub path: String,
    /// Octets of the file, or of all files.
    pub size: u64,
    /// The conditions that its hooks and findings had to meet.
    #[serde(skip)]
    pub conditions: Option<String>,
    /// The hexadecimal SHA-256 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The files, in the order of their names, where several are one capture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<TriageFile>,
    /// The path of the same capture, told in another row, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// healthy, degraded, broken, unclear or absent; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What is broken, since when, for which sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Who has to act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// How many hooks there are.
    pub hooks: u64,
    /// How many of them were declined, failed or unanswered.
    pub failed: u64,
    /// How many sessions there are.
    pub sessions: u64,
    /// The first frame's time, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<String>,
    /// The last frame's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<String>,
    /// Whether the file ends in the middle of a record, or could not be read to its end.
    pub cut_short: bool,
}

/// One of several files that are one capture.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct TriageFile {
    /// The path.
    pub path: String,
    /// Octets of the file.
    pub size: u64,
    /// The hexadecimal SHA-256 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether it ends in the middle of a record, or could not be read to its end.
    pub cut_short: bool,
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriageOrder {
    /// The worst first, then by path.
    #[default]
    Verdict,
    /// By path.
    Path,
    /// By the first frame's time; those without one last.
    Time,
    /// Those with most hooks first.
    Hooks,
    /// Those with most failing hooks first.
    Failing,
    /// The largest first.
    Size,
}

/// States, the worst first.
const STATES: [&str; 5] = ["broken", "degraded", "unclear", "absent", "healthy"];

impl Triage {
    /// Puts captures in order; equal ones are told once, in the first row.
    pub fn new(
        mut captures: Vec<TriageEntry>,
        other_files: u64,
        redacted: bool,
        order: TriageOrder,
        reverse: bool,
    ) -> Self {
        let conditions = captures.iter().find_map(|entry| entry.conditions.clone());
        // What is equal otherwise stands as by default.
        captures.sort_by(|one, other| {
            one.rank()
                .cmp(&other.rank())
                .then_with(|| (&one.path, &one.first_time).cmp(&(&other.path, &other.first_time)))
        });
        match order {
            TriageOrder::Verdict => {}
            TriageOrder::Path => captures.sort_by(|one, other| one.path.cmp(&other.path)),
            TriageOrder::Time => {
                let time = |entry: &TriageEntry| (entry.first_time.is_none(), entry.first_time.clone());
                captures.sort_by_cached_key(time);
            }
            TriageOrder::Hooks => captures.sort_by_key(|entry| Reverse(entry.hooks)),
            TriageOrder::Failing => captures.sort_by_key(|entry| Reverse(entry.failed)),
            TriageOrder::Size => captures.sort_by_key(|entry| Reverse(entry.size)),
        }
        if reverse {
            captures.reverse();
        }
        let mut first: HashMap<Vec<String>, String> = HashMap::new();
        for entry in &mut captures {
            let Some(digests) = entry.digests() else { continue };
            entry.same_as = first.get(&digests).cloned();
            first.entry(digests).or_insert_with(|| entry.path.clone());
        }
        let schema_version = SCHEMA_VERSION.to_owned();
        Self { schema_version, tool: Tool::this(), redacted, conditions, captures, other_files }
    }
}

impl TriageEntry {
    /// The row of a capture that was read.
    pub fn of(document: &Document, size: u64) -> Self {
        let capture = document.captures.first();
        Self {
            path: capture.map(|capture| capture.path.clone()).unwrap_or_default(),
            size,
            conditions: document.selection.as_ref().map(|selection| selection.conditions.clone()),
            sha256: capture.and_then(|capture| capture.sha256.clone()),
            state: Some(document.verdict.state.clone()),
            headline: Some(document.verdict.headline.clone()),
            actor: Some(document.verdict.actor.clone()),
            hooks: document.hooks.len() as u64,
            failed: document.backends.iter().map(|backend| backend.failed).sum(),
            sessions: document.sessions.len() as u64,
            first_time: capture.and_then(|capture| capture.first_time.clone()),
            last_time: capture.and_then(|capture| capture.last_time.clone()),
            cut_short: capture.is_some_and(|capture| capture.cut_short),
            ..Self::default()
        }
    }

    /// The row of several files that are one capture: those that the document is about, and those that could not be
    /// read.
    pub fn of_files(document: &Document, path: String, files: Vec<TriageFile>) -> Self {
        let captures = &document.captures;
        let size = files.iter().map(|file| file.size).sum();
        Self {
            path,
            files,
            sha256: None,
            first_time: captures.iter().filter_map(|capture| capture.first_time.clone()).min(),
            last_time: captures.iter().filter_map(|capture| capture.last_time.clone()).max(),
            cut_short: captures.iter().any(|capture| capture.cut_short),
            ..Self::of(document, size)
        }
    }

    /// The row of a file that could not be read.
    pub fn unreadable(path: String, size: u64, error: String) -> Self {
        Self { path, size, error: Some(error), ..Self::default() }
    }

    fn rank(&self) -> usize {
        let state = self.state.as_deref();
        // What cannot be read stands behind what is known to be bad.
        STATES.iter().position(|known| state == Some(known)).unwrap_or(2)
    }

    fn state_in_words(&self) -> &str {
        match (&self.same_as, &self.state) {
            (Some(_), _) => "same",
            (None, Some(state)) => state,
            (None, None) => "unreadable",
        }
    }

    /// What it is told by: equal captures have the same.
    fn digests(&self) -> Option<Vec<String>> {
        if self.files.is_empty() {
            return self.sha256.clone().map(|digest| vec![digest]);
        }
        self.files.iter().map(|file| file.sha256.clone()).collect()
    }

    /// The path, and how many files it stands for.
    fn name(&self) -> String {
        match self.files.len() {
            0 => self.path.clone(),
            count => format!("{} ({count} files)", self.path),
        }
    }

    fn told(&self) -> String {
        match (&self.same_as, &self.error, &self.headline) {
            (Some(path), ..) => format!("the same capture as {path}"),
            (None, Some(error), _) => self.without_path(error).to_owned(),
            (None, None, headline) => {
                format!("{}{}{}", headline.as_deref().unwrap_or_default(), self.cut(), self.refused())
            }
        }
    }

    /// An error, whose row names the file already.
    fn without_path<'e>(&self, error: &'e str) -> &'e str {
        let behind = error.split_once(&format!("{}: ", self.path)).map(|(_, reason)| reason);
        behind.or_else(|| error.strip_prefix(&self.path)).unwrap_or(error).trim()
    }

    fn cut(&self) -> String {
        let cut: Vec<&TriageFile> = self.files.iter().filter(|file| file.cut_short).collect();
        match cut.as_slice() {
            _ if !self.cut_short => String::new(),
            [] => " (the file is cut short)".to_owned(),
            [file] => format!(" ({} is cut short)", file_name(&file.path)),
            files => format!(" ({} files are cut short)", files.len()),
        }
    }

    fn refused(&self) -> String {
        let errors: Vec<&str> = self.files.iter().filter_map(|file| file.error.as_deref()).collect();
        match errors.as_slice() {
            [] => String::new(),
            [error] => format!(" (a file cannot be read: {error})"),
            errors => format!(" ({} files cannot be read)", errors.len()),
        }
    }

    fn cells(&self) -> [String; 6] {
        let first = self.first_time.as_deref().map(to_the_second).unwrap_or_default();
        [
            self.state_in_words().to_owned(),
            self.name(),
            self.hooks.to_string(),
            self.failed.to_string(),
            first,
            self.told(),
        ]
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A time for people; the report on the capture has it exactly.
fn to_the_second(time: &str) -> String {
    time.split('.').next().unwrap_or_default().replace('T', " ")
}
