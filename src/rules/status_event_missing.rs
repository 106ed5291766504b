use super::confidence;
use super::custom_follower;
use super::describe::{self, CONSOLE, Group};
use super::lifetime;
use super::{Actor, Confidence, Evidence, Finding, Findings, Severity, rule};
use crate::catalog::{Condition, Expectation, FlowKind, Follower, HookMethod, HookType, Trigger, Wanted};
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
    // Hooks that name neither session nor flow, be it that their bodies are cut: they may be what is awaited.
    let strays: Vec<usize> = (0..case.hooks.len())
        .filter(|index| {
            case.hooks.get(*index).is_some_and(|record| record.session.is_none() && record.flow.is_none())
        })
        .collect();
    for group in describe::group(case, |record| missing(case, record, &strays)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let Some(follower) = group.key.follower() else { continue };
        let required = follower.expectation == Expectation::Required;
        let sure = case.records(&group.hooks).map(|(_, record)| confidence_of(case, record, follower)).max();
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

fn confidence_of(case: &Case, record: &HookRecord, follower: &Follower) -> Confidence {
    let (from, until) = window(case, record, follower);
    let sure = confidence::of_absence(case, from, until);
    // A client that left may have taken the operation with it.
    let known = confidence::knows_config(case, record)
        && !client_left(case, record, until)
        && !is_about_ended_call(case, record);
    let seen = confidence::is_seen(case, record, follower.methods);
    match (known, seen) {
        (true, true) => sure,
        (true, false) => sure.min(Confidence::Likely),
        (false, _) => sure.min(Confidence::Possible),
    }
}

/// What a hook promised and what did not come, if the capture shows the time in which it had to.
fn missing(case: &Case, record: &HookRecord, strays: &[usize]) -> Option<Missing> {
    let method = record.method?;
    let mut followers = method.spec().followers.iter().enumerate();
    let (place, follower) = followers.find(|(_, follower)| {
        let (from, until) = window(case, record, follower);
        promises(record, follower)
            && is_due(case, record, follower)
            && until <= case.end()
            && !is_disabled(case, record, follower)
            && !came(case, record, follower, strays)
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

fn is_due(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    let required = match follower.only_if {
        Condition::Always => true,
        Condition::SipRegisterRequired => case.session_of(record).is_some_and(|session| {
            // Old versions report the registration as a status of the connection.
            let told = case.records(&session.hooks).any(|(_, other)| {
                other.method == record.method
                    && other.status().is_some_and(|status| status.eq_ignore_ascii_case("REGISTERED"))
            });
            session.registers == Some(true) && !told
        }),
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
fn window(case: &Case, record: &HookRecord, follower: &Follower) -> (Timestamp, Timestamp) {
    // A hook without an answer is over when WCS gives up.
    let given_up = || match record.outcome {
        Outcome::Unanswered => {
            record.ended().map_or_else(|| record.last.time.plus(case.options.rest_timeout), |at| at.time)
        }
        _ => record.last.time,
    };
    let answered = record.answer.as_ref().map_or_else(given_up, |answer| answer.last.time);
    (first_attempt(case, record).first.time, answered.plus(follower.within))
}

/// The first of the attempts that a hook repeats.
fn first_attempt<'c>(case: &'c Case, record: &'c HookRecord) -> &'c HookRecord {
    let mut first = record;
    while let Some(earlier) = first.retry_of.and_then(|earlier| case.hooks.get(earlier)) {
        first = earlier;
    }
    first
}

/// Whether the event came, in the same flow, or in the same session where it is of no flow; late ones came as well.
fn came(case: &Case, record: &HookRecord, follower: &Follower, strays: &[usize]) -> bool {
    let flow = record.flow.and_then(|flow| case.flows.get(flow));
    let session = case.session_of(record);
    let same_flow = follower.methods.iter().any(|method| {
        method.spec().flow.is_some()
            && method.spec().flow == record.method.and_then(|method| method.spec().flow)
    });
    let hooks: &[usize] = match (flow, session) {
        (Some(flow), _) if same_flow => &flow.hooks,
        (_, Some(session)) => &session.hooks,
        // Nothing says whose event to look for.
        _ => return true,
    };
    let first = first_attempt(case, record).first.time;
    let earliest = first.plus(Span::from_nanoseconds(-confidence::INVERSION.nanoseconds()));
    // What is over already does not end again, and what is a state may have been told before.
    let whenever = follower.wanted == Wanted::Terminal || matches!(follower.after, Trigger::Status(_));
    let fulfilled = |other: &HookRecord| {
        (whenever || other.first.time >= earliest)
            && other.method.is_some_and(|method| follower.methods.contains(&method))
            && fulfils(other, follower.wanted)
    };
    // Events whose bodies do not name the flow may be about it.
    let unnamed = session.map(|session| session.hooks.as_slice()).unwrap_or_default();
    let begin = if whenever { 0 } else { place_of(case, hooks, earliest) };
    let (_, hooks) = hooks.split_at(begin);
    case.records(hooks).any(|(_, other)| fulfilled(other))
        || case.records(unnamed).any(|(_, other)| other.flow.is_none() && fulfilled(other))
        || case.records(strays).any(|(_, other)| fulfilled(other))
        || is_over(case, record)
}

/// Whether the flow had ended when something was asked of it.
fn is_over(case: &Case, record: &HookRecord) -> bool {
    let Some(flow) = record.flow.and_then(|flow| case.flows.get(flow)) else { return false };
    let begins = record.method.is_some_and(|method| !method.spec().statuses.is_empty());
    !begins
        && lifetime::reports(case, flow).any(|report| {
            report.record.first.time <= record.first.time
                && report.status.is_some_and(|status| status.terminal)
        })
}

fn fulfils(record: &HookRecord, wanted: Wanted) -> bool {
    let status = record.status().unwrap_or_default();
    let known = record.method.and_then(|method| method.spec().status(&status));
    match wanted {
        Wanted::Any => true,
        // A status that is excluded, not to be seen, or that no document knows, may be any.
        _ if known.is_none() => true,
        Wanted::Terminal => known.is_some_and(|status| status.terminal),
        Wanted::OneOf(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&status)),
    }
}

/// Whether the client's connection ended before the event was due. A client that is lost in the middle of opening a
/// stream is noticed late.
fn client_left(case: &Case, record: &HookRecord, until: Timestamp) -> bool {
    let Some(session) = case.session_of(record) else { return false };
    let stream = record.method.is_some_and(|method| method.spec().flow == Some(FlowKind::Stream));
    let until = if stream { until.plus(confidence::LOST_CLIENT) } else { until };
    case.records(&session.hooks).any(|(_, other)| {
        other.is(HookMethod::ConnectionStatusEvent)
            && other.first.time >= record.first.time
            && other.first.time <= until
            && fulfils(other, Wanted::Terminal)
    })
}

/// Whether a hook is about something of a call that has ended: the end of the call may have been the end of it.
fn is_about_ended_call(case: &Case, record: &HookRecord) -> bool {
    let Some(flow) = record.flow.and_then(|flow| case.flows.get(flow)) else { return false };
    let session = case.session_of(record).map(|session| session.flows.as_slice()).unwrap_or_default();
    session.iter().filter_map(|flow| case.flows.get(*flow)).any(|other| {
        other.kind == FlowKind::Call
            && flow.kind != other.kind
            && flow.key == other.key
            && lifetime::reports(case, other)
                .any(|report| report.status.is_some_and(|status| status.terminal))
    })
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
