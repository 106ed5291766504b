//! What WCS does when a hook fails: documents S0 and S1, "Actions taken when backend server interaction error is
//! occurred", by hook type and `restOnError`.

use crate::catalog::{HookMethod, HookType};
use crate::hook::{Outcome, RestOnError};
use crate::session::{Case, HookRecord};

/// What WCS did about a hook that was declined, failed or went unanswered; `None` for others.
pub fn effect(case: &Case, record: &HookRecord) -> Option<String> {
    if matches!(record.outcome, Outcome::Ok | Outcome::Unknown) {
        return None;
    }
    let method = record.method?;
    if record.repeated {
        return Some("WCS sent it again".to_owned());
    }
    let session = case.session_of(record);
    let on_error = case.config(session, method).rest_on_error;
    let what = match (method.spec().hook_type, on_error) {
        (HookType::Connect, _) => return Some("WCS declined the session and told the client".to_owned()),
        // A refusal ends the stream though the method is an event (D21).
        (HookType::Event, RestOnError::Fail)
            if method == HookMethod::StreamKeepAliveEvent && record.outcome == Outcome::Declined =>
        {
            "WCS ended the stream"
        }
        (HookType::Direct, RestOnError::Fail) => "WCS broke off the operation and told the client",
        (HookType::Event, RestOnError::Fail) => "WCS logged it, went on, and told the client by ErrorEvent",
        (HookType::Incoming, RestOnError::Fail) => {
            "WCS broke off, answered the caller 403, and told the client"
        }
        (_, RestOnError::Log) if record.outcome == Outcome::Declined => {
            "WCS logged it and went on: the backend's refusal had no effect"
        }
        (_, RestOnError::Log) => "WCS logged it and went on",
    };
    let known = session.is_some_and(|session| session.config.is_some());
    let why = match on_error {
        RestOnError::Fail => "restOnError FAIL",
        RestOnError::Log if known => "restOnError LOG",
        RestOnError::Log if session.is_some_and(|session| session.connect.is_some()) => {
            "restOnError LOG, the default"
        }
        RestOnError::Log => "no connect seen, default restOnError LOG assumed",
    };
    Some(format!("{what} ({why})"))
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
