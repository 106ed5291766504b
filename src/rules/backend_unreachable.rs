use super::attempts::{self, Course, Words};
use super::describe::CONSOLE;
use super::{Actor, Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// SYNs to a backend that are repeated and never answered.
    /// An address that DNS gives for the backend's name counts, too.
    ///
    /// ## Why it matters
    /// WCS cannot send any hook there, and each attempt holds up a client until WCS gives up.
    ///
    /// ## What to do
    /// Open the port in the firewall between WCS and the backend, check that the address in the application's URL is
    /// the backend's (`show apps -d` lists it, `update app -l <url> <name>` corrects it), and that the backend's
    /// machine is up.
    ///
    /// ## When it is wrong
    /// WCS itself found no answer, or it would not have repeated the SYN; a single SYN at the capture's end does not fire
    /// it. Where no hook was captured, the address may have nothing to do with hooks; the confidence says so.
    "backend-unreachable", Error, Network, "the backend is unreachable: SYNs are repeated and never answered", check
}

fn check(case: &Case, findings: &mut Findings) {
    attempts::report(
        case,
        findings,
        &RULE,
        |attempt| attempt.is_surely_unanswered(case.end()),
        |target, attempts| {
            let course = attempts::course(case, target, attempts);
            let (server, period) = (target.server, attempts::period(case, target, attempts, course));
            let (title, remedy) = match course {
                Course::Never => (
                    format!("{server} does not answer connections: SYNs are repeated in vain"),
                    format!(
                        "Open port {} in the firewall between WCS and the backend, and check that the address in the \
                            application's URL is the backend's and its machine is up ({CONSOLE}: show apps -d).",
                        server.port()
                    ),
                ),
                Course::Ended => (
                    format!("{server} does not answer connections any more: SYNs are repeated in vain"),
                    "It could be reached before: check that its machine is up, and what changed in the firewall or routing \
                        between WCS and it at that time."
                        .to_owned(),
                ),
                Course::Mended(_) | Course::Mixed => (
                    format!("{server} did not answer connections{period}"),
                    "It could be reached at other times: find out what happened then to its machine, to its firewall, or to \
                        the network between WCS and it."
                        .to_owned(),
                ),
            };
            Words { title, remedy, actor: Actor::Network }
        },
    );
}
