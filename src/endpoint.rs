//! The names by which facts, hooks and findings point at things in a capture.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::time::Timestamp;
use std::fmt;
use std::num::NonZeroU64;

/// An address and a port.
pub type Endpoint = std::net::SocketAddr;

/// A record of a capture file: the file's place among the inputs, and the record's number in it, counted from 1 as
/// Wireshark does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameNumber(
    /// One more than both numbers side by side, so that none takes no room of its own.
    NonZeroU64,
);

impl FrameNumber {
    const NUMBER_BITS: u32 = 48;

    /// Builds the name of record `number` (from 1) of input `file` (from 0).
    pub const fn new(file: u16, number: u64) -> Self {
        let both = ((file as u64) << Self::NUMBER_BITS) | (number & ((1 << Self::NUMBER_BITS) - 1));
        Self(NonZeroU64::MIN.saturating_add(both))
    }

    /// The file's place among the inputs, from 0.
    pub const fn file(self) -> u16 {
        (self.both() >> Self::NUMBER_BITS) as u16
    }

    /// The record's number in its file, from 1.
    pub const fn number(self) -> u64 {
        self.both() & ((1 << Self::NUMBER_BITS) - 1)
    }

    const fn both(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }
}

impl fmt::Debug for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.file(), self.number())
    }
}

/// A frame and its time: where in the capture something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The frame.
    pub frame: FrameNumber,
    /// Its time.
    pub time: Timestamp,
}

impl Moment {
    /// Whether it was captured before `other`: by number within a file, by time across files, and at
    /// equal times in the order of the files.
    pub fn is_before(self, other: Self) -> bool {
        if self.frame.file() == other.frame.file() {
            self.frame < other.frame
        } else {
            (self.time, self.frame) < (other.time, other.frame)
        }
    }

    /// The one of some that was captured first.
    pub fn first_of(moments: impl IntoIterator<Item = Self>) -> Option<Self> {
        moments.into_iter().reduce(|first, next| if next.is_before(first) { next } else { first })
    }
}

/// The number of a TCP conversation: Wireshark's `tcp.stream`, counted from 0 in the order of first packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of the two ends of a connection, and with it the direction of what that end sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The end that sent the SYN, or, where that was not captured, the first segment.
    Opener,
    /// The other end.
    Acceptor,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Opener => Self::Acceptor,
            Self::Acceptor => Self::Opener,
        }
    }
}

/// A value for each side of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sides<T> {
    /// The opener's.
    pub opener: T,
    /// The acceptor's.
    pub acceptor: T,
}

impl<T> Sides<T> {
    /// The value of `side`.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Opener => &self.opener,
            Side::Acceptor => &self.acceptor,
        }
    }

    /// The value of `side`, to change.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Opener => &mut self.opener,
            Side::Acceptor => &mut self.acceptor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_number_keeps_file_and_number_apart() {
        let frame = FrameNumber::new(3, 1_754);
        assert_eq!((frame.file(), frame.number()), (3, 1_754));
        assert!(FrameNumber::new(0, u64::from(u32::MAX)) < FrameNumber::new(1, 1));
        assert_eq!(format!("{frame:?}"), "3#1754");
    }

    #[test]
    fn moments_are_ordered_by_number_within_a_file_and_by_time_across_files() {
        let at = |file, number, time| Moment {
            frame: FrameNumber::new(file, number),
            time: Timestamp::from_nanoseconds(time),
        };
        assert!(at(0, 1, 9).is_before(at(0, 2, 8)) && at(1, 1, 8).is_before(at(0, 1, 9)));
        assert_eq!(Moment::first_of([at(0, 5, 3), at(1, 1, 2), at(1, 2, 4)]), Some(at(1, 1, 2)));
    }
}
