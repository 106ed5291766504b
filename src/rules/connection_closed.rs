use super::answered::{self, Words};
use super::{Findings, rule};
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A FIN from the backend's side after the request and before any response, or at once on a new connection. One that
    /// the backend sent before the request arrived, on a connection that was used before, is `stale-connection`.
    ///
    /// ## Why it matters
    /// WCS gets no answer. The backend may have handled the request all the same; WCS, or its HTTP client, may send it
    /// again.
    ///
    /// ## What to do
    /// Look for errors of the backend at these times: a worker that dies closes its connections. Proxies close them
    /// when they cannot reach the application; a load balancer without members closes new ones at once. How often WCS repeats such a hook says `rest_client_request_retry_count`
    /// in flashphoner.properties (3, since build 5.2.1475).
    ///
    /// ## When it is wrong
    /// When a FIN that was not captured crossed the request, or one that does not tell what its sender had received.
    "connection-closed", Error, Backend, "the backend closed the connection without a response", check
}

fn check(case: &Case, findings: &mut Findings) {
    answered::report(case, findings, &RULE, is_case, |group| {
        Words {
        actor: None,
        title: format!(
            "backend {} closes the connection without answering {}",
            group.backend(case),
            group.hooks(case)
        ),
        remedy: if case.records(&group.hooks).all(|(_, record)| is_at_once(record)) {
            "Look whether the load balancer or proxy at this address knows an application that is well: it closes new \
                connections before it has the request."
        } else {
            "Look into the backend's log at these times for a worker that died or a request that it dropped."
        }
        .to_owned(),
    }
    });
}

/// Whether the backend did not wait for the request.
fn is_at_once(record: &HookRecord) -> bool {
    record.ended().is_some_and(|at| at.is_before(record.first))
}

fn is_case(record: &HookRecord) -> bool {
    matches!(record.no_response, Some(NoResponse::Closed(_))) && record.stale.is_none()
}
