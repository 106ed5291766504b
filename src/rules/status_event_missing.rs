use super::aftermath::Aftermath;
use super::confidence;
use super::custom_follower;
use super::describe::{self, CONSOLE, Group};
use super::{Actor, Confidence, Evidence, Finding, Findings, Severity, rule};
use crate::catalog::{Condition, Expectation, Follower, HookMethod, HookType, Trigger, Wanted};
use crate::hook::{Outcome, RestPolicy};
use crate::session::{Case, HookRecord};
use crate::time::{Span, Timestamp};

rule! {
    /// ## What it detects
    /// A hook that must be followed by an event (the catalogue says by which, and how soon), and was not: connect by
    /// `ConnectionStatusEvent`, call by `CallStatusEvent`, and so on.
    ///
    /// ## Why it matters
    /// The backend does not learn how the operation ended. Either WCS did not send the event, or it could not.
    ///
    /// ## What to do
    /// If the event is seen nowhere for the application, it is probably not enabled:
    /// `add app-rest-method <appKey> <method>`. Otherwise look into WCS's server log (flashphoner.log) for the session
    /// at that time. `show app-rest-methods <appKey>` lists those that are enabled.
    ///
    /// ## When it is wrong
    /// When the event went to another address or was not captured; its confidence says how fully the time was observed.
    /// Methods that the session's `restClientConfig` disables are not awaited, nor anything of a call or stream that is
    /// over. What comes only as a rule is a note, such as anything at all after an incoming call.
    "status-event-missing", Warning, MediaServer, "an awaited event never came", check
}

/// What is missing: after which method, which of its followers, and whether the application has that at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Missing {
    after: HookMethod,
    place: usize,
    enabled: bool,
}

impl Missing {
    fn follower(self) -> Option<&'static Follower> {
        self.after.spec().followers.get(self.place)
    }

    /// What is awaited, in words: `CallStatusEvent`, `final StreamStatusEvent`, `answer, hangup or CallStatusEvent`.
    fn awaited(self) -> String {
        let Some(follower) = self.follower() else { return String::new() };
        let last = if follower.wanted == Wanted::Terminal { "final " } else { "" };
        let names: Vec<&str> = follower.methods.iter().map(|method| method.name()).collect();
        match names.as_slice() {
            [one] => format!("{last}{one}"),
            [many @ .., other] => format!("{last}{} or {other}", many.join(", ")),
            [] => String::new(),
        }
    }

    /// The name of the method to enable.
    fn method(self) -> &'static str {
        self.follower().and_then(|follower| follower.methods.first()).map_or("", |method| method.name())
    }
}

fn check(case: &Case, findings: &mut Findings) {
    custom_follower::check(case, findings, &RULE);
    let aftermath = Aftermath::new(case);
    for group in describe::group(case, |record| missing(case, record, &aftermath)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let Some(follower) = group.key.follower() else { continue };
        let required = follower.expectation == Expectation::Required;
        let sure = case.records(&group.hooks);
        let sure = sure.map(|(_, record)| confidence_of(case, record, follower, &aftermath)).max();
        let sure = sure.unwrap_or(Confidence::Unresolved);
        let sure = if group.key.enabled && required { sure } else { sure.min(Confidence::Possible) };
        let (after, awaited) = (group.key.after.name(), group.key.awaited());
        let count = describe::counted(group.hooks.len() as u64, "time");
        let probably = if group.key.enabled { "" } else { ": probably not enabled" };
        let title = format!("no {awaited} after {after} ({count}){probably}");
        let finding = Finding::new(&RULE, title, message(case, &group), remedy(case, &group), evidence);
        let registers = group.key.method() == HookMethod::RegistrationStatusEvent.name();
        let actor = if registers && group.key.enabled { Actor::Sip } else { finding.actor };
        let severity = if required { finding.severity } else { Severity::Note };
        findings.add(Finding { severity, actor, ..finding.sure(sure) });
    }
}

fn confidence_of(
    case: &Case,
    record: &HookRecord,
    follower: &Follower,
    aftermath: &Aftermath<'_>,
) -> Confidence {
    let (from, until) = window(case, record, follower, aftermath);
    let sure = confidence::of_absence(case, from, until);
    // A client that left may have taken the operation with it.
    let known = confidence::knows_config(case, record)
        && !aftermath.has_client_left(record, until)
        && !aftermath.is_about_ended_call(record);
    let seen = confidence::is_seen(case, record, follower.methods);
    match (known, seen) {
        (true, true) => sure,
        (true, false) => sure.min(Confidence::Likely),
        (false, _) => sure.min(Confidence::Possible),
    }
}

/// What a hook promised and what did not come, if the capture shows the time in which it had to.
fn missing(case: &Case, record: &HookRecord, aftermath: &Aftermath<'_>) -> Option<Missing> {
    let method = record.method?;
    let mut followers = method.spec().followers.iter().enumerate();
    let (place, follower) = followers.find(|(place, follower)| {
        let (from, until) = window(case, record, follower, aftermath);
        promises(record, follower)
            && is_due(case, record, follower, aftermath)
            && until <= case.end()
            && !is_disabled(case, record, follower)
            && !aftermath.came(record, *place, follower)
            // What cannot be delivered is another rule's case.
            && !confidence::was_unreachable(case, record, from, until)
    })?;
    let enabled = confidence::is_enabled(case, record, follower.methods);
    // What may be missing anyway is told only where it is known to come otherwise.
    let told = match follower.expectation {
        Expectation::Required => true,
        Expectation::Usual => confidence::is_seen(case, record, follower.methods),
        Expectation::Optional => false,
    };
    told.then_some(Missing { after: method, place, enabled })
}

/// Whether a hook, as it went, promises a follower.
fn promises(record: &HookRecord, follower: &Follower) -> bool {
    match follower.after {
        Trigger::Accepted => record.outcome == Outcome::Ok,
        Trigger::Refused => {
            matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered)
                && !record.repeated
        }
        Trigger::Status(name) => record.status().is_some_and(|status| status.eq_ignore_ascii_case(name)),
    }
}

fn is_due(case: &Case, record: &HookRecord, follower: &Follower, aftermath: &Aftermath<'_>) -> bool {
    let required = match follower.only_if {
        Condition::Always => true,
        Condition::SipRegisterRequired => {
            case.session_of(record).is_some_and(|session| session.registers == Some(true))
                && !aftermath.is_registered(record)
        }
        Condition::ImdnRequired => record.request.flag("isImdnRequired") == Some(true),
    };
    required && !is_repetition(case, record, follower)
}

/// Whether the same was asked for, or told, shortly before, and nothing else of the flow in between: one event may
/// do for both.
fn is_repetition(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    let Some(flow) = record.flow.and_then(|flow| case.flows.get(flow)) else { return false };
    let place = place_of(case, &flow.hooks, record.first.time);
    let (earlier, _) = flow.hooks.split_at(place);
    let before = earlier.iter().rev().filter_map(|index| case.hooks.get(*index)).find(|other| {
        other.retry_of.is_none()
            && other.method.is_some_and(|method| method.spec().hook_type != HookType::Event)
    });
    record.retry_of.is_none()
        && before.is_some_and(|other| {
            other.method == record.method && record.first.time.since(other.first.time) <= follower.within
        })
}

/// Where in a list of hooks those of a time begin.
fn place_of(case: &Case, hooks: &[usize], time: Timestamp) -> usize {
    hooks.partition_point(|index| case.hooks.get(*index).is_some_and(|other| other.first.time < time))
}

fn is_disabled(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    let session = case.session_of(record);
    follower.methods.iter().all(|method| case.config(session, *method).rest_policy == RestPolicy::Disable)
}

/// From the hook to when its event was due.
fn window(
    case: &Case,
    record: &HookRecord,
    follower: &Follower,
    aftermath: &Aftermath<'_>,
) -> (Timestamp, Timestamp) {
    // A hook without an answer is over when WCS gives up.
    let given_up = || match record.outcome {
        Outcome::Unanswered => {
            record.ended().map_or_else(|| record.last.time.plus(case.options.rest_timeout), |at| at.time)
        }
        _ => record.last.time,
    };
    let answered = record.answer.as_ref().map_or_else(given_up, |answer| answer.last.time);
    (aftermath.began(record), answered.plus(follower.within))
}

fn message(case: &Case, group: &Group<Missing>) -> String {
    let Missing { after, enabled, .. } = group.key;
    let awaited = group.key.awaited();
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let within = group.key.follower().map_or(Span::ZERO, |follower| follower.within);
    let mut text = format!(
        "POST {} ({}) was not followed by a {awaited} within {within}, nor later.",
        first.target,
        describe::frame(case, first.last),
    );
    if !enabled {
        text.push_str(&format!(
            " {} is seen nowhere for this application, so it is probably not enabled.",
            group.key.method()
        ));
    } else if group.hooks.len() > 1 {
        text.push_str(&format!(" {} {} hooks in all.", group.hooks.len(), after.name()));
    }
    text
}

fn remedy(case: &Case, group: &Group<Missing>) -> String {
    let key = case.records(&group.hooks).find_map(|(_, record)| record.context.app_key.clone());
    let key = key.as_deref().unwrap_or("<appKey>").to_owned();
    if group.key.enabled && group.key.method() == HookMethod::RegistrationStatusEvent.name() {
        "Check whether the SIP server answers REGISTER: filter the capture by sip.CSeq.method == \"REGISTER\", or look into WCS's server log \
            (logs/server_logs/flashphoner.log) for this session at that time."
            .to_owned()
    } else if group.key.enabled {
        "Look into WCS's server log (logs/server_logs/flashphoner.log) for this session at that time: the event was not \
            sent, or another event of the session failed before it."
            .to_owned()
    } else {
        format!(
            "Enable the method {CONSOLE}: add app-rest-method {key} {}; show app-rest-methods {key} lists those that are.",
            group.key.method()
        )
    }
}
