//! Compression: told by the first octets, taken off while reading.
//!
//! Comes in: a file's octets. Goes out: what they decompress to, and, at the end, the SHA-256 of the octets that came
//! in, if these are not too many. Deliberately does not: follow compression inside compression.

use super::digest::Hashing;
use crate::limits::Limits;
use std::io::{self, Chain, Cursor, Read};

mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
mod skippable;
#[cfg(feature = "zstd")]
mod zstd;

/// What a decoder is asked for at once: when it fails, what it had decoded in that call is lost.
const PIECE: usize = 16 << 10;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// RFC 1952, one or many members.
    Gzip,
    /// RFC 8878, one or many frames.
    Zstd,
    /// The LZ4 frame format, one or many frames, the legacy one too.
    Lz4,
}

impl Compression {
    /// What the first octets of a file say.
    pub(super) fn of(magic: &[u8]) -> Option<Self> {
        match magic {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// The name in reports, which is also that of the program and of the feature.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }
}

/// A file's octets, the first of which were looked at already.
pub(super) type Raw = Chain<Cursor<Vec<u8>>, Hashing>;

/// An input without octets.
#[cfg(feature = "lz4")]
fn nothing() -> Raw {
    Cursor::new(Vec::new()).chain(Hashing::new(io::empty(), 0).boxed())
}

/// Takes compression off.
pub(super) enum Decoder {
    /// None.
    Plain(Raw),
    Gzip(Box<gzip::Members<Raw>>),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Decoder>),
    #[cfg(feature = "lz4")]
    Lz4(Box<lz4::Frames>),
}

/// Why there is no decoder.
pub(super) enum Refused {
    /// The first octets cannot be read.
    Unreadable(io::Error),
    /// The input has no octets.
    Empty,
    /// This build has no decoder for it.
    #[cfg_attr(all(feature = "zstd", feature = "lz4"), expect(dead_code, reason = "this build has them all"))]
    NotBuilt(Compression),
}

/// An input whose first octets were looked at.
pub(super) struct Sniffed<R = Box<dyn Read>> {
    magic: Vec<u8>,
    rest: Hashing<R>,
}

impl<R: Read + 'static> Sniffed<R> {
    /// Looks at the first octets.
    pub(super) fn new(mut rest: Hashing<R>) -> Result<Self, Refused> {
        let magic = skippable::pass(&mut rest).map_err(Refused::Unreadable)?;
        if magic.is_empty() { Err(Refused::Empty) } else { Ok(Self { magic, rest }) }
    }

    /// How it is compressed.
    pub(super) fn compression(&self) -> Option<Compression> {
        Compression::of(&self.magic)
    }

    /// The same, whatever the reader is.
    pub(super) fn boxed(self) -> Sniffed {
        Sniffed { magic: self.magic, rest: self.rest.boxed() }
    }
}

impl Decoder {
    /// Looks at the first octets and picks the decoder.
    pub(super) fn new(input: Hashing, limits: &Limits) -> Result<Self, Refused> {
        Self::of(Sniffed::new(input)?, limits)
    }

    /// Picks the decoder.
    pub(super) fn of(input: Sniffed, limits: &Limits) -> Result<Self, Refused> {
        let compression = input.compression();
        let raw = Cursor::new(input.magic).chain(input.rest);
        match compression {
            None => Ok(Self::Plain(raw)),
            Some(Compression::Gzip) => Ok(Self::Gzip(Box::new(gzip::Members::new(raw)))),
            Some(Compression::Zstd) => Self::zstd(raw, limits),
            Some(Compression::Lz4) => Self::lz4(raw),
        }
    }

    #[cfg(feature = "zstd")]
    fn zstd(raw: Raw, limits: &Limits) -> Result<Self, Refused> {
        let decoder = zstd::open(raw, limits.zstd_window_log).map_err(Refused::Unreadable)?;
        Ok(Self::Zstd(Box::new(decoder)))
    }

    #[cfg(not(feature = "zstd"))]
    fn zstd(_raw: Raw, _limits: &Limits) -> Result<Self, Refused> {
        Err(Refused::NotBuilt(Compression::Zstd))
    }

    #[cfg(feature = "lz4")]
    #[expect(clippy::unnecessary_wraps, reason = "it fails in builds without lz4")]
    fn lz4(raw: Raw) -> Result<Self, Refused> {
        Ok(Self::Lz4(Box::new(lz4::Frames::new(raw))))
    }

    #[cfg(not(feature = "lz4"))]
    fn lz4(_raw: Raw) -> Result<Self, Refused> {
        Err(Refused::NotBuilt(Compression::Lz4))
    }

    /// Reads the rest of the file, and returns the hexadecimal SHA-256 of all of it, unless it is too long for that.
    pub(super) fn sha256(self) -> Option<String> {
        let mut raw = match self {
            Self::Plain(raw) => raw,
            Self::Gzip(decoder) => decoder.into_inner(),
            #[cfg(feature = "zstd")]
            Self::Zstd(decoder) => decoder.into_inner().into_inner(),
            #[cfg(feature = "lz4")]
            Self::Lz4(frames) => frames.into_inner(),
        };
        while raw.get_ref().1.is_hashing() {
            match io::copy(&mut (&mut raw).take(PIECE as u64), &mut io::sink()) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        raw.into_inner().1.finish()
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Plain(raw) = self {
            return raw.read(buffer);
        }
        let piece = buffer.len().min(PIECE);
        let Some(piece) = buffer.get_mut(..piece) else { return Ok(0) };
        match self {
            Self::Plain(raw) => raw.read(piece),
            Self::Gzip(decoder) => decoder.read(piece),
            #[cfg(feature = "zstd")]
            Self::Zstd(decoder) => decoder.read(piece),
            #[cfg(feature = "lz4")]
            Self::Lz4(frames) => frames.read(piece),
        }
    }
}

/// Fills a buffer as far as the reader goes, and says how far.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match reader.read(space) {
            Ok(0) => break,
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
