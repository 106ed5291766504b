//! TCP, UDP and ICMP; and the tunnels that IP carries.

use super::network::{self, Carried};
use super::{Aside, Flags, Packet, Payload, Segment, Step, Unreachable, dns, link, tunnel};
use crate::endpoint::{Endpoint, Moment};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Octets of a TCP header without options.
const TCP_HEADER: usize = 20;
/// Octets of a UDP header.
const UDP_HEADER: usize = 8;

/// What a datagram carries, by its protocol's number.
pub(super) fn step(carried: Carried<'_>, at: Moment) -> Option<Step<'_>> {
    let payload = carried.payload;
    Some(match carried.protocol {
        6 => Step::Packet(Packet::Tcp(segment(carried, at)?)),
        17 => udp(carried, at)?,
        1 => Step::Packet(icmp(payload, carried.source, at)?),
        58 => Step::Packet(icmpv6(payload, carried.source, at)?),
        // IP in IP (RFC 2003), IPv6 in IPv4 (RFC 4213).
        4 | 41 => Step::Into(network::ip, payload),
        47 => Step::Into(tunnel::gre, payload),
        // Ethernet in IP (RFC 3378), MPLS in IP (RFC 4023).
        97 => Step::Into(link::ethernet, payload.skip(2)?),
        137 => Step::Into(tunnel::mpls, payload),
        _ => Step::aside(Aside::OtherIp),
    })
}

fn udp(carried: Carried<'_>, at: Moment) -> Option<Step<'_>> {
    let Carried { source, destination, payload, .. } = carried;
    let (from, to) = (payload.u16(0)?, payload.u16(2)?);
    let content = payload.skip(UDP_HEADER);
    let ends = (Endpoint::new(source, from), Endpoint::new(destination, to));
    if [from, to].contains(&dns::PORT)
        && let Some(message) = content.and_then(|content| dns::message(ends.0, ends.1, content, at))
    {
        return Some(Step::Dns(message));
    }
    Some(tunnel::udp((from, to), content, at))
}

fn segment(carried: Carried<'_>, at: Moment) -> Option<Segment<'_>> {
    let Carried { source, destination, ip_id, payload, .. } = carried;
    let header_len = usize::from(payload.u8(12)? >> 4) * 4;
    if header_len < TCP_HEADER {
        return None;
    }
    Some(Segment {
        frame: at.frame,
        time: at.time,
        source: Endpoint::new(source, payload.u16(0)?),
        destination: Endpoint::new(destination, payload.u16(2)?),
        sequence: payload.u32(4)?,
        acknowledgment: payload.u32(8)?,
        flags: Flags(payload.u8(13)?),
        window: payload.u16(14)?,
        header_len: u8::try_from(header_len).ok()?,
        // A header whose options were cut leaves no payload, though there may have been some.
        payload: payload.octets.get(header_len..).unwrap_or_default(),
        payload_len: u32::try_from(payload.on_wire.checked_sub(header_len)?).ok()?,
        ip_id,
    })
}

/// ICMP's "destination unreachable", with the octets of the datagram that it is about (RFC 792).
fn icmp(message: Payload<'_>, reporter: IpAddr, at: Moment) -> Option<Packet<'_>> {
    let (kind, code, quoted) = (message.u8(0)?, message.u8(1)?, message.skip(8)?);
    if kind != 3 || quoted.u8(9) != Some(6) {
        return Some(Packet::Aside(Aside::OtherIp));
    }
    let reason = match code {
        0 => "network unreachable",
        1 => "host unreachable",
        3 => "port unreachable",
        // Path MTU discovery: the sender sends smaller packets, and all is well.
        4 => return Some(Packet::Aside(Aside::OtherIp)),
        9 | 10 | 13 => "administratively prohibited",
        _ => "destination unreachable",
    };
    let ports = quoted.skip(usize::from(quoted.u8(0)? & 0x0f) * 4)?;
    let source = Ipv4Addr::from(quoted.u32(12)?);
    let destination = Ipv4Addr::from(quoted.u32(16)?);
    Some(Packet::Unreachable(Unreachable {
        at,
        reporter,
        source: Endpoint::new(source.into(), ports.u16(0)?),
        destination: Endpoint::new(destination.into(), ports.u16(2)?),
        reason,
    }))
}

/// `ICMPv6`'s "destination unreachable" (RFC 4443, section 3.1).
fn icmpv6(message: Payload<'_>, reporter: IpAddr, at: Moment) -> Option<Packet<'_>> {
    let (kind, code, quoted) = (message.u8(0)?, message.u8(1)?, message.skip(8)?);
    if kind != 1 || quoted.u8(6) != Some(6) {
        return Some(Packet::Aside(Aside::OtherIp));
    }
    let reason = match code {
        0 => "no route to destination",
        1 | 5 | 6 => "administratively prohibited",
        3 => "address unreachable",
        4 => "port unreachable",
        _ => "destination unreachable",
    };
    let address = |at| Some(Ipv6Addr::from(quoted.array::<16>(at)?));
    Some(Packet::Unreachable(Unreachable {
        at,
        reporter,
        source: Endpoint::new(address(8)?.into(), quoted.u16(40)?),
        destination: Endpoint::new(address(24)?.into(), quoted.u16(42)?),
        reason,
    }))
}
