//! Words of a fixed set, found wherever they stand in a text, in either case.
//!
//! A set that is known when the program starts has to be ready soon: an automaton would take longer to make than a small
//! capture to read. And one goes from octet to octet, each step waiting for the one before it. Here a small sieve tells where
//! a word may begin, for many places at once.

use memchr::memmem::{self, Finder};
use rustc_hash::FxHashMap;

/// Octets that are sifted at once; shorter words are looked for one by one.
const GRAM: usize = 3;
/// Places in the sieve, as a power of two.
const SIEVE: u32 = 12;
/// The bit that makes a letter small. Other octets may become equal by it: the sieve lets more pass then.
const SMALL: u8 = 0x20;
/// Spreads what is nearly the same (Knuth, The Art of Computer Programming, volume 3, section 6.4); whatever stands before
/// the last three octets of a number falls out.
const SPREAD: u32 = 0x9e37_79b1 << 8;

/// A word, and the bits of what needs it.
struct Need {
    word: &'static str,
    bits: u32,
}

/// Words, each with bits.
pub(super) struct Needs {
    /// Where words may begin.
    sieve: Box<[bool; 1 << SIEVE]>,
    /// By their first octets.
    long: FxHashMap<u32, Vec<Need>>,
    /// Those of fewer octets, in either case.
    short: Vec<(Finder<'static>, u32)>,
}

impl Needs {
    /// Of words with their bits; those of equal words are put together.
    pub(super) fn new(words: impl IntoIterator<Item = (&'static str, u32)>) -> Self {
        let mut new =
            Self { sieve: Box::new([false; 1 << SIEVE]), long: FxHashMap::default(), short: Vec::new() };
        for (word, bits) in words {
            match word.as_bytes().first_chunk() {
                Some(start) => new.add(gram(*start), Need { word, bits }),
                None => new.add_short(word, bits),
            }
        }
        new
    }

    fn add(&mut self, gram: u32, new: Need) {
        if let Some(passes) = self.sieve.get_mut(place(gram)) {
            *passes = true;
        }
        let alike = self.long.entry(gram).or_default();
        match alike.iter_mut().find(|need| need.word.eq_ignore_ascii_case(new.word)) {
            Some(need) => need.bits |= new.bits,
            None => alike.push(new),
        }
    }

    fn add_short(&mut self, word: &str, bits: u32) {
        let (small, large) = (word.to_ascii_lowercase(), word.to_ascii_uppercase());
        let mut cases = vec![small, large];
        cases.dedup();
        self.short.extend(cases.into_iter().map(|word| (Finder::new(word.as_bytes()).into_owned(), bits)));
    }

    /// Tells what words a text has: their bits, and where they end. Of a word that is there more than once, the last place
    /// is among those that are told.
    pub(super) fn find(&self, text: &[u8], found: &mut impl FnMut(u32, usize)) {
        for (word, bits) in &self.short {
            if word.find(text).is_some()
                && let Some(last) = memmem::rfind(text, word.needle())
            {
                found(*bits, last + word.needle().len());
            }
        }
        let Some((before, rest)) = text.split_at_checked(GRAM - 1) else { return };
        let mut octets = before.iter().fold(0, |octets, octet| with(octets, *octet));
        for (start, octet) in rest.iter().enumerate() {
            octets = with(octets, *octet);
            if self.sieve.get(place(octets)).is_some_and(|passes| *passes) {
                let text = text.get(start..).unwrap_or_default();
                self.long_at(octets & 0x00ff_ffff, text, |need| found(need.bits, start + need.word.len()));
            }
        }
    }

    /// The words with which a text begins that has these first octets.
    #[inline(never)]
    fn long_at(&self, gram: u32, text: &[u8], found: impl FnMut(&Need)) {
        let alike = self.long.get(&gram).map(Vec::as_slice).unwrap_or_default();
        let begins = |need: &&Need| {
            text.get(..need.word.len()).is_some_and(|start| start.eq_ignore_ascii_case(need.word.as_bytes()))
        };
        alike.iter().filter(begins).for_each(found);
    }
}

/// The first octets of a word, the letters small.
fn gram(octets: [u8; GRAM]) -> u32 {
    octets.into_iter().fold(0, with)
}

/// Octets as a number, with one more.
#[inline]
fn with(octets: u32, octet: u8) -> u32 {
    octets << 8 | u32::from(octet | SMALL)
}

/// The sieve's place for a number's last three octets.
#[inline]
const fn place(octets: u32) -> usize {
    (octets.wrapping_mul(SPREAD) >> (u32::BITS - SIEVE)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    const WORDS: [&str; 12] = [
        "@",
        "k=",
        "\\u",
        "pin",
        "PIN ",
        "pass",
        "passw",
        "password ",
        "sipPassword",
        "api_key",
        "api-key",
        "-é",
    ];

    proptest! {
        #[test]
        fn what_is_found_is_what_an_automaton_finds(
            parts in prop::collection::vec(prop::sample::select(vec![
                "@", "k", "K", "=", "\\", "u", "U", "pi", "pin", "Pin ", "pas", "PASS", "sip", "word", "wOrd ", "api", "_key", "-Key", "`",
                "\u{7f}", "-é", "\u{0}",
            ]), 0..24),
        ) {
            let text = parts.concat();
            let needs = Needs::new(WORDS.into_iter().enumerate().map(|(place, word)| (word, 1 << place)));
            let (mut bits, mut ends) = (0, [0; WORDS.len()]);
            needs.find(text.as_bytes(), &mut |own: u32, end| {
                bits |= own;
                for place in (0..WORDS.len()).filter(|place| own >> place & 1 == 1) {
                    ends[place] = ends[place].max(end);
                }
            });
            let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).unwrap();
            let mut expected = [0; WORDS.len()];
            for one in automaton.find_overlapping_iter(&text) {
                expected[one.pattern().as_usize()] = one.end();
            }
            prop_assert_eq!(ends, expected);
            prop_assert_eq!(bits, (0..WORDS.len()).filter(|place| ends[*place] > 0).fold(0, |bits, place| bits | 1 << place));
        }
    }

    #[test]
    fn equal_words_are_one_with_the_bits_of_all() {
        let needs = Needs::new([("Token", 1), ("token", 2), ("@", 4), ("@", 8)]);
        let mut found = Vec::new();
        needs.find(b"a@b tOKEn", &mut |bits, end| found.push((bits, end)));
        assert_eq!(found, [(4, 2), (8, 2), (3, 9)]);
    }
}
