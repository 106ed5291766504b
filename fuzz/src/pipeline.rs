//! The whole way: any octets make a case, and what is found points at frames that are there.

use crate::small_limits;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::report::Document;
use hookscope::session::{Case, Options};
use hookscope::{pipeline, rules};
use std::io::Cursor;
use std::path::Path;

/// The case of a capture; `None` where it is none.
pub(crate) fn case(input: &[u8], name: &str, limits: &Limits) -> Option<Case> {
    let reader = Box::new(Cursor::new(input.to_vec()));
    let capture = Capture::from_reader(reader, Path::new(name), 0, limits).ok()?;
    let options = Options { keep_exchanges: true, ..Options::default() };
    Some(pipeline::read(Captures::new(vec![capture]), limits, options))
}

/// Checks an input that is a capture file, or was one.
pub fn check(input: &[u8]) {
    for limits in [Limits::default(), small_limits()] {
        let Some(case) = case(input, "input.pcap", &limits) else { continue };
        let (findings, verdict) = rules::judge(&case);
        assert!(case.hooks.len() <= limits.hooks, "{} hooks", case.hooks.len());
        let frames = case.captures.iter().map(|capture| capture.frames).sum::<u64>();
        let report = Document::new(&case, &findings, &verdict, true);
        let report = serde_json::to_value(&report).unwrap();
        for finding in report["findings"].as_array().unwrap() {
            for frame in finding["frames"].as_array().into_iter().flatten() {
                let number = frame.as_u64().unwrap();
                assert!((1..=frames).contains(&number), "{finding}: there are {frames} frames");
            }
        }
    }
}
