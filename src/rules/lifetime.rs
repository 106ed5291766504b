//! How long sessions and flows last, as several rules see it.

use super::once::Once;
use crate::catalog::{HookMethod, HookType, Status};
use crate::session::{Case, Flow, HookRecord, Session};

/// The report that a session is over, with its index: the last of its connection statuses, if that is terminal.
pub(super) fn end_of<'c>(case: &'c Case, session: &'c Session) -> Option<(usize, &'c HookRecord)> {
    let spec = HookMethod::ConnectionStatusEvent.spec();
    let last = case
        .records(&session.hooks)
        .filter(|(_, record)| record.is(HookMethod::ConnectionStatusEvent))
        .last()?;
    let status = last.1.status()?;
    spec.status(&status).is_some_and(|status| status.terminal).then_some(last)
}

/// The ends of sessions, for a rule that asks for them by their flows.
pub(super) struct Ends<'c> {
    case: &'c Case,
    known: Once<usize, Option<usize>>,
}

impl<'c> Ends<'c> {
    pub(super) fn new(case: &'c Case) -> Self {
        Self { case, known: Once::default() }
    }

    /// As [`end_of`], for the session of a flow.
    pub(super) fn of(&self, flow: &Flow) -> Option<&'c HookRecord> {
        let place = flow.session?;
        let session = self.case.sessions.get(place)?;
        let end = self.known.get(place, || end_of(self.case, session).map(|(index, _)| index));
        self.case.hooks.get(end?)
    }
}

/// A report of a flow's state: an event, with the status that it names, unless that is unknown or not to be seen.
pub(super) struct Report<'c> {
    pub(super) index: usize,
    pub(super) record: &'c HookRecord,
    pub(super) status: Option<&'static Status>,
}

/// The events of a flow that report its state, in order; repetitions of unanswered ones left out.
pub(super) fn reports<'c>(case: &'c Case, flow: &'c Flow) -> impl Iterator<Item = Report<'c>> {
    case.records(&flow.hooks).filter(|(_, record)| record.retry_of.is_none()).filter_map(|(index, record)| {
        let spec = record.method?.spec();
        let reports = spec.hook_type == HookType::Event && !spec.statuses.is_empty();
        let status = record.status().and_then(|status| spec.status(&status));
        reports.then_some(Report { index, record, status })
    })
}
