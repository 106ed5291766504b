//! Many words, found wherever they stand in a text.
//!
//! A capture may hold a secret for each session. Where a word could begin is told by a sieve that fits into a processor's
//! cache, and that is asked at every third place of a text; only there the words themselves, in order, are looked at.

use rustc_hash::FxHashMap;
use std::ops::Range;

/// Octets of the shortest word.
const LEAST: usize = 6;
/// Octets that are sifted at once.
const GRAM: usize = 4;
/// Places that are sifted are so far apart: wherever a word begins, one of them has a gram of its first octets.
const STRIDE: usize = LEAST - GRAM + 1;
/// Bits of the sieve for each word.
const BITS: usize = 64;
/// Bits of the smallest and of the largest sieve.
const SIEVE: (usize, usize) = (1 << 10, 1 << 24);
/// Spreads what is nearly the same (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A word, and what it belongs to.
#[derive(Debug)]
struct Word<T> {
    octets: Box<[u8]>,
    of: T,
    /// The longest other word that it begins with.
    prefix: Option<usize>,
}

/// Words of at least [`LEAST`] octets.
#[derive(Debug)]
pub(super) struct Dictionary<T> {
    /// In order.
    words: Vec<Word<T>>,
    /// Where those stand that begin with the same octets.
    places: FxHashMap<u64, Range<usize>>,
    sieve: Box<[u64]>,
}

impl<T: Copy + Ord> Dictionary<T> {
    /// Of words with what they belong to; shorter ones are left out.
    pub(super) fn new(words: impl IntoIterator<Item = (Vec<u8>, T)>) -> Self {
        let mut words: Vec<_> = words.into_iter().filter(|(word, _)| word.len() >= LEAST).collect();
        words.sort_unstable();
        words.dedup();
        let bits = (words.len() * BITS).next_power_of_two().clamp(SIEVE.0, SIEVE.1);
        let mut new = Self {
            words: Vec::with_capacity(words.len()),
            places: FxHashMap::default(),
            sieve: vec![0; bits / 64].into(),
        };
        for (octets, of) in words {
            let mut prefix = new.words.len().checked_sub(1);
            while let Some(word) = prefix.and_then(|place| new.words.get(place)) {
                if octets.starts_with(&word.octets) {
                    break;
                }
                prefix = word.prefix;
            }
            new.note(&octets);
            new.words.push(Word { octets: octets.into(), of, prefix });
        }
        new
    }

    /// Notes what the next word begins with.
    fn note(&mut self, word: &[u8]) {
        let (start, place) = (number(word.get(..LEAST).unwrap_or(word)), self.words.len());
        let grams = word.windows(GRAM).take(STRIDE).map(number);
        for number in grams.chain([start]) {
            let bit = self.bit(number);
            if let Some(part) = self.sieve.get_mut(bit / 64) {
                *part |= 1 << (bit % 64);
            }
        }
        self.places.entry(start).or_insert(place..place).end = place + 1;
    }

    /// Whether there are no words.
    pub(super) const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The sieve's bit for a number.
    const fn bit(&self, number: u64) -> usize {
        (number.wrapping_mul(SPREAD) >> 40) as usize & (self.sieve.len() * 64 - 1)
    }

    /// Whether the sieve holds a number; `false` is certain.
    fn is_sifted(&self, number: u64) -> bool {
        let bit = self.bit(number);
        self.sieve.get(bit / 64).is_some_and(|part| part >> (bit % 64) & 1 == 1)
    }

    /// Those words that begin so.
    fn beginning(&self, start: &[u8]) -> Option<&Range<usize>> {
        let start = number(start);
        if self.is_sifted(start) { self.places.get(&start) } else { None }
    }

    /// Where words may begin, and which.
    fn starts<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, &'t Range<usize>)> + 't {
        let grams = text.windows(GRAM).enumerate().step_by(STRIDE);
        let sifted = grams.filter(|(_, gram)| self.is_sifted(number(gram)));
        let starts = sifted.flat_map(|(at, _)| at.saturating_sub(STRIDE - 1)..=at);
        starts.filter_map(|at| Some((at, self.beginning(text.get(at..at + LEAST)?)?)))
    }

    /// Whether a text may begin like a word; `false` is certain.
    pub(super) fn may_begin(&self, text: &[u8]) -> bool {
        text.get(..LEAST).is_some_and(|start| self.beginning(start).is_some())
    }

    /// Where words stand in a text, in each other or not: the beginning and the length. Returns the last place where any may
    /// begin; behind it surely none does.
    pub(super) fn find(&self, text: &[u8], found: &mut dyn FnMut(T, usize, usize)) -> Option<usize> {
        let mut last = None;
        self.starts(text).for_each(|(at, places)| {
            last = Some(at);
            let rest = text.get(at..).unwrap_or_default();
            let alike = self.words.get(places.clone()).unwrap_or_default();
            // Whatever stands between a word and a text that begins with it in order, begins with it as well.
            let behind = places.start + alike.partition_point(|word| *word.octets <= *rest);
            let mut place = behind.checked_sub(1).filter(|place| *place >= places.start);
            while let Some(word) = place.and_then(|place| self.words.get(place)) {
                if rest.starts_with(&word.octets) {
                    found(word.of, at, word.octets.len());
                }
                place = word.prefix;
            }
        });
        last
    }

    /// Whether a text is the beginning of a word.
    pub(super) fn begins(&self, text: &[u8], of: impl Fn(T) -> bool) -> bool {
        let at = self.words.partition_point(|word| *word.octets < *text);
        let with = self.words.get(at..).unwrap_or_default();
        with.iter().take_while(|word| word.octets.starts_with(text)).any(|word| of(word.of))
    }
}

/// Octets as a number.
fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_is_what_an_automaton_finds(
            words in prop::collection::btree_set("[ab]{6,9}|[a-c]{6}", 1..12),
            text in "[abc]{0,60}",
        ) {
            let words: Vec<_> = words.into_iter().collect();
            let dictionary = Dictionary::new(words.iter().enumerate().map(|(place, word)| (word.clone().into_bytes(), place)));
            let mut found = Vec::new();
            let last = dictionary.find(text.as_bytes(), &mut |of, at, length| found.push((of, at, at + length)));
            found.sort_unstable();
            let automaton = AhoCorasick::new(&words).unwrap();
            let mut expected: Vec<_> = automaton
                .find_overlapping_iter(&text)
                .map(|one| (one.pattern().as_usize(), one.start(), one.end()))
                .collect();
            expected.sort_unstable();
            prop_assert!(found.iter().all(|(_, at, _)| Some(*at) <= last));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn beginnings_of_words_are_known() {
        let words = [("abcdefgh", 1), ("abcdefxx", 2)];
        let dictionary = Dictionary::new(words.map(|(word, of)| (word.as_bytes().to_vec(), of)));
        assert!(dictionary.begins(b"abcdef", |of| of == 2) && dictionary.begins(b"abcdefgh", |of| of == 1));
        assert!(!dictionary.begins(b"abcdefg", |of| of == 2) && !dictionary.begins(b"abcdefghi", |_| true));
    }
}
