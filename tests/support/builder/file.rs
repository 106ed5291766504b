//! The pcap format, and compression.

use super::{EPOCH, Link, Packet, US};
use flate2::{Compression, GzBuilder};
use std::io::Write as _;

/// How a pcap file is written.
#[derive(Clone, Copy, Debug)]
pub struct Pcap {
    /// Nanoseconds in place of microseconds.
    pub nanoseconds: bool,
    /// Big endian in place of little endian.
    pub big_endian: bool,
    /// Octets that are kept of each frame.
    pub snap_length: u32,
}

impl Default for Pcap {
    fn default() -> Self {
        Self { nanoseconds: false, big_endian: false, snap_length: 262_144 }
    }
}

impl Pcap {
    /// A file with these packets, in this order.
    pub fn write(self, link: Link, packets: &[Packet]) -> Vec<u8> {
        let mut file = Octets::new(self.big_endian);
        file.u32(if self.nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
        file.u16(2);
        file.u16(4);
        file.u32(0);
        file.u32(0);
        file.u32(self.snap_length);
        file.u32(u32::from(link.number()));
        for packet in packets {
            self.record(&mut file, link, packet);
        }
        file.octets
    }

    fn record(self, file: &mut Octets, link: Link, packet: &Packet) {
        let frame = link.frame(packet);
        let kept = &frame[..frame.len().min(self.snap_length as usize)];
        let time = EPOCH + packet.time;
        let fraction = time % super::SEC;
        file.u32((time / super::SEC) as u32);
        file.u32(if self.nanoseconds { fraction } else { fraction / US } as u32);
        file.u32(kept.len() as u32);
        file.u32(frame.len() as u32);
        file.octets.extend(kept);
    }
}

/// A file under construction, in one byte order.
pub struct Octets {
    /// What is written so far.
    pub octets: Vec<u8>,
    big_endian: bool,
}

impl Octets {
    /// An empty file.
    pub fn new(big_endian: bool) -> Self {
        Self { octets: Vec::new(), big_endian }
    }

    /// Puts two octets.
    pub fn u16(&mut self, value: u16) {
        self.octets.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    /// Puts four octets.
    pub fn u32(&mut self, value: u32) {
        self.octets.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    /// Puts eight octets.
    pub fn u64(&mut self, value: u64) {
        self.octets.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }
}

/// The octets as a gzip file.
pub fn gzip(octets: &[u8]) -> Vec<u8> {
    // Without a name and a time; 255 is "unknown operating system".
    let mut encoder = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}
