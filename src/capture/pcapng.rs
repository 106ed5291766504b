//! The pcapng format: sections of blocks.
//!
//! Blocks are framed by their length here, and read by hand, for speed and so that one malformed block costs only
//! itself. Sections may differ in byte order; interfaces belong to their section.

mod interface;
mod packet;

use super::resync::{self, LARGEST};
use super::source::Source;
use super::{Record, Step};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};
use crate::time::Timestamp;
use interface::Interface;
use packet::Packet;

/// The block type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const JOURNAL: u32 = 9;
const DECRYPTION_SECRETS: u32 = 10;
const CUSTOM: u32 = 0x0bad;
const CUSTOM_NOT_TO_COPY: u32 = 0x4000_0bad;

/// Type and length before a block's body, length behind it.
const BLOCK_HEAD: usize = 8;
const BLOCK_TAIL: usize = 4;
/// A section header's byte-order magic follows type and length.
const SECTION_START: usize = 12;
/// Where a packet stands in an enhanced packet block.
const PACKET: usize = 28;
/// Octets that a packet's options take at most, before its block's length is odd.
const OPTIONS: usize = 4_096;
/// What is looked at to tell that a block begins.
const REACH: usize = LARGEST + PACKET + OPTIONS;

/// A section's byte order.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    /// That of the section that begins with these octets, by the magic behind its header's type and length.
    fn of(head: &[u8]) -> Option<Self> {
        match head.get(BLOCK_HEAD..SECTION_START)? {
            [0x1a, 0x2b, 0x3c, 0x4d] => Some(Self::Big),
            [0x4d, 0x3c, 0x2b, 0x1a] => Some(Self::Little),
            _ => None,
        }
    }

    #[inline]
    fn u16_at(self, octets: &[u8], at: usize) -> Option<u16> {
        let octets = *octets.get(at..)?.first_chunk()?;
        Some(if matches!(self, Self::Big) { u16::from_be_bytes(octets) } else { u16::from_le_bytes(octets) })
    }

    #[inline]
    fn u32_at(self, octets: &[u8], at: usize) -> Option<u32> {
        let octets = *octets.get(at..)?.first_chunk()?;
        Some(if matches!(self, Self::Big) { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) })
    }

    #[inline]
    fn u64_at(self, octets: &[u8], at: usize) -> Option<u64> {
        let octets = *octets.get(at..)?.first_chunk()?;
        Some(if matches!(self, Self::Big) { u64::from_be_bytes(octets) } else { u64::from_le_bytes(octets) })
    }

    /// A moment's two halves, the upper one first in either order.
    #[inline]
    fn ticks_at(self, block: &[u8], at: usize) -> Option<u64> {
        let ticks = self.u64_at(block, at)?;
        Some(if matches!(self, Self::Big) { ticks } else { ticks.rotate_left(32) })
    }

    /// The length behind a block's body.
    #[inline]
    fn trailing(self, block: &[u8]) -> Option<usize> {
        Some(self.u32_at(block.last_chunk::<BLOCK_TAIL>()?, 0)? as usize)
    }
}

/// What stands before a block's body.
#[derive(Clone, Copy)]
struct Head {
    kind: u32,
    /// The block's length as said.
    length: usize,
}

impl Head {
    fn of(octets: &[u8], order: Order) -> Option<Self> {
        let kind = order.u32_at(octets, 0)?;
        let order = if kind == SECTION_HEADER { Order::of(octets)? } else { order };
        Some(Self { kind, length: order.u32_at(octets, 4)? as usize })
    }

    /// The block's length: some writers give it without its padding.
    const fn whole(self) -> usize {
        self.length.next_multiple_of(4)
    }

    /// Whether it could be a head.
    const fn is_plausible(self, limit: usize) -> bool {
        let known = matches!(
            self.kind,
            SECTION_HEADER
                | INTERFACE..=ENHANCED_PACKET
                | JOURNAL..=DECRYPTION_SECRETS
                | CUSTOM
                | CUSTOM_NOT_TO_COPY
        );
        known && self.length >= BLOCK_HEAD + BLOCK_TAIL && self.length <= limit
    }
}

/// Reads blocks.
pub(super) struct Reader {
    order: Order,
    interfaces: Vec<Interface>,
    last_time: Timestamp,
    limit: usize,
    /// Interfaces that are kept.
    most_interfaces: usize,
}

impl Reader {
    /// Looks at the first section header; `None` when its byte-order magic is neither.
    pub(super) fn open(source: &mut Source, limits: &Limits) -> Option<Self> {
        let order = Order::of(source.need(SECTION_START))?;
        let last_time = Timestamp::default();
        let (limit, most_interfaces) = (limits.record, limits.interfaces);
        Some(Self { order, interfaces: Vec::new(), last_time, limit, most_interfaces })
    }

    /// Reads blocks up to the next packet.
    pub(super) fn step(&mut self, source: &mut Source, facts: &mut Facts) -> Step {
        loop {
            let octets = source.need(SECTION_START);
            if octets.is_empty() {
                return Step::End;
            }
            if octets.len() < SECTION_START {
                return Step::Cut;
            }
            let Some(head) = Head::of(octets, self.order) else {
                return self.pass_over(source, "a section header has no byte-order magic".to_owned());
            };
            if head.kind == SECTION_HEADER {
                self.order = Order::of(octets).unwrap_or(self.order);
                self.interfaces.clear();
            }
            if head.length < BLOCK_HEAD + BLOCK_TAIL || head.length > self.limit {
                return self.pass_over(source, format!("a block claims {} octets", head.length));
            }
            match self.fit(head, source) {
                Fit::Well => {}
                Fit::Badly => {
                    let what = format!("a block of type {:#010x} ends with another length", head.kind);
                    facts.note_detail(FactKind::MalformedBlock, 1, what);
                }
                Fit::Cut => return Step::Cut,
                Fit::Not => {
                    return self.pass_over(source, format!("a block claims {} octets", head.length));
                }
            }
            let begin = source.take(head.whole());
            let block = source.taken(begin, head.whole());
            if let Some(record) = self.block(head.kind, begin, block, facts) {
                return Step::Frame(record);
            }
        }
    }

    /// Goes over enhanced packet blocks that are whole in the window and say nothing odd, as long as `take` takes them.
    #[inline]
    pub(super) fn skim(&mut self, source: &mut Source, mut take: impl FnMut(&Record, &[u8]) -> bool) {
        let mut rest = source.available();
        let before = rest.len();
        while let Some((block, behind)) = self.packet_block(rest)
            && let Some(packet) = self.enhanced(block)
            && packet.dropped == 0
        {
            let record = packet.record.without_check_sequence(packet.check_sequence);
            if !take(&record, record.of(block)) {
                break;
            }
            self.last_time = record.time;
            rest = behind;
        }
        let passed = before.saturating_sub(rest.len());
        source.take(passed);
    }

    /// The enhanced packet block that octets begin with, and what stands behind it.
    #[inline]
    fn packet_block<'o>(&self, octets: &'o [u8]) -> Option<(&'o [u8], &'o [u8])> {
        let head: &[u8; BLOCK_HEAD] = octets.first_chunk()?;
        if self.order.u32_at(head, 0)? != ENHANCED_PACKET {
            return None;
        }
        let length = self.order.u32_at(head, 4)? as usize;
        if length < BLOCK_HEAD + BLOCK_TAIL || !length.is_multiple_of(4) || length > self.limit {
            return None;
        }
        let (block, behind) = octets.split_at_checked(length)?;
        (self.order.trailing(block)? == length).then_some((block, behind))
    }

    fn pass_over(&self, source: &mut Source, what: String) -> Step {
        resync::pass_over(source, what, REACH, |octets, _| self.begins(octets))
    }

    /// Whether a block begins here: one of a known type, whose length stands at its end too.
    fn begins(&self, octets: &[u8]) -> bool {
        let Some(head) = Head::of(octets, self.order).filter(|head| head.is_plausible(REACH)) else {
            return false;
        };
        // In the order of the section that it is in or, as a section header, begins.
        let order = if head.kind == SECTION_HEADER { Order::of(octets) } else { Some(self.order) };
        let trailing = order.and_then(|order| order.trailing(octets.get(..head.whole())?));
        head.length == head.whole() && trailing == Some(head.length)
    }

    /// How a block's length fits what follows.
    fn fit(&self, head: Head, source: &mut Source) -> Fit {
        let whole = head.whole();
        let octets = source.need(whole);
        let Some(block) = octets.get(..whole) else {
            let is_odd = self.is_odd(head, octets);
            return if is_odd && resync::is_inside(octets, whole, true, |octets, _| self.begins(octets)) {
                Fit::Not
            } else {
                Fit::Cut
            };
        };
        let trailing = self.order.trailing(block);
        if trailing == Some(head.length) || trailing == Some(whole) {
            return Fit::Well;
        }
        let octets = source.need(whole.saturating_add(SECTION_START));
        let next = octets.get(whole..).unwrap_or_default();
        let is_next = Head::of(next, self.order).is_some_and(|next| next.is_plausible(self.limit));
        if is_next || next.is_empty() { Fit::Badly } else { Fit::Not }
    }

    /// Whether a block that reaches beyond the end of the input has an odd length: one that is not its packet's.
    fn is_odd(&self, head: Head, octets: &[u8]) -> bool {
        match head.kind {
            ENHANCED_PACKET | OBSOLETE_PACKET => {
                let captured = self.order.u32_at(octets, PACKET - 8).unwrap_or_default() as usize;
                let least = captured.saturating_add(PACKET + BLOCK_TAIL);
                !(least..=least.saturating_add(OPTIONS)).contains(&head.whole())
            }
            _ => head.length > OPTIONS,
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
                if let Some(packet) = packet {
                    self.note_dropped(&packet, facts);
                    let record = packet.record;
                    self.last_time = record.time;
                    let record = Record { begin: begin.saturating_add(record.begin), ..record };
                    return Some(record.without_check_sequence(packet.check_sequence));
                }
                None
            }
            INTERFACE => self.interface(block, facts),
            STATISTICS => self.statistics(block, facts),
            // Names, secrets, custom blocks and journal entries hold no packets.
            _ => Some(()),
        };
        if known.is_none() {
            facts.note_detail(FactKind::MalformedBlock, 1, format!("a block of type {kind:#010x}"));
        }
        None
    }

    /// Packets that were dropped in front of this one: something between it and the one before is missing.
    fn note_dropped(&mut self, packet: &Packet, facts: &mut Facts) {
        let Packet { record, dropped, .. } = packet;
        if *dropped == 0 {
            return;
        }
        if let Some(interface) = self.interfaces.get_mut(record.interface as usize) {
            interface.add_dropped(*dropped);
        }
        facts.note_loss(self.last_time.min(record.time), record.time.max(self.last_time));
        note_drops(record.interface, *dropped, facts);
    }

    fn interface(&mut self, block: &[u8], facts: &mut Facts) -> Option<()> {
        if self.interfaces.len() >= self.most_interfaces {
            facts.note_detail(FactKind::LimitReached(Limit::Interfaces), 1, "");
            return Some(());
        }
        self.interfaces.push(Interface::read(block, self.order)?);
        Some(())
    }

    /// An Interface Statistics Block: how many packets the interface and the system dropped.
    fn statistics(&mut self, block: &[u8], facts: &mut Facts) -> Option<()> {
        let number = self.order.u32_at(block, 8)?;
        let interface = self.interfaces.get_mut(number as usize)?;
        let dropped = interface.statistics(block, self.order);
        if dropped > 0 {
            note_drops(number, dropped, facts);
        }
        Some(())
    }
}

fn note_drops(interface: u32, packets: u64, facts: &mut Facts) {
    let detail = format!("interface {interface} dropped {packets} packets while capturing");
    facts.note_detail(FactKind::DroppedByCapture, packets, detail);
}

/// How a block's length fits what follows.
enum Fit {
    /// The block ends with it.
    Well,
    /// The block ends with another one, but something like a block follows.
    Badly,
    /// The input ends before the block does.
    Cut,
    /// It is wrong.
    Not,
}
