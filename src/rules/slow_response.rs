use super::describe;
use super::{Actor, Evidence, Finding, Findings, rule};
use crate::http::Delays;
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// Hooks that were answered, but took longer than `--slow` (1 s by default). Who took the time tell the acknowledgment
    /// of the request, octets that were lost and sent again, and windows of zero, which say that a program does not read.
    /// Where nothing of that tells, it is left open.
    ///
    /// ## Why it matters
    /// The client waits for connect, call and publishStream as long as the backend does. Beyond `rest_request_timeout` (15 s
    /// by default) slow becomes failed.
    ///
    /// ## What to do
    /// Backend: profile the handlers of the methods named, look at the database and the number of workers. Network:
    /// look for loss and distance between WCS and the backend. WCS: look at CPU, memory and garbage collection. Open:
    /// compare with the backend's log. The limit is `rest_request_timeout` in
    /// flashphoner.properties; 1 to 10 s are recommended.
    ///
    /// ## When it is wrong
    /// When the machine that captured was itself overloaded.
    "slow-response", Warning, Backend, "the backend answers slowly", check
}

fn check(case: &Case, findings: &mut Findings) {
    let slow = |record: &HookRecord| {
        // 408 says that the request did not come in time (RFC 9110, section 15.5.9).
        let is_in_time = record.abandoned.is_none() && record.status_code() != Some(408);
        let latency = record.latency().filter(|_| is_in_time)?;
        (latency >= case.options.slow).then(|| share(record).actor.name())
    };
    for group in describe::group(case, slow) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let slowest = case.records(&group.hooks).max_by_key(|(_, record)| record.latency());
        let Some((_, record)) = slowest else { continue };
        let latency = record.latency().unwrap_or_default();
        let Share { words, actor, of_sending } = share(record);
        let sending = record.last.time.since(record.first.time);
        let sending = (sending > Span::from_milliseconds(100) && !of_sending)
            .then(|| format!("; {sending} of it WCS took to send the request"));
        let message = format!(
            "{} took longer than {}. The slowest, POST {} ({}), was answered after {latency}: {words}{}.",
            group.hooks(case),
            case.options.slow,
            record.target,
            describe::frame(case, record.last),
            sending.unwrap_or_default(),
        );
        let (backend, hooks) = (group.backend(case), group.hooks(case));
        let title = match actor {
            Actor::Backend => format!("backend {backend} takes up to {latency} to answer {hooks}"),
            _ => format!("answers of backend {backend} to {hooks} take up to {latency}"),
        };
        let finding = Finding::new(&RULE, title, message, remedy(actor).to_owned(), evidence);
        findings.add(Finding { actor, ..finding });
    }
}

const fn remedy(actor: Actor) -> &'static str {
    match actor {
        Actor::Network => {
            "Look for loss and distance between WCS and the backend: mtr, ss -ti, ethtool -S on both hosts."
        }
        Actor::MediaServer => {
            "Look at WCS's host at these times: CPU, memory, pauses of Java's garbage collection. WCS did not read the answer."
        }
        Actor::Capture => {
            "Compare with the times in the backend's own log, or capture on the backend's host as well: this capture does \
                not tell who took the time."
        }
        _ => {
            "Profile the backend's handlers of these methods: database, locks, number of workers. WCS gives up after \
                rest_request_timeout, 15 s by default."
        }
    }
}

/// Where the time went.
struct Share {
    words: String,
    actor: Actor,
    /// Whether that was while WCS sent the request.
    of_sending: bool,
}

/// Who took the time. The request's acknowledgment comes from the backend's machine, not from its program; a window of
/// zero from the program that does not read.
fn share(record: &HookRecord) -> Share {
    let told = |words, actor| Share { words, actor, of_sending: false };
    let Some(answer) = &record.answer else { return told(String::new(), Actor::Capture) };
    let sending = record.last.time.since(record.first.time);
    let thinking = record.ttfb().unwrap_or_default();
    let receiving = answer.last.time.since(answer.first.time);
    let half = record.latency().unwrap_or_default().nanoseconds() / 2;
    let is_most = |part: Span| part.nanoseconds() > half;
    let Delays { server_full, client_full, hole } = record.delays;
    if is_most(client_full) {
        let words =
            format!("WCS had no room for more of the answer for {client_full} (a receive window of zero)");
        return told(words, Actor::MediaServer);
    }
    if is_most(server_full) {
        let words = format!(
            "the backend had no room for more of the request for {server_full} (a receive window of zero)"
        );
        return Share { of_sending: true, ..told(words, Actor::Backend) };
    }
    if is_most(hole) {
        let words = format!(
            "what had come waited {hole} for octets before it that were lost, so the network took the time"
        );
        return told(words, Actor::Network);
    }
    let again = record.sent_again.count > 0;
    if sending > thinking && sending > receiving {
        let share = if again {
            told(format!("WCS took {sending} to send the request, parts of it again"), Actor::Network)
        } else {
            told(format!("WCS took {sending} to send the request, and it is open why"), Actor::Capture)
        };
        return Share { of_sending: true, ..share };
    }
    if receiving > thinking {
        return told(format!("the backend took {receiving} to send its answer"), Actor::Backend);
    }
    waited(record, thinking, again)
}

/// Who took the time between a request and its answer.
fn waited(record: &HookRecord, thinking: Span, again: bool) -> Share {
    let told = |words, actor| Share { words, actor, of_sending: false };
    let Some(acknowledged) = record.acknowledged else {
        let open = "no acknowledgment of the request was captured, so that it is open who took the time";
        return told(open.to_owned(), Actor::Capture);
    };
    let network = acknowledged.time.since(record.last.time);
    // A delayed acknowledgment may take 200 ms without any loss (RFC 9293, section 3.8.6.3).
    let late = network > Span::from_milliseconds(500) && network.nanoseconds() > thinking.nanoseconds() / 2;
    match (late, again) {
        (false, _) => {
            let words = format!("the request was acknowledged after {network}, so the backend took the time");
            told(words, Actor::Backend)
        }
        (true, true) => {
            let words =
                format!("the request was acknowledged only after {network}, so the network took the time");
            told(words, Actor::Network)
        }
        // Unacknowledged, it would have been sent again: the acknowledgment was not captured.
        (true, false) => {
            let words = format!(
                "no acknowledgment of the request was captured for {network}, though it was not sent again, so that it is \
                    open who took the time"
            );
            told(words, Actor::Capture)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::read_sample;
    use crate::rules::judge;

    #[test]
    fn who_took_the_time_is_told_where_the_capture_shows_it() {
        for (sample, actor, words) in [
            ("answered-after-14s.pcap", Actor::Backend, "so the backend took the time"),
            ("slow-answer-unread.pcap", Actor::MediaServer, "WCS had no room for more of the answer for 5"),
            (
                "slow-request-unread.pcap",
                Actor::Backend,
                "the backend had no room for more of the request for 3",
            ),
            ("slow-answer-lost.pcap", Actor::Network, "so the network took the time"),
            ("slow-request-lost.pcap", Actor::Network, "the request was acknowledged only after 3"),
            ("slow-unacknowledged.pcap", Actor::Capture, "so that it is open who took the time"),
        ] {
            let (findings, _) = judge(&read_sample(sample));
            let finding = findings.iter().find(|finding| finding.rule.name == RULE.name).unwrap();
            assert_eq!(finding.actor, actor, "{sample}");
            assert!(finding.message.contains(words), "{sample}: {}", finding.message);
        }
    }
}
