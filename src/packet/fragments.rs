//! IP datagrams put together from their fragments (RFC 791, section 3.2; RFC 8200, section 4.5).

use super::network::Carried;
use super::payload::Payload;
use crate::endpoint::Moment;
use crate::fact::{FactKind, Facts};
use crate::limits::Limit;
use crate::time::Span;
use foldhash::HashMap;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::num::Saturating;
use std::ops::Range;

/// A fragment.
#[derive(Debug)]
pub(super) struct Fragment<'a> {
    /// What it carries; the addresses and the protocol are the datagram's.
    pub(super) carried: Carried<'a>,
    /// What the fragments of a datagram have in common.
    pub(super) identification: u32,
    /// Where it stands in the datagram, in octets.
    pub(super) offset: usize,
    /// Whether others stand behind it.
    pub(super) has_more: bool,
}

impl Fragment<'_> {
    const fn key(&self) -> Key {
        let Carried { protocol, source, destination, .. } = self.carried;
        Key { source, destination, identification: self.identification, protocol }
    }
}

/// A datagram of which all fragments have come.
pub(super) struct Whole {
    octets: Vec<u8>,
    on_wire: usize,
}

impl Whole {
    pub(super) fn payload(&self) -> Payload<'_> {
        Payload { octets: &self.octets, on_wire: self.on_wire }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    protocol: u8,
}

/// A part of a datagram, that no other part covers.
#[derive(Clone)]
struct Part {
    end: usize,
    octets: Vec<u8>,
    /// The fragment that brought it.
    at: Moment,
}

/// A datagram whose fragments come.
#[derive(Clone)]
struct Datagram {
    since: Moment,
    parts: BTreeMap<usize, Part>,
    /// Octets that the parts cost.
    cost: Saturating<usize>,
    covered: Saturating<usize>,
    length: Option<usize>,
    /// When it was complete: the same octets soon after are copies.
    completed: Option<Moment>,
}

/// No datagram is longer.
const LONGEST: usize = 65_535;
/// How long fragments are waited for (RFC 1122, section 3.3.2, asks for 60 to 120 s; Linux takes 30). An
/// identification may be used again after that.
const TIMEOUT: Span = Span::from_seconds(30);
/// How soon copies of a fragment follow: see the same bound for segments.
const COPY_WITHIN: Span = Span::from_milliseconds(100);
/// UDP's protocol number.
const UDP: u8 = 17;
/// What a datagram or part costs beside its octets.
const OVERHEAD: usize = 128;

/// The datagrams whose fragments come.
#[derive(Clone)]
pub(super) struct Fragments {
    limit: usize,
    held: Saturating<usize>,
    datagrams: HashMap<Key, Datagram>,
    /// In the order of their first fragments; those that are replaced stand here twice.
    order: VecDeque<(Key, Moment)>,
}

impl Fragments {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, held: Saturating(0), datagrams: HashMap::default(), order: VecDeque::new() }
    }

    /// How long the list of datagrams is.
    #[cfg(test)]
    pub(super) fn listed(&self) -> usize {
        self.order.len()
    }

    /// Takes in a fragment; returns the datagram that it completes.
    pub(super) fn push(&mut self, fragment: &Fragment<'_>, at: Moment, facts: &mut Facts) -> Option<Whole> {
        self.expire(at, facts);
        let payload = fragment.carried.payload;
        let (start, end) = (fragment.offset, fragment.offset.saturating_add(payload.on_wire));
        if end > LONGEST || payload.on_wire == 0 {
            facts.note(FactKind::MalformedPacket, at);
            return None;
        }
        let key = fragment.key();
        let age = |since: Moment| at.time.since(since.time).abs();
        if let Some(known) = self.datagrams.get(&key)
            && let Some(completed) = known.completed
        {
            if age(completed) <= COPY_WITHIN && known.holds(start, payload.octets) {
                facts.note(FactKind::Duplicate, at);
                return None;
            }
            self.forget(key);
        }
        let datagram = self.datagrams.entry(key).or_insert_with(|| {
            self.order.push_back((key, at));
            self.held += OVERHEAD;
            Datagram::new(at)
        });
        if !fragment.has_more && *datagram.length.get_or_insert(end) != end {
            facts.note(FactKind::Overlap, at);
        }
        self.held -= datagram.cost;
        datagram.place(start, end, payload.octets, at, facts);
        let whole = datagram.whole(at);
        self.held += datagram.cost;
        self.bound(at, facts);
        whole
    }

    /// Ends: notes the datagrams of which fragments are missing.
    pub(super) fn finish(mut self, facts: &mut Facts) {
        while let Some((key, since)) = self.order.pop_front() {
            self.give_up(key, since, facts);
        }
    }

    /// Gives up datagrams whose fragments have been waited for long enough.
    fn expire(&mut self, now: Moment, facts: &mut Facts) {
        while let Some((key, since)) = self.order.front().copied()
            && now.time.since(since.time) > TIMEOUT
        {
            self.order.pop_front();
            self.give_up(key, since, facts);
        }
    }

    /// Gives up the oldest datagrams when there are too many.
    fn bound(&mut self, at: Moment, facts: &mut Facts) {
        // Where time stands still, those that were replaced stand in the order for ever.
        while (self.held.0 > self.limit || self.order.len() > self.limit / OVERHEAD)
            && let Some((key, since)) = self.order.pop_front()
        {
            if self.give_up(key, since, facts) {
                facts.note(FactKind::LimitReached(Limit::Fragments), at);
            }
        }
    }

    /// Forgets a datagram, unless its identification was used again; says whether it was incomplete.
    fn give_up(&mut self, key: Key, since: Moment, facts: &mut Facts) -> bool {
        let known = self.datagrams.get(&key).filter(|known| known.since.frame == since.frame);
        let Some(completed) = known.map(|known| known.completed) else { return false };
        // Of UDP only tunnels are of interest, and a loss in these shows in what they carry.
        if completed.is_none() && key.protocol != UDP {
            facts.note(FactKind::Fragment, since);
        }
        self.forget(key);
        completed.is_none()
    }

    fn forget(&mut self, key: Key) {
        if let Some(known) = self.datagrams.remove(&key) {
            self.held -= known.cost + Saturating(OVERHEAD);
        }
    }
}

impl Datagram {
    const fn new(since: Moment) -> Self {
        Self {
            since,
            parts: BTreeMap::new(),
            cost: Saturating(0),
            covered: Saturating(0),
            length: None,
            completed: None,
        }
    }

    /// Whether all these octets are here.
    fn holds(&self, start: usize, octets: &[u8]) -> bool {
        let end = start.saturating_add(octets.len());
        let parts = self.parts.range(..end).rev().take_while(|(_, part)| part.end > start);
        let same = |(known_start, part): (&usize, &Part)| {
            let both = start.max(*known_start)..end.min(part.end);
            let theirs = between(&part.octets, *known_start, &both);
            theirs.is_some() && theirs == between(octets, start, &both)
        };
        parts.into_iter().all(same)
    }

    /// Puts a fragment's octets where no others stand.
    fn place(&mut self, start: usize, end: usize, octets: &[u8], at: Moment, facts: &mut Facts) {
        let captured = |at: usize| at.saturating_sub(start).min(octets.len());
        let slice = |from, until| octets.get(captured(from)..captured(until)).unwrap_or_default();
        let (mut free, mut from, mut differs) = (Vec::new(), start, None);
        let before = self.parts.range(..start).next_back().filter(|(_, part)| part.end > start);
        for (known_start, known) in before.into_iter().chain(self.parts.range(start..end)) {
            if from < *known_start {
                free.push((from, *known_start));
            }
            let (both, until) = (start.max(*known_start), end.min(known.end));
            let theirs = known.octets.get(both.saturating_sub(*known_start)..).unwrap_or_default();
            if slice(both, until).iter().zip(theirs).any(|(ours, theirs)| ours != theirs) {
                differs.get_or_insert(known.at);
            }
            from = known.end;
        }
        if from < end {
            free.push((from, end));
        }
        if let Some(first) = differs {
            facts.note_against(FactKind::Overlap, first, at);
        } else if free.is_empty() {
            facts.note(FactKind::Duplicate, at);
        }
        for (from, until) in free {
            let octets = slice(from, until).to_vec();
            self.cost += octets.len().saturating_add(OVERHEAD);
            self.covered += until.saturating_sub(from);
            self.parts.insert(from, Part { end: until, octets, at });
        }
    }

    /// The datagram, once, if it is complete. Only what stands before the first octet that was not captured.
    fn whole(&mut self, at: Moment) -> Option<Whole> {
        let length = self.length.filter(|length| self.covered.0 >= *length && self.completed.is_none())?;
        self.completed = Some(at);
        let mut octets = Vec::with_capacity(length);
        for (start, part) in &self.parts {
            if *start > octets.len() {
                break;
            }
            octets.extend(&part.octets);
        }
        octets.truncate(length);
        Some(Whole { octets, on_wire: length })
    }
}

/// The octets of a range of the datagram, out of those that stand there from `start` on.
fn between<'o>(octets: &'o [u8], start: usize, range: &Range<usize>) -> Option<&'o [u8]> {
    octets.get(range.start.checked_sub(start)?..range.end.checked_sub(start)?)
}
