//! What an input is, by its first octets; and what to call it when it is no capture.

use super::decoder::Compression;
use super::source::{End, Source};
use super::{CaptureError, Format, archive, pcap, pcapng};
use crate::limits::Limits;
use std::path::Path;

/// Octets that are looked at to tell people what a file is.
const LOOKED_AT: usize = 64;

/// What is taken for a capture now and then: first octets, and what to call it.
const KNOWN: [(&[u8], &str); 7] = [
    (b"\xfd7zXZ\0", "a file compressed with xz, which is not taken off here: xz -dc"),
    (b"BZh", "a file compressed with bzip2, which is not taken off here: bzip2 -dc"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"),
    (b"Rar!", "a RAR archive: unpack it"),
    (b"snoop\0", "a snoop capture: convert it with editcap -F pcapng"),
    (b"GMBU", "a capture of Network Monitor: convert it with editcap -F pcapng"),
    (b"TRSNIFF", "a capture of Sniffer: convert it with editcap -F pcapng"),
];

/// Opens the reader of the input's format; `None` where it has none.
pub(super) fn open(source: &mut Source, limits: &Limits) -> Option<Format> {
    let magic: [u8; 4] = source.need(4).get(..4)?.try_into().ok()?;
    if magic == pcapng::SECTION_HEADER.to_le_bytes() {
        return pcapng::Reader::open(source, limits).map(Format::Pcapng);
    }
    pcap::Reader::open(source, limits).map(Format::Pcap)
}

/// Says that an input is no capture.
pub(super) fn no_capture(source: &mut Source, path: &Path) -> CaptureError {
    let compressed = source.compression().is_some();
    if let Some(kind) = archive::Kind::of(source.need(archive::TOLD_BY)) {
        // A compressed ZIP archive is not worth a reader of its own.
        if kind == archive::Kind::Tar || !compressed {
            return CaptureError::IsArchive { path: path.to_owned(), kind };
        }
    }
    let source: &Source = source;
    let octets = source.available();
    let start = octets.get(..octets.len().min(LOOKED_AT)).unwrap_or_default();
    let decompressed =
        source.compression().map(|with| format!("decompressed ({}), ", with.name())).unwrap_or_default();
    let found = match source.end() {
        End::Failed(error) if start.is_empty() && compressed => {
            format!("its octets cannot be decompressed ({error})")
        }
        _ if start.is_empty() => format!("{decompressed}it is empty"),
        _ => format!("{decompressed}it begins with {}", name(start)),
    };
    CaptureError::NotACapture { path: path.to_owned(), found }
}

/// What octets look like, for people.
fn name(start: &[u8]) -> String {
    if let Some(with) = Compression::of(start) {
        return format!("a file compressed with {}: decompress it once first", with.name());
    }
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)) {
        return (*name).to_owned();
    }
    if start.get(..4).is_some_and(pcap::is_magic) {
        return format!("a pcap header that is cut after {} octets", start.len());
    }
    if start.starts_with(&pcapng::SECTION_HEADER.to_le_bytes()) {
        return "a pcapng section header that is cut or damaged".to_owned();
    }
    if start.iter().all(|octet| octet.is_ascii_graphic() || octet.is_ascii_whitespace()) {
        return "text".to_owned();
    }
    let hex: Vec<String> = start.iter().take(4).map(|octet| format!("{octet:02x}")).collect();
    format!("the octets {}", hex.join(" "))
}
