//! Members of the bodies of two runs: like is compared with like, hooks of one method that report the same.

use super::difference::{Difference, Kind, Weight};
use super::document::Seen;
use super::side::{Side, TOLD_FRAMES};
use crate::hook::{JsonObject, Members, Outcome, kind, says_nothing};
use crate::report::cut;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Members, with all inside them, whose values belong to the configuration of WCS, of the backend or of the client's
/// page, and are expected to be the same in two runs. All others name things, persons or moments.
const STABLE: [&str; 17] = [
    "appKey",
    "clientVersion",
    "keepAlive",
    "mediaProvider",
    "mediaProviders",
    "origin",
    "restClientConfig",
    "sipDomain",
    "sipOutboundProxy",
    "sipPort",
    "sipProxy",
    "sipRegisterRequired",
    "urlServer",
    "useDTLS",
    "useProxy",
    "useSelfSigned",
    "useWsTunnel",
];
/// Members inside of members are looked at that deep.
const DEEPEST: usize = 3;
/// Columns of a value that is told.
const VALUE_ROOM: usize = 60;
/// Methods that a difference names.
const NAMED: usize = 4;

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Request,
    Response,
}

/// What differs in a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// It is in the capture at that place only.
    Only(usize),
    /// Its type.
    Type(String, String),
    /// Its value.
    Value(String, String),
}

/// Differences in members, with the hooks that show them: told once for all methods.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<(Part, String, Change), Shown>);

#[derive(Debug, Default, PartialEq)]
struct Shown {
    methods: BTreeSet<String>,
    hooks: [Hooks; 2],
}

/// Hooks: how many, and the first ones.
#[derive(Debug, Default, PartialEq)]
struct Hooks {
    count: u64,
    first: Vec<usize>,
}

impl Hooks {
    fn add(&mut self, count: u64, hooks: &[usize]) {
        self.count += count;
        self.first.extend(hooks.iter().take(TOLD_FRAMES.saturating_sub(self.first.len())));
    }

    fn seen(&self, side: &Side<'_>, text: String) -> Seen {
        Seen { count: self.count, ..side.seen(text, &self.first) }
    }
}

/// A member of several hooks.
#[derive(Debug, Default)]
struct Member {
    hooks: Hooks,
    types: BTreeSet<&'static str>,
    /// Values as they are, for comparing, where they are expected to stay.
    values: BTreeSet<String>,
    /// A value, masked, for telling.
    told: String,
}

/// Members by their paths, and how many bodies they are from.
type Bodies = (u64, BTreeMap<String, Member>);

impl Fields {
    /// Compares the bodies of a method's hooks.
    pub(super) fn compare(&mut self, sides: &[Side<'_>; 2], name: &str, hooks: [&[usize]; 2]) {
        let [first, second] = sides;
        let [one, other] = hooks;
        let [firsts, seconds] = [(first, one), (second, other)].map(|(side, hooks)| by_status(side, hooks));
        for (status, one) in &firsts {
            let Some(other) = seconds.get(status) else { continue };
            let bodies = |part| [members(first, one, part), members(second, other, part)];
            let asked = bodies(Part::Request);
            let mut told = BTreeSet::new();
            self.add(name, Part::Request, &asked, &mut told);
            // An answer that repeats the request repeats what is told of it.
            self.add(name, Part::Response, &bodies(Part::Response), &mut told);
        }
    }

    fn add(
        &mut self,
        name: &str,
        part: Part,
        [(ones, first), (others, second)]: &[Bodies; 2],
        told: &mut BTreeSet<String>,
    ) {
        if *ones == 0 || *others == 0 {
            return;
        }
        let nothing = Member::default();
        let paths: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
        for path in paths {
            let [one, other] = [first, second].map(|members| members.get(path).unwrap_or(&nothing));
            let Some(change) = change(path, [(*ones, one), (*others, other)]) else { continue };
            let inside =
                path.match_indices('.').any(|(end, _)| told.contains(path.get(..end).unwrap_or_default()));
            if inside || !told.insert(path.clone()) && part == Part::Response {
                continue;
            }
            let shown = self.0.entry((part, path.clone(), change)).or_default();
            shown.methods.insert(name.to_owned());
            let [firsts, seconds] = &mut shown.hooks;
            firsts.add(one.hooks.count, &one.hooks.first);
            seconds.add(other.hooks.count, &other.hooks.first);
        }
    }

    /// The differences.
    pub(super) fn differences(self, sides: &[Side<'_>; 2]) -> Vec<Difference> {
        let mut told: Vec<(Part, Vec<String>, Change, Shown)> = Vec::new();
        for ((part, path, change), shown) in self.0 {
            // What the same hooks lack is one difference.
            let is_same = |(other, _, known, before): &&mut (Part, Vec<String>, Change, Shown)| {
                matches!(change, Change::Only(_)) && (*other, known, before) == (part, &change, &shown)
            };
            match told.iter_mut().find(is_same) {
                Some((_, paths, ..)) => paths.push(path),
                None => told.push((part, vec![path], change, shown)),
            }
        }
        let told = told.into_iter();
        told.map(|(part, paths, change, shown)| difference(sides, part, &paths.join(", "), change, &shown))
            .collect()
    }
}

/// What differs in a member of so many bodies: all have it or none, its type, or a value that is expected to stay.
fn change(path: &str, [(ones, one), (others, other)]: [(u64, &Member); 2]) -> Option<Change> {
    match (one.hooks.count, other.hooks.count) {
        (some, 0) => return (some == ones).then_some(Change::Only(0)),
        (0, some) => return (some == others).then_some(Change::Only(1)),
        _ => {}
    }
    let types = |member: &Member| member.types.iter().copied().collect::<Vec<_>>().join(" or ");
    if one.types.is_disjoint(&other.types) {
        return Some(Change::Type(types(one), types(other)));
    }
    (is_stable(path) && one.values.is_disjoint(&other.values))
        .then(|| Change::Value(one.told.clone(), other.told.clone()))
}

fn is_stable(path: &str) -> bool {
    STABLE.contains(&path.split('.').next().unwrap_or_default())
}

fn difference(sides: &[Side<'_>; 2], part: Part, path: &str, change: Change, shown: &Shown) -> Difference {
    let [first, second] = sides;
    let part = match part {
        Part::Request => "request",
        Part::Response => "answer",
    };
    let mut methods: Vec<&str> = shown.methods.iter().map(String::as_str).take(NAMED).collect();
    if shown.methods.len() > NAMED {
        methods.push("…");
    }
    let methods = methods.join(", ");
    let (weight, title, texts) = match change {
        Change::Only(0) => {
            let title = format!("{path} only in {} ({part} of {methods})", first.name);
            (Weight::Warning, title, ["there".to_owned(), "not there".to_owned()])
        }
        Change::Only(_) => {
            let title = format!("{path} only in {} ({part} of {methods})", second.name);
            (Weight::Note, title, ["not there".to_owned(), "there".to_owned()])
        }
        Change::Type(one, other) | Change::Value(one, other) => {
            let title = format!("{path}: {one} → {other} ({part} of {methods})");
            (Weight::Warning, title, [one, other])
        }
    };
    let [one, other] = texts;
    let [firsts, seconds] = &shown.hooks;
    Difference {
        kind: Kind::Field,
        weight,
        title,
        seen: [firsts.seen(first, one), seconds.seen(second, other)],
    }
}

/// A method's hooks by what they report.
fn by_status(side: &Side<'_>, hooks: &[usize]) -> BTreeMap<Option<String>, Vec<usize>> {
    let mut groups: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for index in hooks {
        groups
            .entry(side.record(*index).and_then(|record| record.status().map(Cow::into_owned)))
            .or_default()
            .push(*index);
    }
    groups
}

/// The members of hooks' bodies that were captured whole; of answers those that went well.
fn members(side: &Side<'_>, hooks: &[usize], part: Part) -> Bodies {
    let mut found: Bodies = (0, BTreeMap::new());
    for index in hooks {
        let (Some(record), Some(hook)) = (side.record(*index), side.hook(*index)) else { continue };
        let answer = record.answer.as_ref().filter(|_| record.outcome == Outcome::Ok);
        let (members, told) = match part {
            Part::Request => (Some(&record.request), Some(&hook.request)),
            Part::Response => (answer.map(|answer| &answer.members), hook.response.as_ref()),
        };
        let Some(members) = members.filter(|members| Members::is_whole(members)) else { continue };
        found.0 += 1;
        let masked = told.and_then(|body| body.json.as_ref()).map(JsonObject::map);
        add(&mut found.1, *index, "", &members.map(), masked.as_ref(), 1);
    }
    found
}

fn add(
    found: &mut BTreeMap<String, Member>,
    index: usize,
    above: &str,
    members: &Map<String, Value>,
    masked: Option<&Map<String, Value>>,
    depth: usize,
) {
    for (name, value) in members.iter().filter(|(_, value)| !says_nothing(value)) {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        let told = masked.and_then(|masked| masked.get(name));
        let member = found.entry(path.clone()).or_default();
        member.hooks.add(1, &[index]);
        member.types.insert(kind(value));
        match (value, told.and_then(Value::as_object)) {
            (Value::Object(inside), masked) if depth < DEEPEST => {
                // Its members are compared one by one.
                member.values.insert(String::new());
                add(found, index, &path, inside, masked, depth + 1);
            }
            _ if !is_stable(&path) => {}
            _ => {
                member.values.insert(value.to_string());
                member.told = told.map(|told| cut(&told.to_string(), VALUE_ROOM, "…")).unwrap_or_default();
            }
        }
    }
}
