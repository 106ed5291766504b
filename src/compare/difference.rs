//! Differences, before they are told: what they are, how bad, and in which order.

use super::document::{DifferenceEntry, Seen, VantageEntry};

/// Differences that the line about all of them names.
const NAMED: usize = 3;

/// What kind of difference it is; the more it explains, the earlier it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One capture holds no hook traffic.
    NoHooks,
    /// The verdicts differ.
    Verdict,
    /// A hook left one place and never reached the other.
    NeverArrived,
    /// An answer left the backend's place and never reached WCS's.
    AnswerLost,
    /// Answers differ, between runs or between places.
    Answer,
    /// A method is seen in one only.
    Method,
    /// A backend is seen in one only.
    Backend,
    /// A backend is called in another way: address, port, base path, Host.
    Address,
    /// A rule fires in one only.
    Finding,
    /// An operation's outcome differs.
    Reported,
    /// Flows take another course.
    Course,
    /// A body was changed between two places.
    Altered,
    /// A member is there in one only, or has another type or value.
    Field,
    /// Answers take longer.
    Latency,
    /// Connections are used in another way.
    Connections,
    /// A hook was answered by somebody that the other place does not see.
    Elsewhere,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::NoHooks => "no-hooks",
            Self::Verdict => "verdict",
            Self::NeverArrived => "never-arrived",
            Self::AnswerLost => "answer-lost",
            Self::Answer => "answer",
            Self::Method => "method",
            Self::Backend => "backend",
            Self::Address => "address",
            Self::Finding => "finding",
            Self::Reported => "reported",
            Self::Course => "course",
            Self::Altered => "altered",
            Self::Field => "field",
            Self::Latency => "latency",
            Self::Connections => "connections",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// How bad the second capture is, compared with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It fails.
    Error,
    /// It may fail.
    Warning,
    /// It is another, or a better one.
    Note,
}

impl Weight {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A difference.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) weight: Weight,
    pub(super) title: String,
    pub(super) seen: [Seen; 2],
}

/// What a comparison finds.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) differences: Vec<Difference>,
    pub(super) vantage: Option<VantageEntry>,
    pub(super) notes: Vec<String>,
    /// What is said where nothing differs.
    pub(super) same: String,
}

/// The differences, the worst first, and a line about all of them.
pub(super) fn in_order(mut differences: Vec<Difference>, same: &str) -> (Vec<DifferenceEntry>, String) {
    differences.sort_by_key(|difference| (difference.weight, difference.kind));
    let summary = if differences.is_empty() { same.to_owned() } else { summary(&differences) };
    let entry = |(number, difference): (usize, Difference)| DifferenceEntry {
        id: format!("D{number}"),
        kind: difference.kind.name().to_owned(),
        severity: difference.weight.name().to_owned(),
        title: difference.title,
        seen: difference.seen.into(),
    };
    ((1..).zip(differences).map(entry).collect(), summary)
}

fn summary(differences: &[Difference]) -> String {
    let named: Vec<&str> =
        differences.iter().take(NAMED).map(|difference| difference.title.as_str()).collect();
    let more = match differences.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => "; and 1 more difference".to_owned(),
        more => format!("; and {more} more differences"),
    };
    format!("{}{more}", named.join("; "))
}
