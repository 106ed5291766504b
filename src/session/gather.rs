//! Collects what the lower stages emit, until the capture's end.

use super::attempt::{Attempt, Target};
use super::{Case, HookRecord, ListedExchange, Lookup, Options, Traffic, assemble};
use crate::capture::{CaptureSummary, silence};
use crate::catalog::CustomMethod;
use crate::endpoint::{ConnectionId, Endpoint, Moment, Sides};
use crate::fact::{FactKind, Facts};
use crate::hook::{self, Hook, Name, Names, Outcome, Recognized, RestApiCall};
use crate::http::{Exchange, NoResponse};
use crate::limits::{Limit, Limits};
use crate::packet::DnsMessage;
use crate::tcp::Counts;
use crate::time::Span;
use crate::tls::TlsConnection;
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::OnceLock;

/// Whether a hook has no answer only in that none was captured, and packets of that time are missing.
fn may_have_come(hook: &Hook, facts: &Facts, patience: Span) -> bool {
    let asked = hook.last.time;
    matches!(hook.no_response, Some(NoResponse::CaptureEnded(_)))
        && facts.may_lack(asked, asked.plus(patience))
}

/// Clients of an address whose attempts are told apart.
const CLIENTS: usize = 64;

/// The stage: exchanges and attempts in, a [`Case`] out.
#[derive(Clone)]
#[expect(clippy::vec_box, reason = "hooks are large, and moved when they are sorted")]
pub struct Gathering {
    limits: Limits,
    hooks: Vec<Box<Hook>>,
    candidates: Vec<Box<Hook>>,
    rest_api_calls: Vec<RestApiCall>,
    targets: Vec<Target>,
    /// The places of an address's targets: one for each client, and behind [`CLIENTS`] of them one for all others.
    by_server: HashMap<Endpoint, Vec<usize>>,
    list_exchanges: bool,
    keep_exchanges: bool,
    base_paths: Vec<String>,
    methods: Vec<CustomMethod>,
    names: Names,
    listed: Vec<ListedExchange>,
    lookups: Vec<Lookup>,
    by_name: HashMap<(IpAddr, String), usize>,
    tls: Vec<TlsConnection>,
    facts: Facts,
}

impl Gathering {
    /// Starts with nothing.
    pub fn new(limits: &Limits, options: &Options) -> Self {
        Self {
            limits: limits.clone(),
            hooks: Vec::new(),
            candidates: Vec::new(),
            rest_api_calls: Vec::new(),
            targets: Vec::new(),
            by_server: HashMap::default(),
            list_exchanges: options.list_exchanges,
            keep_exchanges: options.keep_exchanges,
            base_paths: options.base_paths.clone(),
            methods: options.methods.clone(),
            names: Names::default(),
            listed: Vec::new(),
            lookups: Vec::new(),
            by_name: HashMap::default(),
            tls: Vec::new(),
            facts: Facts::default(),
        }
    }

    /// The hooks so far, in the order of their ends.
    pub fn hooks(&self) -> &[Box<Hook>] {
        &self.hooks
    }

    /// Takes in an exchange.
    pub fn exchange(&mut self, exchange: Exchange) {
        let is_listed = self.list_exchanges && self.list(&exchange);
        let kept = self.keep_exchanges.then(|| Box::new(exchange.clone()));
        match hook::recognize(exchange, &self.methods, &mut self.names) {
            Recognized::Hook(mut hook) => {
                hook.exchange = kept;
                let at = hook.first;
                if let Some(listed) = self.listed.last_mut().filter(|_| is_listed) {
                    listed.hook = Some(hook.name.to_string());
                }
                if hook.limited {
                    self.facts.note(FactKind::LimitReached(Limit::Body), at);
                }
                if self.hooks.len() < self.limits.hooks {
                    self.hooks.push(hook);
                } else {
                    self.facts.note(FactKind::LimitReached(Limit::Hooks), at);
                }
            }
            Recognized::Candidate(mut hook) if self.candidates.len() < self.limits.rest_api_calls => {
                hook.exchange = kept;
                self.candidates.push(hook);
            }
            Recognized::RestApiCall(call) if self.rest_api_calls.len() < self.limits.rest_api_calls => {
                self.rest_api_calls.push(call);
            }
            Recognized::RestApiCall(call) => {
                self.facts.note(FactKind::LimitReached(Limit::RestApiCalls), call.at);
            }
            Recognized::Candidate(hook) => self.facts.note(FactKind::LimitReached(Limit::Hooks), hook.first),
            Recognized::Other => {}
        }
    }

    /// Lists an exchange, unless there are too many.
    fn list(&mut self, exchange: &Exchange) -> bool {
        let listed = ListedExchange::new(exchange);
        let has_room = self.listed.len() < self.limits.exchanges;
        match listed.first() {
            Some(at) if !has_room => self.facts.note(FactKind::LimitReached(Limit::Exchanges), at),
            _ => self.listed.push(listed),
        }
        has_room
    }

    /// Takes in an attempt to open a connection.
    pub fn attempt(&mut self, attempt: Attempt) {
        let at = attempt.first();
        if let Some(target) = self.target(attempt.client.ip(), attempt.server, at) {
            target.count(attempt);
        }
    }

    /// Takes in what both ends of a connection sent, counted.
    pub fn sent(&mut self, connection: ConnectionId, ends: Sides<Endpoint>, counts: &Sides<Counts>) {
        let at = counts.opener.first_resent.or(counts.acceptor.first_resent);
        if let Some(target) = self.target(ends.opener.ip(), ends.acceptor, at) {
            target.count_sent(connection, counts);
        }
    }

    /// The target of a client at an address; none where there are too many.
    fn target(&mut self, client: IpAddr, server: Endpoint, at: Option<Moment>) -> Option<&mut Target> {
        let places = self.by_server.get(&server).map(Vec::as_slice).unwrap_or_default();
        let is_own =
            |place: &&usize| self.targets.get(**place).is_some_and(|target| target.client == Some(client));
        let known = places.iter().find(is_own).or_else(|| places.get(CLIENTS)).copied();
        let place = match known {
            Some(place) => place,
            None if self.targets.len() >= self.limits.attempts => {
                if let Some(at) = at {
                    self.facts.note(FactKind::LimitReached(Limit::Attempts), at);
                }
                return None;
            }
            None => {
                let (place, client) = (self.targets.len(), Some(client).filter(|_| places.len() < CLIENTS));
                self.by_server.entry(server).or_default().push(place);
                self.targets.push(Target::new(client, server));
                place
            }
        };
        self.targets.get_mut(place)
    }

    /// Takes in a connection with TLS, when it is over.
    pub fn tls(&mut self, connection: TlsConnection) {
        if self.tls.len() < self.limits.tls_connections {
            self.tls.push(connection);
        } else if let Some((_, at)) = connection.speaks.opener.or(connection.speaks.acceptor) {
            self.facts.note(FactKind::LimitReached(Limit::TlsConnections), at);
        }
    }

    /// Takes in a DNS message.
    pub fn dns(&mut self, message: &DnsMessage) {
        let key = (message.client.ip(), message.name.clone());
        let index = match self.by_name.get(&key) {
            Some(index) => *index,
            None if self.lookups.len() >= self.limits.lookups => {
                return self.facts.note(FactKind::LimitReached(Limit::Lookups), message.at);
            }
            None => {
                let index = self.lookups.len();
                self.by_name.insert(key, index);
                self.lookups.push(Lookup::new(message));
                index
            }
        };
        if let Some(lookup) = self.lookups.get_mut(index) {
            lookup.push(message);
        }
    }

    /// Ends: relates the hooks to each other.
    pub fn finish(
        mut self,
        captures: Vec<CaptureSummary>,
        traffic: Traffic,
        mut facts: Facts,
        options: Options,
    ) -> Case {
        self.promote();
        facts.merge(std::mem::take(&mut self.facts));
        // What was sent between two files that follow one another is in none of them.
        let mut missing = Facts::default();
        for (from, until) in silence::between(&captures) {
            missing.note_loss(from, until);
        }
        facts.merge(missing);
        let end = traffic.last.map(|last| last.time).unwrap_or_default();
        if captures.len() > 1 {
            self.hooks.sort_by_key(|hook| (hook.first.time, hook.first.frame, hook.last.frame));
            self.listed.sort_by_key(|listed| listed.first().map(|at| (at.time, at.frame)));
        } else {
            self.listed.sort_by_key(|listed| listed.first().map(|at| at.frame));
            self.hooks.sort_by_key(|hook| (hook.first.frame, hook.last.frame));
        }
        self.rest_api_calls.sort_by_key(|call| (call.at.time, call.at.frame));
        let place = |hook: Box<Hook>| {
            let outcome = match hook.outcome(end, options.rest_timeout) {
                // An answer that was not captured may have come.
                Outcome::Unanswered if may_have_come(&hook, &facts, options.rest_timeout) => Outcome::Unknown,
                outcome => outcome,
            };
            HookRecord {
                hook,
                outcome,
                backend: 0,
                session: None,
                flow: None,
                retry_of: None,
                repeated: false,
            }
        };
        let mut case = Case {
            hooks: self.hooks.into_iter().map(place).collect(),
            captures,
            traffic,
            facts,
            options,
            backends: Vec::new(),
            sessions: Vec::new(),
            flows: Vec::new(),
            applications: BTreeMap::new(),
            rest_api_calls: self.rest_api_calls,
            targets: self.targets,
            lookups: self.lookups,
            tls: self.tls,
            exchanges: self.listed,
            index: OnceLock::new(),
        };
        assemble::assemble(&mut case);
        debug_assert!(
            case.hooks.iter().all(|record| record.outcome != Outcome::Ok || record.answer.is_some())
        );
        case
    }

    /// Takes POSTs with unknown names for hooks where known ones go to the same backend, or are known to go.
    fn promote(&mut self) {
        let known: BTreeSet<(Endpoint, Name)> =
            self.hooks.iter().map(|hook| (hook.server, hook.base_path.clone())).collect();
        let candidates = std::mem::take(&mut self.candidates);
        let beside = |hook: &Hook| {
            self.base_paths.iter().any(|path| **path == *hook.base_path)
                || known.contains(&(hook.server, hook.base_path.clone()))
        };
        let mut promoted: Vec<_> = candidates.into_iter().filter(|hook| beside(hook)).collect();
        let room = self.limits.hooks.saturating_sub(self.hooks.len()).min(promoted.len());
        for hook in promoted.split_off(room) {
            self.facts.note(FactKind::LimitReached(Limit::Hooks), hook.first);
        }
        self.hooks.extend(promoted);
    }
}
