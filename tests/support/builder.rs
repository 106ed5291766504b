//! Builds capture files octet by octet.
//!
//! A [`Connection`](tcp::Connection) is a TCP conversation with a clock of its own; it yields [`Packet`]s. A
//! [`Capture`] merges the packets of several conversations by time and writes them as a file. Whatever a
//! capture may suffer from (a snap length, a lost direction, packets seen twice) is done to the capture's
//! packets, after the conversations.

pub mod file;
pub mod http;
pub mod link;
pub mod packet;
pub mod pcapng;
pub mod tcp;
pub mod traffic;
pub mod wcs;

pub use file::Pcap;
pub use link::Link;
pub use packet::Packet;
pub use tcp::Connection;

/// A microsecond, in the nanoseconds that all times are counted in.
pub const US: u64 = 1_000;
/// A millisecond.
pub const MS: u64 = 1_000 * US;
/// A second.
pub const SEC: u64 = 1_000 * MS;
/// The time of zero: 2026-03-02 09:00:00 UTC, in nanoseconds since 1970.
pub const EPOCH: u64 = 1_772_442_000 * SEC;

/// Packets on their way into a file.
#[derive(Clone, Default)]
pub struct Capture {
    packets: Vec<Packet>,
}

impl Capture {
    /// A capture without packets.
    pub fn new() -> Self {
        Self::default()
    }

    /// A capture of these connections.
    pub fn of<const N: usize>(connections: [Connection; N]) -> Self {
        Self { packets: connections.into_iter().flatten().collect() }
    }

    /// Adds the packets of a conversation, at their times.
    pub fn add(&mut self, packets: impl IntoIterator<Item = Packet>) -> &mut Self {
        self.packets.extend(packets);
        self
    }

    /// The packets in the order of their times; packets of equal time keep the order in which they were
    /// added.
    pub fn packets(&self) -> Vec<Packet> {
        let mut packets = self.packets.clone();
        packets.sort_by_key(|packet| packet.time);
        packets
    }

    /// Keeps only the packets that `keep` holds for.
    pub fn retain(&mut self, keep: impl FnMut(&Packet) -> bool) -> &mut Self {
        self.packets.retain(keep);
        self
    }

    /// Gives every packet twice, as a capture on the interface `any` does where packets cross a bridge: the
    /// same octets again, the IP identification included, `later` nanoseconds later.
    pub fn doubled(&mut self, later: u64) -> &mut Self {
        let copies: Vec<_> = self
            .packets
            .iter()
            .map(|packet| Packet { time: packet.time + later, ..packet.clone() })
            .collect();
        self.packets.extend(copies);
        self
    }

    /// The capture as a pcap file of the most common kind: microseconds, little endian, uncut.
    pub fn pcap(&self, link: Link) -> Vec<u8> {
        Pcap::default().write(link, &self.packets())
    }

    /// The same of Ethernet without VLAN tags.
    pub fn ethernet(&self) -> Vec<u8> {
        self.pcap(Link::Ethernet(&[]))
    }
}
