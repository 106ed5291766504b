//! JSON on its way out, without characters that could drive a terminal.

use super::escape::in_json;
use std::io::{self, Write};

/// Writes JSON, however it comes in pieces.
pub(super) struct Harmless<W> {
    out: W,
    /// The beginning of a character of which the rest is to come.
    begun: Vec<u8>,
}

impl<W: Write> Harmless<W> {
    /// Writes to `out`.
    pub(super) const fn new(out: W) -> Self {
        Self { out, begun: Vec::new() }
    }

    /// Writes what is whole of octets, and returns how many these are.
    fn write_whole(&mut self, octets: &[u8]) -> io::Result<usize> {
        let (whole, end) = match str::from_utf8(octets) {
            Ok(whole) => (whole, octets.len()),
            Err(error) if error.error_len().is_none() => {
                let end = error.valid_up_to();
                (octets.get(..end).and_then(|octets| str::from_utf8(octets).ok()).unwrap_or_default(), end)
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        self.out.write_all(in_json(whole).as_bytes())?;
        Ok(end)
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() {
            let end = self.write_whole(octets)?;
            self.begun.extend(octets.get(end..).unwrap_or_default());
        } else {
            let mut begun = std::mem::take(&mut self.begun);
            begun.extend(octets);
            let end = self.write_whole(&begun)?;
            self.begun = begun.split_off(end);
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_could_drive_a_terminal_is_escaped_wherever_pieces_end() {
        let value = json!({"\u{202e}a": "b\u{9b}2J\n\u{200b}ü\u{e0041}", "c": [1, "x"]});
        let json = serde_json::to_vec_pretty(&value).unwrap();
        for length in 1..=json.len() {
            let mut out = Harmless::new(Vec::new());
            json.chunks(length).for_each(|piece| out.write_all(piece).unwrap());
            let safe = String::from_utf8(out.out).unwrap();
            assert!(safe.starts_with("{\n  \"\\u202ea\": \"b\\u009b2J\\n\\u200bü\\udb40\\udc41\""), "{safe}");
            assert_eq!(serde_json::from_str::<Value>(&safe).unwrap(), value);
        }
        assert!(Harmless::new(Vec::new()).write(b"\xff").is_err());
    }
}
