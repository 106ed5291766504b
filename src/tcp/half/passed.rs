//! What a direction passed on last, kept to be compared with what is sent again.

use crate::endpoint::Moment;

/// Octets that are kept.
const KEPT: usize = 2_048;
/// Segments that are remembered.
const SEGMENTS: usize = 8;

/// The last octets passed on, without a gap between them.
#[derive(Clone, Default)]
pub(super) struct Passed {
    octets: Vec<u8>,
    /// The offset behind the last one.
    end: u64,
    /// The last segments, and the offsets behind them.
    segments: Vec<(u64, Moment)>,
}

impl Passed {
    /// Adds octets at an offset; those behind a gap are the first ones.
    pub(super) fn add(&mut self, offset: u64, octets: &[u8], at: Moment) {
        if offset != self.end {
            self.octets.clear();
            self.segments.clear();
        }
        self.end = offset.saturating_add(octets.len() as u64);
        let octets = octets.get(octets.len().saturating_sub(KEPT)..).unwrap_or_default();
        let excess = self.octets.len().saturating_add(octets.len()).saturating_sub(KEPT);
        self.octets.drain(..excess.min(self.octets.len()));
        self.octets.reserve_exact(octets.len());
        self.octets.extend_from_slice(octets);
        self.segments.drain(..self.segments.len().saturating_sub(SEGMENTS - 1));
        self.segments.push((self.end, at));
    }

    /// The segment whose octets are others than these, which stand at an offset; where it is not remembered, `at`.
    pub(super) fn contradicted(&self, offset: i64, octets: &[u8], at: Moment) -> Option<Moment> {
        let begin = self.end.saturating_sub(self.octets.len() as u64).cast_signed();
        let skipped = |by: i64| usize::try_from(by).unwrap_or_default();
        let known = self.octets.get(skipped(offset.saturating_sub(begin))..)?;
        let ours = octets.get(skipped(begin.saturating_sub(offset))..)?;
        let length = known.len().min(ours.len());
        if known.get(..length) == ours.get(..length) {
            return None;
        }
        let differs = known.iter().zip(ours).position(|(known, ours)| known != ours)?;
        let place = begin.max(offset).cast_unsigned().saturating_add(differs as u64);
        let first = self.segments.iter().find(|(end, _)| place < *end);
        Some(first.map_or(at, |(_, first)| *first))
    }
}
