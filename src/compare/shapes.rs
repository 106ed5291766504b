//! The course of flows in two runs: which methods follow each other.

use super::difference::{Difference, Kind, Weight};
use super::side::Side;
use crate::rules::counted;
use crate::session::FlowState;
use std::collections::BTreeMap;

/// Courses that a difference names.
const NAMED: usize = 2;

/// The courses that flows of one kind take, each with the first hooks of its flows.
type Courses = BTreeMap<String, Vec<usize>>;

/// Kinds of flows of which none takes the same course in both captures. What was still open when the capture ended says
/// nothing about that.
pub(super) fn compare(sides: &[Side<'_>; 2]) -> Vec<Difference> {
    let [first, second] = sides;
    let [firsts, seconds] = [courses(first), courses(second)];
    let mut differences = Vec::new();
    for (kind, one) in &firsts {
        let Some(other) = seconds.get(kind) else { continue };
        if one.keys().any(|course| other.contains_key(course)) {
            continue;
        }
        let seen = [(first, one), (second, other)].map(|(side, courses)| {
            let hooks: Vec<usize> = courses.values().flatten().copied().collect();
            side.seen(in_words(courses), &hooks)
        });
        let title = format!("flows of kind {kind} take another course");
        differences.push(Difference { kind: Kind::Course, weight: Weight::Warning, title, seen });
    }
    differences
}

fn courses(side: &Side<'_>) -> BTreeMap<&'static str, Courses> {
    let mut kinds: BTreeMap<&'static str, Courses> = BTreeMap::new();
    for flow in side.case.flows.iter().filter(|flow| flow.state != FlowState::Open) {
        let mut names: Vec<&str> = side.case.records(&flow.hooks).map(|(_, record)| &*record.name).collect();
        names.dedup();
        let courses = kinds.entry(flow.kind.name()).or_default();
        courses.entry(names.join(" → ")).or_default().extend(flow.hooks.first());
    }
    kinds
}

fn in_words(courses: &Courses) -> String {
    let mut words: Vec<String> = courses
        .iter()
        .take(NAMED)
        .map(|(course, flows)| format!("{course} ({})", counted(flows.len() as u64, "flow")))
        .collect();
    if courses.len() > NAMED {
        words.push(counted((courses.len() - NAMED) as u64, "other course"));
    }
    words.join("; ")
}
