//! What a direction passed on last, kept to be compared with what is sent again.

use crate::endpoint::Moment;
use std::ops::Range;

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
    /// The last segments, and where their octets stand.
    segments: Vec<(Range<u64>, Moment)>,
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
        self.segments.push((offset..self.end, at));
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
        let first = self.segments.iter().find(|(octets, _)| octets.contains(&place));
        Some(first.map_or(at, |(_, first)| *first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::FrameNumber;
    use crate::time::Timestamp;

    fn moment(frame: u64) -> Moment {
        Moment { frame: FrameNumber::new(0, frame), time: Timestamp::default() }
    }

    #[test]
    fn so_many_octets_and_segments_are_remembered_and_no_more() {
        let mut passed = Passed::default();
        for number in 0..100 {
            passed.add(number * 100, &[b'x'; 100], moment(number));
        }
        assert_eq!((passed.octets.len(), passed.segments.len()), (KEPT, SEGMENTS));
        passed.add(10_000, &[b'y'; 3 * KEPT], moment(100));
        assert_eq!((passed.octets.len(), passed.segments.len()), (KEPT, SEGMENTS));
        passed.add(99_999, b"z", moment(101));
        assert_eq!((passed.octets.len(), passed.segments.len()), (1, 1), "behind a gap");
    }

    #[test]
    fn who_sent_other_octets_is_told_while_he_is_remembered() {
        let mut passed = Passed::default();
        for number in 0..12 {
            passed.add(number * 10, &[b'x'; 10], moment(number));
        }
        let first = |offset| passed.contradicted(offset, b"xxy", moment(99)).map(|at| at.frame.number());
        assert_eq!([first(110), first(47), first(48), first(38), first(0)], [11, 4, 5, 4, 99].map(Some));
        assert_eq!(passed.contradicted(50, b"xxx", moment(99)).map(|at| at.frame.number()), None);
    }
}
