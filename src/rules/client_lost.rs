use super::describe;
use super::lifetime;
use super::{Confidence, Evidence, Finding, Findings, confidence, rule};
use crate::catalog::{FlowKind, Wanted};
use crate::session::{Case, Flow, HookRecord, Session};
use crate::time::{Span, Timestamp};

rule! {
    /// ## What it detects
    /// Sessions that end with calls or streams that nobody had asked to end, 45 to 60 seconds after their last hook. That
    /// is how long WCS waits for a client that no longer answers the pings of its WebSocket: `keep_alive.server_interval`
    /// times `keep_alive.probes`, 5000 ms times 10 by default.
    ///
    /// ## Why it matters
    /// The REST traffic is in order: the client's network or device failed, and the backend heard of it late. Until then
    /// it takes the client for connected.
    ///
    /// ## What to do
    /// Look for the client's reason: its network changed, the device slept, the browser was killed. WCS's `client_logs`
    /// have its last messages. If 50 s are too long for the backend, lower the two settings in flashphoner.properties.
    ///
    /// ## When it is wrong
    /// A session may just have been quiet for that time before the user closed the page. Only where keep-alives of a stream
    /// stopped as well is it likely; with other settings than the default ones lost clients are not found.
    "client-lost", Note, Nobody, "a session ends as that of a client that does not answer any more", check
}

/// The shortest silence of a lost client: nearly all of its pings.
const SILENCE: Span = Span::from_seconds(45);

/// Reports of the end of a session and of what ends with it are this near to each other.
const TOGETHER: Span = Span::from_seconds(5);

/// The end of a lost client's session.
struct Lost {
    end: usize,
    last: usize,
    silence: Span,
    flows: usize,
    confidence: Confidence,
}

fn check(case: &Case, findings: &mut Findings) {
    let lost: Vec<Lost> = case.sessions.iter().filter_map(|session| lost(case, session)).collect();
    let hooks: Vec<usize> = lost.iter().flat_map(|lost| [lost.last, lost.end]).collect();
    let (Some(first), Some(evidence)) = (lost.first(), Evidence::of_hooks(case, &hooks)) else { return };
    let sure = lost.iter().map(|lost| lost.confidence).max().unwrap_or(Confidence::Possible);
    let title = format!(
        "{} ended like that of a lost client, {} after the last hook",
        describe::counted(lost.len() as u64, "session"),
        first.silence
    );
    let message = case.records(&[first.end]).map(|(_, end)| message(case, first, end)).collect();
    let remedy = "The client's network or device is to be looked at, not the REST traffic: client_logs on the WCS server have its \
        last messages."
        .to_owned();
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(sure));
}

fn message(case: &Case, lost: &Lost, end: &HookRecord) -> String {
    format!(
        "No hook of the session came for {} before its end ({}), and {} of its calls and streams had not been asked to \
            end. WCS notices a lost client after about 50 s without an answer to its pings.",
        lost.silence,
        describe::frame(case, end.last),
        lost.flows,
    )
}

fn lost(case: &Case, session: &Session) -> Option<Lost> {
    let (index, end) = lifetime::end_of(case, session)?;
    let together = end.first.time.plus(Span::from_nanoseconds(-TOGETHER.nanoseconds()));
    let (last, before) =
        case.records(&session.hooks).filter(|(_, other)| other.first.time < together).last()?;
    let silence = end.first.time.since(before.first.time);
    let cut_off: Vec<&Flow> = session
        .flows
        .iter()
        .filter_map(|flow| case.flows.get(*flow))
        .filter(|flow| ends_with_session(case, flow, together))
        .collect();
    let fits = silence >= SILENCE && silence <= confidence::LOST_CLIENT && !cut_off.is_empty();
    let kept_alive = before.keeps_alive();
    let confidence = if kept_alive { Confidence::Likely } else { Confidence::Possible };
    fits.then_some(Lost { end: index, last, silence, flows: cut_off.len(), confidence })
}

/// Whether a call or stream was known to go on until its session ended, without being asked to end.
fn ends_with_session(case: &Case, flow: &Flow, together: Timestamp) -> bool {
    let asked = case.records(&flow.hooks).any(|(_, record)| {
        record.method.is_some_and(|method| {
            method.spec().followers.iter().any(|follower| follower.wanted == Wanted::Terminal)
        })
    });
    let over = lifetime::reports(case, flow).any(|report| {
        report.record.first.time < together && report.status.is_some_and(|status| status.terminal)
    });
    let told = lifetime::reports(case, flow).next().is_some();
    matches!(flow.kind, FlowKind::Call | FlowKind::Stream) && told && !asked && !over
}
