//! TCP: against a model. Each direction has octets that follow from their place; what is delivered must be these, in order
//! and each once, and at the end all that was captured must have been delivered.

use crate::script::Script;
use hookscope::endpoint::{Endpoint, FrameNumber, Side, Sides};
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::packet::{Flags, Segment};
use hookscope::tcp::{Connections, Event};
use hookscope::time::Timestamp;

/// Octets of a direction.
const LENGTH: usize = 4_096;

/// The octet at a place.
fn octet(side: Side, place: u64) -> u8 {
    let seed = if side == Side::Opener { 0x9e37_79b9 } else { 0x85eb_ca6b };
    ((place + 1).wrapping_mul(seed).wrapping_mul(0xc2b2_ae35) >> 24) as u8
}

/// What is known of a direction.
#[derive(Default)]
struct Direction {
    /// The places of which octets were captured.
    captured: Vec<bool>,
    /// Where delivery has come to.
    delivered: u64,
    /// How far the other end has acknowledged.
    acknowledged: u64,
}

/// What a script does.
#[derive(Clone, Copy)]
struct Mode {
    /// Time passes, ends come, segments are cut, acknowledgments are wrong: nothing is sure but order and contents.
    rough: bool,
    /// The connection's beginning is captured.
    from_start: bool,
}

struct Model {
    mode: Mode,
    initial: Sides<u32>,
    directions: Sides<Direction>,
    time: i64,
    frame: u64,
}

impl Model {
    fn new(script: &mut Script<'_>) -> Self {
        let what = script.octet();
        let direction = || Direction { captured: vec![false; LENGTH], ..Direction::default() };
        Self {
            mode: Mode { rough: what % 2 == 1, from_start: what & 2 == 0 },
            initial: Sides { opener: script.long(), acceptor: script.long() },
            directions: Sides { opener: direction(), acceptor: direction() },
            time: 0,
            frame: 0,
        }
    }

    /// A segment of `side`, `place` being that of its first octet.
    fn segment<'p>(
        &mut self,
        side: Side,
        place: u64,
        payload: &'p [u8],
        flags: u8,
        seen: u64,
    ) -> Segment<'p> {
        self.frame += 1;
        let ends: [Endpoint; 2] = [([192, 0, 2, 1], 40_000).into(), ([192, 0, 2, 2], 8_081).into()];
        let (source, destination) =
            if side == Side::Opener { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
        let number =
            |side: Side, place: u64| self.initial.of(side).wrapping_add(1).wrapping_add(place as u32);
        Segment {
            frame: FrameNumber::new(0, self.frame),
            time: Timestamp::from_nanoseconds(self.time),
            source,
            destination,
            sequence: number(side, place),
            acknowledgment: number(side.other(), seen),
            flags: Flags(flags),
            window: 1_000,
            header_len: 20,
            payload,
            payload_len: payload.len() as u32,
            ip_id: None,
        }
    }

    /// Looks at an event.
    fn see(&mut self, event: &Event<'_>) {
        let sure = self.mode.from_start && !self.mode.rough;
        match *event {
            Event::Data { side, offset, octets, .. } => {
                let direction = self.directions.of_mut(side);
                assert_eq!(offset, direction.delivered, "octets come in order, each once");
                assert!(!octets.is_empty());
                direction.delivered += octets.len() as u64;
                for (one, place) in octets.iter().zip(offset..) {
                    if self.mode.from_start {
                        assert_eq!(*one, octet(side, place), "{side:?} {place}");
                        assert!(direction.captured[place as usize], "{side:?} {place} was not captured");
                    }
                }
            }
            Event::Gap { side, offset, length, .. } => {
                let direction = self.directions.of_mut(side);
                assert_eq!(offset, direction.delivered, "a gap comes in its place");
                assert!(length > 0);
                direction.delivered += length;
                for place in offset..if sure { offset + length } else { offset } {
                    assert!(!direction.captured[place as usize], "{side:?} {place} was captured");
                }
            }
            Event::Acknowledged { side, offset, .. } => {
                let direction = self.directions.of_mut(side);
                assert!(offset >= direction.acknowledged, "acknowledgments go on");
                direction.acknowledged = offset;
            }
            Event::SentAgain { side, ref octets, .. } => {
                assert!(!octets.is_empty() && octets.end <= self.directions.of(side).delivered);
            }
            Event::Ended { .. } | Event::Room { .. } => {}
            // Should more come, it comes as if at the start of a connection whose beginning was not captured.
            Event::Closed { .. } => {
                self.mode.from_start = false;
                for side in [Side::Opener, Side::Acceptor] {
                    let direction = self.directions.of_mut(side);
                    (direction.delivered, direction.acknowledged) = (0, 0);
                }
            }
        }
    }

    /// At the end: all that was captured was delivered.
    fn finish(&self) {
        if !self.mode.from_start || self.mode.rough {
            return;
        }
        for side in [Side::Opener, Side::Acceptor] {
            let direction = self.directions.of(side);
            let last = direction.captured.iter().rposition(|captured| *captured).map_or(0, |last| last + 1);
            assert!(direction.delivered >= last as u64, "{side:?}: {} of {last}", direction.delivered);
        }
    }
}

/// Checks a script of segments.
pub fn check(input: &[u8]) {
    let mut script = Script::new(input);
    let mut model = Model::new(&mut script);
    let limits = if model.mode.rough { crate::small_limits() } else { Limits::default() };
    let mut connections = Connections::new(limits);
    let mut facts = Facts::default();
    if model.mode.from_start {
        let (opener, acceptor) = (model.initial.opener, model.initial.acceptor);
        let syn = Segment { sequence: opener, ..model.segment(Side::Opener, 0, &[], 2, 0) };
        connections.push(&syn, &mut facts, &mut |_, event, _| model.see(&event));
        let both = model.segment(Side::Acceptor, 0, &[], 18, 0);
        let both = Segment { sequence: acceptor, ..both };
        connections.push(&both, &mut facts, &mut |_, event, _| model.see(&event));
    }
    while !script.is_over() && model.frame < 500 {
        step(&mut script, &mut model, &mut connections, &mut facts);
    }
    connections.finish(&mut facts, &mut |_, event, _| {
        if matches!(event, Event::Closed { .. }) {
            model.finish();
        }
        model.see(&event);
    });
}

/// The next segment: which side, its place, its length and what else is with it.
fn step(script: &mut Script<'_>, model: &mut Model, connections: &mut Connections, facts: &mut Facts) {
    let what = script.octet();
    let side = if what & 1 == 0 { Side::Opener } else { Side::Acceptor };
    let place = u64::from(script.word()) % LENGTH as u64;
    let length = u64::from(script.octet()).min(LENGTH as u64 - place);
    let payload: Vec<u8> = (place..place + length).map(|place| octet(side, place)).collect();
    let other = model.directions.of(side.other());
    // What the sender may have seen: what was captured of the other side from its start on.
    let seen = other.captured.iter().position(|captured| !captured).unwrap_or(LENGTH) as u64;
    let (mut flags, mut seen, mut kept) = (16, seen, payload.len());
    if model.mode.rough {
        model.time += i64::from(script.octet()) << (what >> 3 & 31);
        match what & 6 {
            0 => flags |= 1,
            2 => flags |= u8::from(place.is_multiple_of(16)) * 4,
            4 => seen = u64::from(script.word()),
            _ => kept = kept.min(usize::from(script.octet())),
        }
    }
    for place in place..place + kept as u64 {
        model.directions.of_mut(side).captured[place as usize] = true;
    }
    let mut segment = model.segment(side, place, &payload, flags, seen);
    segment.payload = &payload[..kept];
    connections.push(&segment, facts, &mut |_, event, _| model.see(&event));
}
