//! How sure an absence is: decided here for all rules, from how fully the window was observed.

use super::Confidence;
use crate::catalog::HookMethod;
use crate::fact::FactKind;
use crate::limits::Limit;
use crate::session::{AttemptOutcome, Case, HookRecord};
use crate::time::{Span, Timestamp};

/// Distinct methods of one application that show that all its methods were enabled (`add app-rest-method -a`).
const ALL_ENABLED: usize = 8;

/// Hooks are sent from several threads: two that are this near to each other may be captured in either order.
pub(crate) const INVERSION: Span = Span::from_milliseconds(500);

/// How long a lost client may go unnoticed: ten pings that are five seconds apart, and something over.
pub(super) const LOST_CLIENT: Span = Span::from_seconds(60);

/// Whether a capture would show a hook that was sent between two moments.
pub(crate) fn of_absence(case: &Case, from: Timestamp, until: Timestamp) -> Confidence {
    doubt(case, from, until).map_or(Confidence::Confirmed, |(sure, _)| sure)
}

/// Why a capture might not show a hook that was sent between two moments, and how sure its absence is all the same.
pub(crate) fn doubt(case: &Case, from: Timestamp, until: Timestamp) -> Option<(Confidence, &'static str)> {
    let limited = [
        Limit::Connections,
        Limit::Hooks,
        Limit::Pending,
        Limit::ReorderOctets,
        Limit::ReorderTotal,
        Limit::Head,
    ];
    if case.end() < until {
        return Some((Confidence::Unresolved, "the capture ends before it was due"));
    }
    if limited.into_iter().any(|limit| case.facts.count(FactKind::LimitReached(limit)) > 0) {
        return Some((Confidence::Unresolved, "a limit of the analysis was reached"));
    }
    let has = |kind| case.facts.count(kind) > 0;
    let cut_short = case.captures.iter().any(|capture| capture.cut_short);
    let unsure = [
        (case.facts.lost_between(from, until), "packets of that time were not captured"),
        // Requests that were not captured, somewhere: more of them may be missing.
        (case.traffic.orphans > 0, "there are responses whose requests were not captured"),
        (has(FactKind::DroppedByCapture), "the capturing system dropped packets"),
        (has(FactKind::ClockBackwards), "the clock was set back"),
        (has(FactKind::Fragment), "fragments of packets were not captured"),
        (has(FactKind::MalformedHttp), "a connection could not be read as HTTP"),
        (
            cut_short && case.end().since(until) < Span::from_seconds(1),
            "the file ends in the middle of a packet",
        ),
    ];
    let (_, why) = unsure.into_iter().find(|(is_so, _)| *is_so)?;
    Some((Confidence::Possible, why))
}

/// Whether an application's method is known to be enabled: it was seen, or enough others were.
pub(super) fn is_enabled(case: &Case, like: &HookRecord, methods: &[HookMethod]) -> bool {
    let key = (like.backend, like.context.app_key.clone());
    let seen = case.applications.get(&key);
    seen.is_some_and(|seen| seen.len() >= ALL_ENABLED || methods.iter().any(|method| seen.contains(method)))
}

/// Whether an application is seen to have any of some methods.
pub(super) fn is_seen(case: &Case, like: &HookRecord, methods: &[HookMethod]) -> bool {
    let key = (like.backend, like.context.app_key.clone());
    case.applications.get(&key).is_some_and(|seen| methods.iter().any(|method| seen.contains(method)))
}

/// Whether it is known what a hook's session is configured to send: its connect response was captured whole.
pub(super) fn knows_config(case: &Case, record: &HookRecord) -> bool {
    let connect = case.session_of(record).and_then(|session| case.hooks.get(session.connect?));
    connect.and_then(|connect| connect.answer.as_ref()).is_some_and(|answer| !answer.members.is_partial())
}

/// Whether connections to a hook's backend failed between two moments: what could not be delivered then is another
/// rule's case.
pub(super) fn was_unreachable(case: &Case, record: &HookRecord, from: Timestamp, until: Timestamp) -> bool {
    case.target(record.server).is_some_and(|target| {
        let within = |at: Timestamp| at >= from && at <= until;
        let unlisted = target.failed > target.failures.len() as u64;
        target.failures.iter().any(|attempt| {
            attempt.outcome != AttemptOutcome::Connected && attempt.first().is_some_and(|at| within(at.time))
        }) || unlisted && target.last_failure.is_some_and(|last| last.time >= from)
    })
}
