//! Copies of segments: what a capture on several interfaces, or from a mirror port, holds more than once.

use crate::packet::{Flags, Segment};
use crate::time::{Span, Timestamp};

/// What tells a copy of a segment from another segment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Print {
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    window: u16,
    length: u32,
    ip_id: Option<u16>,
}

/// Copies follow each other closely. Where the IP identification tells copies apart from retransmissions, they may take
/// longer.
const COPY_WITHIN: Span = Span::from_milliseconds(2);
const IDENTIFIED_COPY_WITHIN: Span = Span::from_milliseconds(100);

/// Whether one moment follows the other as closely as a copy does.
pub(super) fn are_close(one: Timestamp, other: Timestamp) -> bool {
    one.since(other).abs() <= COPY_WITHIN
}

/// A direction's last segments.
#[derive(Clone, Copy, Default)]
pub(super) struct Recent {
    segments: [Option<(Print, Timestamp)>; 4],
}

impl Recent {
    /// Whether the segment is a copy of one that was captured just before; remembers it otherwise.
    pub(super) fn holds(&mut self, segment: &Segment<'_>) -> bool {
        // Equal acknowledgments tell that one segment after another came behind a missing one.
        if segment.ip_id.is_none() && segment.payload_len == 0 && segment.flags == Flags::ACK {
            return false;
        }
        let print = Print {
            sequence: segment.sequence,
            acknowledgment: segment.acknowledgment,
            flags: segment.flags.0,
            window: segment.window,
            length: segment.payload_len,
            ip_id: segment.ip_id,
        };
        let within = if print.ip_id.is_some() { IDENTIFIED_COPY_WITHIN } else { COPY_WITHIN };
        let copy = self
            .segments
            .iter()
            .flatten()
            .any(|(known, time)| *known == print && segment.time.since(*time).abs() <= within);
        if !copy {
            let [first, second, third, _] = self.segments;
            self.segments = [Some((print, segment.time)), first, second, third];
        }
        copy
    }
}
