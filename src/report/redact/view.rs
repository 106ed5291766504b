//! Text with its escapes undone, and where in the source each octet of it stands.

use memchr::{memchr, memchr3, memchr3_iter};
use std::borrow::Cow;
use std::ops::Range;

/// Whether octets have what the canonical form has in another way, or not at all.
fn has_escaping(octets: &[u8]) -> bool {
    memchr3(b'\r', b'\n', b'\t', octets).is_some()
        || memchr3(b'\\', b'%', b'&', octets).is_some()
        || memchr3(b'+', 8, 12, octets).is_some()
}

/// Escapes inside escapes are undone that often.
const ROUNDS: usize = 6;
/// The longest character reference, as `&#x0022;`, without its ampersand.
const REFERENCE: usize = 8;

/// Text as it is meant.
#[derive(Debug, Default)]
pub(super) struct View {
    octets: Vec<u8>,
    runs: Vec<Run>,
    /// The view of which this is one.
    below: Option<Box<Self>>,
}

/// Octets of a view that have their source in common.
#[derive(Debug)]
struct Run {
    start: usize,
    source: Range<usize>,
    /// Whether each octet is one of the source; otherwise all of them mean all of it.
    copied: bool,
}

impl View {
    /// The text; an octet that is no UTF-8 is a question mark, so that places stay the same.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match str::from_utf8(&self.octets) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(plain(&self.octets)),
        }
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Where a part of the text stands in the source.
    pub(super) fn source(&self, part: &Range<usize>) -> Range<usize> {
        let behind = || self.octets.len().checked_sub(1).and_then(|last| self.source_of(last));
        let start = match self.source_of(part.start) {
            Some(source) => source.start,
            None => behind().map_or(0, |source| source.end),
        };
        let last = part.end.checked_sub(1).filter(|last| *last >= part.start);
        start..last.and_then(|last| self.source_of(last)).map_or(start, |source| source.end)
    }

    /// Where an octet stands in the source.
    fn source_of(&self, at: usize) -> Option<Range<usize>> {
        if at >= self.octets.len() {
            return None;
        }
        let run = self.runs.get(self.runs.partition_point(|run| run.start <= at).checked_sub(1)?)?;
        let own = if run.copied {
            let at = run.source.start + (at - run.start);
            at..at + 1
        } else {
            run.source.clone()
        };
        Some(match &self.below {
            Some(below) => below.source(&own),
            None => own,
        })
    }

    /// What is meant by a part of the source.
    fn put(&mut self, octets: &[u8], source: Range<usize>) {
        self.runs.push(Run { start: self.octets.len(), source, copied: false });
        self.octets.extend(octets);
    }

    /// A part of the source as it is.
    fn copy(&mut self, octets: &[u8], part: Range<usize>) {
        if let Some(copied) = octets.get(part.clone()).filter(|copied| !copied.is_empty()) {
            self.runs.push(Run { start: self.octets.len(), source: part, copied: true });
            self.octets.extend(copied);
        }
    }

    /// The same as a view of the text of another one.
    pub(super) fn of(self, below: Option<Self>) -> Self {
        Self { below: below.map(Box::new), ..self }
    }
}

/// Octets as text of the same length.
pub(crate) fn plain(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    text
}

/// The text with percent-encoding, character references and `\uXXXX` undone once; `None` where there are none.
pub(super) fn decoded(octets: &[u8]) -> Option<View> {
    let mut view = View::default();
    let mut behind = 0;
    for at in memchr3_iter(b'%', b'&', b'\\', octets) {
        let rest = octets.get(at..).filter(|_| at >= behind).unwrap_or_default();
        let meant = match rest {
            [b'%', ..] => percent(rest),
            [b'&', ..] => reference(rest),
            [b'\\', ..] => unicode(rest),
            _ => None,
        };
        if let Some((meant, length)) = meant {
            view.copy(octets, behind..at);
            view.put(&meant, at..at + length);
            behind = at + length;
        }
    }
    if behind == 0 {
        return None;
    }
    view.copy(octets, behind..octets.len());
    Some(view)
}

/// What all ways of writing a text have in common: escapes undone as often as there are any, backslashes and line ends
/// dropped, `+` read as a blank. `None` where that is the text itself.
pub(super) fn canonical(octets: &[u8]) -> Option<View> {
    if !has_escaping(octets) {
        return None;
    }
    let view = undone(octets);
    let bare = bare(view.as_ref().map_or(octets, View::octets));
    Some(bare.of(view))
}

/// The canonical form as octets.
pub(super) fn canonical_octets(octets: &[u8]) -> Cow<'_, [u8]> {
    canonical(octets).map_or(Cow::Borrowed(octets), |view| Cow::Owned(view.octets))
}

/// The text with all escapes undone.
fn undone(octets: &[u8]) -> Option<View> {
    let mut view: Option<View> = None;
    for _ in 0..ROUNDS {
        let Some(next) = decoded(view.as_ref().map_or(octets, View::octets)) else { break };
        view = Some(next.of(view));
    }
    view
}

/// Whether the bare form drops an octet.
const fn is_dropped(octet: u8) -> bool {
    matches!(octet, b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12)
}

/// The text without backslashes and line ends, written as such or as their escapes, and with blanks in place of `+`.
fn bare(octets: &[u8]) -> View {
    let mut view = View::default();
    // What ends lines is frequent in some texts, the others hardly in any.
    let has_rare = memchr3(b'\t', 8, 12, octets).is_some() || memchr(b'+', octets).is_some();
    let special = |rest: &[u8]| {
        let frequent = memchr3(b'\\', b'\n', b'\r', rest).unwrap_or(rest.len());
        let before = rest.get(..frequent).filter(|_| has_rare).unwrap_or_default();
        before.iter().position(|octet| matches!(octet, b'\t' | 8 | 12 | b'+')).unwrap_or(frequent)
    };
    let (mut at, mut escaped) = (0, false);
    while let Some(octet) = octets.get(at) {
        match octet {
            b'n' | b'r' | b't' | b'b' | b'f' if escaped => {}
            dropped if is_dropped(*dropped) => {}
            b'+' => view.put(b" ", at..at + 1),
            _ => {
                let more = special(octets.get(at + 1..).unwrap_or_default());
                view.copy(octets, at..at + 1 + more);
                at += more;
            }
        }
        escaped = *octet == b'\\';
        at += 1;
    }
    view
}

/// What a JSON string means (RFC 8259, section 7), as far as it can be told.
pub(super) fn json_string(octets: &[u8]) -> View {
    let mut view = View::default();
    let mut at = 0;
    while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
        let single = |octet: u8| Some((vec![octet], 2));
        if let Some(plain) = memchr(b'\\', rest).or(Some(rest.len())).filter(|plain| *plain > 0) {
            view.copy(octets, at..at + plain);
            at += plain;
            continue;
        }
        let meant = match rest {
            [b'\\', b'u', ..] => unicode(rest),
            [b'\\', b'n', ..] => single(b'\n'),
            [b'\\', b'r', ..] => single(b'\r'),
            [b'\\', b't', ..] => single(b'\t'),
            [b'\\', b'b', ..] => single(8),
            [b'\\', b'f', ..] => single(12),
            [b'\\', other, ..] => single(*other),
            _ => None,
        };
        let (meant, length) = meant.unwrap_or_else(|| (rest.iter().take(1).copied().collect(), 1));
        view.put(&meant, at..at + length);
        at += length;
    }
    view
}

fn hexadecimal(octets: &[u8]) -> Option<u32> {
    u32::from_str_radix(str::from_utf8(octets).ok()?, 16)
        .ok()
        .filter(|_| octets.iter().all(u8::is_ascii_hexdigit))
}

fn percent(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let octet = u8::try_from(hexadecimal(rest.get(1..3)?)?).ok()?;
    Some((vec![octet], 3))
}

fn utf8(letter: char) -> Vec<u8> {
    letter.to_string().into_bytes()
}

fn reference(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let length = rest.iter().take(REFERENCE + 2).position(|octet| *octet == b';')?;
    let name = rest.get(1..length)?;
    let letter = match name {
        b"quot" => '"',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hexadecimal(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((utf8(letter), length + 1))
}

/// `\uXXXX` behind any number of backslashes, or two of them that are one character.
fn unicode(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (high, length) = unit(rest)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((utf8(letter), length));
    }
    let (low, more) = rest.get(length..).and_then(unit).filter(|(low, _)| (0xdc00..0xe000).contains(low))?;
    let letter = char::from_u32(0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff))?;
    Some((utf8(letter), length + more))
}

fn unit(rest: &[u8]) -> Option<(u32, usize)> {
    let backslashes = rest.iter().take_while(|octet| **octet == b'\\').count();
    let digits = rest.get(backslashes..).and_then(|rest| rest.strip_prefix(b"u"))?.get(..4)?;
    (backslashes > 0).then_some(())?;
    Some((hexadecimal(digits)?, backslashes + 5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_octet_has_its_source_behind_that_of_the_one_before(text in "([ab+\n]|%4[12]|%25|&(lt|amp|#65);|\\\\{1,2}(u0041|n|x)?){0,12}") {
            let view = canonical(text.as_bytes()).unwrap_or_default();
            let mut before = 0..0;
            for at in 0..view.octets().len() {
                let source = view.source(&(at..at + 1));
                prop_assert!(source.start >= before.start && source.end >= before.end, "{}: {:?}", at, source);
                prop_assert!(source.start < source.end && source.end <= text.len(), "{}: {:?}", at, source);
                let (meant, written) = (view.octets()[at], &text.as_bytes()[source.clone()]);
                prop_assert!(written.len() > 1 || written == [meant] || written == b"+", "{}: {:?}", at, source);
                before = source;
            }
        }
    }

    #[test]
    fn all_ways_of_writing_a_text_have_one_form() {
        let plain = canonical_octets("a/b\"c \u{e9}\u{1f600}".as_bytes()).into_owned();
        for written in [
            r#"a\/b\"c \u00e9\ud83d\ude00"#,
            "a%2Fb%22c+%C3%A9%F0%9F%98%80",
            "a%252fb%2522c%20%c3%a9%f0%9f%98%80",
            r#"a\\\/b\\\"c \\u00e9\\ud83d\\ude00"#,
            "a/b&quot;c &#233;&#x1F600;",
        ] {
            assert_eq!(canonical_octets(written.as_bytes()), plain, "{written}");
        }
    }

    #[test]
    fn places_lead_back_to_the_source() {
        let view = canonical(br"x%41\/y").unwrap();
        assert_eq!(view.octets(), b"xA/y");
        assert_eq!((view.source(&(1..2)), view.source(&(1..3))), (1..4, 1..6));
        assert_eq!(json_string(br#"a\"b"#).source(&(1..3)), 1..4);
    }
}
