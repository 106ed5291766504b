//! gzip, one member after the other: all that stands before damage comes out, however its octets come in.

use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead as _, BufReader, Read};

/// The longest window (RFC 1951), as a power of two.
const WINDOW_BITS: u8 = 15;
/// Compressed octets that are read at once.
const READ_AT_ONCE: usize = 32 << 10;

/// The members of a file (RFC 1952, section 2.2).
pub(in crate::capture) struct Members<R> {
    raw: BufReader<R>,
    inflate: Decompress,
    /// Whether the next octet begins a member, if there is one.
    between: bool,
    /// Why there is no more, once what stands before has been given out.
    failed: Option<io::Error>,
}

impl<R: Read> Members<R> {
    pub(in crate::capture) fn new(raw: R) -> Self {
        let raw = BufReader::with_capacity(READ_AT_ONCE, raw);
        Self { raw, inflate: Decompress::new_gzip(WINDOW_BITS), between: false, failed: None }
    }

    /// What is read from.
    pub(in crate::capture) fn into_inner(self) -> R {
        self.raw.into_inner()
    }

    /// Decompresses what is at hand into the buffer; says how much that was.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { raw, inflate, between, failed } = self;
        let input = raw.fill_buf()?;
        if input.is_empty() && !*between {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(input, buffer, FlushDecompress::None);
        let since = |before: u64, now: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX);
        let (taken, made) = (since(read, inflate.total_in()), since(written, inflate.total_out()));
        raw.consume(taken);
        *between = false;
        match status {
            Ok(Status::StreamEnd) => {
                *inflate = Decompress::new_gzip(WINDOW_BITS);
                *between = true;
            }
            Ok(_) => {}
            Err(error) => *failed = Some(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
        Ok(made)
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.between && self.raw.fill_buf()?.is_empty() {
                break;
            }
            let made = self.step(buffer)?;
            if made > 0 {
                return Ok(made);
            }
        }
        Ok(0)
    }
}
