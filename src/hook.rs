//! Exchanges in, hooks out: which exchange is a call of a REST method by WCS, what it carries, and how it went.
//!
//! Comes in: an [`Exchange`]. Goes out: [`Recognized`]. Keeps nothing. Deliberately does not: relate hooks to each other.
//!
//! A hook is a POST whose last path segment is a method's name (the catalogue's, or one that the asking person describes), under any base path, outside the REST API's own paths;
//! a body that is there must be a JSON object that speaks of a WCS session. What a body cut by the snap length shows
//! is read as far as it goes.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod answer;
mod config;
mod json;
mod members;
mod names;
mod similar;
mod target;
mod verbatim;

use crate::catalog::{CustomMethod, HookMethod, HookType, RestApiMethod, is_secret};
use crate::endpoint::{ConnectionId, Endpoint, FrameNumber, Moment};
use crate::http::{Completeness, Delays, Exchange, Fields, NoResponse, Request, Response, SentAgain};
use crate::time::{Span, Timestamp};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
pub use answer::{Answer, Content};
pub use config::{ConfigProblem, MethodConfig, RestClientConfig, RestOnError, RestPolicy};
pub use json::{Json, JsonObject};
pub(crate) use members::kind;
pub use members::{Members, Unusable, alike, says_nothing, text};
pub use names::{Name, Names};
use rustc_hash::FxHasher;
pub use similar::closest;
use std::borrow::Cow;
use std::hash::{Hash as _, Hasher as _};
use std::sync::LazyLock;
use target::Target;
pub(crate) use verbatim::Verbatim;

/// What an exchange was recognized as.
#[derive(Debug)]
pub enum Recognized {
    /// A hook of the catalogue, or of a method that the asking person describes.
    Hook(Box<Hook>),
    /// A POST that looks like a hook but for its name; it is one if hooks go to the same backend.
    Candidate(Box<Hook>),
    /// A call of the REST API: the other way, into WCS.
    RestApiCall(RestApiCall),
    /// Another exchange.
    Other,
}

/// An observed hook: one attempt that put a request on the wire.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The method, unless its name is unknown.
    pub method: Option<HookMethod>,
    /// Its type, unless its name is unknown to the asking person as well.
    pub hook_type: Option<HookType>,
    /// The name: the catalogue's spelling, or the asking person's, or the last path segment as sent.
    pub name: Name,
    /// The request's target as sent.
    pub target: Name,
    /// The path before the name.
    pub base_path: Name,
    /// The field Host.
    pub host: Option<Name>,
    /// The connection.
    pub connection: ConnectionId,
    /// WCS.
    pub client: Endpoint,
    /// The backend.
    pub server: Endpoint,
    /// The segment with the request's first octet.
    pub first: Moment,
    /// The segment that completed the request: Wireshark's frame of it.
    pub last: Moment,
    /// The request's segments.
    pub frames: Box<[FrameNumber]>,
    /// Whether all of the request was captured.
    pub completeness: Completeness,
    /// The request's body.
    pub request: Members,
    /// The response.
    pub answer: Option<Answer>,
    /// Why there is no response.
    pub no_response: Option<NoResponse>,
    /// When the backend's machine acknowledged the request.
    pub acknowledged: Option<Moment>,
    /// How often the request was sent again.
    pub sent_again: SentAgain,
    /// What held the request and the response up.
    pub delays: Delays,
    /// When WCS left, if it did so before the response was complete.
    pub abandoned: Option<Moment>,
    /// When the backend had ended the connection, if that was before the request.
    pub stale: Option<Moment>,
    /// When the backend reset the connection, if that broke off the response.
    pub reset: Option<Moment>,
    /// Whether the connection's beginning was captured.
    pub from_start: bool,
    /// Whom the hook is about.
    pub context: Context,
    /// What tells repetitions: equal for the same method and body.
    pub fingerprint: u64,
    /// Whether the path alone makes it a hook: nothing of its body is there to be read.
    pub by_path_only: bool,
    /// Whether a body was cut by a limit of this program.
    pub limited: bool,
    /// The scheme of the field Authorization, such as Basic.
    pub authorization: Option<Box<str>>,
    /// Header fields of the request and the response that hold secrets, as lines: what is never to be shown.
    pub credentials: Box<[String]>,
    /// The exchange in which it was recognized, where it is kept: see [`Options`](crate::session::Options).
    pub exchange: Option<Box<Exchange>>,
}

/// The context parameters (document S4): whom a hook is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The WCS node.
    pub node_id: Option<Name>,
    /// The client's connection on that node.
    pub session_id: Option<Name>,
    /// The application.
    pub app_key: Option<Name>,
}

/// How a hook went, from WCS's point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// 200 with a JSON object.
    Ok,
    /// 403: the backend forbids it.
    Declined,
    /// Any other answer, or one that is cut or unusable.
    Failed,
    /// The request went out and no response came.
    Unanswered,
    /// The capture cannot tell.
    Unknown,
}

impl Outcome {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Unanswered => "unanswered",
            Self::Unknown => "unknown",
        }
    }
}

/// A call of the REST API, into WCS.
#[derive(Clone, Debug)]
pub struct RestApiCall {
    /// The path, without the query.
    pub path: String,
    /// The connection.
    pub connection: ConnectionId,
    /// The request's frame.
    pub at: Moment,
    /// The response's status.
    pub status: Option<u16>,
    /// What it is about: ids by which the hooks that it causes are known.
    pub ids: Vec<(&'static str, String)>,
}

impl Hook {
    /// How it went, in a capture that ends at `end`; a response is waited for as long as WCS does, `patience`.
    pub fn outcome(&self, end: Timestamp, patience: Span) -> Outcome {
        if let Some(answer) = &self.answer {
            return if self.abandoned.is_some() { Outcome::Unanswered } else { answer.outcome() };
        }
        match self.no_response {
            Some(NoResponse::Reset(_) | NoResponse::Closed(_) | NoResponse::GaveUp(_)) => Outcome::Unanswered,
            Some(NoResponse::Unreadable(_)) => Outcome::Failed,
            Some(NoResponse::CaptureEnded(_)) if end.since(self.last.time) > patience => Outcome::Unanswered,
            _ => Outcome::Unknown,
        }
    }

    /// First octet of the request to last octet of the response.
    pub fn latency(&self) -> Option<Span> {
        Some(self.answer.as_ref()?.last.time.since(self.first.time))
    }

    /// Last octet of the request to first octet of the response.
    pub fn ttfb(&self) -> Option<Span> {
        Some(self.answer.as_ref()?.first.time.since(self.last.time))
    }

    /// Last segment of the request to last segment of the response: Wireshark's `http.time`.
    pub fn http_time(&self) -> Option<Span> {
        Some(self.answer.as_ref()?.last.time.since(self.last.time))
    }

    /// The response's status code.
    pub fn status_code(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    /// Whether the response is known to repeat the request, as backends often do. `false` says nothing.
    pub fn is_echoed(&self) -> bool {
        let answered = |answer: &Answer| answer.members.object().is_copy_of(self.request.object());
        self.answer.as_ref().is_some_and(answered)
    }

    /// The value of a member of the request's body, as text.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.request.text(name)
    }

    /// The operation's status that the hook reports.
    pub fn status(&self) -> Option<Cow<'_, str>> {
        self.parameter("status")
    }

    /// Whether the answer asks for the same once more: with credentials (RFC 9110, section 11.6), or elsewhere
    /// (sections 15.4.8 and 15.4.9).
    pub fn is_asked_again(&self) -> bool {
        matches!(self.status_code(), Some(401 | 407 | 307 | 308))
    }

    /// Its last segment: the response's, or, where there is none, the request's.
    pub fn last_seen(&self) -> Moment {
        self.answer.as_ref().map_or(self.last, |answer| answer.last)
    }

    /// Whether it is a sign of life, which is sent at a steady pace.
    pub fn keeps_alive(&self) -> bool {
        self.method.is_some_and(|method| method.spec().keeps_alive)
    }

    /// Whether the hook is of this method.
    pub fn is(&self, method: HookMethod) -> bool {
        self.method == Some(method)
    }

    /// What ended the exchange in place of a complete response: a FIN or RST of either side, or octets that are none.
    pub fn ended(&self) -> Option<Moment> {
        match self.no_response {
            Some(
                NoResponse::Reset(at)
                | NoResponse::Closed(at)
                | NoResponse::GaveUp(at)
                | NoResponse::Unreadable(at),
            ) => Some(at),
            _ => self.abandoned.or(self.reset),
        }
    }

    /// The frames that prove how the hook went.
    pub fn evidence(&self) -> impl Iterator<Item = FrameNumber> {
        let answer = self.answer.as_ref().map(|answer| answer.last.frame);
        [self.last.frame].into_iter().chain(answer).chain(self.ended().map(|at| at.frame))
    }
}

/// Members that only hooks have: any one of them confirms a method's name that other programs use as well.
const TELLING: [&str; 7] =
    ["nodeId", "sessionId", "appKey", "callId", "mediaSessionId", "operationId", "sipRegisterRequired"];

/// A name that makes a POST a hook.
#[derive(Clone, Copy)]
enum Known<'m> {
    Method(HookMethod),
    Custom(&'m CustomMethod),
}

impl<'m> Known<'m> {
    fn from_name(name: &str, custom: &'m [CustomMethod]) -> Option<Self> {
        let custom = || CustomMethod::find(name, custom).map(Self::Custom);
        HookMethod::from_name(name).map(Self::Method).or_else(custom)
    }

    const fn method(self) -> Option<HookMethod> {
        match self {
            Self::Method(method) => Some(method),
            Self::Custom(_) => None,
        }
    }

    fn name(self) -> &'m str {
        match self {
            Self::Method(method) => method.name(),
            Self::Custom(custom) => &custom.name,
        }
    }

    const fn hook_type(self) -> HookType {
        match self {
            Self::Method(method) => method.spec().hook_type,
            Self::Custom(custom) => custom.hook_type,
        }
    }
}

/// Recognizes an exchange; `custom` are methods that the catalogue does not know.
/// `names` are those of all hooks.
pub fn recognize(mut exchange: Exchange, custom: &[CustomMethod], names: &mut Names) -> Recognized {
    let Some(request) = exchange.request.take() else { return Recognized::Other };
    let target = Target::parse(&request.start.target);
    if target.is_rest_api {
        return Recognized::RestApiCall(RestApiCall {
            path: target.path.to_owned(),
            connection: exchange.connection,
            at: request.extent.last,
            status: exchange.response.as_ref().map(|response| response.start.status),
            ids: ids(target.path, &request, exchange.response.as_ref()),
        });
    }
    let known = Known::from_name(target.name, custom);
    if !may_be_hook(&request, &target, known.is_some()) {
        return Recognized::Other;
    }
    let members = Members::read(&request.body, request.completeness);
    let told = TELLING.iter().any(|name| members.get(name).is_some());
    // A body that is not there to be read speaks neither for nor against.
    let silent = members.is_invisible();
    let event = target.name.len() > 5 && target.name.to_ascii_lowercase().ends_with("event");
    let recognized = match known {
        Some(_) if told || silent || event => Recognized::Hook,
        None if told => Recognized::Candidate,
        _ => return Recognized::Other,
    };
    recognized(Box::new(hook(exchange, &request, &target, known, members, names)))
}

/// Whether an exchange is surely [`Recognized::Other`]: told at a lower cost than by recognizing it.
pub fn is_other(exchange: &Exchange, custom: &[CustomMethod]) -> bool {
    exchange.request.as_ref().is_none_or(|request| {
        let target = Target::parse(&request.start.target);
        let is_known = Known::from_name(target.name, custom).is_some();
        !target.is_rest_api && !may_be_hook(request, &target, is_known)
    })
}

/// Whether a request may be that of a hook, as far as can be told without reading the body.
fn may_be_hook(request: &Request, target: &Target<'_>, is_known: bool) -> bool {
    request.start.method == "POST" && !target.name.is_empty() && (is_known || may_tell(&request.body.octets))
}

/// Finds [`TELLING`], and escapes in which they may be written. Which of them is found first does not matter, but for
/// leftmost matches many octets are looked at at once.
static TELLING_FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let (kind, first) = (Some(AhoCorasickKind::DFA), MatchKind::LeftmostFirst);
    AhoCorasick::builder().kind(kind).match_kind(first).build(TELLING.iter().chain(&["\\u"])).ok()
});

/// Whether a body may have any of [`TELLING`]; `false` is certain, and costs less than to read the body.
fn may_tell(octets: &[u8]) -> bool {
    TELLING_FINDER.as_ref().is_none_or(|finder| finder.is_match(octets))
}

/// The ids in a call of the REST API, or in its response, that the hooks which it causes will name.
fn ids(path: &str, request: &Request, response: Option<&Response>) -> Vec<(&'static str, String)> {
    let Some(row) = RestApiMethod::from_path(path) else { return Vec::new() };
    let asked = Members::read(&request.body, request.completeness);
    let told = response.map(|response| Members::read(&response.body, response.completeness));
    [Some(asked), told]
        .iter()
        .flatten()
        .flat_map(|members| row.keys.iter().filter_map(|key| Some((*key, members.text(key)?.into_owned()))))
        .collect()
}

fn hook(
    exchange: Exchange,
    request: &Request,
    target: &Target<'_>,
    known: Option<Known<'_>>,
    members: Members,
    names: &mut Names,
) -> Hook {
    let Exchange { connection, client, server, response, no_response, .. } = exchange;
    let Exchange { acknowledged, sent_again, delays, abandoned, stale, reset, from_start, .. } = exchange;
    let name = names.share(known.map_or(target.name, Known::name));
    let base_path = names.share(target.base);
    let mut shared = |member| members.text(member).map(|text| names.share(&text));
    let context =
        Context { node_id: shared("nodeId"), session_id: shared("sessionId"), app_key: shared("appKey") };
    let fingerprint = fingerprint(&name, &request.body.octets);
    let by_path_only = members.is_invisible();
    let fields = response.iter().flat_map(|response| response.fields.iter());
    let fields = request.fields.iter().chain(fields).filter(|(name, _)| is_secret(name));
    let credentials = fields.map(|(name, value)| format!("{name}: {value}")).collect();
    let limited = request.body.cut || response.as_ref().is_some_and(|response| response.body.cut);
    let answer = response.map(|response| Answer::read(response, (request, &members), names));
    Hook {
        method: known.and_then(Known::method),
        hook_type: known.map(Known::hook_type),
        name,
        base_path,
        target: names.share(&request.start.target),
        host: request.fields.get("host").map(|host| names.share(host)),
        connection,
        client,
        server,
        first: request.extent.first,
        last: request.extent.last,
        frames: request.extent.frames.as_slice().into(),
        completeness: request.completeness,
        request: members,
        answer,
        no_response,
        acknowledged,
        sent_again,
        delays,
        abandoned,
        stale,
        reset,
        from_start,
        context,
        fingerprint,
        by_path_only,
        limited,
        authorization: scheme(&request.fields),
        credentials,
        exchange: None,
    }
}

/// The scheme of the credentials in a request (RFC 9110, section 11.4).
fn scheme(fields: &Fields) -> Option<Box<str>> {
    fields.get("authorization")?.split_whitespace().next().map(Into::into)
}

fn fingerprint(name: &str, body: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    (name, body).hash(&mut hasher);
    hasher.finish()
}
