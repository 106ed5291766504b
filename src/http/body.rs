//! The content of a message: kept up to a limit, and decoded.

use super::message::Fields;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// A message's content.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The content, decoded where [`coding`](Self::coding) could be; only what stands before the first octet that was
    /// not captured, and no more than [`Limits::body`](crate::limits::Limits::body).
    pub octets: Vec<u8>,
    /// Octets of the content as sent, without the framing of chunks; those that were not captured included.
    pub wire_len: u64,
    /// Octets of the content as sent that were not captured.
    pub missing: u64,
    /// Whether `octets` is cut by the limit.
    pub cut: bool,
    /// The codings of the content and then of its transfer, in the order in which they were applied; chunks and identity
    /// are none.
    pub coding: Option<String>,
    /// Whether the coding could not be undone, or not to its end; `octets` are what could be had, or as sent then.
    pub undecodable: bool,
}

impl Body {
    /// Adds octets as sent.
    pub(super) fn add(&mut self, octets: &[u8], limit: usize) {
        self.wire_len = self.wire_len.saturating_add(octets.len() as u64);
        // Behind what was given up, nothing is kept.
        if self.missing > 0 || self.cut {
            return;
        }
        let room = limit.saturating_sub(self.octets.len());
        self.octets.extend(octets.get(..room).unwrap_or(octets));
        self.cut |= octets.len() > room;
    }

    /// Gives up what is kept.
    pub(super) fn forget(&mut self) {
        self.octets = Vec::new();
        self.cut = true;
    }

    /// Counts octets as sent that were not captured.
    pub(super) const fn skip(&mut self, length: u64) {
        self.wire_len = self.wire_len.saturating_add(length);
        self.missing = self.missing.saturating_add(length);
    }

    /// Whether all codings are known, so that they can be undone if the octets are what they say.
    pub fn has_known_coding(&self) -> bool {
        self.coding.iter().flat_map(|codings| split(codings)).all(|coding| Coding::of(coding).is_some())
    }

    /// Undoes the codings, the last one first (RFC 9110, section 8.4; RFC 9112, section 6.1), as far as the octets go.
    pub(super) fn decode(&mut self, fields: &Fields, limit: usize) {
        let mut codings: Vec<&str> = fields.all("content-encoding").flat_map(split).collect();
        let own = codings.len();
        codings.extend(fields.transfer_codings());
        // The chunks themselves were taken off before; some proxies say twice that there are any.
        while codings.get(own..).and_then(<[_]>::last).is_some_and(|last| is_chunked(last)) {
            codings.pop();
        }
        if codings.is_empty() {
            return;
        }
        self.coding = Some(codings.join(", "));
        let mut partial = self.cut || self.missing > 0;
        let mut octets = std::mem::take(&mut self.octets);
        for coding in codings.iter().rev().take(MOST_CODINGS) {
            let decoded = Coding::of(coding).and_then(|coding| coding.undo(&octets, limit, partial));
            let Some(decoded) = decoded else {
                self.undecodable |= !octets.is_empty();
                break;
            };
            partial |= decoded.cut || decoded.damaged;
            self.cut |= decoded.cut;
            self.undecodable |= decoded.damaged;
            octets = decoded.octets;
        }
        self.undecodable |= codings.len() > MOST_CODINGS;
        self.octets = octets;
    }
}

/// More codings than any sender uses.
const MOST_CODINGS: usize = 4;

/// Whether a transfer coding is that of chunks.
pub(super) fn is_chunked(coding: &str) -> bool {
    coding.eq_ignore_ascii_case("chunked")
}

/// The members of a list of codings; identity is none.
pub(super) fn split(codings: &str) -> impl Iterator<Item = &str> {
    let members = codings.split(',').map(str::trim);
    members.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
}

/// What undoing a coding gave.
struct Decoded {
    octets: Vec<u8>,
    /// Whether the limit cut it.
    cut: bool,
    /// Whether all was there, and nevertheless an error came before the end: a wrong checksum, say.
    damaged: bool,
}

/// A content coding (RFC 9110, section 8.4.1; RFC 7932; RFC 8878).
#[derive(Clone, Copy, Debug)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    #[cfg(feature = "zstd")]
    Zstd,
}

/// The longest window of a zstd body, as a power of two (RFC 9659).
#[cfg(feature = "zstd")]
const ZSTD_WINDOW_LOG: u32 = 23;
/// Octets that brotli is fed at once.
const BROTLI_BUFFER: usize = 4 << 10;

impl Coding {
    fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" | "x-deflate" => Self::Deflate,
            "br" => Self::Brotli,
            #[cfg(feature = "zstd")]
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Undoes the coding, as far as the octets go; `None` where they are nothing of the kind.
    fn undo(self, octets: &[u8], limit: usize, partial: bool) -> Option<Decoded> {
        let read = |decoder: &mut dyn Read| {
            let mut octets = Vec::new();
            let end = decoder.take((limit as u64).saturating_add(1)).read_to_end(&mut octets);
            let cut = octets.len() > limit;
            octets.truncate(limit);
            let damaged = end.is_err() && !partial;
            (end.is_ok() || !octets.is_empty()).then_some(Decoded { octets, cut, damaged })
        };
        match self {
            Self::Gzip => read(&mut MultiGzDecoder::new(octets)),
            // By name zlib (RFC 9110, section 8.4.1.2), in practice often without its header. Without that, anything may
            // seem to begin as deflate.
            Self::Deflate => read(&mut ZlibDecoder::new(octets))
                .or_else(|| read(&mut DeflateDecoder::new(octets)).filter(|decoded| !decoded.damaged)),
            Self::Brotli => read(&mut brotli_decompressor::Decompressor::new(octets, BROTLI_BUFFER)),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(octets).ok()?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).ok()?;
                read(&mut decoder)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

    fn decoded(coding: &str, octets: Vec<u8>, missing: u64, limit: usize) -> Body {
        let mut body = Body { octets, missing, ..Body::default() };
        let mut fields = Fields::default();
        fields.push("Content-Encoding", coding);
        body.decode(&fields, limit);
        body
    }

    fn encode(mut encoder: impl Read) -> Vec<u8> {
        let mut octets = Vec::new();
        encoder.read_to_end(&mut octets).unwrap();
        octets
    }

    #[test]
    fn gzip_and_both_kinds_of_deflate_are_undone() {
        let text: &[u8] = b"{\"status\":\"ESTABLISHED\"}";
        for (coding, octets) in [
            ("gzip", encode(GzEncoder::new(text, Compression::fast()))),
            ("X-GZip", encode(GzEncoder::new(text, Compression::fast()))),
            ("deflate", encode(ZlibEncoder::new(text, Compression::fast()))),
            ("deflate", encode(DeflateEncoder::new(text, Compression::fast()))),
        ] {
            let body = decoded(coding, octets, 0, 1_000);
            assert_eq!((body.octets.as_slice(), body.undecodable), (text, false), "{coding}");
        }
    }

    /// `{"status":"ESTABLISHED"}`, as brotli writes it without compressing: one metablock of 24 octets, and the end.
    fn brotli() -> Vec<u8> {
        [&[0x8b, 0x0b, 0x80][..], TEXT, &[3]].concat()
    }

    const TEXT: &[u8] = b"{\"status\":\"ESTABLISHED\"}";

    #[test]
    fn brotli_is_undone() {
        let body = decoded("br", brotli(), 0, 1_000);
        assert_eq!((body.octets.as_slice(), body.undecodable), (TEXT, false));
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn zstd_is_undone() {
        let body = decoded("zstd", zstd::encode_all(TEXT, 3).unwrap(), 0, 1_000);
        assert_eq!((body.octets.as_slice(), body.undecodable), (TEXT, false));
    }

    #[test]
    fn several_codings_are_undone_the_last_one_first() {
        let inner = encode(ZlibEncoder::new(TEXT, Compression::fast()));
        let octets = encode(GzEncoder::new(&inner[..], Compression::fast()));
        let body = decoded("deflate, identity, gzip", octets, 0, 1_000);
        assert_eq!((body.octets.as_slice(), body.undecodable), (TEXT, false));
        assert_eq!(body.coding.as_deref(), Some("deflate, gzip"));
        let many = decoded("gzip,gzip,gzip,gzip,gzip", Vec::new(), 0, 1_000);
        assert!(many.undecodable, "more than anybody uses");
    }

    #[test]
    fn codings_of_the_transfer_are_undone_before_those_of_the_content() {
        let read = |transfer: &[&str], octets: Vec<u8>| {
            let mut body = Body { octets, ..Body::default() };
            let mut fields = Fields::default();
            for codings in transfer {
                fields.push("Transfer-Encoding", codings);
            }
            fields.push("Content-Encoding", "deflate");
            body.decode(&fields, 1_000);
            (body.coding.unwrap(), body.octets == TEXT, body.undecodable)
        };
        let content = || encode(ZlibEncoder::new(TEXT, Compression::fast()));
        let both = || encode(GzEncoder::new(&content()[..], Compression::fast()));
        assert_eq!(read(&["gzip, chunked"], both()), ("deflate, gzip".to_owned(), true, false));
        assert_eq!(read(&["gzip"], both()), ("deflate, gzip".to_owned(), true, false));
        assert_eq!(read(&["Chunked", "chunked, identity"], content()), ("deflate".to_owned(), true, false));
        // What chunks inside another coding hold is not known, nor is what an unknown coding makes of it.
        let (coding, _, undecodable) = read(&["chunked, gzip"], both());
        assert_eq!((coding.as_str(), undecodable), ("deflate, chunked, gzip", true));
        assert!(read(&["exi, chunked"], content()).2);
    }

    #[test]
    fn a_decompression_bomb_stops_at_the_limit() {
        let octets = encode(GzEncoder::new(&vec![0; 1 << 20][..], Compression::best()));
        let body = decoded("gzip", octets, 0, 1_000);
        assert_eq!((body.octets.len(), body.cut), (1_000, true));
    }

    #[test]
    fn what_cannot_be_undone_is_kept_as_sent_and_said() {
        let body = decoded("gzip", b"not gzip".to_vec(), 0, 1_000);
        assert_eq!((body.octets.as_slice(), body.undecodable), (&b"not gzip"[..], true));
        assert!(decoded("unknown", b"abc".to_vec(), 0, 1_000).undecodable);
    }

    #[test]
    fn a_wrong_checksum_is_said_and_costs_nothing() {
        let mut octets = encode(GzEncoder::new(TEXT, Compression::fast()));
        let checksum = octets.len() - 8;
        octets[checksum] ^= 1;
        let body = decoded("gzip", octets, 0, 1_000);
        assert_eq!((body.octets.as_slice(), body.undecodable), (TEXT, true));
    }

    #[test]
    fn a_cut_body_is_decoded_as_far_as_it_goes() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut octets = encode(GzEncoder::new(&text[..], Compression::fast()));
        octets.truncate(octets.len() / 2);
        let body = decoded("gzip", octets, 1, 1 << 20);
        assert!(!body.undecodable && text.starts_with(&body.octets) && body.octets.len() > 1_000);
    }
}
