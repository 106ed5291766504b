use super::describe;
use super::{Confidence, Evidence, Finding, Findings, confidence, rule};
use crate::catalog::{HookMethod, HookType, Status};
use crate::endpoint::{ConnectionId, Moment};
use crate::session::{Case, HookRecord};
use crate::time::Span;
use std::collections::BTreeMap;

rule! {
    /// ## What it detects
    /// A status that cannot follow the one before, of a call, a stream, a transfer or a connection: a call that rings
    /// after it was established, a stream that plays after it was stopped, and the like.
    ///
    /// ## Why it matters
    /// A backend that keeps the state of calls and streams by these events ends with a wrong one: a call that is over
    /// counts as going on.
    ///
    /// ## What to do
    /// Let the backend ignore reports behind a last status. Look at the order in WCS's server log
    /// (`logs/server_logs/flashphoner.log`): there the events stand as they happened.
    ///
    /// ## When it is wrong
    /// No document draws the orders that are allowed; what they leave open is allowed. Events that are half a second
    /// apart, on different connections, may change places on their way and do not fire it, nor reports behind a request of
    /// the client, which may begin anew.
    "unexpected-transition", Note, MediaServer, "a status that cannot follow the one before", check
}

/// Events on different connections that are further apart than this have not changed places.
const APART: Span = Span::from_seconds(5);

/// What was reported: by which event, the status before, and the one that cannot follow it.
type Step = (HookMethod, &'static str, &'static str);

/// Two reports in a row of which the second cannot follow the first.
struct Misstep {
    before: (ConnectionId, Moment),
    after: usize,
    confidence: Confidence,
}

fn check(case: &Case, findings: &mut Findings) {
    let mut groups: BTreeMap<(usize, Step), Vec<Misstep>> = BTreeMap::new();
    for flow in &case.flows {
        walk(case, &flow.hooks, &mut groups);
    }
    for session in &case.sessions {
        let connection = [HookMethod::Connect, HookMethod::ConnectionStatusEvent];
        let own = |(index, record): (usize, &HookRecord)| {
            record.method.is_some_and(|method| connection.contains(&method)).then_some(index)
        };
        let hooks: Vec<usize> = case.records(&session.hooks).filter_map(own).collect();
        walk(case, &hooks, &mut groups);
    }
    for ((_, step), missteps) in groups {
        report(case, findings, step, &missteps);
    }
}

/// Goes through the hooks of one thing, in order.
fn walk(case: &Case, hooks: &[usize], groups: &mut BTreeMap<(usize, Step), Vec<Misstep>>) {
    let records: Vec<(usize, &HookRecord)> = case.records(hooks).collect();
    let mut before: Option<(&HookRecord, &'static Status)> = None;
    let mut began = false;
    for (place, (index, record)) in records.iter().enumerate() {
        let Some(method) = record.method.filter(|_| record.retry_of.is_none()) else { continue };
        let spec = method.spec();
        if spec.hook_type != HookType::Event {
            (before, began) = (None, true);
            continue;
        }
        if spec.successors.is_empty() {
            continue;
        }
        // A report in a doubtful place, or one that cannot be read, says nothing about its neighbours.
        let status = record.status().and_then(|status| spec.status(&status));
        let Some(status) = status.filter(|_| !may_be_displaced(&records, place)) else {
            before = None;
            continue;
        };
        if let Some((earlier, last)) = before.replace((record, status))
            && !spec.may_follow(last, status)
            // What begins anew would be seen to begin only where its beginning was seen before.
            && (began || !last.terminal)
            && let Some(confidence) = sure(case, earlier, record)
        {
            let before = (earlier.connection, earlier.last);
            let misstep = Misstep { before, after: *index, confidence };
            groups.entry((record.backend, (method, last.name, status.name))).or_default().push(misstep);
        }
    }
}

/// Neighbours that are looked at; among more than these any order may be wrong.
const NEIGHBOURS: usize = 32;

/// Whether another hook of the same thing is so near, on another connection, that the two may have changed places.
fn may_be_displaced(records: &[(usize, &HookRecord)], place: usize) -> bool {
    let Some((_, record)) = records.get(place) else { return true };
    let near = |(_, other): &&(usize, &HookRecord)| {
        other.first.time.since(record.first.time).abs() <= confidence::INVERSION
    };
    let (earlier, later) = records.split_at(place);
    let around = earlier.iter().rev().take_while(near).take(NEIGHBOURS);
    let around = around.chain(later.iter().take_while(near).take(NEIGHBOURS));
    let mut count = 0;
    let elsewhere = around.into_iter().any(|(_, other)| {
        count += 1;
        other.connection != record.connection
    });
    elsewhere || count >= NEIGHBOURS
}

/// How sure it is that nothing came between two reports, and that they came in this order.
fn sure(case: &Case, before: &HookRecord, after: &HookRecord) -> Option<Confidence> {
    let (from, until) = (before.first.time, after.first.time);
    if confidence::was_unreachable(case, after, from, until) {
        return None;
    }
    let sure = confidence::of_absence(case, from, until).min(Confidence::Likely);
    let ordered = before.connection == after.connection || until.since(from) >= APART;
    let sure = if ordered { sure } else { sure.min(Confidence::Possible) };
    (sure > Confidence::Unresolved).then_some(sure)
}

fn report(case: &Case, findings: &mut Findings, step: Step, missteps: &[Misstep]) {
    let (method, before, after) = step;
    let hooks: Vec<usize> = missteps.iter().map(|misstep| misstep.after).collect();
    let Some(evidence) = Evidence::of_hooks(case, &hooks) else { return };
    let evidence = evidence.with(missteps.iter().map(|misstep| misstep.before));
    let (Some((_, first)), Some(misstep)) = (case.records(&hooks).next(), missteps.first()) else { return };
    let count = describe::counted(missteps.len() as u64, "time");
    let title = format!("{} reports {after} after {before} ({count})", method.name());
    let message = format!(
        "POST {} ({}) reports {after}; the report before it was {before} ({}), which {after} cannot follow.",
        first.target,
        describe::frame(case, first.last),
        describe::frame(case, misstep.before.1),
    );
    let remedy = "Let the backend ignore reports behind a last status, and compare with the order in WCS's server log \
        (logs/server_logs/flashphoner.log)."
        .to_owned();
    let confidence = missteps.iter().map(|misstep| misstep.confidence).max().unwrap_or(Confidence::Possible);
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
}
