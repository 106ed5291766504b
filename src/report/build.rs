//! Makes the document from a judged case: masks, names things, computes what renderings share.

use super::document::{
    Backend, Capture, Config, Document, Finding, Flow, Frame, Latency, RestApiCall, Selection, Session, Tool,
    Traffic, Verdict,
};
use super::hook_maker::{HookMaker, id};
use super::hook_stream::HookStream;
use super::redact::{Redaction, Redactor};
use crate::capture::{CaptureSummary, LinkType};
use crate::endpoint::FrameNumber;
use crate::fact::FactKind;
use crate::limits::Limit;
use crate::rules::{self, Scope};
use crate::session::{Case, HookRecord};
use crate::time::Timestamp;
use serde_json::{Map, Value, json};

/// The version of the document's format.
pub(crate) const SCHEMA_VERSION: &str = "1.0.0";
/// Hooks that a finding lists by id.
const LISTED_HOOKS: usize = 1_000;

impl Document {
    /// Makes the document, masked as `redact` says: `true` masks secrets, `false` nothing.
    pub fn new(
        case: &Case,
        findings: &[rules::Finding],
        verdict: &rules::Verdict,
        redact: impl Into<Redaction>,
    ) -> Self {
        Document::streamed(case, findings, verdict, redact, Scope::default(), None).whole()
    }
}

impl<'c> Document<HookStream<'c>> {
    /// Makes the document of a part: with the hooks and findings of `shown`, and what belongs to these; ids stay those of
    /// the whole. `selection` says which part it is. Its hooks are made while they are written.
    pub fn streamed(
        case: &'c Case,
        findings: &[rules::Finding],
        verdict: &rules::Verdict,
        redact: impl Into<Redaction>,
        shown: Scope,
        selection: Option<Selection>,
    ) -> Self {
        let hooks = HookMaker { case, redactor: Redactor::new(case, &redact.into()) };
        let maker = Maker { case, about: findings_about(case, findings, &shown), hooks, shown };
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::this(),
            redacted: maker.hooks.redactor.is_active(),
            selection: selection.map(|selection| Selection {
                conditions: maker.hooks.text(&selection.conditions),
                ..selection
            }),
            captures: case.captures.iter().map(capture).collect(),
            verdict: maker.verdict(verdict),
            backends: maker.backends(),
            sessions: maker.sessions(),
            flows: maker.flows(),
            rest_api_calls: maker.rest_api_calls(),
            findings: maker.findings(findings),
            traffic: traffic(case),
            hooks: HookStream::new(maker.hooks, &maker.shown),
        }
    }

    /// The same, with its hooks made.
    pub fn whole(self) -> Document {
        self.map_hooks(|hooks| hooks.with(&|hook| hook, |hooks| hooks.collect()))
    }
}

impl<H> Document<H> {
    fn map_hooks<T>(self, map: impl FnOnce(H) -> T) -> Document<T> {
        let Self { schema_version, tool, redacted, selection, captures, verdict, backends, .. } = self;
        let Self { sessions, flows, rest_api_calls, findings, traffic, hooks, .. } = self;
        Document {
            schema_version,
            tool,
            redacted,
            selection,
            captures,
            verdict,
            backends,
            hooks: map(hooks),
            sessions,
            flows,
            rest_api_calls,
            findings,
            traffic,
        }
    }
}

impl Tool {
    /// This program.
    pub(crate) fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl Frame {
    /// The name of a frame.
    pub(super) fn of(case: &Case, frame: FrameNumber) -> Self {
        match case.file_of(frame) {
            Some(file) => Self::Named(format!("{file}#{}", frame.number())),
            None => Self::Number(frame.number()),
        }
    }
}

struct Maker<'c> {
    case: &'c Case,
    shown: Scope,
    /// The findings about each session, by index.
    about: Vec<Vec<usize>>,
    hooks: HookMaker<'c>,
}

fn findings_about(case: &Case, findings: &[rules::Finding], shown: &Scope) -> Vec<Vec<usize>> {
    let mut about: Vec<Vec<usize>> = case.sessions.iter().map(|_| Vec::new()).collect();
    for (index, finding) in findings.iter().enumerate().filter(|(index, _)| shown.has_finding(*index)) {
        for (_, record) in case.records(finding.evidence.hooks()) {
            if let Some(known) = record.session.and_then(|session| about.get_mut(session))
                && known.last() != Some(&index)
            {
                known.push(index);
            }
        }
    }
    about
}

fn ids(letter: char, indices: &[usize]) -> Vec<String> {
    indices.iter().map(|index| id(letter, *index)).collect()
}

pub(super) fn capture(summary: &CaptureSummary) -> Capture {
    Capture {
        path: summary.path.to_string_lossy().into_owned(),
        sha256: summary.sha256.clone(),
        format: summary.format.to_owned(),
        compression: summary.compression.map(str::to_owned),
        link_types: summary.link_types.iter().copied().map(LinkType::name).collect(),
        frames: summary.frames,
        first_time: summary.first_time.map(Timestamp::rfc3339),
        last_time: summary.last_time.map(Timestamp::rfc3339),
        cut_short: summary.cut_short,
    }
}

fn traffic(case: &Case) -> Traffic {
    let traffic = &case.traffic;
    Traffic {
        frames: traffic.frames,
        tcp_segments: traffic.tcp,
        tcp_connections: traffic.connections,
        udp_datagrams: traffic.udp,
        http_requests: traffic.http.exchanges,
        http_responses_alone: traffic.http.orphans,
        tls_connections: traffic.tls_connections,
    }
}

impl Maker<'_> {
    fn verdict(&self, verdict: &rules::Verdict) -> Verdict {
        Verdict {
            state: verdict.state.name().to_owned(),
            headline: self.hooks.text(&verdict.headline),
            actor: verdict.actor.name().to_owned(),
            findings: verdict
                .findings
                .iter()
                .filter(|place| self.shown.has_finding(**place))
                .map(|place| id('F', *place))
                .collect(),
        }
    }

    /// The ids of those hooks that are shown.
    fn hook_ids(&self, hooks: &[usize]) -> Vec<String> {
        hooks.iter().filter(|place| self.shown.has_hook(**place)).map(|place| id('h', *place)).collect()
    }

    fn backends(&self) -> Vec<Backend> {
        let all = self.case.backends.iter().enumerate();
        if self.shown.is_whole() {
            return all.map(|(index, backend)| self.backend(index, backend)).collect();
        }
        let mut records: Vec<Vec<&HookRecord>> = vec![Vec::new(); self.case.backends.len()];
        for record in self.shown.records(self.case) {
            if let Some(own) = records.get_mut(record.backend) {
                own.push(record);
            }
        }
        let seen = all.zip(records).filter(|(_, own)| !own.is_empty());
        seen.map(|((index, backend), own)| self.backend(index, &backend.with(&own))).collect()
    }

    fn backend(&self, index: usize, backend: &crate::session::Backend) -> Backend {
        Backend {
            id: id('b', index),
            address: self.hooks.redactor.address(backend.server.ip()),
            port: backend.server.port(),
            host: self.hooks.maybe(backend.host.as_ref()),
            base_path: self.hooks.text(&backend.base_path),
            hooks: backend.hooks,
            failed: backend.failed,
            latency: backend.latency.map(|latency| Latency {
                min: latency.min.seconds(),
                median: latency.median.seconds(),
                p95: latency.p95.seconds(),
                max: latency.max.seconds(),
            }),
        }
    }

    fn sessions(&self) -> Vec<Session> {
        let session = |(index, session): (usize, &crate::session::Session)| Session {
            id: id('s', index),
            node_id: self.hooks.maybe(session.node_id.as_ref()),
            session_id: self.hooks.text(&session.session_id),
            app_key: self.hooks.maybe(session.app_key.as_ref()),
            state: session.state.name().to_owned(),
            config: self.config(session),
            hooks: self.hook_ids(&session.hooks),
            flows: self.flow_ids(&session.flows),
            findings: self.about.get(index).map(|about| ids('F', about)).unwrap_or_default(),
        };
        let sessions = self.case.sessions.iter().enumerate();
        sessions.filter(|(_, session)| self.shows_any(&session.hooks)).map(session).collect()
    }

    /// Whether a session or flow with these hooks is shown.
    fn shows_any(&self, hooks: &[usize]) -> bool {
        self.shown.is_whole() || hooks.iter().any(|place| self.shown.has_hook(*place))
    }

    /// The ids of those flows that are shown.
    fn flow_ids(&self, flows: &[usize]) -> Vec<String> {
        let shown =
            |place: &&usize| self.case.flows.get(**place).is_some_and(|flow| self.shows_any(&flow.hooks));
        flows.iter().filter(shown).map(|place| id('f', *place)).collect()
    }

    fn config(&self, session: &crate::session::Session) -> Config {
        let Some(config) = &session.config else {
            return Config { source: "default".to_owned(), methods: Map::new(), problems: Vec::new() };
        };
        let methods = config.methods.iter().map(|(method, settings)| {
            let settings = json!({
                "restOnError": settings.rest_on_error.name(),
                "restPolicy": settings.rest_policy.name(),
                "restOverwrite": settings.rest_overwrite,
                "restExclude": settings.rest_exclude,
            });
            (method.name().to_owned(), settings)
        });
        let problems = config.problems.iter().map(ToString::to_string);
        Config {
            source: "connect".to_owned(),
            methods: methods.collect::<Map<String, Value>>(),
            problems: problems.map(|problem| self.hooks.text(&problem)).collect(),
        }
    }

    fn flows(&self) -> Vec<Flow> {
        let flow = |(index, flow): (usize, &crate::session::Flow)| Flow {
            id: id('f', index),
            kind: flow.kind.name().to_owned(),
            key: self.hooks.text(&flow.key),
            session: flow.session.map(|session| id('s', session)),
            state: flow.state.name().to_owned(),
            hooks: self.hook_ids(&flow.hooks),
        };
        let flows = self.case.flows.iter().enumerate();
        flows.filter(|(_, flow)| self.shows_any(&flow.hooks)).map(flow).collect()
    }

    fn rest_api_calls(&self) -> Vec<RestApiCall> {
        let call = |call: &crate::hook::RestApiCall| RestApiCall {
            path: self.hooks.text(&call.path),
            stream: call.connection.0,
            frame: self.hooks.frame(call.at.frame),
            status: call.status,
        };
        self.case.rest_api_calls.iter().map(call).collect()
    }

    fn findings(&self, findings: &[rules::Finding]) -> Vec<Finding> {
        let shown = findings.iter().enumerate().filter(|(index, _)| self.shown.has_finding(*index));
        shown.map(|(index, finding)| self.finding(index, finding)).collect()
    }

    fn finding(&self, index: usize, finding: &rules::Finding) -> Finding {
        let evidence = &finding.evidence;
        let records: Vec<&HookRecord> =
            self.case.records(evidence.hooks()).map(|(_, record)| record).collect();
        let hooks = evidence.hooks();
        Finding {
            id: id('F', index),
            rule: finding.rule.name.to_owned(),
            severity: finding.severity.name().to_owned(),
            confidence: finding.confidence.name().to_owned(),
            actor: finding.actor.name().to_owned(),
            title: self.hooks.text(&finding.title),
            message: self.hooks.text(&finding.message),
            effect: self.hooks.maybe(finding.effect.as_ref()),
            remedy: self.hooks.text(&finding.remedy),
            count: evidence.count(),
            first_time: evidence.first().map(Timestamp::rfc3339),
            last_time: evidence.last().map(Timestamp::rfc3339),
            session: only(records.iter().map(|record| record.session)).map(|session| id('s', session)),
            flow: only(records.iter().map(|record| record.flow)).map(|flow| id('f', flow)),
            hook: only(hooks.iter().map(|hook| Some(*hook))).map(|hook| id('h', hook)),
            caused_by: finding
                .caused_by
                .filter(|cause| self.shown.has_finding(*cause))
                .map(|cause| id('F', cause)),
            hooks: self.hook_ids(hooks.get(..LISTED_HOOKS).unwrap_or(hooks)),
            streams: evidence.streams().iter().map(|stream| stream.0).collect(),
            frames: self.hooks.frames(evidence.frames()),
            filter: self.filter(evidence),
        }
    }

    /// A display filter for the evidence of a single capture.
    fn filter(&self, evidence: &rules::Evidence) -> Option<String> {
        if self.case.captures.len() > 1 || evidence.frames().is_empty() {
            return None;
        }
        let numbers: Vec<String> = evidence.frames().iter().map(|frame| frame.number().to_string()).collect();
        let frames = format!("frame.number in {{{}}}", numbers.join(","));
        // Beyond the limit of connections the numbers of streams are no longer Wireshark's.
        let same = self.case.facts.count(FactKind::LimitReached(Limit::Connections)) == 0;
        match evidence.streams() {
            [stream] if same => Some(format!("tcp.stream eq {stream} && {frames}")),
            _ => Some(frames),
        }
    }
}

/// The value that all have, if they have one.
fn only(mut values: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    let first = values.next()??;
    values.all(|value| value == Some(first)).then_some(first)
}
