//! Methods of two runs: which are called, how they are answered, what they report.

use super::difference::{Difference, Kind, Weight};
use super::fields::Fields;
use super::runs::Backends;
use super::side::Side;
use crate::catalog::Phase;
use crate::hook::Outcome;
use crate::report::answer;
use crate::rules::counted;
use std::collections::{BTreeMap, BTreeSet};

/// Hooks of a method from which on the share of those that go well is compared, in each capture.
const ENOUGH: usize = 5;
/// By how many of a hundred that share is to change.
const CHANGE: usize = 50;

/// Hooks by what they have in common.
type Groups<T> = BTreeMap<T, Vec<usize>>;

/// Compares the methods of a backend.
pub(super) fn compare(
    sides: &[Side<'_>; 2],
    backends: Backends,
    differences: &mut Vec<Difference>,
    fields: &mut Fields,
) {
    let [one, other] = backends;
    let [first, second] = sides;
    let [firsts, seconds] = [(first, one), (second, other)].map(|(side, backend)| by_method(side, backend));
    let names: BTreeSet<&String> = firsts.keys().chain(seconds.keys()).collect();
    for name in names {
        match (firsts.get(name), seconds.get(name)) {
            (Some(one), Some(other)) => {
                let hooks = [one.as_slice(), other.as_slice()];
                differences.extend(answers(sides, name, hooks));
                differences.extend(reported(sides, name, hooks));
                fields.compare(sides, name, hooks);
            }
            (Some(hooks), None) => differences.push(alone(sides, name, 0, hooks)),
            (None, Some(hooks)) => differences.push(alone(sides, name, 1, hooks)),
            (None, None) => {}
        }
    }
}

fn by_method(side: &Side<'_>, backend: usize) -> Groups<String> {
    let mut groups = Groups::new();
    for (index, _, hook) in side.hooks().filter(|(_, record, _)| record.backend == backend) {
        groups.entry(hook.method.clone()).or_default().push(index);
    }
    groups
}

/// A method that one capture shows only.
fn alone(sides: &[Side<'_>; 2], name: &str, place: usize, hooks: &[usize]) -> Difference {
    let [first, second] = sides;
    let (side, weight) = if place == 0 { (first, Weight::Warning) } else { (second, Weight::Note) };
    let shown = side.seen(counted(hooks.len() as u64, "hook"), hooks);
    let none = || side.seen("none", &[]);
    let seen = if place == 0 { [shown, none()] } else { [none(), shown] };
    Difference { kind: Kind::Method, weight, title: format!("{name} only in {}", side.name), seen }
}

/// Compares how a method is answered.
fn answers(sides: &[Side<'_>; 2], name: &str, hooks: [&[usize]; 2]) -> Option<Difference> {
    let [first, second] = sides;
    let [one, other] = hooks;
    let [firsts, seconds] = [(first, one), (second, other)].map(|(side, hooks)| by_answer(side, hooks));
    if firsts.is_empty() || seconds.is_empty() {
        return None;
    }
    let fails = |only: &Groups<(bool, String)>, others: &Groups<(bool, String)>| {
        only.keys().any(|answer| !answer.0 && !others.contains_key(answer))
    };
    let shares = [&firsts, &seconds].map(well);
    let weight = if fails(&seconds, &firsts) || worse(shares) {
        Weight::Error
    } else if fails(&firsts, &seconds) || worse([shares[1], shares[0]]) || firsts.keys().ne(seconds.keys()) {
        Weight::Note
    } else {
        return None;
    };
    let told = [&firsts, &seconds].map(in_words);
    let title = format!("{name}: {} → {}", told[0], told[1]);
    let seen =
        |side: &Side<'_>, text: &str, own: &Groups<(bool, String)>, others: &Groups<(bool, String)>| {
            // What the other capture does not show comes first.
            let (mut new, known): (Vec<_>, Vec<_>) =
                own.iter().partition(|(answer, _)| !others.contains_key(answer));
            new.extend(known);
            let hooks: Vec<usize> = new.into_iter().flat_map(|(_, hooks)| hooks).copied().collect();
            side.seen(text, &hooks)
        };
    let seen = [seen(first, &told[0], &firsts, &seconds), seen(second, &told[1], &seconds, &firsts)];
    Some(Difference { kind: Kind::Answer, weight, title, seen })
}

/// Hooks by whether they went well, and how they were answered, as far as the capture can tell.
fn by_answer(side: &Side<'_>, hooks: &[usize]) -> Groups<(bool, String)> {
    let mut groups = Groups::new();
    for index in hooks {
        if let (Some(record), Some(hook)) = (side.record(*index), side.hook(*index))
            && record.outcome != Outcome::Unknown
        {
            groups.entry((record.outcome == Outcome::Ok, answer(hook))).or_default().push(*index);
        }
    }
    groups
}

/// How many hooks went well, and how many there are.
fn well(answers: &Groups<(bool, String)>) -> (usize, usize) {
    let count = |well: bool| {
        answers.iter().filter(|(answer, _)| answer.0 == well).map(|(_, hooks)| hooks.len()).sum()
    };
    let well: usize = count(true);
    (well, well + count(false))
}

/// Whether far fewer hooks go well in the second capture.
fn worse([(one, of_one), (other, of_other)]: [(usize, usize); 2]) -> bool {
    of_one >= ENOUGH
        && of_other >= ENOUGH
        && one * of_other * 100 >= other * of_one * 100 + CHANGE * of_one * of_other
}

/// `200`, or `200 ×3, 403 declined ×2`.
fn in_words(answers: &Groups<(bool, String)>) -> String {
    let alone = answers.len() == 1;
    let word = |((_, answer), hooks): (&(bool, String), &Vec<usize>)| {
        if alone { answer.clone() } else { format!("{answer} ×{}", hooks.len()) }
    };
    answers.iter().rev().map(word).collect::<Vec<_>>().join(", ")
}

/// Compares what a method's hooks report: no status in common, or a failure that one capture shows only.
fn reported(sides: &[Side<'_>; 2], name: &str, hooks: [&[usize]; 2]) -> Option<Difference> {
    let [first, second] = sides;
    let [one, other] = hooks;
    let [firsts, seconds] = [(first, one), (second, other)].map(|(side, hooks)| by_status(side, hooks));
    let fails = |only: &Groups<(bool, String)>, others: &Groups<(bool, String)>| {
        only.keys().any(|status| status.0 && !others.contains_key(status))
    };
    let apart = !firsts.is_empty()
        && !seconds.is_empty()
        && !firsts.keys().any(|status| seconds.contains_key(status));
    let weight = if fails(&seconds, &firsts) {
        Weight::Warning
    } else if apart || fails(&firsts, &seconds) {
        Weight::Note
    } else {
        return None;
    };
    let words = |statuses: &Groups<(bool, String)>| {
        let words: Vec<&str> = statuses.keys().map(|(_, status)| status.as_str()).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    let (told, untold) = (words(&firsts), words(&seconds));
    let title = format!("{name} reports {told} → {untold}");
    // Failures come first.
    let all = |statuses: &Groups<(bool, String)>| -> Vec<usize> {
        statuses.iter().rev().flat_map(|(_, hooks)| hooks).copied().collect()
    };
    let seen = [first.seen(told, &all(&firsts)), second.seen(untold, &all(&seconds))];
    Some(Difference { kind: Kind::Reported, weight, title, seen })
}

/// Hooks by whether they report a failure, and what they report.
fn by_status(side: &Side<'_>, hooks: &[usize]) -> Groups<(bool, String)> {
    let mut groups = Groups::new();
    for (index, record) in hooks.iter().filter_map(|index| Some((*index, side.record(*index)?))) {
        let known =
            record.method.zip(record.status()).and_then(|(method, status)| method.spec().status(&status));
        if let Some(status) = known {
            groups.entry((status.phase == Phase::Failed, status.name.to_owned())).or_default().push(index);
        }
    }
    groups
}
