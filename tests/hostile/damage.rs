//! Damages samples in every way, and reads what is left.

use crate::support;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::pipeline::{self, Decoder};
use hookscope::report::{Document, render_json};
use hookscope::rules;
use hookscope::session::Options;
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Longer samples are left out: that each octet of them is cut or flipped takes as long as all others together.
const LONGEST: usize = 40_000;
/// Of so many damaged copies, one goes the whole way to a report; the others up to exchanges.
const WHOLE_WAY: usize = 23;
/// What a length, or a time, is set to.
const VALUES: [u32; 5] = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX];

/// A way to damage a file: how many damaged copies there are of it, and each of them.
struct Way {
    about: &'static str,
    copies: fn(&Sample) -> usize,
    damage: fn(&Sample, usize) -> Vec<u8>,
}

const WAYS: [Way; 5] = [
    Way {
        about: "cut behind each octet",
        copies: |sample| sample.octets.len(),
        damage: |sample, copy| sample.octets[..copy].to_vec(),
    },
    Way {
        about: "each octet with one bit flipped",
        copies: |sample| sample.octets.len(),
        damage: |sample, copy| {
            let mut octets = sample.octets.clone();
            octets[copy] ^= 1 << (copy.wrapping_mul(2_654_435_761) >> 7 & 7);
            octets
        },
    },
    Way {
        about: "each record exchanged with the one behind it",
        copies: |sample| sample.records.len().saturating_sub(1),
        damage: |sample, copy| {
            let (one, other) = (sample.records[copy].clone(), sample.records[copy + 1].clone());
            let octets = &sample.octets;
            [&octets[..one.start], &octets[other.clone()], &octets[one], &octets[other.end..]].concat()
        },
    },
    Way {
        about: "each record twice, or left out",
        copies: |sample| sample.records.len() * 2,
        damage: |sample, copy| {
            let Range { start, end } = sample.records[copy / 2];
            let (until, from) = if copy % 2 == 0 { (end, start) } else { (start, end) };
            [&sample.octets[..until], &sample.octets[from..]].concat()
        },
    },
    Way {
        about: "each word of a record's head set to 0, 1, 2^31 - 1, 2^31 and 2^32 - 1",
        copies: |sample| sample.records.len() * sample.words() * VALUES.len(),
        damage: |sample, copy| {
            let (place, value) = (copy / VALUES.len(), VALUES[copy % VALUES.len()]);
            let at = sample.records[place / sample.words()].start + place % sample.words() * 4;
            let mut octets = sample.octets.clone();
            let word = if sample.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
            octets[at..at + 4].copy_from_slice(&word);
            octets
        },
    },
];

/// A sample, and where its records stand.
struct Sample {
    octets: Vec<u8>,
    big_endian: bool,
    is_pcapng: bool,
    records: Vec<Range<usize>>,
}

impl Sample {
    fn new(octets: Vec<u8>) -> Self {
        let is_pcapng = octets.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]);
        let big_endian = match octets.get(..12) {
            Some([0xa1, ..]) => true,
            Some([.., 0x1a, 0x2b, 0x3c, 0x4d]) => is_pcapng,
            _ => false,
        };
        let mut sample = Self { octets, big_endian, is_pcapng, records: Vec::new() };
        let mut at = if is_pcapng { 0 } else { 24 };
        while let Some(length) = sample.length(at)
            && length >= 12
            && at + length <= sample.octets.len()
        {
            sample.records.push(at..at + length);
            at += length;
        }
        sample
    }

    /// The length of the record at a place.
    fn length(&self, at: usize) -> Option<usize> {
        let word = |at: usize| {
            let word = self.octets.get(at..at + 4)?.try_into().ok()?;
            Some(if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) } as usize)
        };
        if self.is_pcapng { word(at + 4) } else { word(at + 8).map(|length| length + 16) }
    }

    /// The words of a record's head: times and lengths, a block's type, length and what comes first in it.
    fn words(&self) -> usize {
        if self.is_pcapng { 3 } else { 4 }
    }
}

/// Damages all samples, on all cores, and prints a row for each way: how many damaged copies were read.
pub fn all() {
    let captures = support::files().into_iter().filter(|(name, _)| name != "README.md");
    let samples: Vec<Sample> =
        captures.map(|(_, octets)| Sample::new(octets)).filter(|one| one.octets.len() <= LONGEST).collect();
    for way in &WAYS {
        let (next, copies) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            while let Some(sample) = samples.get(next.fetch_add(1, Ordering::Relaxed)) {
                let count = (way.copies)(sample);
                (0..count).for_each(|copy| read(&(way.damage)(sample, copy), copy % WHOLE_WAY == 0));
                copies.fetch_add(count, Ordering::Relaxed);
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        println!("{} samples, {}\t{}", samples.len(), way.about, copies.into_inner());
    }
}

/// Reads a damaged capture; that it ends, and without a panic, is what is to be shown.
fn read(octets: &[u8], whole_way: bool) {
    let limits = Limits { digest: 0, ..Limits::default() };
    let reader = Box::new(Cursor::new(octets.to_vec()));
    let Ok(capture) = Capture::from_reader(reader, Path::new("damaged"), 0, &limits) else { return };
    let captures = Captures::new(vec![capture]);
    if !whole_way {
        Decoder::run(captures, &limits, &mut |_| ());
        return;
    }
    let case = pipeline::read(captures, &limits, Options { keep_exchanges: true, ..Options::default() });
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, true);
    render_json(&document, &mut std::io::sink()).unwrap();
}
