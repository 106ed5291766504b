use super::answered::{self, Words};
use super::effect::session_behind;
use super::rest_api_declined::Origins;
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
    let origins = Origins::of_case(case);
    answered::report(case, findings, &RULE, is_case, |group| {
        let declined = case.records(&group.hooks).all(|(_, record)| record.outcome == Outcome::Declined);
        let backend = group.backend(case);
        let sessions = super::describe::counted(sessions(case, &group.hooks), "session");
        let established =
            case.records(&group.hooks).all(|(_, record)| session_behind(case, record).is_some());
        let then =
            if established { format!("yet {sessions} went on") } else { format!("WCS declines {sessions}") };
        let caused = case.records(&group.hooks).find_map(|(_, record)| origins.of(record));
        if declined {
            Words {
                actor: None,
                title: format!("backend {backend} refuses connect with 403: {then}"),
                remedy: caused.map_or_else(
                    || {
                        "If the client should be let in, check the credentials or token that it passes, and the backend's \
                            log for why it refuses."
                            .to_owned()
                    },
                    |call| {
                        format!(
                            "The REST API call {} caused it: let the backend answer 200 to connect then, since by the documents \
                                such hooks should not be declined.",
                            call.path
                        )
                    },
                ),
            }
        } else {
            Words {
                actor: None,
                title: format!("connect fails at backend {backend}: {then}"),
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
        && !record.repeated
}

/// How many sessions hooks are of; one that names none is one of its own.
fn sessions(case: &Case, hooks: &[usize]) -> u64 {
    let mut sessions: Vec<_> = case.records(hooks).map(|(_, record)| record.session).collect();
    sessions.sort_unstable();
    sessions.dedup_by(|one, other| one.is_some() && one == other);
    sessions.len() as u64
}
