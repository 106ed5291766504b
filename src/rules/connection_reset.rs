use super::answered::{self, Words};
use super::describe::Group;
use super::{Findings, rule, stale_connection};
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A RST from the backend's side after the request and before the response was complete.
    ///
    /// ## Why it matters
    /// WCS gets no answer, or half of one. The backend may have handled the request all the same.
    ///
    /// ## What to do
    /// Look for a crash or restart of the backend at these times, for a proxy or firewall that cuts connections, and
    /// for limits on the number of connections. How often WCS repeats such a hook says
    /// `rest_client_request_retry_count` in flashphoner.properties (3, since build 5.2.1475).
    ///
    /// ## When it is wrong
    /// The RST may come from a device between WCS and the backend.
    "connection-reset", Error, Backend, "the backend reset the connection before its response was complete", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| is_case(case, record);
    answered::report(case, findings, &RULE, is_case, |group| {
        Words {
        actor: None,
        title: format!("backend {} resets the connection {} {}", group.backend(case), when(case, group), group.hooks(case)),
        remedy: "Look for a crash or restart of the backend at these times, and for a proxy or firewall between WCS and \
            it that cuts connections."
            .to_owned(),
    }
    });
}

/// What happens on a connection that the backend had ended before is another rule's case.
fn is_case(case: &Case, record: &HookRecord) -> bool {
    let reset = matches!(record.no_response, Some(NoResponse::Reset(_))) || record.reset.is_some();
    reset && record.abandoned.is_none() && !stale_connection::is_stale(case, record)
}

/// Whether answers had begun.
fn when(case: &Case, group: &Group<()>) -> &'static str {
    let begun = case.records(&group.hooks).filter(|(_, record)| record.answer.is_some()).count();
    match begun {
        0 => "instead of answering",
        _ if begun == group.hooks.len() => "in the middle of its answer to",
        _ => "before or in the middle of its answers to",
    }
}
