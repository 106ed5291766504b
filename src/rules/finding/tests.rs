//! What evidence lists, and which findings explain others.

use super::*;
use crate::rules::{
    backend_error, hook_declined, network_loss, no_response, read_sample, response_timeout,
    unexpected_transition,
};

const fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_nanoseconds(milliseconds * 1_000_000)
}

fn moment(frame: u64, milliseconds: i64) -> Moment {
    Moment { frame: FrameNumber::new(0, frame), time: at(milliseconds) }
}

fn frames(numbers: impl IntoIterator<Item = u64>) -> Vec<FrameNumber> {
    numbers.into_iter().map(|number| FrameNumber::new(0, number)).collect()
}

/// A finding about hooks.
fn finding(rule: &'static Rule, hooks: &[usize]) -> Finding {
    let mut evidence = Evidence::of_capture(&[], 1, None, None);
    evidence.hooks = hooks.to_vec();
    Finding::new(rule, String::new(), String::new(), String::new(), evidence)
}

/// The places of the causes, after the findings were brought into order.
fn causes(findings: impl IntoIterator<Item = Finding>) -> Vec<Option<usize>> {
    Findings(findings.into_iter().collect()).in_order().iter().map(|finding| finding.caused_by).collect()
}

#[test]
fn evidence_lists_each_frame_and_connection_once() {
    let moments = [(3, 7, 50), (3, 2, 20), (1, 7, 90), (1, 9, 70)];
    let moments = moments.map(|(stream, frame, time)| (ConnectionId(stream), moment(frame, time)));
    let evidence = Evidence::of_frames(&moments, 40).unwrap();
    assert_eq!(evidence.frames(), frames([7, 2, 9]));
    assert_eq!(evidence.streams(), [ConnectionId(3), ConnectionId(1)]);
    assert_eq!((evidence.first(), evidence.last(), evidence.count()), (Some(at(20)), Some(at(90)), 40));
    let more = evidence.with([(ConnectionId(5), moment(4, 0))]);
    assert_eq!(more.frames(), frames([2, 4, 7, 9]));
    assert_eq!(more.streams(), [ConnectionId(3), ConnectionId(1), ConnectionId(5)]);
}

#[test]
fn evidence_lists_the_first_ones_and_counts_all() {
    let moments: Vec<_> =
        (1..=100).map(|number| (ConnectionId(number), moment(number.into(), number.into()))).collect();
    let evidence = Evidence::of_frames(&moments, 100).unwrap();
    assert_eq!(evidence.frames(), frames(1..=LISTED as u64));
    assert_eq!(evidence.streams().len(), LISTED);
    assert_eq!((evidence.last(), evidence.count()), (Some(at(100)), 100));
    let capture = Evidence::of_capture(&frames(1..=100), 7, Some(at(1)), None);
    assert_eq!((capture.frames().len(), capture.count()), (LISTED, 7));
}

#[test]
fn there_is_no_evidence_of_nothing() {
    let case = read_sample("timeout.pcap");
    assert!(Evidence::of_frames(&[], 3).is_none());
    assert!(Evidence::of_hooks(&case, &[]).is_none());
    assert!(Evidence::of_hooks(&case, &[usize::MAX]).is_none());
}

#[test]
fn hooks_are_proved_by_their_frames() {
    let case = read_sample("timeout.pcap");
    let hooks: Vec<usize> = (0..case.records(&[0, 1]).count()).collect();
    let evidence = Evidence::of_hooks(&case, &hooks).unwrap();
    let records: Vec<_> = case.records(&hooks).map(|(_, record)| record).collect();
    let mut all: Vec<_> = records.iter().flat_map(|record| record.evidence()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(hooks.len(), 2);
    assert_eq!(evidence.hooks(), hooks);
    assert_eq!(evidence.frames(), all);
    assert_eq!(evidence.first(), records.iter().map(|record| record.first.time).min());
    assert_eq!(evidence.last(), records.iter().map(|record| record.first.time).max());
    assert_eq!(evidence.count(), 2);
}

#[test]
fn only_sure_problems_move_the_verdict() {
    let counts = |severity, confidence| {
        Finding { severity, ..finding(&no_response::RULE, &[]).sure(confidence) }.counts()
    };
    for severity in [Severity::Warning, Severity::Error] {
        assert!(counts(severity, Confidence::Confirmed) && counts(severity, Confidence::Likely));
        assert!(!counts(severity, Confidence::Possible) && !counts(severity, Confidence::Unresolved));
    }
    assert!(!counts(Severity::Note, Confidence::Confirmed));
}

#[test]
fn worse_comes_first_then_surer_then_the_order_of_the_rules() {
    let some = |rule, severity, confidence| Finding { severity, ..finding(rule, &[]).sure(confidence) };
    let findings = Findings(vec![
        some(&network_loss::RULE, Severity::Warning, Confidence::Confirmed),
        some(&response_timeout::RULE, Severity::Error, Confidence::Possible),
        some(&no_response::RULE, Severity::Error, Confidence::Likely),
        some(&backend_error::RULE, Severity::Error, Confidence::Confirmed),
    ]);
    let names: Vec<_> = findings.in_order().iter().map(|finding| finding.rule.name).collect();
    assert_eq!(names, ["no-response", "backend-error", "response-timeout", "network-loss"]);
}

#[test]
fn the_first_problem_that_all_hooks_have_is_the_cause() {
    let timeout = || finding(&response_timeout::RULE, &[1, 2, 3]);
    let declined = || finding(&hook_declined::RULE, &[1, 2]);
    let transition = |hooks: &[usize]| finding(&unexpected_transition::RULE, hooks);
    assert_eq!(causes([timeout(), declined(), transition(&[1, 2])])[1..], [Some(0), Some(0)]);
    assert_eq!(causes([timeout(), transition(&[3, 4])])[1], None, "one hook is another's");
    assert_eq!(causes([timeout(), timeout()]), [None, None], "a problem does not explain itself");
    let follows = Finding { follows: vec![2], ..transition(&[9]) };
    assert_eq!(causes([timeout(), follows]), [None, Some(0)]);
}

#[test]
fn what_is_unsure_small_or_apart_explains_nothing() {
    let follower = || finding(&unexpected_transition::RULE, &[1]);
    let cause = || finding(&response_timeout::RULE, &[1]);
    let caused = |first: Finding| {
        let severity = Severity::Note;
        let findings = causes([first, Finding { severity, ..follower() }]);
        findings[1]
    };
    assert_eq!(caused(cause()), Some(0));
    assert_eq!(caused(cause().sure(Confidence::Likely)), Some(0));
    assert_eq!(caused(Finding { severity: Severity::Warning, ..cause() }), Some(0));
    assert_eq!(caused(Finding { severity: Severity::Note, ..cause() }), None);
    assert_eq!(caused(Finding { severity: Severity::Error, ..cause() }.sure(Confidence::Possible)), None);
    assert_eq!(caused(Finding { severity: Severity::Error, ..finding(&network_loss::RULE, &[1]) }), None);
    let apart = Finding { severity: Severity::Note, ..finding(&network_loss::RULE, &[1]) };
    assert_eq!(causes([cause(), apart])[1], None);
}

#[test]
fn errors_without_hooks_explain_why_there_are_none() {
    let some = |severity, hooks: &[usize]| {
        Findings(vec![Finding { severity, ..finding(&no_response::RULE, hooks) }])
    };
    assert!(some(Severity::Error, &[]).explain_absence());
    assert!(!some(Severity::Error, &[1]).explain_absence());
    assert!(!some(Severity::Warning, &[]).explain_absence());
    assert!(some(Severity::Warning, &[]).and(some(Severity::Error, &[])).explain_absence());
    assert!(!Findings::default().explain_absence());
}
