//! Capture files: they are read to their end, and the same however their octets come in.

use crate::small_limits;
use hookscope::capture::{Capture, Captures};
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use std::io::{Cursor, Read};
use std::path::Path;

/// Octets that come in few at a time.
struct Drip {
    octets: Cursor<Vec<u8>>,
    step: usize,
}

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        // 1, 2, …, 7 and again.
        self.step = self.step % 7 + 1;
        let length = self.step.min(buffer.len());
        self.octets.read(&mut buffer[..length])
    }
}

/// What is read of an input.
#[derive(Debug, PartialEq)]
struct Whole {
    frames: Vec<String>,
    /// What else is known of it.
    known: String,
    /// Whether a decoder failed: how much it had decoded by then depends on how the octets came.
    broken: bool,
}

/// All that is read, frame by frame or, where it can be, by going over them.
fn read(reader: Box<dyn Read>, limits: &Limits, skims: bool) -> Option<Whole> {
    let capture = Capture::from_reader(reader, Path::new("input"), 0, limits).ok()?;
    let mut captures = Captures::new(vec![capture]);
    let (mut frames, mut facts) = (Vec::new(), Facts::default());
    while let Some(frame) = captures.next_frame(&mut facts) {
        assert_eq!(frame.number.number(), frames.len() as u64 + 1, "frames are numbered from 1");
        assert!(frame.data.len() <= limits.record, "a frame of {} octets", frame.data.len());
        frames.push(format!("{frame:?}"));
        if skims {
            captures.skim(|frame| {
                frames.push(format!("{frame:?}"));
                true
            });
        }
    }
    let summaries = captures.finish();
    assert!(summaries.iter().all(|one| one.frames == frames.len() as u64), "frames are counted");
    let broken = summaries.iter().any(|one| one.compression.is_some() && one.cut_short);
    Some(Whole { frames, known: format!("{facts:?} {summaries:?}"), broken })
}

/// Checks an input that is a capture file, or was one.
pub fn check(input: &[u8]) {
    for limits in [Limits::default(), small_limits()] {
        let octets = || Cursor::new(input.to_vec());
        let whole = read(Box::new(octets()), &limits, false);
        let dripped = read(Box::new(Drip { octets: octets(), step: 0 }), &limits, true);
        let broken = [&whole, &dripped].iter().any(|one| one.as_ref().is_some_and(|one| one.broken));
        if !broken {
            assert_eq!(whole, dripped);
        }
    }
}
