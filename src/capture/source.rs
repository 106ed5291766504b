//! Octets of an input: opened, decompressed, hashed, and buffered in one window.
//!
//! The window holds at least the record being read; its size is that of the largest record so far, bounded by
//! [`Limits::record`](crate::limits::Limits::record).

use super::error::CaptureError;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

/// The window's size to begin with: what a level-2 cache holds.
const WINDOW: usize = 256 << 10;
/// Octets that tell formats apart.
const MAGIC: usize = 4;

/// A reader that hashes what passes.
struct Hashing {
    inner: Box<dyn Read>,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

type Raw = Chain<Cursor<Vec<u8>>, Hashing>;

enum Decoder {
    Plain(Raw),
    Gzip(Box<flate2::read::MultiGzDecoder<Raw>>),
}

impl Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(raw) => raw.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
        }
    }

    fn into_raw(self) -> Raw {
        match self {
            Self::Plain(raw) => raw,
            Self::Gzip(decoder) => decoder.into_inner(),
        }
    }
}

/// How an input ended.
#[derive(Debug)]
pub(super) enum End {
    /// It has more.
    NotYet,
    /// At its end.
    Whole,
    /// By an error of reading or decompressing.
    Failed(io::Error),
}

/// An input's octets.
pub(super) struct Source {
    decoder: Decoder,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// Octets of the decompressed input before the window.
    passed: u64,
    end: End,
}

impl Source {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, CaptureError> {
        let fail = |source| CaptureError::Open { path: path.to_owned(), source };
        if path.as_os_str() == "-" {
            return Self::new(Box::new(io::stdin()), path);
        }
        let file = File::open(path).map_err(fail)?;
        if file.metadata().map_err(fail)?.is_dir() {
            return Err(CaptureError::Directory { path: path.to_owned() });
        }
        Self::new(Box::new(file), path)
    }

    /// Reads from any reader; `path` names it in errors.
    pub(super) fn new(inner: Box<dyn Read>, path: &Path) -> Result<Self, CaptureError> {
        let mut raw = Hashing { inner, hash: Sha256::new() };
        let mut magic = vec![0; MAGIC];
        let count = read_full(&mut raw, &mut magic)
            .map_err(|source| CaptureError::Open { path: path.to_owned(), source })?;
        magic.truncate(count);
        if magic.is_empty() {
            return Err(CaptureError::Empty { path: path.to_owned() });
        }
        let gzip = magic.starts_with(&[0x1f, 0x8b]);
        let raw = Cursor::new(magic).chain(raw);
        let decoder = if gzip {
            Decoder::Gzip(Box::new(flate2::read::MultiGzDecoder::new(raw)))
        } else {
            Decoder::Plain(raw)
        };
        Ok(Self { decoder, buffer: vec![0; WINDOW], start: 0, filled: 0, passed: 0, end: End::NotYet })
    }

    /// Whether the input is compressed, and how.
    pub(super) fn compression(&self) -> Option<&'static str> {
        matches!(self.decoder, Decoder::Gzip(_)).then_some("gzip")
    }

    /// The offset in the decompressed input of the next octet.
    pub(super) fn offset(&self) -> u64 {
        self.passed + self.start as u64
    }

    /// Why there is no more.
    pub(super) fn end(&self) -> &End {
        &self.end
    }

    /// Makes at least `count` octets available and returns all that are; fewer only at the end.
    pub(super) fn need(&mut self, count: usize) -> &[u8] {
        if self.filled - self.start < count {
            self.fill(count);
        }
        self.available()
    }

    /// The octets at hand.
    pub(super) fn available(&self) -> &[u8] {
        self.buffer.get(self.start..self.filled).unwrap_or_default()
    }

    /// Goes on behind `count` octets that are at hand, and returns the window's index of the first of them.
    pub(super) fn take(&mut self, count: usize) -> usize {
        let begin = self.start;
        self.start = (begin + count).min(self.filled);
        begin
    }

    /// Octets taken before, by their index: valid until the next call of [`need`](Self::need).
    pub(super) fn taken(&self, begin: usize, count: usize) -> &[u8] {
        self.buffer.get(begin..begin + count).unwrap_or_default()
    }

    fn fill(&mut self, count: usize) {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.passed += self.start as u64;
        self.start = 0;
        if self.buffer.len() < count {
            self.buffer.resize(count.next_power_of_two(), 0);
        }
        while self.filled < count && matches!(self.end, End::NotYet) {
            let Some(space) = self.buffer.get_mut(self.filled..) else { return };
            match self.decoder.read(space) {
                Ok(0) => self.end = End::Whole,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.end = End::Failed(error),
            }
        }
    }

    /// Reads what is left of the raw input and returns the hexadecimal SHA-256 of all of it.
    pub(super) fn sha256(self) -> String {
        let mut raw = self.decoder.into_raw();
        if !matches!(self.end, End::Failed(_)) {
            let rest = io::copy(&mut raw, &mut io::sink());
            drop(rest); // an input that breaks off here is hashed as far as it could be read
        }
        let digest = raw.into_inner().1.hash.finalize();
        digest.iter().fold(String::with_capacity(64), |mut text, octet| {
            let written = write!(text, "{octet:02x}");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
            text
        })
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match reader.read(space) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
