use super::attempts::{self, Words};
use super::describe::CONSOLE;
use super::{Actor, Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// SYNs to a backend that are repeated and never answered.
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
        |target, _| Words {
            title: format!("{} does not answer connections: SYNs are repeated in vain", target.server),
            remedy: format!(
                "Open port {} in the firewall between WCS and the backend, and check that the address in the application's \
                URL is the backend's and its machine is up ({CONSOLE}: show apps -d).",
                target.server.port()
            ),
            actor: Actor::Network,
        },
    );
}
