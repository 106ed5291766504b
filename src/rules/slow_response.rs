use super::describe;
use super::{Actor, Evidence, Finding, Findings, rule};
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// Hooks that were answered, but took longer than `--slow` (1 s by default). The acknowledgment of the request tells
    /// whether the network or the backend took the time.
    ///
    /// ## Why it matters
    /// The client waits for connect, call and publishStream as long as the backend does. Beyond `rest_request_timeout` (15 s
    /// by default) slow becomes failed.
    ///
    /// ## What to do
    /// Backend: profile the handlers of the methods named, look at the database and the number of workers. Network:
    /// look for loss and distance between WCS and the backend. The limit is `rest_request_timeout` in
    /// flashphoner.properties; 1 to 10 s are recommended.
    ///
    /// ## When it is wrong
    /// When the machine that captured was itself overloaded.
    "slow-response", Warning, Backend, "the backend answers slowly", check
}

fn check(case: &Case, findings: &mut Findings) {
    let slow = |record: &HookRecord| {
        let latency = record.latency().filter(|_| record.abandoned.is_none())?;
        (latency >= case.options.slow).then_some(())
    };
    for group in describe::group(case, slow) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let slowest = case.records(&group.hooks).max_by_key(|(_, record)| record.latency());
        let Some((_, record)) = slowest else { continue };
        let latency = record.latency().unwrap_or_default();
        let (mut share, actor) = share(record);
        let sending = record.last.time.since(record.first.time);
        if sending > Span::from_milliseconds(100) && !share.starts_with("WCS took") {
            share.push_str(&format!("; {sending} of it WCS took to send the request"));
        }
        let message = format!(
            "{} took longer than {}. The slowest, POST {} ({}), was answered after {latency}: {}.",
            group.hooks(case),
            case.options.slow,
            record.target,
            describe::frame(case, record.last),
            share,
        );
        let title =
            format!("backend {} takes up to {latency} to answer {}", group.backend(case), group.hooks(case));
        let remedy = match actor {
            Actor::Network => {
                "Look for loss and distance between WCS and the backend: the request or its acknowledgment took the time."
            }
            _ => {
                "Profile the backend's handlers of these methods: database, locks, number of workers. WCS gives up after \
                    rest_request_timeout, 15 s by default."
            }
        };
        let finding = Finding::new(&RULE, title, message, remedy.to_owned(), evidence);
        findings.add(Finding { actor, ..finding });
    }
}

/// Who took the time: the request's acknowledgment comes from the backend's machine, not from its program.
fn share(record: &HookRecord) -> (String, Actor) {
    let (Some(acknowledged), Some(answer)) = (record.acknowledged, &record.answer) else {
        let open = "no acknowledgment of the request was captured, so that it is open who took the time";
        return (open.to_owned(), Actor::Backend);
    };
    let sending = record.last.time.since(record.first.time);
    let network = acknowledged.time.since(record.last.time);
    let thinking = record.ttfb().unwrap_or_default();
    let receiving = answer.last.time.since(answer.first.time);
    if sending > thinking && sending > receiving {
        return (format!("WCS took {sending} to send the request"), Actor::Network);
    }
    if receiving > thinking {
        return (format!("the backend took {receiving} to send its answer"), Actor::Backend);
    }
    // A delayed acknowledgment may take 200 ms without any loss (RFC 9293, section 3.8.6.3).
    if network > Span::from_milliseconds(500) && network.nanoseconds() > thinking.nanoseconds() / 2 {
        let late = format!("the request was acknowledged only after {network}, so the network took the time");
        return (late, Actor::Network);
    }
    (format!("the request was acknowledged after {network}, so the backend took the time"), Actor::Backend)
}
