//! A hook as a step of the ladder: what the client asked for, the request, and the response.

use super::address;
use super::anchors::{Anchors, words};
use super::finding::FrameLink;
use super::message::{MessageView, Room, messages};
use super::selection::Selection;
use crate::report::document::{Document, Frame, Hook};
use crate::report::words::{is_problem, reported, seconds};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Changes of a response that are listed.
const SHOWN_CHANGES: usize = 50;
/// Characters of a value in that list.
const SHOWN_VALUE: usize = 200;

/// A step.
pub(super) struct Row<'d> {
    pub(super) hook: &'d Hook,
    pub(super) anchor: Option<String>,
    pub(super) response_anchor: Option<String>,
    pub(super) time: String,
    pub(super) frame: String,
    pub(super) response_frame: Option<String>,
    /// What the request reports: its member `status`.
    pub(super) reports: Cow<'d, str>,
    pub(super) repeated: bool,
    /// What the client did before, as the hook implies.
    pub(super) asks: Option<&'static str>,
    /// Whether WCS told the client.
    pub(super) told: bool,
    pub(super) answer: String,
    /// The status code, or `none`, as the filter has it.
    pub(super) status: String,
    pub(super) latency: Option<String>,
    /// The backend, where there is more than one.
    pub(super) backend: Option<String>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) repeats: Option<FrameLink>,
    pub(super) changes: Vec<ChangeView<'d>>,
    pub(super) more_changes: usize,
    pub(super) messages: Option<Vec<MessageView>>,
}

/// A member that a response changes.
pub(super) struct ChangeView<'d> {
    pub(super) field: &'d str,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) applied: bool,
}

/// The steps that are shown, at their hooks' places.
pub(super) fn rows<'d>(
    document: &'d Document,
    selection: &Selection<'_>,
    anchors: &Anchors,
) -> Vec<Option<Row<'d>>> {
    let mut texts = texts(document, selection);
    let backends: BTreeMap<&str, String> = document
        .backends
        .iter()
        .map(|backend| (backend.id.as_str(), address(&backend.address, backend.port)))
        .collect();
    let hooks = document.hooks.iter().enumerate();
    let row = |(place, hook): (usize, &'d Hook)| {
        let messages = texts.remove(&place);
        selection.shows_hook(place).then(|| {
            let mut row = Row::new(hook, place, anchors, messages);
            let earlier = hook.retry_of.as_ref().and_then(|id| selection.place(id));
            row.repeats = earlier.and_then(|place| document.hooks.get(place)).map(|earlier| FrameLink {
                words: words(&earlier.frame),
                target: anchors.target(&earlier.frame),
            });
            row.backend = backends.get(hook.backend.as_str()).filter(|_| backends.len() > 1).cloned();
            // Such calls cause hooks too, and then no client did.
            if !document.rest_api_calls.is_empty() && row.asks == Some("asks") {
                row.asks = None;
            }
            row
        })
    };
    hooks.map(row).collect()
}

/// The messages of hooks, those first that went wrong: for them there is always room.
fn texts(document: &Document, selection: &Selection<'_>) -> BTreeMap<usize, Vec<MessageView>> {
    let mut room = Room::new();
    let mut texts = BTreeMap::new();
    for wrong in [true, false] {
        for (place, hook) in document.hooks.iter().enumerate() {
            if selection.shows_hook(place)
                && is_problem(&hook.outcome) == wrong
                && let Some(messages) = messages(hook, &mut room)
            {
                texts.insert(place, messages);
            }
        }
    }
    texts
}

impl<'d> Row<'d> {
    fn new(hook: &'d Hook, place: usize, anchors: &Anchors, messages: Option<Vec<MessageView>>) -> Self {
        let changes = hook.changes.iter().take(SHOWN_CHANGES).map(|change| ChangeView {
            field: &change.field,
            from: change.from.as_ref().map(value).unwrap_or_default(),
            to: value(&change.to),
            applied: change.applied,
        });
        let effect = hook.effect.as_deref().unwrap_or_default();
        Self {
            hook,
            anchor: anchors.own(&hook.frame, place, false),
            response_anchor: hook.response_frame.as_ref().and_then(|frame| anchors.own(frame, place, true)),
            time: format!("{:.6}", hook.relative),
            frame: words(&hook.frame),
            response_frame: hook.response_frame.as_ref().map(words),
            reports: reported(hook).unwrap_or_default(),
            repeated: hook.retry_of.is_some(),
            asks: match hook.hook_type.as_deref() {
                Some("connect") => Some("connects"),
                Some("direct") => Some("asks"),
                _ => None,
            },
            told: ["told the client", "the player", "RTSP client"].iter().any(|told| effect.contains(told)),
            answer: answer(hook),
            status: hook.status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
            latency: hook.latency.map(seconds),
            backend: None,
            facts: facts(hook),
            repeats: None,
            changes: changes.collect(),
            more_changes: hook.changes.len().saturating_sub(SHOWN_CHANGES),
            messages,
        }
    }
}

fn value(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// How it ended, in words.
fn answer(hook: &Hook) -> String {
    let reason = hook.no_response.as_deref().map(reason);
    match (hook.status, reason, hook.outcome.as_str()) {
        (Some(status), _, "ok") => status.to_string(),
        (Some(status), _, "unanswered") => format!("{status} too late"),
        (Some(status), _, outcome) => format!("{status} {outcome}"),
        (None, Some(reason), "unanswered") => format!("no answer: {reason}"),
        (None, Some(reason), _) => format!("answer unknown: {reason}"),
        (None, None, outcome) => outcome.to_owned(),
    }
}

fn reason(name: &str) -> &str {
    match name {
        "reset" => "connection reset",
        "closed" => "connection closed",
        "gave-up" => "WCS gave up",
        "not-captured" => "not captured",
        "unreadable" => "unreadable",
        "capture-ended" => "the capture ended",
        "end-not-captured" => "the end was not captured",
        other => other,
    }
}

fn facts(hook: &Hook) -> Vec<(&'static str, String)> {
    let list = |frames: &[Frame]| frames.iter().map(words).collect::<Vec<_>>().join(", ");
    let mut facts = vec![
        ("time", hook.time.clone()),
        ("target", hook.target.clone()),
        ("tcp.stream", hook.stream.to_string()),
        ("from", address(&hook.client.address, hook.client.port)),
        ("request", format!("frame {}", list(&hook.frames))),
    ];
    if !hook.response_frames.is_empty() {
        facts.push(("response", format!("frame {}", list(&hook.response_frames))));
    }
    let phases = hook.detail.as_ref().map(|detail| &detail.phases);
    let spans = [
        ("connect", phases.and_then(|phases| phases.connect)),
        ("idle", phases.and_then(|phases| phases.idle)),
        ("send", phases.and_then(|phases| phases.send)),
        ("wait", phases.and_then(|phases| phases.wait)),
        ("receive", phases.and_then(|phases| phases.receive)),
    ];
    let spans: Vec<String> = spans
        .into_iter()
        .filter_map(|(name, span)| span.map(|span| format!("{name} {}", seconds(span))))
        .collect();
    if !spans.is_empty() {
        facts.push(("phases", spans.join(" · ")));
    }
    if let Some(time) = hook.http_time {
        facts.push(("http.time", seconds(time)));
    }
    facts
}
