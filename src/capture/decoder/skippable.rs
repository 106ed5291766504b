//! Skippable frames, which zstd and lz4 share: a magic number, a length, and octets that mean nothing to a decoder
//! (RFC 8878, section 3.1.2). Some writers put one first, so which of the two formats it is shows only behind.

use super::read_full;
use std::io::{self, Read};

/// Octets that tell formats apart.
const MAGIC: usize = 4;

/// Whether a magic number is that of a skippable frame.
pub(super) const fn is_skippable(magic: [u8; MAGIC]) -> bool {
    matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

/// Passes over skippable frames, and returns the first octets behind them: fewer than four at the end.
pub(super) fn pass(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    loop {
        let mut magic = [0; MAGIC];
        let count = read_full(reader, &mut magic)?;
        if count < MAGIC || !is_skippable(magic) {
            return Ok(magic.get(..count).unwrap_or_default().to_vec());
        }
        if !skip(reader)? {
            // Cut, or no skippable frame at all: what its magic number looked like is what the file begins with.
            return Ok(magic.to_vec());
        }
    }
}

/// Passes over length and content of a skippable frame; `false` where the input ends before the frame does.
pub(super) fn skip(reader: &mut impl Read) -> io::Result<bool> {
    let mut length = [0; 4];
    if read_full(reader, &mut length)? < length.len() {
        return Ok(false);
    }
    let length = u64::from(u32::from_le_bytes(length));
    Ok(io::copy(&mut reader.take(length), &mut io::sink())? == length)
}
