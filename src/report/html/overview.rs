//! All sessions over time, a line each.

use super::axis::{Tick, TimeAxis, coordinate};
use super::latency::{end, shape, stands_out};
use super::selection::{Selection, choose};
use crate::report::document::{Document, Hook, Session};

/// Sessions that are drawn; those with problems come first.
const LINES: usize = 60;
const LINE: f64 = 20.0;
const LEFT: f64 = 264.0;
const RIGHT: f64 = 948.0;
/// Characters of a session's name that have room.
const NAME: usize = 37;

/// The drawing.
pub(super) struct Overview {
    pub(super) lines: Vec<Line>,
    pub(super) left_out: usize,
    pub(super) times: Vec<Tick>,
    pub(super) height: String,
    pub(super) bottom: String,
    pub(super) words: String,
}

/// A session.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) target: Option<String>,
    pub(super) title: String,
    pub(super) y: String,
    pub(super) text_y: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Hooks that went well, as one path.
    pub(super) hooks: String,
    /// The others: shape and outcome.
    pub(super) marks: Vec<(String, String)>,
}

impl Overview {
    /// Draws, if there is a session.
    pub(super) fn of(document: &Document, selection: &Selection<'_>) -> Option<Self> {
        let axis = TimeAxis { left: LEFT, right: RIGHT, end: end(document)? };
        let hooks = |session: &Session| -> Vec<&Hook> {
            session.hooks.iter().filter_map(|id| document.hooks.get(selection.place(id)?)).collect()
        };
        let troubled: Vec<bool> =
            document.sessions.iter().map(|session| hooks(session).into_iter().any(stands_out)).collect();
        let mut drawn = vec![false; document.sessions.len()];
        choose(&mut drawn, LINES, |place| troubled.get(place).copied().unwrap_or_default());
        let chosen = document.sessions.iter().enumerate();
        let chosen = chosen.filter(|(place, _)| drawn.get(*place).copied().unwrap_or_default());
        let mut lines = Vec::new();
        let mut y = LINE / 2.0;
        for (place, session) in chosen {
            let mut line = Line::new(session, &hooks(session), axis, y);
            line.target = selection.shows_session(place).then(|| format!("session-{}", session.id));
            lines.push(line);
            y += LINE;
        }
        let bottom = y - LINE / 2.0 + 4.0;
        (!lines.is_empty()).then(|| Self {
            left_out: document.sessions.len() - lines.len(),
            times: axis.ticks(),
            height: coordinate(bottom + 24.0),
            bottom: coordinate(bottom),
            words: format!(
                "{} sessions, {} of them with hooks that were declined, failed or went unanswered.",
                document.sessions.len(),
                troubled.iter().filter(|troubled| **troubled).count()
            ),
            lines,
        })
    }
}

impl Line {
    fn new(session: &Session, hooks: &[&Hook], axis: TimeAxis, y: f64) -> Self {
        let first = hooks.first().map_or(0.0, |hook| hook.relative);
        let last = hooks.iter().map(|hook| hook.relative).fold(first, f64::max);
        let wrong: Vec<&&Hook> = hooks.iter().filter(|hook| stands_out(hook)).collect();
        let mark = |hook: &&&Hook| (shape(&hook.outcome, axis.at(hook.relative), y), hook.outcome.clone());
        let mut marks: Vec<(String, String)> = wrong.iter().map(mark).collect();
        // Marks at the same place are one mark.
        marks.dedup();
        Self {
            name: shortened(&session.session_id),
            target: None,
            title: format!(
                "{}: {}, {} hooks from {first:.3} s to {last:.3} s, {} of them went wrong",
                session.session_id,
                session.state,
                hooks.len(),
                wrong.len()
            ),
            y: coordinate(y),
            text_y: coordinate(y + 4.0),
            from: coordinate(axis.at(first)),
            to: coordinate(axis.at(last)),
            hooks: ticks(hooks, axis, y),
            marks,
        }
    }
}

/// A stroke for each hook, at most one a unit.
fn ticks(hooks: &[&Hook], axis: TimeAxis, y: f64) -> String {
    let mut path = String::new();
    let mut before = f64::NEG_INFINITY;
    for hook in hooks.iter().filter(|hook| !stands_out(hook)) {
        let x = axis.at(hook.relative);
        if x - before >= 1.0 {
            path.push_str(&format!("M{} {}v8", coordinate(x), coordinate(y - 4.0)));
            before = x;
        }
    }
    path
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
