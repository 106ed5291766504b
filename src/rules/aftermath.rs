//! What came of hooks, as `status-event-missing` asks: looked for once in each session and flow, however many ask.

use super::confidence;
use super::lifetime;
use super::once::Once;
use crate::catalog::{FlowKind, Follower, HookMethod, Trigger, Wanted};
use crate::session::{Case, Flow, HookRecord};
use crate::time::Timestamp;
use foldhash::HashSet;
use std::rc::Rc;

/// Where an event is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Where {
    Flow(usize),
    Session(usize),
    /// Among those of a session that name no flow: they may be about any.
    Unnamed(usize),
    /// Among hooks that name neither session nor flow, be it that their bodies are cut.
    Strays,
}

/// Looks for what came of hooks.
pub(super) struct Aftermath<'c> {
    case: &'c Case,
    strays: Vec<usize>,
    /// When the first of the attempts began that each hook repeats.
    began: Vec<Timestamp>,
    /// The latest hook that fulfils what is awaited: a method's follower, by its place.
    latest: Once<(Where, HookMethod, usize), Option<Timestamp>>,
    /// When a flow ended first.
    ended: Once<usize, Option<Timestamp>>,
    /// Whether a session's events of a method report a registration.
    registered: Once<(usize, HookMethod), bool>,
    /// When a session's client left.
    left: Once<usize, Rc<[Timestamp]>>,
    /// The calls of a session that ended.
    ended_calls: Once<usize, Rc<HashSet<&'c str>>>,
}

impl<'c> Aftermath<'c> {
    pub(super) fn new(case: &'c Case) -> Self {
        let records = case.hooks.iter().enumerate();
        let stray = |(_, record): &(usize, &HookRecord)| record.session.is_none() && record.flow.is_none();
        let strays = records.filter(stray).map(|(index, _)| index).collect();
        let mut began: Vec<Timestamp> = Vec::with_capacity(case.hooks.len());
        for record in &case.hooks {
            began.push(began_of(&began, record));
        }
        Self {
            case,
            strays,
            began,
            latest: Once::default(),
            ended: Once::default(),
            registered: Once::default(),
            left: Once::default(),
            ended_calls: Once::default(),
        }
    }

    /// When the first of the attempts began that a hook repeats.
    pub(super) fn began(&self, record: &HookRecord) -> Timestamp {
        began_of(&self.began, record)
    }

    /// Whether the follower at `place` came, in the same flow, or in the same session where it is of no flow; late ones came
    /// as well.
    pub(super) fn came(&self, record: &HookRecord, place: usize, follower: &Follower) -> bool {
        let Some(method) = record.method else { return true };
        let flow = method.spec().flow;
        let same_flow = flow.is_some() && follower.methods.iter().any(|one| one.spec().flow == flow);
        let wherein = match (record.flow, record.session) {
            (Some(flow), _) if same_flow => Where::Flow(flow),
            (_, Some(session)) => Where::Session(session),
            // Nothing says whose event to look for.
            _ => return true,
        };
        let earliest = confidence::earliest(self.began(record));
        // What is over already does not end again, and what is a state may have been told before.
        let whenever = follower.wanted == Wanted::Terminal || matches!(follower.after, Trigger::Status(_));
        [Some(wherein), record.session.map(Where::Unnamed), Some(Where::Strays)].into_iter().flatten().any(
            |wherein| {
                let latest = || self.latest(wherein, follower);
                let latest = self.latest.get((wherein, method, place), latest);
                latest.is_some_and(|latest| whenever || latest >= earliest)
            },
        ) || self.is_over(record)
    }

    /// When the latest hook began that fulfils what is awaited.
    fn latest(&self, wherein: Where, follower: &Follower) -> Option<Timestamp> {
        let case = self.case;
        let session = |session: usize| case.sessions.get(session).map(|session| &session.hooks);
        let hooks = match wherein {
            Where::Flow(flow) => case.flows.get(flow).map(|flow| &flow.hooks),
            Where::Session(place) | Where::Unnamed(place) => session(place),
            Where::Strays => Some(&self.strays),
        };
        let fulfilled = |other: &HookRecord| {
            other.method.is_some_and(|method| follower.methods.contains(&method))
                && (other.flow.is_none() || !matches!(wherein, Where::Unnamed(_)))
                && fulfils(other, follower.wanted)
        };
        let records = case.records(hooks?).map(|(_, other)| other);
        records.filter(|other| fulfilled(other)).map(|other| other.first.time).max()
    }

    /// Whether the flow had ended when something was asked of it.
    fn is_over(&self, record: &HookRecord) -> bool {
        let Some((index, flow)) = self.flow_of(record) else { return false };
        let begins = record.method.is_some_and(|method| !method.spec().statuses.is_empty());
        let ended = || self.ended.get(index, || ends(self.case, flow).min());
        !begins && ended().is_some_and(|ended| ended <= record.first.time)
    }

    fn flow_of(&self, record: &HookRecord) -> Option<(usize, &'c Flow)> {
        let index = record.flow?;
        Some((index, self.case.flows.get(index)?))
    }

    /// Whether other events of the hook's method in its session report a registration, as those of old versions do.
    pub(super) fn is_registered(&self, record: &HookRecord) -> bool {
        let (Some(place), Some(method)) = (record.session, record.method) else { return false };
        let reports = |other: &HookRecord| {
            other.is(method) && other.status().is_some_and(|status| status.eq_ignore_ascii_case("REGISTERED"))
        };
        self.registered.get((place, method), || {
            let session = self.case.session_of(record);
            session.is_some_and(|session| self.case.records(&session.hooks).any(|(_, other)| reports(other)))
        })
    }

    /// Whether the client's connection ended before the event was due. A client that is lost in the middle of opening a
    /// stream is noticed late.
    pub(super) fn has_client_left(&self, record: &HookRecord, until: Timestamp) -> bool {
        let (Some(place), Some(session)) = (record.session, self.case.session_of(record)) else {
            return false;
        };
        let stream = record.method.is_some_and(|method| method.spec().flow == Some(FlowKind::Stream));
        let until = if stream { until.plus(confidence::LOST_CLIENT) } else { until };
        let left = self.left.get(place, || {
            let records = self.case.records(&session.hooks).map(|(_, other)| other);
            let left = records.filter(|other| {
                other.is(HookMethod::ConnectionStatusEvent) && fulfils(other, Wanted::Terminal)
            });
            let mut left: Vec<Timestamp> = left.map(|other| other.first.time).collect();
            left.sort_unstable();
            left.into()
        });
        let next = left.partition_point(|left| *left < record.first.time);
        left.get(next).is_some_and(|left| *left <= until)
    }

    /// Whether a hook is about something of a call that has ended: the end of the call may have been the end of it.
    pub(super) fn is_about_ended_call(&self, record: &HookRecord) -> bool {
        let flow = self.flow_of(record).filter(|(_, flow)| flow.kind != FlowKind::Call);
        let (Some((_, flow)), Some(place)) = (flow, record.session) else { return false };
        let ended = self.ended_calls.get(place, || {
            let session = self.case.session_of(record);
            let flows = session.iter().flat_map(|session| &session.flows);
            let calls = flows.filter_map(|flow| self.case.flows.get(*flow));
            let calls = calls.filter(|flow| flow.kind == FlowKind::Call);
            let ended = calls.filter(|flow| ends(self.case, flow).next().is_some());
            Rc::new(ended.map(|flow| flow.key.as_str()).collect())
        });
        ended.contains(flow.key.as_str())
    }
}

/// The same, from what is known of earlier hooks.
fn began_of(known: &[Timestamp], record: &HookRecord) -> Timestamp {
    let earlier = record.retry_of.and_then(|earlier| known.get(earlier).copied());
    earlier.unwrap_or(record.first.time)
}

/// When a flow's last statuses were reported.
fn ends<'c>(case: &'c Case, flow: &'c Flow) -> impl Iterator<Item = Timestamp> {
    lifetime::reports(case, flow)
        .filter(|report| report.status.is_some_and(|status| status.terminal))
        .map(|report| report.record.first.time)
}

fn fulfils(record: &HookRecord, wanted: Wanted) -> bool {
    let status = record.status().unwrap_or_default();
    let known = record.method.and_then(|method| method.spec().status(&status));
    match wanted {
        Wanted::Any => true,
        // A status that is excluded, not to be seen, or that no document knows, may be any.
        _ if known.is_none() => true,
        Wanted::Terminal => known.is_some_and(|status| status.terminal),
        Wanted::OneOf(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&status)),
    }
}
