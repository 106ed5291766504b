use super::answered;
use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// The same POST again: within 60 s after an attempt that got no response, or at once where the answer asked for
    /// credentials (401, 407) or redirected it (307, 308).
    ///
    /// ## Why it matters
    /// Without a response the backend may have handled the first attempt as well: a call or a payment may be counted
    /// twice. What an answer asks for costs a request for each hook, and nothing else. Since build
    /// 5.2.1475 WCS repeats up to `rest_client_request_retry_count` (3) times; older ones repeat once by their HTTP client.
    ///
    /// ## What to do
    /// Mend what kept the first attempt from being answered. Let the backend recognize repetitions by the ids in the
    /// body. `rest_client_request_retry_count` in flashphoner.properties sets how often WCS repeats, and
    /// `rest_client_request_sent_retry_enabled=false` keeps it from repeating (both since build 5.2.1475).
    ///
    /// ## When it is wrong
    /// When a client did the same thing twice while the first hook hung.
    "hook-retried", Note, Backend, "the same POST again: after no response, or as the answer asked", check
}

/// Why WCS sends a hook again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    NoResponse,
    Challenge,
    Redirect,
}

fn why(case: &Case, record: &HookRecord) -> Option<Why> {
    let earlier = case.hooks.get(record.retry_of?)?;
    Some(match earlier.status_code() {
        _ if earlier.outcome == Outcome::Unanswered => Why::NoResponse,
        Some(300..400) => Why::Redirect,
        _ => Why::Challenge,
    })
}

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| why(case, record)) {
        let earlier: Vec<usize> =
            case.records(&group.hooks).filter_map(|(_, record)| record.retry_of).collect();
        let mut hooks = group.hooks.clone();
        if group.key != Why::NoResponse {
            hooks.extend(&earlier);
            hooks.sort_unstable();
        }
        let Some(evidence) = Evidence::of_hooks(case, &hooks) else { continue };
        let evidence =
            evidence.with(case.records(&earlier).map(|(_, record)| (record.connection, record.last)));
        let (names, backend) = (group.hooks(case), group.backend(case));
        let (title, message, remedy) = match group.key {
            Why::NoResponse => (
                format!("WCS repeats {names} to {backend} after no response"),
                answered::message(case, &group.hooks),
                "Let the backend recognize repetitions by the ids in the body: it may have handled the first \
                    attempt too.",
            ),
            Why::Challenge => (
                format!("WCS sends {names} to {backend} again, with the credentials that it asked for"),
                answered::message(case, &earlier),
                "Nothing needs to be done: each hook costs the backend two requests.",
            ),
            Why::Redirect => (
                format!("WCS sends {names} again, to where it was redirected: {backend}"),
                answered::message(case, &earlier),
                "Nothing needs to be done; with the final address in the application's URL each hook would cost \
                    one request less.",
            ),
        };
        findings.add(Finding::new(&RULE, title, message, remedy.to_owned(), evidence));
    }
}
