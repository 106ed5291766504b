//! The check as data: what all renderings show, and what `--format json` writes. Absent members are left out.

use super::judge::Truth;
use crate::report::{CaptureEntry, Frame, Tool};
use schemars::JsonSchema;
use serde::Serialize;

/// The version of this format.
pub(super) const SCHEMA_VERSION: &str = "1.0.0";

/// How something came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Passed,
    Undecided,
    Failed,
}

impl Outcome {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
        }
    }
}

/// A capture beside call flows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Check {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// The capture files.
    pub captures: Vec<CaptureEntry>,
    /// How many hooks they hold.
    pub hooks: u64,
    /// passed, failed or undecided: the worst of the flows.
    pub result: String,
    /// The flows.
    pub flows: Vec<FlowEntry>,
}

impl Check {
    /// Whether every flow was found as it is expected.
    pub fn has_passed(&self) -> bool {
        self.result == Outcome::Passed.name()
    }
}

/// A flow, and all that it applies to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlowEntry {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// In what it is looked for: session, capture, call, stream, …
    pub per: String,
    /// passed, failed or undecided.
    pub result: String,
    /// Why it is undecided as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it applies to.
    pub units: Vec<UnitEntry>,
}

/// A session, a call, … beside a flow.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnitEntry {
    /// Its id in the report of `analyze`, or `capture`.
    pub id: String,
    /// What names it: the sessionId, the callId, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The id of its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// passed, failed or undecided.
    pub result: String,
    /// Why it is undecided as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The flow's steps.
    pub steps: Vec<StepEntry>,
    /// Hooks that are none of the steps; wrong where the flow is strict.
    pub others: Vec<SeenEntry>,
}

/// A step: expected beside seen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepEntry {
    /// Its number, from 1.
    pub step: u64,
    /// The hook that is expected.
    pub expected: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// How often it is expected, unless once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    /// seen, differs, missing, undecided, or left-out: optional, and not seen.
    pub state: String,
    /// Why it is missing or undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its hooks.
    pub seen: Vec<SeenEntry>,
    /// What else is expected of it, beside what was seen of the hook that tells most.
    pub conditions: Vec<ConditionEntry>,
}

/// A hook that was seen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SeenEntry {
    /// Its id in the report of `analyze`.
    pub id: String,
    /// Its method, and the status that it reports.
    pub title: String,
    /// The frame that completed the request.
    pub frame: Frame,
    /// When it was first sent, RFC 3339 in UTC.
    pub time: String,
    /// How it was answered: the status, or why there is none.
    pub answer: String,
    /// How often it was sent.
    pub attempts: u64,
}

/// Something that is expected of a hook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConditionEntry {
    /// What it is about: a member such as request.caller, status, outcome, within, answered-within or repeat.
    pub what: String,
    /// What is expected.
    pub expected: String,
    /// What was seen; absent where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// yes, no or unknown.
    pub holds: String,
    /// Why it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ConditionEntry {
    pub(super) fn new(what: &str, expected: String, seen: Option<String>, truth: Truth) -> Self {
        let (holds, reason) = match truth {
            Truth::No => ("no", None),
            Truth::Unknown(why) => ("unknown", Some(why.to_owned())),
            Truth::Yes => ("yes", None),
        };
        Self { what: what.to_owned(), expected, seen, holds: holds.to_owned(), reason }
    }
}
