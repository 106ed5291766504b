//! The pcap format: a file header, then records.
//!
//! Nothing marks where a record begins, so one wrong length loses all that follows. A header that says something odd
//! is therefore held against the one behind it before it is believed.

use super::resync::{self, LARGEST};
use super::source::Source;
use super::{LinkType, Record, Step};
use crate::limits::Limits;
use crate::time::{NANOSECONDS, Timestamp};
use pcap_parser::parse_pcap_header;

/// That of files with microseconds.
const STANDARD_MAGIC: u32 = 0xa1b2_c3d4;
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// Kuznetzov's variant adds interface index, protocol, packet type and padding to each record.
const KUZNETZOV_EXTRA: usize = 8;
/// Ixia's variants add the number of octets of all records to the file header.
const IXIA_EXTRA: usize = 4;

/// Records that must follow each other before octets behind damage are taken for records.
const CHAIN: usize = 4;
/// Seconds that neighbors among them lie apart at most.
const NEAR: u32 = 86_400;
/// Octets of a packet beyond which its length is odd: what IP can carry, and some link layer.
const LARGE: usize = 66_000;
/// What is looked at to tell that records begin.
const REACH: usize = CHAIN * (RECORD_HEADER + KUZNETZOV_EXTRA + LARGEST);

/// What a file header's magic number says.
struct Variant {
    big_endian: bool,
    per_second: u32,
    /// Nanoseconds that a record's fraction of a second counts in.
    unit: i64,
    /// Octets of the file header.
    file_header: usize,
    /// Octets of each record's header.
    record_header: usize,
}

impl Variant {
    fn of(magic: [u8; 4]) -> Option<Self> {
        let known = |magic| {
            Some(match magic {
                STANDARD_MAGIC => (1_000_000, 1_000, FILE_HEADER, RECORD_HEADER),
                0xa1b2_3c4d => (1_000_000_000, 1, FILE_HEADER, RECORD_HEADER),
                0xa1b2_cd34 => (1_000_000, 1_000, FILE_HEADER, RECORD_HEADER + KUZNETZOV_EXTRA),
                0x1c00_01ab | 0x1c00_01ac => (1_000_000, 1_000, FILE_HEADER + IXIA_EXTRA, RECORD_HEADER),
                _ => return None,
            })
        };
        let little = known(u32::from_le_bytes(magic));
        let (per_second, unit, file_header, record_header) =
            little.or_else(|| known(u32::from_be_bytes(magic)))?;
        Some(Self { big_endian: little.is_none(), per_second, unit, file_header, record_header })
    }

    const fn standard_magic(&self) -> [u8; 4] {
        if self.big_endian { STANDARD_MAGIC.to_be_bytes() } else { STANDARD_MAGIC.to_le_bytes() }
    }
}

/// Whether a file that begins so is of this format.
pub(super) fn is_magic(octets: &[u8]) -> bool {
    octets.try_into().is_ok_and(|magic| Variant::of(magic).is_some())
}

/// A record's header.
struct Header {
    seconds: u32,
    fraction: u32,
    captured: usize,
    wire_len: u32,
}

/// Reads records.
pub(super) struct Reader {
    variant: Variant,
    link_type: LinkType,
    /// Octets of the frame check sequence at each packet's end.
    check_sequence: u8,
    snap_len: usize,
    limit: usize,
    /// The time of the last record, in seconds.
    last: Option<u32>,
}

impl Reader {
    /// Reads the file header; `None` when the magic number is unknown or the header is cut.
    pub(super) fn open(source: &mut Source, limits: &Limits) -> Option<Self> {
        let mut octets: [u8; FILE_HEADER] = source.need(FILE_HEADER).get(..FILE_HEADER)?.try_into().ok()?;
        let magic = octets.first_chunk_mut()?;
        let variant = Variant::of(*magic)?;
        // The parser does not know all variants; their file headers differ in the magic number only.
        *magic = variant.standard_magic();
        let (_, header) = parse_pcap_header(&octets).ok()?;
        let network = header.network.0.cast_unsigned();
        // Where bit 26 is set, the uppermost four hold the length of the frame check sequence in units of two octets.
        let check_sequence = if network & 1 << 26 == 0 { 0 } else { ((network >> 28) as u8) << 1 };
        source.need(variant.file_header);
        source.take(variant.file_header);
        Some(Self {
            variant,
            link_type: LinkType((network & 0xffff) as u16),
            check_sequence,
            snap_len: header.snaplen as usize,
            limit: limits.record,
            last: None,
        })
    }

    /// Reads the next record.
    pub(super) fn step(&mut self, source: &mut Source) -> Step {
        let octets = source.need(self.head());
        if octets.is_empty() {
            return Step::End;
        }
        let Some(header) = self.header(octets) else { return Step::Cut };
        let Header { captured, .. } = header;
        if captured > self.limit || self.is_wrong(&header, source) {
            let what = format!("a record claims {captured} octets");
            let near = self.last;
            return resync::pass_over(source, what, REACH, |octets, at_end| self.begin(octets, near, at_end));
        }
        let whole = self.head().saturating_add(captured);
        if source.need(whole).len() < whole {
            return Step::Cut;
        }
        self.last = Some(header.seconds);
        let begin = source.take(whole).saturating_add(self.head());
        Step::Frame(self.record(&header, begin))
    }

    /// Goes over records that are whole in the window and say nothing odd, as long as `take` takes them.
    #[inline]
    pub(super) fn skim(&mut self, source: &mut Source, take: impl FnMut(&Record, &[u8]) -> bool) {
        // A loop for each order of octets, in which it is no longer asked for.
        if self.variant.big_endian {
            self.skim_in(true, source, take);
        } else {
            self.skim_in(false, source, take);
        }
    }

    #[inline]
    fn skim_in(
        &mut self,
        big_endian: bool,
        source: &mut Source,
        mut take: impl FnMut(&Record, &[u8]) -> bool,
    ) {
        // Few captures have check sequences; theirs are taken off elsewhere.
        if self.check_sequence > 0 {
            return;
        }
        let mut rest = source.available();
        let (before, mut last) = (rest.len(), self.last);
        while let Some(header) = self.header_in(big_endian, rest)
            && !self.is_odd(&header)
            && header.captured <= self.limit
            && let Some((_, octets)) = rest.split_at_checked(self.head())
            && let Some((octets, behind)) = octets.split_at_checked(header.captured)
        {
            if !take(&self.whole(&header, 0), octets) {
                break;
            }
            last = Some(header.seconds);
            rest = behind;
        }
        self.last = last;
        let passed = before.saturating_sub(rest.len());
        source.take(passed);
    }

    /// What a header says of the packet that begins there.
    fn record(&self, header: &Header, begin: usize) -> Record {
        self.whole(header, begin).without_check_sequence(self.check_sequence)
    }

    /// The same, with its frame check sequence.
    #[inline]
    fn whole(&self, header: &Header, begin: usize) -> Record {
        let captured = header.captured;
        Record {
            time: self.time(header),
            link_type: self.link_type,
            interface: 0,
            wire_len: header.wire_len.max(u32::try_from(captured).unwrap_or(u32::MAX)),
            begin,
            captured,
        }
    }

    #[inline]
    const fn head(&self) -> usize {
        self.variant.record_header
    }

    /// The header of a record that begins with these octets; `None` when it is cut.
    fn header(&self, octets: &[u8]) -> Option<Header> {
        self.header_in(self.variant.big_endian, octets)
    }

    #[inline]
    fn header_in(&self, big_endian: bool, octets: &[u8]) -> Option<Header> {
        if octets.len() < self.head() {
            return None;
        }
        let (words, []) = octets.get(..RECORD_HEADER)?.as_chunks() else { return None };
        let [seconds, fraction, captured, wire_len] = words else { return None };
        let read = |word: &[u8; 4]| {
            let word = u32::from_le_bytes(*word);
            if big_endian { word.swap_bytes() } else { word }
        };
        Some(Header {
            seconds: read(seconds),
            fraction: read(fraction),
            captured: read(captured) as usize,
            wire_len: read(wire_len),
        })
    }

    /// Whether a header is wrong about its record: it says something odd, and the next header, if there is one, is no
    /// header.
    fn is_wrong(&self, header: &Header, source: &mut Source) -> bool {
        if !self.is_odd(header) {
            return false;
        }
        let whole = self.head().saturating_add(header.captured);
        let octets = source.need(whole.saturating_add(self.head()));
        let next = octets.get(whole..).filter(|next| !next.is_empty());
        let is_next =
            |next: &[u8]| self.header(next).is_none_or(|next| self.is_plausible(&next, header.seconds));
        if next.is_some_and(is_next) || octets.len() == whole {
            return false;
        }
        // Nothing behind it speaks for it; but only other records in its place speak against it.
        let at_end = octets.len() < whole;
        let octets = if at_end { octets } else { source.need(whole.saturating_add(REACH)) };
        let near = self.last;
        resync::is_inside(octets, whole, at_end, |octets, at_end| self.begin(octets, near, at_end))
    }

    /// Whether a header says what is not the rule: a length that is neither the packet's nor the snap length, or is
    /// beyond what networks carry, or a time beyond the second.
    #[inline]
    const fn is_odd(&self, header: &Header) -> bool {
        let is_cut = header.captured != header.wire_len as usize && header.captured != self.snap_len;
        is_cut || header.captured > LARGE || header.fraction >= self.variant.per_second
    }

    /// Whether a header could be one.
    const fn is_plausible(&self, header: &Header, near: u32) -> bool {
        header.captured <= LARGEST
            && header.fraction < self.variant.per_second
            && header.seconds.abs_diff(near) <= NEAR
    }

    /// Whether records begin here: several that follow each other, or fewer up to the end of the input.
    fn begin(&self, octets: &[u8], near: Option<u32>, at_end: bool) -> bool {
        let (mut rest, mut near) = (octets, near);
        for _ in 0..CHAIN {
            let Some(header) = self.header(rest) else { return false };
            let is_empty = header.captured == 0 || header.captured > header.wire_len as usize;
            if is_empty || !self.is_plausible(&header, near.unwrap_or(header.seconds)) {
                return false;
            }
            let Some(behind) = rest.get(self.head().saturating_add(header.captured)..) else { return false };
            if behind.is_empty() && at_end {
                return true;
            }
            (rest, near) = (behind, Some(header.seconds));
        }
        true
    }

    #[inline]
    fn time(&self, header: &Header) -> Timestamp {
        // Seconds and fractions of 32 bits are far from what 64 bits hold.
        let fraction = i64::from(header.fraction).wrapping_mul(self.variant.unit);
        let seconds = i64::from(header.seconds).wrapping_mul(NANOSECONDS);
        Timestamp::from_nanoseconds(seconds.wrapping_add(fraction))
    }
}
