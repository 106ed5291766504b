//! Finds values that are known, wherever they stand and however they are written.

use super::dictionary::Dictionary;
use super::view::{canonical, canonical_octets};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::ops::Range;

/// Secrets that are looked for.
const MOST: usize = 1_000_000;
/// Secrets that are looked for in Base64 as well.
const MOST_IN_BASE64: usize = 10_000;
/// Octets at the end of a text that may be a secret's beginning.
const TAIL: usize = 512;

/// How a word of the dictionary is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// Whichever way: the canonical form.
    Canonical,
    /// As it is.
    Plain,
    /// In Base64.
    Encoded,
}

/// Values that are known.
pub(super) struct Known(Dictionary<Written>);

impl Known {
    pub(super) fn new(values: &BTreeSet<String>) -> Self {
        let forms = values.iter().take(MOST).flat_map(|value| {
            let form = canonical_octets(value.as_bytes()).into_owned();
            [(value.as_bytes().to_vec(), Written::Plain), (form, Written::Canonical)]
        });
        let encoded = values.iter().take(MOST_IN_BASE64).flat_map(|value| in_base64(value.as_bytes()));
        Self(Dictionary::new(forms.chain(encoded.map(|form| (form, Written::Encoded)))))
    }

    /// Where known values stand.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let octets = text.as_bytes();
        if self.0.is_empty() {
            return found;
        }
        // What stands around a match in Base64 is looked at as it is written: a line's end ends it.
        let mut add = |written: Written, range: Range<usize>| {
            found.push(if written == Written::Encoded { whole_word(octets, range) } else { range });
        };
        let last = self.0.find(octets, &mut |written, at, length| add(written, at..at + length));
        let Some(view) = canonical(octets) else {
            found.extend(self.beginning(octets, last));
            return found;
        };
        let source = |at, length| view.source(&(at..at + length));
        let last = self.0.find(view.octets(), &mut |written, at, length| add(written, source(at, length)));
        let beginning = self.beginning(view.octets(), last);
        found.extend(beginning.map(|start| view.source(&start).start..text.len()));
        found
    }

    /// A known value's beginning at a text's end; behind `last` none begins.
    fn beginning(&self, octets: &[u8], last: Option<usize>) -> Option<Range<usize>> {
        let first = octets.len().saturating_sub(TAIL);
        (first..=last?).map(|start| start..octets.len()).find(|range| {
            let tail = octets.get(range.clone()).unwrap_or_default();
            self.0.may_begin(tail) && self.0.begins(tail, |written| written == Written::Canonical)
        })
    }
}

/// What shows of a value in Base64, whatever stands before and behind it.
fn in_base64(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for (before, padding) in [&[][..], &[0], &[0, 0]].into_iter().enumerate() {
        let padded = [padding, value].concat();
        let whole = padded.len() / 3 * 3;
        let skipped = if before == 0 { 0 } else { 4 };
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(padded.get(..whole).unwrap_or_default());
            forms.extend(
                text.get(skipped..).filter(|text| text.len() >= 8).map(|text| text.as_bytes().to_vec()),
            );
        }
    }
    forms.into_iter().collect()
}

/// The range widened to the characters of Base64 around it.
fn whole_word(octets: &[u8], range: Range<usize>) -> Range<usize> {
    let part = |octet: &&u8| octet.is_ascii_alphanumeric() || b"+/-_=".contains(octet);
    let before = octets.get(..range.start).unwrap_or_default().iter().rev().take_while(part).count();
    let behind = octets.get(range.end..).unwrap_or_default().iter().take_while(part).count();
    range.start - before..range.end + behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_value_is_found_however_it_is_written() {
        let known = Known::new(&BTreeSet::from(["s3/cret\"w\u{f6}rd".to_owned()]));
        for text in [
            "x s3/cret\"w\u{f6}rd y".to_owned(),
            r#"x s3\/cret\"w\u00f6rd y"#.to_owned(),
            r#"x s3\\\/cret\\\"w\\u00f6rd y"#.to_owned(),
            "x s3%2Fcret%22w%c3%b6rd y".to_owned(),
        ] {
            let found = known.find(&text);
            let [first, ..] = found.as_slice() else { panic!("{text}") };
            assert_eq!((first.start, first.end), (2, text.len() - 2), "{text}");
        }
        for before in ["", "a", "ab", "abc"] {
            let text = STANDARD.encode(format!("{before}s3/cret\"w\u{f6}rd!"));
            assert_eq!(known.find(&text).first(), Some(&(0..text.len())), "{before}");
        }
        assert_eq!(known.find("it was s3/cre").first(), Some(&(7..13)), "cut");
        assert!(known.find("s3/other, s3/cr").is_empty());
    }

    #[test]
    fn a_value_that_is_cut_is_found_however_long_it_is() {
        let value = "0123456789abcdef".repeat(3);
        let known = Known::new(&BTreeSet::from([value.clone()]));
        for length in 6..value.len() {
            let text = format!("it was {}", value.get(..length).unwrap());
            assert_eq!(known.find(&text).first(), Some(&(7..text.len())), "{length}");
        }
    }
}
