//! What several renderings of a check show alike: its rows, and what it says in a line.

use super::result::{Check, FlowEntry, SeenEntry, StepEntry, UnitEntry};

/// A step, or something that is expected of its hook: expected beside seen.
pub(super) struct Row {
    /// The step's number; empty behind its first row.
    pub(super) step: String,
    pub(super) expected: String,
    pub(super) seen: String,
    pub(super) frame: String,
    pub(super) result: &'static str,
}

/// Frames and names of hooks that a row lists.
const LISTED: usize = 3;

/// The rows of a step.
pub(super) fn of_step(step: &StepEntry) -> Vec<Row> {
    let mut expected = step.expected.clone();
    expected.extend(step.times.iter().map(|times| format!(", {times}")));
    if step.optional {
        expected.push_str(" (optional)");
    }
    let (seen, frame) = seen(&step.seen);
    let seen = match (&step.reason, step.seen.is_empty()) {
        (Some(reason), true) => format!("nothing: {reason}"),
        (Some(reason), false) => format!("{seen}: {reason}"),
        (None, true) => "nothing".to_owned(),
        (None, false) => seen,
    };
    let first = Row { step: step.step.to_string(), expected, seen, frame, result: word(&step.state) };
    let told = |what: &str| matches!(what, "request.status" | "outcome");
    let shown = step.conditions.iter().filter(|known| known.holds != "yes" || !told(&known.what));
    let of_condition = shown.map(|known| Row {
        step: String::new(),
        expected: format!("· {}: {}", known.what, known.expected),
        seen: format!("· {}", known.seen.as_deref().unwrap_or("nothing")),
        frame: String::new(),
        result: match known.holds.as_str() {
            "yes" => "ok",
            "no" => "DIFFERS",
            _ => "unknown",
        },
    });
    [first].into_iter().chain(of_condition).collect()
}

/// A step's state in a table.
fn word(state: &str) -> &'static str {
    match state {
        "seen" => "ok",
        "differs" => "DIFFERS",
        "missing" => "MISSING",
        "undecided" => "undecided",
        _ => "-",
    }
}

/// Hooks of a step, and their frames.
fn seen(hooks: &[SeenEntry]) -> (String, String) {
    let Some((first, rest)) = hooks.split_first() else { return Default::default() };
    let alike = rest.iter().all(|other| other.title == first.title && other.answer == first.answer);
    let mut text = if rest.is_empty() || alike {
        let times = if rest.is_empty() { String::new() } else { format!(" ×{}", hooks.len()) };
        format!("{}{times} → {}", first.title, first.answer)
    } else {
        listed(hooks, |hook| format!("{} → {}", hook.title, hook.answer))
    };
    let attempts = hooks.iter().map(|hook| hook.attempts).max().unwrap_or_default();
    if attempts > 1 {
        text.push_str(&format!(" (sent {attempts} times)"));
    }
    (text, listed(hooks, |hook| hook.frame.to_string()))
}

/// The first hooks in words, and how many more there are.
fn listed(hooks: &[SeenEntry], words: impl Fn(&SeenEntry) -> String) -> String {
    let mut text = hooks.iter().take(LISTED).map(words).collect::<Vec<_>>().join(", ");
    if hooks.len() > LISTED {
        text.push_str(", …");
    }
    text
}

/// What a flow was laid beside: `call f1 (…) of session s1`.
pub(super) fn name(flow: &FlowEntry, unit: &UnitEntry) -> String {
    let mut name = match unit.id.as_str() {
        "capture" => "the capture".to_owned(),
        id => format!("{} {id}", flow.per),
    };
    name.extend(unit.key.iter().map(|key| format!(" ({key})")));
    name.extend(unit.session.iter().map(|session| format!(" of session {session}")));
    name
}

/// Hooks that are no steps, in a line.
pub(super) fn others(unit: &UnitEntry) -> Option<String> {
    let count = unit.others.len();
    let hooks = if count == 1 { "hook" } else { "hooks" };
    let listed = listed(&unit.others, |hook| format!("{} (frame {})", hook.title, hook.frame));
    (count > 0).then(|| format!("{count} {hooks} beside the steps: {listed}"))
}

/// The check in a line: `2 flows: 1 failed, 3 passed`.
pub(super) fn summary(check: &Check) -> String {
    let names: Vec<&str> = check.flows.iter().map(|flow| flow.name.as_str()).collect();
    let count = |result: &str| {
        let of_flow = |flow: &FlowEntry| match flow.units.len() {
            0 => usize::from(flow.result == result),
            _ => flow.units.iter().filter(|unit| unit.result == result).count(),
        };
        check.flows.iter().map(of_flow).sum::<usize>()
    };
    let counted = ["failed", "undecided", "passed"].map(|result| (count(result), result));
    let counted = counted.iter().filter(|(count, _)| *count > 0);
    let counted: Vec<String> = counted.map(|(count, result)| format!("{count} {result}")).collect();
    format!("{}: {}", names.join(", "), counted.join(", "))
}

/// What a flow was laid beside, what did not pass first.
pub(super) fn in_order(flow: &FlowEntry) -> Vec<&UnitEntry> {
    let mut units: Vec<&UnitEntry> = flow.units.iter().collect();
    let rank = |unit: &&UnitEntry| ["failed", "undecided"].iter().position(|known| *known == unit.result);
    units.sort_by_key(|unit| rank(unit).unwrap_or(2));
    units
}
