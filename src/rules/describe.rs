//! Words that several rules use, and the grouping of hooks with the same problem.

use crate::hook::{Name, Outcome};
use crate::session::{Case, HookRecord};
use crate::time::{Span, Timestamp};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Methods that a sentence names: their names may be whatever a client writes into a path.
pub(super) const LISTED: usize = 8;

/// Hooks with the same problem at the same backend.
pub(super) struct Group<K> {
    pub(super) backend: usize,
    pub(super) key: K,
    pub(super) hooks: Vec<usize>,
}

/// Groups the hooks for which `problem` gives a key, by backend and key.
pub(super) fn group<K: Ord + Clone>(
    case: &Case,
    problem: impl Fn(&HookRecord) -> Option<K>,
) -> Vec<Group<K>> {
    let mut groups: BTreeMap<(usize, K), Vec<usize>> = BTreeMap::new();
    for (index, record) in case.hooks.iter().enumerate() {
        if let Some(key) = problem(record) {
            groups.entry((record.backend, key)).or_default().push(index);
        }
    }
    groups.into_iter().map(|((backend, key), hooks)| Group { backend, key, hooks }).collect()
}

impl<K> Group<K> {
    /// The backend in words: `192.0.2.9:8081 (/EchoApp)`.
    pub(super) fn backend(&self, case: &Case) -> String {
        backend(case, self.backend)
    }

    /// The hooks in words: `call`, `2 hooks (call)`, `5 hooks (connect 2, call 3)`.
    pub(super) fn hooks(&self, case: &Case) -> String {
        let methods = methods(case, &self.hooks);
        match (self.hooks.len(), methods.as_slice()) {
            (1, [(name, _)]) => name.to_string(),
            (count, [(name, _)]) => format!("{count} hooks ({name})"),
            (count, many) => {
                let named = many.iter().take(LISTED).map(|(name, count)| format!("{name} {count}"));
                let more = many.len().saturating_sub(LISTED);
                let more = (more > 0).then(|| format!("and {}", counted(more as u64, "more method")));
                format!("{count} hooks ({})", named.chain(more).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Whether other hooks of the same methods fared well at the same backend.
    pub(super) fn same_methods_succeed(&self, case: &Case) -> bool {
        let failing: HashSet<&Name> = case.records(&self.hooks).map(|(_, record)| &record.name).collect();
        case.hooks_of(self.backend)
            .any(|record| record.outcome == Outcome::Ok && failing.contains(&record.name))
    }

    /// Whether any hook fared well at the same backend.
    pub(super) fn others_succeed(&self, case: &Case) -> bool {
        case.hooks_of(self.backend).any(|record| record.outcome == Outcome::Ok)
    }
}

/// The methods of hooks with their numbers, in the order of first appearance.
pub(super) fn methods(case: &Case, hooks: &[usize]) -> Vec<(Name, usize)> {
    let mut methods: Vec<(Name, usize)> = Vec::new();
    let mut places: HashMap<&Name, usize> = HashMap::default();
    for (_, record) in case.records(hooks) {
        let place = *places.entry(&record.name).or_insert(methods.len());
        match methods.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => methods.push((record.name.clone(), 1)),
        }
    }
    methods
}

/// A backend in words.
pub(super) fn backend(case: &Case, index: usize) -> String {
    let Some(backend) = case.backends.get(index) else { return String::new() };
    if backend.base_path.is_empty() {
        backend.server.to_string()
    } else {
        format!("{} ({})", backend.server, backend.base_path)
    }
}

/// A moment of the capture in words: `frame 12 at 3.401 s`.
pub(super) fn frame(case: &Case, at: crate::endpoint::Moment) -> String {
    format!("frame {} at {}", frame_name(case, at.frame), relative(case, at.time))
}

/// A frame's name: its number, with the file's name where there are several.
pub(super) fn frame_name(case: &Case, frame: crate::endpoint::FrameNumber) -> String {
    match case.file_of(frame) {
        Some(file) => format!("{file}#{}", frame.number()),
        None => frame.number().to_string(),
    }
}

/// Seconds since the capture's first frame.
pub(super) fn relative(case: &Case, time: Timestamp) -> String {
    format!("{:.3} s", time.since(case.start()).seconds())
}

/// `1 hook`, `2 hooks`.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("{count} {thing}") } else { format!("{count} {thing}s") }
}

/// The longest of some spans.
pub(super) fn longest(spans: impl Iterator<Item = Span>) -> Span {
    spans.max().unwrap_or(Span::ZERO)
}

/// How to reach the WCS console, for remedies that name its commands.
pub(super) const CONSOLE: &str = "in the WCS console (ssh -p 2001 admin@localhost)";
