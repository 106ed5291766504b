//! Puts hooks into their places: backend, retries, session, flow.

use super::copies;
use super::{Backend, Case, Flow, FlowState, HookRecord, Session, SessionState};
use crate::catalog::{FlowKind, HookMethod, HookType, Phase};
use crate::endpoint::Endpoint;
use crate::hook::{Name, Outcome, RestClientConfig, RestOnError};
use crate::time::Span;
use foldhash::HashMap;
use std::net::IpAddr;

/// How long after an attempt without response the same POST is taken for its repetition (domain: three retries of a
/// 15 s timeout).
const RETRY_WITHIN: Span = Span::from_seconds(60);
/// How long after an answer that asks for it the same POST is taken for what it asked for.
const ASKED_WITHIN: Span = Span::from_seconds(5);

/// Relates the hooks of a case, which are in order, to each other.
pub(super) fn assemble(case: &mut Case) {
    copies::set_aside(&mut case.hooks, &mut case.facts);
    find_backends(case);
    find_applications(case);
    find_retries(&mut case.hooks);
    let mut sessions = Sessions::default();
    for index in 0..case.hooks.len() {
        if let Some(record) = case.hooks.get_mut(index) {
            record.session = sessions.place(index, record);
        }
    }
    case.sessions = sessions.list;
    describe_sessions(case);
    find_flows(case);
    tell_flow_states(case);
}

/// Which methods are seen for each application at each backend.
fn find_applications(case: &mut Case) {
    for record in &case.hooks {
        if let Some(method) = record.method {
            let key = (record.backend, record.context.app_key.clone());
            case.applications.entry(key).or_default().insert(method);
        }
    }
}

fn find_backends(case: &mut Case) {
    let mut known: HashMap<(Endpoint, Name), usize> = HashMap::default();
    for record in &mut case.hooks {
        let backends = &mut case.backends;
        let key = (record.hook.server, record.hook.base_path.clone());
        record.backend = *known.entry(key).or_insert_with(|| {
            let index = backends.len();
            backends.push(Backend::of(record));
            index
        });
    }
    let mut records: Vec<Vec<&HookRecord>> = case.backends.iter().map(|_| Vec::new()).collect();
    for record in &case.hooks {
        if let Some(records) = records.get_mut(record.backend) {
            records.push(record);
        }
    }
    for (backend, records) in case.backends.iter_mut().zip(records) {
        backend.count(&records);
    }
}

/// An identical POST after an attempt that got no response is its repetition (domain.md: retries), as it is after an answer
/// that asked for it; after another response it is an event of its own.
fn find_retries(hooks: &mut [HookRecord]) {
    let mut last: HashMap<u64, usize> = HashMap::default();
    for index in 0..hooks.len() {
        let Some(record) = hooks.get(index) else { continue };
        let earlier = last.insert(record.fingerprint, index);
        let repeats = |place: &usize| hooks.get(*place).is_some_and(|earlier| repeats(record, earlier));
        let Some(place) = earlier.filter(repeats) else { continue };
        if let Some(record) = hooks.get_mut(index) {
            record.retry_of = Some(place);
        }
        if let Some(earlier) = hooks.get_mut(place) {
            earlier.repeated = true;
        }
    }
}

/// Whether a POST repeats an earlier one with the same method and body.
fn repeats(record: &HookRecord, earlier: &HookRecord) -> bool {
    let over = earlier.over();
    // What goes out while the earlier one is under way is a copy of it, or a hook of its own.
    let is_behind = over.is_none_or(|over| over <= record.first.time);
    let within = |span| over.unwrap_or(earlier.last.time).plus(span) >= record.first.time;
    // Behind a balancer or a name with several addresses the next attempt may go to another server.
    let same_host = record.host.is_some() && record.host == earlier.host || record.server == earlier.server;
    let same_place = same_host && record.base_path == earlier.base_path;
    let asked_again = match earlier.status_code() {
        _ if earlier.outcome == Outcome::Unanswered => {
            same_place && record.first.time.since(earlier.first.time) <= RETRY_WITHIN
        }
        // A client that waits for the challenge sends its credentials then (RFC 9110, section 11.6).
        Some(401 | 407) => same_place && record.authorization.is_some() && within(ASKED_WITHIN),
        // The method stays (RFC 9110, sections 15.4.8 and 15.4.9).
        Some(307 | 308) => leads_to(earlier, record) && within(ASKED_WITHIN),
        _ => false,
    };
    asked_again && is_behind && record.request.is_whole()
}

/// Whether an answer redirects to where another hook went.
fn leads_to(earlier: &HookRecord, record: &HookRecord) -> bool {
    let location = earlier.answer.as_ref().and_then(|answer| answer.location.as_deref());
    let at_host = |rest: &str| {
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        record.host.as_deref().is_some_and(|host| host.eq_ignore_ascii_case(authority))
    };
    location.is_some_and(|location| {
        let host = location.split_once("//").map(|(_, rest)| rest);
        location.ends_with(record.target.as_str()) && host.is_none_or(at_host)
    })
}

/// Sessions by what names them. The same sessionId may mean different sessions: on another node, or, when client ports
/// are used again, later on the same node (an incarnation).
#[derive(Default)]
struct Sessions {
    list: Vec<Session>,
    /// By sessionId: node, WCS's address, place in the list.
    known: HashMap<Name, Vec<Known>>,
}

struct Known {
    node_id: Option<Name>,
    wcs: IpAddr,
    session: usize,
    /// Whether the session has ended: a connect after that begins another one.
    over: bool,
}

/// Whether nothing of a session is expected behind a hook: its connection is over, or was never admitted.
fn ends_session(record: &HookRecord) -> bool {
    let spec = HookMethod::ConnectionStatusEvent.spec();
    let terminal =
        || record.status().and_then(|status| spec.status(&status)).is_some_and(|status| status.terminal);
    match record.method {
        Some(HookMethod::Connect) => {
            matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered)
        }
        Some(HookMethod::ConnectionStatusEvent) => terminal(),
        _ => false,
    }
}

impl Sessions {
    fn place(&mut self, index: usize, record: &HookRecord) -> Option<usize> {
        let session_id = record.context.session_id.clone()?;
        let node_id = record.context.node_id.clone();
        let wcs = record.client.ip();
        let same = |known: &Known| match (&known.node_id, &node_id) {
            (Some(one), Some(other)) => one == other,
            // WCS 4 names no node, and neither do some bodies of later versions.
            _ => known.wcs == wcs,
        };
        let of_id = self.known.entry(session_id.clone()).or_default();
        let current = of_id.iter_mut().rev().find(|known| same(known));
        if let Some(known) = current
            && let Some(session) = self.list.get_mut(known.session)
            && !(record.is(HookMethod::Connect) && known.over && record.retry_of.is_none())
        {
            known.node_id = known.node_id.take().or(node_id);
            known.over |= ends_session(record);
            session.add(index, record);
            return Some(known.session);
        }
        let mut session = Session::new(session_id);
        session.add(index, record);
        let place = self.list.len();
        self.list.push(session);
        of_id.push(Known { node_id, wcs, session: place, over: ends_session(record) });
        Some(place)
    }
}

impl Session {
    fn new(session_id: Name) -> Self {
        Self {
            node_id: None,
            session_id,
            app_key: None,
            hooks: Vec::new(),
            flows: Vec::new(),
            connect: None,
            config: None,
            registers: None,
            state: SessionState::Unknown,
        }
    }

    fn add(&mut self, index: usize, record: &HookRecord) {
        self.hooks.push(index);
        self.node_id = self.node_id.take().or_else(|| record.context.node_id.clone());
        self.app_key = self.app_key.take().or_else(|| record.context.app_key.clone());
        if record.is(HookMethod::Connect) {
            self.connect = Some(index);
        }
    }
}

/// What names a flow: its kind, its key, and, where keys are not unique, its session.
type FlowKey = (FlowKind, String, Option<usize>);

fn find_flows(case: &mut Case) {
    let mut known: HashMap<FlowKey, usize> = HashMap::default();
    // The only session that has such a flow; none where several have one.
    let mut session_of: HashMap<(FlowKind, String), Option<usize>> = HashMap::default();
    // Hooks that name their session come first, so that the others find the flow they belong to.
    for named in [true, false] {
        for index in 0..case.hooks.len() {
            let Some(record) = case.hooks.get_mut(index) else { continue };
            if record.session.is_some() != named {
                continue;
            }
            let Some((kind, key)) = flow_key(record) else { continue };
            if let Some(session) = record.session {
                let or_several = |only: &mut Option<usize>| *only = only.filter(|only| *only == session);
                let only = session_of.entry((kind, key.clone()));
                only.and_modify(or_several).or_insert(Some(session));
            } else {
                let only = session_of.get(&(kind, key.clone())).copied().flatten();
                record.session = only.filter(|_| !key.is_empty());
                if let Some(session) = record.session.and_then(|session| case.sessions.get_mut(session)) {
                    session.hooks.push(index);
                }
            }
            let session = record.session;
            let flow = *known.entry((kind, key.clone(), session)).or_insert_with(|| {
                let (index, hooks) = (case.flows.len(), Vec::new());
                case.flows.push(Flow { kind, key, session, hooks, state: FlowState::Open });
                index
            });
            record.flow = Some(flow);
        }
    }
    case.sessions.iter_mut().for_each(|session| session.hooks.sort_unstable());
    order_flows(case);
}

/// Brings flows into the order of their first hooks, and tells sessions and flows what they hold.
fn order_flows(case: &mut Case) {
    for (index, record) in case.hooks.iter().enumerate() {
        if let Some(flow) = record.flow.and_then(|flow| case.flows.get_mut(flow)) {
            flow.hooks.push(index);
        }
    }
    case.flows.sort_by_key(|flow| flow.hooks.first().copied());
    for (index, flow) in case.flows.iter_mut().enumerate() {
        for hook in &flow.hooks {
            if let Some(record) = case.hooks.get_mut(*hook) {
                record.flow = Some(index);
            }
        }
        if let Some(session) = flow.session.and_then(|session| case.sessions.get_mut(session)) {
            session.flows.push(index);
        }
    }
}

fn tell_flow_states(case: &mut Case) {
    for index in 0..case.flows.len() {
        let state = case.flows.get(index).map(|flow| flow_state(case, flow));
        if let (Some(flow), Some(state)) = (case.flows.get_mut(index), state) {
            flow.state = state;
        }
    }
}

/// What a hook's flow is, and what names it.
fn flow_key(record: &HookRecord) -> Option<(FlowKind, String)> {
    let spec = record.method?.spec();
    let kind = spec.flow?;
    if spec.flow_key.is_empty() {
        return record.session.is_some().then(|| (kind, String::new()));
    }
    let key = spec.flow_key.iter().find_map(|name| record.parameter(name))?;
    Some((kind, key.into_owned()))
}

/// Where a flow stands, by the last status that its hooks report; without any, by whether it was broken off, or anything
/// is to follow.
fn flow_state(case: &Case, flow: &Flow) -> FlowState {
    let mut state = FlowState::Open;
    let (mut reported, mut awaits) = (false, false);
    for (_, record) in case.records(&flow.hooks) {
        let Some(spec) = record.method.map(HookMethod::spec) else { continue };
        let asks = !spec.followers.is_empty();
        (awaits, reported) = (awaits || asks, reported && !asks);
        let event = spec.hook_type == HookType::Event;
        let Some(status) = record.status() else {
            reported |= event && spec.statuses.is_empty();
            continue;
        };
        let known = spec.status(&status).map(|status| (status.phase, status.terminal));
        awaits |= event && known.is_some_and(|(_, terminal)| !terminal);
        state = match known {
            Some((Phase::Failed, true)) => FlowState::Failed,
            Some((_, true) | (Phase::Done, _)) => FlowState::Finished,
            // What comes behind the end, out of order, does not open the flow again, but a new beginning does.
            Some((Phase::Progress, _)) if state != FlowState::Open => state,
            _ => FlowState::Open,
        };
    }
    match state {
        FlowState::Open if is_broken_off(case, flow) => FlowState::Failed,
        // A call is over by its status alone (domain: FINISH, FAILED, BUSY).
        FlowState::Open if flow.kind != FlowKind::Call && (reported || !awaits) => FlowState::Finished,
        other => other,
    }
}

/// Whether WCS broke the flow off at its beginning, since the backend refused or failed (S0: restOnError FAIL).
fn is_broken_off(case: &Case, flow: &Flow) -> bool {
    let Some((_, first)) = case.records(&flow.hooks).next() else { return false };
    let failed = matches!(first.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered);
    first.method.is_some_and(|method| {
        let config = case.config(case.session_of(first), method);
        failed && method.spec().hook_type != HookType::Event && config.rest_on_error == RestOnError::Fail
    })
}

fn describe_sessions(case: &mut Case) {
    let hooks = &case.hooks;
    for session in &mut case.sessions {
        let records: Vec<&HookRecord> = session.hooks.iter().filter_map(|index| hooks.get(*index)).collect();
        let connect = session.connect.and_then(|index| hooks.get(index));
        let reply = connect.and_then(|record| record.answer.as_ref()).filter(|answer| answer.status == 200);
        session.config = reply.and_then(|answer| RestClientConfig::read(&answer.members));
        let flag = "sipRegisterRequired";
        // A client that comes back by its token is registered already (C3).
        let returns = connect.is_some_and(|record| {
            record.request.get("authToken").is_some() && record.request.get("sipLogin").is_none()
        });
        session.registers = reply
            .and_then(|answer| answer.members.flag(flag))
            .or_else(|| connect.and_then(|record| record.request.flag(flag)))
            .or_else(|| records.iter().find_map(|record| record.request.flag(flag)))
            .filter(|_| !returns);
        session.state = session_state(connect, &records);
    }
}

fn session_state(connect: Option<&HookRecord>, records: &[&HookRecord]) -> SessionState {
    let status = records
        .iter()
        .rev()
        .filter(|record| record.is(HookMethod::ConnectionStatusEvent))
        .find_map(|record| record.status())
        .map(|status| status.to_ascii_uppercase());
    match (connect.map(|record| record.outcome), status.as_deref()) {
        (Some(Outcome::Declined | Outcome::Failed | Outcome::Unanswered), _) => SessionState::Refused,
        (_, Some("DISCONNECTED")) => SessionState::Disconnected,
        (_, Some("FAILED")) => SessionState::Failed,
        (_, Some("ESTABLISHED" | "REGISTERED")) => SessionState::Established,
        (Some(_), _) => SessionState::Connecting,
        (None, _) => SessionState::Unknown,
    }
}
