//! What the other end's acknowledgments tell of a direction, and what else tells how far it reaches.

use super::{Half, NEAR};
use crate::endpoint::Moment;
use crate::tcp::sequence::SequenceNumber;

impl Half {
    /// Takes in the other end's acknowledgment; returns the offset that it stands for, and whether it is news.
    pub(in crate::tcp) fn acknowledge(&mut self, number: u32, at: Moment) -> (u64, bool) {
        self.start(number);
        self.note_reached(self.offset(SequenceNumber(number)));
        let offset = u64::try_from(self.offset(SequenceNumber(number))).unwrap_or(0);
        // The FIN counts in sequence space, but is no octet.
        let offset = self.fin.map_or(offset, |fin| offset.min(fin.offset));
        let news = offset > self.acked && self.is_believable(offset);
        if news {
            self.acked = offset;
            self.acked_at = Some(at);
            self.repeated = 0;
            if self.acked > self.next {
                self.overdue_since.get_or_insert(at.time);
            }
        }
        (offset, news)
    }

    /// Takes in that the other end acknowledged without any news: where octets are under way, some came behind others that
    /// it misses.
    pub(in crate::tcp) fn note_repeated(&mut self, offset: u64) {
        if offset == self.acked && (offset < self.next || !self.held.is_empty()) {
            self.repeated = self.repeated.saturating_add(1);
        }
    }

    /// Whether an acknowledgment can be believed: a single one far behind all others may be damaged, and what it claims to be
    /// there would be missed for good.
    fn is_believable(&mut self, offset: u64) -> bool {
        let is_near = |known: u64| offset.abs_diff(known) <= NEAR;
        let held = self.held.last_key_value().map_or(0, |(last, _)| *last);
        let known = [self.next, self.acked, held].into_iter().any(is_near) || self.far.is_some_and(is_near);
        self.far = (!known).then_some(offset);
        known
    }

    /// Whether a sequence number stands near the octets passed on so far.
    pub(in crate::tcp) fn is_near(&self, number: u32) -> bool {
        self.base.is_some() && self.offset(SequenceNumber(number)).abs_diff(self.next.cast_signed()) <= NEAR
    }

    /// Takes in the sequence number of a RST: octets before it were sent, captured or not.
    pub(in crate::tcp) fn reach(&mut self, number: u32, at: Moment) {
        let offset = u64::try_from(self.offset(SequenceNumber(number))).unwrap_or(0);
        // One more may be a FIN.
        if self.is_near(number) && self.fin.is_none() && offset > self.acked.max(self.next).saturating_add(1)
        {
            self.acked = offset;
            self.acked_at = Some(at);
        }
    }

    /// Takes in an offset that the other end acknowledges, or at which octets begin: one past a segment that may be a probe,
    /// it is where this direction begins.
    pub(super) fn note_reached(&mut self, offset: i64) {
        if self.probed && offset == 1 && self.next == 0 && self.held.is_empty() && self.fin.is_none() {
            self.base = self.base.map(|base| base.plus(1));
        }
        self.probed &= offset < 1;
    }
}
