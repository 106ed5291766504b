//! The pcap format: a file header, then records.

use super::source::Source;
use super::{LinkType, Record, Step};
use crate::limits::Limits;
use crate::time::Timestamp;
use pcap_parser::pcap::{parse_pcap_frame, parse_pcap_frame_be};

const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// Kuznetzov's variant adds interface index, protocol, packet type and padding to each record.
const KUZNETZOV_EXTRA: usize = 8;

/// Reads records.
pub(super) struct Reader {
    big_endian: bool,
    per_second: u64,
    extra: usize,
    link_type: LinkType,
    limit: usize,
}

impl Reader {
    /// Reads the file header; `None` when the magic number is unknown or the header is cut.
    pub(super) fn open(source: &mut Source, limits: &Limits) -> Option<Self> {
        let header: [u8; FILE_HEADER] = source.need(FILE_HEADER).get(..FILE_HEADER)?.try_into().ok()?;
        let [m0, m1, m2, m3, .., n0, n1, n2, n3] = header;
        let magic = [m0, m1, m2, m3];
        let big_endian = matches!(u32::from_be_bytes(magic), 0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34);
        let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        let (per_second, extra) = match read(magic) {
            0xa1b2_c3d4 => (1_000_000, 0),
            0xa1b2_3c4d => (1_000_000_000, 0),
            0xa1b2_cd34 => (1_000_000, KUZNETZOV_EXTRA),
            _ => return None,
        };
        // The upper half holds the length of the frame check sequence, not the link type.
        let link_type = LinkType((read([n0, n1, n2, n3]) & 0xffff) as u16);
        source.take(FILE_HEADER);
        Some(Self { big_endian, per_second, extra, link_type, limit: limits.record })
    }

    /// Reads the next record.
    pub(super) fn step(&self, source: &mut Source) -> Step {
        let head = RECORD_HEADER + self.extra;
        let octets = source.need(head);
        if octets.is_empty() {
            return Step::End;
        }
        let Some(captured) = self.captured_len(octets).filter(|_| octets.len() >= head) else {
            return Step::Cut;
        };
        if captured > self.limit {
            return Step::Damaged(format!("a record claims {captured} octets, the limit is {}", self.limit));
        }
        let whole = head + captured;
        let octets = source.need(whole);
        // The extra octets of Kuznetzov's variant stand between header and packet: the packet is not read here.
        let parse = if self.big_endian { parse_pcap_frame_be } else { parse_pcap_frame };
        let (Some(octets), true) = (octets.get(..whole), octets.len() >= whole) else {
            return Step::Cut;
        };
        let Ok((_, header)) = parse(octets) else { return Step::Cut };
        let time = ticks(header.ts_sec, header.ts_usec, self.per_second);
        let wire_len = header.origlen.max(header.caplen);
        let begin = source.take(whole) + head;
        Step::Frame(Record { time, link_type: self.link_type, interface: 0, wire_len, begin, captured })
    }

    fn captured_len(&self, header: &[u8]) -> Option<usize> {
        let octets: [u8; 4] = header.get(8..12)?.try_into().ok()?;
        let read = if self.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        usize::try_from(read(octets)).ok()
    }
}

fn ticks(seconds: u32, fraction: u32, per_second: u64) -> Timestamp {
    Timestamp::from_ticks(u64::from(seconds) * per_second + u64::from(fraction), per_second, 0)
}
