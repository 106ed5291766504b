//! What a section says of its interfaces: their description, their statistics; and the options of blocks.

use super::Order;
use crate::capture::LinkType;
use crate::time::Timestamp;
use pcap_parser::OptionCode;

/// Where an Interface Description Block's and an Interface Statistics Block's options begin.
const DESCRIPTION_OPTIONS: usize = 16;
const STATISTICS_OPTIONS: usize = 20;
/// `if_fcslen`.
const FCS_LEN: OptionCode = OptionCode(13);
/// Times of no interface that says otherwise.
const MICROSECONDS: u64 = 1_000_000;

/// An interface.
pub(super) struct Interface {
    pub(super) link_type: LinkType,
    /// Octets kept of a packet; 0 is all.
    pub(super) snap_len: u32,
    /// Octets of the frame check sequence at each packet's end.
    pub(super) check_sequence: u8,
    per_second: u64,
    offset: i64,
    /// Packets that were dropped, as far as told.
    dropped: u64,
}

impl Interface {
    /// Reads an Interface Description Block. What its options say is used as far as they can be read.
    pub(super) fn read(block: &[u8], order: Order) -> Option<Self> {
        let option = |code| order.option(block, DESCRIPTION_OPTIONS, code);
        let first = |code| option(code).and_then(|value| value.first()).copied();
        Some(Self {
            link_type: LinkType(order.u16_at(block, 8)?),
            snap_len: order.u32_at(block, 12)?,
            check_sequence: first(FCS_LEN).map_or(0, check_sequence),
            per_second: first(OptionCode::IfTsresol).map_or(MICROSECONDS, resolution),
            offset: option(OptionCode::IfTsoffset)
                .and_then(|value| order.u64_at(value, 0))
                .map_or(0, u64::cast_signed),
            dropped: 0,
        })
    }

    /// The moment of so many ticks.
    #[inline]
    pub(super) fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.per_second {
            MICROSECONDS => ticks.checked_mul(1_000),
            1_000_000_000 => Some(ticks),
            _ => None,
        };
        // The common resolutions without an offset need no division.
        match nanoseconds.and_then(|count| i64::try_from(count).ok()) {
            Some(count) if self.offset == 0 => Timestamp::from_nanoseconds(count),
            _ => Timestamp::from_ticks(ticks, self.per_second, self.offset),
        }
    }

    /// Adds packets that were dropped in front of a packet.
    pub(super) const fn add_dropped(&mut self, packets: u64) {
        self.dropped = self.dropped.saturating_add(packets);
    }

    /// Takes in an Interface Statistics Block, which counts from the start on; returns the drops that were not told
    /// before.
    pub(super) fn statistics(&mut self, block: &[u8], order: Order) -> u64 {
        let count = |code| order.option(block, STATISTICS_OPTIONS, code).and_then(|v| order.u64_at(v, 0));
        let total = [OptionCode::IsbIfDrop, OptionCode::IsbOsDrop]
            .into_iter()
            .filter_map(count)
            .fold(0, u64::saturating_add);
        let news = total.saturating_sub(self.dropped);
        self.dropped = self.dropped.max(total);
        news
    }
}

impl Order {
    /// The first option of a kind, among those that begin `at` octets into a block and end before its trailing length.
    pub(super) fn option(self, block: &[u8], at: usize, code: OptionCode) -> Option<&[u8]> {
        let mut rest = block.get(at..block.len().checked_sub(super::BLOCK_TAIL)?)?;
        loop {
            let (kind, length) = (self.u16_at(rest, 0)?, usize::from(self.u16_at(rest, 2)?));
            let behind = rest.get(4..)?;
            if kind == code.0 {
                return behind.get(..length);
            }
            if kind == OptionCode::EndOfOpt.0 {
                return None;
            }
            rest = behind.get(length.next_multiple_of(4)..)?;
        }
    }
}

/// Ticks a second by `if_tsresol`: a power of ten, or of two where the highest bit is set.
fn resolution(value: u8) -> u64 {
    let exponent = u32::from(value & 0x7f);
    let base: u64 = if value & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(exponent).unwrap_or(u64::MAX)
}

/// Octets of the frame check sequence by `if_fcslen`, which is in bits, but in octets to some writers.
const fn check_sequence(value: u8) -> u8 {
    if value > 8 { value / 8 } else { value }
}
