//! IP packets: TCP segments, UDP datagrams and ICMP messages, with right checksums.

use std::net::{IpAddr, SocketAddr};

/// An IP packet and when it was captured.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Nanoseconds since the capture's time of zero, [`EPOCH`](super::EPOCH).
    pub time: u64,
    /// Whether the capturing host sent it, which Linux cooked headers tell.
    pub outbound: bool,
    /// The packet from its IP header on.
    pub ip: Vec<u8>,
}

impl Packet {
    /// The packet's source address.
    pub fn source(&self) -> IpAddr {
        if self.is_v6() { address_v6(&self.ip[8..24]) } else { address_v4(&self.ip[12..16]) }
    }

    /// The packet's destination address.
    pub fn destination(&self) -> IpAddr {
        if self.is_v6() { address_v6(&self.ip[24..40]) } else { address_v4(&self.ip[16..20]) }
    }

    /// Whether it is an IPv6 packet.
    pub fn is_v6(&self) -> bool {
        self.ip[0] >> 4 == 6
    }
}

fn address_v4(octets: &[u8]) -> IpAddr {
    <[u8; 4]>::try_from(octets).unwrap().into()
}

fn address_v6(octets: &[u8]) -> IpAddr {
    <[u8; 16]>::try_from(octets).unwrap().into()
}

/// The TCP flags.
pub mod flags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// The acknowledgment number counts.
    pub const ACK: u8 = 0x10;
}

/// What varies between TCP segments of a connection.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// The sequence number.
    pub seq: u32,
    /// The acknowledgment number.
    pub ack: u32,
    /// The [`flags`].
    pub flags: u8,
    /// The window, before scaling.
    pub window: u16,
    /// The options; their length is a multiple of four.
    pub options: Vec<u8>,
    /// The data.
    pub payload: Vec<u8>,
}

/// An IP packet with a TCP segment.
pub fn tcp(source: SocketAddr, destination: SocketAddr, id: u16, segment: &Segment) -> Vec<u8> {
    let offset = u8::try_from((20 + segment.options.len()) / 4).unwrap() << 4;
    let mut octets = ports(source, destination);
    octets.extend(segment.seq.to_be_bytes());
    octets.extend(segment.ack.to_be_bytes());
    octets.extend([offset, segment.flags]);
    octets.extend(segment.window.to_be_bytes());
    octets.extend([0; 4]);
    octets.extend(&segment.options);
    octets.extend(&segment.payload);
    put_checksum(&mut octets, 16, &pseudo_header(source.ip(), destination.ip(), TCP));
    ip(source.ip(), destination.ip(), TCP, id, &octets)
}

/// An IP packet with a UDP datagram.
pub fn udp(source: SocketAddr, destination: SocketAddr, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut octets = ports(source, destination);
    octets.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
    octets.extend([0; 2]);
    octets.extend(payload);
    put_checksum(&mut octets, 6, &pseudo_header(source.ip(), destination.ip(), UDP));
    ip(source.ip(), destination.ip(), UDP, id, &octets)
}

/// An ICMP or ICMPv6 message "destination unreachable" about the packet `quoted`.
pub fn unreachable(from: IpAddr, to: IpAddr, code: u8, quoted: &[u8]) -> Vec<u8> {
    let quote = &quoted[..quoted.len().min(if to.is_ipv6() { 1_232 } else { 548 })];
    // ICMP's type 3, ICMPv6's type 1; then the code, the checksum and four octets that are zero here.
    let mut octets = vec![if to.is_ipv6() { 1 } else { 3 }, code, 0, 0, 0, 0, 0, 0];
    octets.extend(quote);
    if to.is_ipv6() {
        put_checksum(&mut octets, 2, &pseudo_header(from, to, ICMPV6));
        ip(from, to, ICMPV6, 0, &octets)
    } else {
        put_checksum(&mut octets, 2, &[]);
        ip(from, to, ICMP, 0x7700, &octets)
    }
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

fn ports(source: SocketAddr, destination: SocketAddr) -> Vec<u8> {
    [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat()
}

/// The part of the pseudo-header that does not depend on the length.
fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8) -> Vec<u8> {
    let mut octets = address_octets(source);
    octets.extend(address_octets(destination));
    octets.extend([0, protocol]);
    octets
}

fn address_octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Puts a checksum over `octets`, and a pseudo-header with their length where there is one, to `offset`.
fn put_checksum(octets: &mut [u8], offset: usize, pseudo_header: &[u8]) {
    let length = if pseudo_header.is_empty() { 0 } else { octets.len() as u64 };
    let sum = folded(sum(octets) + sum(pseudo_header) + length);
    // A UDP checksum of zero would say that there is none.
    let sum = if sum == 0 && offset == 6 { 0xffff } else { sum };
    octets[offset..offset + 2].copy_from_slice(&sum.to_be_bytes());
}

fn sum(octets: &[u8]) -> u64 {
    octets.chunks(2).map(|pair| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0))).sum()
}

fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !(sum as u16)
}

fn ip(source: IpAddr, destination: IpAddr, protocol: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut octets = if source.is_ipv6() {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        vec![0x60, 0, 0, 0, length[0], length[1], protocol, 64]
    } else {
        // Of a segment that the network card is to cut into packets, the length is not known yet.
        let length = u16::try_from(20 + payload.len()).unwrap_or_default().to_be_bytes();
        let id = id.to_be_bytes();
        // "Don't fragment", 64 hops.
        vec![0x45, 0, length[0], length[1], id[0], id[1], 0x40, 0, 64, protocol, 0, 0]
    };
    octets.extend(address_octets(source));
    octets.extend(address_octets(destination));
    if source.is_ipv4() {
        put_checksum(&mut octets, 10, &[]);
    }
    octets.extend(payload);
    octets
}
