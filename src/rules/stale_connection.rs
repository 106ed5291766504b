use super::answered;
use super::describe;
use super::effect::effects;
use super::{Evidence, Finding, Findings, Severity, rule};
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A hook that went out on a kept-alive connection after the backend had closed it, or while it was closing it, and
    /// that got no response there: a FIN or RST came before the request, or a RST answered it without acknowledging it.
    ///
    /// ## Why it matters
    /// WCS keeps connections for the next hook; a backend that closes them when idle races with it. Sent again on a new
    /// connection, the hook is only delayed; otherwise it is lost.
    ///
    /// ## What to do
    /// Raise the backend's keep-alive timeout above the pauses between hooks, or let it answer with `Connection: close`.
    ///
    /// ## When it is wrong
    /// When the FIN was captured in the wrong order.
    "stale-connection", Note, Backend, "a hook went out on a connection that the backend had closed", check
}

fn check(case: &Case, findings: &mut Findings) {
    let retried: Vec<usize> = case.hooks.iter().filter_map(|record| record.retry_of).collect();
    let groups = describe::group(case, |record| is_stale(case, record).then_some(()));
    for group in groups {
        let (again, lost): (Vec<usize>, Vec<usize>) =
            group.hooks.iter().partition(|hook| retried.contains(hook));
        for (hooks, severity, fate) in
            [(lost, Severity::Error, "and not sent again"), (again, Severity::Note, "but sent again")]
        {
            let Some(evidence) = Evidence::of_hooks(case, &hooks) else { continue };
            let ends = case.records(&hooks).filter_map(|(_, record)| record.stale).collect::<Vec<_>>();
            let title = format!(
                "{} sent to {} on a connection that the backend had closed, {fate}",
                describe::counted(hooks.len() as u64, "hook"),
                group.backend(case)
            );
            let remedy = "Raise the backend's keep-alive timeout above the pauses between hooks.".to_owned();
            let finding =
                Finding::new(&RULE, title, answered::message(case, &hooks), remedy, evidence.with(ends));
            let effect = if severity == Severity::Error { effects(case, &hooks) } else { None };
            findings.add(Finding { severity, effect, ..finding });
        }
    }
}

/// Whether a hook met a connection that the backend had given up. A backend that knows the connection acknowledges the
/// request before it resets it; one that has forgotten it resets at once. Of a
/// connection that is older than the capture nobody knows whether it was used before.
pub(super) fn is_stale(case: &Case, record: &HookRecord) -> bool {
    let reset = matches!(record.no_response, Some(NoResponse::Reset(_)));
    let used_before = || {
        let earlier = |other: &&HookRecord| other.first.time < record.first.time;
        case.hooks.iter().filter(earlier).any(|other| other.connection == record.connection)
    };
    record.answer.is_none()
        && (record.stale.is_some()
            || reset && record.acknowledged.is_none() && (!record.from_start || used_before()))
}
