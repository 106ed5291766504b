//! HTTP/1.x: a connection's octets in, [`Exchange`]s out.
//!
//! Comes in: [`tcp::Event`](crate::tcp::Event)s. Goes out: each request with its response, or with the reason why there
//! is none. Keeps: for each connection the message being read and those that wait for their partner; bounded by
//! [`Limits::head`], [`Limits::body`], [`Limits::pending`] and [`Limits::messages_total`]. A gap costs the message it hits, never the connection:
//! reading goes on at the next message. Deliberately does not: know hooks, or judge.
//!
//! Which end is the client is decided by what the ends send, so that connections whose beginning was not captured are
//! read as well.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod body;
mod chunked;
mod conversation;
mod delays;
mod ends;
mod framing;
mod head;
mod message;
mod reader;
mod timing;

use crate::endpoint::{ConnectionId, Endpoint, Moment};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits, relieved};
use crate::tcp::{Event, Head};
pub use body::Body;
use conversation::Conversation;
pub use delays::Delays;
pub use message::{Completeness, Extent, Fields, Message, Request, RequestLine, Response, StatusLine};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::num::Saturating;
pub use timing::Phases;

/// A request with its response, or with the reason why there is none; or a response whose request was not captured.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The connection.
    pub connection: ConnectionId,
    /// Who sent the request.
    pub client: Endpoint,
    /// Who was to answer it.
    pub server: Endpoint,
    /// The request, unless it was not captured.
    pub request: Option<Request>,
    /// The final response.
    pub response: Option<Response>,
    /// Why there is no response; present if it is not.
    pub no_response: Option<NoResponse>,
    /// When the server's machine acknowledged the whole request.
    pub acknowledged: Option<Moment>,
    /// How often the request, or part of it, was sent again.
    pub sent_again: SentAgain,
    /// The client's FIN or RST, where it came before the response was complete: the client had given up.
    pub abandoned: Option<Moment>,
    /// The server's FIN or RST, where it came before the request; or its FIN, where it was sent before the request
    /// arrived, on a connection that was used before: the connection was stale.
    pub stale: Option<Moment>,
    /// The server's RST, where it broke off the response.
    pub reset: Option<Moment>,
    /// What held its messages up.
    pub delays: Delays,
    /// Whether the connection's beginning was captured.
    pub from_start: bool,
    /// The first SYN and the moment from which the connection could be used, where this is its first exchange.
    pub opened: Option<(Moment, Moment)>,
    /// Since when the connection waited for this request: it was established, or the response before was complete.
    pub idle_since: Option<Moment>,
}

/// How often something was sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentAgain {
    /// The segments that did so.
    pub count: u32,
    /// The last of them.
    pub last: Option<Moment>,
}

/// Why a request has no response in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// The server reset the connection.
    Reset(Moment),
    /// The server closed the connection.
    Closed(Moment),
    /// The client closed or reset the connection first: it gave up.
    GaveUp(Moment),
    /// The client received octets after the request that the capture does not hold.
    NotCaptured,
    /// The server sent octets after the request that are no HTTP response; with the last segment of them.
    Unreadable(Moment),
    /// The capture ended while the response was outstanding; with the connection's last frame.
    CaptureEnded(Moment),
    /// The connection's end was not captured, or it was given up when a limit was reached.
    LostSight,
}

/// Exchanges, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emitted {
    /// Those with a request.
    pub exchanges: u64,
    /// Responses whose request was not captured.
    pub orphans: u64,
    /// Exchanges that ended in another protocol: a browser's WebSocket to WCS.
    pub upgrades: u64,
}

impl Emitted {
    const fn note(&mut self, exchange: &Exchange) {
        let counter = if exchange.request.is_some() { &mut self.exchanges } else { &mut self.orphans };
        *counter = counter.saturating_add(1);
        if matches!(&exchange.response, Some(response) if response.start.status == 101) {
            self.upgrades = self.upgrades.saturating_add(1);
        }
    }
}

/// Where exchanges go.
pub type Emit<'e> = dyn FnMut(Exchange, &mut Facts) + 'e;

/// The HTTP of all connections.
#[derive(Clone)]
pub struct Exchanges {
    limits: Limits,
    conversations: FxHashMap<ConnectionId, Box<Conversation>>,
    /// What all of them hold.
    held: Saturating<usize>,
    /// Connections, closed by now, that begin with a TLS record.
    tls: u64,
    emitted: Emitted,
}

impl Exchanges {
    /// Starts without connections.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            conversations: FxHashMap::default(),
            held: Saturating(0),
            tls: 0,
            emitted: Emitted::default(),
        }
    }

    /// How many of the connections that are closed so far began with a TLS record.
    pub const fn tls_connections(&self) -> u64 {
        self.tls
    }

    /// The exchanges that were given out so far.
    pub const fn emitted(&self) -> Emitted {
        self.emitted
    }

    /// Takes in what happened on a connection.
    pub fn push(&mut self, head: &Head, event: &Event<'_>, facts: &mut Facts, emit: &mut Emit<'_>) {
        let emitted = &mut self.emitted;
        let mut emit = |exchange: Exchange, facts: &mut Facts| {
            emitted.note(&exchange);
            emit(exchange, facts);
        };
        if let Event::Closed { why, last, .. } = event {
            if let Some(conversation) = self.conversations.remove(&head.id) {
                self.held -= conversation.held();
                self.tls = self.tls.saturating_add(conversation.is_tls().into());
                conversation.close(head, (*why, *last), &self.limits, facts, &mut emit);
            }
            return;
        }
        let conversation = self.conversations.entry(head.id).or_default();
        match event {
            Event::Acknowledged { side, offset, at } => return conversation.acknowledge(*side, *offset, *at),
            Event::Room { side, any, at } => return conversation.note_room(*side, *any, *at),
            Event::SentAgain { side, octets, at } => return conversation.note_again(*side, octets, *at),
            _ => {}
        }
        let before = conversation.held();
        conversation.push(head, event, &self.limits, facts, &mut emit);
        self.held -= before;
        self.held += conversation.held();
        if self.held.0 > self.limits.messages_total
            && let Event::Data { at, .. } = event
        {
            self.relieve(*at, facts);
        }
    }

    /// Lets the connections that hold most give it up, until there is some room again.
    fn relieve(&mut self, at: Moment, facts: &mut Facts) {
        let holding = self.conversations.iter().filter(|(_, known)| known.held() > 0);
        let mut holding: Vec<_> = holding.map(|(id, known)| (Reverse(known.held()), *id)).collect();
        holding.sort_unstable();
        for (Reverse(held), id) in holding {
            if self.held.0 <= relieved(self.limits.messages_total) {
                return;
            }
            if let Some(known) = self.conversations.get_mut(&id) {
                facts.note(FactKind::LimitReached(Limit::MessagesTotal), at);
                known.forget();
                self.held -= held;
                self.held += known.held();
            }
        }
    }
}

#[cfg(test)]
mod tests;
