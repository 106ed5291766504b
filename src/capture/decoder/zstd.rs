//! Zstandard (RFC 8878): frame after frame, skippable ones between them, with windows as long as asked for.

use super::Raw;
use std::io::{self, BufReader};

/// Decodes frame after frame.
pub(super) type Decoder = ::zstd::stream::read::Decoder<'static, BufReader<Raw>>;

/// Begins to decode. Windows may be of up to 2 to the power of `window_log` octets: `zstd --long=31` makes those.
pub(super) fn open(raw: Raw, window_log: u32) -> io::Result<Decoder> {
    let mut decoder = ::zstd::stream::read::Decoder::new(raw)?;
    decoder.window_log_max(window_log)?;
    Ok(decoder)
}
