//! What a worse capture may not turn into an accusation: healthy samples, cut, thinned and filtered.

use crate::samples::{read, read_within};
use crate::support::scenarios::{SCENARIOS, Scenario};
use hookscope::limits::Limits;
use hookscope::rules::{self, Confidence, VerdictState};
use hookscope::session::Case;

/// Rules that say that something was not there.
const ABSENCES: [&str; 12] = [
    "backend-unreachable",
    "connect-missing",
    "connection-closed",
    "connection-reset",
    "flow-unfinished",
    "keepalive-gap",
    "no-response",
    "request-unacknowledged",
    "response-timeout",
    "response-truncated",
    "status-event-missing",
    "unexpected-transition",
];

/// A capture's file header and its records, of classic pcap in this machine's usual byte order.
pub fn records(octets: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let little =
        octets.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]) || octets.starts_with(&[0x4d, 0x3c, 0xb2, 0xa1]);
    let (head, mut rest) = octets.split_at_checked(24).filter(|_| little)?;
    let mut records = Vec::new();
    while rest.len() >= 16 {
        let length = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (record, after) = rest.split_at_checked(length)?;
        records.push(record.to_vec());
        rest = after;
    }
    Some((head.to_vec(), records))
}

/// Judges what is known of a healthy sample, and tells what may not be said of it.
fn accusation(scenario: &Scenario, case: &Case) -> Option<String> {
    let (findings, verdict) = rules::judge(case);
    let sure = findings
        .iter()
        // What the whole sample lacks, its parts lack as well.
        .filter(|finding| !scenario.findings.contains(&finding.rule.name))
        .find(|finding| ABSENCES.contains(&finding.rule.name) && finding.confidence >= Confidence::Likely)
        .map(|finding| {
            format!("{} is {}: {}", finding.rule.name, finding.confidence.name(), finding.message)
        });
    let broken = (verdict.state == VerdictState::Broken).then(|| format!("broken: {}", verdict.headline));
    broken.or(sure)
}

/// Runs `variants` of every healthy sample's records.
fn check(variants: impl Fn(&[Vec<u8>]) -> Vec<(String, Vec<&Vec<u8>>)>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.verdict == "healthy") {
        let Some((head, records)) = records(&(scenario.build)()) else { continue };
        for (what, kept) in variants(&records) {
            count += 1;
            let octets = head.iter().chain(kept.into_iter().flatten()).copied().collect();
            if let Some(accusation) = accusation(scenario, &read(scenario.name, octets)) {
                wrong.push(format!("{} {what}: {accusation}", scenario.name));
            }
        }
    }
    assert!(count > 100, "variants were tried: {count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// At most this many variants of a sample, evenly spread.
const VARIANTS: usize = 60;

fn places(count: usize) -> impl Iterator<Item = usize> {
    (0..=count).step_by((count / VARIANTS).max(1))
}

#[test]
fn a_capture_that_ends_early_accuses_nobody() {
    check(|records| {
        places(records.len()).map(|cut| (format!("up to {cut}"), records[..cut].iter().collect())).collect()
    });
}

#[test]
fn a_capture_that_begins_late_accuses_nobody() {
    check(|records| {
        places(records.len()).map(|cut| (format!("from {cut}"), records[cut..].iter().collect())).collect()
    });
}

#[test]
fn a_frame_that_was_not_captured_accuses_nobody() {
    check(|records| {
        let without =
            |lost: usize| records.iter().enumerate().filter(move |(at, _)| *at != lost).map(|(_, one)| one);
        places(records.len()).map(|lost| (format!("without {}", lost + 1), without(lost).collect())).collect()
    });
}

#[test]
fn one_direction_alone_accuses_nobody() {
    // Addresses stand behind the link-layer header; both directions differ in the octets of source and destination.
    check(|records| {
        let ports = |record: &Vec<u8>| -> Option<(u16, u16)> {
            [16 + 14, 16 + 16, 16 + 18, 16 + 20, 16 + 4, 16].into_iter().find_map(|at| {
                let ip = record.get(at..)?;
                (ip.first() == Some(&0x45) && ip.get(9) == Some(&6)).then_some(())?;
                let port = |at: usize| Some(u16::from_be_bytes(ip.get(at..at + 2)?.try_into().ok()?));
                Some((port(20)?, port(22)?))
            })
        };
        let sides: [fn(u16, u16) -> bool; 2] =
            [|source, destination| source > destination, |source, destination| source < destination];
        sides
            .iter()
            .enumerate()
            .map(|(number, side)| {
                let kept =
                    records.iter().filter(|record| ports(record).is_none_or(|(one, other)| side(one, other)));
                (format!("direction {number}"), kept.collect())
            })
            .collect()
    });
}

#[test]
fn a_limit_that_is_reached_accuses_nobody() {
    let mut wrong = Vec::new();
    for setting in [
        "interfaces=1",
        "layers=4",
        "fragments=1",
        "connections=8",
        "reorder-octets=1",
        "reorder-total=1",
        "head=64",
        "body=16",
        "messages-total=200",
        "pending=1",
        "hooks=2",
        "attempts=1",
        "lookups=1",
    ] {
        let limits = Limits::default().with(&setting.parse().unwrap());
        for scenario in SCENARIOS.iter().filter(|scenario| scenario.verdict == "healthy") {
            let case = read_within(scenario.name, (scenario.build)(), &limits);
            let accusation = accusation(scenario, &case);
            wrong.extend(accusation.map(|words| format!("{setting}, {}: {words}", scenario.name)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn where_a_limit_hid_all_hooks_that_is_what_is_told() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "web-phone-call.pcap").unwrap();
    let limits = Limits::default().with(&"head=64".parse().unwrap());
    let (_, verdict) = rules::judge(&read_within(scenario.name, (scenario.build)(), &limits));
    assert_eq!(verdict.headline, "no hook was read, but a limit was reached");
}

#[test]
fn a_challenge_that_could_not_be_answered_yet_accuses_nobody() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "challenged.pcap").unwrap();
    let (head, records) = records(&(scenario.build)()).unwrap();
    // The first answer 401, and the whole capture but what went out behind the last one.
    for (cut, wanted) in [(14, Some(Confidence::Possible)), (23, Some(Confidence::Possible)), (25, None)] {
        let octets = head.iter().chain(records[..cut].iter().flatten()).copied().collect();
        let (findings, verdict) = rules::judge(&read(scenario.name, octets));
        let found = findings.iter().find(|finding| finding.rule.name == "authentication-required");
        assert_eq!(found.map(|finding| finding.confidence), wanted, "up to {cut}");
        assert_ne!(verdict.state, VerdictState::Broken, "up to {cut}: {}", verdict.headline);
    }
    // A capture of nothing else.
    let wanted =
        SCENARIOS.iter().find(|scenario| scenario.name == "wants-credentials-altogether.pcap").unwrap();
    let (head, records) = self::records(&(wanted.build)()).unwrap();
    let octets = head.iter().chain(records[..6].iter().flatten()).copied().collect();
    let (_, verdict) = rules::judge(&read(wanted.name, octets));
    assert!(verdict.headline.starts_with("possibly: backend"), "{}", verdict.headline);
}

#[test]
fn what_a_file_that_breaks_off_lacks_is_not_sure() {
    let octets = std::fs::read("samples/timeout.pcap").unwrap();
    for (kept, wanted) in
        [(50, "the file breaks off before its first whole packet"), (300, "TCP in the capture, but no HTTP")]
    {
        let (findings, verdict) = rules::judge(&read("timeout.pcap", octets[..kept].to_vec()));
        let found = findings.iter().find(|finding| finding.rule.name == "no-hooks").unwrap();
        assert_eq!(
            (found.confidence, verdict.headline.split(", since").next()),
            (Confidence::Likely, Some(wanted))
        );
    }
}
