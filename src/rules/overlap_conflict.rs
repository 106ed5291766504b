use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Octets that were captured twice, and are not the same: a TCP segment that sends again what had been sent, with other
    /// content, or fragments of an IP datagram that lie over each other and differ. Wireshark calls it conflicting data in
    /// segment or fragment overlap.
    ///
    /// ## Why it matters
    /// No healthy sender does it. Something on the way changes packets (a broken network card or proxy), or somebody hides
    /// from whoever watches what the receiver takes. The report shows what came first; the receiver may have taken the other.
    ///
    /// ## What to do
    /// Look at both frames in Wireshark. Capture again at the other end, and compare the two captures with
    /// `hookscope compare`.
    ///
    /// ## When it is wrong
    /// The last 2,048 octets of a direction are compared: it may miss a difference, and never invents one.
    "overlap-conflict", Note, Network, "octets were captured twice, with other content the second time", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "time");
        (
            format!("octets came again with other content, {count}"),
            format!(
                "Octets that had been captured came again with other content, {count}: the frames are those of both \
                 versions. This report shows what came first; the receiver may have taken the other."
            ),
        )
    };
    let remedy = "Look at both frames in Wireshark; capture again at the other end, and compare the two captures with \
                  hookscope compare.";
    capture_facts::report(case, findings, &RULE, FactKind::Overlap, words, remedy);
}
