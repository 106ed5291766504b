//! A call flow as a file tells it.

use super::expected::Expected;
use super::reader::{self, FlowError};
use crate::catalog::{CATALOG, FlowKind, HookMethod};
use crate::hook::Outcome;
use crate::time::Span;

/// A call flow: the hooks that are expected, in order.
#[derive(Debug)]
pub struct FlowFile {
    /// What it is called in results.
    pub name: String,
    /// What it is, in a sentence.
    pub about: Option<String>,
    /// In what it is looked for.
    pub(super) per: Per,
    /// Which of these it applies to: those with such a hook; all, if there is none.
    pub(super) applies_to: Option<Pattern>,
    /// Whether other hooks than those of its steps are wrong.
    pub(super) strict: bool,
    /// The steps, in order.
    pub(super) steps: Vec<Step>,
}

impl FlowFile {
    /// Reads a flow file (TOML); `name` is what it is called unless it says so itself.
    pub fn parse(name: &str, text: &str) -> Result<Self, FlowError> {
        reader::read(name, text)
    }
}

/// In what a flow is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    /// All hooks of the capture.
    Capture,
    /// The hooks of a session.
    Session,
    /// The hooks of a call, a stream, a message, …
    Flow(FlowKind),
}

impl Per {
    /// All of them, with the names of flows in the catalogue's order.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![Self::Session, Self::Capture];
        for kind in CATALOG.iter().filter_map(|spec| spec.flow) {
            if !all.contains(&Self::Flow(kind)) {
                all.push(Self::Flow(kind));
            }
        }
        all
    }

    /// The name in files and results.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Session => "session",
            Self::Flow(kind) => kind.name(),
        }
    }

    /// Whether hooks of a method are among those that are looked at.
    pub(super) fn holds(self, method: HookMethod) -> bool {
        match self {
            Self::Flow(kind) => method.spec().flow == Some(kind),
            Self::Capture | Self::Session => true,
        }
    }
}

/// What a hook is expected to be.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    /// Its method is one of these.
    pub(super) methods: Vec<HookMethod>,
    /// What its body holds, by paths.
    pub(super) request: Vec<Member>,
    /// What the response's body holds.
    pub(super) response: Vec<Member>,
    /// The response's status is one of these; none: any.
    pub(super) status: Vec<u16>,
    /// How it went is one of these; none: any.
    pub(super) outcome: Vec<Outcome>,
}

/// A member of a body, and what is expected of it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Names, from the outermost one.
    pub(super) path: Vec<String>,
    /// What it is expected to be.
    pub(super) expected: Expected,
}

impl Member {
    /// The status that a hook reports: it tells one step from another.
    pub(super) fn is_status(&self) -> bool {
        matches!(self.path.as_slice(), [name] if name == "status")
    }
}

impl Pattern {
    /// Any hook of these methods.
    pub(super) fn of(methods: Vec<HookMethod>) -> Self {
        Self { methods, ..Self::default() }
    }

    /// The status that its hook is to report.
    pub(super) fn reported(&self) -> Option<&Member> {
        self.request.iter().find(|member| member.is_status())
    }

    /// Its hook in words: `CallStatusEvent RING`, `answer or hangup`.
    pub(super) fn title(&self) -> String {
        let names: Vec<&str> = self.methods.iter().map(|method| method.name()).collect();
        let reported = self.reported().map(|member| format!(" {}", member.expected.plain()));
        names.join(" or ") + &reported.unwrap_or_default()
    }
}

/// A step of a flow.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The hook.
    pub(super) pattern: Pattern,
    /// How long after an earlier step it comes at most.
    pub(super) within: Option<Span>,
    /// That step; the last one that was seen, if none is named.
    pub(super) after: Option<usize>,
    /// How long its answer takes at most.
    pub(super) answered_within: Option<Span>,
    /// Whether it may be left out.
    pub(super) optional: bool,
    /// How often it comes at least, unless it is left out.
    pub(super) least: usize,
    /// How often it comes at most, where there is a limit.
    pub(super) most: Option<usize>,
}

impl Step {
    /// A step with this hook, once.
    pub(super) const fn of(pattern: Pattern) -> Self {
        Self {
            pattern,
            within: None,
            after: None,
            answered_within: None,
            optional: false,
            least: 1,
            most: Some(1),
        }
    }

    /// How often it comes, in words, unless it comes once.
    pub(super) fn times(&self) -> Option<String> {
        match (self.least, self.most) {
            (1, Some(1)) => None,
            (1, None) => Some("repeated".to_owned()),
            (least, None) => Some(format!("{least} times or more")),
            (least, Some(most)) if least == most => Some(format!("{least} times")),
            (least, Some(most)) => Some(format!("{least} to {most} times")),
        }
    }
}
