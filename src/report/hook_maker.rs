//! Makes the hooks of a document.

use super::detail::Detail;
use super::document::{Body, Change, Context, Frame, Hook, Problem};
use super::exchanges::EndpointEntry;
use super::moments::Moments;
use super::redact::Redactor;
use crate::catalog::HookMethod;
use crate::endpoint::FrameNumber;
use crate::hook::{Answer, Json, Members, RestPolicy};
use crate::http::NoResponse;
use crate::rules;
use crate::session::{Case, HookRecord};
use serde_json::Value;

/// Masks and names what hooks hold. A copy remembers for itself, so that each thread has one.
#[derive(Clone)]
pub(super) struct HookMaker<'c> {
    pub(super) case: &'c Case,
    pub(super) redactor: Redactor,
}

impl HookMaker<'_> {
    /// Text from a capture, masked.
    pub(super) fn text(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// The same, where there is any.
    pub(super) fn maybe(&self, text: Option<&(impl AsRef<str> + ?Sized)>) -> Option<String> {
        text.map(|text| self.text(text.as_ref()))
    }

    /// The name of a frame.
    pub(super) fn frame(&self, frame: FrameNumber) -> Frame {
        Frame::of(self.case, frame)
    }

    /// The names of frames.
    pub(super) fn frames(&self, frames: &[FrameNumber]) -> Vec<Frame> {
        frames.iter().map(|frame| self.frame(*frame)).collect()
    }

    /// A hook, by its place in the case.
    pub(super) fn hook(&self, index: usize, record: &HookRecord) -> Hook {
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
        if record.is_echoed() {
            return Vec::new();
        }
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
                // What could not be read is not known to be another value.
                let is_unread = value.is_unread() || before.is_some_and(Json::is_unread);
                let is_changed = !is_unread && before.is_none_or(|before| !before.is_same(*value));
                field != "restClientConfig" && is_changed
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
}

/// Ids in the document: a letter and the place in the list, from 1.
pub(super) fn id(letter: char, index: usize) -> String {
    format!("{letter}{}", index + 1)
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
