//! Events that are awaited after methods that the catalogue does not know: what `status-event-missing` says of these.

use super::confidence;
use super::describe::{self, Group};
use super::once::Once;
use super::{Confidence, Evidence, Finding, Findings, Rule};
use crate::catalog::{CustomFollower, CustomMethod};
use crate::hook::{Name, Outcome};
use crate::session::{Case, HookRecord};
use crate::time::Timestamp;

/// Reports hooks of such methods that were not followed by the event that is awaited after them.
pub(super) fn check(case: &Case, findings: &mut Findings, rule: &'static Rule) {
    if case.options.methods.is_empty() {
        return;
    }
    let latest = Once::default();
    let missing = |record: &HookRecord| {
        let follower = follower(case, record)?;
        (record.outcome == Outcome::Ok && !came(case, record, follower, &latest)?)
            .then(|| record.name.clone())
    };
    for group in describe::group(case, missing) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let Some((_, first)) = case.records(&group.hooks).next() else { continue };
        let Some(follower) = follower(case, first) else { continue };
        let seen = case.hooks.iter().any(|other| other.name.eq_ignore_ascii_case(&follower.event));
        let sure = case.records(&group.hooks);
        let sure = sure.map(|(_, record)| confidence_of(case, record, follower, seen)).max();
        let count = describe::counted(group.hooks.len() as u64, "time");
        let title = format!("no {} after {} ({count})", follower.event, group.key);
        let finding = Finding::new(rule, title, message(case, &group, follower), REMEDY.to_owned(), evidence);
        findings.add(finding.sure(sure.unwrap_or(Confidence::Unresolved)));
    }
}

const REMEDY: &str = "Look into WCS's server log (logs/server_logs/flashphoner.log) for this session at that time, and check that the \
    event is enabled for the application and that the configuration of hookscope names it rightly.";

fn follower<'c>(case: &'c Case, record: &HookRecord) -> Option<&'c CustomFollower> {
    CustomMethod::find(&record.name, &case.options.methods)
        .filter(|_| record.method.is_none())?
        .follower
        .as_ref()
}

/// From the hook to when its event was due.
fn window(record: &HookRecord, follower: &CustomFollower) -> (Timestamp, Timestamp) {
    let answered = record.last_seen().time;
    (record.first.time, answered.plus(follower.within))
}

/// When the latest event began that was awaited in a session after a method.
type Latest = Once<(usize, Name), Option<Timestamp>>;

/// Whether the event came, in the same session; nothing where the capture ends before it was due, or where nothing says
/// whose event to look for.
fn came(case: &Case, record: &HookRecord, follower: &CustomFollower, latest: &Latest) -> Option<bool> {
    let session = case.session_of(record)?;
    let (from, until) = window(record, follower);
    let earliest = confidence::earliest(from);
    let is_awaited = |other: &HookRecord| {
        let status = other.status().unwrap_or_default();
        let known = |wanted: &String| wanted.eq_ignore_ascii_case(&status);
        other.name.eq_ignore_ascii_case(&follower.event)
            && (follower.statuses.is_empty() || follower.statuses.iter().any(known))
    };
    let latest = latest.get((record.session?, record.name.clone()), || {
        let awaited = case.records(&session.hooks).filter(|(_, other)| is_awaited(other));
        awaited.map(|(_, other)| other.first.time).max()
    });
    let seen = latest.is_some_and(|latest| latest >= earliest);
    (seen || until <= case.end()).then_some(seen)
}

/// An event that is seen nowhere may be named wrongly, or not be enabled.
fn confidence_of(case: &Case, record: &HookRecord, follower: &CustomFollower, seen: bool) -> Confidence {
    let (from, until) = window(record, follower);
    let sure = confidence::of_absence(case, from, until);
    if seen && !confidence::was_unreachable(case, record, from, until) {
        sure
    } else {
        sure.min(Confidence::Possible)
    }
}

fn message(case: &Case, group: &Group<Name>, follower: &CustomFollower) -> String {
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let statuses = match follower.statuses.as_slice() {
        [] => String::new(),
        statuses => format!(" with the status {}", statuses.join(" or ")),
    };
    format!(
        "POST {} ({}) was not followed by a {}{statuses} within {}, nor later.",
        first.target,
        describe::frame(case, first.last),
        follower.event,
        follower.within,
    )
}
