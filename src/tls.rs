//! TLS: who speaks it, to whom, and how the handshake ended.
//!
//! Comes in: [`tcp::Event`](crate::tcp::Event)s. Goes out: for each connection on which an end speaks TLS, a
//! [`TlsConnection`] when it is over. Keeps: of each connection what its ends speak, and of a handshake the message being
//! read; bounded by [`Limits::handshake`]
//! and [`Limits::handshake_total`]. Deliberately does not: decrypt, or judge certificates.
//!
//! Only connections whose beginning was captured are looked at: in the middle, encrypted octets look like any others.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod certificate;
mod handshake;
mod record;

use crate::endpoint::{ConnectionId, Endpoint, Moment, Side, Sides};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};
use crate::tcp::{Closing, Event, Head};
pub use certificate::Certificate;
pub use handshake::ClientHello;
pub use record::Alert;
use record::Reader;
use rustc_hash::FxHashMap;
use std::num::Saturating;

/// What an end's first octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Records of TLS.
    Tls,
    /// A message of HTTP.
    Http,
    /// Something else.
    Other,
}

/// A connection on which an end speaks TLS.
#[derive(Clone, Debug)]
pub struct TlsConnection {
    /// The connection.
    pub connection: ConnectionId,
    /// Who opened it.
    pub client: Endpoint,
    /// Who accepted it.
    pub server: Endpoint,
    /// What each end speaks, where it said anything, and its first octets' segment.
    pub speaks: Sides<Option<(Speaks, Moment)>>,
    /// What the client asked for.
    pub hello: Option<ClientHello>,
    /// The version that the server chose, as in `0x0303` for TLS 1.2 (RFC 8446, section 4.2.1).
    pub version: Option<u16>,
    /// The server's certificate, where it could be read.
    pub certificate: Option<Certificate>,
    /// Whether both ends went on to encrypted records.
    pub established: bool,
    /// The first alert that could be read, and who sent it.
    pub alert: Option<(Side, Alert)>,
    /// Who ended the connection first.
    pub ended: Option<(Side, Moment)>,
    /// Whether the capture has all of it.
    pub complete: bool,
}

/// The TLS of all connections.
#[derive(Clone)]
pub struct Handshakes {
    limit: usize,
    total: usize,
    /// Octets that are held of all handshakes.
    held: Saturating<usize>,
    open: FxHashMap<ConnectionId, Conversation>,
}

impl Handshakes {
    /// Starts without connections.
    pub fn new(limits: &Limits) -> Self {
        let (limit, total) = (limits.handshake, limits.handshake_total);
        Self { limit, total, held: Saturating(0), open: FxHashMap::default() }
    }

    /// Takes in what happened on a connection; returns what it was when it is over.
    pub fn push(&mut self, head: &Head, event: &Event<'_>, facts: &mut Facts) -> Option<TlsConnection> {
        match *event {
            Event::Data { side, offset, octets, at, .. } => {
                if offset == 0 && head.from_start {
                    self.held -= self.open.entry(head.id).or_default().begin(side, octets, at);
                }
                self.read(head.id, side, octets, at, facts);
            }
            Event::Gap { side, .. } => {
                if let Some(known) = self.open.get_mut(&head.id) {
                    self.held -= known.readers.of_mut(side).lose();
                    known.incomplete = true;
                }
            }
            Event::Ended { side, at, .. } => {
                if let Some(known) = self.open.get_mut(&head.id) {
                    known.ended.get_or_insert((side, at));
                }
            }
            Event::Closed { why, .. } => {
                let known = self.open.remove(&head.id)?;
                self.held -= known.readers.opener.held();
                self.held -= known.readers.acceptor.held();
                return known.close(head, why);
            }
            Event::Acknowledged { .. } | Event::SentAgain { .. } | Event::Room { .. } => {}
        }
        None
    }

    /// Takes in the octets of a connection that is known to speak TLS, or may come to.
    fn read(&mut self, id: ConnectionId, side: Side, octets: &[u8], at: Moment, facts: &mut Facts) {
        let Some(known) = self.open.get_mut(&id) else { return };
        let reader = known.readers.of_mut(side);
        self.held -= reader.held();
        if !reader.push(octets, at, self.limit) {
            facts.note(FactKind::LimitReached(Limit::Handshake), at);
        }
        self.held += reader.held();
        if self.held.0 > self.total {
            self.held -= reader.lose();
            facts.note(FactKind::LimitReached(Limit::HandshakeTotal), at);
        }
        if known.is_none_of_it() {
            self.open.remove(&id);
        }
    }
}

/// One connection.
#[derive(Clone, Default)]
struct Conversation {
    speaks: Sides<Option<(Speaks, Moment)>>,
    readers: Sides<Reader>,
    ended: Option<(Side, Moment)>,
    incomplete: bool,
}

impl Conversation {
    /// Tells what an end speaks by its first octets; returns how many octets are let go.
    fn begin(&mut self, side: Side, octets: &[u8], at: Moment) -> usize {
        let speaks = match octets {
            [0x14..=0x17, 3, 0..=4, ..] => Speaks::Tls,
            _ if is_http(octets) => Speaks::Http,
            _ => Speaks::Other,
        };
        *self.speaks.of_mut(side) = Some((speaks, at));
        if speaks == Speaks::Tls { 0 } else { self.readers.of_mut(side).lose() }
    }

    fn is_tls(&self, side: Side) -> bool {
        matches!(self.speaks.of(side), Some((Speaks::Tls, _)))
    }

    /// Whether both ends have spoken, and none of them TLS.
    fn is_none_of_it(&self) -> bool {
        let is_other = |side| self.speaks.of(side).is_some() && !self.is_tls(side);
        is_other(Side::Opener) && is_other(Side::Acceptor)
    }

    fn close(self, head: &Head, why: Closing) -> Option<TlsConnection> {
        if !self.is_tls(Side::Opener) && !self.is_tls(Side::Acceptor) {
            return None;
        }
        let Self { speaks, readers, ended, incomplete } = self;
        let both_captured = head.captured.opener && head.captured.acceptor;
        let alert = |side: Side| readers.of(side).alert().map(|alert| (side, alert));
        Some(TlsConnection {
            connection: head.id,
            client: head.opener,
            server: head.acceptor,
            speaks,
            hello: readers.opener.hello().cloned(),
            version: readers.acceptor.version(),
            certificate: readers.acceptor.certificate().cloned(),
            established: readers.opener.is_encrypted() && readers.acceptor.is_encrypted(),
            alert: alert(Side::Opener).or(alert(Side::Acceptor)),
            ended,
            complete: !incomplete && both_captured && why == Closing::Ended,
        })
    }
}

/// Whether octets begin a message of HTTP/1.
fn is_http(octets: &[u8]) -> bool {
    let methods: [&[u8]; 6] = [b"POST ", b"GET ", b"PUT ", b"HEAD ", b"OPTIONS ", b"DELETE "];
    octets.starts_with(b"HTTP/1.") || methods.iter().any(|method| octets.starts_with(method))
}

#[cfg(test)]
mod tests;
