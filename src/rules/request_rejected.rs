use super::answered::{self, Words};
use super::{Actor, Findings, rule, scheme_mismatch};
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// Hooks that are answered with a 4xx that no other rule speaks of, such as 400, 411, 413, 415 or 431, or with no
    /// final status at all. A 101 that the request asked for is none: how the hook ends, the other protocol would tell.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. Web servers and frameworks refuse bodies that are too large (a call's SDP), or
    /// of a type that they do not know, before the application sees them.
    ///
    /// ## What to do
    /// 413, 414, 431: raise the web server's limits, or keep `sdp` out of the hook by `restExclude`. 415: accept
    /// `application/json;charset=UTF-8`. 400: look into the web server's error log. 429: exempt WCS's address from the
    /// rate limit.
    ///
    /// ## When it is wrong
    /// An application may use such a status on purpose.
    "request-rejected", Error, Backend, "the backend rejects the request: another 4xx", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| {
        !scheme_mismatch::is_case(case, record)
            && record.outcome != Outcome::Unknown
            && answered::with_status(record, |status| {
                let other =
                    (400..500).contains(&status) && !matches!(status, 401 | 403 | 404 | 405 | 407 | 410);
                other || !(200..600).contains(&status)
            })
    };
    answered::report(case, findings, &RULE, is_case, |group| Words {
        // Nothing shows that the body arrived.
        actor: case
            .records(&group.hooks)
            .all(|(_, record)| record.status_code() == Some(408) && record.acknowledged.is_none())
            .then_some(Actor::Network),
        title: format!(
            "backend {} {} {} with {}",
            group.backend(case),
            if is_final(case, &group.hooks) { "rejects" } else { "answers" },
            group.hooks(case),
            answered::statuses(case, &group.hooks)
        ),
        remedy: remedy(case, &group.hooks).to_owned(),
    });
}

fn has(case: &Case, hooks: &[usize], wanted: impl Fn(u16) -> bool) -> bool {
    case.records(hooks).any(|(_, record)| answered::with_status(record, &wanted))
}

/// Whether the backend has answered at all: 1xx announces another response, or another protocol.
fn is_final(case: &Case, hooks: &[usize]) -> bool {
    !has(case, hooks, |status| status < 200)
}

/// What to do, by the status.
fn remedy(case: &Case, hooks: &[usize]) -> &'static str {
    if !is_final(case, hooks) {
        "Look at the proxy in front of the backend: it answers with another protocol, which WCS did not ask for."
    } else if has(case, hooks, |status| matches!(status, 413 | 414 | 431)) {
        "The request is too large for the web server: raise its limit (nginx: client_max_body_size, \
            large_client_header_buffers), or let restExclude keep sdp out of the hooks."
    } else if has(case, hooks, |status| status == 415) {
        "Let the backend accept application/json;charset=UTF-8, which WCS sends."
    } else if has(case, hooks, |status| status == 408) {
        "The server did not get the whole request in time: look for packets that do not get through, large ones above all (MTU), \
            and at the load of the WCS server."
    } else if has(case, hooks, |status| status == 429) {
        "Exempt WCS's address from the rate limit of the web server."
    } else {
        "Look into the web server's error log: it refuses the request before the application handles it. Limits on size, \
            type or rate are the usual causes."
    }
}
