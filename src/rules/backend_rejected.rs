use super::attempts::{self, Course, Words};
use super::{Actor, Findings, rule};
use crate::session::{Attempt, AttemptOutcome, Case};

rule! {
    /// ## What it detects
    /// Attempts to connect to a backend that are answered by ICMP (of either version): unreachable, or prohibited.
    /// An address that DNS gives for the backend's name counts, too.
    ///
    /// ## Why it matters
    /// WCS cannot send any hook there: a router or firewall says why.
    ///
    /// ## What to do
    /// "administratively prohibited": a firewall rule rejects it; the message names the firewall's address. "host" or
    /// "network unreachable": mend the route, or start the machine. "port unreachable": a rule, or a service that is
    /// down. Compare the address with the application's URL, which `show apps -d` lists.
    ///
    /// ## When it is wrong
    /// Where no hook was captured, the address may have nothing to do with hooks; the confidence says so.
    "backend-rejected", Error, Network, "the network rejects connections to the backend by ICMP", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |attempt: &Attempt| matches!(attempt.outcome, AttemptOutcome::Rejected(..));
    attempts::report(case, findings, &RULE, is_case, |target, attempts| {
        let (reporter, reason) = attempts
            .iter()
            .find_map(|attempt| match attempt.outcome {
                AttemptOutcome::Rejected(_, reporter, reason) => Some((reporter.to_string(), reason)),
                _ => None,
            })
            .unwrap_or_default();
        let course = attempts::course(case, target, attempts);
        let title = match course {
            Course::Never | Course::Ended => {
                format!("connections to {} are rejected by {reporter}: {reason}", target.server)
            }
            Course::Mended(_) | Course::Mixed => {
                let period = attempts::period(case, target, attempts, course);
                format!("connections to {} were rejected by {reporter}: {reason}{period}", target.server)
            }
        };
        Words {
            title,
            remedy: format!(
                "{reporter} rejects them ({reason}): change its firewall rule or route for {}, or correct the address \
                    in the application's URL.",
                target.server
            ),
            actor: Actor::Network,
        }
    });
}
