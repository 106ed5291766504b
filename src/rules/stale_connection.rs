use super::answered;
use super::describe;
use super::effect::effects;
use super::{Confidence, Evidence, Finding, Findings, Severity, confidence, rule};
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// A hook that went out on a kept-alive connection after the backend had closed it, or while it was closing it, and
    /// that got no response there: a FIN or RST came before the request, a FIN came behind it but was sent before, as its
    /// acknowledgment tells, or a RST answered it without acknowledging it.
    ///
    /// ## Why it matters
    /// WCS keeps connections for the next hook; a backend that closes them when idle races with it. Sent again on a new
    /// connection, the hook is only delayed; otherwise it is lost.
    ///
    /// ## What to do
    /// Raise the backend's keep-alive timeout above the pauses between hooks, or let it answer with
    /// `Connection: close`. Repetitions depend on `rest_client_request_retry_count` in flashphoner.properties (3, since
    /// build 5.2.1475).
    ///
    /// ## When it is wrong
    /// When the FIN was captured in the wrong order.
    "stale-connection", Note, Backend, "a hook went out on a connection that the backend had closed", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| is_stale(case, record).then(|| is_harmless(case, record));
    for group in describe::group(case, is_case) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let ends: Vec<_> = case
            .records(&group.hooks)
            .filter_map(|(_, record)| Some((record.connection, record.stale?)))
            .collect();
        let again = case.records(&group.hooks).all(|(_, record)| record.repeated);
        let (severity, fate) = match (group.key, again) {
            (false, _) => (Severity::Error, "and not sent again"),
            (true, true) => (Severity::Note, "but sent again"),
            (true, false) => (Severity::Note, "and whether it was sent again the capture does not show"),
        };
        let title = format!(
            "{} sent to {} on a connection that the backend had closed, {fate}",
            describe::counted(group.hooks.len() as u64, "hook"),
            group.backend(case)
        );
        let remedy = "Raise the backend's keep-alive timeout above the pauses between hooks.".to_owned();
        let finding =
            Finding::new(&RULE, title, answered::message(case, &group.hooks), remedy, evidence.with(ends));
        let effect = if severity == Severity::Error { effects(case, &group.hooks) } else { None };
        findings.add(Finding { severity, effect, ..finding });
    }
}

/// How long after the failure a repetition comes at the latest.
const REPEATED_WITHIN: Span = Span::from_seconds(5);

/// Whether a hook without response proves nothing: it met a stale connection, and was sent again, or may have been for
/// all that the capture shows.
pub(super) fn is_harmless(case: &Case, record: &HookRecord) -> bool {
    let until = record.last.time.plus(REPEATED_WITHIN);
    let shown = || confidence::of_absence(case, record.last.time, until) >= Confidence::Likely;
    is_stale(case, record) && (record.repeated || !shown())
}

/// Whether a hook met a connection that the backend had given up. A backend that knows the connection acknowledges the
/// request before it resets it; one that has forgotten it resets at once. Of a
/// connection that is older than the capture nobody knows whether it was used before.
pub(super) fn is_stale(case: &Case, record: &HookRecord) -> bool {
    let reset = matches!(record.no_response, Some(NoResponse::Reset(_)));
    // The RST itself may acknowledge what it refuses.
    let unacknowledged = record.acknowledged.is_none_or(|at| record.ended() == Some(at));
    let used_before = || case.hooks_on(record.connection).any(|other| other.first.time < record.first.time);
    record.answer.is_none()
        && (record.stale.is_some() || reset && unacknowledged && (!record.from_start || used_before()))
}
