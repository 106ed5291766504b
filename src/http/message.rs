//! What an HTTP message is (RFC 9112, section 2).

use super::body::{Body, is_chunked, split};
use crate::endpoint::{FrameNumber, Moment};
use crate::time::Span;
use std::mem;
use std::ops::Range;

/// A message with its start line.
#[derive(Clone, Debug)]
pub struct Message<S> {
    /// The start line.
    pub start: S,
    /// The header fields.
    pub fields: Fields,
    /// The content.
    pub body: Body,
    /// Where it stands in the capture.
    pub extent: Extent,
    /// Whether all of it is there.
    pub completeness: Completeness,
}

/// A request.
pub type Request = Message<RequestLine>;
/// A response.
pub type Response = Message<StatusLine>;

/// A request line (RFC 9112, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The method.
    pub method: String,
    /// The target as sent.
    pub target: String,
    /// The minor version: HTTP/1.*this*.
    pub version: u8,
}

/// A status line (RFC 9112, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusLine {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The minor version: HTTP/1.*this*.
    pub version: u8,
}

impl StatusLine {
    /// Whether another response follows (RFC 9110, section 15.2); 101 is the last one of HTTP.
    pub const fn is_interim(&self) -> bool {
        self.status < 200 && self.status != 101
    }
}

/// Header fields in the order sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values, one behind the other.
    text: String,
    /// Where each name ends, and each value.
    ends: Vec<(usize, usize)>,
}

impl Fields {
    /// Room for fields of so many octets.
    pub(super) fn with_room(octets: usize, fields: usize) -> Self {
        Self { text: String::with_capacity(octets), ends: Vec::with_capacity(fields) }
    }

    /// Adds a field.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }

    /// Adds to the last value; whether there is one.
    pub(super) fn extend_last(&mut self, more: &str) -> bool {
        let Some((_, end)) = self.ends.last_mut() else { return false };
        self.text.push_str(more);
        *end = self.text.len();
        true
    }

    /// Octets that they hold, and could give up.
    pub(super) fn held(&self) -> usize {
        let held = self.text.len().saturating_add(size_of_val(self.ends.as_slice()));
        if held > USUAL_FIELDS { held } else { 0 }
    }

    /// Gives them up.
    pub(super) fn forget(&mut self) {
        if self.held() > 0 {
            *self = Self::default();
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places().filter_map(|(start, name_end, end)| {
            Some((self.text.get(start..name_end)?, self.text.get(name_end..end)?))
        })
    }

    /// Where each field begins, its name ends, and its value ends.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut start = 0;
        self.ends.iter().map(move |(name_end, end)| (mem::replace(&mut start, *end), *name_end, *end))
    }

    /// The first value of a field; names are compared without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        // Most names have another length.
        let alike =
            self.places().filter(|(start, name_end, _)| name_end.checked_sub(*start) == Some(name.len()));
        alike.filter_map(move |(start, name_end, end)| {
            let is_named = self.text.get(start..name_end)?.eq_ignore_ascii_case(name);
            is_named.then(|| self.text.get(name_end..end))?
        })
    }

    /// The transfer codings in the order in which they were applied; identity is none.
    pub(super) fn transfer_codings(&self) -> impl Iterator<Item = &str> {
        self.all("transfer-encoding").flat_map(split)
    }

    /// Whether the content is sent in chunks: only the coding that was applied last counts (RFC 9112, section 6.1).
    pub fn is_chunked(&self) -> bool {
        self.transfer_codings().last().is_some_and(is_chunked)
    }
}

/// The longest fields that are kept whatever else is held: those of usual messages.
const USUAL_FIELDS: usize = 4 << 10;

impl<S> Message<S> {
    /// Octets that it holds, and could give up.
    pub(super) fn held(&self) -> usize {
        self.body.octets.len().saturating_add(self.fields.held())
    }

    /// Gives them up.
    pub(super) fn forget(&mut self) {
        self.body.forget();
        self.fields.forget();
    }
}

/// Whether all of a message is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// All of it.
    Whole,
    /// Parts of it were not captured.
    NotCaptured,
    /// The sender, or the receiver, ended the connection in the middle of it.
    Broken,
    /// The capture ended in the middle of it, or the connection was lost sight of.
    CaptureEnded,
}

/// Where a message stands in the capture.
#[derive(Clone, Debug)]
pub struct Extent {
    /// The segment with its first octet.
    pub first: Moment,
    /// The segment, the last in capture order, that was needed to complete it: Wireshark's frame of the message.
    pub last: Moment,
    /// All segments, up to a limit, in the order of the octets.
    pub frames: Vec<FrameNumber>,
    /// Its place among the octets of its direction.
    pub octets: Range<u64>,
    /// How many octets of the other direction its sender had received when it sent the first one.
    pub received: u64,
    /// For how long octets of it that were captured waited for others before them: these were lost on the way.
    pub waited: Span,
}

/// Frames that an extent lists.
const LISTED_FRAMES: usize = 64;

impl Extent {
    /// Begins at an octet.
    pub(super) fn new(at: Moment, offset: u64, received: u64) -> Self {
        Self {
            first: at,
            last: at,
            frames: vec![at.frame],
            octets: offset..offset,
            received,
            waited: Span::ZERO,
        }
    }

    /// Goes on to `end`, with a segment.
    pub(super) fn cover(&mut self, at: Moment, end: u64) {
        self.octets.end = self.octets.end.max(end);
        if self.last.is_before(at) {
            self.last = at;
        }
        self.waited = self.waited.max(self.last.time.since(at.time));
        if self.frames.len() < LISTED_FRAMES && !self.frames.contains(&at.frame) {
            self.frames.push(at.frame);
        }
    }
}
