//! How sure an absence is: decided here for all rules, from how fully the window was observed.

use super::Confidence;
use crate::capture::CaptureSummary;
use crate::catalog::HookMethod;
use crate::fact::FactKind;
use crate::session::{AttemptOutcome, Case, HookRecord};
use crate::time::{Span, Timestamp};

/// Distinct methods of one application that show that all its methods were enabled (`add app-rest-method -a`).
const ALL_ENABLED: usize = 8;

/// Hooks are sent from several threads: two that are this near to each other may be captured in either order.
pub(crate) const INVERSION: Span = Span::from_milliseconds(500);

/// From when on a hook counts as captured behind something that was at `at`.
pub(super) fn earliest(at: Timestamp) -> Timestamp {
    at.plus(Span::from_nanoseconds(-INVERSION.nanoseconds()))
}

/// How long a lost client may go unnoticed: ten pings that are five seconds apart, and something over.
pub(super) const LOST_CLIENT: Span = Span::from_seconds(60);

/// Whether a capture would show a hook that was sent between two moments.
pub(crate) fn of_absence(case: &Case, from: Timestamp, until: Timestamp) -> Confidence {
    doubt(case, from, until).map_or(Confidence::Confirmed, |(sure, _)| sure)
}

/// Why a capture might not show a hook that was sent between two moments, and how sure its absence is all the same.
pub(crate) fn doubt(case: &Case, from: Timestamp, until: Timestamp) -> Option<(Confidence, &'static str)> {
    if case.end() < until {
        return Some((Confidence::Unresolved, "the capture ends before it was due"));
    }
    if is_limited(case) {
        return Some((Confidence::Unresolved, "a limit of the analysis was reached"));
    }
    let has = |kind| case.facts.count(kind) > 0;
    let cut_short = case.captures.iter().any(|capture| capture.cut_short);
    let unsure = [
        (case.facts.lost_between(from, until), "packets of that time were not captured"),
        // Requests that were not captured, somewhere: more of them may be missing.
        (case.traffic.http.orphans > 0, "there are responses whose requests were not captured"),
        (was_silent(case, from, until), "nothing at all was captured for a time then"),
        (has(FactKind::DroppedByCapture), "the capturing system dropped packets"),
        (has(FactKind::ClockBackwards), "the clock was set back"),
        (has(FactKind::Fragment), "fragments of packets were not captured"),
        (has(FactKind::MalformedHttp), "a connection could not be read as HTTP"),
        (
            cut_short && case.end().since(until) < Span::from_seconds(1),
            "the file ends in the middle of a packet",
        ),
    ];
    let (_, why) = unsure.into_iter().find(|(is_so, _)| *is_so)?;
    Some((Confidence::Possible, why))
}

/// Whether whatever captured may have stood still between two moments: it captured nothing for far longer than usual.
fn was_silent(case: &Case, from: Timestamp, until: Timestamp) -> bool {
    let mut silences = case.captures.iter().flat_map(CaptureSummary::unusual_silences);
    silences.any(|silence| silence.0 < until && silence.1 > from)
}

/// Whether a limit was reached beyond which a message may be there that was not read.
fn is_limited(case: &Case) -> bool {
    case.facts.reached_losing_limit()
}

/// Whether there is no hook, as far as can be told.
pub(super) fn shows_no_hook(case: &Case) -> bool {
    case.hooks.is_empty() && !is_limited(case)
}

/// Whether an application's method is known to be enabled: it was seen, or enough others were.
pub(super) fn is_enabled(case: &Case, like: &HookRecord, methods: &[HookMethod]) -> bool {
    let key = (like.backend, like.context.app_key.clone());
    let seen = case.applications.get(&key);
    seen.is_some_and(|seen| seen.len() >= ALL_ENABLED || methods.iter().any(|method| seen.contains(method)))
}

/// Whether an application is seen to have any of some methods.
pub(super) fn is_seen(case: &Case, like: &HookRecord, methods: &[HookMethod]) -> bool {
    let key = (like.backend, like.context.app_key.clone());
    case.applications.get(&key).is_some_and(|seen| methods.iter().any(|method| seen.contains(method)))
}

/// Whether it is known what a hook's session is configured to send: its connect response was captured whole.
pub(super) fn knows_config(case: &Case, record: &HookRecord) -> bool {
    let connect = case.session_of(record).and_then(|session| case.hooks.get(session.connect?));
    connect.and_then(|connect| connect.answer.as_ref()).is_some_and(|answer| !answer.members.is_partial())
}

/// Whether connections to a hook's backend failed between two moments: what could not be delivered then is another
/// rule's case.
pub(super) fn was_unreachable(case: &Case, record: &HookRecord, from: Timestamp, until: Timestamp) -> bool {
    case.target(record.client.ip(), record.server).is_some_and(|target| {
        let within = |at: Timestamp| at >= from && at <= until;
        let unlisted = target.failed > target.failures.len() as u64;
        target.failures.iter().any(|attempt| {
            attempt.outcome != AttemptOutcome::Connected && attempt.first().is_some_and(|at| within(at.time))
        }) || unlisted && target.last_failure.is_some_and(|last| last.time >= from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{FrameNumber, Moment};
    use crate::fact::Facts;
    use crate::limits::Limit;
    use crate::limits::Limits;
    use crate::pipeline::{Reading, read_sample};
    use crate::session::Options;

    const fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(milliseconds * 1_000_000)
    }

    fn moment(milliseconds: i64) -> Moment {
        Moment { frame: FrameNumber::new(0, 1), time: at(milliseconds) }
    }

    /// A capture of ten seconds, all of which was captured.
    fn case() -> Case {
        let mut case =
            Reading::new(&Limits::default(), Options::default()).finish(Vec::new(), Facts::default());
        case.traffic.last = Some(moment(10_000));
        case
    }

    fn capture(cut_short: bool) -> CaptureSummary {
        let (first_time, last_time) = (Some(at(0)), Some(at(10_000)));
        CaptureSummary { frames: 9, first_time, last_time, cut_short, ..CaptureSummary::default() }
    }

    /// How sure it is that what was due from the first second to `until` is missing.
    fn sure(change: impl FnOnce(&mut Case), until: i64) -> Confidence {
        let mut case = case();
        change(&mut case);
        of_absence(&case, at(1_000), at(until))
    }

    #[test]
    fn what_a_whole_capture_does_not_show_was_not_sent() {
        assert_eq!(sure(|_| {}, 5_000), Confidence::Confirmed);
        assert_eq!(sure(|case| case.captures.push(capture(false)), 9_999), Confidence::Confirmed);
    }

    #[test]
    fn nothing_is_missing_before_it_was_due() {
        assert_eq!(
            [sure(|_| {}, 10_000), sure(|_| {}, 10_001)],
            [Confidence::Confirmed, Confidence::Unresolved]
        );
    }

    #[test]
    fn beyond_a_limit_that_loses_messages_nothing_is_known() {
        let reach = |limit| move |case: &mut Case| case.facts.note(FactKind::LimitReached(limit), moment(1));
        for limit in Limit::LOSING {
            assert_eq!(sure(reach(limit), 5_000), Confidence::Unresolved, "{limit:?}");
        }
        for limit in [Limit::Handshake, Limit::Lookups, Limit::Exchanges] {
            assert_eq!(sure(reach(limit), 5_000), Confidence::Confirmed, "{limit:?}");
        }
    }

    #[test]
    fn there_is_no_hook_only_where_all_was_read() {
        let mut case = case();
        assert!(shows_no_hook(&case) && !shows_no_hook(&read_sample("refused-later.pcap")));
        case.facts.note(FactKind::LimitReached(Limit::Head), moment(1));
        assert!(!shows_no_hook(&case));
    }

    #[test]
    fn where_packets_may_be_missing_a_hook_may_be() {
        for kind in [
            FactKind::DroppedByCapture,
            FactKind::ClockBackwards,
            FactKind::Fragment,
            FactKind::MalformedHttp,
        ] {
            assert_eq!(
                sure(|case| case.facts.note(kind, moment(1)), 5_000),
                Confidence::Possible,
                "{kind:?}"
            );
        }
        assert_eq!(
            sure(|case| case.facts.note(FactKind::Midstream, moment(1)), 5_000),
            Confidence::Confirmed
        );
        assert_eq!(sure(|case| case.traffic.http.orphans = 1, 5_000), Confidence::Possible);
        let lost = |from, until| move |case: &mut Case| case.facts.note_loss(at(from), at(until));
        assert_eq!(sure(lost(5_000, 6_000), 5_000), Confidence::Possible);
        assert_eq!(sure(lost(5_001, 6_000), 5_000), Confidence::Confirmed, "that was later");
    }

    #[test]
    fn a_file_that_breaks_off_may_lack_what_was_due_just_before() {
        let cut = |case: &mut Case| case.captures.extend([capture(false), capture(true)]);
        assert_eq!([sure(cut, 9_001), sure(cut, 9_000)], [Confidence::Possible, Confidence::Confirmed]);
    }

    #[test]
    fn where_nothing_was_captured_for_unusually_long_a_hook_may_be_missing() {
        let silent = |frames| {
            move |case: &mut Case| {
                let silences = vec![(at(1_500), at(4_500))];
                case.captures.push(CaptureSummary { frames, silences, ..capture(false) });
            }
        };
        assert_eq!(
            [sure(silent(1_000), 5_000), sure(silent(1_000), 1_500)],
            [Confidence::Possible, Confidence::Confirmed]
        );
        assert_eq!(sure(silent(99), 5_000), Confidence::Confirmed, "a pause among few frames");
    }

    #[test]
    fn a_backend_was_unreachable_while_connections_to_it_failed() {
        let mut case = read_sample("refused-later.pcap");
        let failed = case.targets[0].failures[0].first().unwrap().time.nanoseconds();
        let was = |case: &Case, from: i64, until: i64| {
            let time = |offset: i64| Timestamp::from_nanoseconds(failed + offset);
            was_unreachable(case, &case.hooks[0], time(from), time(until))
        };
        assert!(was(&case, 0, 0) && was(&case, -5, 5));
        assert!(!was(&case, 1, 9) && !was(&case, -9, -1));
        // Of attempts that were only counted the last one is known.
        case.targets[0].failures.clear();
        let last = case.targets[0].last_failure.unwrap().time.nanoseconds() - failed;
        assert!(was(&case, last, last + 9) && was(&case, -9, -1));
        assert!(!was(&case, last + 1, last + 9));
        case.targets[0].failed = 0;
        assert!(!was(&case, -9, 9));
    }

    #[test]
    fn what_a_session_sends_is_known_when_its_connect_was_answered() {
        let mut case = read_sample("refused-later.pcap");
        assert!(case.hooks[0].is(HookMethod::Connect) && knows_config(&case, &case.hooks[1]));
        case.hooks[0].hook.answer = None;
        assert!(!knows_config(&case, &case.hooks[1]));
    }
}
