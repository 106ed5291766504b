//! Which hooks of two captures are the same ones: by ids and content, and among equal ones by time.

use super::clock;
use super::side::Side;
use super::{Mode, side};
use crate::session::HookRecord;
use crate::time::{Span, Timestamp};
use rustc_hash::FxHasher;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};

/// How far apart, clocks aside, a hook is seen at two places at most: a request that the network loses is sent again
/// after one second, and after two more.
const UNDER_WAY: Span = Span::from_seconds(5);
/// How far clocks are apart at most, unless the asking person knows that the traffic is the same: a test that is run
/// again may use the ids that it used before.
const CLOCKS_APART: Span = Span::from_seconds(6 * 3600);
/// How nearly all hooks of the same traffic must be apart by the same time.
const EVENLY_APART: Span = Span::from_seconds(1);
/// The share of the smaller capture's hooks, one in so many, that are to be in the other.
const SHARED: usize = 2;
/// Equal hooks that are tried, each with each, to find out how clocks differ.
const TRIED: usize = 64;

/// Hooks that are in both captures, and those that are not.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Places in the lists of the first and of the second.
    pub(super) pairs: Vec<[usize; 2]>,
    /// How many of them are equal in ids and content, signs of life left out: these are equal throughout a capture.
    exact: usize,
    /// Hooks without a partner.
    pub(super) alone: [Vec<usize>; 2],
}

/// What hooks are grouped by; `None`: it cannot be told.
type Key = Option<String>;

impl Matched {
    /// Finds out.
    pub(super) fn new(sides: &[Side<'_>; 2]) -> Self {
        let all = [0, 1].map(|place| -> Vec<usize> {
            sides.get(place).map(|side| (0..side.case.hooks.len()).collect()).unwrap_or_default()
        });
        let mut matched = Self { alone: all, ..Self::default() };
        let Some(offset) = offset(sides, &content).or_else(|| offset(sides, &identity)) else {
            return matched;
        };
        matched.pair_up(sides, offset, &content);
        // What is equal in content is of the same method.
        let is_telling = |[first, _]: &&[usize; 2]| {
            let [side, _] = sides;
            side.record(*first).is_some_and(|record| !record.keeps_alive())
        };
        matched.exact = matched.pairs.iter().filter(is_telling).count();
        matched.pair_up(sides, offset, &identity);
        // A hook of which the capture shows a part has no ids, or not all of them.
        matched.pair_up_partial(sides, offset);
        matched.pairs.sort_unstable();
        matched
    }

    /// What the captures are to each other.
    pub(super) fn mode(&self, sides: &[Side<'_>; 2]) -> Mode {
        let telling = |side: &Side<'_>| side.case.hooks.iter().filter(|record| !record.keeps_alive()).count();
        let fewest = sides.iter().map(telling).min().unwrap_or_default();
        let mut apart = clock::apart(sides, &self.pairs);
        let same = self.exact > 0
            && self.exact * SHARED >= fewest
            && side::median(&mut apart).is_some_and(|middle| {
                let off = |span: &&Span| distance(**span, middle) <= EVENLY_APART;
                distance(middle, Span::ZERO) <= CLOCKS_APART
                    && apart.iter().filter(off).count() * 2 > apart.len()
            });
        if same { Mode::VantagePoints } else { Mode::Runs }
    }

    /// Pairs hooks of equal keys, those first that are nearest to each other in time.
    fn pair_up(&mut self, sides: &[Side<'_>; 2], offset: Span, key: &dyn Fn(&Side<'_>, &HookRecord) -> Key) {
        let [firsts, seconds] = groups(sides, &self.alone, key);
        let mut candidates = Vec::new();
        for (key, first) in &firsts {
            let Some(second) = seconds.get(key) else { continue };
            near(first, second, offset, &mut candidates);
        }
        self.take(candidates);
    }

    /// Pairs what is left by method and time, where one of the two is a part only.
    fn pair_up_partial(&mut self, sides: &[Side<'_>; 2], offset: Span) {
        let name = |_: &Side<'_>, record: &HookRecord| Some(record.name.to_string());
        let [firsts, seconds] = groups(sides, &self.alone, &name);
        let is_part = |place: usize, index: usize| {
            sides.get(place).and_then(|side| side.record(index)).is_some_and(|hook| hook.request.is_partial())
        };
        let mut candidates = Vec::new();
        for (key, first) in &firsts {
            let Some(second) = seconds.get(key) else { continue };
            near(first, second, offset, &mut candidates);
        }
        candidates.retain(|(_, first, second)| is_part(0, *first) || is_part(1, *second));
        self.take(candidates);
    }

    /// Takes the nearest pairs of those that are still to be had.
    fn take(&mut self, mut candidates: Vec<(Span, usize, usize)>) {
        candidates.sort_unstable();
        let [mut firsts, mut seconds] = [0, 1].map(|place: usize| {
            self.alone.get(place).into_iter().flatten().copied().collect::<BTreeSet<usize>>()
        });
        for (_, first, second) in candidates {
            if firsts.contains(&first) && seconds.remove(&second) {
                firsts.remove(&first);
                self.pairs.push([first, second]);
            }
        }
        self.alone = [firsts, seconds].map(|left| left.into_iter().collect());
    }
}

/// Whom a hook is about, and what it reports: what no proxy changes.
fn identity(side: &Side<'_>, record: &HookRecord) -> Key {
    let context = &record.context;
    let flow = record.flow.and_then(|flow| side.case.flows.get(flow)).map(|flow| flow.key.as_str());
    let status = record.status();
    let ids = [context.node_id.as_deref(), context.session_id.as_deref(), flow, status.as_deref()];
    let known = ids.iter().take(3).flatten().any(|id| !id.is_empty());
    known.then(|| {
        ids.into_iter().fold(record.name.to_string(), |key, id| format!("{key}\0{}", id.unwrap_or_default()))
    })
}

/// The same, with the body's content.
fn content(side: &Side<'_>, record: &HookRecord) -> Key {
    let identity = identity(side, record).filter(|_| !record.request.is_partial())?;
    let mut hasher = FxHasher::default();
    record.request.object().as_str().hash(&mut hasher);
    Some(format!("{identity}\0{:x}", hasher.finish()))
}

type Group = Vec<(Timestamp, usize)>;

/// The hooks that are left, by their keys, each group in the order of times.
fn groups(
    sides: &[Side<'_>; 2],
    left: &[Vec<usize>; 2],
    key: &dyn Fn(&Side<'_>, &HookRecord) -> Key,
) -> [BTreeMap<String, Group>; 2] {
    let [first, second] = sides;
    let [one, other] = left;
    [(first, one), (second, other)].map(|(side, left)| {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for (index, record) in left.iter().filter_map(|index| Some((*index, side.record(*index)?))) {
            if let Some(key) = key(side, record) {
                groups.entry(key).or_default().push((record.first.time, index));
            }
        }
        for group in groups.values_mut() {
            group.sort_unstable();
        }
        groups
    })
}

/// Pairs that may be the same hook: as near in time as hooks are under way.
fn near(first: &Group, second: &Group, offset: Span, found: &mut Vec<(Span, usize, usize)>) {
    for (time, index) in first {
        let expected = time.plus(offset);
        let begin = second.partition_point(|(time, _)| expected.since(*time) > UNDER_WAY);
        for (time, other) in second.get(begin..).unwrap_or_default() {
            let apart = distance(time.since(expected), Span::ZERO);
            if apart > UNDER_WAY {
                break;
            }
            found.push((apart, *index, *other));
        }
    }
}

/// Roughly, what the second clock shows more than the first: the middle of what hooks are apart that are there once,
/// or else of where most pairs of equal hooks are apart by the same time.
fn offset(sides: &[Side<'_>; 2], key: &dyn Fn(&Side<'_>, &HookRecord) -> Key) -> Option<Span> {
    let [first, second] = sides;
    let all = [first, second].map(|side| (0..side.case.hooks.len()).collect::<Vec<usize>>());
    let [firsts, seconds] = groups(sides, &all, key);
    let both = || firsts.iter().filter_map(|(key, first)| Some((first, seconds.get(key)?)));
    let mut once: Vec<Span> = both()
        .filter_map(|(first, second)| match (first.as_slice(), second.as_slice()) {
            ([(one, _)], [(other, _)]) => Some(other.since(*one)),
            _ => None,
        })
        .collect();
    if let Some(middle) = side::median(&mut once) {
        return Some(middle);
    }
    let mut apart: Vec<Span> = both()
        .flat_map(|(first, second)| {
            first
                .iter()
                .take(TRIED)
                .flat_map(|(one, _)| second.iter().take(TRIED).map(|(other, _)| other.since(*one)))
        })
        .collect();
    densest(&mut apart)
}

/// The middle of the window that holds the most of some spans; of several such windows, of the one nearest to zero.
fn densest(spans: &mut [Span]) -> Option<Span> {
    spans.sort_unstable();
    let window = |begin: usize| {
        let rest = spans.get(begin..).unwrap_or_default();
        let first = rest.first().copied().unwrap_or_default();
        let count = rest.partition_point(|span| distance(*span, first) <= EVENLY_APART);
        (count, rest.get(count.saturating_sub(1) / 2).copied().unwrap_or_default())
    };
    let windows = (0..spans.len()).map(window);
    windows
        .max_by_key(|(count, middle)| (*count, Reverse(distance(*middle, Span::ZERO))))
        .map(|(_, middle)| middle)
}

/// How far two spans are apart.
pub(super) const fn distance(one: Span, other: Span) -> Span {
    Span::from_nanoseconds(one.nanoseconds().saturating_sub(other.nanoseconds()).saturating_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(milliseconds: &[i64]) -> Vec<Span> {
        milliseconds.iter().copied().map(Span::from_milliseconds).collect()
    }

    #[test]
    fn the_offset_is_where_most_pairs_agree() {
        // Three equal hooks ten seconds apart, seen at both places: zero is what three pairs agree on.
        let mut apart = spans(&[0, 0, 0, 10_000, 10_000, -10_000, -10_000, 20_000, -20_000]);
        assert_eq!(densest(&mut apart), Some(Span::ZERO));
        // One of them is in the other capture, later than any clock would say: nothing favors a pair but nearness.
        assert_eq!(densest(&mut spans(&[3_500, -6_500, -16_500])), Some(Span::from_milliseconds(3_500)));
        assert_eq!(densest(&mut []), None);
    }

    #[test]
    fn of_equal_hooks_the_nearest_in_time_are_the_same() {
        let at = |milliseconds: i64| Timestamp::from_nanoseconds(milliseconds * 1_000_000);
        let first = vec![(at(0), 0), (at(40), 1), (at(80), 2)];
        let second = vec![(at(3_500), 0), (at(3_581), 1)];
        let mut found = Vec::new();
        near(&first, &second, Span::from_milliseconds(3_500), &mut found);
        let mut matched = Matched { alone: [vec![0, 1, 2], vec![0, 1]], ..Matched::default() };
        matched.take(found);
        assert_eq!((matched.pairs, matched.alone), (vec![[0, 0], [2, 1]], [vec![1], vec![]]));
    }
}
