//! Many words, found wherever they stand in a text.
//!
//! A capture may hold a secret for each session. Where a word could begin is told by a sieve that fits into a processor's
//! cache, and that is asked at some places of a text only; only there the words themselves, in order, are looked at. Long
//! words are sifted apart: fewer places do for them, and more octets are seldom the same by chance.

use rustc_hash::FxHashMap;
use std::ops::Range;

/// Octets of the shortest word, and those by which words are told apart first.
const LEAST: usize = 6;
/// Octets of the shortest long word.
const LONG: usize = 16;
/// Bits of the sieve for each word.
const BITS: usize = 64;
/// Bits of the smallest and of the largest sieve.
const SIEVE: (usize, usize) = (1 << 10, 1 << 26);
/// Spreads what is nearly the same (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Words of at least [`LEAST`] octets.
#[derive(Debug)]
pub(super) struct Dictionary<T> {
    short: Words<T, LEAST, 4>,
    long: Words<T, LONG, 8>,
}

impl<T: Copy + Ord> Dictionary<T> {
    /// Of words with what they belong to; shorter ones are left out.
    pub(super) fn new(words: impl IntoIterator<Item = (Vec<u8>, T)>) -> Self {
        let words = words.into_iter().filter(|(word, _)| word.len() >= LEAST);
        let (long, short): (Vec<_>, _) = words.partition(|(word, _)| word.len() >= LONG);
        Self { short: Words::new(short), long: Words::new(long) }
    }

    /// Whether there are no words.
    pub(super) const fn is_empty(&self) -> bool {
        self.short.sorted.is_empty() && self.long.sorted.is_empty()
    }

    /// Whether a text may begin like a word; `false` is certain.
    pub(super) fn may_begin(&self, text: &[u8]) -> bool {
        self.short.beginning(text).is_some() || self.long.beginning(text).is_some()
    }

    /// Where words stand in a text, in each other or not: the beginning and the length. Returns the last place where any may
    /// begin, be it cut at the text's end; behind it surely none does.
    pub(super) fn find(&self, text: &[u8], found: &mut dyn FnMut(T, usize, usize)) -> Option<usize> {
        self.short.find(text, found).max(self.long.find(text, found))
    }

    /// Whether a text is the beginning of a word.
    pub(super) fn begins(&self, text: &[u8], of: impl Fn(T) -> bool) -> bool {
        self.short.begins(text, &of) || self.long.begins(text, &of)
    }
}

/// A word, and what it belongs to.
#[derive(Debug)]
struct Word<T> {
    octets: Box<[u8]>,
    of: T,
    /// The longest other word that it begins with.
    prefix: Option<usize>,
}

/// Words of at least `SHORTEST` octets, of which `GRAM` are sifted at once.
#[derive(Debug)]
struct Words<T, const SHORTEST: usize, const GRAM: usize> {
    /// In order.
    sorted: Vec<Word<T>>,
    /// Where those stand that begin with the same [`LEAST`] octets.
    places: FxHashMap<u64, Range<usize>>,
    sieve: Box<[u64]>,
}

impl<T: Copy + Ord, const SHORTEST: usize, const GRAM: usize> Words<T, SHORTEST, GRAM> {
    /// Places that are sifted are so far apart: wherever a word begins, one of them has a gram of its first octets.
    const STRIDE: usize = SHORTEST - GRAM + 1;

    fn new(mut words: Vec<(Vec<u8>, T)>) -> Self {
        words.sort_unstable();
        words.dedup();
        let bits = words.len().saturating_mul(BITS).clamp(SIEVE.0, SIEVE.1).next_power_of_two();
        let mut new = Self {
            sorted: Vec::with_capacity(words.len()),
            places: FxHashMap::default(),
            sieve: vec![0; bits / 64].into(),
        };
        for (octets, of) in words {
            let mut prefix = new.sorted.len().checked_sub(1);
            while let Some(word) = prefix.and_then(|place| new.sorted.get(place)) {
                if octets.starts_with(&word.octets) {
                    break;
                }
                prefix = word.prefix;
            }
            new.note(&octets);
            new.sorted.push(Word { octets: octets.into(), of, prefix });
        }
        new
    }

    /// Notes what the next word begins with.
    fn note(&mut self, word: &[u8]) {
        let Some(start) = start(word) else { return };
        let grams = word.windows(GRAM).take(Self::STRIDE).map(number);
        for number in grams.chain([start]) {
            let (place, bits) = self.bits(number);
            if let Some(part) = self.sieve.get_mut(place) {
                *part |= bits;
            }
        }
        let place = self.sorted.len();
        self.places.entry(start).or_insert(place..place).end = place + 1;
    }

    /// The sieve's part for a number, and the bits of it that tell.
    #[inline]
    const fn bits(&self, number: u64) -> (usize, u64) {
        let spread = number.wrapping_mul(SPREAD);
        (
            (spread >> 40) as usize & (self.sieve.len() - 1),
            1 << (spread >> 34 & 63) | 1 << (spread >> 28 & 63),
        )
    }

    /// Whether the sieve holds a number; `false` is certain.
    #[inline]
    fn is_sifted(&self, number: u64) -> bool {
        let (place, bits) = self.bits(number);
        self.sieve.get(place).is_some_and(|part| part & bits == bits)
    }

    /// Those words that begin so.
    fn beginning(&self, text: &[u8]) -> Option<&Range<usize>> {
        let start = start(text)?;
        if self.is_sifted(start) { self.places.get(&start) } else { None }
    }

    /// Where words may begin, in order.
    fn starts(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        // Behind the first of these a word is cut.
        let whole = (text.len() + 1).saturating_sub(SHORTEST);
        let grams = text.windows(GRAM).enumerate().step_by(Self::STRIDE);
        // Its length is known to the compiler then.
        let number = |gram: &[u8]| gram.first_chunk::<GRAM>().map_or(0, |gram| number(gram));
        let sifted = grams.filter(move |(_, gram)| self.is_sifted(number(gram)));
        let starts = sifted.flat_map(move |(at, _)| at.saturating_sub(Self::STRIDE - 1)..whole.min(at + 1));
        starts.chain(whole..text.len())
    }

    /// As [`Dictionary::find`].
    fn find(&self, text: &[u8], found: &mut dyn FnMut(T, usize, usize)) -> Option<usize> {
        if self.sorted.is_empty() {
            return None;
        }
        let mut last = None;
        self.starts(text).for_each(|at| {
            let rest = text.get(at..).unwrap_or_default();
            let Some(places) = self.beginning(rest) else { return };
            last = Some(at);
            let alike = self.sorted.get(places.clone()).unwrap_or_default();
            // Whatever stands between a word and a text that begins with it in order, begins with it as well.
            let behind = places.start + alike.partition_point(|word| *word.octets <= *rest);
            let mut place = behind.checked_sub(1).filter(|place| *place >= places.start);
            while let Some(word) = place.and_then(|place| self.sorted.get(place)) {
                if rest.starts_with(&word.octets) {
                    found(word.of, at, word.octets.len());
                }
                place = word.prefix;
            }
        });
        last
    }

    /// As [`Dictionary::begins`].
    fn begins(&self, text: &[u8], of: impl Fn(T) -> bool) -> bool {
        let at = self.sorted.partition_point(|word| *word.octets < *text);
        let with = self.sorted.get(at..).unwrap_or_default();
        with.iter().take_while(|word| word.octets.starts_with(text)).any(|word| of(word.of))
    }
}

/// What a word begins with.
#[inline]
fn start(word: &[u8]) -> Option<u64> {
    word.first_chunk::<LEAST>().map(|start| number(start))
}

/// Octets as a number.
#[inline]
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
            words in prop::collection::btree_set("[ab]{6,9}|[a-c]{6}|[ab]{14,18}|a{13,17}[ab]{0,9}", 1..12),
            parts in prop::collection::vec(("[ab]{0,20}|a{0,30}", any::<prop::sample::Index>(), 1..40_usize), 0..6),
        ) {
            let words: Vec<_> = words.into_iter().collect();
            let part = |(other, index, length): &(String, prop::sample::Index, usize)| {
                let word = index.get(&words);
                other.clone() + word.get(..*length).unwrap_or(word)
            };
            let text: String = parts.iter().map(part).collect();
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
            let cut =
                |rest: &[u8]| rest.len() >= LEAST && words.iter().any(|word| word.as_bytes().starts_with(rest));
            for at in (0..text.len()).filter(|at| cut(&text.as_bytes()[*at..])) {
                prop_assert!(Some(at) <= last && dictionary.may_begin(&text.as_bytes()[at..]));
            }
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
