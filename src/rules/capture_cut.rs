use super::capture_facts;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// A capture file that ends in the middle of a record, cannot be read to its end, or is damaged.
    ///
    /// ## Why it matters
    /// What came after is not known: hooks that seem unanswered at the end may have been answered.
    ///
    /// ## What to do
    /// Stop tcpdump with Ctrl-C before copying the file, and copy it whole; compare sizes or checksums.
    ///
    /// ## When it is wrong
    /// Never.
    "capture-cut", Note, Capture, "the capture file ends in the middle of a packet, or is damaged", check
}

fn check(case: &Case, findings: &mut Findings) {
    let remedy = "Stop tcpdump with Ctrl-C before copying the file, copy it whole, and compare the sizes.";
    for (kind, title) in [
        (FactKind::CutShort, "the capture file ends in the middle of a packet"),
        (FactKind::ReadFailed, "the capture file could not be read to its end"),
        (FactKind::Damaged, "the capture file is damaged"),
        (FactKind::MalformedBlock, "the capture file holds blocks that make no sense"),
    ] {
        let words = |fact: &Fact| {
            let detail = fact.detail.as_deref().unwrap_or_default();
            let message = format!("{detail}. What stands there is not known.");
            (title.to_owned(), message)
        };
        capture_facts::report(case, findings, &RULE, kind, words, remedy);
    }
}
