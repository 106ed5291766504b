//! How the clocks of two captures of the same traffic differ.
//!
//! A request passes one place and then the other, its response the other way round. If both ways take equally long, the
//! middle of what request and response are apart is what the clocks are apart, whichever place is WCS's (as in NTP,
//! RFC 5905, section 8). The median over all hooks does not care for a few that the network held up.

use super::document::{ClockEntry, LatencySplit};
use super::matching::distance;
use super::side::{Side, median};
use crate::session::HookRecord;
use crate::time::Span;

/// What is less than this, between two places, may come from how captures take times.
const CLEAR: Span = Span::from_nanoseconds(20_000);
/// The share of hooks, in percent, that must agree on which place is WCS's.
const AGREE: usize = 90;

/// How the clocks differ, and how far the places are apart.
pub(super) struct Clocks {
    /// What the second clock shows more than the first.
    pub(super) offset: Span,
    spread: Span,
    samples: usize,
    /// What answers take longer at the first place than at the second, where answers are seen at both.
    between: Vec<Span>,
}

/// What requests of pairs are apart.
pub(super) fn apart(sides: &[Side<'_>; 2], pairs: &[[usize; 2]]) -> Vec<Span> {
    records(sides, pairs).map(|[first, second]| second.first.time.since(first.first.time)).collect()
}

fn records<'s, 'c: 's>(
    sides: &'s [Side<'c>; 2],
    pairs: &'s [[usize; 2]],
) -> impl Iterator<Item = [&'c HookRecord; 2]> + 's {
    let [first, second] = sides;
    pairs.iter().filter_map(move |[one, other]| Some([first.record(*one)?, second.record(*other)?]))
}

/// What requests and answers are apart, where both places show the same answer whole.
fn both_ways([first, second]: [&HookRecord; 2]) -> Option<(Span, Span)> {
    let (one, other) = (first.answer.as_ref()?, second.answer.as_ref()?);
    let whole = |hook: &HookRecord| hook.abandoned.is_none() && hook.reset.is_none();
    let same = one.status == other.status && whole(first) && whole(second);
    same.then(|| (second.first.time.since(first.first.time), other.last.time.since(one.last.time)))
}

impl Clocks {
    /// Estimates it; `None` without a hook that is in both captures.
    pub(super) fn new(sides: &[Side<'_>; 2], pairs: &[[usize; 2]]) -> Option<Self> {
        let ways: Vec<(Span, Span)> = records(sides, pairs).filter_map(both_ways).collect();
        let half = |span: i64| Span::from_nanoseconds(span / 2);
        let mut offsets: Vec<Span> = ways
            .iter()
            .map(|(there, back)| half(there.nanoseconds().saturating_add(back.nanoseconds())))
            .collect();
        if offsets.is_empty() {
            offsets = apart(sides, pairs);
        }
        let offset = median(&mut offsets)?;
        let mut off: Vec<Span> = offsets.iter().map(|span| distance(*span, offset)).collect();
        let between = ways.iter().map(|(there, back)| {
            Span::from_nanoseconds(there.nanoseconds().saturating_sub(back.nanoseconds()))
        });
        Some(Self { offset, spread: median(&mut off)?, samples: offsets.len(), between: between.collect() })
    }

    /// The place of the capture that is WCS's: where answers take longer, if that is clear.
    pub(super) fn media_server_side(&self) -> Option<usize> {
        let agree = |sign: i64| {
            let far = |span: &&Span| span.nanoseconds().saturating_mul(sign) >= CLEAR.nanoseconds();
            !self.between.is_empty()
                && self.between.iter().filter(far).count() * 100 >= self.between.len() * AGREE
        };
        if agree(1) { Some(0) } else { agree(-1).then_some(1) }
    }

    /// How it is told.
    pub(super) fn entry(&self) -> ClockEntry {
        let far = median(&mut self.between.clone()).map(|span| distance(span, Span::ZERO));
        ClockEntry {
            offset: self.offset.seconds(),
            spread: self.spread.seconds(),
            samples: self.samples as u64,
            two_way: !self.between.is_empty(),
            asymmetry: far.map(|far| Span::from_nanoseconds(far.nanoseconds() / 2).seconds()),
        }
    }
}

/// Where the time goes, seen from WCS's place.
pub(super) fn split(sides: &[Side<'_>; 2], pairs: &[[usize; 2]], wcs: usize) -> Option<LatencySplit> {
    let (mut total, mut backend, mut between) = (Vec::new(), Vec::new(), Vec::new());
    for [first, second] in records(sides, pairs).filter(|pair| both_ways(*pair).is_some()) {
        let (near, far) = if wcs == 0 { (first, second) } else { (second, first) };
        let (Some(near), Some(far)) = (near.latency(), far.latency()) else { continue };
        total.push(near);
        backend.push(far);
        between.push(Span::from_nanoseconds(near.nanoseconds().saturating_sub(far.nanoseconds())));
    }
    Some(LatencySplit {
        total: median(&mut total)?.seconds(),
        backend: median(&mut backend)?.seconds(),
        between: median(&mut between)?.seconds(),
        between_max: between.last()?.seconds(),
    })
}
