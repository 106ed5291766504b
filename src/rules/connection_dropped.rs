use super::attempts::{self, Course, Words};
use super::{Actor, Findings, rule};
use crate::session::{Attempt, AttemptOutcome, Case};

rule! {
    /// ## What it detects
    /// Connections to a backend that it accepts and ends at once, by FIN or RST, before WCS or it has sent anything.
    ///
    /// ## Why it matters
    /// WCS cannot send any hook there. connect is declined, so no client gets in.
    ///
    /// ## What to do
    /// Look at what listens there: a load balancer without a living member, an access list, a server at its limit of
    /// connections. Check from the WCS server with `curl -v <url>`.
    ///
    /// ## When it is wrong
    /// A firewall may end connections in the backend's name. A server that ends a connection later than after a second is
    /// taken for one that closes idle connections. Where no hook was captured, the address may have nothing to do with
    /// hooks; the confidence says so.
    "connection-dropped", Error, Backend, "the backend accepts connections and ends them at once", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |attempt: &Attempt| matches!(attempt.outcome, AttemptOutcome::Dropped(_));
    attempts::report(case, findings, &RULE, is_case, |target, attempts| {
        let server = target.server;
        let course = attempts::course(case, target, attempts);
        let look = format!(
            "Look at what listens at {server}: a load balancer without a living member, an access list, a server at its limit \
                of connections. Then, on the WCS server: curl -v http://{server}/"
        );
        let (title, remedy) = match course {
            Course::Never => (format!("{server} accepts connections and ends them at once"), look),
            Course::Ended => {
                (format!("{server} accepts connections and ends them at once, and did not before"), look)
            }
            Course::Mended(_) | Course::Mixed => (
                format!("{server} ended connections at once{}", attempts::period(case, target, attempts, course)),
                "Find out what happened to the backend then: members of a load balancer that were gone, a limit of \
                    connections that was reached."
                    .to_owned(),
            ),
        };
        Words { title, remedy, actor: Actor::Backend }
    });
}
