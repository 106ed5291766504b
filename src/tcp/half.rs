//! One direction of a connection: its octets put in order.

mod acknowledged;
mod copies;
mod passed;

use super::Counts;
use super::sequence::SequenceNumber;
use crate::endpoint::Moment;
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};
use crate::packet::{Flags, Segment};
use crate::time::Timestamp;
use copies::Recent;
use passed::Passed;
use std::collections::BTreeMap;
use std::num::Saturating;
use std::ops::Range;

/// What a direction brings forth, in order.
pub(super) enum Piece<'a> {
    /// Octets from an offset on, with their segment, and what it acknowledged of the other direction.
    Octets(u64, &'a [u8], Moment, u64),
    /// That many octets from an offset on were not captured.
    Gap(u64, u64, Moment),
    /// Octets that were passed on came again.
    Again(Range<u64>, Moment),
    /// The FIN, and what it acknowledges of the other direction, where it does.
    Fin(Moment, Option<u64>),
}

/// Where pieces go.
pub(super) type Emit<'e> = dyn FnMut(Piece<'_>, &mut Facts) + 'e;

/// Octets whose turn has come.
struct Chunk<'a> {
    octets: &'a [u8],
    /// Octets on the wire: more than `octets` holds where the snap length cut.
    length: u64,
    at: Moment,
    received: u64,
}

/// Octets that came before those that stand in front of them.
#[derive(Clone)]
struct Held {
    octets: Vec<u8>,
    /// Octets on the wire: more than `octets` holds where the snap length cut.
    length: u64,
    at: Moment,
    received: u64,
}

impl Held {
    /// Octets that it takes, with its place in the list.
    const fn cost(&self) -> usize {
        /// What stands around the octets.
        const AROUND: usize = 128;
        self.octets.len().saturating_add(AROUND)
    }

    /// Whether it has all of a segment's octets, the first of them behind so many others, and they are the same.
    fn holds(&self, skip: u64, segment: &Segment<'_>) -> bool {
        let known = usize::try_from(skip).ok().and_then(|skip| self.octets.get(skip..)).unwrap_or_default();
        skip.saturating_add(segment.payload_len.into()) <= self.length
            && known.iter().zip(segment.payload).all(|(known, ours)| known == ours)
    }
}

/// Where a direction ends.
#[derive(Clone, Copy)]
struct Fin {
    offset: u64,
    at: Moment,
    /// What it acknowledges of the other direction.
    received: Option<u64>,
}

/// Octets out of order that are few: what damaged sequence numbers leave.
const FEW: usize = 16 << 10;
/// Equal acknowledgments after which octets are sent again without waiting for a timer (RFC 5681, section 3.2).
const TOLD_OF_LOSS: u32 = 3;
/// How far numbers that nothing else confirms may stand from the octets seen: a window.
const NEAR: u64 = 1 << 20;

/// One direction.
#[derive(Clone, Default)]
pub(super) struct Half {
    /// The sequence number of offset 0, once known.
    base: Option<SequenceNumber>,
    /// Whether a SYN said so.
    begun: bool,
    /// Whether it was guessed by a segment without octets, which may be a keep-alive probe: such a one stands one octet back.
    probed: bool,
    /// The offset up to which octets have been passed on.
    next: u64,
    /// The offset up to which the other end acknowledged.
    acked: u64,
    /// An acknowledgment far behind all that is known: believed when another one is near it.
    far: Option<u64>,
    /// When it last acknowledged something new.
    acked_at: Option<Moment>,
    /// How often it acknowledged the same again, while octets were under way.
    repeated: u32,
    /// Since when octets are acknowledged that are not passed on.
    overdue_since: Option<Timestamp>,
    held: BTreeMap<u64, Held>,
    /// What that takes.
    held_cost: Saturating<usize>,
    fin: Option<Fin>,
    fin_told: bool,
    recent: Recent,
    last: Option<Moment>,
    passed: Passed,
    counts: Counts,
    /// The last segment with nothing missing before it: what is lost was sent after it.
    in_order: Option<Moment>,
}

impl Half {
    /// What was sent, counted.
    pub(super) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// What it takes to hold what came out of order.
    pub(super) const fn held(&self) -> usize {
        self.held_cost.0
    }

    fn count_resent(&mut self, at: Moment, facts: &mut Facts) {
        facts.note(FactKind::Retransmission, at);
        self.counts.resent = self.counts.resent.saturating_add(1);
        self.counts.first_resent.get_or_insert(at);
        self.counts.last_resent = Some(at);
    }

    /// Whether a SYN with this sequence number begins another connection than the one known.
    pub(super) fn is_restarted_by(&self, sequence: u32) -> bool {
        self.last.is_some() && self.base.is_some_and(|base| base != SequenceNumber(sequence).plus(1))
    }

    /// Whether the FIN was captured.
    pub(super) fn is_finished(&self) -> bool {
        self.fin.is_some()
    }

    /// Sets the sequence number of offset 0, unless it is known.
    pub(super) fn start(&mut self, base: u32) {
        self.base.get_or_insert(SequenceNumber(base));
    }

    /// The same by a segment of its own that is no SYN. Where it has one octet it is taken for a keep-alive probe, which
    /// repeats what was sent before (RFC 9293, section 3.8.4).
    pub(super) fn start_by(&mut self, segment: &Segment<'_>) {
        if self.base.is_none() {
            let is_open = segment.flags.0 & (Flags::FIN.0 | Flags::RST.0) == 0;
            self.start(segment.sequence.wrapping_add(u32::from(is_open && segment.payload_len == 1)));
            self.probed = is_open && segment.payload_len == 0;
        }
    }

    /// Sets the sequence number of offset 0 by the first SYN, whatever it was guessed to be, unless octets were passed
    /// on.
    pub(super) fn begin(&mut self, base: u32) {
        let base = Some(SequenceNumber(base));
        if self.next == 0 && self.base != base && !self.begun {
            *self = Self { base, recent: self.recent, last: self.last, ..Self::default() };
        }
        self.begun = true;
    }

    /// Whether a segment's payload lies outside the octets passed on.
    pub(super) fn is_foreign(&self, segment: &Segment<'_>) -> bool {
        let start = self.offset(SequenceNumber(segment.sequence));
        let end = start.saturating_add(i64::from(segment.payload_len));
        segment.payload_len > 0 && (start < 0 || end > self.next.cast_signed())
    }

    /// Whether the segment is a copy of one that was captured just before; remembers it otherwise.
    pub(super) fn is_copy(&mut self, segment: &Segment<'_>) -> bool {
        self.recent.holds(segment)
    }

    /// Compares a segment with what was passed on: octets that come again must be the same.
    pub(super) fn compare(&self, segment: &Segment<'_>, facts: &mut Facts) {
        let start = self.offset(SequenceNumber(segment.sequence));
        self.compare_at(start, segment.payload, segment.moment(), facts);
    }

    fn compare_at(&self, start: i64, octets: &[u8], at: Moment, facts: &mut Facts) {
        if let Some(first) = self.passed.contradicted(start, octets, at) {
            facts.note_against(FactKind::Overlap, first, at);
        }
    }

    /// The offset that a sequence number stands for; negative for what came before offset 0.
    fn offset(&self, number: SequenceNumber) -> i64 {
        let next = self.base.unwrap_or_default().at_offset(self.next);
        self.next.cast_signed().saturating_add(number.since(next))
    }

    /// Whether a sequence number is that of offset 0.
    pub(super) fn is_first(&self, sequence: u32) -> bool {
        self.base == Some(SequenceNumber(sequence))
    }

    /// Forgets all but what tells a new connection from this one.
    pub(super) fn clear(&mut self) {
        *self = Self { base: self.base, next: self.next, last: self.last, ..Self::default() };
    }

    /// Takes in a segment's payload and its FIN.
    pub(super) fn receive(
        &mut self,
        segment: &Segment<'_>,
        received: Option<u64>,
        limits: &Limits,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        let at = segment.moment();
        let syn = u32::from(segment.flags.has(Flags::SYN));
        let number = SequenceNumber(segment.sequence).plus(syn);
        if segment.payload_len > 0 {
            self.note_reached(self.offset(number));
        }
        let start = self.offset(number);
        let length = u64::from(segment.payload_len);
        let end = start.saturating_add(length.cast_signed());
        if start <= self.next.cast_signed() && self.held.is_empty() && self.acked <= self.next {
            self.in_order = Some(at);
        }
        if length > 0 && (segment.payload.len() as u64) < length {
            facts.note(FactKind::SnaplenCut, at);
        }
        if self.is_cut_otherwise(&(start..end), segment) {
            facts.note(FactKind::Duplicate, at);
            self.compare_at(start, segment.payload, at, facts);
        } else if length > 0 {
            self.counts.segments = self.counts.segments.saturating_add(1);
            self.place(start..end, segment, received.unwrap_or(0), facts, emit);
        }
        if segment.flags.has(Flags::FIN)
            && self.fin.is_none()
            && let Ok(offset) = u64::try_from(end)
        {
            self.fin = Some(Fin { offset, at, received });
            // What was acknowledged beyond the last octet was the FIN.
            self.acked = self.acked.min(offset);
        }
        self.last = Some(at);
        self.release(facts, emit);
        if self.held_cost.0 > limits.reorder_octets {
            facts.note(FactKind::LimitReached(Limit::ReorderOctets), at);
            self.pass_gap(at, facts, emit);
        }
    }

    /// Whether octets were captured just before in other segments: whole where an interface cuts what it is given, and
    /// in pieces where they left it. Nobody sends again so soon, unless told of a loss.
    fn is_cut_otherwise(&self, octets: &Range<i64>, segment: &Segment<'_>) -> bool {
        let (Ok(start), Ok(end)) = (u64::try_from(octets.start), u64::try_from(octets.end)) else {
            return false;
        };
        // A single octet that comes again is a keep-alive probe.
        if end <= start.saturating_add(1) || start == self.acked && self.repeated >= TOLD_OF_LOSS {
            return false;
        }
        let held = self.held.range(..=start).next_back();
        let held = held.filter(|(offset, held)| held.holds(start.saturating_sub(**offset), segment));
        let known = held.map(|(_, held)| held.at).or_else(|| self.passed.sender_of(end.saturating_sub(1)));
        known.is_some_and(|known| copies::are_close(known.time, segment.time))
    }

    /// Passes octets on, or holds them until those before them have come.
    fn place(
        &mut self,
        Range { start, end }: Range<i64>,
        segment: &Segment<'_>,
        received: u64,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        let at = segment.moment();
        let next = self.next.cast_signed();
        // A keep-alive probe repeats the last octet, or has another in its place (RFC 9293, section 3.8.4).
        let is_probe = end == next && segment.payload_len == 1;
        if start < next && !is_probe {
            self.compare_at(start, segment.payload, at, facts);
        }
        if end > 0 && start < next && !is_probe {
            self.count_resent(at, facts);
            emit(Piece::Again(start.max(0).cast_unsigned()..end.min(next).cast_unsigned(), at), facts);
        }
        if end <= next {
            return;
        }
        let skip = next.saturating_sub(start).max(0).cast_unsigned();
        let offset = start.max(next).cast_unsigned();
        let length = end.cast_unsigned().saturating_sub(offset);
        let octets =
            usize::try_from(skip).ok().and_then(|skip| segment.payload.get(skip..)).unwrap_or_default();
        if offset == self.next {
            self.pass_on(&Chunk { octets, length, at, received }, facts, emit);
            return;
        }
        let known = self.held.get(&offset);
        if let Some(known) = known
            && known.octets.iter().zip(octets).any(|(known, ours)| known != ours)
        {
            facts.note_against(FactKind::Overlap, known.at, at);
        }
        if known.is_some_and(|held| held.length >= length) {
            self.count_resent(at, facts);
            return;
        }
        facts.note(FactKind::OutOfOrder, at);
        let mut octets = octets.to_vec();
        // What came first is taken.
        for (ours, known) in octets.iter_mut().zip(known.map_or(&[][..], |known| &known.octets)) {
            *ours = *known;
        }
        let held = Held { octets, length, at, received };
        self.held_cost += held.cost();
        if let Some(shorter) = self.held.insert(offset, held) {
            self.held_cost -= shorter.cost();
        }
    }

    /// Passes on octets that are next, and the gap behind them where the snap length cut.
    fn pass_on(&mut self, chunk: &Chunk<'_>, facts: &mut Facts, emit: &mut Emit<'_>) {
        let Chunk { octets, length, at, received } = *chunk;
        let octets = usize::try_from(length).ok().and_then(|length| octets.get(..length)).unwrap_or(octets);
        if !octets.is_empty() {
            emit(Piece::Octets(self.next, octets, at, received), facts);
            self.passed.add(self.next, octets, at);
        }
        let captured = octets.len() as u64;
        if captured < length {
            let missing = length.saturating_sub(captured);
            if captured > 0 {
                self.passed.cut(missing);
            }
            emit(Piece::Gap(self.next.saturating_add(captured), missing, at), facts);
        }
        self.next = self.next.saturating_add(length);
    }

    /// Passes on held octets whose turn has come, and the FIN behind the last octet.
    fn release(&mut self, facts: &mut Facts, emit: &mut Emit<'_>) {
        while let Some(entry) = self.held.first_entry()
            && *entry.key() <= self.next
        {
            let offset = *entry.key();
            let held = entry.remove();
            self.held_cost -= held.cost();
            let overlap = self.next.saturating_sub(offset);
            self.compare_at(offset.cast_signed(), &held.octets, held.at, facts);
            if overlap < held.length {
                let octets = usize::try_from(overlap).ok().and_then(|skip| held.octets.get(skip..));
                let (octets, length) = (octets.unwrap_or_default(), held.length.saturating_sub(overlap));
                let chunk = Chunk { octets, length, at: held.at, received: held.received };
                self.pass_on(&chunk, facts, emit);
            }
        }
        if self.next >= self.acked {
            self.overdue_since = None;
        }
        if let Some(Fin { offset, at, received }) = self.fin
            && offset <= self.next
            && !self.fin_told
        {
            self.fin_told = true;
            emit(Piece::Fin(at, received), facts);
        }
    }

    /// Passes on gaps that have been waited for long enough: the other end has the octets, the capture has not.
    pub(super) fn pass_overdue(
        &mut self,
        now: Moment,
        limits: &Limits,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        while let Some(since) = self.overdue_since
            && now.time.since(since) > limits.reorder_wait
            && self.pass_gap(now, facts, emit)
        {}
    }

    /// Passes on the gap in front of the held octets, or of what was acknowledged, and what follows it; says whether
    /// there was one.
    fn pass_gap(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) -> bool {
        let Some(end) = self.gap_end() else { return false };
        if let Some(last) = self.in_order.or(self.last) {
            facts.note(FactKind::Gap, self.held.first_key_value().map_or(at, |(_, held)| held.at));
            facts.note_loss(last.time.min(at.time), at.time);
        }
        emit(Piece::Gap(self.next, end.saturating_sub(self.next), at), facts);
        self.next = end;
        self.release(facts, emit);
        true
    }

    /// Passes on the gaps in front of all that is held.
    pub(super) fn pass_gaps(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) {
        while let Some((first, _)) = self.held.first_key_value() {
            // A few octets far behind all others may be damaged: with them, all that is yet to come would be missed.
            if self.held_cost.0 < FEW && *first > self.next.saturating_add(NEAR) {
                self.held.clear();
                self.held_cost.0 = 0;
            }
            if !self.pass_gap(at, facts, emit) {
                return;
            }
        }
    }

    /// Where octets that were not captured end.
    fn gap_end(&self) -> Option<u64> {
        let held = self.held.first_key_value().map(|(offset, _)| *offset);
        let acked = (self.acked > self.next).then_some(self.acked);
        match (held, acked) {
            (Some(held), Some(acked)) => Some(held.min(acked)),
            (held, acked) => held.or(acked),
        }
        .filter(|end| *end > self.next)
    }

    /// Passes on all that is left, at the connection's end.
    pub(super) fn flush(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) {
        // A single acknowledged octet behind all others is a FIN that was not captured; its acknowledgment proves it.
        if self.held.is_empty() && self.fin.is_none() && self.acked == self.next.saturating_add(1) {
            self.acked = self.next;
            self.fin = self.acked_at.map(|at| Fin { offset: self.next, at, received: None });
        }
        if let Some(Fin { offset, .. }) = self.fin
            && self.last.is_some()
            && offset > self.next
        {
            self.acked = self.acked.max(offset);
        }
        while self.pass_gap(at, facts, emit) {}
        self.release(facts, emit);
    }
}

#[cfg(test)]
mod tests;
