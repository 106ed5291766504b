//! Why an input cannot be read as a capture.

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
    #[error("{} is no packet capture: it begins with {found}, where a pcap or pcapng file (plain or gzip) begins \
        with its magic number; make one with: tcpdump -i any -s 0 -w log.pcap", path.display())]
    NotACapture {
        /// The input.
        path: PathBuf,
        /// What it looks like, for people.
        found: String,
    },
    /// More inputs than can be told apart.
    #[error("too many inputs: {count} given, at most {most} can be read as one capture", most = u16::MAX)]
    TooMany {
        /// How many were given.
        count: usize,
    },
}
