use super::answered;
use super::describe::{self, Group};
use super::effect::effects;
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::hook::Outcome;
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// A request that was sent again and again, for a second or longer, and that the backend's machine never acknowledged;
    /// WCS gave up, or still waits. The application there has not seen it: its machine is down, or packets to it, or its
    /// acknowledgments, are lost.
    ///
    /// ## Why it matters
    /// The hook failed, after having held up the client for as long as WCS waits (`rest_request_timeout`, 15 s by default).
    /// Whoever looks for the mistake in the backend's code looks in vain.
    ///
    /// ## What to do
    /// From the WCS server: `ping`, `mtr` and `curl` to the backend. Where new connections work, a firewall, NAT or load
    /// balancer between them has forgotten this one, as they do with idle ones: let it keep them for longer than the pauses
    /// between hooks, or the backend close idle connections earlier. `tcpdump` on the backend's machine shows whether the
    /// packets arrive.
    ///
    /// ## When it is wrong
    /// When acknowledgments reached WCS, but were not captured: WCS would hardly have sent the request again then.
    "request-unacknowledged", Error, Network, "a request was sent again and again, and never acknowledged", check
}

/// How often a request is sent again at least, and for how long: what is only late comes before.
const LEAST: u32 = 2;
const LONG: Span = Span::from_seconds(1);

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| is_case(record).then_some(())) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let records = || case.records(&group.hooks).map(|(_, record)| record);
        let count = records().map(|record| record.sent_again.count).max().unwrap_or_default();
        // Of several segments some may have been acknowledged.
        let in_parts = records().any(|record| record.frames.len() > 1);
        let what = if in_parts { "does not acknowledge all of" } else { "does not even acknowledge" };
        let title = format!(
            "backend {} {what} {}, sent again {}",
            group.backend(case),
            group.hooks(case),
            describe::counted(count.into(), "time")
        );
        let again = records().filter_map(|record| Some((record.connection, record.sent_again.last?)));
        let evidence = evidence.with(again);
        let answers_others = group.others_succeed(case);
        let large = if in_parts { LARGE } else { "" };
        let remedy = format!("{}{large}", remedy(answers_others));
        // A machine that is down acknowledges nothing either.
        let sure = if answers_others { Confidence::Confirmed } else { Confidence::Likely };
        let finding = Finding::new(&RULE, title, message(case, &group, answers_others), remedy, evidence);
        findings.add(Finding { effect: effects(case, &group.hooks), ..finding.sure(sure) });
    }
}

/// Whether a request got no answer because nothing showed that it arrived.
pub(super) fn is_case(record: &HookRecord) -> bool {
    let waited = matches!(record.no_response, Some(NoResponse::GaveUp(_) | NoResponse::CaptureEnded(_)));
    waited
        && record.outcome == Outcome::Unanswered
        && record.acknowledged.is_none()
        && record.sent_again.count >= LEAST
        && tried_for(record) >= LONG
}

/// How long the request was sent again.
fn tried_for(record: &HookRecord) -> Span {
    record.sent_again.last.map(|last| last.time.since(record.first.time)).unwrap_or_default()
}

fn message(case: &Case, group: &Group<()>, answers_others: bool) -> String {
    let first = case.records(&group.hooks).next();
    let Some((first, last)) = first.and_then(|(_, first)| Some((first, first.sent_again.last?))) else {
        return String::new();
    };
    let mut text = format!(
        "POST {} ({}) was sent again {}, the last time in frame {} after {}, and never acknowledged",
        first.target,
        describe::frame(case, first.last),
        describe::counted(first.sent_again.count.into(), "time"),
        describe::frame_name(case, last.frame),
        tried_for(first)
    );
    if let Some(at) = first.ended() {
        let waited = at.time.since(first.last.time);
        text.push_str(&format!(
            "; WCS ended the connection in frame {} after {waited}",
            describe::frame_name(case, at.frame)
        ));
    }
    text.push('.');
    text.push_str(&answered::in_all(case, &group.hooks));
    if answers_others {
        text.push_str(" It answers other hooks.");
    }
    text
}

/// What else to look at where a request takes several segments.
const LARGE: &str =
    " If small hooks get through and large ones do not, it is the MTU: ping -M do -s 1472 to the backend.";

const fn remedy(answers_others: bool) -> &'static str {
    if answers_others {
        "Look at the firewall, NAT or load balancer between WCS and the backend: does it forget idle connections, or drop \
            packets? tcpdump on the backend's machine shows whether they arrive."
    } else {
        "Find out whether the backend's machine is up, and what drops packets between WCS and it: ping, mtr and curl from the \
            WCS server, tcpdump on the backend's machine."
    }
}
