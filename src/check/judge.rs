//! Whether a hook is as a step expects it, condition by condition; the third answer is that the capture cannot tell.

use super::align::Fit;
use super::expected::plain;
use super::file::{Member, Pattern, Step};
use super::result::ConditionEntry;
use super::unit::{Seen, doubt};
use crate::catalog::is_secret;
use crate::hook::{Json, Members, Outcome};
use crate::report::Redactor;
use crate::session::{Case, HookRecord};
use crate::time::Span;
use serde_json::{Map, Value};

/// How soon a hook without response is sent again, if it is.
const AGAIN: Span = Span::from_seconds(1);
/// Letters of a value that are shown.
const SHOWN: usize = 200;

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    No,
    /// The capture does not show it.
    Unknown(&'static str),
    Yes,
}

impl Truth {
    const fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// Judges hooks, and shows what it finds masked.
pub(super) struct Judge<'c> {
    pub(super) case: &'c Case,
    pub(super) redactor: &'c Redactor,
}

impl Judge<'_> {
    /// How well a hook is a step: its method and the status that it reports tell whether it is, all else how well.
    pub(super) fn fit(&self, step: &Step, seen: &Seen<'_>) -> Fit {
        let is_it = identity(&step.pattern, seen.first);
        if is_it == Truth::No || step.optional && is_it != Truth::Yes {
            return Fit::Not;
        }
        let truths = self.truths(step, seen);
        if truths.contains(&Truth::No) {
            Fit::Differs
        } else if truths.iter().chain([&is_it]).any(|truth| matches!(truth, Truth::Unknown(_))) {
            Fit::Unsure
        } else {
            Fit::Full
        }
    }

    /// Whether a hook is one of a pattern, in all that the pattern says.
    pub(super) fn is(&self, pattern: &Pattern, seen: &Seen<'_>) -> Truth {
        let truths = self.truths(&Step::of(pattern.clone()), seen);
        let mut truths = truths.into_iter().chain([identity(pattern, seen.first)]);
        truths
            .clone()
            .find(|truth| *truth == Truth::No)
            .or_else(|| truths.find(|truth| *truth != Truth::Yes))
            .unwrap_or(Truth::Yes)
    }

    fn truths(&self, step: &Step, seen: &Seen<'_>) -> Vec<Truth> {
        let pattern = &step.pattern;
        let own = pattern.request.iter().filter(|member| !member.is_status());
        let mut truths: Vec<Truth> = own.map(|member| of_member(member, &seen.first.request)).collect();
        truths.extend(pattern.response.iter().map(|member| of_response(member, seen.last)));
        truths.extend((!pattern.status.is_empty()).then(|| self.of_status(pattern, seen.last)));
        truths.extend((!pattern.outcome.is_empty()).then(|| self.of_outcome(pattern, seen.last)));
        truths.extend(step.answered_within.map(|within| answered(seen, within)));
        truths
    }

    fn of_status(&self, pattern: &Pattern, record: &HookRecord) -> Truth {
        match (record.status_code(), record.outcome) {
            (Some(status), _) => Truth::of(pattern.status.contains(&status)),
            (None, Outcome::Unanswered) => self.unanswered(record),
            (None, _) => Truth::Unknown("its response was not captured"),
        }
    }

    fn of_outcome(&self, pattern: &Pattern, record: &HookRecord) -> Truth {
        match record.outcome {
            Outcome::Unknown => Truth::Unknown("its response was not captured"),
            outcome if pattern.outcome.contains(&outcome) => Truth::Yes,
            Outcome::Unanswered => self.unanswered(record),
            _ => Truth::No,
        }
    }

    /// A hook without response is sent again at once, if it is: that may not have been captured.
    fn unanswered(&self, record: &HookRecord) -> Truth {
        // A stale connection was closed before it was sent.
        let ended = record.ended().map_or(record.last.time, |ended| ended.time.max(record.last.time));
        match doubt(self.case, ended, ended.plus(AGAIN)) {
            Some(_) => Truth::Unknown("it may have been sent again, which was not captured"),
            None => Truth::No,
        }
    }

    /// All that a step expects of a hook beyond its method, beside what was seen.
    pub(super) fn conditions(&self, step: &Step, seen: &Seen<'_>) -> Vec<ConditionEntry> {
        let pattern = &step.pattern;
        let (request, record) = (self.redactor.members(seen.first.request.object()).map(), seen.last);
        let response =
            record.answer.as_ref().map(|answer| self.redactor.members(answer.members.object()).map());
        let mut conditions = Vec::new();
        for member in &pattern.request {
            let truth = if member.is_status() {
                reported(pattern, seen.first)
            } else {
                of_member(member, &seen.first.request)
            };
            conditions.push(self.condition("request", member, Some(&request), truth));
        }
        if !pattern.status.is_empty() {
            let expected = pattern.status.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
            let found = record.status_code().map(|status| status.to_string());
            conditions.push(ConditionEntry::new("status", expected, found, self.of_status(pattern, record)));
        }
        if !pattern.outcome.is_empty() {
            let expected: Vec<&str> = pattern.outcome.iter().map(|outcome| outcome.name()).collect();
            let found = Some(record.outcome.name().to_owned());
            let truth = self.of_outcome(pattern, record);
            conditions.push(ConditionEntry::new("outcome", expected.join(" or "), found, truth));
        }
        for member in &pattern.response {
            let truth = of_response(member, record);
            conditions.push(self.condition("response", member, response.as_ref(), truth));
        }
        if let Some(within) = step.answered_within {
            let found = latency(seen).map(|latency| latency.to_string());
            let truth = answered(seen, within);
            conditions.push(ConditionEntry::new("answered-within", within.to_string(), found, truth));
        }
        conditions
    }

    fn condition(
        &self,
        body: &str,
        member: &Member,
        members: Option<&Map<String, Value>>,
        truth: Truth,
    ) -> ConditionEntry {
        let what = self.redactor.text(&format!("{body}.{}", member.path.join(".")));
        let found = members.and_then(|members| find(members, &member.path)).map(shown);
        ConditionEntry::new(&what, self.expected(member), found, truth)
    }

    /// What a flow file expects of a member, masked as a member of that name is.
    pub(super) fn expected(&self, member: &Member) -> String {
        let secret = member.path.iter().find(|name| is_secret(name));
        let name = secret.or(member.path.last()).map_or("", String::as_str);
        member.expected.tell(&|value| shown(&self.redactor.member(name, value)))
    }
}

/// A value in words, cut where it is long.
fn shown(value: &Value) -> String {
    let text = plain(value);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Whether a hook is the step's at all.
fn identity(pattern: &Pattern, record: &HookRecord) -> Truth {
    match record.method {
        Some(method) if pattern.methods.contains(&method) => reported(pattern, record),
        _ => Truth::No,
    }
}

/// Whether a hook reports the status of the step; without one nobody knows which step it is.
fn reported(pattern: &Pattern, record: &HookRecord) -> Truth {
    let Some(member) = pattern.reported() else { return Truth::Yes };
    match record.request.get("status").map(Json::value) {
        None if member.expected.holds(None, true) && record.request.is_whole() => Truth::Yes,
        None => Truth::Unknown("its body does not show a status"),
        value => Truth::of(member.expected.holds(value.as_ref(), true)),
    }
}

fn of_member(member: &Member, members: &Members) -> Truth {
    match find(&members.map(), &member.path) {
        None if members.is_partial() => Truth::Unknown("its body was captured in part"),
        value => Truth::of(member.expected.holds(value, member.is_status())),
    }
}

fn of_response(member: &Member, record: &HookRecord) -> Truth {
    match &record.answer {
        Some(answer) => of_member(member, &answer.members),
        None if record.outcome == Outcome::Unknown => Truth::Unknown("its response was not captured"),
        None => Truth::of(member.expected.holds(None, false)),
    }
}

/// From the first octet of the first attempt to the last of the response.
fn latency(seen: &Seen<'_>) -> Option<Span> {
    let answer = seen.last.answer.as_ref()?;
    Some(answer.last.time.since(seen.began()))
}

fn answered(seen: &Seen<'_>, within: Span) -> Truth {
    match latency(seen) {
        Some(latency) => Truth::of(latency <= within),
        None if seen.last.outcome == Outcome::Unknown => Truth::Unknown("its response was not captured"),
        None => Truth::No,
    }
}

fn find<'v>(members: &'v Map<String, Value>, path: &[String]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(members.get(first)?, |value, name| value.get(name))
}
