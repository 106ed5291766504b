//! What ladders and sequence diagrams draw: each session's messages in order, repeats folded.

use super::document::{Backend, Document, Frame, Hook, Session};
use super::words;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Equal hooks in a row that are drawn as one.
const FOLDED: usize = 3;

/// A message, or what is drawn in place of several.
pub(super) enum Step<'d> {
    /// A request; its answer is a step of its own.
    Request(&'d Hook),
    /// An answer.
    Answer(&'d Hook),
    /// A request that got no answer, or none that is known.
    Lost(&'d Hook),
    /// Equal hooks in a row that went well.
    Repeats(Vec<&'d Hook>),
}

/// The messages of a session, or of the hooks without one.
pub(super) struct Part<'d> {
    /// The session.
    pub(super) session: Option<&'d Session>,
    /// Its messages.
    pub(super) steps: Vec<Step<'d>>,
    /// The backends that it has to do with.
    pub(super) backends: Vec<&'d Backend>,
}

impl Part<'_> {
    /// What it is about.
    pub(super) fn title(&self) -> String {
        let Some(session) = self.session else { return "Hooks without a session".to_owned() };
        let app = session.app_key.as_deref().unwrap_or("unknown application");
        format!("Session {} {} ({app}): {}", session.id, session.session_id, session.state)
    }
}

/// The messages of each session, and of hooks without one.
pub(super) fn parts(document: &Document) -> Vec<Part<'_>> {
    let mut of: BTreeMap<Option<&str>, Vec<&Hook>> = BTreeMap::new();
    for hook in &document.hooks {
        of.entry(hook.session.as_deref()).or_default().push(hook);
    }
    let sessions = document.sessions.iter().map(|session| (Some(session.id.as_str()), Some(session)));
    sessions
        .chain([(None, None)])
        .filter_map(|(id, session)| {
            let hooks = of.remove(&id)?;
            let backends = document.backends.iter();
            let backends = backends.filter(|backend| hooks.iter().any(|hook| hook.backend == backend.id));
            Some(Part { session, backends: backends.collect(), steps: folded(steps(&hooks)) })
        })
        .collect()
}

/// Requests in order, each answer before the first request that follows it.
fn steps<'d>(hooks: &[&'d Hook]) -> Vec<Step<'d>> {
    let mut steps = Vec::new();
    let mut open: Vec<&Hook> = Vec::new();
    for hook in hooks {
        open.retain(|answered| {
            let past = is_before(answered, hook);
            if past {
                steps.push(Step::Answer(answered));
            }
            !past
        });
        if hook.response_frame.is_some() {
            steps.push(Step::Request(hook));
            let place = open.iter().position(|other| answered_at(other) > answered_at(hook));
            open.insert(place.unwrap_or(open.len()), hook);
        } else {
            steps.push(Step::Lost(hook));
        }
    }
    steps.extend(open.into_iter().map(Step::Answer));
    steps
}

/// When the answer was complete, in seconds since the capture's first frame.
pub(super) fn answered_at(hook: &Hook) -> f64 {
    hook.relative + hook.latency.unwrap_or_default()
}

/// Whether a hook's answer came before another request: by their frames, unless they are those of several files.
fn is_before(answered: &Hook, request: &Hook) -> bool {
    match (&answered.response_frame, &request.first_frame) {
        (Some(Frame::Number(answer)), Frame::Number(request)) => answer <= request,
        _ => answered_at(answered) <= request.relative,
    }
}

/// Puts equal hooks in a row into one step.
fn folded(steps: Vec<Step<'_>>) -> Vec<Step<'_>> {
    let mut out: Vec<Step<'_>> = Vec::new();
    let mut run: Vec<&Hook> = Vec::new();
    let mut steps = steps.into_iter().peekable();
    while let Some(step) = steps.next() {
        let Step::Request(hook) = step else {
            unfold(&mut out, &mut run);
            out.push(step);
            continue;
        };
        let answered = |next: &Step<'_>| matches!(next, Step::Answer(other) if other.id == hook.id);
        if steps.next_if(answered).is_none() {
            unfold(&mut out, &mut run);
            out.push(Step::Request(hook));
            continue;
        }
        if !run.last().is_none_or(|last| are_equal(last, hook)) {
            unfold(&mut out, &mut run);
        }
        run.push(hook);
    }
    unfold(&mut out, &mut run);
    out
}

fn unfold<'d>(out: &mut Vec<Step<'d>>, run: &mut Vec<&'d Hook>) {
    let run = std::mem::take(run);
    if run.len() >= FOLDED {
        out.push(Step::Repeats(run));
    } else {
        out.extend(run.into_iter().flat_map(|hook| [Step::Request(hook), Step::Answer(hook)]));
    }
}

/// Whether two hooks that went well would be drawn alike.
fn are_equal(one: &Hook, other: &Hook) -> bool {
    let look =
        |hook: &Hook| (hook.backend.clone(), words::name(hook), words::reported(hook).map(Cow::into_owned));
    one.outcome == "ok" && other.outcome == "ok" && look(one) == look(other)
}

/// What a request says: its method, and the status that it reports.
pub(super) fn request(hook: &Hook) -> String {
    match words::reported(hook) {
        Some(status) if !status.is_empty() => format!("{} {status}", words::name(hook)),
        _ => words::name(hook),
    }
}

/// What equal hooks say.
pub(super) fn repeats(hooks: &[&Hook]) -> String {
    let what = hooks.first().map(|hook| request(hook)).unwrap_or_default();
    format!("{} × {what}", hooks.len())
}

/// How equal hooks were answered.
pub(super) fn repeats_answer(hooks: &[&Hook]) -> String {
    let answer = hooks.first().map(|hook| words::answer(hook)).unwrap_or_default();
    let longest = hooks.iter().filter_map(|hook| hook.latency).max_by(f64::total_cmp);
    match longest {
        Some(longest) => format!("{answer} each, at most {}", words::seconds(longest)),
        None => format!("{answer} each"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::JsonObject;
    use serde_json::json;

    /// What a part draws, a letter a step.
    fn drawn(hooks: &[&Hook]) -> String {
        let step = |step: &Step<'_>| match step {
            Step::Request(hook) => format!(">{}", hook.id),
            Step::Answer(hook) => format!("<{}", hook.id),
            Step::Lost(hook) => format!("x{}", hook.id),
            Step::Repeats(hooks) => format!("={}", hooks.len()),
        };
        folded(steps(hooks)).iter().map(step).collect::<Vec<_>>().join(" ")
    }

    fn hook(id: u64, frame: u64, answer: Option<u64>, status: &str) -> Hook {
        use super::super::document::{Body, Context};
        use super::super::exchanges::EndpointEntry;
        let json = json!({"status": status}).as_object().map(JsonObject::of);
        let request =
            Body { complete: true, json, problem: None, excerpt: None, content_type: None, server: None };
        Hook {
            id: id.to_string(),
            method: "m".to_owned(),
            hook_type: None,
            target: String::new(),
            backend: "b1".to_owned(),
            stream: 0,
            client: EndpointEntry { address: String::new(), port: 0 },
            frame: Frame::Number(frame),
            first_frame: Frame::Number(frame),
            frames: Vec::new(),
            response_frame: answer.map(Frame::Number),
            response_frames: Vec::new(),
            time: String::new(),
            relative: 0.0,
            latency: None,
            ttfb: None,
            http_time: None,
            outcome: if answer.is_some() { "ok" } else { "unanswered" }.to_owned(),
            status: answer.map(|_| 200),
            no_response: None,
            retry_of: None,
            context: Context { node_id: None, session_id: None, app_key: None },
            session: None,
            flow: None,
            request,
            response: None,
            changes: Vec::new(),
            effect: None,
            detail: None,
            moments: super::super::moments::Moments::default(),
        }
    }

    #[test]
    fn answers_stand_where_they_came() {
        let hooks = [
            hook(1, 1, Some(5), "A"),
            hook(2, 2, Some(3), "A"),
            hook(3, 4, None, "A"),
            hook(4, 6, Some(7), "A"),
        ];
        assert_eq!(drawn(&hooks.iter().collect::<Vec<_>>()), ">1 >2 <2 x3 <1 >4 <4");
    }

    #[test]
    fn equal_hooks_in_a_row_are_one_step() {
        let hooks: Vec<Hook> = (0..7)
            .map(|n| hook(n, 2 * n, Some(2 * n + 1), if (2..5).contains(&n) { "B" } else { "A" }))
            .collect();
        assert_eq!(drawn(&hooks.iter().collect::<Vec<_>>()), ">0 <0 >1 <1 =3 >5 <5 >6 <6");
    }
}
