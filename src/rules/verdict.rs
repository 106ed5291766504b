//! The verdict: one state, one headline, who has to act (design of the program: "Verdict").

use super::describe;
use super::{Actor, Confidence, Finding, Scope, Severity, attempts, stale_connection};
use crate::fact::FactKind;
use crate::hook::Outcome;
use crate::limits::Limit;
use crate::session::{Case, HookRecord};
use rustc_hash::FxHashSet;

/// How the REST traffic fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictState {
    /// Hooks were seen, and no problem with them.
    Healthy,
    /// Some hooks fail, are slow or are missing.
    Degraded,
    /// Hooks, or attempts to reach a backend, were seen, and none succeeded.
    Broken,
    /// Hooks were seen, but the capture cannot tell how they ended.
    Unclear,
    /// No hook and no attempt.
    Absent,
}

impl VerdictState {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Broken => "broken",
            Self::Unclear => "unclear",
            Self::Absent => "absent",
        }
    }
}

/// The verdict on a case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The state.
    pub state: VerdictState,
    /// What is broken, since when, for which sessions: one line, without a full stop.
    pub headline: String,
    /// Who has to act.
    pub actor: Actor,
    /// The findings that it rests on, by index, the cause first.
    pub findings: Vec<usize>,
}

impl Verdict {
    /// Decides on the part of a case that is asked about, with the case's findings, which are in order.
    pub fn of(case: &Case, findings: &[Finding], scope: &Scope) -> Self {
        let within = || findings.iter().enumerate().filter(|(place, _)| scope.has_finding(*place));
        let part = Part { case, scope, findings: within().map(|(_, finding)| finding).collect() };
        let state = state(&part);
        let grounds = within().filter(|(_, finding)| is_ground(state, finding));
        let grounds: Vec<usize> = grounds.map(|(place, _)| place).collect();
        let main = grounds.first().and_then(|index| findings.get(*index));
        let (headline, actor) = match (state, main) {
            (VerdictState::Healthy, _) => (healthy(&part), Actor::Nobody),
            (VerdictState::Unclear, _) => (unclear(&part), Actor::Capture),
            (VerdictState::Absent, _) if !case.hooks.is_empty() => (outside(case), Actor::Nobody),
            (_, Some(main)) => (headline(&part, main), main.actor),
            (VerdictState::Absent, None) => absent(findings),
            (_, None) => ("hooks fail".to_owned(), Actor::Backend),
        };
        Self { state, headline, actor, findings: grounds }
    }
}

/// The part of a case that the verdict is about.
struct Part<'c> {
    case: &'c Case,
    scope: &'c Scope,
    findings: Vec<&'c Finding>,
}

impl<'c> Part<'c> {
    fn hooks(&self) -> impl Iterator<Item = &'c HookRecord> {
        self.scope.records(self.case)
    }

    /// How many sessions the hooks are of.
    fn sessions(&self) -> usize {
        let sessions: FxHashSet<usize> = self.hooks().filter_map(|record| record.session).collect();
        sessions.len()
    }
}

/// Whether a finding bears the verdict.
fn is_ground(state: VerdictState, finding: &Finding) -> bool {
    match state {
        // Where no hook is seen, a failed attempt is all there is, however surely it concerns hooks.
        VerdictState::Broken | VerdictState::Absent => finding.severity >= Severity::Warning,
        VerdictState::Degraded => finding.counts(),
        // What the capture lacks.
        VerdictState::Unclear => finding.actor == Actor::Capture,
        VerdictState::Healthy => false,
    }
}

/// Rules about connections that came about and are of no use.
const TLS_RULES: [&str; 2] = ["tls-handshake-failed", "scheme-mismatch"];

fn state(part: &Part<'_>) -> VerdictState {
    let Part { case, findings, .. } = part;
    let failed_attempts = findings.iter().any(|finding| {
        finding.severity == Severity::Error
            && finding.evidence.hooks().is_empty()
            && finding.rule.name != "no-hooks"
    });
    if part.hooks().next().is_none() {
        let reached = case.targets.iter().any(|target| {
            target.connected > 0 && attempts::relevance(case, target) == Some(Confidence::Confirmed)
        });
        // A connection on which TLS fails is none that hooks reach a backend by.
        let reached = reached && !findings.iter().any(|finding| TLS_RULES.contains(&finding.rule.name));
        return match failed_attempts {
            true if reached => VerdictState::Degraded,
            true => VerdictState::Broken,
            false => VerdictState::Absent,
        };
    }
    let ok = part.hooks().any(|record| record.outcome == Outcome::Ok);
    let fails = |record: &HookRecord| {
        matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered)
            && !record.by_path_only
            && !stale_connection::is_harmless(case, record)
    };
    let failing = failed_attempts || part.hooks().any(fails);
    // An answer that the capture does not show whole, or not at all, may have been a good one.
    let maybe = part.hooks().any(|record| {
        record.outcome == Outcome::Unknown
            && !matches!(record.no_response, Some(crate::http::NoResponse::CaptureEnded(_)))
    });
    match (ok, failing) {
        (false, true) if !maybe => VerdictState::Broken,
        (false, false) => VerdictState::Unclear,
        _ if findings.iter().any(|finding| finding.counts()) => VerdictState::Degraded,
        _ => VerdictState::Healthy,
    }
}

fn headline(part: &Part<'_>, main: &Finding) -> String {
    let Part { case, scope, .. } = part;
    // Where no hook is seen, a failed attempt may concern anything.
    let hedge = match main.confidence {
        Confidence::Possible if case.hooks.is_empty() => "no hooks, and possibly the reason: ",
        Confidence::Possible => "possibly: ",
        _ => "",
    };
    let mut text = format!("{hedge}{}", main.title);
    let hooks = || main.evidence.hooks().iter().filter(|place| scope.has_hook(**place));
    let hooks = || hooks().filter_map(|place| case.hooks.get(*place));
    let since = hooks().map(|record| record.first.time).min().or_else(|| main.evidence.first());
    if let Some(first) = since.filter(|_| !main.evidence.frames().is_empty()) {
        text.push_str(&format!(", since {} ({} UTC)", describe::relative(case, first), first.utc()));
    }
    let mut sessions: Vec<usize> = hooks().filter_map(|record| record.session).collect();
    sessions.sort_unstable();
    sessions.dedup();
    match sessions.as_slice() {
        [] => {}
        [one] => {
            let name = case.sessions.get(*one).map_or("", |session| &*session.session_id);
            text.push_str(&format!(", session {name}"));
        }
        many => text.push_str(&format!(", {} of {} sessions", many.len(), part.sessions())),
    }
    text
}

fn healthy(part: &Part<'_>) -> String {
    let count = |outcome| part.hooks().filter(|record| record.outcome == outcome).count() as u64;
    let (ok, unknown) = (count(Outcome::Ok), count(Outcome::Unknown));
    let all = part.hooks().count() as u64;
    let sessions = describe::counted(part.sessions() as u64, "session");
    let mut text = if ok == all {
        let hooks = if ok == 1 { "the hook was".to_owned() } else { format!("all {ok} hooks") };
        format!("{hooks} answered well, {sessions}")
    } else {
        format!("{ok} of {} answered well, {sessions}", describe::counted(all, "hook"))
    };
    let again = all.saturating_sub(ok + unknown);
    if again > 0 {
        text.push_str(&format!("; {again} sent again"));
    }
    if unknown > 0 {
        text.push_str(&format!("; how {unknown} ended the capture does not show"));
    }
    let counted_only = part.case.facts.count(FactKind::LimitReached(Limit::Hooks));
    if counted_only > 0 {
        text.push_str(&format!("; {counted_only} more are beyond a limit, and were only counted"));
    }
    text
}

/// Nothing that was found is about what is asked about.
fn absent(findings: &[Finding]) -> (String, Actor) {
    let elsewhere = findings.iter().find(|finding| finding.severity >= Severity::Warning);
    elsewhere.map_or_else(
        || ("no hooks in the capture".to_owned(), Actor::Capture),
        |other| {
            let title = &other.title;
            (format!("no hooks in the capture; outside what is asked about: {title}"), other.actor)
        },
    )
}

/// Hooks were captured, and none of them is asked about.
fn outside(case: &Case) -> String {
    let are = if case.hooks.len() == 1 { "is" } else { "are" };
    format!(
        "no hook meets the conditions; {} {are} outside them",
        describe::counted(case.hooks.len() as u64, "hook")
    )
}

fn unclear(part: &Part<'_>) -> String {
    let count = part.hooks().count();
    let hooks = describe::counted(count as u64, "hook");
    if part.hooks().all(|record| record.answer.is_some() && record.by_path_only) {
        let are = if count == 1 { "it is a hook" } else { "they are hooks" };
        return format!("{hooks} seen by name and answered, but the capture does not show whether {are}");
    }
    let were = if count == 1 { "it was" } else { "they were" };
    format!("{hooks} seen, but the capture does not show how {were} answered")
}
