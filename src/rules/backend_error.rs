use super::answered::{self, Words};
use super::{Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that the backend answers 500, or another 5xx that no gateway speaks.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. connect is declined; other hooks follow `restOnError` of the session.
    ///
    /// ## What to do
    /// Read the backend's own log at the time of the frames named here; the fault is in its code or its database.
    /// Repeat one of the requests against the backend to see the error:
    /// `curl -i -H 'Content-Type: application/json' -d '{}' <url>/<method>`.
    ///
    /// ## When it is wrong
    /// Never about the status. A proxy in front of the backend may have answered in its place: look at the field Server.
    "backend-error", Error, Backend, "the backend answers hooks 5xx", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| {
        answered::with_status(record, |status| (500..600).contains(&status) && !matches!(status, 502..=504))
    };
    answered::report(case, findings, &RULE, is_case, |group| {
        Words {
        actor: None,
        title: format!(
            "backend {} answers {} with {}",
            group.backend(case),
            group.hooks(case),
            answered::statuses(case, &group.hooks)
        ),
        remedy: "Look into the backend's log at these times: its code failed while it handled the request. Repeat one \
            request against it with curl to see the error."
            .to_owned(),
    }
    });
}
