//! Archives: what is in them, one entry after the other, as inputs of their own.
//!
//! Comes in: ZIP, and tar plain or compressed as captures may be. Goes out: readers, named by the archive's path with the
//! entry's name behind it. Keeps: a decoder's window; nothing is unpacked to disk, and names are names only. Bounds what
//! is unpacked: [`Limits::archive_octets`]. Deliberately does not: open archives in archives.

mod tar;
mod zip;

use super::{CaptureError, Meter};
use crate::limits::Limits;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Octets that tell an archive.
pub(super) const TOLD_BY: usize = 512;

/// What kind of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PKWARE's APPNOTE.
    Zip,
    /// POSIX.1-2001, and GNU's.
    Tar,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "a ZIP",
            Self::Tar => "a tar",
        })
    }
}

impl Kind {
    /// What the first octets of an input say.
    pub(super) fn of(octets: &[u8]) -> Option<Self> {
        let zip: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
        if zip.iter().any(|magic| octets.starts_with(magic)) {
            return Some(Self::Zip);
        }
        (octets.get(257..262) == Some(b"ustar")).then_some(Self::Tar)
    }
}

/// A file in an archive.
pub struct Entry {
    /// The archive's path with the entry's name behind it: it names nothing on disk.
    pub path: PathBuf,
    /// Octets, as the archive says.
    pub size: u64,
    /// What is in it, or why that cannot be read.
    pub content: Result<Box<dyn Read>, CaptureError>,
}

/// Goes through the files in an archive; fails where the archive cannot be followed any further.
pub fn each(
    path: &Path,
    kind: Kind,
    limits: &Limits,
    meter: &Meter,
    visit: &mut dyn FnMut(Entry),
) -> Result<(), CaptureError> {
    let gone = match kind {
        Kind::Zip => zip::each(path, limits, meter, visit),
        Kind::Tar => tar::each(path, limits, meter, visit),
    };
    gone.map_err(|error| CaptureError::Archive { path: path.to_owned(), reason: error.to_string() })
}

/// What stands for an entry.
fn name(archive: &Path, entry: &[u8]) -> PathBuf {
    // Not joined: an absolute name would take the archive's place.
    format!("{}/{}", archive.display(), String::from_utf8_lossy(entry)).into()
}

fn check_count(count: usize, limits: &Limits) -> io::Result<()> {
    if count < limits.archive_entries {
        return Ok(());
    }
    Err(io::Error::other(format!("it has more than {count} entries; the others were not looked at")))
}

/// How many octets may still be unpacked of an archive, all readers together.
#[derive(Clone)]
struct Budget {
    left: Rc<Cell<u64>>,
    whole: u64,
}

impl Budget {
    fn new(limits: &Limits) -> Self {
        Self { left: Rc::new(Cell::new(limits.archive_octets)), whole: limits.archive_octets }
    }

    fn check(&self) -> io::Result<()> {
        if self.left.get() > 0 {
            return Ok(());
        }
        Err(io::Error::other(format!("only the first {} octets of it were unpacked", self.whole)))
    }
}

/// A reader that takes from a budget.
struct Bounded<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.budget.check()?;
        let left = self.budget.left.get();
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.budget.left.set(left.saturating_sub(count as u64));
        Ok(count)
    }
}
