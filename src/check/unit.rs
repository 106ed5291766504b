//! What a flow is looked for in: the capture, a session, a call; and the hooks of it, attempts put together.

use super::file::{Pattern, Per};
use crate::catalog::{HookMethod, HookType, Status};
use crate::rules::{self, INVERSION};
use crate::session::{Case, HookRecord};
use crate::time::{Span, Timestamp};

/// How long after the last hook of something that is over more of it may come.
const LINGER: Span = Span::from_seconds(5);

/// A hook with the attempts before it that got no response.
pub(super) struct Seen<'c> {
    /// Its attempts, the last one last.
    pub(super) attempts: Vec<usize>,
    /// The first attempt.
    pub(super) first: &'c HookRecord,
    /// The last attempt, which tells how it went.
    pub(super) last: &'c HookRecord,
}

impl Seen<'_> {
    /// When it was first sent.
    pub(super) fn began(&self) -> Timestamp {
        self.first.first.time
    }

    /// When it was last sent.
    pub(super) fn sent(&self) -> Timestamp {
        self.last.first.time
    }
}

/// What a flow is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// The capture.
    Capture,
    /// A session of the case.
    Session(usize),
    /// A flow of the case.
    Flow(usize),
}

impl Unit {
    /// All that a flow is looked for in.
    pub(super) fn all(case: &Case, per: Per) -> Vec<Self> {
        match per {
            Per::Capture => vec![Self::Capture],
            Per::Session => (0..case.sessions.len()).map(Self::Session).collect(),
            Per::Flow(kind) => {
                let of_kind = case.flows.iter().enumerate().filter(|(_, flow)| flow.kind == kind);
                of_kind.map(|(index, _)| Self::Flow(index)).collect()
            }
        }
    }

    fn records(self, case: &Case) -> Vec<usize> {
        match self {
            Self::Capture => (0..case.hooks.len()).collect(),
            Self::Session(index) => {
                case.sessions.get(index).map(|session| session.hooks.clone()).unwrap_or_default()
            }
            Self::Flow(index) => case.flows.get(index).map(|flow| flow.hooks.clone()).unwrap_or_default(),
        }
    }

    /// Its session.
    pub(super) fn session(self, case: &Case) -> Option<usize> {
        match self {
            Self::Capture => None,
            Self::Session(index) => Some(index),
            Self::Flow(index) => case.flows.get(index)?.session,
        }
    }

    /// Its hooks, by when they were first sent.
    pub(super) fn hooks(self, case: &Case) -> Vec<Seen<'_>> {
        let records = self.records(case);
        let records = records.iter().filter_map(|index| Some((*index, case.hooks.get(*index)?)));
        let mut hooks: Vec<Seen<'_>> =
            records.filter(|(_, record)| !record.repeated).map(|at| seen(case, at)).collect();
        hooks.sort_by_key(|hook| hook.attempts.first().copied());
        hooks
    }

    /// From when on all of it would have been captured, where that is known: before its beginning nothing of it comes, and
    /// little before the first of its hooks that was captured another one may have come in swapped order.
    pub(super) fn known_from(self, case: &Case) -> Option<Timestamp> {
        let session = self.session(case).and_then(|session| case.sessions.get(session));
        let first = session.and_then(|session| case.hooks.get(*session.hooks.first()?));
        // WCS does nothing for a session before its connect is answered.
        let connected = first
            .and_then(|record| record.method)
            .is_some_and(|method| method == HookMethod::Connect || method.spec().without_connect);
        let opens = |record: &HookRecord| {
            let spec = record.method.map(HookMethod::spec);
            spec.is_some_and(|spec| spec.hook_type != HookType::Event && !spec.statuses.is_empty())
        };
        match self {
            Self::Session(_) | Self::Flow(_) if connected => Some(case.start()),
            Self::Flow(index) => {
                let first = case.flows.get(index).and_then(|flow| case.hooks.get(*flow.hooks.first()?));
                first.is_some_and(opens).then(|| case.start().plus(INVERSION))
            }
            // Whole sessions may have gone before a capture.
            Self::Capture | Self::Session(_) => None,
        }
    }

    /// From when on no hook like this comes of it any more: its session is over, or a status was reported that this one
    /// cannot follow.
    pub(super) fn over(self, case: &Case, pattern: &Pattern) -> Option<Timestamp> {
        let session = self.session(case).and_then(|session| case.sessions.get(session));
        let of_session = session.and_then(|session| {
            let ends = |record: &HookRecord| {
                record.is(HookMethod::ConnectionStatusEvent) && last_status(record).is_some()
            };
            last_of(case, &session.hooks, ends)
        });
        let of_flow = match self {
            Self::Flow(index) => case
                .flows
                .get(index)
                .and_then(|flow| last_of(case, &flow.hooks, |record| excludes(record, pattern))),
            Self::Capture | Self::Session(_) => None,
        };
        of_flow.or(of_session).map(|last| last.plus(LINGER))
    }

    /// Whether a hook may be one of it that does not say so.
    pub(super) fn may_hold(self, record: &HookRecord, case: &Case) -> bool {
        match self {
            Self::Capture => false,
            Self::Session(_) => record.session.is_none(),
            Self::Flow(_) => {
                record.flow.is_none() && (record.session.is_none() || record.session == self.session(case))
            }
        }
    }
}

fn seen<'c>(case: &'c Case, (index, last): (usize, &'c HookRecord)) -> Seen<'c> {
    let (mut attempts, mut first) = (vec![index], last);
    while let Some((earlier, record)) =
        first.retry_of.and_then(|earlier| Some((earlier, case.hooks.get(earlier)?)))
    {
        attempts.insert(0, earlier);
        first = record;
    }
    Seen { attempts, first, last }
}

/// The status by which an event reports that something is over.
fn last_status(record: &HookRecord) -> Option<&'static Status> {
    let spec = record.method?.spec();
    let status = spec.status(&record.status()?)?;
    (spec.hook_type == HookType::Event && status.terminal).then_some(status)
}

/// Whether an event reports an end that no status of the pattern can follow.
fn excludes(record: &HookRecord, pattern: &Pattern) -> bool {
    let (Some(method), Some(last), Some(wanted)) = (record.method, last_status(record), pattern.reported())
    else {
        return false;
    };
    let spec = method.spec();
    let is_wanted = |status: &&Status| wanted.expected.holds(Some(&status.name.into()), true);
    let mut wanted = spec.statuses.iter().filter(is_wanted).peekable();
    pattern.methods == [method]
        && wanted.peek().is_some()
        && wanted.all(|status| !spec.may_follow(last, status))
}

/// The last hook, where one of them ends them.
fn last_of(case: &Case, hooks: &[usize], ends: impl Fn(&HookRecord) -> bool) -> Option<Timestamp> {
    let over = case.records(hooks).any(|(_, record)| ends(record));
    let last = case.records(hooks).map(|(_, record)| record.last.time).max();
    last.filter(|_| over)
}

/// Why the capture may lack a hook that was sent between two moments.
pub(super) fn doubt(case: &Case, from: Timestamp, until: Timestamp) -> Option<&'static str> {
    rules::doubt(case, from, until).map(|(_, why)| why)
}
