//! The stages put together: whoever reads this file has read the architecture.
//!
//! Comes in: frames. Goes out: what the stages make of them. Keeps: the stages. Each stage takes what the one before it
//! emits, at once and with borrowed data. Where there are threads to spare, frames are read on one, followed on the
//! next, and what comes of them is recognized and put together on a third; batches go from one to the other.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::capture::{CaptureSummary, Captures, Frame};
use crate::endpoint::{ConnectionId, Endpoint, Moment, Sides};
use crate::fact::{FactKind, Facts};
use crate::hook::{Hook, is_other};
use crate::http::{Exchange, Exchanges};
use crate::limits::Limits;
use crate::packet::{Aside, DnsMessage, Packet, Packets};
use crate::session::{Attempt, Case, Gathering, Options, Traffic};
use crate::tcp::{self, Connections, Counts};
use crate::tls::{Handshakes, TlsConnection};
use beside::{Taker, beside};
use frames::Frames;
use sieve::Sieve;
use std::mem;

mod beside;
mod frames;
mod sieve;

/// What the lower stages make of frames.
#[derive(Debug)]
pub enum Decoded {
    /// An HTTP exchange.
    Exchange(Box<Exchange>),
    /// A connection that began with a SYN, when it is over.
    Attempt(Attempt),
    /// What the ends of a connection to a server sent, counted, when it is over.
    Sent(ConnectionId, Sides<Endpoint>, Sides<Counts>),
    /// A connection on which an end speaks TLS, when it is over.
    Tls(Box<TlsConnection>),
    /// A DNS message about a name's addresses.
    Dns(DnsMessage),
}

/// Where what they make goes.
pub type Emit<'e> = dyn FnMut(Decoded) + Send + 'e;

/// The lower stages: frames in, exchanges and connection attempts out.
#[derive(Clone)]
pub struct Decoder {
    sieve: Sieve,
    packets: Packets,
    connections: Connections,
    handshakes: Handshakes,
    exchanges: Exchanges,
    traffic: Traffic,
    facts: Facts,
}

impl Decoder {
    /// Starts with nothing seen.
    pub fn new(limits: &Limits) -> Self {
        Self {
            sieve: Sieve::new(limits),
            packets: Packets::new(limits),
            connections: Connections::new(limits.clone()),
            handshakes: Handshakes::new(limits),
            exchanges: Exchanges::new(limits.clone()),
            traffic: Traffic::default(),
            facts: Facts::default(),
        }
    }

    /// Takes in a frame.
    pub fn push(&mut self, frame: &Frame<'_>, emit: &mut dyn FnMut(Decoded)) {
        self.sieve.note(frame);
        self.decode(frame, emit);
    }

    /// Takes in a frame of no interest: one that is nothing but counted, and which [`push`](Self::push) would count in the
    /// same way at a higher cost. Says whether it is one.
    pub fn set_aside(&mut self, frame: &Frame<'_>) -> bool {
        self.sieve.set_aside(frame)
    }

    /// Takes in a frame that was counted.
    fn decode(&mut self, frame: &Frame<'_>, emit: &mut dyn FnMut(Decoded)) {
        let at = Moment { frame: frame.number, time: frame.time };
        let Self { sieve: _, packets, connections, handshakes, exchanges, traffic, facts } = self;
        packets.push(frame, facts, &mut |packet, facts| {
            let mut on = |head: &tcp::Head, event: tcp::Event<'_>, facts: &mut Facts| {
                follow(handshakes, exchanges, head, &event, facts, emit);
            };
            match packet {
                Packet::Tcp(segment) => {
                    traffic.tcp = traffic.tcp.saturating_add(1);
                    connections.push(&segment, facts, &mut on);
                }
                Packet::Unreachable(message) => connections.unreachable(&message, facts, &mut on),
                Packet::Dns(message) => {
                    traffic.note_udp(message.client.port(), message.server.port());
                    emit(Decoded::Dns(message.clone()));
                }
                Packet::Aside(aside) => set_aside(aside, at, traffic, facts),
            }
        });
    }

    /// Ends: emits what was still outstanding, and says what traffic there was.
    pub fn finish(mut self, emit: &mut dyn FnMut(Decoded)) -> (Traffic, Facts) {
        let (handshakes, exchanges) = (&mut self.handshakes, &mut self.exchanges);
        let mut on = |head: &tcp::Head, event: tcp::Event<'_>, facts: &mut Facts| {
            follow(handshakes, exchanges, head, &event, facts, emit);
        };
        self.packets.finish(&mut self.facts);
        self.connections.finish(&mut self.facts, &mut on);
        self.traffic.connections = u64::from(self.connections.count());
        self.traffic.tls_connections = self.exchanges.tls_connections();
        self.traffic.http = self.exchanges.emitted();
        (self.sieve.finish(self.traffic), self.facts)
    }

    /// Reads captures to their end.
    pub fn run(
        mut captures: Captures,
        limits: &Limits,
        emit: &mut Emit<'_>,
    ) -> (Vec<CaptureSummary>, Traffic, Facts) {
        let (mut sieve, mut reading) = (Sieve::new(limits), Facts::default());
        let following = Following { decoder: Self::new(limits), emit };
        let (Following { mut decoder, emit }, ()) = beside(limits.threads, following, |hand_over| {
            let mut frames = Frames::default();
            while let Some(frame) = captures.next_frame(&mut reading) {
                sieve.note(&frame);
                if !frames.have_room(&frame) {
                    hand_over(mem::take(&mut frames));
                }
                frames.push(&frame);
                let link_type = frame.link_type;
                sieve.skim(link_type, &mut captures);
            }
            hand_over(frames);
        });
        decoder.sieve = sieve;
        let (traffic, mut facts) = decoder.finish(emit);
        facts.merge(reading);
        (captures.finish(), traffic, facts)
    }
}

/// A decoder at work, and where what it makes goes.
struct Following<'m, 'e> {
    decoder: Decoder,
    emit: &'m mut Emit<'e>,
}

impl Taker for Following<'_, '_> {
    type Thing = Frames;

    fn take(&mut self, frames: Frames) {
        frames.iter().for_each(|frame| self.decoder.decode(&frame, self.emit));
    }

    fn weight(frames: &Frames) -> usize {
        frames.octets()
    }
}

/// Reads captures to their end, and puts together what they hold: the whole way from files to a case.
pub fn read(captures: Captures, limits: &Limits, options: Options) -> Case {
    let gathering = Gathering::new(limits, &options);
    // What is nothing but counted goes to no other thread.
    let is_wanted = |decoded: &Decoded| match decoded {
        Decoded::Exchange(exchange) => options.list_exchanges || !is_other(exchange, &options.methods),
        _ => true,
    };
    let (gathering, (summaries, traffic, facts)) = beside(limits.threads, gathering, |emit| {
        Decoder::run(captures, limits, &mut |decoded| {
            if is_wanted(&decoded) {
                emit(decoded);
            }
        })
    });
    gathering.finish(summaries, traffic, facts, options)
}

/// A reading under way. A copy of it that is finished says what there is so far, as if the capture ended there.
#[derive(Clone)]
pub struct Reading {
    decoder: Decoder,
    gathering: Gathering,
    options: Options,
}

impl Reading {
    /// Starts with nothing seen.
    pub fn new(limits: &Limits, options: Options) -> Self {
        Self { decoder: Decoder::new(limits), gathering: Gathering::new(limits, &options), options }
    }

    /// Takes in a frame.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let gathering = &mut self.gathering;
        self.decoder.push(frame, &mut |decoded| gathering.take(decoded));
    }

    /// Takes in a frame of no interest, as [`Decoder::set_aside`] does.
    pub fn set_aside(&mut self, frame: &Frame<'_>) -> bool {
        self.decoder.set_aside(frame)
    }

    /// The hooks that have ended, in the order in which they did.
    pub fn ended(&self) -> &[Box<Hook>] {
        self.gathering.hooks()
    }

    /// Ends: relates all to each other. `facts` are what was noticed while the captures were read.
    pub fn finish(mut self, captures: Vec<CaptureSummary>, facts: Facts) -> Case {
        let gathering = &mut self.gathering;
        let (traffic, mut all) = self.decoder.finish(&mut |decoded| gathering.take(decoded));
        all.merge(facts);
        self.gathering.finish(captures, traffic, all, self.options)
    }
}

impl Taker for Gathering {
    type Thing = Decoded;

    fn take(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::Exchange(exchange) => self.exchange(*exchange),
            Decoded::Attempt(attempt) => self.attempt(attempt),
            Decoded::Sent(connection, ends, counts) => self.sent(connection, ends, &counts),
            Decoded::Tls(connection) => self.tls(*connection),
            Decoded::Dns(message) => self.dns(&message),
        }
    }

    fn weight(decoded: &Decoded) -> usize {
        let Decoded::Exchange(exchange) = decoded else { return size_of::<Decoded>() };
        let asked = exchange.request.as_ref().map_or(0, |request| request.body.octets.len());
        let answered = exchange.response.as_ref().map_or(0, |response| response.body.octets.len());
        size_of::<Exchange>().saturating_add(asked).saturating_add(answered)
    }
}

/// From TCP to TLS and HTTP.
fn follow(
    handshakes: &mut Handshakes,
    exchanges: &mut Exchanges,
    head: &tcp::Head,
    event: &tcp::Event<'_>,
    facts: &mut Facts,
    emit: &mut dyn FnMut(Decoded),
) {
    exchanges.push(head, event, facts, &mut |exchange, _| emit(Decoded::Exchange(Box::new(exchange))));
    if let Some(connection) = handshakes.push(head, event, facts) {
        emit(Decoded::Tls(Box::new(connection)));
    }
    if let tcp::Event::Closed { opening, counts, .. } = event {
        if let Some(attempt) = Attempt::of(head, opening) {
            emit(Decoded::Attempt(attempt));
        }
        if counts.opener.segments > 0 || counts.acceptor.segments > 0 {
            let ends = Sides { opener: head.opener, acceptor: head.acceptor };
            emit(Decoded::Sent(head.id, ends, *counts));
        }
    }
}

fn set_aside(aside: Aside, at: Moment, traffic: &mut Traffic, facts: &mut Facts) {
    match aside {
        Aside::Udp(source, destination) => traffic.note_udp(source, destination),
        Aside::OtherIp | Aside::NotIp | Aside::Fragment => traffic.other = traffic.other.saturating_add(1),
        Aside::Malformed => facts.note(FactKind::MalformedPacket, at),
        Aside::UnknownLinkType(kind) => facts.note(FactKind::UnknownLinkType(kind.0), at),
    }
}

/// What a sample holds.
#[cfg(test)]
pub(crate) fn read_sample(name: &str) -> Case {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    let limits = Limits::default();
    let capture = crate::capture::Capture::open(&path, 0, &limits).unwrap();
    read(Captures::new(vec![capture]), &limits, Options::default())
}
