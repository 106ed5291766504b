use super::confidence;
use super::describe::{self, CONSOLE, Group};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::{Condition, Expectation, Follower, HookMethod, Trigger, Wanted};
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
    /// Methods that the session's `restClientConfig` disables are not awaited.
    "status-event-missing", Warning, MediaServer, "an awaited event never came", check
}

/// What is missing: the method that promised, the one awaited, and whether the application has it at all.
type Missing = (HookMethod, HookMethod, bool);

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| missing(case, record)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let (after, awaited, enabled) = group.key;
        let confidence = case
            .records(&group.hooks)
            .filter_map(|(_, record)| Some((record, follower(record)?)))
            .map(|(record, follower)| {
                let (from, until) = window(record, follower);
                let sure = confidence::of_absence(case, from, until);
                // A client that left may have taken the operation with it.
                let known = confidence::knows_config(case, record) && !client_left(case, record, until);
                if known { sure } else { sure.min(Confidence::Possible) }
            })
            .max()
            .unwrap_or(Confidence::Unresolved);
        let confidence = if enabled { confidence } else { confidence.min(Confidence::Possible) };
        let count = describe::counted(group.hooks.len() as u64, "time");
        let title = if enabled {
            format!("no {} after {} ({count})", awaited.name(), after.name())
        } else {
            format!("no {} after {} ({count}): probably not enabled", awaited.name(), after.name())
        };
        let finding = Finding::new(&RULE, title, message(case, &group), remedy(case, &group), evidence);
        findings.add(finding.sure(confidence));
    }
}

/// What a hook promised and what did not come, if the capture shows the time in which it had to.
fn missing(case: &Case, record: &HookRecord) -> Option<Missing> {
    let (method, follower) = (record.method?, follower(record)?);
    let awaited = *follower.methods.first()?;
    let (from, until) = window(record, follower);
    let awaits = is_due(case, record, follower)
        && until <= case.end()
        && !is_disabled(case, record, follower)
        && !came(case, record, follower)
        // What cannot be delivered is another rule's case.
        && !confidence::was_unreachable(case, record, from, until);
    awaits.then(|| (method, awaited, confidence::is_enabled(case, record, follower.methods)))
}

/// The event that a hook must be followed by, as it went.
fn follower(record: &HookRecord) -> Option<&'static Follower> {
    record.method?.spec().followers.iter().find(|follower| {
        follower.expectation == Expectation::Required
            && match follower.after {
                Trigger::Accepted => record.outcome == Outcome::Ok,
                Trigger::Refused => false,
                Trigger::Status(name) => {
                    record.status().is_some_and(|status| status.eq_ignore_ascii_case(name))
                }
            }
    })
}

fn is_due(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    match follower.only_if {
        Condition::Always => true,
        Condition::SipRegisterRequired => {
            case.session_of(record).is_some_and(|session| session.registers == Some(true))
        }
        Condition::ImdnRequired => record.request.flag("isImdnRequired") == Some(true),
    }
}

fn is_disabled(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    let session = case.session_of(record);
    follower.methods.iter().all(|method| case.config(session, *method).rest_policy == RestPolicy::Disable)
}

/// From the hook to when its event was due.
fn window(record: &HookRecord, follower: &Follower) -> (Timestamp, Timestamp) {
    let answered = record.answer.as_ref().map_or(record.last.time, |answer| answer.last.time);
    (record.first.time, answered.plus(follower.within))
}

/// Whether the event came, in the same flow, or in the same session where it is of no flow; late ones came as well.
fn came(case: &Case, record: &HookRecord, follower: &Follower) -> bool {
    let flow = record.flow.and_then(|flow| case.flows.get(flow));
    let session = case.session_of(record);
    let same_flow = follower.methods.iter().any(|method| {
        method.spec().flow.is_some()
            && method.spec().flow == record.method.and_then(|method| method.spec().flow)
    });
    let candidates: &[usize] = match (flow, session) {
        (Some(flow), _) if same_flow => &flow.hooks,
        (_, Some(session)) => &session.hooks,
        // Nothing says whose event to look for.
        _ => return true,
    };
    let earliest = record.first.time.plus(Span::from_nanoseconds(-confidence::INVERSION.nanoseconds()));
    case.records(candidates).any(|(_, other)| {
        other.first.time >= earliest
            && other.method.is_some_and(|method| follower.methods.contains(&method))
            && fulfils(other, follower.wanted)
    })
}

fn fulfils(record: &HookRecord, wanted: Wanted) -> bool {
    let status = record.status().unwrap_or_default();
    match wanted {
        Wanted::Any => true,
        // A status that a cut body does not show may be any.
        _ if status.is_empty() && record.request.is_partial() => true,
        Wanted::Terminal => {
            let known = record.method.and_then(|method| method.spec().status(&status));
            known.is_some_and(|status| status.terminal)
        }
        Wanted::OneOf(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&status)),
    }
}

/// Whether the client's connection ended before the event was due.
fn client_left(case: &Case, record: &HookRecord, until: Timestamp) -> bool {
    let Some(session) = case.session_of(record) else { return false };
    case.records(&session.hooks).any(|(_, other)| {
        other.is(HookMethod::ConnectionStatusEvent)
            && other.first.time >= record.first.time
            && other.first.time <= until
            && fulfils(other, Wanted::Terminal)
    })
}

fn message(case: &Case, group: &Group<Missing>) -> String {
    let (after, awaited, enabled) = group.key;
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let within = follower(first).map_or(Span::ZERO, |follower| follower.within);
    let mut text = format!(
        "POST {} ({}) was not followed by {} within {within}, nor later.",
        first.target,
        describe::frame(case, first.last),
        awaited.name(),
    );
    if !enabled {
        text.push_str(&format!(
            " {} is seen nowhere for this application, so it is probably not enabled.",
            awaited.name()
        ));
    } else if group.hooks.len() > 1 {
        text.push_str(&format!(" {} {} hooks in all.", group.hooks.len(), after.name()));
    }
    text
}

fn remedy(case: &Case, group: &Group<Missing>) -> String {
    let (_, awaited, enabled) = group.key;
    let key = case.records(&group.hooks).find_map(|(_, record)| record.context.app_key.clone());
    let key = key.as_deref().unwrap_or("<appKey>").to_owned();
    if enabled {
        "Look into WCS's server log (logs/server_logs/flashphoner.log) for this session at that time: the event was not \
            sent, or another event of the session failed before it."
            .to_owned()
    } else {
        format!(
            "Enable the method {CONSOLE}: add app-rest-method {key} {}; show app-rest-methods {key} lists those that are.",
            awaited.name()
        )
    }
}
