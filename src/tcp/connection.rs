//! One connection's life: two directions, how it began and how it ended.

use super::half::{Half, Piece};
use super::{Closing, Emit, End, Event, Head, Opening, Rejection};
use crate::endpoint::{ConnectionId, Endpoint, Moment, Side, Sides};
use crate::fact::{FactKind, Facts};
use crate::limits::Limits;
use crate::packet::{Flags, Segment, Unreachable};

/// SYNs that are remembered one by one.
const LISTED_SYNS: usize = 16;

/// A tracked connection.
#[derive(Clone)]
pub(super) struct Connection {
    head: Head,
    halves: Sides<Half>,
    opening: Opening,
    /// Whether each end has no room for more octets of the other.
    full: Sides<bool>,
    reset: bool,
    closed: bool,
    last: Moment,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, opener: Endpoint, acceptor: Endpoint, at: Moment) -> Self {
        let (from_start, captured) = (false, Sides::default());
        let head = Head { id, opener, acceptor, from_start, syn: None, established: None, captured };
        let (halves, opening, full) = (Sides::default(), Opening::default(), Sides::default());
        Self { head, halves, opening, full, reset: false, closed: false, last: at }
    }

    pub(super) const fn id(&self) -> ConnectionId {
        self.head.id
    }

    pub(super) const fn last(&self) -> Moment {
        self.last
    }

    /// Whether both ends closed, or one reset it.
    pub(super) fn is_ended(&self) -> bool {
        self.reset || self.halves.opener.is_finished() && self.halves.acceptor.is_finished()
    }

    pub(super) const fn is_reset(&self) -> bool {
        self.reset
    }

    /// Whether its last event has been told.
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the segment begins another connection with the same addresses and ports.
    pub(super) fn is_reused_by(&self, segment: &Segment<'_>) -> bool {
        segment.flags.has(Flags::SYN)
            && !segment.flags.has(Flags::ACK)
            && self.halves.of(self.side(segment)).is_restarted_by(segment.sequence)
    }

    /// Whether the segment goes on with a connection whose last event has been told: the same SYN again, or payload
    /// that is none of its own.
    pub(super) fn is_reopened_by(&self, segment: &Segment<'_>) -> bool {
        let syn = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
        self.closed && (syn || self.halves.of(self.side(segment)).is_foreign(segment))
    }

    fn side(&self, segment: &Segment<'_>) -> Side {
        if segment.source == self.head.opener { Side::Opener } else { Side::Acceptor }
    }

    /// Takes in a segment.
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        limits: &Limits,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        let side = self.side(segment);
        if self.halves.of_mut(side).is_copy(segment) {
            facts.note(FactKind::Duplicate, segment.moment());
            self.halves.of(side).compare(segment, facts);
            return;
        }
        self.last = segment.moment();
        if self.closed {
            return;
        }
        *self.head.captured.of_mut(side) = true;
        self.note_opening(side, segment);
        let syn = segment.flags.has(Flags::SYN);
        let first = segment.sequence.wrapping_add(u32::from(syn));
        if syn {
            self.begin(side, first);
        } else {
            self.halves.of_mut(side).start_by(segment);
        }
        let received = self.acknowledge(side, segment, facts, emit);
        self.note_window(side, segment, facts, emit);
        self.note_dropped(side, segment, received);
        if segment.flags.has(Flags::RST) {
            self.note_reset(side, segment, facts, emit);
            return;
        }
        let Self { head, halves, .. } = self;
        let mut on = |piece: Piece<'_>, facts: &mut Facts| emit(head, event(side, piece), facts);
        halves.of_mut(side).receive(segment, received, limits, facts, &mut on);
        for side in [Side::Opener, Side::Acceptor] {
            let mut on = |piece: Piece<'_>, facts: &mut Facts| emit(head, event(side, piece), facts);
            halves.of_mut(side).pass_overdue(segment.moment(), limits, facts, &mut on);
        }
    }

    /// What it holds that came out of order.
    pub(super) const fn held(&self) -> usize {
        self.halves.opener.held().saturating_add(self.halves.acceptor.held())
    }

    /// Passes on all gaps in front of what it holds.
    pub(super) fn pass_gaps(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) {
        let Self { head, halves, .. } = self;
        for side in [Side::Opener, Side::Acceptor] {
            let mut on = |piece: Piece<'_>, facts: &mut Facts| emit(head, event(side, piece), facts);
            halves.of_mut(side).pass_gaps(at, facts, &mut on);
        }
    }

    /// Takes in an ICMP message that the connection cannot be opened.
    pub(super) fn reject(&mut self, message: &Unreachable) {
        self.last = message.at;
        if !self.opening.established && self.opening.syn_ack.is_none() {
            let rejection = Rejection { at: message.at, reporter: message.reporter, reason: message.reason };
            self.opening.rejected.get_or_insert(rejection);
        }
    }

    /// Passes on what is left, and tells the last event, once: why nothing more comes, unless the connection has ended.
    pub(super) fn close(&mut self, why: Closing, facts: &mut Facts, emit: &mut Emit<'_>) {
        if self.closed {
            return;
        }
        let why = if self.is_ended() { Closing::Ended } else { why };
        self.closed = true;
        let counts = Sides { opener: *self.halves.opener.counts(), acceptor: *self.halves.acceptor.counts() };
        let Self { head, halves, last, .. } = self;
        for side in [Side::Opener, Side::Acceptor] {
            let mut on = |piece: Piece<'_>, facts: &mut Facts| emit(head, event(side, piece), facts);
            halves.of_mut(side).flush(*last, facts, &mut on);
        }
        self.halves.opener.clear();
        self.halves.acceptor.clear();
        let mut opening = std::mem::take(&mut self.opening);
        // What was on its way when the other end left was no reason for it.
        opening.dropped =
            opening.dropped.filter(|_| counts.opener.segments.max(counts.acceptor.segments) == 0);
        emit(&self.head, Event::Closed { why, opening: &opening, counts, last: self.last }, facts);
    }

    /// Takes in a SYN, which says for sure where a direction begins; what was taken for the connection's end before
    /// only ended an earlier attempt to open it.
    fn begin(&mut self, side: Side, first: u32) {
        self.halves.of_mut(side).begin(first);
        self.reset &= self.opening.established || self.opening.syn_count == 0;
    }

    fn note_opening(&mut self, side: Side, segment: &Segment<'_>) {
        let (flags, at) = (segment.flags, segment.moment());
        match side {
            _ if flags.has(Flags::SYN) => self.head.from_start = true,
            Side::Opener if flags.has(Flags::ACK) && !flags.has(Flags::RST) => {
                self.opening.established = true;
                if self.opening.syn_ack.is_some() {
                    self.head.established.get_or_insert(at);
                }
            }
            _ => {}
        }
        match side {
            Side::Opener if flags.has(Flags::SYN) => {
                self.opening.syn_count = self.opening.syn_count.saturating_add(1);
                self.head.syn.get_or_insert(at);
                if self.opening.syns.len() < LISTED_SYNS {
                    self.opening.syns.push(at);
                }
            }
            Side::Acceptor if flags.has(Flags::SYN) => {
                self.opening.syn_ack.get_or_insert(at);
                (self.opening.refused, self.opening.rejected) = (None, None);
            }
            Side::Acceptor if flags.has(Flags::RST) && self.is_unanswered_syn() => {
                self.opening.refused.get_or_insert(at);
            }
            _ => {}
        }
    }

    /// Takes in that the acceptor leaves before anything was sent: the numbers of its FIN or RST show it, unless later ones
    /// show octets that were not captured.
    fn note_dropped(&mut self, side: Side, segment: &Segment<'_>, received: Option<u64>) {
        let Sides { opener, acceptor } = &self.halves;
        let (fin, rst) = (segment.flags.has(Flags::FIN), segment.flags.has(Flags::RST));
        let is_received = received.is_some_and(|count| count > 0);
        if side == Side::Opener {
            self.opening.dropped = self.opening.dropped.filter(|_| !fin || opener.is_first(segment.sequence));
        } else if is_received && !opener.is_finished() {
            self.opening.dropped = None;
        } else if (fin || rst)
            && segment.payload_len == 0
            && acceptor.is_first(segment.sequence)
            && self.head.established.is_some()
            && !opener.is_finished()
        {
            self.opening.dropped.get_or_insert(segment.moment());
        }
    }

    /// Whether there was a SYN, and no sign that it was answered.
    fn is_unanswered_syn(&self) -> bool {
        self.opening.syn_count > 0 && self.opening.syn_ack.is_none() && !self.opening.established
    }

    /// Takes the acknowledgment to the other direction, and returns how many octets of it the sender has received, where
    /// it says so.
    fn acknowledge(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) -> Option<u64> {
        if !segment.flags.has(Flags::ACK) {
            return None;
        }
        let (other, at) = (side.other(), segment.moment());
        // A RST acknowledges what its sender had received; one that claims far more is none of this connection's.
        if segment.flags.has(Flags::RST)
            && (self.is_unanswered_syn() || !self.halves.of(other).is_near(segment.acknowledgment))
        {
            return None;
        }
        // An acknowledgment instead of a SYN is about an earlier connection, which only this end remembers
        // (RFC 9293, section 3.5.2).
        if side == Side::Acceptor && self.is_unanswered_syn() {
            return None;
        }
        let (offset, news) = self.halves.of_mut(other).acknowledge(segment.acknowledgment, at);
        if news {
            emit(&self.head, Event::Acknowledged { side: other, offset, at }, facts);
        } else if segment.payload_len == 0 && segment.flags == Flags::ACK {
            self.halves.of_mut(other).note_repeated(offset);
        }
        Some(offset)
    }

    /// Takes in the window that a side announces; that of a RST means nothing, and what a SYN announces is not in use yet.
    fn note_window(&mut self, side: Side, segment: &Segment<'_>, facts: &mut Facts, emit: &mut Emit<'_>) {
        if segment.flags.0 & (Flags::RST.0 | Flags::SYN.0) != 0 {
            return;
        }
        let full = segment.window == 0;
        if std::mem::replace(self.full.of_mut(side), full) != full {
            emit(&self.head, Event::Room { side, any: !full, at: segment.moment() }, facts);
        }
    }

    fn note_reset(&mut self, side: Side, segment: &Segment<'_>, facts: &mut Facts, emit: &mut Emit<'_>) {
        if self.is_unanswered_syn() {
            // The opener's answer to an acknowledgment of an earlier connection does not end its attempt.
            self.reset |= side == Side::Acceptor;
            return;
        }
        self.reset = true;
        self.halves.of_mut(side).reach(segment.sequence, segment.moment());
        emit(&self.head, Event::Ended { side, how: End::Reset, at: segment.moment(), received: None }, facts);
    }
}

fn event(side: Side, piece: Piece<'_>) -> Event<'_> {
    match piece {
        Piece::Octets(offset, octets, at, received) => Event::Data { side, offset, octets, at, received },
        Piece::Gap(offset, length, at) => Event::Gap { side, offset, length, at },
        Piece::Again(octets, at) => Event::SentAgain { side, octets, at },
        Piece::Fin(at, received) => Event::Ended { side, how: End::Fin, at, received },
    }
}
