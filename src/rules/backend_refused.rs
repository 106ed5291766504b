use super::attempts::{self, Course, Words};
use super::describe::CONSOLE;
use super::{Actor, Findings, rule};
use crate::session::{AttemptOutcome, Case};

rule! {
    /// ## What it detects
    /// Attempts to connect to a backend that are answered by RST: nothing listens on that port.
    /// An address that DNS gives for the backend's name counts, too.
    ///
    /// ## Why it matters
    /// WCS cannot send any hook there. connect is declined, so no client gets in.
    ///
    /// ## What to do
    /// Start the backend, or correct the port in the application's URL with `update app -l <url> <name>`;
    /// `show apps -d` lists it. Check from the WCS server with `curl -v <url>`.
    ///
    /// ## When it is wrong
    /// A firewall may answer RST in the backend's place. Where no hook was captured, the address may have nothing to do
    /// with hooks; the confidence says so.
    "backend-refused", Error, Backend, "the backend refuses connections: a SYN is answered by RST", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |attempt: &crate::session::Attempt| matches!(attempt.outcome, AttemptOutcome::Refused(_));
    attempts::report(case, findings, &RULE, is_case, |target, attempts| {
        let server = target.server;
        let course = attempts::course(case, target, attempts);
        let (title, remedy) = match course {
            Course::Never => (
                format!("{server} refuses connections"),
                format!(
                    "Start the backend, or correct the port in the application's URL {CONSOLE}: show apps -d; update app -l \
                        <url> <name>. Then, on the WCS server: curl -v http://{server}/"
                ),
            ),
            Course::Ended => (
                format!("{server} refuses connections, and did not before"),
                format!(
                    "Start the backend again, and find out why it stopped. Then, on the WCS server: curl -v http://{server}/"
                ),
            ),
            Course::Mended(_) | Course::Mixed => (
                format!("{server} refused connections{}", attempts::period(case, target, attempts, course)),
                "Find out why the backend was not listening then: a restart, a deployment, a crash."
                    .to_owned(),
            ),
        };
        Words { title, remedy, actor: Actor::Backend }
    });
}
