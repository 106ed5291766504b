//! The pcapng format: sections of blocks.
//!
//! Blocks are framed by their length here, and packet blocks are read by hand, for speed and so that one malformed
//! block costs only itself. Sections may differ in byte order; interfaces belong to their section.

use super::source::Source;
use super::{LinkType, Record, Step};
use crate::fact::{FactKind, Facts};
use crate::limits::Limits;
use crate::time::Timestamp;
use pcap_parser::pcapng::{
    parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le,
    parse_interfacestatisticsblock_be, parse_interfacestatisticsblock_le,
};
use pcap_parser::{OptionCode, PcapNGOption};

/// The block type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

/// Type and length before a block's body, length behind it.
const BLOCK_HEAD: usize = 8;
const BLOCK_TAIL: usize = 4;
/// A section header's byte-order magic follows type and length.
const SECTION_START: usize = 12;
/// Interfaces that a section may describe: more than any machine has.
const INTERFACES: usize = 65_536;

struct Interface {
    link_type: LinkType,
    snap_len: u32,
    per_second: u64,
    offset: i64,
}

/// Reads blocks.
pub(super) struct Reader {
    big_endian: bool,
    interfaces: Vec<Interface>,
    last_time: Timestamp,
    limit: usize,
}

impl Reader {
    /// Looks at the first section header; `None` when its byte-order magic is neither.
    pub(super) fn open(source: &mut Source, limits: &Limits) -> Option<Self> {
        let big_endian = section_order(source.need(SECTION_START))?;
        let last_time = Timestamp::default();
        Some(Self { big_endian, interfaces: Vec::new(), last_time, limit: limits.record })
    }

    /// Reads blocks up to the next packet.
    pub(super) fn step(&mut self, source: &mut Source, facts: &mut Facts) -> Step {
        loop {
            let head = source.need(SECTION_START);
            if head.is_empty() {
                return Step::End;
            }
            if head.len() < SECTION_START {
                return Step::Cut;
            }
            if self.u32_at(head, 0) == Some(SECTION_HEADER) {
                let Some(big_endian) = section_order(head) else {
                    return Step::Damaged("a section header has no byte-order magic".to_owned());
                };
                self.big_endian = big_endian;
                self.interfaces.clear();
            }
            let (Some(kind), Some(length)) = (self.u32_at(head, 0), self.u32_at(head, 4)) else {
                return Step::Cut;
            };
            let length = length as usize;
            if length < BLOCK_HEAD + BLOCK_TAIL || length > self.limit {
                return Step::Damaged(format!("a block claims {length} octets, the limit is {}", self.limit));
            }
            // Some writers give the length without its padding.
            let length = length.next_multiple_of(4);
            if source.need(length).len() < length {
                return Step::Cut;
            }
            let begin = source.take(length);
            if let Some(record) = self.block(kind, begin, source.taken(begin, length), facts) {
                return Step::Frame(record);
            }
        }
    }

    fn block(&mut self, kind: u32, begin: usize, block: &[u8], facts: &mut Facts) -> Option<Record> {
        let known = match kind {
            ENHANCED_PACKET | OBSOLETE_PACKET | SIMPLE_PACKET => {
                let packet = match kind {
                    ENHANCED_PACKET => self.enhanced(block),
                    OBSOLETE_PACKET => self.obsolete(block),
                    _ => self.simple(block),
                };
                if let Some((record, at)) = packet {
                    self.last_time = record.time;
                    return Some(Record { begin: begin + at, ..record });
                }
                None
            }
            INTERFACE => self.interface(block),
            STATISTICS => self.statistics(block, facts),
            // Names, secrets, custom blocks and journal entries hold no packets.
            _ => Some(()),
        };
        if known.is_none() {
            facts.note_detail(FactKind::MalformedBlock, 1, format!("a block of type {kind:#010x}"));
        }
        None
    }

    /// An Enhanced Packet Block: interface, time (high, low), captured and original length, octets.
    fn enhanced(&self, block: &[u8]) -> Option<(Record, usize)> {
        let interface = self.u32_at(block, 8)?;
        self.packet(block, interface, self.ticks_at(block, 12)?, [20, 24], 28)
    }

    /// The obsolete Packet Block: as the enhanced one, with interface and drop count in 16 bits each.
    fn obsolete(&self, block: &[u8]) -> Option<(Record, usize)> {
        let interface = u32::from(self.u16_at(block, 8)?);
        self.packet(block, interface, self.ticks_at(block, 12)?, [20, 24], 28)
    }

    /// A Simple Packet Block: original length and octets; no time, and always the first interface.
    fn simple(&self, block: &[u8]) -> Option<(Record, usize)> {
        let first = self.interfaces.first()?;
        let wire_len = self.u32_at(block, 8)?;
        let room = block.len().checked_sub(16)?;
        let snapped = if first.snap_len == 0 { wire_len } else { wire_len.min(first.snap_len) };
        let captured = room.min(snapped as usize);
        let time = self.last_time;
        let link_type = first.link_type;
        Some((Record { time, link_type, interface: 0, wire_len, begin: 0, captured }, 12))
    }

    fn packet(
        &self,
        block: &[u8],
        interface: u32,
        ticks: u64,
        lengths: [usize; 2],
        at: usize,
    ) -> Option<(Record, usize)> {
        let described = self.interfaces.get(interface as usize)?;
        let [captured, wire_len] = lengths.map(|length| self.u32_at(block, length));
        let captured = captured? as usize;
        if at + captured + BLOCK_TAIL > block.len() {
            return None;
        }
        let time = Timestamp::from_ticks(ticks, described.per_second, described.offset);
        let wire_len = wire_len?.max(captured.try_into().ok()?);
        Some((Record { time, link_type: described.link_type, interface, wire_len, begin: 0, captured }, at))
    }

    fn interface(&mut self, block: &[u8]) -> Option<()> {
        let parse = if self.big_endian {
            parse_interfacedescriptionblock_be
        } else {
            parse_interfacedescriptionblock_le
        };
        let (_, described) = parse(block).ok()?;
        if self.interfaces.len() >= INTERFACES {
            return None;
        }
        let option = |code| option(&described.options, code);
        self.interfaces.push(Interface {
            link_type: LinkType(u16::try_from(described.linktype.0).ok()?),
            snap_len: described.snaplen,
            per_second: option(OptionCode::IfTsresol)
                .and_then(|value| value.first())
                .map_or(1_000_000, |value| resolution(*value)),
            offset: option(OptionCode::IfTsoffset)
                .and_then(|value| self.u64_of(value))
                .map_or(0, u64::cast_signed),
        });
        Some(())
    }

    /// An Interface Statistics Block: how many packets the interface and the system dropped.
    fn statistics(&self, block: &[u8], facts: &mut Facts) -> Option<()> {
        let parse = if self.big_endian {
            parse_interfacestatisticsblock_be
        } else {
            parse_interfacestatisticsblock_le
        };
        let (_, statistics) = parse(block).ok()?;
        let dropped: u64 = [OptionCode::IsbIfDrop, OptionCode::IsbOsDrop]
            .into_iter()
            .filter_map(|code| option(&statistics.options, code).and_then(|value| self.u64_of(value)))
            .fold(0, u64::saturating_add);
        if dropped > 0 {
            facts.note_detail(
                FactKind::DroppedByCapture,
                dropped,
                format!("interface {} dropped {dropped} packets while capturing", statistics.if_id),
            );
        }
        Some(())
    }

    fn ticks_at(&self, block: &[u8], at: usize) -> Option<u64> {
        Some(u64::from(self.u32_at(block, at)?) << 32 | u64::from(self.u32_at(block, at + 4)?))
    }

    fn u16_at(&self, block: &[u8], at: usize) -> Option<u16> {
        let octets = block.get(at..at + 2)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(octets) } else { u16::from_le_bytes(octets) })
    }

    fn u32_at(&self, block: &[u8], at: usize) -> Option<u32> {
        let octets = block.get(at..at + 4)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) })
    }

    fn u64_of(&self, value: &[u8]) -> Option<u64> {
        let octets = value.get(..8)?.try_into().ok()?;
        Some(if self.big_endian { u64::from_be_bytes(octets) } else { u64::from_le_bytes(octets) })
    }
}

/// Whether a section is big-endian, by the byte-order magic behind its header's type and length.
fn section_order(head: &[u8]) -> Option<bool> {
    match head.get(8..12)? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(true),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(false),
        _ => None,
    }
}

/// Ticks a second by `if_tsresol`: a power of ten, or of two where the highest bit is set.
fn resolution(value: u8) -> u64 {
    let exponent = u32::from(value & 0x7f);
    let base: u64 = if value & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(exponent).unwrap_or(u64::MAX)
}

fn option<'a>(options: &'a [PcapNGOption<'_>], code: OptionCode) -> Option<&'a [u8]> {
    options.iter().find(|option| option.code == code).map(PcapNGOption::value)
}
