//! Blocks that hold a packet.

use super::{BLOCK_TAIL, PACKET, Reader};
use crate::capture::Record;
use pcap_parser::OptionCode;

/// `epb_flags`; bits 5 to 8 are the length of the frame check sequence.
const FLAGS: OptionCode = OptionCode(2);
/// `epb_dropcount`.
const DROP_COUNT: OptionCode = OptionCode(4);

/// What a block says of its packet.
#[derive(Clone, Copy)]
pub(super) struct Packet {
    /// The packet; it begins so many octets into the block.
    pub(super) record: Record,
    /// Octets of the frame check sequence at its end.
    pub(super) check_sequence: u8,
    /// Packets that were dropped since the one before it on its interface.
    pub(super) dropped: u64,
}

impl Reader {
    /// An Enhanced Packet Block: interface, time (high, low), captured and original length, octets, options.
    #[expect(clippy::inline_always, reason = "the loop over most frames of a capture")]
    #[inline(always)]
    pub(super) fn enhanced(&self, block: &[u8]) -> Option<Packet> {
        let packet = self.described(block, self.order.u32_at(block, 8)?)?;
        let options = packet.record.captured.next_multiple_of(4).saturating_add(PACKET);
        // Most have none.
        if options.saturating_add(BLOCK_TAIL) >= block.len() {
            return Some(packet);
        }
        Some(self.with_options(packet, block, options))
    }

    /// With what the options say that begin so many octets into the block.
    #[inline(never)]
    fn with_options(&self, packet: Packet, block: &[u8], options: usize) -> Packet {
        let flags = self.order.option(block, options, FLAGS);
        let flags = flags.and_then(|value| self.order.u32_at(value, 0)).unwrap_or_default();
        let dropped = self.order.option(block, options, DROP_COUNT);
        let dropped = dropped.and_then(|value| self.order.u64_at(value, 0)).unwrap_or_default();
        let check_sequence = match (flags >> 5 & 0x0f) as u8 {
            0 => packet.check_sequence,
            octets => octets,
        };
        Packet { check_sequence, dropped, ..packet }
    }

    /// The obsolete Packet Block: as the enhanced one, with interface and drop count in 16 bits each.
    pub(super) fn obsolete(&self, block: &[u8]) -> Option<Packet> {
        let packet = self.described(block, self.order.u16_at(block, 8)?.into())?;
        let dropped = self.order.u16_at(block, 10).filter(|count| *count != u16::MAX).unwrap_or_default();
        Some(Packet { dropped: dropped.into(), ..packet })
    }

    /// A Simple Packet Block: original length and octets; no time, and always the first interface.
    pub(super) fn simple(&self, block: &[u8]) -> Option<Packet> {
        const BEGIN: usize = 12;
        let first = self.interfaces.first()?;
        let wire_len = self.order.u32_at(block, 8)?;
        let room = block.len().checked_sub(BEGIN + BLOCK_TAIL)?;
        let snapped = if first.snap_len == 0 { wire_len } else { wire_len.min(first.snap_len) };
        let record = Record {
            time: self.last_time,
            link_type: first.link_type,
            interface: 0,
            wire_len,
            begin: BEGIN,
            captured: room.min(snapped as usize),
        };
        Some(Packet { record, check_sequence: first.check_sequence, dropped: 0 })
    }

    #[inline]
    fn described(&self, block: &[u8], interface: u32) -> Option<Packet> {
        let described = self.interfaces.get(interface as usize)?;
        let head: &[u8; PACKET] = block.first_chunk()?;
        let captured = self.order.u32_at(head, PACKET - 8)?;
        let wire_len = self.order.u32_at(head, PACKET - 4)?.max(captured);
        let captured = captured as usize;
        if captured > block.len().checked_sub(PACKET + BLOCK_TAIL)? {
            return None;
        }
        let record = Record {
            time: described.time(self.order.ticks_at(head, 12)?),
            link_type: described.link_type,
            interface,
            wire_len,
            begin: PACKET,
            captured,
        };
        Some(Packet { record, check_sequence: described.check_sequence, dropped: 0 })
    }
}
