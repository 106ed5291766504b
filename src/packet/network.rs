//! IP and what it carries.

use super::{Aside, Flags, Packet, Segment, Unreachable, u16_at, u32_at};
use crate::endpoint::{Endpoint, Moment};
use etherparse::{IpNumber, LaxIpSlice, LenSource};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bit for more fragments, and the offset (RFC 791, section 3.1).
const FRAGMENT: u16 = 0x3fff;
/// Octets of a TCP header without options.
const TCP_HEADER: usize = 20;

/// Decodes an IP datagram of which `wire_len` octets were on the wire.
pub(super) fn decode(octets: &[u8], wire_len: usize, at: Moment) -> Packet<'_> {
    if let Some((source, destination)) = plain_udp(octets) {
        return Packet::Aside(Aside::Udp(source, destination));
    }
    let Ok((ip, _)) = LaxIpSlice::from_slice(octets) else {
        return Packet::Aside(Aside::Malformed);
    };
    if ip.is_fragmenting_payload() {
        return Packet::Aside(Aside::Fragment);
    }
    let payload = ip.payload();
    let datagram_len = match payload.len_source {
        // The capturing machine handed the packet to its network card to be cut up: the length is not in it yet.
        LenSource::Slice => wire_len,
        _ => datagram_len(&ip),
    };
    // What stands between the datagram's start and this payload, whether the payload is cut or not.
    let captured = octets.len().min(datagram_len);
    let headers_len = captured.saturating_sub(payload.payload.len());
    let payload_len = datagram_len.saturating_sub(headers_len);
    let addresses = (ip.source_addr(), ip.destination_addr());
    let ip_id = ip.ipv4().map(|ipv4| ipv4.header().identification()).filter(|id| *id != 0);
    let packet = match payload.ip_number {
        IpNumber::TCP => segment(payload.payload, payload_len, addresses, ip_id, at).map(Packet::Tcp),
        IpNumber::ICMP => icmp(payload.payload, addresses.0, at),
        IpNumber::IPV6_ICMP => icmpv6(payload.payload, addresses.0, at),
        _ => Some(Packet::Aside(Aside::OtherIp)),
    };
    packet.unwrap_or(Packet::Aside(Aside::Malformed))
}

/// The ports of a UDP datagram that is nothing but that: not fragmented, no extension headers.
fn plain_udp(octets: &[u8]) -> Option<(u16, u16)> {
    let ports_at = match octets.first()? {
        0x45 if *octets.get(9)? == 17 && u16_at(octets, 6)? & FRAGMENT == 0 => 20,
        0x60..=0x6f if *octets.get(6)? == 17 => 40,
        _ => return None,
    };
    Some((u16_at(octets, ports_at)?, u16_at(octets, ports_at + 2)?))
}

/// The datagram's length as its header states it.
fn datagram_len(ip: &LaxIpSlice<'_>) -> usize {
    match ip {
        LaxIpSlice::Ipv4(ipv4) => usize::from(ipv4.header().total_len()),
        LaxIpSlice::Ipv6(ipv6) => {
            Ipv6Addr::BITS as usize / 8 * 2 + 8 + usize::from(ipv6.header().payload_length())
        }
    }
}

fn segment(
    octets: &[u8],
    octets_on_wire: usize,
    addresses: (IpAddr, IpAddr),
    ip_id: Option<u16>,
    at: Moment,
) -> Option<Segment<'_>> {
    let header_len = usize::from(octets.get(12)? >> 4) * 4;
    if header_len < TCP_HEADER || octets_on_wire < header_len {
        return None;
    }
    Some(Segment {
        frame: at.frame,
        time: at.time,
        source: Endpoint::new(addresses.0, u16_at(octets, 0)?),
        destination: Endpoint::new(addresses.1, u16_at(octets, 2)?),
        sequence: u32_at(octets, 4)?,
        acknowledgment: u32_at(octets, 8)?,
        flags: Flags(*octets.get(13)?),
        window: u16_at(octets, 14)?,
        // A header whose options were cut leaves no payload, though there may have been some.
        payload: octets.get(header_len..).unwrap_or_default(),
        payload_len: u32::try_from(octets_on_wire - header_len).ok()?,
        ip_id,
    })
}

/// ICMP's "destination unreachable", with the octets of the datagram that it is about (RFC 792).
fn icmp(octets: &[u8], reporter: IpAddr, at: Moment) -> Option<Packet<'_>> {
    let (kind, code, quoted) = (*octets.first()?, *octets.get(1)?, octets.get(8..)?);
    if kind != 3 || quoted.get(9) != Some(&6) {
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
    let ports = usize::from(quoted.first()? & 0x0f) * 4;
    let source = Ipv4Addr::from(u32_at(quoted, 12)?);
    let destination = Ipv4Addr::from(u32_at(quoted, 16)?);
    Some(Packet::Unreachable(Unreachable {
        at,
        reporter,
        source: Endpoint::new(source.into(), u16_at(quoted, ports)?),
        destination: Endpoint::new(destination.into(), u16_at(quoted, ports + 2)?),
        reason,
    }))
}

/// `ICMPv6`'s "destination unreachable" (RFC 4443, section 3.1).
fn icmpv6(octets: &[u8], reporter: IpAddr, at: Moment) -> Option<Packet<'_>> {
    let (kind, code, quoted) = (*octets.first()?, *octets.get(1)?, octets.get(8..)?);
    if kind != 1 || quoted.get(6) != Some(&6) {
        return Some(Packet::Aside(Aside::OtherIp));
    }
    let reason = match code {
        0 => "no route to destination",
        1 | 5 | 6 => "administratively prohibited",
        3 => "address unreachable",
        4 => "port unreachable",
        _ => "destination unreachable",
    };
    let address = |at: usize| -> Option<Ipv6Addr> {
        let octets: [u8; 16] = quoted.get(at..at + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(octets))
    };
    Some(Packet::Unreachable(Unreachable {
        at,
        reporter,
        source: Endpoint::new(address(8)?.into(), u16_at(quoted, 40)?),
        destination: Endpoint::new(address(24)?.into(), u16_at(quoted, 42)?),
        reason,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::FrameNumber;
    use crate::time::Timestamp;
    use etherparse::PacketBuilder;

    const AT: Moment = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::from_nanoseconds(0) };

    fn datagram(payload: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .tcp(4000, 8081, 7, 1000)
            .write(&mut octets, payload)
            .unwrap();
        octets
    }

    fn tcp(octets: &[u8], wire_len: usize) -> Segment<'_> {
        match decode(octets, wire_len, AT) {
            Packet::Tcp(segment) => segment,
            other => panic!("not TCP: {other:?}"),
        }
    }

    #[test]
    fn a_cut_packet_keeps_its_length_on_the_wire() {
        let whole = datagram(&[b'x'; 100]);
        let segment = tcp(&whole[..60], whole.len());
        assert_eq!((segment.payload.len(), segment.payload_len), (20, 100));
    }

    #[test]
    fn ethernet_padding_is_no_payload() {
        let mut padded = datagram(b"abc");
        padded.extend([0; 6]);
        let segment = tcp(&padded, padded.len());
        assert_eq!((segment.payload, segment.payload_len), (&b"abc"[..], 3));
    }

    #[test]
    fn a_datagram_without_length_is_as_long_as_its_frame() {
        let mut octets = datagram(&[b'x'; 50]);
        octets[2..4].fill(0);
        let segment = tcp(&octets, octets.len());
        assert_eq!((segment.payload.len(), segment.payload_len), (50, 50));
    }

    #[test]
    fn a_header_cut_in_its_options_keeps_ports_and_numbers() {
        let mut octets = Vec::new();
        PacketBuilder::ipv6([1; 16], [2; 16], 64)
            .tcp(4000, 8081, 7, 1000)
            .options_raw(&[1; 12])
            .unwrap()
            .write(&mut octets, b"abcd")
            .unwrap();
        let segment = tcp(&octets[..40 + 20], octets.len());
        assert_eq!((segment.source.port(), segment.sequence), (4000, 7));
        assert_eq!((segment.payload.len(), segment.payload_len), (0, 4));
    }

    #[test]
    fn udp_is_set_aside_and_fragments_are_told_apart() {
        let mut octets = Vec::new();
        PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(5060, 5061)
            .write(&mut octets, b"")
            .unwrap();
        assert!(matches!(decode(&octets, octets.len(), AT), Packet::Aside(Aside::Udp(5060, 5061))));
        octets[6] = 0x20; // more fragments
        assert!(matches!(decode(&octets, octets.len(), AT), Packet::Aside(Aside::Fragment)));
    }

    #[test]
    fn an_icmp_error_names_the_connection_that_it_is_about() {
        let quoted = datagram(b"");
        let mut octets = Vec::new();
        let icmp = [&[3, 13, 0, 0, 0, 0, 0, 0][..], &quoted[..28]].concat();
        PacketBuilder::ipv4([192, 0, 2, 9], [192, 0, 2, 1], 64)
            .icmpv4_raw(icmp[0], icmp[1], [0; 4])
            .write(&mut octets, &icmp[8..])
            .unwrap();
        let Packet::Unreachable(message) = decode(&octets, octets.len(), AT) else { panic!("not ICMP") };
        assert_eq!(message.destination.to_string(), "192.0.2.2:8081");
        assert_eq!(message.reason, "administratively prohibited");
    }
}
