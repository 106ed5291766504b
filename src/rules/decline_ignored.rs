use super::describe::{self, Group};
use super::effect::{Source, effects, source};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::{HookMethod, HookType};
use crate::hook::{Outcome, RestOnError};
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A direct or incoming hook that the backend refused with 403 where `restOnError` is LOG, its default: WCS logs the
    /// refusal and goes on. If a later hook shows that the operation was carried out, it is named.
    ///
    /// ## Why it matters
    /// The backend believes that it has forbidden a call, a stream or a message. It has not: the client goes on, perhaps at
    /// somebody's cost.
    ///
    /// ## What to do
    /// Let the backend return `restOnError` FAIL for the method in the `restClientConfig` of its response to connect:
    /// `{"restClientConfig":{"call":{"restOnError":"FAIL"}}}`.
    ///
    /// ## When it is wrong
    /// Where no connect was captured, the setting is assumed; where the operation failed afterwards, it may have been
    /// broken off all the same: both are called possible only. `playHLS` and `playRTSP` are not concerned: WCS turns their
    /// viewers away in any case.
    "decline-ignored", Warning, Backend, "a refusal has no effect, since restOnError is LOG", check
}

/// What the capture shows of the operation behind its refusal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum After {
    /// It was carried out.
    WentOn,
    /// Nothing.
    Nothing,
    /// It failed.
    Failed,
}

type Key = (HookMethod, After, bool);

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| ignored(case, record)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let (method, after, known) = group.key;
        let (backend, name) = (group.backend(case), method.name());
        let misread = case.records(&group.hooks).any(|(_, record)| source(case, record) == Source::Misread);
        let why = if misread { "its restOnError is none that WCS knows" } else { "restOnError is LOG" };
        let title = match after {
            After::WentOn => format!("backend {backend} refuses {name} with 403, but WCS went on: {why}"),
            After::Nothing => format!("backend {backend} refuses {name} with 403, but {why}: WCS goes on"),
            After::Failed => {
                format!("backend {backend} refuses {name} with 403; {why}, yet it failed at once")
            }
        };
        let remedy = if misread {
            format!(
                "If the refusal is meant, correct restOnError for {name} in the restClientConfig that the backend returns to \
                    connect: the values are FAIL and LOG. If it is not, let it answer 200."
            )
        } else {
            format!(
                "If the refusal is meant, let the backend return restOnError FAIL for {name} in the restClientConfig of its \
                    response to connect; if it is not, let it answer 200."
            )
        };
        let later = case.records(&group.hooks).find_map(|(_, record)| aftermath(case, record).1);
        let message = message(case, &group, later);
        let evidence = evidence.with(later.map(|later| (later.connection, later.last)));
        let confidence = match (after, known) {
            (After::WentOn, _) => Confidence::Confirmed,
            (After::Nothing, true) => Confidence::Likely,
            _ => Confidence::Possible,
        };
        let finding = Finding::new(&RULE, title, message, remedy, evidence).sure(confidence);
        findings.add(Finding { effect: effects(case, &group.hooks), ..finding });
    }
}

/// Whether a hook's refusal had no effect: its method, what came after, and whether the setting is known.
fn ignored(case: &Case, record: &HookRecord) -> Option<Key> {
    let method = record.method?;
    let spec = method.spec();
    let on_error = case.config(case.session_of(record), method).rest_on_error;
    let concerned = record.outcome == Outcome::Declined
        && !record.repeated
        && matches!(spec.hook_type, HookType::Direct | HookType::Incoming)
        && spec.on_refusal.is_empty()
        && on_error == RestOnError::Log;
    if !concerned {
        return None;
    }
    let known = matches!(source(case, record), Source::Said | Source::Default);
    let after = aftermath(case, record).0;
    // Without its configuration, a failed operation is what a refusal would look like.
    (known || after != After::Failed).then_some((method, after, known))
}

/// Whether the operation failed right behind a hook's refusal.
pub(super) fn fails_behind(case: &Case, record: &HookRecord) -> bool {
    aftermath(case, record).0 == After::Failed
}

/// The hook behind a failed or refused one that shows that its operation was carried out all the same.
pub(super) fn goes_on<'c>(case: &'c Case, record: &'c HookRecord) -> Option<&'c HookRecord> {
    let (after, later) = aftermath(case, record);
    later.filter(|_| after == After::WentOn)
}

/// What came of an operation, and the hook that shows it.
fn aftermath<'c>(case: &'c Case, record: &'c HookRecord) -> (After, Option<&'c HookRecord>) {
    let flow = record.flow.and_then(|flow| case.flows.get(flow)).filter(|flow| !flow.key.is_empty());
    let hooks = flow.map(|flow| flow.hooks.as_slice()).unwrap_or_default();
    let answered = record.last_seen().time;
    let Some(spec) = record.method.map(HookMethod::spec) else { return (After::Nothing, None) };
    let awaited = |other: &HookRecord| {
        let is_awaited = |method| spec.followers.iter().any(|follower| follower.methods.contains(&method));
        other.method.is_some_and(is_awaited)
    };
    let later = case
        .behind(hooks, record)
        .filter(|other| other.first.time > answered)
        // What follows a second try may be its consequence.
        .take_while(|other| other.method != record.method);
    for other in later.filter(|other| awaited(other)) {
        let status = other.status().unwrap_or_default();
        let is_event = other.method.is_some_and(|method| method.spec().hook_type == HookType::Event);
        let shows = spec.carried_out.iter().any(|known| known.eq_ignore_ascii_case(&status))
            // A client that answers an incoming call was told of it.
            || !is_event
            || spec.carried_out.is_empty() && status.is_empty();
        if shows || is_event && has_sip_answer(other) {
            return (After::WentOn, Some(other));
        }
        if status.eq_ignore_ascii_case("FAILED") {
            return (After::Failed, Some(other));
        }
    }
    (After::Nothing, None)
}

/// Whether an event reports what the SIP side answered, so that it was asked.
fn has_sip_answer(event: &HookRecord) -> bool {
    event.parameter("sipMessageRaw").is_some()
        || event.parameter("info").is_some_and(|info| info.starts_with("SIP "))
}

fn message(case: &Case, group: &Group<Key>, later: Option<&HookRecord>) -> String {
    let (method, after, known) = group.key;
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let answered = first.last_seen();
    let setting = match source(case, first) {
        Source::Misread => "restOnError has an unknown value, so that LOG, its default, is assumed",
        _ if !known => "restOnError, as far as known, is LOG, its default",
        Source::Default => "restOnError is LOG, its default",
        _ => "restOnError is LOG",
    };
    let mut text = format!(
        "POST {} was refused with 403 ({}), but {setting}: WCS goes on.",
        first.target,
        describe::frame(case, answered)
    );
    if let Some(later) = later {
        let status = later.status().map(|status| format!(" {status}")).unwrap_or_default();
        let at = describe::frame(case, later.last);
        let what = match after {
            After::Failed => "came then, so that WCS may have broken it off all the same",
            _ => "shows that it went on",
        };
        text.push_str(&format!(" {}{status} ({at}) {what}.", later.name));
    } else if !method.spec().followers.is_empty() {
        text.push_str(" The capture shows nothing of what came of it.");
    }
    if group.hooks.len() > 1 {
        text.push_str(&format!(" {} hooks in all.", group.hooks.len()));
    }
    text
}
