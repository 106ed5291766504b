//! Filters: which hooks and findings of a judged case somebody asks about.
//!
//! Comes in: conditions and a case with its findings. Goes out: what a verdict is to be about, and what is to be shown.
//! Deliberately does not: judge again. Rules see the whole capture, so that what is left out is never called missing.
//!
//! Conditions on *who, where and when* (sessions, calls, streams, applications, methods, backends, times, frames) narrow
//! the verdict. Conditions on *how it went* (statuses, rules, severities, expressions) only choose what is shown: a
//! verdict about the hooks that failed would always be the same.

mod bound;
mod expression;
mod frames;
mod names;
mod parse;
mod status;
mod token;

pub use bound::{Bound, BoundError};
pub use expression::Expression;
pub use frames::{FrameRange, FrameRangeError};
pub use names::BackendName;
pub use status::{StatusError, Statuses};
pub use token::ExpressionError;

use crate::catalog::{CustomMethod, HookMethod};
use crate::report::{Document, Redaction, Selection};
use crate::rules::{Actor, Finding, Rule, Scope, Severity, Verdict};
use crate::session::{Case, HookRecord};
use crate::time::Timestamp;
use names::Names;

/// Conditions. Those of one kind are alternatives; of several kinds, all must be met. Without any, all is meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Sessions: ids of the report (`s3`), sessionIds, or parts of these.
    pub sessions: Vec<String>,
    /// Calls: ids of flows (`f2`), callIds, or parts of these.
    pub calls: Vec<String>,
    /// Streams: names, media sessions, ids of flows, or parts of these.
    pub stream_names: Vec<String>,
    /// Applications, by appKey.
    pub applications: Vec<String>,
    /// Hook methods, in any case of letters.
    pub methods: Vec<String>,
    /// Backends.
    pub backends: Vec<BackendName>,
    /// The time from which on hooks begin.
    pub since: Option<Bound>,
    /// The time until which they begin.
    pub until: Option<Bound>,
    /// Frames of which a hook has at least one.
    pub frames: Vec<FrameRange>,
    /// Status codes of responses.
    pub statuses: Vec<Statuses>,
    /// Rules that found something about a hook.
    pub rules: Vec<&'static Rule>,
    /// The least severity of a finding about a hook.
    pub severity: Option<Severity>,
    /// What a hook's JSON must meet.
    pub expression: Option<Expression>,
}

/// What a filter makes of a case.
#[derive(Clone, Debug)]
pub struct Filtered {
    /// What the verdict is about.
    pub scope: Scope,
    /// What is shown.
    pub shown: Scope,
    /// The same for the reader; `None` if the filter has no conditions.
    pub selection: Option<Selection>,
}

impl Filter {
    /// Whether there are no conditions.
    pub fn is_empty(&self) -> bool {
        !self.narrows() && !self.hides()
    }

    /// The first of the sessions asked for that a case does not have.
    pub fn unknown_session(&self, case: &Case) -> Option<&str> {
        let is_unknown = |name: &&String| {
            let filter = Self { sessions: vec![(*name).clone()], ..Self::default() };
            Names::new(&filter, case).sessions.is_empty()
        };
        self.sessions.iter().find(is_unknown).map(String::as_str)
    }

    /// The first of the methods asked for that nobody knows: neither the catalogue, nor the asking person, nor the case.
    pub fn unknown_method(&self, case: &Case) -> Option<&str> {
        let is_known = |name: &str| {
            HookMethod::from_name(name).is_some()
                || CustomMethod::find(name, &case.options.methods).is_some()
                || case.hooks.iter().any(|record| record.name.eq_ignore_ascii_case(name))
        };
        self.methods.iter().map(String::as_str).find(|name| !is_known(name))
    }

    /// The first of the names of backends asked for that a case does not have. Addresses with ports are no names: they may
    /// be where hooks should go.
    pub fn unknown_backend(&self, case: &Case) -> Option<&str> {
        let seen = |name: &BackendName| (0..case.backends.len()).any(|place| name.is(case, place));
        let reached = |name: &str| case.targets.iter().any(|target| target.server.ip().to_string() == name);
        self.backends.iter().find_map(|backend| match backend {
            BackendName::Name(name) if !seen(backend) && !reached(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether there are conditions on who, where and when.
    fn narrows(&self) -> bool {
        self.is_about_hooks()
            || !self.backends.is_empty()
            || self.since.is_some()
            || self.until.is_some()
            || !self.frames.is_empty()
    }

    /// Whether there are conditions that nothing but a hook can meet.
    fn is_about_hooks(&self) -> bool {
        [&self.sessions, &self.calls, &self.stream_names, &self.applications, &self.methods]
            .iter()
            .any(|names| !names.is_empty())
    }

    /// Whether there are conditions on how it went.
    fn hides(&self) -> bool {
        self.chooses_hooks() || self.chooses_findings()
    }

    const fn chooses_hooks(&self) -> bool {
        !self.statuses.is_empty() || self.expression.is_some()
    }

    const fn chooses_findings(&self) -> bool {
        !self.rules.is_empty() || self.severity.is_some()
    }

    /// Applies the conditions, which `conditions` tells in words, to a judged case.
    pub fn apply(&self, case: &Case, findings: &[Finding], verdict: &Verdict, conditions: &str) -> Filtered {
        if self.is_empty() {
            return Filtered { scope: Scope::default(), shown: Scope::default(), selection: None };
        }
        let narrowing = Narrowing::new(self, case);
        let hooks: Vec<bool> = case.hooks.iter().map(|record| narrowing.has(record)).collect();
        let within: Vec<bool> = findings.iter().map(|finding| narrowing.concerns(finding, &hooks)).collect();
        let shown = self.shown(case, findings, verdict, &hooks, &within);
        let count = |marked: &[bool], is: bool| marked.iter().filter(|one| **one == is).count() as u64;
        let (shown_hooks, shown_findings) = &shown;
        let selection = Selection {
            conditions: conditions.to_owned(),
            judged: self.narrows(),
            hooks: count(shown_hooks, true),
            hooks_outside: count(shown_hooks, false),
            findings_outside: count(shown_findings, false),
        };
        let scope = if self.narrows() { Scope::of(hooks, within) } else { Scope::default() };
        Filtered { scope, shown: Scope::of(shown.0, shown.1), selection: Some(selection) }
    }

    /// Of what is asked about, what went as the conditions say.
    fn shown(
        &self,
        case: &Case,
        findings: &[Finding],
        verdict: &Verdict,
        hooks: &[bool],
        within: &[bool],
    ) -> (Vec<bool>, Vec<bool>) {
        let meets = self.meeting(case, findings, verdict);
        let mut hooks: Vec<bool> = hooks.iter().zip(meets).map(|(one, other)| *one && other).collect();
        let has = |hooks: &[bool], place: usize| hooks.get(place).copied().unwrap_or_default();
        let concerned = |finding: &Finding, hooks: &[bool]| {
            let own = finding.evidence.hooks();
            !self.chooses_hooks() || own.is_empty() || own.iter().any(|place| has(hooks, *place))
        };
        let chosen = findings.iter().zip(within).map(|(finding, within)| {
            *within
                && (self.rules.is_empty() || self.rules.contains(&finding.rule))
                && self.severity.is_none_or(|least| finding.severity >= least)
                && concerned(finding, &hooks)
        });
        let chosen: Vec<bool> = chosen.collect();
        if self.chooses_findings() {
            let mut about = vec![false; hooks.len()];
            for (finding, _) in findings.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
                for place in finding.evidence.hooks() {
                    if let Some(about) = about.get_mut(*place) {
                        *about = true;
                    }
                }
            }
            hooks = hooks.iter().zip(about).map(|(one, other)| *one && other).collect();
        }
        (hooks, chosen)
    }

    /// The hooks that have one of the statuses and meet the expression. It sees secrets, so that it can ask for them;
    /// what it lets through is masked as always.
    fn meeting(&self, case: &Case, findings: &[Finding], verdict: &Verdict) -> Vec<bool> {
        let has_status = |record: &HookRecord| {
            let status = record.status_code();
            self.statuses.is_empty() || self.statuses.iter().any(|statuses| statuses.contains(status))
        };
        let statuses = case.hooks.iter().map(has_status);
        let Some(expression) = &self.expression else { return statuses.collect() };
        let document = Document::new(case, findings, verdict, Redaction::from(false));
        statuses
            .zip(&document.hooks)
            .map(|(status, hook)| {
                status && serde_json::to_value(hook).is_ok_and(|value| expression.holds(&value))
            })
            .collect()
    }
}

/// The conditions on who, where and when, resolved for a case.
struct Narrowing<'f> {
    filter: &'f Filter,
    case: &'f Case,
    names: Names,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl<'f> Narrowing<'f> {
    fn new(filter: &'f Filter, case: &'f Case) -> Self {
        let resolve = |bound: &Option<Bound>| bound.map(|bound| bound.resolve(case.start()));
        let (since, until) = (resolve(&filter.since), resolve(&filter.until));
        Self { filter, case, names: Names::new(filter, case), since, until }
    }

    /// Whether a hook meets them.
    fn has(&self, record: &HookRecord) -> bool {
        self.names.have(self.filter, self.case, record)
            && self.overlaps(record.first.time, record.first.time)
            && (self.filter.frames.is_empty() || record.evidence().any(|frame| self.has_frame(frame)))
    }

    fn overlaps(&self, first: Timestamp, last: Timestamp) -> bool {
        self.since.is_none_or(|since| last >= since) && self.until.is_none_or(|until| first <= until)
    }

    fn has_frame(&self, frame: crate::endpoint::FrameNumber) -> bool {
        self.filter.frames.iter().any(|range| range.contains(self.case, frame))
    }

    /// Whether a finding is about hooks that meet them; or about no hook, and may concern those that do.
    fn concerns(&self, finding: &Finding, hooks: &[bool]) -> bool {
        let evidence = &finding.evidence;
        if !evidence.hooks().is_empty() {
            return evidence.hooks().iter().any(|place| hooks.get(*place).copied().unwrap_or_default());
        }
        // What is wrong with the capture makes all of it uncertain.
        if finding.actor == Actor::Capture || finding.rule.name == "no-hooks" {
            return true;
        }
        let first = evidence.first().unwrap_or(Timestamp::from_nanoseconds(i64::MIN));
        let last = evidence.last().unwrap_or(Timestamp::from_nanoseconds(i64::MAX));
        let frames = evidence.frames();
        !self.filter.is_about_hooks()
            && self.overlaps(first, last)
            && (self.filter.frames.is_empty() || frames.iter().any(|frame| self.has_frame(*frame)))
            && (self.filter.backends.is_empty()
                || self.names.reach(self.filter, self.case, evidence.streams()))
    }
}
