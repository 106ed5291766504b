use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Packets that were captured twice: on several interfaces (`-i any` with bridges or containers), or from a mirror port.
    /// The copy of a large packet may be cut into smaller ones, where an interface does that itself.
    ///
    /// ## Why it matters
    /// It does not harm: copies are set aside, and are neither retransmissions nor repeated hooks. Wireshark reports them as
    /// retransmissions, though, and the network looks lossy.
    ///
    /// ## What to do
    /// Nothing; to avoid it, capture on one interface.
    ///
    /// ## When it is wrong
    /// A retransmission within 2 ms, or with the same IP identification within 100 ms, is taken for a copy.
    "duplicate-packets", Note, Capture, "packets were captured twice", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "TCP packet");
        (
            format!("{count} captured twice"),
            format!(
                "{count} captured twice and set aside; Wireshark calls them retransmissions, which they are not."
            ),
        )
    };
    let remedy = "Nothing needs to be done; to avoid copies, capture on one interface instead of any.";
    capture_facts::report(case, findings, &RULE, FactKind::Duplicate, words, remedy);
}
