//! What WCS does when a hook fails: documents S0 and S1, "Actions taken when backend server interaction error is
//! occurred", by hook type and `restOnError`.

use super::{decline_ignored, describe, request_cancelled};
use crate::catalog::{HookMethod, HookSpec, HookType};
use crate::hook::{Outcome, RestOnError};
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};

/// Where it is known from what a session's `restClientConfig` says about a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The response to connect lists the method.
    Said,
    /// It lists the method, with a `restOnError` that WCS cannot understand.
    Misread,
    /// It does not list the method, or there was none, so that the defaults hold.
    Default,
    /// The response to connect was not captured whole.
    NotCaptured,
    /// No connect was captured.
    NoConnect,
}

/// Where it is known from how a hook is handled.
pub(super) fn source(case: &Case, record: &HookRecord) -> Source {
    let Some((session, method)) = case.session_of(record).zip(record.method) else {
        return Source::NoConnect;
    };
    if let Some(config) = &session.config {
        return match config.listed(method) {
            Some(_) if config.misreads_on_error(method) => Source::Misread,
            Some(_) => Source::Said,
            None => Source::Default,
        };
    }
    let Some(connect) = session.connect.and_then(|connect| case.hooks.get(connect)) else {
        return Source::NoConnect;
    };
    let whole = connect.answer.as_ref().is_some_and(|answer| !answer.members.is_partial());
    let said_nothing =
        matches!(connect.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered) || whole;
    if said_nothing { Source::Default } else { Source::NotCaptured }
}

/// What WCS did about a hook that was declined, failed or went unanswered; `None` for others.
pub fn effect(case: &Case, record: &HookRecord) -> Option<String> {
    if matches!(record.outcome, Outcome::Ok | Outcome::Unknown) {
        return None;
    }
    let method = record.method?;
    let spec = method.spec();
    if record.repeated {
        return Some("WCS sent it again".to_owned());
    }
    if matches!(record.no_response, Some(NoResponse::CaptureEnded(_))) {
        return Some("WCS was still waiting for the answer when the capture ended".to_owned());
    }
    if request_cancelled::is_case(case, record) {
        return Some("WCS ended the connection itself; what it made of the hook is not known".to_owned());
    }
    let declined = record.outcome == Outcome::Declined;
    if spec.hook_type == HookType::Connect {
        return Some(declined_session(case, record));
    }
    if declined && !spec.on_refusal.is_empty() {
        return Some(spec.on_refusal.to_owned());
    }
    let on_error = case.config(case.session_of(record), method).rest_on_error;
    let what = match on_error {
        RestOnError::Fail => {
            let rule = broken_off(spec, declined);
            goes_on_in_spite(case, record)
                .map_or_else(|| rule.clone(), |later| format!("by its settings {rule}; but {later}"))
        }
        // What has happened already cannot be refused in any case.
        RestOnError::Log if declined && decline_ignored::fails_behind(case, record) => {
            "by its settings WCS logs it and goes on, but the operation failed at once".to_owned()
        }
        RestOnError::Log if declined && spec.hook_type != HookType::Event => {
            "WCS logged it and went on: the backend's refusal had no effect".to_owned()
        }
        RestOnError::Log => "WCS logged it and went on".to_owned(),
    };
    let why = match (on_error, source(case, record)) {
        (RestOnError::Fail, _) => "restOnError FAIL",
        (RestOnError::Log, Source::Said) => "restOnError LOG",
        (RestOnError::Log, Source::Misread) => {
            "restOnError has an unknown value, so LOG, the default, is assumed"
        }
        (RestOnError::Log, Source::Default) => "restOnError LOG, the default",
        (RestOnError::Log, Source::NotCaptured) => {
            "the response to connect was not captured whole, default restOnError LOG assumed"
        }
        (RestOnError::Log, Source::NoConnect) => "no connect seen, default restOnError LOG assumed",
    };
    Some(format!("{what} ({why})"))
}

/// What WCS does with restOnError FAIL.
fn broken_off(spec: &HookSpec, declined: bool) -> String {
    let event = spec
        .followers
        .iter()
        .flat_map(|follower| follower.methods)
        .find(|method| method.spec().hook_type == HookType::Event)
        .map(|method| format!(" by {}", method.name()))
        .unwrap_or_default();
    match spec.hook_type {
        // A refusal ends the stream though the method is an event (D21).
        HookType::Event if declined && spec.method == HookMethod::StreamKeepAliveEvent => {
            "WCS ended the stream".to_owned()
        }
        HookType::Event => "WCS logged it, went on, and told the client by ErrorEvent".to_owned(),
        HookType::Incoming => {
            format!("WCS broke off, answered the caller 403 FORBIDDEN, and told the client{event}")
        }
        HookType::Direct | HookType::Connect => {
            format!("WCS broke off the operation and told the client{event}")
        }
    }
}

/// What shows that an operation went on, which WCS breaks off with restOnError FAIL.
pub(super) fn goes_on_in_spite(case: &Case, record: &HookRecord) -> Option<String> {
    let later = decline_ignored::goes_on(case, record).or_else(|| kept_alive(case, record))?;
    Some(followed(case, later))
}

/// The same stream's next sign of life.
fn kept_alive<'c>(case: &'c Case, record: &'c HookRecord) -> Option<&'c HookRecord> {
    let method = HookMethod::StreamKeepAliveEvent;
    let flow = record.flow.and_then(|flow| case.flows.get(flow)).filter(|_| record.is(method))?;
    case.behind(&flow.hooks, record)
        .find(|other| other.is(method) && other.first.time > record.last_seen().time)
}

/// The hook behind a failed connect that shows that there is a session all the same: it is told to be established, or its
/// client asks for something.
pub(super) fn session_behind<'c>(case: &'c Case, record: &'c HookRecord) -> Option<&'c HookRecord> {
    let hooks = case.session_of(record).map(|session| session.hooks.as_slice()).unwrap_or_default();
    case.behind(hooks, record).find(|other| {
        let is_told = other.is(HookMethod::ConnectionStatusEvent)
            && other.status().is_some_and(|status| status.eq_ignore_ascii_case("ESTABLISHED"));
        other.first.time > record.last_seen().time && (is_told || other.hook_type == Some(HookType::Direct))
    })
}

/// What follows: `CallStatusEvent ESTABLISHED followed in frame 20 at 1.000 s`.
fn followed(case: &Case, later: &HookRecord) -> String {
    let status = later.status().map(|status| format!(" {status}")).unwrap_or_default();
    format!("{}{status} followed in {}", later.name, describe::frame(case, later.last))
}

/// What WCS does when connect fails, whatever `restOnError` says (D3a, D5).
fn declined_session(case: &Case, record: &HookRecord) -> String {
    session_behind(case, record).map_or_else(
        || "WCS declined the session and told the client".to_owned(),
        |later| format!("by its documents WCS declines the session; but {}", followed(case, later)),
    )
}

/// The effects of several hooks: one if all agree, the first two otherwise.
pub(super) fn effects(case: &Case, hooks: &[usize]) -> Option<String> {
    let mut known: Vec<String> = Vec::new();
    for (_, record) in case.records(hooks) {
        if let Some(effect) = effect(case, record).filter(|effect| !known.contains(effect)) {
            known.push(effect);
        }
    }
    match known.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [one, other, ..] => Some(format!("{one}; for some hooks: {other}")),
    }
}
