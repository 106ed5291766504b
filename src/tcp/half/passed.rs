//! What a direction passed on last, kept to be compared with what is sent again.

use crate::endpoint::Moment;
use std::collections::VecDeque;
use std::ops::Range;

/// Octets that are kept.
const KEPT: usize = 2_048;
/// Segments that are remembered.
const SEGMENTS: usize = 8;

/// The last octets passed on, without a gap between them, and the last segments.
#[derive(Clone, Default)]
pub(super) struct Passed {
    octets: VecDeque<u8>,
    /// The offset behind the last one.
    end: u64,
    /// The last segments, and where their octets stand.
    segments: VecDeque<(Range<u64>, Moment)>,
}

impl Passed {
    /// The last segment went on: so many of its octets were cut off.
    pub(super) fn cut(&mut self, missing: u64) {
        if let Some((octets, _)) = self.segments.back_mut() {
            octets.end = octets.end.saturating_add(missing);
        }
    }

    /// The segment that an octet came in, if it is remembered.
    pub(super) fn sender_of(&self, offset: u64) -> Option<Moment> {
        let (_, at) = self.segments.iter().find(|(octets, _)| octets.contains(&offset))?;
        Some(*at)
    }

    /// Adds octets at an offset; those behind a gap are the first ones.
    pub(super) fn add(&mut self, offset: u64, octets: &[u8], at: Moment) {
        if offset != self.end {
            self.octets.clear();
        }
        self.end = offset.saturating_add(octets.len() as u64);
        let octets = octets.get(octets.len().saturating_sub(KEPT)..).unwrap_or_default();
        let excess = self.octets.len().saturating_add(octets.len()).saturating_sub(KEPT);
        self.octets.drain(..excess.min(self.octets.len()));
        self.octets.reserve_exact(octets.len());
        self.octets.extend(octets);
        if self.segments.len() >= SEGMENTS {
            self.segments.pop_front();
        }
        self.segments.push_back((offset..self.end, at));
    }

    /// The segment whose octets are others than these, which stand at an offset; where it is not remembered, `at`.
    pub(super) fn contradicted(&self, offset: i64, octets: &[u8], at: Moment) -> Option<Moment> {
        let begin = self.end.saturating_sub(self.octets.len() as u64).cast_signed();
        let skipped = |by: i64| usize::try_from(by).unwrap_or_default();
        let ours = octets.get(skipped(begin.saturating_sub(offset))..)?;
        let differs = self.differs(skipped(offset.saturating_sub(begin)), ours)?;
        let place = begin.max(offset).cast_unsigned().saturating_add(differs as u64);
        Some(self.sender_of(place).unwrap_or(at))
    }

    /// The first of these octets that is another than the one kept in its place, the first of all at `start`.
    fn differs(&self, start: usize, octets: &[u8]) -> Option<usize> {
        let (front, back) = self.octets.as_slices();
        let behind = start.saturating_sub(front.len());
        let (front, back) = (front.get(start..).unwrap_or_default(), back.get(behind..).unwrap_or_default());
        let (for_front, for_back) = octets.split_at_checked(front.len()).unwrap_or((octets, &[]));
        let in_back = || Some(first_difference(back, for_back)?.saturating_add(front.len()));
        first_difference(front, for_front).or_else(in_back)
    }
}

/// Where octets differ, as far as both go.
fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let length = one.len().min(other.len());
    if one.get(..length) == other.get(..length) {
        return None;
    }
    one.iter().zip(other).position(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::FrameNumber;
    use crate::time::Timestamp;
    use proptest::prelude::*;

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
        assert_eq!((passed.octets.len(), passed.segments.len()), (1, SEGMENTS), "behind a gap");
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

    proptest! {
        #[test]
        fn whatever_came_last_is_compared(lengths in prop::collection::vec(1_usize..900, 1..12), at in 0_usize..6_000, length in 1_usize..3_000, changed in prop::option::of(0_usize..3_000)) {
            let (mut passed, mut sent) = (Passed::default(), Vec::new());
            for (number, length) in (0_usize..).zip(&lengths) {
                let octets = (0..*length).map(|place| u8::try_from((place * 7 + number) % 251).unwrap());
                let (offset, octets): (_, Vec<u8>) = (sent.len() as u64, octets.collect());
                passed.add(offset, &octets, moment(number as u64));
                sent.extend(octets.iter().map(|octet| (*octet, number)));
            }
            let at = at % sent.len();
            let mut again: Vec<u8> = sent[at..].iter().take(length).map(|(octet, _)| *octet).collect();
            let changed = changed.filter(|place| *place < again.len());
            if let Some(place) = changed {
                again[place] ^= 1;
            }
            let remembered = |number| if number + SEGMENTS < lengths.len() { 99 } else { number as u64 };
            let kept = changed.map(|place| at + place).filter(|place| place + KEPT >= sent.len());
            let told = passed.contradicted(at.try_into().unwrap(), &again, moment(99));
            prop_assert_eq!(told.map(|at| at.frame.number()), kept.map(|place| remembered(sent[place].1)));
        }
    }
}
