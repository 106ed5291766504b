//! What a rule concluded, and the evidence that it must have.

use super::Rule;
use crate::endpoint::{ConnectionId, FrameNumber, Moment};
use crate::session::Case;
use crate::time::Timestamp;
use rustc_hash::FxHashMap;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Something does not work as it should.
    Warning,
    /// Something does not work.
    Error,
}

impl Severity {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a conclusion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The capture cannot tell.
    Unresolved,
    /// It may be so; another explanation is as good.
    Possible,
    /// It is so unless something unusual happened.
    Likely,
    /// The capture proves it.
    Confirmed,
}

impl Confidence {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Who runs the backend.
    Backend,
    /// Who runs the network between WCS and the backend.
    Network,
    /// Who runs WCS.
    MediaServer,
    /// Who runs the SIP side.
    Sip,
    /// Who captures: the capture cannot tell.
    Capture,
    /// Nobody.
    Nobody,
}

impl Actor {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Network => "network",
            Self::MediaServer => "media-server",
            Self::Sip => "sip",
            Self::Capture => "capture",
            Self::Nobody => "nobody",
        }
    }
}

/// What proves a finding: frames, and the hooks and connections that they belong to. Built by its constructors only,
/// so that no finding is without.
#[derive(Clone, Debug)]
pub struct Evidence {
    hooks: Vec<usize>,
    streams: Vec<ConnectionId>,
    frames: Vec<FrameNumber>,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Frames and connections that evidence lists; how many cases there are is counted.
const LISTED: usize = 64;

impl Evidence {
    /// Hooks of the case, by index. Without any there is no evidence.
    pub fn of_hooks(case: &Case, hooks: &[usize]) -> Option<Self> {
        let mut evidence = Self::nothing(hooks.len() as u64);
        for (_, record) in case.records(hooks) {
            evidence.see(record.first.time);
            evidence.add(record.connection, record.evidence());
        }
        evidence.frames.sort_unstable();
        evidence.hooks = hooks.to_vec();
        evidence.first.is_some().then_some(evidence)
    }

    /// Frames of connections; `count` says how many cases there are in all, listed or not.
    pub fn of_frames(moments: &[(ConnectionId, Moment)], count: u64) -> Option<Self> {
        let mut evidence = Self::nothing(count);
        for (connection, at) in moments {
            evidence.see(at.time);
            evidence.add(*connection, [at.frame]);
        }
        evidence.first.is_some().then_some(evidence)
    }

    /// Something about the capture as a whole, with frames where there are any.
    pub fn of_capture(
        frames: &[FrameNumber],
        count: u64,
        first: Option<Timestamp>,
        last: Option<Timestamp>,
    ) -> Self {
        let frames = frames.iter().copied().take(LISTED).collect();
        Self { hooks: Vec::new(), streams: Vec::new(), frames, count, first, last }
    }

    /// Adds frames that prove it as well, with their connections.
    #[must_use]
    pub fn with(mut self, moments: impl IntoIterator<Item = (ConnectionId, Moment)>) -> Self {
        for (connection, at) in moments {
            self.add(connection, [at.frame]);
        }
        self.frames.sort_unstable();
        self
    }

    const fn nothing(count: u64) -> Self {
        Self { hooks: Vec::new(), streams: Vec::new(), frames: Vec::new(), count, first: None, last: None }
    }

    fn see(&mut self, time: Timestamp) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    fn add(&mut self, connection: ConnectionId, frames: impl IntoIterator<Item = FrameNumber>) {
        if self.streams.len() < LISTED && !self.streams.contains(&connection) {
            self.streams.push(connection);
        }
        for frame in frames {
            if self.frames.len() < LISTED && !self.frames.contains(&frame) {
                self.frames.push(frame);
            }
        }
    }

    /// The hooks concerned, by index.
    pub fn hooks(&self) -> &[usize] {
        &self.hooks
    }

    /// The connections concerned, the first ones.
    pub fn streams(&self) -> &[ConnectionId] {
        &self.streams
    }

    /// The frames that prove it, the first ones.
    pub fn frames(&self) -> &[FrameNumber] {
        &self.frames
    }

    /// How many cases there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// When it was first seen.
    pub const fn first(&self) -> Option<Timestamp> {
        self.first
    }

    /// When it was last seen.
    pub const fn last(&self) -> Option<Timestamp> {
        self.last
    }
}

/// What a rule concluded.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who has to act.
    pub actor: Actor,
    /// The problem in one line, without a full stop.
    pub title: String,
    /// What was seen: whole sentences.
    pub message: String,
    /// What WCS did about it.
    pub effect: Option<String>,
    /// What to do.
    pub remedy: String,
    /// What proves it.
    pub evidence: Evidence,
    /// Hooks whose problem explains it, by index; where there are none, its own hooks are looked at.
    pub(super) follows: Vec<usize>,
    /// The finding that explains it, by its place among all.
    pub caused_by: Option<usize>,
}

impl Finding {
    /// A confirmed finding with the rule's own severity and actor.
    pub fn new(
        rule: &'static Rule,
        title: String,
        message: String,
        remedy: String,
        evidence: Evidence,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: Confidence::Confirmed,
            actor: rule.actor,
            title,
            message,
            effect: None,
            remedy,
            evidence,
            follows: Vec::new(),
            caused_by: None,
        }
    }

    /// The same with another confidence.
    #[must_use]
    pub fn sure(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    /// The same with what WCS did about it.
    #[must_use]
    pub fn with_effect(self, effect: impl Into<String>) -> Self {
        Self { effect: Some(effect.into()), ..self }
    }

    /// Whether it may move the verdict: a problem, and a sure one.
    pub fn counts(&self) -> bool {
        self.severity >= Severity::Warning && self.confidence >= Confidence::Likely
    }
}

/// For each hook, the places of the findings that have it, ascending.
type Having = FxHashMap<usize, Vec<usize>>;

/// The findings of a case, as rules add them.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

/// Rules about what neither explains another problem of the same hooks nor follows from one.
const ALONE: [&str; 9] = [
    "config-invalid",
    "invalid-value",
    "network-loss",
    "override-ignored",
    "reconnect-loop",
    "response-type",
    "slow-response",
    "stale-connection",
    "unknown-hook",
];

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// These, and others behind them.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether a rule has already found why there are no hooks: attempts to reach a backend failed.
    pub(super) fn explain_absence(&self) -> bool {
        self.0
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.evidence.hooks().is_empty())
    }

    /// All findings: sure problems first, by severity; the rules' order, causes first, among equals.
    pub(super) fn in_order(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| {
            let sure = finding.confidence >= Confidence::Likely;
            std::cmp::Reverse((finding.severity, sure))
        });
        let mut having = Having::default();
        for place in 0..self.0.len() {
            let cause = self.cause_of(place, &having);
            if let Some(finding) = self.0.get_mut(place) {
                finding.caused_by = cause;
                for hook in finding.evidence.hooks() {
                    having.entry(*hook).or_default().push(place);
                }
            }
        }
        self.0
    }

    /// The first of the problems before a finding, which are of earlier rules or worse, that all its hooks have, too.
    fn cause_of(&self, place: usize, having: &Having) -> Option<usize> {
        let finding = self.0.get(place)?;
        let own = finding.evidence.hooks();
        let hooks = if finding.follows.is_empty() { own } else { &finding.follows };
        let has = |cause: usize, hook: &usize| {
            having.get(hook).is_some_and(|places| places.binary_search(&cause).is_ok())
        };
        let explains = |place: usize| {
            self.0.get(place).is_some_and(|cause| {
                cause.severity >= Severity::Warning
                    && !ALONE.contains(&finding.rule.name)
                    && !ALONE.contains(&cause.rule.name)
                    && cause.confidence >= Confidence::Likely
                    && cause.rule != finding.rule
                    && hooks.iter().all(|hook| has(place, hook))
            })
        };
        having.get(hooks.first()?)?.iter().copied().find(|place| explains(*place))
    }
}

#[cfg(test)]
mod tests;
