use super::describe;
use super::lifetime::{self, Ends, Report};
use super::once::Once;
use super::{Confidence, Evidence, Finding, Findings, confidence, rule};
use crate::catalog::{FlowKind, Phase};
use crate::endpoint::{ConnectionId, Moment};
use crate::hook::RestPolicy;
use crate::session::{Case, Flow, Session};
use crate::time::Span;
use std::collections::BTreeMap;

rule! {
    /// ## What it detects
    /// A call or a stream whose last report says that it goes on, although its session is over: neither FINISH, FAILED nor
    /// BUSY of a call, neither UNPUBLISHED, STOPPED nor FAILED of a stream came, up to 5 s after the session's end.
    ///
    /// ## Why it matters
    /// The backend does not learn that the call or stream is over: it may bill it, show it or hold its place for ever.
    ///
    /// ## What to do
    /// Let the backend end all calls and streams of a session when `ConnectionStatusEvent` says DISCONNECTED. Look for the
    /// session in WCS's server log (`logs/server_logs/flashphoner.log`) to see why the last status was not sent.
    ///
    /// ## When it is wrong
    /// No document promises a last status for what ends with its session, so it is never confirmed. A client that keeps
    /// its session (`keepAlive`) may take the call with it to the next connection. The capture's end takes it away.
    "flow-unfinished", Note, MediaServer, "a call or stream has no last status although its session is over", check
}

/// How long after its session's end a flow's last status may come.
const BEHIND: Span = Span::from_seconds(5);

/// A flow without an end: its last report, and the report that its session is over.
struct Unfinished {
    report: usize,
    session_end: (ConnectionId, Moment),
    confidence: Confidence,
}

fn check(case: &Case, findings: &mut Findings) {
    let mut elsewhere: BTreeMap<(FlowKind, &str), u64> = BTreeMap::new();
    for flow in &case.flows {
        *elsewhere.entry((flow.kind, flow.key.as_str())).or_default() += 1;
    }
    let (ends, kept) = (Ends::new(case), Once::default());
    let mut groups: BTreeMap<FlowKind, Vec<Unfinished>> = BTreeMap::new();
    for flow in &case.flows {
        // The same call or stream in another session went on there.
        let moved = elsewhere.get(&(flow.kind, flow.key.as_str())).is_some_and(|flows| *flows > 1);
        if let Some(found) = unfinished(case, flow, &ends, &kept).filter(|_| !moved) {
            groups.entry(flow.kind).or_default().push(found);
        }
    }
    for (kind, group) in groups {
        report(case, findings, kind, &group);
    }
}

fn unfinished(
    case: &Case,
    flow: &Flow,
    ends: &Ends<'_>,
    kept: &Once<Option<usize>, bool>,
) -> Option<Unfinished> {
    let session = case.sessions.get(flow.session?).filter(|_| flow.kind.ends_with_session())?;
    let reports: Vec<Report<'_>> = lifetime::reports(case, flow).collect();
    // A status that is unknown, or not to be seen, may be the last one.
    let open = reports.iter().all(|report| {
        report.status.is_some_and(|status| !status.terminal && status.phase == Phase::Progress)
    });
    let last = reports.last().filter(|_| open)?;
    let end = ends.of(flow)?;
    let (from, until) = (last.record.first.time, end.first.time.plus(BEHIND));
    let goes_on = case.records(&flow.hooks).any(|(_, record)| record.first.time > until);
    let sent =
        !is_disabled(case, session, &reports) && !confidence::was_unreachable(case, last.record, from, until);
    let confidence = confidence::of_absence(case, from, until).min(Confidence::Likely);
    let kept = kept.get(flow.session, || is_kept(case, session));
    let confidence = if kept { confidence.min(Confidence::Possible) } else { confidence };
    (sent && !goes_on && until <= case.end()).then_some(Unfinished {
        report: last.index,
        session_end: (end.connection, end.last),
        confidence,
    })
}

/// Whether the session's configuration keeps a report of the flow from being sent.
fn is_disabled(case: &Case, session: &Session, reports: &[Report<'_>]) -> bool {
    reports.iter().filter_map(|report| report.record.method).any(|method| {
        let config = case.config(Some(session), method);
        config.rest_policy == RestPolicy::Disable
    })
}

/// Whether the client asked for its session to be kept for its return.
fn is_kept(case: &Case, session: &Session) -> bool {
    case.records(&session.hooks).any(|(_, record)| record.request.flag("keepAlive") == Some(true))
}

fn report(case: &Case, findings: &mut Findings, kind: FlowKind, group: &[Unfinished]) {
    let hooks: Vec<usize> = group.iter().map(|found| found.report).collect();
    let Some(evidence) = Evidence::of_hooks(case, &hooks) else { return };
    let evidence = evidence.with(group.iter().map(|found| found.session_end));
    let (Some((_, last)), Some(first)) = (case.records(&hooks).next(), group.first()) else { return };
    let count = describe::counted(group.len() as u64, kind.name());
    let title = format!("{count} without a last status, although the session is over");
    let more = if group.len() > 1 { format!(" {count} in all.") } else { String::new() };
    let message = format!(
        "The last that was told of the {} is {} (POST {}, {}); its session is over since {}, and nothing more came.{more}",
        kind.name(),
        last.status().unwrap_or_default(),
        last.target,
        describe::frame(case, last.last),
        describe::frame(case, first.session_end.1),
    );
    let remedy = format!(
        "Let the backend end each {} of a session when the session ends; WCS's server log \
            (logs/server_logs/flashphoner.log) tells why no last status was sent.",
        kind.name()
    );
    let confidence = group.iter().map(|found| found.confidence).max().unwrap_or(Confidence::Unresolved);
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
}
