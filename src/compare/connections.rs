//! Backends of two runs: where they are, how long they take, and how connections to them are used.

use super::difference::{Difference, Kind, Weight};
use super::runs::Backends;
use super::side::Side;
use crate::report::address;
use crate::rules::counted;
use crate::session::Latency;
use crate::time::Span;
use std::collections::BTreeMap;

/// Answers from which on latencies are compared, in each capture.
const ENOUGH: usize = 5;
/// Answers from which on the slowest of them are compared as well.
const ENOUGH_SLOW: usize = 20;
/// By how much latencies must differ: one is a multiple of the other, and longer by so much.
const MULTIPLE: i64 = 2;
const LONGER: Span = Span::from_milliseconds(20);
/// Hooks from which on it shows how connections are used.
const USES: usize = 3;

/// Hooks and their latencies.
type Times = Vec<(Span, usize)>;

/// Compares a backend in both captures.
pub(super) fn compare(sides: &[Side<'_>; 2], backends: Backends, differences: &mut Vec<Difference>) {
    differences.extend(address_of(sides, backends));
    differences.extend(uses(sides, backends));
    let [one, other] = backends;
    let [first, second] = sides;
    let [firsts, seconds] = [(first, one), (second, other)].map(|(side, backend)| times(side, backend));
    let all = |times: &BTreeMap<String, Times>| times.values().flatten().copied().collect::<Times>();
    let name = first.document.backends.get(one).map(|backend| address(&backend.address, backend.port));
    let whole =
        slower(sides, &format!("answers of {}", name.unwrap_or_default()), [all(&firsts), all(&seconds)]);
    if whole.is_some() {
        differences.extend(whole);
        return;
    }
    for (method, one) in firsts {
        let Some(other) = seconds.get(&method) else { continue };
        differences.extend(slower(sides, &format!("answers to {method}"), [one, other.clone()]));
    }
}

/// Backends that one capture shows only.
pub(super) fn alone(sides: &[Side<'_>; 2], alone: &[Vec<usize>; 2]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (place, (side, alone)) in sides.iter().zip(alone).enumerate() {
        for index in alone {
            let hooks: Vec<usize> = side
                .hooks()
                .filter(|(_, record, _)| record.backend == *index)
                .map(|(hook, ..)| hook)
                .collect();
            let shown = side.seen(counted(hooks.len() as u64, "hook"), &hooks);
            let none = || side.seen("none", &[]);
            let seen = if place == 0 { [shown, none()] } else { [none(), shown] };
            let title = format!("backend {} only in {}", described(side, *index), side.name);
            differences.push(Difference { kind: Kind::Backend, weight: Weight::Warning, title, seen });
        }
    }
    differences
}

fn described(side: &Side<'_>, index: usize) -> String {
    let Some(backend) = side.document.backends.get(index) else { return String::new() };
    let host = backend.host.as_deref().unwrap_or("none");
    format!("{} {} (Host: {host})", address(&backend.address, backend.port), backend.base_path)
}

fn address_of([first, second]: &[Side<'_>; 2], [one, other]: Backends) -> Option<Difference> {
    let (before, after) = (first.case.backends.get(one)?, second.case.backends.get(other)?);
    let parts = [
        ("address", before.server.ip() != after.server.ip()),
        ("port", before.server.port() != after.server.port()),
        ("base path", before.base_path != after.base_path),
        ("Host", before.host != after.host),
    ];
    let changed: Vec<&str> = parts.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    (!changed.is_empty()).then(|| Difference {
        kind: Kind::Address,
        weight: Weight::Warning,
        title: format!("the backend has another {}", changed.join(", ")),
        seen: [(first, one), (second, other)].map(|(side, index)| {
            let hooks: Vec<usize> = side
                .hooks()
                .filter(|(_, record, _)| record.backend == index)
                .map(|(hook, ..)| hook)
                .collect();
            side.seen(described(side, index), &hooks)
        }),
    })
}

/// How connections are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// A new one for each hook.
    Once,
    /// Kept for more hooks.
    Kept,
}

fn uses(sides: &[Side<'_>; 2], [one, other]: Backends) -> Option<Difference> {
    let [first, second] = sides;
    let [before, after] = [(first, one), (second, other)].map(|(side, backend)| {
        let mut streams: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, record, _) in side.hooks().filter(|(_, record, _)| record.backend == backend) {
            streams.entry(record.connection.0).or_default().push(index);
        }
        streams
    });
    let of = |streams: &BTreeMap<u32, Vec<usize>>| {
        let hooks: usize = streams.values().map(Vec::len).sum();
        match streams.len() {
            _ if hooks < USES => None,
            connections if connections == hooks => Some(Use::Once),
            connections => (connections * 2 <= hooks).then_some(Use::Kept),
        }
    };
    let changed = of(&before).zip(of(&after)).filter(|(one, other)| one != other)?.1;
    let words = |streams: &BTreeMap<u32, Vec<usize>>| {
        let hooks: usize = streams.values().map(Vec::len).sum();
        format!("{} on {}", counted(hooks as u64, "hook"), counted(streams.len() as u64, "connection"))
    };
    let title = match changed {
        Use::Once => "connections are no longer kept: each hook has a connection of its own",
        Use::Kept => "connections are kept for more than one hook",
    };
    let firsts = |streams: &BTreeMap<u32, Vec<usize>>| -> Vec<usize> {
        streams.values().filter_map(|hooks| hooks.first()).copied().collect()
    };
    Some(Difference {
        kind: Kind::Connections,
        weight: if changed == Use::Once { Weight::Warning } else { Weight::Note },
        title: title.to_owned(),
        seen: [first.seen(words(&before), &firsts(&before)), second.seen(words(&after), &firsts(&after))],
    })
}

fn times(side: &Side<'_>, backend: usize) -> BTreeMap<String, Times> {
    let mut times: BTreeMap<String, Times> = BTreeMap::new();
    for (index, record, hook) in side.hooks().filter(|(_, record, _)| record.backend == backend) {
        if let Some(latency) = record.latency() {
            times.entry(hook.method.clone()).or_default().push((latency, index));
        }
    }
    times
}

/// Compares how long answers take.
fn slower(sides: &[Side<'_>; 2], what: &str, mut times: [Times; 2]) -> Option<Difference> {
    for times in &mut times {
        times.sort_unstable();
    }
    let [first, second] = &times;
    let latency = |times: &Times| Latency::of(&times.iter().map(|(span, _)| *span).collect::<Vec<_>>());
    let (before, after) = (latency(first)?, latency(second)?);
    let fewest = first.len().min(second.len());
    let middle = [before.median, after.median];
    let slow = [before.p95, after.p95];
    let (kind, [one, other]) = if fewest >= ENOUGH && differ(middle) {
        ("half of them within", middle)
    } else if fewest >= ENOUGH_SLOW && differ(slow) {
        ("95 of 100 within", slow)
    } else {
        return None;
    };
    let weight = if other > one { Weight::Warning } else { Weight::Note };
    let word = if other > one { "slower" } else { "faster" };
    let slowest = |side: &Side<'_>, times: &Times, text: Span| {
        let hooks: Vec<usize> = times.iter().rev().map(|(_, index)| *index).collect();
        side.seen(format!("{kind} {text}"), &hooks)
    };
    let [left, right] = sides;
    Some(Difference {
        kind: Kind::Latency,
        weight,
        title: format!("{what} are {word}: {one} → {other}"),
        seen: [slowest(left, first, one), slowest(right, second, other)],
    })
}

fn differ([one, other]: [Span; 2]) -> bool {
    let (short, long) = (one.min(other).nanoseconds(), one.max(other).nanoseconds());
    long >= short.saturating_mul(MULTIPLE) && long.saturating_sub(short) >= LONGER.nanoseconds()
}
