//! Times are claims of whoever wrote a capture: they may lie anywhere, and nothing comes of it but spans.

use crate::metamorphic::files::{File, read};
use crate::support::scenarios::SCENARIOS;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::Document;
use hookscope::rules::{self, Finding};
use hookscope::session::Options;
use std::path::Path;

/// What is found in a capture.
fn findings(file: &File) -> Vec<Finding> {
    let limits = Limits::default();
    let capture = Capture::from_reader(file.reader(), Path::new("capture"), 0, &limits).unwrap();
    let case = pipeline::read(Captures::new(vec![capture]), &limits, Options::default());
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, true);
    assert_eq!(document.findings.len(), findings.len());
    findings
}

#[test]
fn a_leap_over_all_of_time_between_any_two_frames_is_a_long_span() {
    let end = i64::MAX.cast_unsigned();
    let mut blamed = 0;
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name.starts_with("answered-after-")) {
        let records = read(&(scenario.build)());
        for place in 1..records.len() {
            let mut records = records.clone();
            records.iter_mut().zip(0..).for_each(|(record, index)| record.time = index);
            records[place..].iter_mut().for_each(|record| record.time = end);
            let found = findings(&File::pcapng(&records, true, false));
            let open = |finding: &&Finding| finding.message.contains("it is open who took the time");
            blamed += found.iter().filter(open).count();
        }
    }
    assert!(blamed > 0, "an acknowledgment that comes at the end of time is late");
}
