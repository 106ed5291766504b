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
    /// The value of Content-Encoding, where it is not identity.
    pub coding: Option<String>,
    /// Whether the coding could not be undone; `octets` are as sent then.
    pub undecodable: bool,
}

impl Body {
    /// Adds octets as sent.
    pub(super) fn add(&mut self, octets: &[u8], limit: usize) {
        self.wire_len += octets.len() as u64;
        if self.missing > 0 {
            return;
        }
        let room = limit.saturating_sub(self.octets.len());
        self.octets.extend(octets.get(..room).unwrap_or(octets));
        self.cut |= octets.len() > room;
    }

    /// Counts octets as sent that were not captured.
    pub(super) const fn skip(&mut self, length: u64) {
        self.wire_len = self.wire_len.saturating_add(length);
        self.missing = self.missing.saturating_add(length);
    }

    /// Whether the coding is one that can be undone, if the octets are what it says.
    pub fn is_inflatable(&self) -> bool {
        let coding = self.coding.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(coding.as_str(), "gzip" | "x-gzip" | "deflate")
    }

    /// Undoes the content coding, as far as the octets go.
    pub(super) fn decode(&mut self, fields: &Fields, limit: usize) {
        let Some(coding) =
            fields.get("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity"))
        else {
            return;
        };
        self.coding = Some(coding.to_owned());
        let partial = self.cut || self.missing > 0;
        match inflate(coding, &self.octets, limit, partial) {
            Some((octets, cut)) => {
                self.octets = octets;
                self.cut |= cut;
            }
            None => self.undecodable = !self.octets.is_empty(),
        }
    }
}

/// Undoes a coding; of damaged or `partial` octets as much as is to be had. Says whether the limit cut.
fn inflate(coding: &str, octets: &[u8], limit: usize, partial: bool) -> Option<(Vec<u8>, bool)> {
    let read = |decoder: &mut dyn Read| {
        let mut decoded = Vec::new();
        let end = decoder.take(limit as u64 + 1).read_to_end(&mut decoded);
        let cut = decoded.len() > limit;
        decoded.truncate(limit);
        (end.is_ok() || (partial && !decoded.is_empty())).then_some((decoded, cut))
    };
    match coding.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => read(&mut MultiGzDecoder::new(octets)),
        // By name zlib (RFC 9110, section 8.4.1.2), in practice often without its header.
        "deflate" => read(&mut ZlibDecoder::new(octets)).or_else(|| read(&mut DeflateDecoder::new(octets))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

    fn decoded(coding: &str, octets: Vec<u8>, missing: u64, limit: usize) -> Body {
        let mut body = Body { octets, missing, ..Body::default() };
        body.decode(&Fields(vec![("Content-Encoding".to_owned(), coding.to_owned())]), limit);
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
    fn a_cut_body_is_decoded_as_far_as_it_goes() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut octets = encode(GzEncoder::new(&text[..], Compression::fast()));
        octets.truncate(octets.len() / 2);
        let body = decoded("gzip", octets, 1, 1 << 20);
        assert!(!body.undecodable && text.starts_with(&body.octets) && body.octets.len() > 1_000);
    }
}
