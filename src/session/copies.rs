//! Hooks that were captured more than once on their way: before and behind address translation, or a proxy. One of them is
//! the hook; the others are set aside.

use super::HookRecord;
use crate::fact::{FactKind, Facts};
use crate::time::{Span, Timestamp};
use foldhash::HashMap;

/// How much later a packet is captured behind address translation.
const TRANSLATED_WITHIN: Span = Span::from_milliseconds(10);
/// How long a proxy may try one server behind it after the other.
const FORWARDED_WITHIN: Span = Span::from_seconds(60);
/// Hooks with the same body that are compared with a later one.
const COMPARED: usize = 4;

/// Sets the copies among hooks aside, which are in order.
pub(super) fn set_aside(hooks: &mut Vec<HookRecord>, facts: &mut Facts) {
    let mut copies = copies(hooks).into_iter();
    hooks.retain(|record| {
        let is_copy = copies.next().unwrap_or_default();
        if is_copy {
            facts.note(FactKind::HookCopy, record.first);
        }
        !is_copy
    });
}

/// Which hooks are copies of earlier ones.
fn copies(hooks: &[HookRecord]) -> Vec<bool> {
    let mut latest: HashMap<u64, usize> = HashMap::default();
    // The one before each that has the same body.
    let mut before: Vec<Option<usize>> = Vec::with_capacity(hooks.len());
    let mut copies = Vec::with_capacity(hooks.len());
    for (place, record) in hooks.iter().enumerate() {
        before.push(latest.insert(record.fingerprint, place));
        let alike = std::iter::successors(Some(place), |place| before.get(*place).copied().flatten());
        let mut alike = alike.skip(1).take(COMPARED).filter_map(|place| hooks.get(place));
        copies.push(alike.any(|earlier| is_copy(record, earlier)));
    }
    copies
}

fn is_copy(one: &HookRecord, earlier: &HookRecord) -> bool {
    let is_elsewhere = (one.client, one.server) != (earlier.client, earlier.server);
    is_elsewhere && (is_translated(one, earlier) || is_forwarded(one, earlier))
}

/// Whether it is the same packets with other addresses: translation keeps the client's port where it can, and each packet
/// is seen on both sides at once.
fn is_translated(one: &HookRecord, earlier: &HookRecord) -> bool {
    let at_once = |one: Timestamp, other: Timestamp| one.since(other).abs() <= TRANSLATED_WITHIN;
    let over = match (one.over(), earlier.over()) {
        (Some(one), Some(other)) => at_once(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    one.client.port() == earlier.client.port() && at_once(one.first.time, earlier.first.time) && over
}

/// Whether a proxy sent it, that had it from WCS, or stands on WCS's own host: while the one waits for the other.
fn is_forwarded(one: &HookRecord, earlier: &HookRecord) -> bool {
    let proxy = earlier.server.ip();
    let from_proxy = one.client.ip() == proxy || proxy == earlier.client.ip() || proxy.is_loopback();
    let meanwhile = earlier.over().is_none_or(|end| {
        one.first.time <= end && one.over().is_none_or(|over| over <= end.plus(TRANSLATED_WITHIN))
    });
    let soon = one.first.time.since(earlier.first.time) <= FORWARDED_WITHIN;
    one.server != earlier.server && from_proxy && meanwhile && soon
}
