//! ZIP: the directory at its end says where entries begin.

use super::{Bounded, Budget, Entry, Meter, check_count, name};
use crate::capture::CaptureError;
use crate::limits::Limits;
use ::zip::{CompressionMethod, ZipArchive};
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

type Archive = ZipArchive<BufReader<File>>;

/// Goes through the files.
pub(super) fn each(
    path: &Path,
    limits: &Limits,
    meter: &Meter,
    visit: &mut dyn FnMut(Entry),
) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?))?;
    let budget = Budget::new(limits);
    for index in 0..archive.len() {
        check_count(index, limits)?;
        budget.check()?;
        let (named, size) = match archive.by_index_data(index) {
            Ok(entry) if entry.is_dir() => continue,
            Ok(entry) => (name(path, entry.name_raw()), entry.size()),
            Err(error) => return Err(error.into()),
        };
        let content = content(&mut archive, index, path, meter, &budget)
            .map_err(|error| CaptureError::Archive { path: named.clone(), reason: error.to_string() });
        visit(Entry { path: named, size, content });
    }
    Ok(())
}

/// A reader of its own for an entry, which those of the crate are not: they borrow from the archive.
fn content(
    archive: &mut Archive,
    index: usize,
    path: &Path,
    meter: &Meter,
    budget: &Budget,
) -> io::Result<Box<dyn Read>> {
    let entry = archive.by_index_raw(index)?;
    if entry.encrypted() {
        return Err(io::Error::other("it is encrypted; unpack it first"));
    }
    let begin = entry.data_start().ok_or_else(|| io::Error::other("nothing says where it begins"))?;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin))?;
    let packed = meter.around(file).take(entry.compressed_size());
    let unpacked: Box<dyn Read> = match entry.compression() {
        CompressionMethod::Stored => Box::new(packed),
        // By its number: the crate itself is built without any decoder.
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
        other => return Err(io::Error::other(format!("its compression ({other}) is not taken off here"))),
    };
    let bounded = Bounded { inner: unpacked, budget: budget.clone() };
    Ok(Box::new(Checked { inner: CrcReader::new(bounded), expected: entry.crc32() }))
}

/// A reader that fails at its end where the check sum is not the one that the archive has.
struct Checked<R> {
    inner: CrcReader<R>,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.inner.crc().sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the check sum in the archive is another",
            ));
        }
        Ok(count)
    }
}
