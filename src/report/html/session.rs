//! Sessions: their facts, flows and steps.

use super::address;
use super::anchors::Anchors;
use super::row::Row;
use super::selection::Selection;
use crate::report::document::{Document, Flow, Hook, Session};
use crate::report::words::is_problem;
use crate::report::words::seconds;
use std::collections::BTreeMap;

/// Steps in a part of a ladder.
const CHUNK: usize = 100;
/// Sessions that are open from the beginning: those with problems, or all if there are no more.
const OPEN: usize = 3;
/// Flows that a session lists.
const SHOWN_FLOWS: usize = 200;

/// A session, and how it is shown.
pub(super) struct SessionView<'d> {
    pub(super) session: &'d Session,
    pub(super) app: &'d str,
    pub(super) open: bool,
    pub(super) problems: usize,
    /// When it begins, and how long its hooks go on.
    pub(super) start: String,
    pub(super) span: String,
    pub(super) wcs: String,
    pub(super) backend: String,
    pub(super) config: Option<String>,
    pub(super) flows: Vec<FlowView<'d>>,
    pub(super) more_flows: usize,
    pub(super) chunks: Vec<Vec<Row<'d>>>,
    pub(super) more_hooks: usize,
}

/// A flow, and its hooks in short.
pub(super) struct FlowView<'d> {
    pub(super) flow: &'d Flow,
    pub(super) target: Option<String>,
    pub(super) steps: String,
}

/// The sessions that are shown; takes their steps.
pub(super) fn views<'d>(
    document: &'d Document,
    selection: &Selection<'_>,
    anchors: &Anchors,
    rows: &mut [Option<Row<'d>>],
) -> Vec<SessionView<'d>> {
    let flows: BTreeMap<&str, &Flow> = document.flows.iter().map(|flow| (flow.id.as_str(), flow)).collect();
    let mut views = Vec::new();
    let mut open = OPEN;
    for (place, session) in document.sessions.iter().enumerate() {
        if !selection.shows_session(place) {
            continue;
        }
        let hooks: Vec<&Hook> = hooks(document, selection, &session.hooks);
        let mut view = SessionView::new(session, document, &hooks);
        view.open = open > 0 && (view.problems > 0 || document.sessions.len() <= OPEN);
        open -= usize::from(view.open);
        let steps = session.hooks.iter().filter_map(|id| rows.get_mut(selection.place(id)?)?.take());
        let mut chunk = Vec::new();
        for step in steps {
            chunk.push(step);
            if chunk.len() == CHUNK {
                view.chunks.push(std::mem::take(&mut chunk));
            }
        }
        if !chunk.is_empty() {
            view.chunks.push(chunk);
        }
        view.more_hooks = hooks.len().saturating_sub(view.chunks.iter().map(Vec::len).sum());
        let known = session.flows.iter().filter_map(|id| flows.get(id.as_str()));
        view.flows =
            known.take(SHOWN_FLOWS).map(|flow| FlowView::new(flow, document, selection, anchors)).collect();
        view.more_flows = session.flows.len().saturating_sub(SHOWN_FLOWS);
        views.push(view);
    }
    views
}

fn hooks<'d>(document: &'d Document, selection: &Selection<'_>, ids: &[String]) -> Vec<&'d Hook> {
    ids.iter().filter_map(|id| document.hooks.get(selection.place(id)?)).collect()
}

impl<'d> SessionView<'d> {
    fn new(session: &'d Session, document: &'d Document, hooks: &[&'d Hook]) -> Self {
        let first = hooks.first().map_or(0.0, |hook| hook.relative);
        let end = |hook: &&Hook| hook.relative + hook.latency.unwrap_or_default();
        let last = hooks.iter().map(end).fold(first, f64::max);
        Self {
            session,
            app: session.app_key.as_deref().unwrap_or("unknown application"),
            open: false,
            problems: hooks.iter().filter(|hook| is_problem(&hook.outcome)).count(),
            start: format!("{first:.3}"),
            span: seconds(last - first),
            wcs: one(hooks.iter().map(|hook| hook.client.address.clone()), "addresses"),
            backend: one(
                hooks
                    .iter()
                    .filter_map(|hook| document.backends.iter().find(|backend| backend.id == hook.backend))
                    .map(|backend| address(&backend.address, backend.port)),
                "backends",
            ),
            config: config(session),
            flows: Vec::new(),
            more_flows: 0,
            chunks: Vec::new(),
            more_hooks: 0,
        }
    }

    /// The number of the first step of a part, and of its last one, among those shown.
    fn range(part: usize, steps: &[Row<'_>]) -> String {
        format!("{}–{}", part * CHUNK + 1, part * CHUNK + steps.len())
    }

    /// The parts, named.
    pub(super) fn parts(&self) -> impl Iterator<Item = (String, &Vec<Row<'d>>)> {
        self.chunks.iter().enumerate().map(|(part, steps)| (Self::range(part, steps), steps))
    }
}

/// The value that all have, or how many there are.
fn one(values: impl Iterator<Item = String>, name: &str) -> String {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.dedup();
    match values.as_slice() {
        [one] => one.clone(),
        several => format!("{} {name}", several.len()),
    }
}

/// What its restClientConfig says, as JSON a line each.
fn config(session: &Session) -> Option<String> {
    (!session.config.methods.is_empty()).then(|| {
        let line = |(method, settings): (&String, &serde_json::Value)| format!("{method}: {settings}");
        session.config.methods.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

impl<'d> FlowView<'d> {
    fn new(flow: &'d Flow, document: &Document, selection: &Selection<'_>, anchors: &Anchors) -> Self {
        let hooks = hooks(document, selection, &flow.hooks);
        let mut runs: Vec<(&str, usize)> = Vec::new();
        for hook in &hooks {
            match runs.last_mut() {
                Some((last, count)) if *last == hook.method => *count += 1,
                _ => runs.push((&hook.method, 1)),
            }
        }
        let step = |(name, count): &(&str, usize)| match count {
            1 => (*name).to_owned(),
            _ => format!("{name} ×{count}"),
        };
        let mut steps: Vec<String> = runs.iter().take(SHOWN_STEPS).map(step).collect();
        if runs.len() > SHOWN_STEPS {
            steps.push(format!("… {} more", runs.len() - SHOWN_STEPS));
        }
        Self {
            flow,
            target: hooks.first().and_then(|hook| anchors.target(&hook.frame)),
            steps: steps.join(" → "),
        }
    }
}

/// Runs of equal hooks that a flow names.
const SHOWN_STEPS: usize = 24;
