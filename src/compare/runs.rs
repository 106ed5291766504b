//! Two runs: different traffic, aligned by backends, methods and the course of flows.

use super::connections;
use super::difference::{Difference, Kind, Told, Weight};
use super::fields::Fields;
use super::side::{Side, TOLD_FRAMES};
use super::{methods, shapes};
use crate::report::Finding;
use crate::session::Backend;

/// A backend's places in the lists of the first capture and of the second.
pub(super) type Backends = [usize; 2];

/// Compares two runs.
pub(super) fn compare(sides: &[Side<'_>; 2]) -> Told {
    let [first, second] = sides;
    let same = if sides.iter().any(Side::has_hooks) {
        "hooks, answers, fields, latencies and connections are alike".to_owned()
    } else {
        "neither capture holds a hook, and both for the same reason".to_owned()
    };
    let mut told = Told { same, notes: notes(sides), ..Told::default() };
    told.differences.extend(verdict(sides));
    told.differences.extend(findings(sides));
    if first.has_hooks() != second.has_hooks() {
        told.differences.push(no_hooks(sides));
        return told;
    }
    let (pairs, alone) = aligned(sides);
    let mut fields = Fields::default();
    for pair in &pairs {
        connections::compare(sides, *pair, &mut told.differences);
        methods::compare(sides, *pair, &mut told.differences, &mut fields);
    }
    told.differences.extend(fields.differences(sides));
    told.differences.extend(shapes::compare(sides));
    told.differences.extend(connections::alone(sides, &alone));
    told
}

/// Which backends are the same ones: as many of address, port, base path and Host as possible are equal.
fn aligned(sides: &[Side<'_>; 2]) -> (Vec<Backends>, [Vec<usize>; 2]) {
    let [first, second] = sides.each_ref().map(|side| &side.case.backends);
    let alike = |one: &Backend, other: &Backend| {
        let address = usize::from(one.server.ip() == other.server.ip());
        let port = usize::from(one.server.port() == other.server.port());
        address + port + usize::from(one.base_path == other.base_path) + usize::from(one.host == other.host)
    };
    let mut candidates: Vec<(usize, usize, usize)> = Vec::new();
    for (place, one) in first.iter().enumerate() {
        candidates.extend(second.iter().enumerate().map(|(other, two)| (4 - alike(one, two), place, other)));
    }
    candidates.sort_unstable();
    let mut alone: [Vec<usize>; 2] = [(0..first.len()).collect(), (0..second.len()).collect()];
    let mut pairs = Vec::new();
    for (differences, one, other) in candidates {
        let [firsts, seconds] = &mut alone;
        // What has nothing in common is the same only where there is nothing else that it could be.
        let sure = differences < 4 || firsts.len() == 1 && seconds.len() == 1;
        if sure && firsts.contains(&one) && seconds.contains(&other) {
            firsts.retain(|place| *place != one);
            seconds.retain(|place| *place != other);
            pairs.push([one, other]);
        }
    }
    pairs.sort_unstable();
    (pairs, alone)
}

fn no_hooks([first, second]: &[Side<'_>; 2]) -> Difference {
    let (without, weight) = if first.has_hooks() { (second, Weight::Error) } else { (first, Weight::Note) };
    let seen = |side: &Side<'_>| {
        let hooks: Vec<usize> = (0..side.case.hooks.len()).collect();
        if hooks.is_empty() {
            side.seen(side.document.verdict.headline.clone(), &[])
        } else {
            side.seen("hooks", &hooks)
        }
    };
    let title = format!("no hook in {}", without.name);
    Difference { kind: Kind::NoHooks, weight, title, seen: [seen(first), seen(second)] }
}

/// Verdicts, from good to bad.
const STATES: [&str; 5] = ["healthy", "unclear", "degraded", "broken", "absent"];

fn verdict(sides: &[Side<'_>; 2]) -> Option<Difference> {
    let [one, other] = sides.each_ref().map(|side| side.document.verdict.state.as_str());
    let place = |state: &str| STATES.iter().position(|known| *known == state);
    let weight = if place(one) < place(other) { Weight::Error } else { Weight::Note };
    let [reason, another] = sides.each_ref().map(reasons);
    let title = if one != other {
        format!("{one} → {other}")
    } else if !sides.iter().any(Side::has_hooks) && reason != another {
        "no hook in either capture, but not for the same reason".to_owned()
    } else {
        return None;
    };
    let seen = sides.each_ref().map(|side| side.seen(side.document.verdict.headline.clone(), &[]));
    Some(Difference { kind: Kind::Verdict, weight, title, seen })
}

/// The titles of the findings that a verdict rests on.
fn reasons<'s>(side: &'s Side<'_>) -> Vec<&'s str> {
    let grounds = &side.document.verdict.findings;
    let findings = side.document.findings.iter().filter(|finding| grounds.contains(&finding.id));
    findings.map(|finding| finding.title.as_str()).collect()
}

/// Rules that fire in one capture only; what follows from another finding is told by that one.
fn findings(sides: &[Side<'_>; 2]) -> Vec<Difference> {
    let of_one = sole(sides).filter(|(_, finding)| finding.severity != "note" && finding.caused_by.is_none());
    let difference = |(place, finding): (usize, &Finding)| {
        let weight = match (place, finding.severity.as_str()) {
            (0, _) => Weight::Note,
            (_, "error") => Weight::Error,
            _ => Weight::Warning,
        };
        let [first, second] = sides;
        let side = if place == 0 { first } else { second };
        let mut shown = side.seen(finding.message.clone(), &[]);
        shown.frames = finding.frames.iter().take(TOLD_FRAMES).cloned().collect();
        let none = || side.seen("not found", &[]);
        let seen = if place == 0 { [shown, none()] } else { [none(), shown] };
        let title = format!("{} ({}, only in {})", finding.title, finding.rule, side.name);
        Difference { kind: Kind::Finding, weight, title, seen }
    };
    of_one.map(difference).collect()
}

/// The first finding of each rule that fires in one capture only.
fn sole<'s>(sides: &'s [Side<'_>; 2]) -> impl Iterator<Item = (usize, &'s Finding)> {
    let [first, second] = sides.each_ref().map(|side| side.document.findings.as_slice());
    let of = move |place: usize, own: &'s [Finding], others: &'s [Finding]| {
        let is_first = |index: usize, finding: &Finding| {
            !own.iter().take(index).any(|before| before.rule == finding.rule)
        };
        own.iter()
            .enumerate()
            .filter(move |(index, finding)| is_first(*index, finding))
            .map(|(_, finding)| finding)
            .filter(move |finding| !others.iter().any(|other| other.rule == finding.rule))
            .map(move |finding| (place, finding))
    };
    of(0, first, second).chain(of(1, second, first))
}

/// What is no difference, but may explain one.
fn notes(sides: &[Side<'_>; 2]) -> Vec<String> {
    let mut notes = Vec::new();
    for (place, side) in sides.iter().enumerate() {
        let rules: Vec<&str> = sole(sides)
            .filter(|(at, finding)| *at == place && finding.severity == "note")
            .map(|(_, finding)| finding.rule.as_str())
            .collect();
        if !rules.is_empty() {
            notes.push(format!("notes only in {}: {}", side.name, rules.join(", ")));
        }
        notes.extend(side.lacks());
    }
    notes
}
