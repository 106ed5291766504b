//! Makes the document from a judged case: masks, names things, computes what renderings share.

use super::detail::Detail;
use super::document::{
    Backend, Body, Capture, Change, Config, Context, Document, Finding, Flow, Frame, Hook, Latency, Problem,
    RestApiCall, Selection, Session, Tool, Traffic, Verdict,
};
use super::exchanges::EndpointEntry;
use super::moments::Moments;
use super::redact::{Redaction, Redactor};
use crate::capture::{CaptureSummary, LinkType};
use crate::catalog::HookMethod;
use crate::endpoint::FrameNumber;
use crate::fact::FactKind;
use crate::hook::{Answer, Json, Members, RestPolicy};
use crate::http::NoResponse;
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
        Self::of_part(case, findings, verdict, redact, Scope::default(), None)
    }

    /// The same of a part: with the hooks and findings of `shown`, and what belongs to these; ids stay those of the whole.
    /// `selection` says which part it is.
    pub fn of_part(
        case: &Case,
        findings: &[rules::Finding],
        verdict: &rules::Verdict,
        redact: impl Into<Redaction>,
        shown: Scope,
        selection: Option<Selection>,
    ) -> Self {
        let redactor = Redactor::new(case, &redact.into());
        let maker = Maker { case, about: findings_about(case, findings, &shown), redactor, shown };
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::this(),
            redacted: maker.redactor.is_active(),
            selection: selection
                .map(|selection| Selection { conditions: maker.text(&selection.conditions), ..selection }),
            captures: case.captures.iter().map(capture).collect(),
            verdict: maker.verdict(verdict),
            backends: maker.backends(),
            hooks: maker.hooks(),
            sessions: maker.sessions(),
            flows: maker.flows(),
            rest_api_calls: maker.rest_api_calls(),
            findings: maker.findings(findings),
            traffic: traffic(case),
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
    redactor: Redactor,
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

/// Ids in the document: a letter and the place in the list, from 1.
fn id(letter: char, index: usize) -> String {
    format!("{letter}{}", index + 1)
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
        http_requests: traffic.exchanges,
        http_responses_alone: traffic.orphans,
        tls_connections: traffic.protocols.tls,
    }
}

impl Maker<'_> {
    fn text(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    fn maybe(&self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    fn frame(&self, frame: FrameNumber) -> Frame {
        Frame::of(self.case, frame)
    }

    fn frames(&self, frames: &[FrameNumber]) -> Vec<Frame> {
        frames.iter().map(|frame| self.frame(*frame)).collect()
    }

    fn verdict(&self, verdict: &rules::Verdict) -> Verdict {
        Verdict {
            state: verdict.state.name().to_owned(),
            headline: self.text(&verdict.headline),
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
            address: self.redactor.address(backend.server.ip()),
            port: backend.server.port(),
            host: self.maybe(backend.host.as_ref()),
            base_path: self.text(&backend.base_path),
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

    fn hooks(&self) -> Vec<Hook> {
        let shown = self.case.hooks.iter().enumerate().filter(|(index, _)| self.shown.has_hook(*index));
        shown.map(|(index, record)| self.hook(index, record)).collect()
    }

    fn hook(&self, index: usize, record: &HookRecord) -> Hook {
        let answer = record.answer.as_ref();
        Hook {
            id: id('h', index),
            method: self.text(&record.name),
            hook_type: record.hook_type.map(|kind| kind.name().to_owned()),
            target: self.text(&record.target),
            backend: id('b', record.backend),
            stream: record.connection.0,
            client: EndpointEntry::of(record.client, &self.redactor),
            frame: self.frame(record.last.frame),
            first_frame: self.frame(record.first.frame),
            frames: self.frames(&record.frames),
            response_frame: answer.map(|answer| self.frame(answer.last.frame)),
            response_frames: answer.map(|answer| self.frames(&answer.frames)).unwrap_or_default(),
            time: record.first.time.rfc3339(),
            relative: record.first.time.since(self.case.start()).seconds(),
            latency: record.latency().map(crate::time::Span::seconds),
            ttfb: record.ttfb().map(crate::time::Span::seconds),
            http_time: record.http_time().map(crate::time::Span::seconds),
            outcome: record.outcome.name().to_owned(),
            status: record.status_code(),
            no_response: record.no_response.map(|reason| no_response(reason).to_owned()),
            retry_of: record.retry_of.map(|earlier| id('h', earlier)),
            context: Context {
                node_id: self.maybe(record.context.node_id.as_ref()),
                session_id: self.maybe(record.context.session_id.as_ref()),
                app_key: self.maybe(record.context.app_key.as_ref()),
            },
            session: record.session.map(|session| id('s', session)),
            flow: record.flow.map(|flow| id('f', flow)),
            request: self.body(&record.request, None),
            response: answer.map(|answer| self.body(&answer.members, Some(answer))),
            changes: self.changes(record),
            effect: self.maybe(rules::effect(self.case, record).as_ref()),
            detail: record.exchange.as_ref().map(|exchange| Box::new(Detail::new(exchange, &self.redactor))),
            moments: Moments::of(record, self.case.start()),
        }
    }

    fn body(&self, members: &Members, answer: Option<&Answer>) -> Body {
        Body {
            complete: !members.is_partial(),
            json: (!members.object().is_empty() || members.is_whole())
                .then(|| self.redactor.members(members.object())),
            problem: members.problem().map(|problem| Problem {
                what: self.text(&problem.what),
                line: problem.line as u64,
                column: problem.column as u64,
            }),
            excerpt: answer.and_then(|answer| self.maybe(answer.excerpt.as_ref())),
            content_type: answer.and_then(|answer| self.maybe(answer.content_type.as_ref())),
            server: answer.and_then(|answer| self.maybe(answer.server.as_ref())),
        }
    }

    /// What the response changes; whether it counts is decided by the session's restClientConfig.
    fn changes(&self, record: &HookRecord) -> Vec<Change> {
        let Some(answer) = record.answer.as_ref().filter(|answer| answer.status == 200) else {
            return Vec::new();
        };
        let Some(method) = record.method else { return Vec::new() };
        let config = self.case.config(self.case.session_of(record), method);
        let overwrites = |field: &str| {
            config.rest_policy == RestPolicy::Overwrite
                && config.rest_overwrite.iter().any(|known| known == field)
        };
        answer
            .members
            .iter()
            .filter(|(field, value)| {
                let before = record.request.object().get(field);
                field != "restClientConfig" && before.is_none_or(|before| !before.is_same(*value))
            })
            .map(|(field, value)| Change {
                field: self.text(&field),
                from: record.request.object().get(&field).map(|before| self.member(&field, before)),
                to: self.member(&field, value),
                applied: method == HookMethod::Connect || overwrites(&field),
            })
            .collect()
    }

    fn member(&self, name: &str, value: Json<'_>) -> Value {
        self.redactor.member(name, &value.value())
    }

    fn sessions(&self) -> Vec<Session> {
        let session = |(index, session): (usize, &crate::session::Session)| Session {
            id: id('s', index),
            node_id: self.maybe(session.node_id.as_ref()),
            session_id: self.text(&session.session_id),
            app_key: self.maybe(session.app_key.as_ref()),
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
            problems: problems.map(|problem| self.text(&problem)).collect(),
        }
    }

    fn flows(&self) -> Vec<Flow> {
        let flow = |(index, flow): (usize, &crate::session::Flow)| Flow {
            id: id('f', index),
            kind: flow.kind.name().to_owned(),
            key: self.text(&flow.key),
            session: flow.session.map(|session| id('s', session)),
            state: flow.state.name().to_owned(),
            hooks: self.hook_ids(&flow.hooks),
        };
        let flows = self.case.flows.iter().enumerate();
        flows.filter(|(_, flow)| self.shows_any(&flow.hooks)).map(flow).collect()
    }

    fn rest_api_calls(&self) -> Vec<RestApiCall> {
        let call = |call: &crate::hook::RestApiCall| RestApiCall {
            path: self.text(&call.path),
            stream: call.connection.0,
            frame: self.frame(call.at.frame),
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
            title: self.text(&finding.title),
            message: self.text(&finding.message),
            effect: self.maybe(finding.effect.as_ref()),
            remedy: self.text(&finding.remedy),
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
            frames: self.frames(evidence.frames()),
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

pub(super) const fn no_response(reason: NoResponse) -> &'static str {
    match reason {
        NoResponse::Reset(_) => "reset",
        NoResponse::Closed(_) => "closed",
        NoResponse::GaveUp(_) => "gave-up",
        NoResponse::NotCaptured => "not-captured",
        NoResponse::Unreadable(_) => "unreadable",
        NoResponse::CaptureEnded(_) => "capture-ended",
        NoResponse::LostSight => "end-not-captured",
    }
}
