use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// TCP segments of which the capture holds only the beginning, because of the snap length (`tcpdump -s`).
    ///
    /// ## Why it matters
    /// Bodies of hooks are cut: a call with its SDP is longer than 4096 octets. Method, ids and status usually stand in the
    /// part that is there.
    ///
    /// ## What to do
    /// Capture with `tcpdump -i any -s 0 -w log.pcap`.
    ///
    /// ## When it is wrong
    /// Never; but the cut segments need not belong to hooks.
    "snaplen-cut", Note, Capture, "packets were cut by the snap length", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "TCP segment");
        let title = format!("{count} cut by the snap length");
        (title, format!("Of {count} only the beginning was captured: bodies of hooks may be incomplete."))
    };
    let remedy = "Capture again with tcpdump -i any -s 0 -w log.pcap.";
    capture_facts::report(case, findings, &RULE, FactKind::SnaplenCut, words, remedy);
}
