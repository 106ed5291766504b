//! Attempts to open a connection, and what became of them.

use crate::endpoint::{ConnectionId, Endpoint, Moment, Sides};
use crate::tcp::{Counts, Head, Opening};
use crate::time::{Span, Timestamp};
use std::net::IpAddr;

/// How long an answer to a SYN is waited for at least: the first retransmission comes after a second
/// (RFC 6298, section 2.1).
const ANSWER_WITHIN: Span = Span::from_seconds(1);

/// How soon a connection is ended that was of no use: a server that waits for a request waits for longer.
const DROPPED_WITHIN: Span = Span::from_seconds(1);

/// An attempt to open a connection.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The connection.
    pub connection: ConnectionId,
    /// Who tried.
    pub client: Endpoint,
    /// Where to.
    pub server: Endpoint,
    /// The SYNs, the first ones.
    pub syns: Vec<Moment>,
    /// How many SYNs there were.
    pub syn_count: u32,
    /// What became of it.
    pub outcome: AttemptOutcome,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The connection came about.
    Connected,
    /// A RST answered the SYN.
    Refused(Moment),
    /// An ICMP message answered the SYN: who sent it, and what it says.
    Rejected(Moment, IpAddr, &'static str),
    /// Nothing that was captured answered the SYN.
    Unanswered,
    /// The connection came about, and the server ended it at once, before either end had sent an octet.
    Dropped(Moment),
}

impl Attempt {
    /// The attempt that a connection was, when it is over; `None` if its beginning was not captured.
    pub fn of(head: &Head, opening: &Opening) -> Option<Self> {
        let (client, server) = (head.opener, head.acceptor);
        let (syns, syn_count) = (opening.syns.clone(), opening.syn_count);
        let is_at_once = |at: &Moment| {
            head.established.is_some_and(|established| at.time.since(established.time) <= DROPPED_WITHIN)
        };
        let outcome = match opening.dropped.filter(is_at_once) {
            Some(at) => AttemptOutcome::Dropped(at),
            None => outcome(opening)?,
        };
        Some(Self { connection: head.id, client, server, syns, syn_count, outcome })
    }

    /// Whether an unanswered attempt failed beyond doubt in a capture that ends at `end`: the client itself found no
    /// answer and repeated the SYN, and there was time for an answer to the last one.
    pub fn is_surely_unanswered(&self, end: Timestamp) -> bool {
        let waited = self.syns.last().is_some_and(|last| end.since(last.time) >= ANSWER_WITHIN);
        self.outcome == AttemptOutcome::Unanswered && (self.syn_count >= 3 || self.syn_count == 2 && waited)
    }

    /// The frames that prove what became of it.
    pub fn proof(&self) -> impl Iterator<Item = Moment> {
        let answer = match self.outcome {
            AttemptOutcome::Refused(at) | AttemptOutcome::Rejected(at, ..) | AttemptOutcome::Dropped(at) => {
                Some(at)
            }
            AttemptOutcome::Connected | AttemptOutcome::Unanswered => None,
        };
        self.syns.iter().copied().chain(answer)
    }

    /// Where the attempt began.
    pub fn first(&self) -> Option<Moment> {
        self.syns.first().copied().or(match self.outcome {
            AttemptOutcome::Refused(at) | AttemptOutcome::Rejected(at, ..) => Some(at),
            _ => None,
        })
    }
}

fn outcome(opening: &Opening) -> Option<AttemptOutcome> {
    if let Some(rejection) = opening.rejected {
        return Some(AttemptOutcome::Rejected(rejection.at, rejection.reporter, rejection.reason));
    }
    if let Some(at) = opening.refused {
        return Some(AttemptOutcome::Refused(at));
    }
    let connected = opening.established || opening.syn_ack.is_some();
    (opening.syn_count > 0).then_some(if connected {
        AttemptOutcome::Connected
    } else {
        AttemptOutcome::Unanswered
    })
}

/// Attempts that are listed one by one for each target.
const LISTED_FAILURES: usize = 32;

/// An address that connections were opened to, and who opened them.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whose connections these are; those of the clients beyond a number are counted together.
    pub client: Option<IpAddr>,
    /// The address.
    pub server: Endpoint,
    /// Attempts that came about.
    pub connected: u64,
    /// When they began: the first and the last of them.
    pub connected_between: Option<(Moment, Moment)>,
    /// Attempts that did not, the first ones.
    pub failures: Vec<Attempt>,
    /// How many did not.
    pub failed: u64,
    /// The last moment of an attempt that did not.
    pub last_failure: Option<Moment>,
    /// Segments with payload on its connections, of both ends.
    pub segments: u64,
    /// Those of them that were sent again.
    pub resent: u64,
    /// The first and the last of these on each connection, the first ones.
    pub resent_proof: Vec<(ConnectionId, Moment)>,
}

impl Target {
    /// A target without attempts yet.
    pub(super) const fn new(client: Option<IpAddr>, server: Endpoint) -> Self {
        Self {
            client,
            server,
            connected: 0,
            connected_between: None,
            failures: Vec::new(),
            failed: 0,
            last_failure: None,
            segments: 0,
            resent: 0,
            resent_proof: Vec::new(),
        }
    }

    /// Counts what the ends of a connection sent.
    pub(super) fn count_sent(&mut self, connection: ConnectionId, counts: &Sides<Counts>) {
        for counts in [counts.opener, counts.acceptor] {
            self.segments = self.segments.saturating_add(counts.segments);
            self.resent = self.resent.saturating_add(counts.resent);
            if self.resent_proof.len() < LISTED_FAILURES {
                let proof = counts.first_resent.into_iter().chain(counts.last_resent);
                self.resent_proof.extend(proof.map(|at| (connection, at)));
            }
        }
    }

    /// Adds what another client had there.
    pub fn add(&mut self, other: &Self) {
        self.connected = self.connected.saturating_add(other.connected);
        if let Some((first, last)) = other.connected_between {
            self.note_connected(first, last);
        }
        self.failures.extend(other.failures.iter().cloned());
        self.failures.sort_by_key(|attempt| attempt.first().map(|at| (at.time, at.frame)));
        self.failures.truncate(LISTED_FAILURES);
        self.failed = self.failed.saturating_add(other.failed);
        self.last_failure = self.last_failure.into_iter().chain(other.last_failure).max_by_key(|at| at.time);
        self.segments = self.segments.saturating_add(other.segments);
        self.resent = self.resent.saturating_add(other.resent);
        self.resent_proof.extend(&other.resent_proof);
        self.resent_proof.truncate(LISTED_FAILURES);
    }

    /// Notes when attempts that came about began: the first and the last of them.
    fn note_connected(&mut self, one: Moment, other: Moment) {
        let (first, last) = self.connected_between.unwrap_or((one, other));
        let earlier = if one.time < first.time { one } else { first };
        let later = if other.time > last.time { other } else { last };
        self.connected_between = Some((earlier, later));
    }

    /// Counts an attempt.
    pub(super) fn count(&mut self, attempt: Attempt) {
        if attempt.outcome == AttemptOutcome::Connected {
            self.connected = self.connected.saturating_add(1);
            if let Some(at) = attempt.first() {
                self.note_connected(at, at);
            }
            return;
        }
        self.failed = self.failed.saturating_add(1);
        let last = attempt.syns.last().copied().or_else(|| attempt.first());
        if last.map(|at| at.time) > self.last_failure.map(|at| at.time) {
            self.last_failure = last;
        }
        if self.failures.len() < LISTED_FAILURES {
            self.failures.push(attempt);
        }
    }
}
