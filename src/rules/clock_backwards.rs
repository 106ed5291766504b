use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Frames whose time lies more than a second before that of frames in front of them.
    ///
    /// ## Why it matters
    /// The clock was set while capturing, or files were joined in the wrong order. Latencies and waiting times across the
    /// step are wrong.
    ///
    /// ## What to do
    /// Keep the clock by NTP without steps; join files with `mergecap -w all.pcap <files>`.
    ///
    /// ## When it is wrong
    /// Never about the times in the file.
    "clock-backwards", Note, Capture, "time runs backwards in the capture", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "time");
        (
            format!("the clock runs backwards {count}"),
            format!("Time runs backwards {count}: latencies and waiting times across the step are wrong."),
        )
    };
    let remedy =
        "Keep the clock of the capturing machine by NTP without steps; join capture files with mergecap.";
    capture_facts::report(case, findings, &RULE, FactKind::ClockBackwards, words, remedy);
}
