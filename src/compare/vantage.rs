//! Two vantage points of the same traffic: what left one and never reached the other, and what was changed in between.

use super::clock::{self, Clocks};
use super::difference::{Difference, Kind, Told, Weight};
use super::document::VantageEntry;
use super::matching::Matched;
use super::side::Side;
use crate::hook::{Members, Name, Outcome, alike};
use crate::report::{address, answer};
use crate::rules::{Confidence, counted, of_absence};
use crate::session::HookRecord;
use crate::time::Span;
use std::collections::BTreeSet;

/// How far from a capture's edges, and from what it lost, a hook's absence counts.
const EDGE: Span = Span::from_seconds(1);
/// Members that a difference names.
const NAMED: usize = 6;

/// Compares two vantage points.
pub(super) fn compare(sides: &[Side<'_>; 2], matched: &Matched) -> Told {
    let clocks = Clocks::new(sides, &matched.pairs);
    let wcs = clocks.as_ref().and_then(Clocks::media_server_side);
    let watched = matched.pairs.iter().flat_map(|pair| {
        let records = sides.iter().zip(pair).enumerate();
        records.filter_map(|(place, (side, index))| {
            let record = side.record(*index)?;
            Some((place, record.backend, record.context.node_id.clone()))
        })
    });
    let points = Points { sides, matched, wcs, watched: watched.collect() };
    let mut told = Told { same: same(matched), ..Told::default() };
    let mut unsure = 0;
    for [first, second] in &matched.pairs {
        points.pair(*first, *second, &mut told.differences);
    }
    if let Some(clocks) = &clocks {
        for (place, alone) in matched.alone.iter().enumerate() {
            let lost = alone.iter().map(|index| points.alone(place, *index, clocks.offset));
            for difference in lost {
                unsure += u64::from(difference.is_none());
                told.differences.extend(difference);
            }
        }
    } else {
        unsure = matched.alone.iter().map(|alone| alone.len() as u64).sum();
        told.notes.push("no hook is in both captures, so nothing tells how their clocks differ".to_owned());
    }
    told.notes.extend(points.rewritten());
    told.notes.extend(sides.iter().filter_map(Side::lacks));
    let [first, second] = sides;
    told.vantage = Some(VantageEntry {
        matched: matched.pairs.len() as u64,
        cannot_be_told: unsure,
        clock: clocks.as_ref().map(Clocks::entry),
        media_server_side: wcs.map(|wcs| if wcs == 0 { first.name.clone() } else { second.name.clone() }),
        latency: wcs.and_then(|wcs| clock::split(sides, &matched.pairs, wcs)),
    });
    told
}

fn same(matched: &Matched) -> String {
    match matched.pairs.len() {
        0 => "nothing differs that can be told".to_owned(),
        1 => "the hook that is in both captures is the same in both".to_owned(),
        pairs => format!("the {pairs} hooks that are in both captures are the same in both"),
    }
}

struct Points<'s, 'c> {
    sides: &'s [Side<'c>; 2],
    matched: &'s Matched,
    /// WCS's place, if that is clear.
    wcs: Option<usize>,
    /// Backends and nodes, at each place, of which the other capture shows hooks: of others it may have been made where
    /// they do not pass.
    watched: BTreeSet<(usize, usize, Option<Name>)>,
}

impl Points<'_, '_> {
    /// What differs in a hook that is in both captures.
    fn pair(&self, first: usize, second: usize, differences: &mut Vec<Difference>) {
        let [left, right] = self.sides;
        let (Some(one), Some(other)) = (left.record(first), right.record(second)) else { return };
        let (Some(told), Some(also)) = (left.hook(first), right.hook(second)) else { return };
        let name = &told.method;
        let answers = [answer(told), answer(also)];
        let seen = |[one, other]: [String; 2]| [left.seen(one, &[first]), right.seen(other, &[second])];
        let lost = |one: &HookRecord, other: &HookRecord| {
            one.outcome == Outcome::Unanswered
                && other.answer.is_some()
                && other.outcome != Outcome::Unanswered
        };
        if lost(one, other) || lost(other, one) {
            let (with, without) = if lost(one, other) { (right, left) } else { (left, right) };
            let title = format!("{name} is answered in {}, and not in {}", with.name, without.name);
            let texts = [(one, told), (other, also)].map(|(record, told)| match record.latency() {
                Some(latency) => format!("{} after {latency}", answer(told)),
                None => answer(told),
            });
            let (kind, weight) = (Kind::AnswerLost, Weight::Error);
            differences.push(Difference { kind, weight, title, seen: seen(texts) });
            return;
        }
        if let (Some(before), Some(after)) = (one.status_code(), other.status_code())
            && before != after
        {
            let title = format!("{name} is answered {} and {}: changed in between", answers[0], answers[1]);
            differences.push(Difference {
                kind: Kind::Answer,
                weight: Weight::Error,
                title,
                seen: seen(answers),
            });
            return;
        }
        let answered = |record: &HookRecord| record.answer.as_ref().map(|answer| answer.members.clone());
        let bodies = [
            ("request", Some(one.request.clone()).zip(Some(other.request.clone()))),
            ("answer", answered(one).zip(answered(other))),
        ];
        for (part, bodies) in bodies {
            let Some(members) = bodies.and_then(|(one, other)| changed(&one, &other)) else { continue };
            let title = format!("the {part} of {name} is changed in between: {members}");
            let texts = ["as sent or received here".to_owned(), "as sent or received here".to_owned()];
            differences.push(Difference {
                kind: Kind::Altered,
                weight: Weight::Warning,
                title,
                seen: seen(texts),
            });
        }
    }

    /// A hook that is in one capture only, if the other would have shown it.
    fn alone(&self, place: usize, index: usize, offset: Span) -> Option<Difference> {
        let [first, second] = self.sides;
        let (side, other) = if place == 0 { (first, second) } else { (second, first) };
        let offset =
            if place == 0 { offset } else { Span::from_nanoseconds(offset.nanoseconds().saturating_neg()) };
        let (record, hook) = (side.record(index)?, side.hook(index)?);
        let (from, until) = (record.first.time.plus(offset), record.last.time.plus(offset));
        let early = Span::from_nanoseconds(-EDGE.nanoseconds());
        let would_show = other.case.start() <= from.plus(early)
            && of_absence(other.case, from.plus(early), until.plus(EDGE)) == Confidence::Confirmed
            && self.watched.contains(&(place, record.backend, record.context.node_id.clone()));
        if !would_show {
            return None;
        }
        let (kind, weight, title) = match (self.wcs, record.answer.is_some()) {
            (Some(wcs), _) if wcs != place => (
                Kind::Elsewhere,
                Weight::Warning,
                format!("{} reached {}, and never left {}", hook.method, side.name, other.name),
            ),
            (_, true) => (
                Kind::Elsewhere,
                Weight::Warning,
                format!("{} is answered, and not by what {} shows", hook.method, other.name),
            ),
            (_, false) => (
                Kind::NeverArrived,
                Weight::Error,
                format!("{} left {} and never reached {}", hook.method, side.name, other.name),
            ),
        };
        let shown = side.seen(format!("{}: {}", described(side, index), answer(hook)), &[index]);
        let none = || other.seen("not there", &[]);
        let seen = if place == 0 { [shown, none()] } else { [none(), shown] };
        Some(Difference { kind, weight, title, seen })
    }

    /// Paths and Hosts that a proxy rewrites.
    fn rewritten(&self) -> Option<String> {
        let [first, second] = self.sides;
        let ways: BTreeSet<(String, String)> = self
            .matched
            .pairs
            .iter()
            .filter_map(|[one, other]| Some((first.hook(*one)?, second.hook(*other)?)))
            .map(|(one, other)| (one.backend.clone(), other.backend.clone()))
            .collect();
        let place = |side: &Side<'_>, id: &str| {
            let backend = side.document.backends.iter().find(|backend| backend.id == id)?;
            let host = backend.host.clone().unwrap_or_default();
            let place = address(&backend.address, backend.port);
            Some(format!("{place} {} (Host: {host})", backend.base_path))
        };
        let changed: Vec<String> = ways
            .iter()
            .filter_map(|(one, other)| Some((place(first, one)?, place(second, other)?)))
            .filter(|(one, other)| one != other)
            .map(|(one, other)| format!("{one} in {} is {other} in {}", first.name, second.name))
            .collect();
        (!changed.is_empty()).then(|| format!("the backend: {}", changed.join("; ")))
    }
}

/// Whom a hook is about.
fn described(side: &Side<'_>, index: usize) -> String {
    let Some(hook) = side.hook(index) else { return String::new() };
    let flow = side.record(index).and_then(|record| side.document.flows.get(record.flow?));
    match (flow.filter(|flow| !flow.key.is_empty()), &hook.context.session_id) {
        (Some(flow), _) => format!("{} {}", flow.kind, flow.key),
        (None, Some(session)) => format!("session {session}"),
        (None, None) => hook.target.clone(),
    }
}

/// The members that two bodies differ in, where both were captured whole.
fn changed(one: &Members, other: &Members) -> Option<String> {
    if one.is_partial() || other.is_partial() {
        return None;
    }
    let (one, other) = (one.map(), other.map());
    if one == other {
        return None;
    }
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = |name: &&&String| match (one.get(**name), other.get(**name)) {
        (Some(one), Some(other)) => !alike(one, other),
        _ => true,
    };
    let differing: Vec<&str> = names.iter().filter(differs).map(|name| name.as_str()).collect();
    let more = if differing.len() > NAMED {
        format!(" and {} more", differing.len() - NAMED)
    } else {
        String::new()
    };
    let first = differing.get(..NAMED).unwrap_or(&differing).join(", ");
    (!differing.is_empty()).then(|| format!("{first}{more}"))
}

/// What is told of how many hooks are in both.
pub(super) fn in_words(entry: &VantageEntry) -> Vec<String> {
    let mut lines = vec![format!("{} in both captures, by ids and content.", hooks(entry.matched))];
    if entry.cannot_be_told > 0 {
        lines.push(format!(
            "{} in one capture only, too near to an edge or to lost packets of the other, or of traffic that does not \
             pass there: whether it should show them cannot be told.",
            hooks(entry.cannot_be_told)
        ));
    }
    lines
}

/// `1 hook`, `3 hooks`.
pub(super) fn hooks(count: u64) -> String {
    counted(count, "hook")
}
