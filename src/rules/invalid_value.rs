use super::describe::{self, Group};
use super::{Actor, Evidence, Finding, Findings, rule};
use crate::catalog::{CATALOG, HookMethod, HookSpec, HookType, Parameter, ParameterKind};
use crate::hook::{Json, Members, Outcome};
use crate::session::{Case, HookRecord};
use std::collections::{BTreeMap, BTreeSet};

rule! {
    /// ## What it detects
    /// Values that the documents do not allow: a status that a method does not have, a word outside a closed list (`type` of
    /// `sendDTMF`), a number or a truth value that is none; in hooks, and in responses to connect, which count.
    ///
    /// ## Why it matters
    /// A backend that was written by the documents may not expect such a value. In a response it is the backend's mistake,
    /// and nobody knows what WCS makes of it.
    ///
    /// ## What to do
    /// In a hook: see that the backend bears it; a newer WCS may have brought it. In a response: correct it, or leave the
    /// member out.
    ///
    /// ## When it is wrong
    /// The documents are incomplete, and versions differ. Letter case, numbers as strings and empty values are not minded.
    "invalid-value", Note, MediaServer, "a parameter has a value that no document allows", check
}

/// The method, the parameter, and whether a response has it.
type Key = (HookMethod, &'static str, bool);

/// Values that a message shows, and allowed ones.
const SHOWN: usize = 3;
const ALLOWED: usize = 12;
/// Characters of a value that are shown.
const LENGTH: usize = 40;

fn check(case: &Case, findings: &mut Findings) {
    for group in groups(case) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let (method, name, in_response) = group.key;
        let spec = method.spec();
        let Some(parameter) = spec.parameters.iter().find(|known| known.name == name) else { continue };
        let values = values(case, &group);
        let count = describe::counted(group.hooks.len() as u64, "time");
        let (title, remedy, actor) = if in_response {
            let title = format!(
                "backend {} answers {} with {name} {values} ({count})",
                group.backend(case),
                method.name()
            );
            (title, "Correct the value in the backend's response, or leave the member out.", Actor::Backend)
        } else {
            let title = format!("{} has {name} {values}, which no document allows ({count})", method.name());
            let remedy = "See that the backend bears the value: a newer WCS, or the client's code, may have brought it.";
            (title, remedy, RULE.actor)
        };
        let allowed = allowed(method, parameter);
        let Some((_, first)) = case.records(&group.hooks).next() else { continue };
        let (what, at) = match first.answer.as_ref().filter(|_| in_response) {
            Some(answer) => ("The response to POST", answer.last),
            None => ("POST", first.last),
        };
        let message = format!(
            "{what} {} ({}) has {name} {values}; allowed is {allowed}.",
            first.target,
            describe::frame(case, at)
        );
        let finding = Finding::new(&RULE, title, message, remedy.to_owned(), evidence);
        findings.add(Finding { actor, ..finding });
    }
}

/// The hooks with values that are not allowed, by backend and parameter.
fn groups(case: &Case) -> Vec<Group<Key>> {
    let mut groups: BTreeMap<(usize, Key), Vec<usize>> = BTreeMap::new();
    for (index, record) in case.hooks.iter().enumerate() {
        let Some(method) = record.method else { continue };
        for in_response in [false, true] {
            for (name, value) in members(record, in_response).into_iter().flat_map(Members::iter) {
                let known = method.spec().parameters.iter().find(|known| known.name == name);
                let Some(parameter) = known else { continue };
                // What a response repeats is the hook's.
                let repeated =
                    || in_response && record.request.get(&name).is_some_and(|asked| asked.is_alike(value));
                if !is_allowed(method, parameter, value, in_response) && !repeated() {
                    groups
                        .entry((record.backend, (method, parameter.name, in_response)))
                        .or_default()
                        .push(index);
                }
            }
        }
    }
    groups.into_iter().map(|((backend, key), hooks)| Group { backend, key, hooks }).collect()
}

/// What is looked at: the hook's body, or the response where it counts without any setting.
fn members(record: &HookRecord, in_response: bool) -> Option<&Members> {
    if !in_response {
        return Some(&record.request);
    }
    let counts = record.is(HookMethod::Connect) && record.outcome == Outcome::Ok;
    record.answer.as_ref().filter(|_| counts).map(|answer| &answer.members)
}

fn is_allowed(method: HookMethod, parameter: &Parameter, value: Json<'_>, in_response: bool) -> bool {
    // A response's status is often a word of the backend's own: {"status":"OK"}.
    if value.says_nothing() || in_response && parameter.name == STATUS {
        return true;
    }
    let scalar = matches!(parameter.kind, ParameterKind::Flag | ParameterKind::Number);
    let open = !scalar && parameter.values.is_empty();
    if open && parameter.name != STATUS {
        return true;
    }
    // Where a word, a number or a truth value is wanted, an array or object is none.
    let Some(text) = value.text() else { return open };
    if parameter.name == STATUS {
        let mut known = statuses(method).peekable();
        return known.peek().is_none() || known.any(|known| known.eq_ignore_ascii_case(&text));
    }
    match parameter.kind {
        ParameterKind::Flag => FLAGS.iter().any(|known| known.eq_ignore_ascii_case(&text)),
        ParameterKind::Number => text.trim().parse::<f64>().is_ok(),
        _ => {
            parameter.values.is_empty()
                || parameter.values.iter().any(|known| known.eq_ignore_ascii_case(&text))
        }
    }
}

const STATUS: &str = "status";
/// Truth values, as they are written in practice.
const FLAGS: [&str; 4] = ["true", "false", "1", "0"];

/// The statuses that a hook may have: an event its own; what asks for something also those of its flow and of the events
/// that follow it, which S4 does not list again. None where any may be.
fn statuses(method: HookMethod) -> impl Iterator<Item = &'static str> {
    let spec = method.spec();
    let closed = !spec.statuses.is_empty() && !spec.open_statuses;
    let asks = spec.hook_type != HookType::Event;
    let follows = |row: &HookSpec| spec.followers.iter().any(|known| known.methods.contains(&row.method));
    let shares = move |row: &HookSpec| spec.flow.is_some() && row.flow == spec.flow || follows(row);
    CATALOG
        .iter()
        .filter(move |row| closed && (row.method == method || asks && shares(row)))
        .flat_map(|row| row.statuses)
        .map(|status| status.name)
}

/// What the documents allow, in words.
fn allowed(method: HookMethod, parameter: &Parameter) -> String {
    let mut words: Vec<&str> = match parameter.kind {
        ParameterKind::Flag => return "true or false".to_owned(),
        ParameterKind::Number => return "a number".to_owned(),
        _ if parameter.name == STATUS => statuses(method).collect(),
        _ => parameter.values.to_vec(),
    };
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(*word));
    let more = if words.len() > ALLOWED { ", …" } else { "" };
    words.truncate(ALLOWED);
    format!("{}{more}", words.join(", "))
}

/// The values themselves, the first ones.
fn values(case: &Case, group: &Group<Key>) -> String {
    let (_, name, in_response) = group.key;
    let mut values: Vec<String> = Vec::new();
    for (_, record) in case.records(&group.hooks) {
        let value = members(record, in_response).and_then(|members| members.get(name));
        let shown = value.map_or_else(String::new, |value| shown(value.as_str()));
        if !values.contains(&shown) {
            if values.len() == SHOWN {
                return format!("{}, …", values.join(", "));
            }
            values.push(shown);
        }
    }
    values.join(", ")
}

/// A value, whole or not at all: part of a secret could not be told for one and masked.
fn shown(value: &str) -> String {
    match value.chars().count() {
        0..=LENGTH => value.to_owned(),
        count => format!("({count} characters)"),
    }
}
