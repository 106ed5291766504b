//! Rules about answers of one kind: one finding for each backend.

use super::describe::{self, Group};
use super::effect::effects;
use super::{Actor, Confidence, Evidence, Finding, Findings, Rule};
use crate::hook::Outcome;
use crate::http::{Completeness, NoResponse};
use crate::session::{Case, HookRecord};
use crate::time::Span;

/// How soon WCS does what an answer asks for, if it does.
const SOON: Span = Span::from_seconds(1);

/// What a rule says of a group of hooks: title and remedy, and who has to act, if that is not as the rule says.
pub(super) struct Words {
    pub(super) actor: Option<Actor>,
    pub(super) title: String,
    pub(super) remedy: String,
}

/// Reports the hooks that `is_case` picks, by backend.
pub(super) fn report(
    case: &Case,
    findings: &mut Findings,
    rule: &'static Rule,
    is_case: impl Fn(&HookRecord) -> bool,
    words: impl Fn(&Group<()>) -> Words,
) {
    for group in describe::group(case, |record| is_case(record).then_some(())) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let Words { actor, title, remedy } = words(&group);
        let finding = Finding::new(rule, title, message(case, &group.hooks), remedy, evidence);
        let doubted = |is_so: fn(&Case, &HookRecord) -> bool| {
            case.records(&group.hooks).all(|(_, record)| is_so(case, record))
        };
        // What only a path makes a hook may be another program's request.
        let is_possible = doubted(|_, record| record.by_path_only) || doubted(may_go_on);
        let finding = if is_possible { finding.sure(Confidence::Possible) } else { finding };
        let actor = actor.unwrap_or(rule.actor);
        findings.add(Finding { actor, effect: effects(case, &group.hooks), ..finding });
    }
}

/// Whether WCS may have done what the answer asks for: the capture ends before that, and nothing shows that it went on.
fn may_go_on(case: &Case, record: &HookRecord) -> bool {
    let over = record.over().unwrap_or(record.last.time);
    let behind = case.session_of(record).map(|session| case.behind(&session.hooks, record));
    record.is_asked_again()
        && case.end().since(over) < SOON
        && behind.is_none_or(|mut hooks| hooks.next().is_none())
}

/// Whether a hook was answered in time, with a status that `is_case` picks, and WCS left it at that.
pub(super) fn with_status(record: &HookRecord, is_case: impl Fn(u16) -> bool) -> bool {
    record.abandoned.is_none() && !record.repeated && record.status_code().is_some_and(is_case)
}

/// What was seen: the first case, how many there are, and the last.
pub(super) fn message(case: &Case, hooks: &[usize]) -> String {
    let Some((_, first)) = case.records(hooks).next() else { return String::new() };
    let (at, fate, more) = (describe::frame(case, first.last), fate(case, first), in_all(case, hooks));
    format!("POST {} ({at}) {fate}.{more}", first.target)
}

/// How many hooks there are, and the last of them: a sentence behind others, where there are several.
pub(super) fn in_all(case: &Case, hooks: &[usize]) -> String {
    let more = case.records(hooks).skip(1).last();
    more.map_or_else(String::new, |(_, last)| {
        format!(" {} in all, the last at {}.", hooks.len(), describe::frame(case, last.last))
    })
}

/// What became of a hook: `was answered 500 in frame 16 after 5.9 ms, with an HTML page`.
fn fate(case: &Case, record: &HookRecord) -> String {
    let ended = record.ended().map(|at| (describe::frame_name(case, at.frame), at));
    let Some(answer) = &record.answer else {
        let how = match record.no_response {
            Some(NoResponse::Reset(_)) => "the backend sent a RST",
            Some(NoResponse::Closed(_)) => "the backend sent a FIN",
            Some(NoResponse::Unreadable(_)) => "the backend sent octets that are no HTTP",
            Some(NoResponse::GaveUp(_)) => "WCS ended the connection",
            _ => "WCS left",
        };
        return ended.map_or_else(
            || "got no answer".to_owned(),
            |(frame, at)| {
                let when = if at.is_before(record.first) {
                    ", before the request".to_owned()
                } else {
                    format!(" after {}", at.time.since(record.last.time))
                };
                format!("got no answer; {how} in frame {frame}{when}")
            },
        );
    };
    let frame = describe::frame_name(case, answer.last.frame);
    let latency = record.latency().unwrap_or_default();
    let by = answer.server.as_ref().map(|server| format!(" by \"{server}\"")).unwrap_or_default();
    let mut text = format!("was answered {} in frame {frame} after {latency}{by}", answer.status);
    if answer.completeness == Completeness::Broken {
        text.push_str(", but not to the end");
        if let Some((frame, _)) = ended {
            let who = if record.abandoned.is_some() { "WCS left" } else { "the backend sent a RST" };
            text.push_str(&format!(": {who} in frame {frame}"));
        }
    } else if let Some(problem) = answer.members.problem() {
        text.push_str(&format!(" with {}", problem.what));
    }
    text
}

/// The status codes of hooks: `500`, `502 and 503`.
pub(super) fn statuses(case: &Case, hooks: &[usize]) -> String {
    let mut codes: Vec<u16> = case.records(hooks).filter_map(|(_, record)| record.status_code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ")
}

/// Whether a 200 carried something that WCS cannot use.
pub(super) fn is_bad_success(record: &HookRecord) -> bool {
    record.outcome == Outcome::Failed && with_status(record, |status| status == 200)
}
