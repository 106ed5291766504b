//! Octets of an input: opened, decompressed, hashed, and buffered in one window.
//!
//! The window holds at least the record being read; its size is that of the largest record so far, bounded by
//! [`Limits::record`](crate::limits::Limits::record).

use super::ahead::Ahead;
use super::decoder::{Compression, Decoder, Refused, Sniffed};
use super::digest::Hashing;
use super::error::CaptureError;
use super::meter::Meter;
use super::patient;
use crate::limits::Limits;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The window's size to begin with: what a level-2 cache holds.
const WINDOW: usize = 256 << 10;

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

/// Where compression is taken off.
enum Decoding {
    /// Where the octets are wanted.
    Here(Decoder),
    /// On a thread of its own.
    Ahead(Ahead),
}

/// An input's octets.
pub(super) struct Source {
    decoding: Decoding,
    compression: Option<Compression>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// The offset in the decompressed input of the next octet.
    offset: u64,
    end: End,
}

impl Source {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path, limits: &Limits, meter: &Meter) -> Result<Self, CaptureError> {
        let fail = |source| CaptureError::Open { path: path.to_owned(), source };
        if path.as_os_str() == "-" {
            let input = patient::standard_input(meter).map_err(fail)?;
            return Self::of_thread(Hashing::new(input, limits.digest), path, limits);
        }
        let metadata = fs::metadata(path).map_err(fail)?;
        if metadata.is_dir() {
            return Err(CaptureError::Directory { path: path.to_owned() });
        }
        if !metadata.is_file() {
            let input = patient::device(path, meter).map_err(fail)?;
            return Self::of_thread(Hashing::new(input, limits.digest), path, limits);
        }
        let file = Measured::open(path).map_err(fail)?;
        // What is known to be too long is not hashed up to there.
        let digest = if file.left > limits.digest { 0 } else { limits.digest };
        Self::of_thread(Hashing::new(meter.around(file), digest), path, limits)
    }

    /// Reads from any reader; `path` names it in errors.
    pub(super) fn new(inner: Box<dyn Read>, path: &Path, limits: &Limits) -> Result<Self, CaptureError> {
        let input = Sniffed::new(Hashing::new(inner, limits.digest)).map_err(refused(path))?;
        let compression = input.compression();
        let decoder = Decoder::of(input, limits).map_err(refused(path))?;
        Ok(Self::of(Decoding::Here(decoder), compression))
    }

    /// Decompresses on another thread where there is one.
    fn of_thread<R: Read + Send + 'static>(
        input: Hashing<R>,
        path: &Path,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let input = Sniffed::new(input).map_err(refused(path))?;
        let compression = input.compression();
        let decoding = if limits.threads > 1 && compression.is_some() {
            Ahead::new(input, limits).map(Decoding::Ahead)
        } else {
            Decoder::of(input.boxed(), limits).map(Decoding::Here)
        };
        Ok(Self::of(decoding.map_err(refused(path))?, compression))
    }

    fn of(decoding: Decoding, compression: Option<Compression>) -> Self {
        let buffer = if matches!(decoding, Decoding::Here(_)) { vec![0; WINDOW] } else { Vec::new() };
        Self { decoding, compression, buffer, start: 0, filled: 0, offset: 0, end: End::NotYet }
    }

    /// Whether the input is compressed, and how.
    pub(super) const fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// The offset in the decompressed input of the next octet.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Why there is no more.
    pub(super) fn end(&self) -> &End {
        &self.end
    }

    /// Makes at least `count` octets available and returns all that are; fewer only at the end.
    pub(super) fn need(&mut self, count: usize) -> &[u8] {
        if self.available().len() < count && matches!(self.end, End::NotYet) {
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
        self.start = begin.saturating_add(count).min(self.filled);
        self.offset = self.offset.saturating_add(self.start.saturating_sub(begin) as u64);
        begin
    }

    /// Octets taken before, by their index: valid until the next call of [`need`](Self::need).
    pub(super) fn taken(&self, begin: usize, count: usize) -> &[u8] {
        self.buffer.get(begin..begin.saturating_add(count)).unwrap_or_default()
    }

    fn fill(&mut self, count: usize) {
        if let Decoding::Ahead(ahead) = &mut self.decoding
            && let Some(window) = ahead.exchange(&mut self.buffer, self.start..self.filled)
        {
            (self.start, self.filled) = (window.start, window.end);
            if self.available().len() >= count {
                return;
            }
        }
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled = self.filled.saturating_sub(self.start);
        self.start = 0;
        if self.buffer.len() < count {
            // With room to spare, so that what stands in the window is not moved again for each further octet.
            let room = count.saturating_add(count / 2).checked_next_power_of_two().unwrap_or(count);
            self.buffer.resize(room, 0);
        }
        while self.filled < count && matches!(self.end, End::NotYet) {
            let Some(space) = self.buffer.get_mut(self.filled..) else { return };
            let read = match &mut self.decoding {
                Decoding::Here(decoder) => decoder.read(space),
                Decoding::Ahead(ahead) => ahead.read(space),
            };
            match read {
                Ok(0) => self.end = End::Whole,
                Ok(read) => self.filled = self.filled.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.end = End::Failed(error),
            }
        }
    }

    /// Reads what is left of the file and returns the hexadecimal SHA-256 of all of it, unless it is too long for that.
    pub(super) fn sha256(self) -> Option<String> {
        match self.decoding {
            Decoding::Here(decoder) => decoder.sha256(),
            Decoding::Ahead(ahead) => ahead.sha256(),
        }
    }
}

/// A file that is to have at least the length that it had when it was opened: it may grow.
struct Measured {
    file: File,
    /// Octets that are to come.
    left: u64,
}

impl Measured {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let left = file.metadata()?.len();
        Ok(Self { file, left })
    }
}

impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        // Where it ends between two records, nothing else would tell.
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::other("the file became shorter while it was read"));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// Why an input is not read.
fn refused(path: &Path) -> impl Fn(Refused) -> CaptureError {
    let path = path.to_owned();
    move |refused| {
        let path = path.clone();
        match refused {
            Refused::Unreadable(source) => CaptureError::Open { path, source },
            Refused::Empty => CaptureError::Empty { path },
            Refused::NotBuilt(with) => CaptureError::NotBuilt { path, compression: with.name() },
        }
    }
}
