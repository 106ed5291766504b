use super::answered::{self, Words};
use super::{Findings, rule};
use crate::catalog::HookMethod;
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// connect hooks that were not answered 200 with a JSON object.
    ///
    /// ## Why it matters
    /// connect decides over the whole session: whatever `restOnError` says, WCS declines the session, and the client gets
    /// FAILED. Usually `ConnectionStatusEvent` FAILED and DISCONNECTED follow.
    ///
    /// ## What to do
    /// 403: the backend refuses the client; check the credentials or token that the client passed. Anything else: another
    /// finding names the cause.
    ///
    /// ## When it is wrong
    /// A 403 may be intended.
    "connect-failed", Error, Backend, "connect was not answered 200 with a JSON object: WCS declines the session", check
}

fn check(case: &Case, findings: &mut Findings) {
    answered::report(case, findings, &RULE, is_case, |group| {
        let declined = case.records(&group.hooks).all(|(_, record)| record.outcome == Outcome::Declined);
        let backend = group.backend(case);
        let sessions = super::describe::counted(group.hooks.len() as u64, "session");
        if declined {
            Words {
                title: format!("backend {backend} refuses connect with 403: WCS declines {sessions}"),
                remedy:
                    "If the client should be let in, check the credentials or token that it passes, and the \
                    backend's log for why it refuses."
                        .to_owned(),
            }
        } else {
            Words {
                title: format!("connect fails at backend {backend}: WCS declines {sessions}"),
                remedy: "Let the backend answer POST …/connect 200 with a JSON object: the one that it received, or \
                    at least {}."
                    .to_owned(),
            }
        }
    });
}

/// An attempt that was repeated is not WCS's last word.
fn is_case(record: &HookRecord) -> bool {
    record.is(HookMethod::Connect)
        && matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered)
}
