//! What an HTTP message is (RFC 9112, section 2).

use super::body::{Body, is_chunked, split};
use crate::endpoint::{FrameNumber, Moment};
use crate::time::Span;
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
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// What holds names and values.
    text: String,
    places: Vec<Place>,
    /// A bit for each length that a name has, the last one for all others: most names that are asked for are none of these.
    lengths: u64,
}

/// Where a field stands: its name and its value.
#[derive(Clone, Debug)]
struct Place {
    name: Range<u32>,
    value: Range<u32>,
}

impl Fields {
    /// Fields that stand in a text, each as its name and value; `None` where one does not, or the text is too long.
    pub(super) fn of(text: &[u8], fields: &[httparse::Header<'_>]) -> Option<Self> {
        let mut own = Self {
            text: str::from_utf8(text).ok()?.to_owned(),
            places: Vec::with_capacity(fields.len()),
            lengths: 0,
        };
        for field in fields {
            let (name, value) = (part(text, field.name.as_bytes())?, part(text, field.value)?);
            own.add(name, value);
        }
        Some(own)
    }

    /// Adds a field.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        let name = self.append(name);
        let value = self.append(value);
        self.add(name, value);
    }

    fn add(&mut self, name: Range<u32>, value: Range<u32>) {
        self.lengths |= length_bit(name.len());
        self.places.push(Place { name, value });
    }

    /// Adds to the text, and says where; what is beyond 4 GiB is nowhere.
    fn append(&mut self, more: &str) -> Range<u32> {
        let end = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let start = end(&self.text);
        self.text.push_str(more);
        start..end(&self.text)
    }

    /// Adds to the last value; whether there is one.
    pub(super) fn extend_last(&mut self, more: &str) -> bool {
        if self.places.is_empty() {
            return false;
        }
        let end = self.append(more).end;
        self.places.last_mut().is_some_and(|place| {
            place.value.end = end;
            true
        })
    }

    /// Octets that they hold, and could give up.
    pub(super) fn held(&self) -> usize {
        let held = self.text.len().saturating_add(size_of_val(self.places.as_slice()));
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
        self.places.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places.iter().filter_map(|place| Some((self.part(&place.name)?, self.part(&place.value)?)))
    }

    fn part(&self, range: &Range<u32>) -> Option<&str> {
        self.text.get(range.start as usize..range.end as usize)
    }

    /// The first value of a field; names are compared without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let may_be = self.lengths & length_bit(name.len()) != 0;
        let places = if may_be { self.places.as_slice() } else { &[] };
        // Most names have another length.
        let alike = places.iter().filter(|place| place.name.len() == name.len());
        alike.filter_map(move |place| {
            let is_named = self.part(&place.name)?.eq_ignore_ascii_case(name);
            is_named.then(|| self.part(&place.value))?
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

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

/// The bit of names of that length.
const fn length_bit(length: usize) -> u64 {
    1 << if length < u64::BITS as usize { length } else { 63 }
}

/// Where a part of a text stands in it.
fn part(text: &[u8], part: &[u8]) -> Option<Range<u32>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.len()).filter(|end| *end <= text.len())?;
    Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
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
