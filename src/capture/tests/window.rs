//! The window that octets are read through, from a file that is decompressed, on a thread of its own or not.

use crate::capture::Meter;
use crate::capture::source::Source;
use crate::limits::Limits;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::LazyLock;
use tempfile::NamedTempFile;

/// Octets of the file, decompressed: many windows.
const LENGTH: usize = 5 << 20;

/// An octet that hardly any neighbour has.
const fn octet(at: usize) -> u8 {
    (at.wrapping_mul(0x9e37_79b9) >> 13) as u8
}

static FILE: LazyLock<NamedTempFile> = LazyLock::new(|| {
    let mut file = NamedTempFile::new().unwrap();
    let mut encoder = GzEncoder::new(&mut file, Compression::fast());
    encoder.write_all(&(0..LENGTH).map(octet).collect::<Vec<_>>()).unwrap();
    encoder.finish().unwrap();
    file
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_needed_and_taken_the_octets_come_in_order(
        steps in prop::collection::vec((prop_oneof![0..100usize, 0..70_000usize, 0..900_000usize], 0..=100usize), 1..200),
        threads in 1..3usize,
    ) {
        let limits = Limits { threads, ..Limits::default() };
        let mut source = Source::open(FILE.path(), &limits, &Meter::default()).unwrap();
        let mut at = 0;
        for (count, percent) in steps {
            let available = source.need(count);
            prop_assert!(available.len() >= count.min(LENGTH - at));
            prop_assert!(available.len() <= LENGTH - at);
            let wrong = available.iter().enumerate().find(|(place, known)| octet(at + place) != **known);
            prop_assert!(wrong.is_none(), "{wrong:?} behind {at}");
            let taken = available.len() * percent / 100;
            let begin = source.take(taken);
            prop_assert_eq!(source.taken(begin, taken).len(), taken);
            prop_assert_eq!(source.taken(begin, taken).first().copied(), (taken > 0).then(|| octet(at)));
            at += taken;
            prop_assert_eq!(source.offset(), at as u64);
        }
        while !source.need(1).is_empty() {
            let count = source.available().len();
            source.take(count);
        }
        prop_assert_eq!(source.offset(), LENGTH as u64);
        prop_assert!(source.sha256().is_some());
    }
}
