use super::*;
use crate::endpoint::{Endpoint, FrameNumber};
use crate::time::Span;
use proptest::prelude::*;
use std::net::Ipv4Addr;

const BASE: u32 = u32::MAX - 20;

fn segment(frame: u64, offset: usize, payload: &[u8]) -> Segment<'_> {
    let endpoint = Endpoint::new(Ipv4Addr::LOCALHOST.into(), 80);
    Segment {
        frame: FrameNumber::new(0, frame),
        time: Timestamp::from_nanoseconds(i64::try_from(frame).unwrap()),
        source: endpoint,
        destination: endpoint,
        sequence: BASE.wrapping_add(u32::try_from(offset).unwrap()),
        acknowledgment: 0,
        flags: Flags::ACK,
        header_len: 20,
        window: 0,
        payload,
        payload_len: u32::try_from(payload.len()).unwrap(),
        ip_id: None,
    }
}

/// What came out: octets in place, `None` where there was a gap.
#[derive(Default)]
struct Output {
    octets: Vec<Option<u8>>,
}

impl Output {
    fn take(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Octets(offset, octets, ..) => {
                assert_eq!(*offset, self.octets.len() as u64, "octets come in order, each once");
                assert!(!octets.is_empty());
                self.octets.extend(octets.iter().copied().map(Some));
            }
            Piece::Gap(offset, length, _) => {
                assert_eq!(*offset, self.octets.len() as u64);
                assert!(*length > 0);
                self.octets.extend((0..*length).map(|_| None));
            }
            Piece::Again(..) | Piece::Fin(..) => {}
        }
    }
}

/// Runs segments, given as ranges of `data`, through a direction; all of it is acknowledged at the end.
fn run(data: &[u8], ranges: &[(usize, usize)], limits: &Limits) -> (Vec<Option<u8>>, Facts) {
    let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
    half.start(BASE);
    for (frame, (from, until)) in ranges.iter().enumerate() {
        let segment = segment(frame as u64 + 1, *from, &data[*from..*until]);
        half.receive(&segment, None, limits, &mut facts, &mut |piece, _| output.take(&piece));
        assert!(half.held() <= limits.reorder_octets + data.len() + 128);
    }
    let at = segment(1_000_000, 0, b"").moment();
    let _news = half.acknowledge(BASE.wrapping_add(u32::try_from(data.len()).unwrap()), at);
    half.flush(at, &mut facts, &mut |piece, _| output.take(&piece));
    (output.octets, facts)
}

/// Data, and ranges that cover it, in an order that a network may deliver.
fn covered() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, usize)>)> {
    prop::collection::vec(any::<u8>(), 2..200).prop_flat_map(|data| {
        let length = data.len();
        let cuts = prop::collection::vec(1..length, 0..12);
        let extra = prop::collection::vec((0..length, 1..40usize), 0..6);
        (Just(data), cuts, extra).prop_flat_map(move |(data, mut cuts, extra)| {
            cuts.extend([0, length]);
            cuts.sort_unstable();
            cuts.dedup();
            let mut ranges: Vec<_> = cuts.windows(2).map(|cut| (cut[0], cut[1])).collect();
            ranges.extend(extra.iter().map(|(from, size)| (*from, (from + size).min(length))));
            (Just(data), Just(ranges).prop_shuffle())
        })
    })
}

proptest! {
    #[test]
    fn any_cut_order_and_duplication_gives_the_same_octets((data, ranges) in covered()) {
        let (octets, facts) = run(&data, &ranges, &Limits::default());
        prop_assert_eq!(octets, data.into_iter().map(Some).collect::<Vec<_>>());
        prop_assert_eq!(facts.count(FactKind::Gap), 0);
    }

    #[test]
    fn what_was_not_captured_is_a_gap_and_nothing_else((data, ranges) in covered(), lost in any::<prop::sample::Index>()) {
        let mut ranges = ranges;
        let lost = ranges.remove(lost.index(ranges.len()));
        let seen = |at: usize| ranges.iter().any(|(from, until)| (*from..*until).contains(&at));
        let expected: Vec<_> = data.iter().enumerate().map(|(at, octet)| seen(at).then_some(*octet)).collect();
        let missing = (lost.0..lost.1).any(|at| !seen(at));
        // A single octet behind all others may have been a FIN.
        prop_assume!(expected.iter().position(Option::is_none) != Some(data.len() - 1));
        let (octets, facts) = run(&data, &ranges, &Limits::default());
        prop_assert_eq!(octets, expected);
        prop_assert_eq!(facts.count(FactKind::Gap) > 0, missing && !ranges.is_empty());
    }

    #[test]
    fn a_small_reorder_limit_loses_octets_but_never_order((data, ranges) in covered()) {
        let limits = Limits { reorder_octets: 8, ..Limits::default() };
        let (octets, _) = run(&data, &ranges, &limits);
        prop_assert_eq!(octets.len(), data.len());
        for (octet, sent) in octets.iter().zip(&data) {
            prop_assert!(octet.is_none_or(|octet| octet == *sent));
        }
    }
}

#[test]
fn octets_cut_by_the_snap_length_are_a_gap_behind_the_captured_ones() {
    let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
    half.start(BASE);
    let mut cut = segment(1, 0, b"abc");
    cut.payload_len = 5;
    half.receive(&cut, None, &Limits::default(), &mut facts, &mut |piece, _| output.take(&piece));
    let next = segment(2, 5, b"fg");
    half.receive(&next, None, &Limits::default(), &mut facts, &mut |piece, _| {
        output.take(&piece);
    });
    let text: String = output.octets.iter().map(|octet| octet.map_or('-', char::from)).collect();
    assert_eq!(text, "abc--fg");
    assert_eq!(facts.count(FactKind::SnaplenCut), 1);
}

#[test]
fn a_gap_is_waited_for_until_it_is_overdue() {
    let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
    let limits = Limits::default();
    half.start(BASE);
    let later = segment(1, 3, b"def");
    half.receive(&later, None, &limits, &mut facts, &mut |piece, _| output.take(&piece));
    let _news = half.acknowledge(BASE.wrapping_add(6), later.moment());
    let mut now = later.moment();
    half.pass_overdue(now, &limits, &mut facts, &mut |piece, _| output.take(&piece));
    assert!(output.octets.is_empty());
    now.time = now.time.plus(Span::from_seconds(2));
    half.pass_overdue(now, &limits, &mut facts, &mut |piece, _| output.take(&piece));
    assert_eq!(output.octets, [None, None, None, Some(b'd'), Some(b'e'), Some(b'f')]);
}

#[test]
fn segments_at_the_two_ends_of_time_are_no_copies() {
    let mut half = Half::default();
    for time in [i64::MAX, i64::MIN] {
        let segment = Segment { time: Timestamp::from_nanoseconds(time), ..segment(1, 0, b"abc") };
        assert!(!half.is_copy(&segment), "{time}");
    }
}

#[test]
fn a_copy_is_told_from_a_retransmission_by_time_and_identification() {
    let mut half = Half::default();
    let first = segment(1, 0, b"abc");
    assert!(!half.is_copy(&first));
    let mut copy = segment(2, 0, b"abc");
    assert!(half.is_copy(&copy));
    copy.time = copy.time.plus(Span::from_milliseconds(50));
    assert!(!half.is_copy(&copy), "late and without identification: a retransmission");
    let mut named = Segment { ip_id: Some(7), ..first };
    assert!(!half.is_copy(&named));
    named.time = named.time.plus(Span::from_milliseconds(50));
    assert!(half.is_copy(&named));
    named.ip_id = Some(8);
    assert!(!half.is_copy(&named), "another identification: a retransmission");
}

/// What a direction makes of segments, each at its microsecond; how many were sent again, and how many copies.
fn counted(half: &mut Half, segments: &[(i64, usize, &[u8])]) -> [u64; 3] {
    let mut facts = Facts::default();
    for (frame, (time, offset, payload)) in (1..).zip(segments) {
        let time = Timestamp::from_nanoseconds(time * 1_000);
        let segment = Segment { time, ip_id: u16::try_from(frame).ok(), ..segment(frame, *offset, payload) };
        half.receive(&segment, None, &Limits::default(), &mut facts, &mut |_, _| {});
    }
    let resent = facts.count(FactKind::Retransmission);
    assert_eq!(half.counts().resent, resent);
    [half.counts().segments, resent, facts.count(FactKind::Duplicate)]
}

fn begun() -> Half {
    let mut half = Half::default();
    half.start(BASE);
    half
}

#[test]
fn octets_that_come_again_at_once_in_other_segments_are_copies() {
    let whole_first: [(i64, usize, &[u8]); 4] =
        [(0, 0, b"abcdefg"), (30, 0, b"abc"), (31, 3, b"def"), (32, 6, b"g")];
    assert_eq!(
        counted(&mut begun(), &whole_first),
        [2, 0, 2],
        "a single octet may be a probe, and is no matter"
    );
    let pieces_first = [(0, 0, &b"abc"[..]), (1, 3, b"def"), (30, 0, b"abcdef")];
    assert_eq!(counted(&mut begun(), &pieces_first), [2, 0, 1]);
    let behind_others = [(0, 2, &b"cdef"[..]), (30, 2, b"cd"), (31, 4, b"ef"), (40, 0, b"ab")];
    assert_eq!(counted(&mut begun(), &behind_others), [2, 0, 2]);
    let late = [(0, 0, &b"abcdef"[..]), (2_001, 0, b"abc"), (2_002, 3, b"def")];
    assert_eq!(counted(&mut begun(), &late), [3, 2, 0]);
    let more = [(0, 0, &b"abc"[..]), (30, 0, b"abcdef")];
    assert_eq!(counted(&mut begun(), &more), [2, 1, 0], "it brings something new");
}

#[test]
fn octets_sent_again_at_once_after_equal_acknowledgments_are_no_copies() {
    let counted_after = |repeated| {
        let mut half = begun();
        counted(&mut half, &[(0, 0, b"abc"), (1, 3, b"def"), (2, 6, b"ghi")]);
        let (offset, news) = half.acknowledge(BASE.wrapping_add(3), segment(4, 0, b"").moment());
        assert!(news);
        (0..repeated).for_each(|_| half.note_repeated(offset));
        counted(&mut half, &[(300, 3, b"def")])
    };
    assert_eq!([2, 3].map(counted_after), [[3, 0, 1], [4, 1, 0]]);
}

#[test]
fn octets_that_the_snap_length_cut_come_again_as_others_do() {
    let mut half = begun();
    let mut facts = Facts::default();
    for (frame, id) in [(1, 7), (2, 8)] {
        let cut = Segment { payload_len: 5, ip_id: Some(id), ..segment(frame, 0, b"abc") };
        half.receive(&cut, None, &Limits::default(), &mut facts, &mut |_, _| {});
    }
    assert_eq!((facts.count(FactKind::Duplicate), half.counts().resent), (1, 0));
}

#[test]
fn acknowledgments_without_identification_are_no_copies() {
    let mut half = Half::default();
    let mut is_copy = |segment: &Segment<'_>| [half.is_copy(segment), half.is_copy(segment)];
    let pure = segment(1, 0, b"");
    assert_eq!(is_copy(&pure), [false, false], "a segment after the other came behind a missing one");
    assert_eq!(is_copy(&Segment { ip_id: Some(7), ..pure }), [false, true]);
    assert_eq!(is_copy(&Segment { flags: Flags::SYN, ..pure }), [false, true]);
}

#[test]
fn octets_that_come_again_with_other_content_are_told_with_both_frames() {
    // What was passed on; what is held, at the same place and beside it; and a probe, which may hold anything.
    type Script = &'static [(usize, &'static [u8])];
    let scripts: [(Script, &[u64], &[u8]); 7] = [
        (&[(0, b"abcd"), (4, b"efgh"), (2, b"cdXf")], &[2, 3], b"abcdefgh"),
        (&[(0, b"abcd"), (0, b"aXcd")], &[1, 2], b"abcd"),
        (&[(0, b"abcd"), (0, b"aXcd"), (0, b"aYcd")], &[1, 2, 3], b"abcd"),
        (&[(4, b"ef"), (4, b"Xf"), (0, b"abcd")], &[1, 2], b"abcdef"),
        (&[(4, b"ef"), (4, b"Xfgh"), (0, b"abcd")], &[1, 2], b"abcdefgh"),
        (&[(4, b"efgh"), (2, b"cdXf"), (0, b"ab")], &[2, 1], b"abcdXfgh"),
        (&[(0, b"abcd"), (3, b"\0"), (2, b"cde")], &[], b"abcde"),
    ];
    for (script, frames, taken) in scripts {
        let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
        half.start(BASE);
        for (frame, (offset, payload)) in (1..).zip(script) {
            let segment = segment(frame, *offset, payload);
            half.receive(&segment, None, &Limits::default(), &mut facts, &mut |piece, _| output.take(&piece));
        }
        let told: Vec<u64> = facts
            .get(FactKind::Overlap)
            .iter()
            .flat_map(|fact| &fact.frames)
            .map(|frame| frame.number())
            .collect();
        assert_eq!(told, frames, "{script:?}");
        assert_eq!(output.octets.iter().flatten().copied().collect::<Vec<_>>(), taken, "{script:?}");
    }
}

#[test]
fn what_was_passed_on_is_kept_up_to_a_bound_and_compared_as_far_as_it_is_kept() {
    let data: Vec<u8> = (0..9_000_u32).map(|place| (place * 7 % 251) as u8).collect();
    let mut passed = Passed::default();
    for (offset, octets) in (0..).step_by(1_000).zip(data.chunks(1_000)) {
        passed.add(offset, octets, segment(offset / 1_000 + 1, 0, b"").moment());
    }
    let at = segment(99, 0, b"").moment();
    assert_eq!(passed.contradicted(-5, &data, at).map(|at| at.frame.number()), Some(7));
    assert_eq!(passed.contradicted(0, &data, at), None);
    let mut other = data.clone();
    other[100] ^= 1;
    assert_eq!(passed.contradicted(0, &other, at), None, "no longer known");
    other[7_500] ^= 1;
    assert_eq!(passed.contradicted(0, &other, at).map(|at| at.frame.number()), Some(8));
    assert_eq!(passed.contradicted(7_501, &other[7_501..], at), None);
    passed.add(20_000, b"behind a gap", at);
    assert_eq!(passed.contradicted(0, &other, at), None);
}

#[test]
fn a_single_acknowledgment_far_behind_all_others_is_not_believed() {
    let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
    half.start(BASE);
    let far = 1_u32 << 30;
    let mut push = |half: &mut Half, frame, offset, payload: &[u8]| {
        let segment = segment(frame, offset, payload);
        half.receive(&segment, None, &Limits::default(), &mut facts, &mut |piece, _| output.take(&piece));
        let late = Moment { time: segment.time.plus(Span::from_seconds(9)), ..segment.moment() };
        half.pass_overdue(late, &Limits::default(), &mut facts, &mut |piece, _| output.take(&piece));
    };
    let at = |frame| segment(frame, 0, b"").moment();
    push(&mut half, 1, 0, b"abcd");
    assert!(half.acknowledge(BASE.wrapping_add(4), at(2)).1);
    assert!(!half.acknowledge(BASE.wrapping_add(far), at(3)).1, "damaged");
    push(&mut half, 4, 4, b"efgh");
    assert!(half.acknowledge(BASE.wrapping_add(8), at(5)).1);
    // A second one confirms that much was lost.
    assert!(!half.acknowledge(BASE.wrapping_add(far), at(6)).1);
    assert!(half.acknowledge(BASE.wrapping_add(far + 100), at(7)).1);
    assert_eq!(output.octets.iter().flatten().copied().collect::<Vec<_>>(), b"abcdefgh");
    assert_eq!((facts.count(FactKind::Gap), half.gap_end()), (0, Some(u64::from(far) + 100)));
}

#[test]
fn a_few_octets_far_behind_all_others_are_given_up_where_there_is_no_room() {
    let (mut half, mut output, mut facts) = (Half::default(), Output::default(), Facts::default());
    half.start(BASE);
    for (frame, offset, payload) in [(1, 0, b"abcd"), (2, 1 << 30, b"XXXX"), (3, 8, b"ijkl")] {
        let segment = segment(frame, offset, payload);
        half.receive(&segment, None, &Limits::default(), &mut facts, &mut |piece, _| output.take(&piece));
    }
    let at = segment(4, 0, b"").moment();
    // The near ones are passed on; those that are far are no reason to miss all that comes before them.
    half.pass_gaps(at, &mut facts, &mut |piece, _| output.take(&piece));
    assert_eq!((output.octets.len(), half.held()), (12, 0));
}
