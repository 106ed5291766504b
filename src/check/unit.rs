//! What a flow is looked for in: the capture, a session, a call; and the hooks of it, attempts put together.

use super::file::Per;
use crate::catalog::{HookMethod, HookType};
use crate::rules;
use crate::session::{Case, HookRecord};
use crate::time::{Span, Timestamp};

/// How long after the last status of something more of it may come.
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

    /// Whether its beginning was captured: before that, and only before, something of it may have been overlooked.
    pub(super) fn began(self, case: &Case) -> bool {
        let connected = || {
            let session = self.session(case).and_then(|session| case.sessions.get(session));
            let first = session.and_then(|session| case.hooks.get(*session.hooks.first()?));
            first
                .and_then(|record| record.method)
                .is_some_and(|method| method == HookMethod::Connect || method.spec().without_connect)
        };
        let opens = |record: &HookRecord| {
            let spec = record.method.map(HookMethod::spec);
            spec.is_some_and(|spec| spec.hook_type != HookType::Event && !spec.statuses.is_empty())
        };
        match self {
            // Whole sessions may have gone before it.
            Self::Capture => false,
            Self::Session(_) => connected(),
            Self::Flow(index) => {
                let first = case.flows.get(index).and_then(|flow| case.hooks.get(*flow.hooks.first()?));
                first.is_some_and(opens) || connected()
            }
        }
    }

    /// From when on nothing more of it comes.
    pub(super) fn over(self, case: &Case) -> Option<Timestamp> {
        let session = self.session(case).and_then(|session| case.sessions.get(session));
        let of_session = session.and_then(|session| {
            let ends = |record: &HookRecord| record.is(HookMethod::ConnectionStatusEvent) && is_last(record);
            last_of(case, &session.hooks, ends)
        });
        let of_flow = match self {
            Self::Flow(index) => case.flows.get(index).and_then(|flow| last_of(case, &flow.hooks, is_last)),
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

/// Whether an event reports that something is over.
fn is_last(record: &HookRecord) -> bool {
    let Some(spec) = record.method.map(HookMethod::spec) else { return false };
    let status = record.status().and_then(|status| spec.status(&status));
    spec.hook_type == HookType::Event && status.is_some_and(|status| status.terminal)
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
