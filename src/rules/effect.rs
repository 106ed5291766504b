//! What WCS does when a hook fails: documents S0 and S1, "Actions taken when backend server interaction error is
//! occurred", by hook type and `restOnError`.

use super::decline_ignored;
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
    let declined = record.outcome == Outcome::Declined;
    if spec.hook_type == HookType::Connect {
        return Some(declined_session(case, record).to_owned());
    }
    if declined && !spec.on_refusal.is_empty() {
        return Some(spec.on_refusal.to_owned());
    }
    let on_error = case.config(case.session_of(record), method).rest_on_error;
    let what = match on_error {
        RestOnError::Fail => broken_off(spec, declined),
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

/// Whether a session is told to be established behind a connect.
pub(super) fn is_established_behind(case: &Case, record: &HookRecord) -> bool {
    let hooks = case.session_of(record).map(|session| session.hooks.as_slice()).unwrap_or_default();
    case.behind(hooks, record).any(|other| {
        other.is(HookMethod::ConnectionStatusEvent)
            && other.first.time > record.last.time
            && other.status().is_some_and(|status| status.eq_ignore_ascii_case("ESTABLISHED"))
    })
}

/// What WCS does when connect fails, whatever `restOnError` says (D3a, D5).
fn declined_session(case: &Case, record: &HookRecord) -> &'static str {
    if is_established_behind(case, record) {
        "by its documents WCS declines the session, but ConnectionStatusEvent ESTABLISHED followed"
    } else {
        "WCS declined the session and told the client"
    }
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
