//! Link layers: what stands before the IP header in a frame.

use super::Packet;
use std::net::IpAddr;

/// A link layer, as a capture file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Ethernet, with the identifiers of its VLAN tags from the outermost on: none, one or two.
    Ethernet(&'static [u16]),
    /// Linux cooked capture, version 1: what `tcpdump -i any` wrote for long.
    LinuxCooked,
    /// Linux cooked capture, version 2.
    LinuxCooked2,
    /// BSD loopback: the address family, little endian here.
    Null,
    /// OpenBSD loopback: the address family, big endian.
    Loop,
    /// No link layer: the IP version tells IPv4 and IPv6 apart.
    RawIp,
}

impl Link {
    /// The link type's number in a file's header.
    pub fn number(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Ethernet(_) => 1,
            Self::RawIp => 101,
            Self::Loop => 108,
            Self::LinuxCooked => 113,
            Self::LinuxCooked2 => 276,
        }
    }

    /// The packet as a frame of this link layer.
    pub fn frame(self, packet: &Packet) -> Vec<u8> {
        let mut octets = match self {
            Self::Ethernet(tags) => ethernet(packet, tags),
            Self::LinuxCooked => cooked(packet),
            Self::LinuxCooked2 => cooked2(packet),
            Self::Null => family(packet).to_le_bytes().to_vec(),
            Self::Loop => family(packet).to_be_bytes().to_vec(),
            Self::RawIp => Vec::new(),
        };
        octets.extend(&packet.ip);
        octets
    }
}

/// The loopback device's type in Linux cooked headers.
const ARPHRD_LOOPBACK: u16 = 772;
const ARPHRD_ETHER: u16 = 1;

fn ethertype(packet: &Packet) -> [u8; 2] {
    if packet.is_v6() { [0x86, 0xdd] } else { [0x08, 0x00] }
}

/// `AF_INET`, and `AF_INET6` of macOS.
fn family(packet: &Packet) -> u32 {
    if packet.is_v6() { 30 } else { 2 }
}

/// A locally administered hardware address, made of the IP address's last octets.
fn hardware_address(address: IpAddr) -> [u8; 6] {
    let last = match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(address) => address.octets()[12..].try_into().unwrap(),
    };
    [2, 0, last[0], last[1], last[2], last[3]]
}

fn ethernet(packet: &Packet, tags: &[u16]) -> Vec<u8> {
    let mut octets = hardware_address(packet.destination()).to_vec();
    octets.extend(hardware_address(packet.source()));
    for (depth, tag) in tags.iter().enumerate() {
        // The outer one of two tags is a service tag (802.1ad).
        octets.extend(if depth + 1 < tags.len() { [0x88, 0xa8] } else { [0x81, 0x00] });
        octets.extend(tag.to_be_bytes());
    }
    octets.extend(ethertype(packet));
    octets
}

/// The device's type, the packet's type and the sender's address, as a capture on `any` notes them.
fn cooked_parts(packet: &Packet) -> (u16, u8, [u8; 8]) {
    let mut address = [0; 8];
    if packet.source().is_loopback() {
        return (ARPHRD_LOOPBACK, 0, address);
    }
    address[..6].copy_from_slice(&hardware_address(packet.source()));
    (ARPHRD_ETHER, if packet.outbound { 4 } else { 0 }, address)
}

fn cooked(packet: &Packet) -> Vec<u8> {
    let (device, kind, address) = cooked_parts(packet);
    let mut octets = vec![0, kind];
    octets.extend(device.to_be_bytes());
    octets.extend([0, 6]);
    octets.extend(address);
    octets.extend(ethertype(packet));
    octets
}

fn cooked2(packet: &Packet) -> Vec<u8> {
    let (device, kind, address) = cooked_parts(packet);
    let mut octets = ethertype(packet).to_vec();
    octets.extend([0, 0]);
    octets.extend(if device == ARPHRD_LOOPBACK { 1_u32 } else { 2 }.to_be_bytes());
    octets.extend(device.to_be_bytes());
    octets.extend([kind, 6]);
    octets.extend(address);
    octets
}
