//! Frames in, TCP segments out.
//!
//! Comes in: a [`Frame`]. Goes out: a [`Packet`]: a TCP [`Segment`] that borrows from the frame, an ICMP message about
//! one, or why the frame was set aside. Keeps nothing. Plain UDP, most of a media server's traffic, is set aside
//! before anything else is looked at. Deliberately does not: verify checksums (offloading makes them wrong), put
//! fragments together.
//!
//! Lengths come from the IP header, never from what was captured, so that a packet cut by the snap length keeps the
//! sequence arithmetic right.

mod link;
mod network;

use crate::capture::{Frame, LinkType};
use crate::endpoint::{Endpoint, FrameNumber, Moment};
use crate::time::Timestamp;
use std::net::IpAddr;

/// What a frame holds.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// An ICMP or `ICMPv6` message that a TCP segment could not be delivered.
    Unreachable(Unreachable),
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
    /// A fragment of an IP datagram.
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

/// Decodes a frame.
pub fn decode<'a>(frame: &Frame<'a>) -> Packet<'a> {
    let Some(content) = link::strip(frame.link_type, frame.data) else {
        return Packet::Aside(Aside::Malformed);
    };
    match content {
        link::Content::Ip(octets) => {
            let header_len = frame.data.len() - octets.len();
            let wire_len = (frame.wire_len as usize).saturating_sub(header_len);
            network::decode(octets, wire_len, Moment { frame: frame.number, time: frame.time })
        }
        link::Content::Other => Packet::Aside(Aside::NotIp),
        link::Content::Unknown => Packet::Aside(Aside::UnknownLinkType(frame.link_type)),
    }
}

/// Two octets in network byte order.
fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(octets.get(at..at + 2)?.try_into().ok()?))
}

/// Four octets in network byte order.
fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}
