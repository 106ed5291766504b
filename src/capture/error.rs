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
    #[error("{} is a directory, not a capture", path.display())]
    Directory {
        /// The input.
        path: PathBuf,
    },
    /// The input has no octets at all.
    #[error("{} is empty (0 octets): nothing was captured, or the copy failed", path.display())]
    Empty {
        /// The input.
        path: PathBuf,
    },
    /// The input is neither pcap nor pcapng.
    #[error("{} is no packet capture: {found}, where a pcap or pcapng file (plain, or compressed with gzip, zstd or \
        lz4) begins with its magic number", path.display())]
    NotACapture {
        /// The input.
        path: PathBuf,
        /// What it is instead, for people: a clause.
        found: String,
    },
    /// The input is an archive.
    #[error("{} is {kind} archive, not a capture", path.display())]
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
    #[error("{} is compressed with {compression}, which this build cannot read", path.display())]
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
    /// Its name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "input-unreadable",
            Self::Directory { .. } => "input-is-a-folder",
            Self::Empty { .. } => "input-empty",
            Self::NotACapture { .. } => "input-no-capture",
            Self::IsArchive { .. } => "input-is-an-archive",
            Self::Archive { .. } => "archive-unreadable",
            Self::NotBuilt { .. } => "compression-not-built",
            Self::TooMany { .. } => "inputs-too-many",
        }
    }

    /// What to do about it, where there is something.
    pub fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Open { .. } | Self::Archive { .. } => return None,
            Self::Directory { path } => {
                format!(
                    "name the capture files in it, or look at all of them with: hookscope triage {}",
                    path.display()
                )
            }
            Self::Empty { .. } => "capture again and copy it again".to_owned(),
            Self::NotACapture { .. } => "make one with: tcpdump -i any -s 0 -w log.pcap".to_owned(),
            Self::IsArchive { path, .. } => {
                format!("unpack it, or look into it with: hookscope triage {}", path.display())
            }
            Self::NotBuilt { path, compression } => format!(
                "build it with --features {compression}, or decompress it first: {compression} -dc {} | hookscope analyze -",
                path.display()
            ),
            Self::TooMany { .. } => "analyze parts of them, or merge them first".to_owned(),
        })
    }

    /// Whether the input was read, and is no capture, nor what is left of one.
    pub const fn is_no_capture(&self) -> bool {
        matches!(self, Self::NotACapture { .. })
    }
}
