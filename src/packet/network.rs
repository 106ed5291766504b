//! IP, version 4 and 6, with extension headers and fragments.

use super::fragments::Fragment;
use super::{Payload, Step, dns, transport, tunnel};
use crate::endpoint::Moment;
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};
use std::net::IpAddr;

/// The bit for more fragments, and the offset (RFC 791, section 3.1).
const FRAGMENT: u16 = 0x3fff;
/// Octets of the IPv4 header without options.
const IPV4_HEADER: usize = 20;
/// Octets of the ports, with which it begins.
const PORTS: usize = 4;
/// Octets of the UDP header.
const UDP_HEADER: usize = 8;
/// Octets of the IPv6 header.
const IPV6_HEADER: usize = 40;
/// UDP's protocol number.
const UDP: u8 = 17;

/// What an IP datagram carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carried<'a> {
    /// The protocol's number.
    pub(super) protocol: u8,
    /// The sender.
    pub(super) source: IpAddr,
    /// The receiver.
    pub(super) destination: IpAddr,
    /// The IPv4 identification, where it is not zero.
    pub(super) ip_id: Option<u16>,
    /// What stands behind the header; as long on the wire as the header says.
    pub(super) payload: Payload<'a>,
}

/// An IP datagram, of the version that its first octet says.
pub(super) fn ip(datagram: Payload<'_>, at: Moment) -> Option<Step<'_>> {
    if let Some((ports, length)) = plain_udp(datagram.octets)
        && ports.0 != dns::PORT
        && ports.1 != dns::PORT
    {
        return Some(tunnel::udp(ports, datagram.skip(length), at));
    }
    match datagram.u8(0)? >> 4 {
        4 => ipv4(datagram, at),
        6 => ipv6(datagram, at),
        _ => None,
    }
}

/// The ports of a UDP datagram that is nothing but that: not fragmented, no extension headers; and the length of its
/// headers. What most frames of a media server hold is told so at the least cost.
#[inline]
pub(super) fn plain_udp(octets: &[u8]) -> Option<((u16, u16), usize)> {
    let (ports, length) = match octets.first()? {
        0x45 => match octets.first_chunk::<{ IPV4_HEADER + PORTS }>()? {
            [_, _, _, _, _, _, high, low, _, UDP, .., a, b, c, d]
                if u16::from_be_bytes([*high, *low]) & FRAGMENT == 0 =>
            {
                (u32::from_be_bytes([*a, *b, *c, *d]), IPV4_HEADER)
            }
            _ => return None,
        },
        0x60..=0x6f => match octets.first_chunk::<{ IPV6_HEADER + PORTS }>()? {
            [_, _, _, _, _, _, UDP, .., a, b, c, d] => (u32::from_be_bytes([*a, *b, *c, *d]), IPV6_HEADER),
            _ => return None,
        },
        _ => return None,
    };
    let ports = ((ports >> 16) as u16, (ports & 0xffff) as u16);
    Some((ports, length.saturating_add(UDP_HEADER)))
}

fn ipv4(datagram: Payload<'_>, at: Moment) -> Option<Step<'_>> {
    let header = Ipv4HeaderSlice::from_slice(datagram.octets).ok()?;
    let (header_len, total_len) = (header.slice().len(), usize::from(header.total_len()));
    // The capturing machine handed the packet to its network card to be cut up: the length is not in it yet.
    let length = if total_len < header_len { datagram.on_wire } else { total_len };
    let carried = Carried {
        protocol: header.protocol().0,
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        ip_id: Some(header.identification()).filter(|id| *id != 0),
        payload: datagram.cut_to(length).skip(header_len)?,
    };
    if header.is_fragmenting_payload() {
        return Some(Step::Fragment(Fragment {
            carried,
            identification: header.identification().into(),
            offset: header.fragments_offset().byte_offset().into(),
            has_more: header.more_fragments(),
        }));
    }
    carry(carried, at)
}

fn ipv6(datagram: Payload<'_>, at: Moment) -> Option<Step<'_>> {
    let header = Ipv6HeaderSlice::from_slice(datagram.octets).ok()?;
    // Without length: handed to the network card as above, or a jumbogram (RFC 2675).
    let length = match usize::from(header.payload_length()) {
        0 => datagram.on_wire,
        length => length.saturating_add(IPV6_HEADER),
    };
    let carried = Carried {
        protocol: header.next_header().0,
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        ip_id: None,
        payload: datagram.cut_to(length).skip(IPV6_HEADER)?,
    };
    carry(carried, at)
}

/// Goes over extension headers (RFC 8200, section 4; RFC 4302 for authentication) to what is carried.
pub(super) fn carry(mut carried: Carried<'_>, at: Moment) -> Option<Step<'_>> {
    loop {
        let payload = carried.payload;
        // Lengths are told in units of so many octets, the first eight not counted.
        let length = |unit: usize| Some(usize::from(payload.u8(1)?).saturating_mul(unit).saturating_add(8));
        let length = match carried.protocol {
            // Hop-by-hop options, routing, destination options, mobility, HIP, Shim6.
            0 | 43 | 60 | 135 | 139 | 140 => length(8)?,
            51 => length(4)?,
            44 => {
                let (place, identification) = (payload.u16(2)?, payload.u32(4)?);
                // One that is whole by itself (RFC 6946) is no fragment.
                if place & 0xfff9 != 0 {
                    carried = Carried { protocol: payload.u8(0)?, payload: payload.skip(8)?, ..carried };
                    let (offset, has_more) = (usize::from(place & 0xfff8), place & 1 == 1);
                    return Some(Step::Fragment(Fragment { carried, identification, offset, has_more }));
                }
                8
            }
            _ => return transport::step(carried, at),
        };
        carried = Carried { protocol: payload.u8(0)?, payload: payload.skip(length)?, ..carried };
    }
}
