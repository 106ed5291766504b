//! How much of the inputs has been read, and the end of reading, for who watches from another thread.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Octets read of inputs so far, as they lie on disk; and whether reading is to end.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<State>);

#[derive(Debug, Default)]
struct State {
    octets: AtomicU64,
    stopped: AtomicBool,
}

impl Meter {
    /// How many octets there are by now.
    pub fn octets(&self) -> u64 {
        self.0.octets.load(Ordering::Relaxed)
    }

    /// Ends reading: inputs fail from now on, so that what there is counts as cut short.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether reading is to end.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }

    /// Counts what is read of `inner`.
    pub(super) fn around<R>(&self, inner: R) -> Metered<R> {
        Metered { inner, meter: self.clone() }
    }
}

/// A reader that counts, and fails when reading is to end.
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if self.meter.is_stopped() { 0 } else { self.inner.read(buffer)? };
        // The end of an input that was stopped while it kept silent is not its own.
        if count == 0 && self.meter.is_stopped() {
            return Err(io::Error::other("reading was stopped by Ctrl-C"));
        }
        self.meter.0.octets.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
