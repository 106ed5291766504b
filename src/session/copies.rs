//! Hooks that were captured more than once on their way: before and behind address translation, or a proxy. One of them is
//! the hook; the others are set aside.

use super::HookRecord;
use crate::endpoint::Moment;
use crate::fact::{FactKind, Facts};
use crate::hook::Outcome;
use crate::time::{Span, Timestamp};
use foldhash::HashMap;
use std::collections::VecDeque;

/// How much later a packet is captured behind address translation.
const TRANSLATED_WITHIN: Span = Span::from_milliseconds(10);
/// How long a proxy may try one server behind it after the other.
const FORWARDED_WITHIN: Span = Span::from_seconds(60);
/// Hooks with the same body that are compared with a later one.
const COMPARED: usize = 4;

/// What tells whether a hook is a copy of another one.
struct Sighting<'r> {
    record: &'r HookRecord,
    /// When it was over; none while it was open.
    over: Option<Timestamp>,
}

/// Sets the copies among hooks aside, which are in order.
pub(super) fn set_aside(hooks: &mut Vec<HookRecord>, facts: &mut Facts) {
    let copies = copies(hooks);
    let mut place = 0;
    hooks.retain(|record| {
        let is_copy = copies.binary_search(&place).is_ok();
        place = place.saturating_add(1);
        if is_copy {
            facts.note(FactKind::HookCopy, record.first);
        }
        !is_copy
    });
}

/// The places of copies, in order.
fn copies(hooks: &[HookRecord]) -> Vec<usize> {
    let mut latest: HashMap<u64, VecDeque<usize>> = HashMap::default();
    let mut copies = Vec::new();
    for (place, record) in hooks.iter().enumerate() {
        let alike = latest.entry(record.fingerprint).or_default();
        let later = Sighting::of(record);
        let is_copy = |earlier: &usize| {
            hooks.get(*earlier).is_some_and(|earlier| later.is_copy_of(&Sighting::of(earlier)))
        };
        if alike.iter().any(is_copy) {
            copies.push(place);
        }
        alike.truncate(COMPARED.saturating_sub(1));
        alike.push_front(place);
    }
    copies
}

impl<'r> Sighting<'r> {
    fn of(record: &'r HookRecord) -> Self {
        let ended = || record.ended().map(|at: Moment| at.time);
        let answered = record.answer.as_ref().filter(|_| record.outcome != Outcome::Unanswered);
        Self { record, over: answered.map(|answer| answer.last.time).or_else(ended) }
    }

    fn is_copy_of(&self, earlier: &Self) -> bool {
        let (ends, others) = (self.record, earlier.record);
        let is_elsewhere = (ends.client, ends.server) != (others.client, others.server);
        is_elsewhere && (self.is_translated(earlier) || self.is_forwarded(earlier))
    }

    /// Whether it is the same packets with other addresses: translation keeps the client's port where it can, and each
    /// packet is seen on both sides at once.
    fn is_translated(&self, earlier: &Self) -> bool {
        let (one, other) = (self.record, earlier.record);
        let at_once = |one: Timestamp, other: Timestamp| one.since(other).abs() <= TRANSLATED_WITHIN;
        let over = match (self.over, earlier.over) {
            (Some(one), Some(other)) => at_once(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        one.client.port() == other.client.port() && at_once(one.first.time, other.first.time) && over
    }

    /// Whether a proxy sent it, that had it from WCS, or stands on WCS's own host: while the one waits for the other.
    fn is_forwarded(&self, earlier: &Self) -> bool {
        let (one, other) = (self.record, earlier.record);
        let proxy = other.server.ip();
        let from_proxy = one.client.ip() == proxy || proxy == other.client.ip() || proxy.is_loopback();
        let meanwhile = earlier.over.is_none_or(|end| {
            one.first.time <= end && self.over.is_none_or(|over| over <= end.plus(TRANSLATED_WITHIN))
        });
        let soon = one.first.time.since(other.first.time) <= FORWARDED_WITHIN;
        one.server != other.server && from_proxy && meanwhile && soon
    }
}
