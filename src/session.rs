//! Hooks in, sessions and flows out; and the [`Case`], all that rules and reports see.
//!
//! Comes in: exchanges and connection attempts, in any order. Goes out: at the end, a [`Case`]. Keeps: hooks, calls of
//! the REST API and attempts, bounded by [`hooks`](crate::limits::Limits::hooks), `rest_api_calls` and `attempts` of the limits.
//! Deliberately does not: judge.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod assemble;
mod attempt;
mod backend;
mod copies;
mod gather;
mod index;
mod listing;
mod lookup;
mod traffic;

use crate::capture::CaptureSummary;
use crate::catalog::{CustomMethod, FlowKind, HookMethod};
use crate::endpoint::{Endpoint, FrameNumber};
use crate::fact::Facts;
use crate::hook::{Hook, MethodConfig, Name, Outcome, RestApiCall, RestClientConfig};
use crate::time::{Span, Timestamp};
use crate::tls::TlsConnection;
use index::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

pub use attempt::{Attempt, AttemptOutcome, Target};
pub use backend::{Backend, Latency};
pub use gather::Gathering;
pub use listing::{BodyDigest, ListedExchange};
pub use lookup::Lookup;
pub use traffic::{Traffic, is_sip};

/// What the person who asks knows or wants.
#[derive(Clone, Debug)]
pub struct Options {
    /// From when on an answer is slow.
    pub slow: Span,
    /// WCS's `rest_request_timeout`.
    pub rest_timeout: Span,
    /// Addresses that are known to be backends, whether hooks are seen there or not.
    pub backends: Vec<Endpoint>,
    /// Ports that backends listen on, besides those of the documents.
    pub ports: Vec<u16>,
    /// Base paths that hooks go to: POSTs of a WCS session there are hooks, whatever their names.
    pub base_paths: Vec<String>,
    /// Methods that the catalogue does not know.
    pub methods: Vec<CustomMethod>,
    /// Whether to keep every exchange, hook or not.
    pub list_exchanges: bool,
    /// Whether hooks keep the exchanges in which they were recognized: header fields, bodies as sent, phases.
    pub keep_exchanges: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            slow: Span::from_seconds(1),
            rest_timeout: Span::from_seconds(15),
            backends: Vec::new(),
            ports: Vec::new(),
            base_paths: Vec::new(),
            methods: Vec::new(),
            list_exchanges: false,
            keep_exchanges: false,
        }
    }
}

/// Everything that the stages found: what rules judge and reports show.
#[derive(Debug)]
pub struct Case {
    /// The capture files.
    pub captures: Vec<CaptureSummary>,
    /// What traffic there was.
    pub traffic: Traffic,
    /// What the stages noticed.
    pub facts: Facts,
    /// What the asking person knows.
    pub options: Options,
    /// Backends, in the order of their first hooks.
    pub backends: Vec<Backend>,
    /// Hooks, in the order of their first frames.
    pub hooks: Vec<HookRecord>,
    /// Sessions, in the order of their first hooks.
    pub sessions: Vec<Session>,
    /// Flows, in the order of their first hooks.
    pub flows: Vec<Flow>,
    /// Methods that were seen for an application (`appKey`) at a backend.
    pub applications: BTreeMap<(usize, Option<Name>), BTreeSet<HookMethod>>,
    /// Calls of the REST API.
    pub rest_api_calls: Vec<RestApiCall>,
    /// Where connections were opened to, and what became of the attempts.
    pub targets: Vec<Target>,
    /// Names whose addresses were asked for, in the order of first questions.
    pub lookups: Vec<Lookup>,
    /// Connections on which an end speaks TLS, in the order of their ends.
    pub tls: Vec<TlsConnection>,
    /// Every exchange, in the order of first frames, where [`Options::list_exchanges`] asks for them.
    pub exchanges: Vec<ListedExchange>,
    /// What is looked up in these lists.
    index: OnceLock<Index>,
}

/// A hook, and its place among the others. Indices point into the lists of the [`Case`].
#[derive(Debug)]
pub struct HookRecord {
    /// The hook.
    pub hook: Box<Hook>,
    /// How it went.
    pub outcome: Outcome,
    /// Its backend.
    pub backend: usize,
    /// Its session, where it names one.
    pub session: Option<usize>,
    /// Its flow, where it is about one.
    pub flow: Option<usize>,
    /// The attempt that it repeats: one without response, or one whose answer asked for that.
    pub retry_of: Option<usize>,
    /// Whether a later hook repeats it.
    pub repeated: bool,
}

impl HookRecord {
    /// When it was over for WCS: with its answer, unless WCS had given up, or with what ended it; none while it was open.
    pub fn over(&self) -> Option<Timestamp> {
        let answered = self.answer.as_ref().filter(|_| self.outcome != Outcome::Unanswered);
        answered.map(|answer| answer.last).or_else(|| self.ended()).map(|over| over.time)
    }
}

impl std::ops::Deref for HookRecord {
    type Target = Hook;

    fn deref(&self) -> &Hook {
        &self.hook
    }
}

/// The hooks of one client's connection to WCS.
#[derive(Debug)]
pub struct Session {
    /// The WCS node, where the hooks name it.
    pub node_id: Option<Name>,
    /// The client's connection on that node.
    pub session_id: Name,
    /// The application.
    pub app_key: Option<Name>,
    /// Its hooks, in order.
    pub hooks: Vec<usize>,
    /// Its flows.
    pub flows: Vec<usize>,
    /// The `connect` that began it, the last attempt.
    pub connect: Option<usize>,
    /// What the connect response says about hooks; `None`: nothing, or no connect response was seen.
    pub config: Option<RestClientConfig>,
    /// Whether the client registers at a SIP server, as far as known.
    pub registers: Option<bool>,
    /// Where it stands at the end.
    pub state: SessionState,
}

/// Hooks that are looked at for the consequences of one: enough for any flow, and few enough for a flow without end.
const CONSEQUENCES: usize = 256;

/// Where a session stands at the capture's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Neither connect nor a connection status was seen.
    Unknown,
    /// connect was seen, and no status.
    Connecting,
    /// The backend refused connect, or did not answer it.
    Refused,
    /// Established.
    Established,
    /// The connection failed.
    Failed,
    /// Over.
    Disconnected,
}

impl SessionState {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Connecting => "connecting",
            Self::Refused => "refused",
            Self::Established => "established",
            Self::Failed => "failed",
            Self::Disconnected => "disconnected",
        }
    }
}

/// The hooks of one thing inside a session.
#[derive(Debug)]
pub struct Flow {
    /// What it is.
    pub kind: FlowKind,
    /// What names it: a call's id, a stream's media session; empty where a session has one such thing.
    pub key: String,
    /// Its session, where known.
    pub session: Option<usize>,
    /// Its hooks, in order.
    pub hooks: Vec<usize>,
    /// Where it stands at the end.
    pub state: FlowState,
}

/// Where a flow stands at the capture's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowState {
    /// Under way.
    Open,
    /// Over, as wanted.
    Finished,
    /// Over, and failed.
    Failed,
}

impl FlowState {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

impl Case {
    /// The session of a hook.
    pub fn session_of(&self, record: &HookRecord) -> Option<&Session> {
        self.sessions.get(record.session?)
    }

    /// The settings that hold for a hook of `method` in `session`: those of the connect response, or the defaults.
    pub fn config(&self, session: Option<&Session>, method: HookMethod) -> MethodConfig {
        session
            .and_then(|session| session.config.as_ref())
            .map(|config| config.of(method))
            .unwrap_or_default()
    }

    /// The time at which the capture ends.
    pub fn end(&self) -> Timestamp {
        self.traffic.last.map(|last| last.time).unwrap_or_default()
    }

    /// The time at which the capture begins.
    pub fn start(&self) -> Timestamp {
        self.traffic.first.map(|first| first.time).unwrap_or_default()
    }

    /// The name of a frame's file, where there are several files: without its folder, if that leaves no doubt.
    pub fn file_of(&self, frame: FrameNumber) -> Option<String> {
        let path = &self.captures.get(usize::from(frame.file())).filter(|_| self.captures.len() > 1)?.path;
        let alike = self.captures.iter().filter(|other| other.path.file_name() == path.file_name()).count();
        let name = path.file_name().filter(|_| alike == 1).unwrap_or(path.as_os_str());
        Some(name.to_string_lossy().into_owned())
    }

    /// The hooks of a session or flow behind one of them, the next ones: what is seen of its consequences.
    pub fn behind<'c>(
        &'c self,
        indices: &'c [usize],
        record: &HookRecord,
    ) -> impl Iterator<Item = &'c HookRecord> {
        let several = self.captures.len() > 1;
        let place = |one: &HookRecord| (several.then_some(one.first.time), one.first.frame, one.last.frame);
        let until = indices.partition_point(|index| {
            self.hooks.get(*index).is_some_and(|other| place(other) <= place(record))
        });
        let next = indices.get(until..).unwrap_or_default();
        self.records(next).map(|(_, other)| other).take(CONSEQUENCES)
    }

    /// The hooks of a session or flow.
    pub fn records<'c>(&'c self, indices: &'c [usize]) -> impl Iterator<Item = (usize, &'c HookRecord)> {
        indices.iter().filter_map(|index| Some((*index, self.hooks.get(*index)?)))
    }
}
