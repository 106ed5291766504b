use super::answered;
use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::endpoint::{ConnectionId, Moment};
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// The same POST again, within 60 s, after an attempt that got no response.
    ///
    /// ## Why it matters
    /// The backend may have handled the first attempt as well: a call or a payment may be counted twice. Since build
    /// 5.2.1475 WCS repeats up to `rest_client_request_retry_count` (3) times; older ones repeat once by their HTTP client.
    ///
    /// ## What to do
    /// Mend what kept the first attempt from being answered. Let the backend recognize repetitions by the ids in the
    /// body. `rest_client_request_retry_count` in flashphoner.properties sets how often WCS repeats, and
    /// `rest_client_request_sent_retry_enabled=false` keeps it from repeating (both since build 5.2.1475).
    ///
    /// ## When it is wrong
    /// When a client did the same thing twice while the first hook hung.
    "hook-retried", Note, Backend, "the same POST again after an attempt without response", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| {
        let earlier = case.hooks.get(record.retry_of?)?;
        (earlier.outcome == Outcome::Unanswered).then_some(())
    };
    for group in describe::group(case, is_case) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let earlier: Vec<(ConnectionId, Moment)> = case
            .records(&group.hooks)
            .filter_map(|(_, record)| {
                case.hooks.get(record.retry_of?).map(|earlier| (earlier.connection, earlier.last))
            })
            .collect();
        let title = format!("WCS repeats {} to {} after no response", group.hooks(case), group.backend(case));
        let remedy =
            "Let the backend recognize repetitions by the ids in the body: it may have handled the first \
            attempt too."
                .to_owned();
        let message = answered::message(case, &group.hooks);
        findings.add(Finding::new(&RULE, title, message, remedy, evidence.with(earlier)));
    }
}
