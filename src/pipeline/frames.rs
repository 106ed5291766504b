//! Frames that go from the thread that reads them to the one that decodes them.

use crate::capture::{Frame, LinkType};
use crate::endpoint::FrameNumber;
use crate::time::Timestamp;

/// Octets of a batch: what a level-2 cache holds beside other things.
const FULL: usize = 128 << 10;

/// Frames of a batch, should they be so short.
const MOST: usize = 1 << 10;

/// Copies of frames, one behind the other.
#[derive(Default)]
pub(super) struct Frames {
    heads: Vec<Head>,
    octets: Vec<u8>,
}

/// What is known of a frame, and where its octets end.
struct Head {
    number: FrameNumber,
    time: Timestamp,
    link_type: LinkType,
    interface: u32,
    wire_len: u32,
    end: usize,
}

impl Frames {
    /// Adds a frame.
    pub(super) fn push(&mut self, frame: &Frame<'_>) {
        let Frame { number, time, link_type, interface, wire_len, data } = *frame;
        if self.heads.is_empty() {
            self.heads.reserve(MOST);
            self.octets.reserve(data.len().max(FULL));
        }
        self.octets.extend_from_slice(data);
        let end = self.octets.len();
        self.heads.push(Head { number, time, link_type, interface, wire_len, end });
    }

    /// Whether there is room for a frame; for the first one there always is.
    pub(super) fn have_room(&self, frame: &Frame<'_>) -> bool {
        let octets = self.octets.len().saturating_add(frame.data.len());
        self.heads.is_empty() || octets <= FULL && self.heads.len() < MOST
    }

    /// How many octets they have.
    pub(super) const fn octets(&self) -> usize {
        self.octets.len()
    }

    /// The frames.
    pub(super) fn iter(&self) -> impl Iterator<Item = Frame<'_>> {
        let starts = std::iter::once(0).chain(self.heads.iter().map(|head| head.end));
        starts.zip(&self.heads).map(|(start, head)| {
            let Head { number, time, link_type, interface, wire_len, end } = *head;
            let data = self.octets.get(start..end).unwrap_or_default();
            Frame { number, time, link_type, interface, wire_len, data }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_what_they_were() {
        let data: Vec<u8> = (0..=255).collect();
        let frame = |number: u16| Frame {
            number: FrameNumber::new(1, number.into()),
            time: Timestamp::from_nanoseconds(number.into()),
            link_type: LinkType(number),
            interface: number.into(),
            wire_len: 1_000,
            data: &data[..usize::from(number) % 256],
        };
        let mut frames = Frames::default();
        let mut given = Vec::new();
        while let next = frame(u16::try_from(given.len()).unwrap())
            && frames.have_room(&next)
        {
            frames.push(&next);
            given.push(next);
        }
        assert_eq!(format!("{given:?}"), format!("{:?}", frames.iter().collect::<Vec<_>>()));
        assert_eq!(frames.octets(), given.iter().map(|frame| frame.data.len()).sum::<usize>());
    }
}
