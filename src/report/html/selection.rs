//! Which sessions and hooks the page shows: all of them, unless there are so many that a browser would not open it.

use crate::report::document::{Document, Hook};
use crate::report::words::is_problem;
use std::collections::BTreeMap;

/// Sessions that are shown; those with problems come first.
const SHOWN_SESSIONS: usize = 1_000;
/// Hooks that are shown.
const SHOWN_HOOKS: usize = 10_000;

/// What is shown, by the places in the document's lists.
pub(super) struct Selection<'d> {
    places: BTreeMap<&'d str, usize>,
    sessions: Vec<bool>,
    hooks: Vec<bool>,
}

impl<'d> Selection<'d> {
    /// Chooses.
    pub(super) fn of(document: &'d Document) -> Self {
        let places = document.hooks.iter().enumerate().map(|(place, hook)| (hook.id.as_str(), place));
        let mut selection = Self {
            places: places.collect(),
            sessions: vec![false; document.sessions.len()],
            hooks: vec![false; document.hooks.len()],
        };
        let troubled: Vec<bool> = document
            .sessions
            .iter()
            .map(|session| {
                let mut hooks = session.hooks.iter().filter_map(|id| selection.place(id));
                hooks.any(|place| document.hooks.get(place).is_some_and(|hook| is_problem(&hook.outcome)))
            })
            .collect();
        choose(&mut selection.sessions, SHOWN_SESSIONS, |place| {
            troubled.get(place).copied().unwrap_or_default()
        });
        let mut open: Vec<bool> = document.hooks.iter().map(|hook| hook.session.is_none()).collect();
        for (session, shown) in document.sessions.iter().zip(&selection.sessions) {
            for place in session.hooks.iter().filter_map(|id| selection.place(id)) {
                if let Some(open) = open.get_mut(place) {
                    *open = *shown;
                }
            }
        }
        let candidates: Vec<(usize, &Hook)> =
            document.hooks.iter().enumerate().filter(|(place, _)| open.get(*place) == Some(&true)).collect();
        // Half of the room is for what went wrong.
        let problems = candidates.iter().filter(|(_, hook)| is_problem(&hook.outcome));
        let mut left = SHOWN_HOOKS;
        for (place, _) in problems.take(SHOWN_HOOKS / 2).chain(&candidates) {
            if let Some(shown) = selection.hooks.get_mut(*place).filter(|shown| left > 0 && !**shown) {
                *shown = true;
                left -= 1;
            }
        }
        selection
    }

    /// A hook's place by its id.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Whether the hook at that place is shown.
    pub(super) fn shows_hook(&self, place: usize) -> bool {
        self.hooks.get(place).copied().unwrap_or_default()
    }

    /// Whether the session at that place is shown.
    pub(super) fn shows_session(&self, place: usize) -> bool {
        self.sessions.get(place).copied().unwrap_or_default()
    }
}

/// Marks up to `most` places, those first that are preferred.
pub(super) fn choose(shown: &mut [bool], most: usize, preferred: impl Fn(usize) -> bool) {
    let mut left = most;
    for wanted in [true, false] {
        for (place, shown) in shown.iter_mut().enumerate() {
            if left > 0 && preferred(place) == wanted {
                *shown = true;
                left -= 1;
            }
        }
    }
}
