//! One of the two captures that are compared: its case, and what may be told of it.

use super::document::Seen;
use crate::capture::CaptureSummary;
use crate::report::{Document, Redaction};
use crate::report::{Hook, cut};
use crate::rules;
use crate::session::{Case, HookRecord};
use std::path::Path;

/// Frames that are told of a difference.
pub(super) const TOLD_FRAMES: usize = 6;
/// Rules that say that packets were not captured.
const LACKING: [&str; 6] =
    ["capture-cut", "capture-loss", "one-sided", "snaplen-cut", "limit-reached", "clock-backwards"];
/// Columns of a capture's name.
const NAME_ROOM: usize = 40;

/// A capture.
pub(super) struct Side<'c> {
    /// What was found, as it is: for comparing.
    pub(super) case: &'c Case,
    /// The same, masked: for telling.
    pub(super) document: Document,
    /// What it is called.
    pub(super) name: String,
}

impl<'c> Side<'c> {
    /// Both, masked by the same key: the one given, or one that both captures make, in whatever order.
    pub(super) fn both(first: &'c Case, second: &'c Case, redaction: &Redaction) -> [Self; 2] {
        let cases = [first, second];
        let captures = cases.iter().flat_map(|case| &case.captures);
        let mut captures: Vec<String> = captures.map(CaptureSummary::identity).collect();
        captures.sort_unstable();
        let key = redaction.key.clone().unwrap_or_else(|| captures.concat().into_bytes());
        let redaction = Redaction { key: Some(key), ..redaction.clone() }.knowing(&cases);
        let [one, other] = names(first, second);
        [(first, one), (second, other)].map(|(case, name)| {
            let (findings, verdict) = rules::judge(case);
            let document = Document::new(case, &findings, &verdict, redaction.clone());
            Self { case, document, name }
        })
    }

    /// Whether it holds any hook.
    pub(super) fn has_hooks(&self) -> bool {
        !self.case.hooks.is_empty()
    }

    /// Hooks as found and as told, with their places in the list.
    pub(super) fn hooks(&self) -> impl Iterator<Item = (usize, &'c HookRecord, &Hook)> {
        let both = self.case.hooks.iter().zip(&self.document.hooks);
        both.enumerate().map(|(index, (record, hook))| (index, record, hook))
    }

    /// A hook as found.
    pub(super) fn record(&self, index: usize) -> Option<&'c HookRecord> {
        self.case.hooks.get(index)
    }

    /// A hook as told.
    pub(super) fn hook(&self, index: usize) -> Option<&Hook> {
        self.document.hooks.get(index)
    }

    /// Why what the other capture shows may be missing in it, though it was there.
    pub(super) fn lacks(&self) -> Option<String> {
        let lacks = self.document.findings.iter().find(|finding| LACKING.contains(&finding.rule.as_str()))?;
        Some(format!("{} may lack what the other shows: {} ({})", self.name, lacks.title, lacks.rule))
    }

    /// What it shows: a text, and the hooks that prove it.
    pub(super) fn seen(&self, text: impl Into<String>, hooks: &[usize]) -> Seen {
        let told = || hooks.iter().take(TOLD_FRAMES).filter_map(|index| self.hook(*index));
        Seen {
            text: text.into(),
            frames: told().map(|hook| hook.frame.clone()).collect(),
            hooks: told().map(|hook| hook.id.clone()).collect(),
            count: hooks.len() as u64,
        }
    }
}

/// What the captures are called: by their files, as far as these differ.
fn names(first: &Case, second: &Case) -> [String; 2] {
    let path = |case: &Case| case.captures.first().map(|capture| capture.path.clone()).unwrap_or_default();
    let (one, other) = (path(first), path(second));
    let file = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let named = [file(&one), file(&other)];
    let [one, other] = if named[0] == named[1] {
        [&one, &other].map(|path| path.to_string_lossy().into_owned())
    } else {
        named
    };
    let short = |name: &str| cut(name, NAME_ROOM, "…");
    if short(&one) == short(&other) {
        return [format!("{} (first)", short(&one)), format!("{} (second)", short(&other))];
    }
    [short(&one), short(&other)]
}

/// The middle one of some values.
pub(super) fn median<T: Copy + Ord>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}
