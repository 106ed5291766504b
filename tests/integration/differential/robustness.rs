//! Damaged captures: whatever a file holds, decoding it ends, without panic and within the limits.

use super::{captures, in_parallel};
use crate::folder;
use crate::support::random::Random;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::pipeline::Decoder;
use std::io::Cursor;
use std::path::Path;

/// A cut after every octet that is a multiple of it; of large samples fewer.
const CUT_EVERY: usize = 7;
const MOST_CUTS: usize = 1_500;
/// Damaged copies of each sample, and the octets changed in each.
const DAMAGED_COPIES: u64 = 150;
const DAMAGES: u64 = 40;

/// Decodes octets as far as they go; returns how many exchanges and connection attempts there are.
fn decode(octets: &[u8], limits: &Limits) -> usize {
    let reader = Box::new(Cursor::new(octets.to_vec()));
    let Ok(capture) = Capture::from_reader(reader, Path::new("damaged"), 0, limits) else { return 0 };
    let mut found = 0;
    Decoder::run(Captures::new(vec![capture]), limits, &mut |_| found += 1);
    found
}

/// Limits that every sample reaches.
fn small_limits() -> Limits {
    Limits { connections: 2, reorder_octets: 500, head: 300, body: 50, pending: 1, ..Limits::default() }
}

#[test]
fn samples_cut_anywhere_are_decoded() {
    in_parallel(&captures(&folder("samples")), |path| {
        let octets = std::fs::read(path).unwrap();
        let step = CUT_EVERY.max(octets.len() / MOST_CUTS);
        let mut most = 0;
        for length in (0..octets.len()).step_by(step) {
            most = most.max(decode(&octets[..length], &Limits::default()));
        }
        let whole = decode(&octets, &Limits::default());
        assert!(
            most <= whole + 1,
            "{}: a part has {most} exchanges and attempts, the whole {whole}",
            path.display()
        );
    });
}

#[test]
fn damaged_samples_are_decoded() {
    in_parallel(&captures(&folder("samples")), |path| {
        let octets = std::fs::read(path).unwrap();
        for seed in 0..DAMAGED_COPIES {
            let mut random = Random::new(seed);
            let mut damaged = octets.clone();
            // From few changes, which leave the file readable for long, to many.
            for _ in 0..=seed % DAMAGES {
                let at = random.place(damaged.len());
                damaged[at] ^= 1 << random.place(8);
            }
            for limits in [Limits::default(), small_limits()] {
                decode(&damaged, &limits);
            }
        }
    });
}
