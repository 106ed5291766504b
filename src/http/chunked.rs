//! The chunked transfer coding (RFC 9112, section 7.1).

use std::mem;

/// The longest line of a chunk's size with its extensions, or of a trailer, that is believed.
const LONGEST_LINE: usize = 16 << 10;

/// Where in the coding the next octet stands.
#[derive(Clone, Debug)]
pub(super) enum Chunked {
    /// In a size line; what has come of it.
    Size(Vec<u8>),
    /// In a chunk's data; octets left.
    Data(u64),
    /// In the line end behind a chunk's data.
    DataEnd,
    /// In the trailer section; what has come of the line.
    Trailer(Vec<u8>),
}

/// What became of octets.
pub(super) enum Progress {
    /// That many octets were framing.
    Framing(usize),
    /// That many octets are content.
    Content(usize),
    /// The last octets were framing, that many, and the body is complete.
    End(usize),
    /// This is no chunked coding.
    Malformed,
}

impl Chunked {
    pub(super) const fn new() -> Self {
        Self::Size(Vec::new())
    }

    /// Takes some of `octets`, of which there is at least one.
    pub(super) fn advance(&mut self, octets: &[u8]) -> Progress {
        match self {
            Self::Data(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(octets.len());
                *left = left.saturating_sub(count as u64);
                if *left == 0 {
                    *self = Self::DataEnd;
                }
                Progress::Content(count)
            }
            Self::DataEnd => match octets {
                [b'\r', ..] => Progress::Framing(1),
                [b'\n', ..] => {
                    *self = Self::new();
                    Progress::Framing(1)
                }
                _ => Progress::Malformed,
            },
            Self::Size(line) | Self::Trailer(line) => {
                let end = memchr::memchr(b'\n', octets);
                let count = end.map_or(octets.len(), |at| at.saturating_add(1));
                let new = octets.get(..count).unwrap_or_default();
                // Most lines come in one segment, and are read where they stand.
                if end.is_some() && line.is_empty() {
                    return self.line_end(new, count);
                }
                line.extend(new);
                match end {
                    None if line.len() > LONGEST_LINE => Progress::Malformed,
                    None => Progress::Framing(count),
                    Some(_) => {
                        let line = mem::take(line);
                        self.line_end(&line, count)
                    }
                }
            }
        }
    }

    /// Takes in a whole line, `count` octets of which have come last.
    fn line_end(&mut self, line: &[u8], count: usize) -> Progress {
        match self {
            Self::Trailer(_) if matches!(line, b"\r\n" | b"\n") => Progress::End(count),
            Self::Trailer(_) => Progress::Framing(count),
            Self::Size(_) => match size(line) {
                Some(0) => {
                    *self = Self::Trailer(Vec::new());
                    Progress::Framing(count)
                }
                Some(size) => {
                    *self = Self::Data(size);
                    Progress::Framing(count)
                }
                None => Progress::Malformed,
            },
            _ => Progress::Malformed,
        }
    }

    /// Passes over octets that were not captured; `false` when they hold more than the rest of a chunk's data, so that
    /// it is not known any more where the coding stands.
    pub(super) fn skip(&mut self, length: u64) -> bool {
        let Self::Data(left) = self else { return false };
        match left.checked_sub(length) {
            Some(0) => *self = Self::DataEnd,
            Some(rest) => *left = rest,
            None => return false,
        }
        true
    }
}

/// The size in a line such as `1a;name=value\r\n`; blanks around it are let pass.
fn size(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text.split(';').next()?.trim();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    // A size beyond all bounds is no reason to read content as messages.
    Some(u64::from_str_radix(digits, 16).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of a chunked body given in pieces of `step` octets, and how many octets it took; `None` if malformed.
    fn decode(octets: &[u8], step: usize) -> Option<(Vec<u8>, usize)> {
        let (mut coding, mut content, mut taken) = (Chunked::new(), Vec::new(), 0);
        loop {
            let piece =
                octets.get(taken..octets.len().min(taken + step)).filter(|piece| !piece.is_empty())?;
            taken += match coding.advance(piece) {
                Progress::Framing(count) => count,
                Progress::Content(count) => {
                    content.extend(&piece[..count]);
                    count
                }
                Progress::End(count) => return Some((content, taken + count)),
                Progress::Malformed => return None,
            };
        }
    }

    #[test]
    fn chunks_extensions_and_trailers_are_read_in_any_pieces() {
        let body = b"4;a=b\r\nWiki\r\n00A \r\n0123456789\r\n0\r\nX: y\r\n\r\nrest";
        for step in 1..body.len() {
            assert_eq!(decode(body, step), Some((b"Wiki0123456789".to_vec(), body.len() - 4)), "step {step}");
        }
    }

    #[test]
    fn what_is_no_chunk_is_not_taken_for_one() {
        for body in ["x\r\nabc\r\n", "\r\n", "1\r\nabc", "-1\r\n", "+1\r\na\r\n"] {
            let read = decode(body.as_bytes(), 99);
            assert!(read.is_none(), "{body:?}");
        }
    }

    #[test]
    fn a_size_is_hexadecimal_digits() {
        assert_eq!([size(b"1a;x=y\r\n"), size(b" F \n")], [Some(26), Some(15)]);
        for line in [&b"\r\n"[..], b";x\r\n", b"1g\r\n", b"0x1\r\n", b"\xff\r\n"] {
            assert_eq!(size(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_believed_up_to_a_length() {
        let mut coding = Chunked::new();
        assert!(matches!(coding.advance(&[b'0'; LONGEST_LINE]), Progress::Framing(LONGEST_LINE)));
        assert!(matches!(coding.advance(b"0"), Progress::Malformed));
    }

    #[test]
    fn a_size_beyond_all_bounds_takes_all_that_follows() {
        let mut coding = Chunked::new();
        assert!(matches!(coding.advance(b"10000000000000000\r\n"), Progress::Framing(19)));
        assert!(matches!(coding.advance(b"0\r\n\r\nGET / HTTP/1.1\r\n"), Progress::Content(21)));
    }

    #[test]
    fn a_gap_inside_a_chunk_is_passed_over() {
        let mut coding = Chunked::Data(10);
        assert!(coding.skip(4));
        assert!(matches!(coding, Chunked::Data(6)));
        assert!(coding.skip(6));
        assert!(matches!(coding, Chunked::DataEnd));
        assert!(!coding.skip(1));
    }
}
