//! Conversations that go on at the same time, merged by time while they are made.

use crate::support::builder::tcp::Side;
use crate::support::builder::{Connection, Packet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::mem;

/// A request, and its response in the pieces that are segments of their own.
pub struct Exchange {
    /// What the client sends.
    pub request: Vec<u8>,
    /// What the server sends.
    pub response: Vec<Vec<u8>>,
    /// Time from the request to the response.
    pub server_time: u64,
    /// Time until the next exchange.
    pub pause: u64,
}

impl Exchange {
    /// Lets it take place on a connection.
    pub fn on(&self, connection: &mut Connection) {
        connection.client_sends(&self.request).server_acks().wait(self.server_time);
        for piece in &self.response {
            connection.server_sends(piece);
        }
        connection.client_acks().wait(self.pause);
    }
}

/// Packets in the order of their times.
pub type Lane = Box<dyn Iterator<Item = Packet>>;

/// A connection that is opened, kept alive for all its exchanges, and closed.
pub fn kept_alive(
    mut connection: Connection,
    mut exchanges: impl Iterator<Item = Exchange> + 'static,
) -> Lane {
    connection.handshake();
    let mut open = true;
    let more = move || {
        match exchanges.next() {
            Some(exchange) => exchange.on(&mut connection),
            None if open => {
                connection.close();
                open = false;
            }
            None => return None,
        }
        Some(mem::take(connection.packets()))
    };
    Box::new(std::iter::from_fn(more).flatten())
}

/// A connection between two addresses that begins at a time. `number` sets its sequence numbers.
pub fn connection(client: &str, server: &str, number: u32, time: u64) -> Connection {
    Connection::new(client, server)
        .at(time)
        .numbered(number.wrapping_mul(70_001), number.wrapping_mul(90_007))
}

/// The packets of several lanes in the order of their times.
pub struct Merged {
    lanes: Vec<Lane>,
    next: Vec<Option<Packet>>,
    order: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Merged {
    /// Merges lanes.
    pub fn new(lanes: Vec<Lane>) -> Self {
        let next = lanes.iter().map(|_| None).collect();
        let mut merged = Self { next, order: BinaryHeap::new(), lanes };
        (0..merged.lanes.len()).for_each(|lane| merged.advance(lane));
        merged
    }

    /// The next packet, if its time is not after `time`.
    pub fn until(&mut self, time: u64) -> Option<Packet> {
        let Reverse((next, lane)) = *self.order.peek()?;
        if next > time {
            return None;
        }
        self.order.pop();
        let packet = self.next[lane].take();
        self.advance(lane);
        packet
    }

    fn advance(&mut self, lane: usize) {
        self.next[lane] = self.lanes[lane].next();
        if let Some(packet) = &self.next[lane] {
            self.order.push(Reverse((packet.time, lane)));
        }
    }
}

impl Iterator for Merged {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        self.until(u64::MAX)
    }
}

/// The client closes a connection.
pub fn closed(connection: &mut Connection) {
    connection.fin(Side::Client).fin(Side::Server).client_acks();
}
