use super::attempts;
use super::describe;
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::fact::FactKind;
use crate::session::{Case, Target};

rule! {
    /// ## What it detects
    /// Segments to and from a backend that are sent again, beyond a share of all: packets are lost on the way, or come too
    /// late.
    ///
    /// ## Why it matters
    /// Each loss delays a hook by a fifth of a second or more, and the call or stream that waits for it.
    ///
    /// ## What to do
    /// Look for an overloaded link, a duplex mismatch, a virtual machine without CPU time, or a firewall that drops packets
    /// between WCS and the backend: `ss -ti`, `mtr`, `ethtool -S` on both hosts.
    ///
    /// ## When it is wrong
    /// When the capture itself holds packets twice in a way that is not told from sending again: it is only possible where
    /// as many copies were told as segments sent again.
    "network-loss", Warning, Network, "many segments between WCS and a backend are sent again", check
}

/// Segments sent again below which nothing is said, and the share of all, in percent.
const LEAST: u64 = 5;
const SHARE: u64 = 3;

fn check(case: &Case, findings: &mut Findings) {
    let of_hooks = attempts::relevant(case).into_iter().filter(|(sure, _)| *sure == Confidence::Confirmed);
    for target in of_hooks.map(|(_, target)| target).filter(is_case) {
        let Some(evidence) = Evidence::of_frames(&target.resent_proof, target.resent) else { continue };
        let Target { server, segments, resent, .. } = &target;
        let share = resent * 100 / segments.max(&1);
        let title = format!("{share} % of the segments between WCS and backend {server} are sent again");
        let resent = describe::counted(*resent, "segment");
        let message =
            format!("{resent} of {segments} with content were sent again on connections to {server}.");
        let remedy =
            "Look for loss between WCS and the backend: mtr, ss -ti, ethtool -S on both hosts.".to_owned();
        // Where a capture made many copies, not each of them may have been told from what was sent again.
        let doubtful = case.facts.count(FactKind::Duplicate) >= target.resent;
        let sure = if doubtful { Confidence::Possible } else { Confidence::Likely };
        findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(sure));
    }
}

const fn is_case(target: &Target) -> bool {
    target.resent >= LEAST && target.resent * 100 >= target.segments * SHARE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{FrameNumber, Moment};
    use crate::pipeline::read_sample;
    use crate::rules::judge;
    use crate::time::Timestamp;

    #[test]
    fn a_copy_here_and_there_is_no_reason_to_doubt() {
        let sure = |copies: u64| {
            let mut case = read_sample("network-loss.pcap");
            for _ in 0..copies {
                let at = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::default() };
                case.facts.note(FactKind::Duplicate, at);
            }
            let (findings, _) = judge(&case);
            findings.iter().find(|finding| finding.rule.name == RULE.name).unwrap().confidence
        };
        let resent =
            read_sample("network-loss.pcap").targets.iter().map(|target| target.resent).max().unwrap();
        assert_eq!([0, 1, resent - 1].map(sure), [Confidence::Likely; 3]);
        assert_eq!(sure(resent), Confidence::Possible);
    }
}
