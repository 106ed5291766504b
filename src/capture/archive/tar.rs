//! tar: entry after entry, in one pass.

use super::{Bounded, Budget, Entry, Meter, check_count, name};
use crate::capture::CaptureError;
use crate::capture::decoder::Decoder;
use crate::capture::digest::Hashing;
use crate::limits::Limits;
use ::tar::{Archive, EntryType};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

/// Entries begin at multiples of these octets.
const BLOCK: u64 = 512;

/// What a header says.
struct Head {
    name: Vec<u8>,
    /// Octets of the file, and of what stands for it in the archive.
    size: u64,
    stored: u64,
    kind: EntryType,
}

/// Goes through the files.
pub(super) fn each(
    path: &Path,
    limits: &Limits,
    meter: &Meter,
    visit: &mut dyn FnMut(Entry),
) -> io::Result<()> {
    // Its entries are hashed, not it.
    let file = Hashing::new(meter.around(File::open(path)?), 0).boxed();
    let inner = Decoder::new(file, limits).map_err(|_| io::Error::other("it cannot be decompressed"))?;
    let inner = Bounded { inner, budget: Budget::new(limits) };
    let mut shared = Shared(Rc::new(RefCell::new(Placed { inner, position: 0 })));
    let mut count = 0;
    while let Some(head) = head(&shared, limits)? {
        check_count(count, limits)?;
        count = count.saturating_add(1);
        let begin = shared.position();
        let path = name(path, &head.name);
        let content: Result<Box<dyn Read>, _> = match head.kind {
            EntryType::GNUSparse => Err(CaptureError::Archive {
                path: path.clone(),
                reason: "it is stored with holes; unpack it first".to_owned(),
            }),
            _ => Ok(Box::new(shared.clone().take(head.stored))),
        };
        if matches!(head.kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse) {
            visit(Entry { path, size: head.size, content });
        }
        let end = head.stored.checked_next_multiple_of(BLOCK).and_then(|stored| stored.checked_add(begin));
        let rest = end.unwrap_or(u64::MAX).saturating_sub(shared.position());
        if io::copy(&mut shared.by_ref().take(rest), &mut io::sink())? < rest {
            return Err(io::Error::other("it ends in the middle of an entry"));
        }
    }
    Ok(())
}

/// Reads a header, and nothing of what it is for; `None` at the end. The crate's own way to go on to the next entry
/// would lend its readers only until then.
fn head(shared: &Shared, limits: &Limits) -> io::Result<Option<Head>> {
    let mut archive = Archive::new(shared.clone().take(limits.archive_header));
    let Some(entry) = archive.entries()?.next() else { return Ok(None) };
    let entry = entry?;
    let kind = entry.header().entry_type();
    let stored = if kind == EntryType::GNUSparse { entry.header().entry_size()? } else { entry.size() };
    Ok(Some(Head { name: entry.path_bytes().into_owned(), size: entry.size(), stored, kind }))
}

/// The archive's octets, and where in them its readers stand.
struct Placed {
    inner: Bounded<Decoder>,
    position: u64,
}

/// A reader of the archive that all entries share.
#[derive(Clone)]
struct Shared(Rc<RefCell<Placed>>);

impl Shared {
    fn position(&self) -> u64 {
        self.0.borrow().position
    }
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut placed = self.0.borrow_mut();
        let count = placed.inner.read(buffer)?;
        placed.position = placed.position.saturating_add(count as u64);
        Ok(count)
    }
}
