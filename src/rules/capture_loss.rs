use super::capture_facts;
use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Octets that were received, as acknowledgments or later segments prove, but that the capture does not hold; packets
    /// that the capturing system says it dropped; IP datagrams of which fragments are missing; frames that cannot be
    /// decoded: unknown link types, headers that are cut.
    ///
    /// ## Why it matters
    /// Hooks, or parts of them, may be among what is missing. Nothing that should have come at that time is called missing
    /// for sure.
    ///
    /// ## What to do
    /// Capture with a larger buffer (`tcpdump -B 65536`) and a filter on the backend's ports, and write to a fast disk.
    ///
    /// ## When it is wrong
    /// When octets were captured, but long after their acknowledgment.
    "capture-loss", Note, Capture, "packets are missing from the capture", check
}

/// Link types that are told each by itself.
const LISTED_TYPES: usize = 8;

fn check(case: &Case, findings: &mut Findings) {
    let remedy = "Capture again with a larger buffer and a filter: tcpdump -i any -s 0 -B 65536 -w log.pcap port <backend>.";
    let gaps = |fact: &Fact| {
        let count = describe::counted(fact.count, "gap");
        (
            format!("{count} in TCP connections: packets are missing from the capture"),
            format!(
                "{count} in TCP connections: octets that were received on the wire, but were not captured."
            ),
        )
    };
    capture_facts::report(case, findings, &RULE, FactKind::Gap, gaps, remedy);
    let dropped = |fact: &Fact| {
        let title = format!("the capturing system dropped {}", describe::counted(fact.count, "packet"));
        (title, format!("{}.", fact.detail.as_deref().unwrap_or("Packets were dropped")))
    };
    capture_facts::report(case, findings, &RULE, FactKind::DroppedByCapture, dropped, remedy);
    let fragments = |fact: &Fact| {
        let count = describe::counted(fact.count, "IP datagram");
        (
            format!("{count} incomplete: fragments are missing from the capture"),
            format!("{count} of which fragments were not captured; what they carry is not known."),
        )
    };
    capture_facts::report(case, findings, &RULE, FactKind::Fragment, fragments, remedy);
    let malformed = |fact: &Fact| {
        let count = describe::counted(fact.count, "packet");
        (
            format!("{count} with headers that are cut or make no sense"),
            format!("{count} could not be decoded."),
        )
    };
    capture_facts::report(case, findings, &RULE, FactKind::MalformedPacket, malformed, remedy);
    not_decoded(case, findings);
}

/// Frames of link types that this program does not know: the first ones each by itself.
fn not_decoded(case: &Case, findings: &mut Findings) {
    let remedy = "Capture on an Ethernet interface, or on all: tcpdump -i any -s 0 -w log.pcap.";
    let unknown = |(kind, fact)| match kind {
        FactKind::UnknownLinkType(number) => Some((kind, number, fact)),
        _ => None,
    };
    let mut unknown = case.facts.iter().filter_map(unknown);
    for (kind, number, _) in unknown.by_ref().take(LISTED_TYPES) {
        let words = |fact: &Fact| {
            let count = describe::counted(fact.count, "frame");
            let title = format!("{count} of link type {number} not decoded");
            (
                title,
                format!(
                    "{count} are of link type {number}, which is not decoded; what they carry is not known."
                ),
            )
        };
        capture_facts::report(case, findings, &RULE, kind, words, remedy);
    }
    let more: Vec<&Fact> = unknown.map(|(_, _, fact)| fact).collect();
    let Some(first) = more.first() else { return };
    let frames = more.iter().fold(0, |frames: u64, fact| frames.saturating_add(fact.count));
    let (since, until) =
        (more.iter().filter_map(|fact| fact.first).min(), more.iter().filter_map(|fact| fact.last).max());
    let evidence = Evidence::of_capture(&first.frames, frames, since, until);
    let title =
        format!("{} of {} more link types not decoded", describe::counted(frames, "frame"), more.len());
    let message = format!("{title}; what they carry is not known.");
    findings.add(Finding::new(&RULE, title, message, remedy.to_owned(), evidence));
}
