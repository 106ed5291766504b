//! Frames in, TCP segments out.
//!
//! Comes in: [`Frame`]s. Goes out: [`Packet`]s: a TCP [`Segment`] that borrows from the frame, an ICMP message about
//! one, a DNS message, or why the frame was set aside. Keeps: fragments of IP datagrams until they are complete, bounded by
//! [`Limits::fragments`]. Plain UDP, most of a media server's traffic, is set aside before anything else is looked
//! at. Deliberately does not: verify checksums (offloading makes them wrong).
//!
//! Each layer is a function that takes its header off and says which one goes on, so that tunnels nest as they like;
//! no deeper than [`Limits::layers`], though. Lengths come from the IP header, never from what was captured, so that a
//! packet cut by the snap length keeps the sequence arithmetic right.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod dns;
mod fragments;
mod link;
mod network;
mod payload;
mod transport;
mod tunnel;
mod wireless;

use crate::capture::{Frame, LinkType};
use crate::endpoint::{Endpoint, FrameNumber, Moment};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};
use crate::time::Timestamp;
pub use dns::{DnsAnswer, DnsMessage};
use fragments::{Fragment, Fragments};
use payload::Payload;
use std::net::IpAddr;

/// What a frame holds.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// An ICMP or `ICMPv6` message that a TCP segment could not be delivered.
    Unreachable(Unreachable),
    /// A DNS message about a name's addresses.
    Dns(&'a DnsMessage),
    /// Something else.
    Aside(Aside),
}

/// Why a frame was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// A UDP datagram, by its ports.
    Udp(u16, u16),
    /// IP with another payload.
    OtherIp,
    /// No IP.
    NotIp,
    /// A fragment of an IP datagram that is not complete with it.
    Fragment,
    /// Headers that make no sense, or are cut.
    Malformed,
    /// A link type that is not decoded.
    UnknownLinkType(LinkType),
}

/// A TCP segment (RFC 9293, section 3.1).
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The frame that it came in.
    pub frame: FrameNumber,
    /// When.
    pub time: Timestamp,
    /// The sender.
    pub source: Endpoint,
    /// The receiver.
    pub destination: Endpoint,
    /// The sequence number of the first octet, or of the SYN.
    pub sequence: u32,
    /// The acknowledgment number, where [`Flags::ACK`] is set.
    pub acknowledgment: u32,
    /// The control bits.
    pub flags: Flags,
    /// The window as sent, unscaled.
    pub window: u16,
    /// Octets of the header, options included.
    pub header_len: u8,
    /// The captured octets of the payload.
    pub payload: &'a [u8],
    /// Octets of the payload on the wire, by the IP header.
    pub payload_len: u32,
    /// The IPv4 identification, where it is not zero.
    pub ip_id: Option<u16>,
}

impl Segment<'_> {
    /// Where and when it was captured.
    pub const fn moment(&self) -> Moment {
        Moment { frame: self.frame, time: self.time }
    }
}

/// TCP's control bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(1);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(2);
    /// Reset the connection.
    pub const RST: Self = Self(4);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(16);

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// An ICMP or `ICMPv6` "destination unreachable" that quotes a TCP segment (RFC 792, RFC 4443).
#[derive(Clone, Copy, Debug)]
pub struct Unreachable {
    /// Where and when it was captured.
    pub at: Moment,
    /// Who reports.
    pub reporter: IpAddr,
    /// The sender of the quoted segment.
    pub source: Endpoint,
    /// The receiver that cannot be reached.
    pub destination: Endpoint,
    /// What is said, in words.
    pub reason: &'static str,
}

/// Where packets go.
pub type Emit<'e> = dyn FnMut(Packet<'_>, &mut Facts) + 'e;

/// A layer: takes its header off; `None` when that makes no sense, or is cut.
type Layer = for<'a> fn(Payload<'a>, Moment) -> Option<Step<'a>>;

/// What is behind a header.
enum Step<'a> {
    /// Another layer.
    Into(Layer, Payload<'a>),
    /// A fragment of a datagram.
    Fragment(Fragment<'a>),
    /// The end: a DNS message.
    Dns(DnsMessage),
    /// The end.
    Packet(Packet<'a>),
}

impl Step<'_> {
    const fn aside(why: Aside) -> Self {
        Self::Packet(Packet::Aside(why))
    }
}

/// Tells plain UDP of no interest: what [`Packets::push`] would set aside as [`Aside::Udp`], and no more. Tells most of a
/// media server's frames at the least cost; of others it says nothing.
#[derive(Clone, Copy, Debug)]
pub struct PlainUdp {
    link: link::Plain,
}

impl PlainUdp {
    /// For frames of a link type, and packets of so many layers at most; `None` where none of them can be told.
    pub fn of(link_type: LinkType, layers: u32) -> Option<Self> {
        /// Link layer, tag, IP, and what is in it.
        const LAYERS: u32 = 4;
        let link = link::Plain::of(link_type).filter(|_| layers >= LAYERS)?;
        Some(Self { link })
    }

    /// The ports of a frame that holds such a datagram, the sender's first.
    #[expect(clippy::inline_always, reason = "the loop over most frames of a capture")]
    #[inline(always)]
    pub fn ports(self, frame: &[u8]) -> Option<(u16, u16)> {
        let (ports, _) = network::plain_udp(self.link.datagram(frame)?)?;
        let is_of_interest =
            || ports.0 == dns::PORT || ports.1 == dns::PORT || tunnel::over_udp(ports.1).is_some();
        (ports.0.min(ports.1) > tunnel::HIGHEST_PORT || !is_of_interest()).then_some(ports)
    }
}

/// The stage.
#[derive(Clone)]
pub struct Packets {
    fragments: Fragments,
    layers: u32,
}

impl Packets {
    /// Starts with nothing kept.
    pub fn new(limits: &Limits) -> Self {
        Self { fragments: Fragments::new(limits.fragments), layers: limits.layers }
    }

    /// Decodes a frame.
    pub fn push(&mut self, frame: &Frame<'_>, facts: &mut Facts, emit: &mut Emit<'_>) {
        let at = Moment { frame: frame.number, time: frame.time };
        let payload = Payload { octets: frame.data, on_wire: frame.wire_len as usize };
        match link::layer(frame.link_type) {
            Some(layer) => self.walk(Step::Into(layer, payload), at, self.layers, facts, emit),
            None => emit(Packet::Aside(Aside::UnknownLinkType(frame.link_type)), facts),
        }
    }

    /// Ends: notes the datagrams of which fragments are missing.
    pub fn finish(self, facts: &mut Facts) {
        self.fragments.finish(facts);
    }

    /// Goes from layer to layer.
    fn walk(&mut self, step: Step<'_>, at: Moment, depth: u32, facts: &mut Facts, emit: &mut Emit<'_>) {
        let mut step = step;
        for left in (0..depth).rev() {
            match step {
                Step::Into(layer, payload) => {
                    step = layer(payload, at).unwrap_or(Step::aside(Aside::Malformed));
                }
                Step::Packet(packet) => return emit(packet, facts),
                Step::Dns(message) => return emit(Packet::Dns(&message), facts),
                Step::Fragment(fragment) => {
                    let Some(whole) = self.fragments.push(&fragment, at, facts) else {
                        return emit(Packet::Aside(Aside::Fragment), facts);
                    };
                    let carried = network::Carried { payload: whole.payload(), ..fragment.carried };
                    let step = network::carry(carried, at).unwrap_or(Step::aside(Aside::Malformed));
                    return self.walk(step, at, left, facts, emit);
                }
            }
        }
        facts.note(FactKind::LimitReached(Limit::Layers), at);
        emit(Packet::Aside(Aside::Malformed), facts);
    }
}

#[cfg(test)]
mod tests;
