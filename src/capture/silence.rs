//! Times of which a capture holds no frame, though it goes on.

use super::CaptureSummary;
use crate::time::{Span, Timestamp};

/// A time without a frame: from the one before it to the one behind it.
pub type Silence = (Timestamp, Timestamp);

/// How long such a time is at least.
const LONG: Span = Span::from_seconds(10);
/// How many are kept of a file, the longest ones.
const KEPT: usize = 64;
/// How many times as long as the mean one a pause is that is none of the usual ones.
const UNUSUAL: i64 = 50;
/// Frames that show what is usual.
const TELLING: u64 = 100;
/// How far apart the files of a ring may be, which follow one another without a pause of their own.
const BETWEEN: Span = Span::from_seconds(5);

/// Whether a frame that came behind another one did so after a long time.
#[inline]
pub(super) const fn is_long(from: Timestamp, until: Timestamp) -> bool {
    until.nanoseconds().abs_diff(from.nanoseconds()) >= LONG.nanoseconds().unsigned_abs()
}

/// Notes that a frame came so long behind the one before it.
pub(super) fn note(silences: &mut Vec<Silence>, from: Timestamp, until: Timestamp) {
    if from <= until && is_long(from, until) {
        keep(silences, (from, until));
    }
}

#[cold]
fn keep(silences: &mut Vec<Silence>, new: Silence) {
    if silences.len() < KEPT {
        return silences.push(new);
    }
    let shortest = silences.iter_mut().min_by_key(|(from, until)| until.since(*from));
    if let Some(shortest) = shortest.filter(|shortest| shortest.1.since(shortest.0) < new.1.since(new.0)) {
        *shortest = new;
    }
}

impl CaptureSummary {
    /// Times without a frame that are far longer than the file's usual pauses: whatever captured it may have stood still.
    pub fn unusual_silences(&self) -> impl Iterator<Item = Silence> {
        let whole = self.first_time.zip(self.last_time).map(|(first, last)| last.since(first).nanoseconds());
        let frames = i64::try_from(self.frames).unwrap_or(i64::MAX);
        let usual = whole.and_then(|whole| whole.checked_div(frames)).filter(|_| self.frames >= TELLING);
        let is_unusual = move |(from, until): &Silence| {
            usual.is_some_and(|usual| until.since(*from).nanoseconds() >= usual.saturating_mul(UNUSUAL))
        };
        self.silences.iter().copied().filter(is_unusual)
    }
}

/// The times between files of which none holds a frame, as where one of a ring is missing.
pub fn between(captures: &[CaptureSummary]) -> Vec<Silence> {
    let times = captures.iter().filter_map(|capture| capture.first_time.zip(capture.last_time));
    let mut times: Vec<(Timestamp, Timestamp)> = times.collect();
    times.sort_unstable();
    let mut silences = Vec::new();
    let mut reached = times.first().map(|(first, _)| *first);
    for (first, last) in times {
        silences.extend(
            reached.filter(|reached| first.since(*reached) >= BETWEEN).map(|reached| (reached, first)),
        );
        reached = reached.max(Some(last));
    }
    silences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(seconds * 1_000_000_000)
    }

    fn capture(frames: u64, first: i64, last: i64) -> CaptureSummary {
        let (first_time, last_time) = (Some(at(first)), Some(at(last)));
        CaptureSummary { frames, first_time, last_time, ..CaptureSummary::default() }
    }

    #[test]
    fn the_longest_silences_are_kept() {
        let mut silences = Vec::new();
        (0..100).for_each(|place| note(&mut silences, at(place * 1_000), at(place * 1_000 + place)));
        assert_eq!((silences.len(), silences.contains(&(at(99_000), at(99_099)))), (KEPT, true));
        assert!(silences.iter().all(|(from, until)| until.since(*from) >= Span::from_seconds(36)));
        note(&mut silences, at(0), at(9));
        assert!(!silences.contains(&(at(0), at(9))));
    }

    #[test]
    fn unusual_is_what_is_far_longer_than_the_usual_pauses_of_many_frames() {
        let unusual = |frames, length: i64| {
            let silences = vec![(at(100), at(100 + length))];
            CaptureSummary { silences, ..capture(frames, 0, 1_000) }.unusual_silences().count()
        };
        assert_eq!(
            [unusual(1_000, 50), unusual(1_000, 49), unusual(10_000, 10), unusual(99, 900)],
            [1, 0, 1, 0]
        );
    }

    #[test]
    fn between_files_nothing_was_captured() {
        let files = [capture(9, 100, 200), capture(9, 0, 60), capture(9, 10, 20), capture(9, 204, 300)];
        assert_eq!(between(&files), [(at(60), at(100))]);
        assert_eq!(between(&[]), []);
    }
}
