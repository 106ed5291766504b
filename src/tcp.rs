//! TCP: segments in, each direction's octets in order out.
//!
//! Comes in: [`Segment`]s in capture order. Goes out: [`Event`]s of a connection: octets in order and each once,
//! [`Event::Gap`]s where octets were not captured, acknowledgments, octets sent again, ends. Keeps: the tracked connections, and for each
//! direction the octets that came too early. Bounded by [`Limits::connections`], [`Limits::reorder_octets`],
//! [`Limits::reorder_total`] and [`Limits::reorder_wait`]. Deliberately does not: look into the octets, verify checksums, or judge; who closed, who
//! reset and what was refused are facts of a connection's [`Opening`] and [`Event::Ended`].
//!
//! Connections are numbered as Wireshark numbers `tcp.stream`: in the order of their first packets, a SYN with another
//! initial sequence number on the same addresses and ports being a new connection.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod connection;
mod half;
mod sequence;

use crate::endpoint::{ConnectionId, Endpoint, Moment, Side, Sides};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits, relieved};
use crate::packet::{Flags, Segment, Unreachable};
use crate::time::{Span, Timestamp};
use connection::Connection;
use foldhash::{HashMap, HashSet};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::num::Saturating;
use std::ops::Range;

/// What names a connection in events.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Its number.
    pub id: ConnectionId,
    /// The end that opened it, as far as that is known.
    pub opener: Endpoint,
    /// The other end.
    pub acceptor: Endpoint,
    /// Whether a SYN was captured.
    pub from_start: bool,
    /// The first SYN of the opener.
    pub syn: Option<Moment>,
    /// When the opener, having had the answer to its SYN, first acknowledged or sent: the connection came about.
    pub established: Option<Moment>,
    /// Whether any segment of each end was captured.
    pub captured: Sides<bool>,
}

impl Head {
    /// The endpoint of a side.
    pub const fn endpoint(&self, side: Side) -> Endpoint {
        match side {
            Side::Opener => self.opener,
            Side::Acceptor => self.acceptor,
        }
    }
}

/// What happens on a connection. Offsets count a direction's octets from 0, the first after the SYN, or the first
/// captured.
#[derive(Debug)]
pub enum Event<'a> {
    /// Octets that `side` sent, the next in order.
    Data {
        /// The sender.
        side: Side,
        /// Where they stand among the sender's octets.
        offset: u64,
        /// The octets, never none.
        octets: &'a [u8],
        /// The segment that they came in.
        at: Moment,
        /// How many octets of the *other* side that segment acknowledged: what its sender had received before.
        received: u64,
    },
    /// Octets that `side` sent, but that the capture does not hold.
    Gap {
        /// The sender.
        side: Side,
        /// Where they stand.
        offset: u64,
        /// How many they are, never none.
        length: u64,
        /// The frame at which they were missed.
        at: Moment,
    },
    /// The other end received all of `side`'s octets before `offset`. Comes as soon as the acknowledgment is captured.
    Acknowledged {
        /// The sender of the acknowledged octets.
        side: Side,
        /// The first octet that is not acknowledged.
        offset: u64,
        /// The acknowledgment.
        at: Moment,
    },
    /// `side` sent octets again that it had sent before: nobody told it that they had arrived.
    SentAgain {
        /// The sender.
        side: Side,
        /// Which ones.
        octets: Range<u64>,
        /// The segment.
        at: Moment,
    },
    /// `side` has no room for more of the other's octets, its window being zero, or has room again.
    Room {
        /// Whose room it is.
        side: Side,
        /// Whether there is any.
        any: bool,
        /// The segment.
        at: Moment,
    },
    /// `side` ended its direction; a FIN comes in its place behind the octets, a RST as soon as it is captured. A RST
    /// that answers a SYN ended nothing: [`Opening::refused`] tells of it.
    Ended {
        /// Who did.
        side: Side,
        /// How.
        how: End,
        /// The segment with the FIN or RST.
        at: Moment,
        /// How many octets of the *other* side had been received when a FIN was sent, where it says so.
        received: Option<u64>,
    },
    /// The last event: nothing more comes of this connection. Should its addresses and ports be used again, and the
    /// SYN that would name a new connection not be captured, events go on under the same number, as if at the start.
    Closed {
        /// Why.
        why: Closing,
        /// How the connection began.
        opening: &'a Opening,
        /// What each end sent, counted.
        counts: Sides<Counts>,
        /// When anything of it was last captured.
        last: Moment,
    },
}

/// How an end left a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By a FIN: nothing more to send.
    Fin,
    /// By a RST.
    Reset,
}

/// Why nothing more comes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Both ends ended it, or one reset it.
    Ended,
    /// Its addresses and ports were used for another connection; its end was not captured.
    Reused,
    /// It was idle for longest when [`Limits::connections`] was reached.
    Evicted,
    /// The capture ended.
    CaptureEnded,
}

/// How a connection began.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The SYNs, the first ones.
    pub syns: Vec<Moment>,
    /// How many SYNs there were, retransmissions included.
    pub syn_count: u32,
    /// The first SYN of the other end.
    pub syn_ack: Option<Moment>,
    /// Whether the opener went on to acknowledge or send: the connection came about.
    pub established: bool,
    /// The RST that answered the SYN, unless another SYN was answered well.
    pub refused: Option<Moment>,
    /// The ICMP message that answered the SYN, unless another SYN was answered well.
    pub rejected: Option<Rejection>,
    /// The FIN or RST by which the other end left before either had sent an octet.
    pub dropped: Option<Moment>,
}

/// What an end sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments with payload, copies left out.
    pub segments: u64,
    /// Those of them that brought nothing new: sent again.
    pub resent: u64,
    /// The first of these.
    pub first_resent: Option<Moment>,
    /// The last of these.
    pub last_resent: Option<Moment>,
}

/// An ICMP message that a connection cannot be opened.
#[derive(Clone, Copy, Debug)]
pub struct Rejection {
    /// Where and when it was captured.
    pub at: Moment,
    /// Who says so.
    pub reporter: IpAddr,
    /// What it says, in words.
    pub reason: &'static str,
}

/// Where events go: the connection, what happened, and the facts to add to.
pub type Emit<'e> = dyn FnMut(&Head, Event<'_>, &mut Facts) + 'e;

/// Addresses and ports of a connection, the lower first. It is looked up for each segment, so it is cheap to hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    addresses: (u128, u128),
    /// The ports, and the version of IP.
    ports: u64,
}

impl Key {
    fn of(one: Endpoint, other: Endpoint) -> Self {
        let (one, other) = ((bits(one.ip()), one.port()), (bits(other.ip()), other.port()));
        let (((version, low), low_port), ((_, high), high_port)) =
            if one <= other { (one, other) } else { (other, one) };
        let ports = u64::from(version) << 32 | u64::from(low_port) << 16 | u64::from(high_port);
        Self { addresses: (low, high), ports }
    }
}

/// An address as a number, with its version.
fn bits(address: IpAddr) -> (u8, u128) {
    match address {
        IpAddr::V4(address) => (4, address.to_bits().into()),
        IpAddr::V6(address) => (6, address.to_bits()),
    }
}

/// How long a connection that both ends closed may still bring segments that were captured late.
const LINGER_CLOSED: Span = Span::from_seconds(2);
/// How long after a RST octets of the other end are still of interest: a late response.
const LINGER_RESET: Span = Span::from_seconds(60);

/// All connections of a capture.
#[derive(Clone)]
pub struct Connections {
    limits: Limits,
    next_id: u32,
    tracked: HashMap<Key, Box<Connection>>,
    /// What all connections hold that came out of order.
    held: Saturating<usize>,
    /// Connections that have ended, by the time at which they are to be closed.
    ending: VecDeque<(Timestamp, Key, ConnectionId)>,
}

impl Connections {
    /// Starts without connections.
    pub fn new(limits: Limits) -> Self {
        Self { limits, next_id: 0, tracked: HashMap::default(), held: Saturating(0), ending: VecDeque::new() }
    }

    /// How many connections were seen.
    pub const fn count(&self) -> u32 {
        self.next_id
    }

    /// Takes in a segment; returns the number of its connection.
    pub fn push(&mut self, segment: &Segment<'_>, facts: &mut Facts, emit: &mut Emit<'_>) -> ConnectionId {
        self.close_ended(segment.time, facts, emit);
        let key = Key::of(segment.source, segment.destination);
        match self.tracked.get_mut(&key) {
            Some(known) if known.is_reused_by(segment) => {
                self.held -= known.held();
                known.close(Closing::Reused, facts, emit);
                self.tracked.remove(&key);
                self.begin(key, opener(segment), segment.moment(), facts, emit);
            }
            Some(known) if known.is_reopened_by(segment) => {
                let (opener, acceptor) = opener(segment);
                **known = Connection::new(known.id(), opener, acceptor, segment.moment());
            }
            Some(_) => {}
            None => self.begin(key, opener(segment), segment.moment(), facts, emit),
        }
        let Some(connection) = self.tracked.get_mut(&key) else { return ConnectionId(self.next_id) };
        let (id, ended_before, held) = (connection.id(), connection.is_ended(), connection.held());
        connection.push(segment, &self.limits, facts, emit);
        self.held -= held;
        self.held += connection.held();
        if connection.is_ended() && !ended_before {
            let linger = if connection.is_reset() { LINGER_RESET } else { LINGER_CLOSED };
            self.ending.push_back((segment.time.plus(linger), key, id));
            self.tidy();
        }
        if self.held.0 > self.limits.reorder_total {
            self.relieve(segment.moment(), facts, emit);
        }
        id
    }

    /// Takes in an ICMP message about a segment.
    pub fn unreachable(&mut self, message: &Unreachable, facts: &mut Facts, emit: &mut Emit<'_>) {
        let key = Key::of(message.source, message.destination);
        if !self.tracked.contains_key(&key) {
            self.begin(key, (message.source, message.destination), message.at, facts, emit);
        }
        if let Some(connection) = self.tracked.get_mut(&key) {
            connection.reject(message);
        }
    }

    /// Closes what is open, in the order of connection numbers.
    pub fn finish(&mut self, facts: &mut Facts, emit: &mut Emit<'_>) {
        let mut open: Vec<Box<Connection>> = std::mem::take(&mut self.tracked).into_values().collect();
        open.sort_by_key(|connection| connection.id());
        for connection in &mut open {
            connection.close(Closing::CaptureEnded, facts, emit);
        }
    }

    /// Tracks another connection.
    fn begin(
        &mut self,
        key: Key,
        (opener, acceptor): (Endpoint, Endpoint),
        at: Moment,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        if self.tracked.len() >= self.limits.connections {
            self.evict(at, facts, emit);
        }
        let id = ConnectionId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        self.tracked.insert(key, Box::new(Connection::new(id, opener, acceptor, at)));
    }

    /// Closes the eighth of the connections that was idle for longest; those that are closed already go first.
    fn evict(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) {
        let mut by_age: Vec<_> = self
            .tracked
            .iter()
            .map(|(key, known)| (!known.is_closed(), known.last().time, known.id(), *key))
            .collect();
        by_age.sort_unstable_by_key(|(open, time, id, _)| (*open, *time, *id));
        for (open, _, _, key) in by_age.into_iter().take((self.limits.connections / 8).saturating_add(1)) {
            if let Some(mut oldest) = self.tracked.remove(&key)
                && open
            {
                if !oldest.is_ended() {
                    facts.note(FactKind::LimitReached(Limit::Connections), at);
                }
                self.held -= oldest.held();
                oldest.close(Closing::Evicted, facts, emit);
            }
        }
    }

    /// Passes on the gaps of the connections that hold most, until there is some room again.
    fn relieve(&mut self, at: Moment, facts: &mut Facts, emit: &mut Emit<'_>) {
        let holding = self.tracked.iter().filter(|(_, known)| known.held() > 0);
        let mut holding: Vec<_> =
            holding.map(|(key, known)| (Reverse(known.held()), known.id(), *key)).collect();
        holding.sort_unstable_by_key(|(held, id, _)| (*held, *id));
        for (Reverse(held), _, key) in holding {
            if self.held.0 <= relieved(self.limits.reorder_total) {
                return;
            }
            if let Some(known) = self.tracked.get_mut(&key) {
                facts.note(FactKind::LimitReached(Limit::ReorderTotal), at);
                known.pass_gaps(at, facts, emit);
                self.held -= held;
                self.held += known.held();
            }
        }
    }

    /// Closes connections that ended long enough ago; their numbers stay known.
    fn close_ended(&mut self, now: Timestamp, facts: &mut Facts, emit: &mut Emit<'_>) {
        while let Some((due, key, id)) = self.ending.front().copied()
            && due <= now
        {
            self.ending.pop_front();
            if let Some(connection) = self.tracked.get_mut(&key)
                && connection.id() == id
                && connection.is_ended()
            {
                self.held -= connection.held();
                connection.close(Closing::Ended, facts, emit);
            }
        }
    }

    /// Keeps the list of ended connections as short as that of all: where time stands still, none of them is ever due.
    fn tidy(&mut self) {
        if self.ending.len() <= self.limits.connections.saturating_mul(2) {
            return;
        }
        let mut seen = HashSet::default();
        let open = |(_, key, id): &(Timestamp, Key, ConnectionId)| {
            self.tracked.get(key).is_some_and(|known| known.id() == *id && !known.is_closed())
                && seen.insert(*id)
        };
        self.ending = self.ending.drain(..).rev().filter(open).collect();
        self.ending.make_contiguous().reverse();
    }
}

/// Opener and acceptor, guessed from a connection's first segment: the answer to a SYN comes from the acceptor.
fn opener(segment: &Segment<'_>) -> (Endpoint, Endpoint) {
    if segment.flags.has(Flags(Flags::SYN.0 | Flags::ACK.0)) {
        (segment.destination, segment.source)
    } else {
        (segment.source, segment.destination)
    }
}

#[cfg(test)]
mod tests;
