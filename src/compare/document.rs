//! A comparison as data: what all renderings show, and what `--format json` writes. Absent members are left out.

use super::side::Side;
use crate::report::Frame;
use crate::report::{CaptureEntry as Capture, Tool};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What differs between two captures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// runs (different traffic), or vantage-points (the same traffic, captured at two places).
    pub mode: String,
    /// Whether that was asked for; otherwise the ids in the captures decided.
    pub mode_asked: bool,
    /// Whether anything differs.
    pub different: bool,
    /// What differs, in one line.
    pub summary: String,
    /// The first capture, and the second.
    pub sides: Vec<SideEntry>,
    /// What differs, the worst first.
    pub differences: Vec<DifferenceEntry>,
    /// What is known of two vantage points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vantage: Option<VantageEntry>,
    /// What else is to be known, and is no difference.
    pub notes: Vec<String>,
}

/// One of the two captures.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SideEntry {
    /// What it is called here.
    pub name: String,
    /// Its files.
    pub captures: Vec<Capture>,
    /// Its verdict's state: healthy, degraded, broken, unclear or absent.
    pub state: String,
    /// Its verdict's headline.
    pub headline: String,
    /// How many hooks it holds.
    pub hooks: u64,
    /// How many of them were declined, failed or unanswered.
    pub failed: u64,
    /// How many sessions.
    pub sessions: u64,
    /// How many flows: calls, messages, streams.
    pub flows: u64,
    /// How many connections carry hooks.
    pub connections: u64,
}

/// A difference.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DifferenceEntry {
    /// Its id in this document.
    pub id: String,
    /// What kind of difference it is, in kebab-case.
    pub kind: String,
    /// error, warning or note: how bad the second capture is, compared with the first.
    pub severity: String,
    /// The difference in one line.
    pub title: String,
    /// What each capture shows of it, in the order of the captures.
    pub seen: Vec<Seen>,
}

/// What a capture shows of a difference.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Seen {
    /// What is seen.
    pub text: String,
    /// The frames that show it, the first ones: those of requests.
    pub frames: Vec<Frame>,
    /// The hooks' ids in the report on the capture, as many as there are frames.
    pub hooks: Vec<String>,
    /// How many hooks there are of it.
    pub count: u64,
}

/// What is known of two vantage points.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VantageEntry {
    /// Hooks that are in both captures.
    pub matched: u64,
    /// Hooks that are in one of them only, of which it cannot be told whether the other should show them.
    pub cannot_be_told: u64,
    /// How the clocks differ; absent where no hook is in both captures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockEntry>,
    /// The capture made on WCS's side, or nearer to it, by name; absent where it is not clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_server_side: Option<String>,
    /// Where the time goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencySplit>,
}

/// How the clocks of two captures differ.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClockEntry {
    /// What the second clock shows more than the first, in seconds.
    pub offset: f64,
    /// Half of the hooks differ from that by no more, in seconds.
    pub spread: f64,
    /// How many hooks were used.
    pub samples: u64,
    /// Whether requests and responses were used; otherwise the offset holds the time that requests are under way.
    pub two_way: bool,
    /// By how much the offset may be wrong if one way takes all of the time between the two places, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asymmetry: Option<f64>,
}

/// Where the time of an answer goes: medians, in seconds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LatencySplit {
    /// What the side of WCS waits.
    pub total: f64,
    /// What the side of the backend takes.
    pub backend: f64,
    /// The rest: network, and proxies.
    pub between: f64,
    /// The most that is lost between.
    pub between_max: f64,
}

impl SideEntry {
    /// What there is of a side.
    pub(super) fn of(side: &Side<'_>) -> Self {
        let document = &side.document;
        let streams: BTreeSet<u32> = document.hooks.iter().map(|hook| hook.stream).collect();
        Self {
            name: side.name.clone(),
            captures: document.captures.clone(),
            state: document.verdict.state.clone(),
            headline: document.verdict.headline.clone(),
            hooks: document.hooks.len() as u64,
            failed: document.backends.iter().map(|backend| backend.failed).sum(),
            sessions: document.sessions.len() as u64,
            flows: document.flows.len() as u64,
            connections: streams.len() as u64,
        }
    }
}
