//! Names of sessions, calls, streams, applications, methods and backends, looked up in a case.

use super::Filter;
use crate::catalog::FlowKind;
use crate::endpoint::{ConnectionId, Endpoint};
use crate::session::{Case, Flow, HookRecord};
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::convert::Infallible;
use std::str::FromStr;

/// A backend: its address and port, or its id in the report (`b2`), its address, or its name in the field Host, with
/// or without port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendName {
    /// Address and port.
    Address(Endpoint),
    /// Anything else.
    Name(String),
}

impl FromStr for BackendName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Address))
    }
}

impl BackendName {
    /// Whether it is a name of a case's backend.
    pub fn is(&self, case: &Case, place: usize) -> bool {
        let Some(backend) = case.backends.get(place) else { return false };
        match self {
            Self::Address(address) => backend.server == *address,
            Self::Name(name) => {
                let host = backend.host.as_deref().unwrap_or_default();
                *name == format!("b{}", place + 1)
                    || backend.server.ip().to_string() == *name
                    || host.eq_ignore_ascii_case(name)
                    || host.rsplit_once(':').is_some_and(|(host, _)| host.eq_ignore_ascii_case(name))
            }
        }
    }
}

/// What the names of a filter mean in a case, by places in its lists.
pub(super) struct Names {
    pub(super) sessions: FxHashSet<usize>,
    calls: FxHashSet<usize>,
    streams: FxHashSet<usize>,
    backends: FxHashSet<usize>,
}

impl Names {
    pub(super) fn new(filter: &Filter, case: &Case) -> Self {
        let sessions = case.sessions.iter().map(|session| vec![session.session_id.to_string()]);
        let calls =
            case.flows.iter().map(|flow| if is_call(flow) { vec![flow.key.clone()] } else { Vec::new() });
        let streams = case.flows.iter().map(|flow| stream_names(case, flow));
        let backends =
            (0..case.backends.len()).filter(|place| filter.backends.iter().any(|name| name.is(case, *place)));
        Self {
            sessions: meant(&filter.sessions, 's', &sessions.collect::<Vec<_>>()),
            calls: meant(&filter.calls, 'f', &calls.collect::<Vec<_>>()),
            streams: meant(&filter.stream_names, 'f', &streams.collect::<Vec<_>>()),
            backends: backends.collect(),
        }
    }

    /// Whether a hook is of what is named.
    pub(super) fn have(&self, filter: &Filter, case: &Case, record: &HookRecord) -> bool {
        let in_flows = |asked: &[String], flows: &FxHashSet<usize>| {
            asked.is_empty() || record.flow.is_some_and(|flow| flows.contains(&flow))
        };
        (filter.sessions.is_empty() || record.session.is_some_and(|session| self.sessions.contains(&session)))
            && in_flows(&filter.calls, &self.calls)
            && in_flows(&filter.stream_names, &self.streams)
            && (filter.backends.is_empty() || self.backends.contains(&record.backend))
            && (filter.applications.is_empty() || is_of_application(filter, case, record))
            && (filter.methods.is_empty() || filter.methods.iter().any(|name| is_method(name, record)))
    }

    /// Whether one of these connections, attempts included, goes to a backend that is named.
    pub(super) fn reach(&self, filter: &Filter, case: &Case, streams: &[ConnectionId]) -> bool {
        let named = |server: Endpoint| {
            let known = self.backends.iter().filter_map(|place| case.backends.get(*place));
            known.map(|backend| backend.server).any(|known| known == server)
                || filter.backends.iter().any(|name| match name {
                    BackendName::Address(address) => *address == server,
                    BackendName::Name(name) => *name == server.ip().to_string(),
                })
        };
        let targets = case.targets.iter().filter(|target| named(target.server));
        let mut attempts =
            targets.clone().flat_map(|target| &target.failures).map(|attempt| attempt.connection);
        let mut resent = targets.flat_map(|target| &target.resent_proof).map(|(connection, _)| *connection);
        let mut tls = case.tls.iter().filter(|tls| named(tls.server)).map(|tls| tls.connection);
        let is_proof = |connection: ConnectionId| streams.contains(&connection);
        attempts.any(is_proof) || resent.any(is_proof) || tls.any(is_proof)
    }
}

/// The places of what has one of the asked names: an id, else a name as it is, else a part of one.
fn meant(asked: &[String], letter: char, names: &[Vec<String>]) -> FxHashSet<usize> {
    let mut found = FxHashSet::default();
    for asked in asked.iter().filter(|asked| !asked.is_empty()) {
        let places = |fits: &dyn Fn(&String) -> bool| -> Vec<usize> {
            let all = names.iter().enumerate();
            all.filter(|(_, names)| names.iter().any(fits)).map(|(place, _)| place).collect()
        };
        let id = asked.strip_prefix(letter).and_then(|number| number.parse::<usize>().ok());
        let id = id
            .and_then(|number| number.checked_sub(1))
            .filter(|place| names.get(*place).is_some_and(|names| !names.is_empty()));
        let exact = || places(&|name| name == asked);
        let part = || places(&|name| name.contains(asked.as_str()));
        let places =
            id.map(|place| vec![place]).or_else(|| Some(exact()).filter(|places| !places.is_empty()));
        found.extend(places.unwrap_or_else(part));
    }
    found
}

fn is_call(flow: &Flow) -> bool {
    matches!(flow.kind, FlowKind::Call | FlowKind::Transfer)
}

/// The names by which a flow's stream can be asked for: its media session, and what its hooks call it.
fn stream_names(case: &Case, flow: &Flow) -> Vec<String> {
    if flow.kind != FlowKind::Stream {
        return Vec::new();
    }
    let mut names = vec![flow.key.clone()];
    names.extend(
        case.records(&flow.hooks).filter_map(|(_, record)| record.parameter("name").map(Cow::into_owned)),
    );
    names
}

fn is_of_application(filter: &Filter, case: &Case, record: &HookRecord) -> bool {
    let session = || case.session_of(record).and_then(|session| session.app_key.as_ref());
    let own = record.context.app_key.as_ref().or_else(session);
    own.is_some_and(|own| filter.applications.iter().any(|known| **known == **own))
}

fn is_method(name: &str, record: &HookRecord) -> bool {
    record.name.eq_ignore_ascii_case(name)
        || record.method.is_some_and(|method| method.name().eq_ignore_ascii_case(name))
}
