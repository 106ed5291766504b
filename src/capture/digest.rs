//! The SHA-256 of an input as it lies on disk, taken while it is read.
//!
//! It costs more than all else that is done with most frames, so it is taken of inputs up to
//! [`Limits::digest`](crate::limits::Limits::digest) alone.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read};

/// A reader that hashes what passes, and that no signal interrupts: decoders lose their place where that happens.
pub(super) struct Hashing<R = Box<dyn Read>> {
    inner: R,
    /// The hash so far, unless there are too many octets.
    hash: Option<Sha256>,
    /// Octets that may still come.
    left: u64,
}

impl<R: Read + 'static> Hashing<R> {
    /// The same, whatever the reader is.
    pub(super) fn boxed(self) -> Hashing {
        let Self { inner, hash, left } = self;
        Hashing { inner: Box::new(inner), hash, left }
    }
}

impl<R: Read> Hashing<R> {
    /// Hashes what `inner` gives, up to so many octets.
    pub(super) fn new(inner: R, limit: u64) -> Self {
        let hash = (limit > 0).then(Sha256::new);
        Self { inner, hash, left: limit }
    }

    fn update(&mut self, octets: &[u8]) {
        let left = self.left.checked_sub(octets.len() as u64);
        if left.is_none() {
            self.hash = None;
        }
        self.left = left.unwrap_or_default();
        if let Some(hash) = &mut self.hash {
            hash.update(octets);
        }
    }

    /// Whether there is a hash so far.
    pub(super) const fn is_hashing(&self) -> bool {
        self.hash.is_some()
    }

    /// The hexadecimal SHA-256 of all that passed; `None` when that was too much.
    pub(super) fn finish(self) -> Option<String> {
        let digest = self.hash?.finalize();
        Some(digest.iter().fold(String::with_capacity(64), |mut text, octet| {
            let written = write!(text, "{octet:02x}");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
            text
        }))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(buffer) {
                Ok(count) => {
                    self.update(buffer.get(..count).unwrap_or_default());
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // What was read is not the file that lies on disk.
                    self.hash = None;
                    return Err(error);
                }
            }
        }
    }
}
