//! The pcapng format: sections, interfaces, packets and statistics, block by block.

use super::file::Octets;
use super::{EPOCH, Link, Packet};

/// A pcapng file under construction.
pub struct Pcapng {
    octets: Vec<u8>,
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy)]
struct Interface {
    link: Link,
    decimals: u8,
    snap_length: u32,
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

impl Pcapng {
    /// A file with the header of its first section.
    pub fn new(big_endian: bool) -> Self {
        let mut file = Self { octets: Vec::new(), big_endian, interfaces: Vec::new() };
        file.section(big_endian);
        file
    }

    /// Begins a section; interfaces are counted anew.
    pub fn section(&mut self, big_endian: bool) -> &mut Self {
        self.big_endian = big_endian;
        self.interfaces.clear();
        self.block(SECTION_HEADER, |block| {
            block.u32(0x1a2b_3c4d);
            block.u16(1);
            block.u16(0);
            // The section's length is not given.
            block.u64(u64::MAX);
            option(block, 4, b"hookscope samples");
            option(block, 0, b"");
        })
    }

    /// Describes the next interface, whose times have that many decimals: 6, or 9.
    pub fn interface(&mut self, link: Link, name: &str, decimals: u8, snap_length: u32) -> &mut Self {
        self.interfaces.push(Interface { link, decimals, snap_length });
        self.block(INTERFACE_DESCRIPTION, |block| {
            block.u16(link.number());
            block.u16(0);
            block.u32(snap_length);
            option(block, 2, name.as_bytes());
            // Microseconds are the default and are left unsaid.
            if decimals != 6 {
                option(block, 9, &[decimals]);
            }
            option(block, 0, b"");
        })
    }

    /// Puts packets as enhanced packet blocks of an interface.
    pub fn packets(&mut self, interface: usize, packets: &[Packet]) -> &mut Self {
        let Interface { link, decimals, snap_length } = self.interfaces[interface];
        for packet in packets {
            let time = units(packet.time, decimals);
            let frame = link.frame(packet);
            let kept = frame.len().min(snap_length as usize);
            self.block(ENHANCED_PACKET, |block| {
                block.u32(interface as u32);
                block.u32((time >> 32) as u32);
                block.u32(time as u32);
                block.u32(kept as u32);
                block.u32(frame.len() as u32);
                padded(block, &frame[..kept]);
            });
        }
        self
    }

    /// Puts packets as simple packet blocks, which have no time, of the first interface.
    pub fn simple_packets(&mut self, packets: &[Packet]) -> &mut Self {
        for packet in packets {
            let frame = self.interfaces[0].link.frame(packet);
            self.block(SIMPLE_PACKET, |block| {
                block.u32(frame.len() as u32);
                padded(block, &frame);
            });
        }
        self
    }

    /// Puts an interface's statistics: packets received and packets dropped by the interface.
    pub fn statistics(&mut self, interface: usize, time: u64, received: u64, dropped: u64) -> &mut Self {
        let time = units(time, self.interfaces[interface].decimals);
        let count = |value: u64, big: bool| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let big = self.big_endian;
        self.block(INTERFACE_STATISTICS, |block| {
            block.u32(interface as u32);
            block.u32((time >> 32) as u32);
            block.u32(time as u32);
            option(block, 4, &count(received, big));
            option(block, 5, &count(dropped, big));
            option(block, 0, b"");
        })
    }

    /// The file.
    pub fn finish(&self) -> Vec<u8> {
        self.octets.clone()
    }

    fn block(&mut self, kind: u32, fill: impl FnOnce(&mut Octets)) -> &mut Self {
        let mut body = Octets::new(self.big_endian);
        fill(&mut body);
        let length = 12 + body.octets.len() as u32;
        let mut block = Octets::new(self.big_endian);
        block.u32(kind);
        block.u32(length);
        block.octets.extend(body.octets);
        block.u32(length);
        self.octets.extend(block.octets);
        self
    }
}

/// A time in an interface's units since 1970.
fn units(time: u64, decimals: u8) -> u64 {
    (EPOCH + time) / 10_u64.pow(9 - u32::from(decimals))
}

fn option(block: &mut Octets, code: u16, value: &[u8]) {
    block.u16(code);
    block.u16(value.len() as u16);
    padded(block, value);
}

fn padded(block: &mut Octets, octets: &[u8]) {
    block.octets.extend(octets);
    block.octets.resize(block.octets.len().next_multiple_of(4), 0);
}
