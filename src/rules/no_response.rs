use super::answered::{self, Words};
use super::describe::Group;
use super::{Findings, request_unacknowledged, rule, scheme_mismatch};
use crate::hook::Outcome;
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A request without any response for longer than WCS waits, on a connection that nobody ended; or one that was
    /// answered with octets that are no HTTP.
    ///
    /// ## Why it matters
    /// WCS, and with it the client, still waits: its timeout is longer than assumed, or switched off
    /// (`rest_request_timeout=0`).
    ///
    /// ## What to do
    /// Find out why the backend does not answer. Set `rest_request_timeout` in flashphoner.properties to 1 to 10 s, so that
    /// one hanging request does not hold up a client for ever.
    ///
    /// ## When it is wrong
    /// When the end of the connection was not captured. A capture that ends too early does not fire it.
    "no-response", Error, Backend, "a request without any response, though WCS still waits", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| is_case(record) && !scheme_mismatch::is_case(case, record);
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: None,
        title: format!("backend {} does not answer {}", group.backend(case), group.hooks(case)),
        remedy: remedy(case, group),
    });
}

fn remedy(case: &Case, group: &Group<()>) -> String {
    let unreadable = case
        .records(&group.hooks)
        .all(|(_, record)| matches!(record.no_response, Some(NoResponse::Unreadable(_))));
    if unreadable {
        return "Look at what listens there: it sends octets that are no HTTP. Follow the TCP stream in Wireshark.".to_owned();
    }
    let waited = case.records(&group.hooks).map(|(_, record)| case.end().since(record.last.time)).max();
    format!(
        "Find out why the backend does not answer. WCS waited for {} and still does at the end of the capture, longer than \
            {}: its rest_request_timeout (flashphoner.properties) is 0 or larger.",
        waited.unwrap_or_default(),
        case.options.rest_timeout
    )
}

fn is_case(record: &HookRecord) -> bool {
    let open = matches!(record.no_response, Some(NoResponse::CaptureEnded(_)));
    open && record.outcome == Outcome::Unanswered && !request_unacknowledged::is_case(record)
        || matches!(record.no_response, Some(NoResponse::Unreadable(_)))
}
