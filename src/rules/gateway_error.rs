use super::answered::{self, Words};
use super::describe::Group;
use super::{Findings, rule};
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// Hooks that are answered 502, 503 or 504: a reverse proxy speaks, the application behind it does not.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. connect is declined; other hooks follow `restOnError` of the session.
    ///
    /// ## What to do
    /// 502: the application behind the proxy is down, or closed the connection. 503: it is overloaded, or under
    /// maintenance. 504: it took longer than the proxy waits, which is usually less than WCS's `rest_request_timeout`.
    /// Look into the proxy's error log first; it names the upstream.
    ///
    /// ## When it is wrong
    /// An application may answer 503 by itself.
    "gateway-error", Error, Backend, "a proxy answers in place of the backend: 502, 503 or 504", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| matches!(status, 502..=504));
    answered::report(case, findings, &RULE, is_case, |group| {
        if case.records(&group.hooks).all(|(_, record)| is_by_application(record)) {
            return by_application(case, group);
        }
        Words {
        actor: None,
        title: format!(
            "the proxy at {} answers {} with {}: the application behind it does not serve",
            group.backend(case),
            group.hooks(case),
            answered::statuses(case, &group.hooks)
        ),
        remedy: "Look into the error log of the proxy in front of the backend: it names the upstream that is down, \
            overloaded or too slow. Start that, or raise the proxy's timeout."
            .to_owned(),
    }
    });
}

/// Whether the answer is not a proxy's: these send pages, no JSON objects.
fn is_by_application(record: &HookRecord) -> bool {
    record.answer.as_ref().is_some_and(|answer| answer.members.is_whole() && !answer.members.is_empty())
}

fn by_application(case: &Case, group: &Group<()>) -> Words {
    let statuses = answered::statuses(case, &group.hooks);
    Words {
        actor: None,
        title: format!("backend {} answers {} with {statuses}", group.backend(case), group.hooks(case)),
        remedy: format!(
            "Look into the backend's log: with a JSON object, {statuses} is the application's own answer rather than that of a \
                proxy before it."
        ),
    }
}
