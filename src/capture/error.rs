//! Why an input cannot be read as a capture.

use super::archive;
use std::path::PathBuf;

/// An input that cannot be opened, or is no capture. What is wrong *inside* a capture is a fact instead.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file cannot be opened or its first octets cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Open {
        /// The input.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The path names a directory.
    #[error("{} is a directory, not a capture; name the capture files in it", path.display())]
    Directory {
        /// The input.
        path: PathBuf,
    },
    /// The input has no octets at all.
    #[error("{} is empty (0 octets): nothing was captured, or the copy failed; capture again and copy it again",
        path.display())]
    Empty {
        /// The input.
        path: PathBuf,
    },
    /// The input is neither pcap nor pcapng.
    #[error("{} is no packet capture: {found}, where a pcap or pcapng file (plain, or compressed with gzip, zstd or \
        lz4) begins with its magic number; make one with: tcpdump -i any -s 0 -w log.pcap", path.display())]
    NotACapture {
        /// The input.
        path: PathBuf,
        /// What it is instead, for people: a clause.
        found: String,
    },
    /// The input is an archive.
    #[error("{} is {kind} archive, not a capture: unpack it, or look into it with: hookscope triage {}",
        path.display(), path.display())]
    IsArchive {
        /// The input.
        path: PathBuf,
        /// What kind of archive, with its article.
        kind: archive::Kind,
    },
    /// An archive, or something in it, cannot be read.
    #[error("cannot read the archive {}: {reason}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The input is compressed in a way that this build cannot take off.
    #[error("{} is compressed with {compression}, which this build cannot read: build it with --features \
        {compression}, or decompress it first: {compression} -dc {} | hookscope analyze -", path.display(),
        path.display())]
    NotBuilt {
        /// The input.
        path: PathBuf,
        /// How it is compressed.
        compression: &'static str,
    },
    /// More inputs than can be told apart.
    #[error("too many inputs: {count} given, at most {most} can be read as one capture", most = u16::MAX)]
    TooMany {
        /// How many were given.
        count: usize,
    },
}

impl CaptureError {
    /// Whether the input was read, and is no capture, nor what is left of one.
    pub const fn is_no_capture(&self) -> bool {
        matches!(self, Self::NotACapture { .. })
    }
}
