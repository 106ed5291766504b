//! Whole connections: how they begin, end, and are taken up again.

mod limits;
mod probes;
mod windows;

use super::*;
use crate::endpoint::FrameNumber;
use std::net::Ipv4Addr;

const CLIENT: u16 = 40_000;
const SERVER: u16 = 8081;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;
const FIN: u8 = 1;

/// Connections, and what they tell: events in short.
struct Wire {
    connections: Connections,
    facts: Facts,
    told: Vec<String>,
    /// Whose octets were acknowledged, up to where.
    acknowledged: Vec<(Side, u64)>,
    /// How many octets of the other end the senders of payload had received.
    received: Vec<u64>,
    /// The same of those who sent a FIN, where it tells.
    closing: Vec<Option<u64>>,
    /// Whose octets were sent again, and which ones.
    again: Vec<(Side, Range<u64>)>,
    frame: u64,
    time: Timestamp,
}

impl Wire {
    fn new() -> Self {
        Self::within(Limits::default())
    }

    fn within(limits: Limits) -> Self {
        let connections = Connections::new(limits);
        Self {
            connections,
            facts: Facts::default(),
            told: Vec::new(),
            acknowledged: Vec::new(),
            received: Vec::new(),
            closing: Vec::new(),
            again: Vec::new(),
            frame: 0,
            time: Timestamp::default(),
        }
    }

    /// Sends a segment; returns the number of its connection.
    fn sends(&mut self, from: u16, flags: u8, sequence: u32, acknowledgment: u32, payload: &str) -> u32 {
        self.frame += 1;
        self.time = self.time.plus(Span::from_milliseconds(10));
        let endpoint = |port| Endpoint::new(Ipv4Addr::LOCALHOST.into(), port);
        let segment = Segment {
            frame: FrameNumber::new(0, self.frame),
            time: self.time,
            source: endpoint(from),
            destination: endpoint(if from == CLIENT { SERVER } else { CLIENT }),
            sequence,
            acknowledgment,
            flags: Flags(flags),
            header_len: 20,
            window: 0,
            payload: payload.as_bytes(),
            payload_len: u32::try_from(payload.len()).unwrap(),
            ip_id: None,
        };
        let Self { told, acknowledged, received, closing, again, .. } = self;
        let mut on = |_: &Head, event: Event<'_>, _: &mut Facts| {
            match event {
                Event::Acknowledged { side, offset, .. } => acknowledged.push((side, offset)),
                Event::Data { received: before, .. } => received.push(before),
                Event::Ended { how: End::Fin, received: before, .. } => closing.push(before),
                Event::SentAgain { side, ref octets, .. } => again.push((side, octets.clone())),
                _ => {}
            }
            tell(told, &event);
        };
        self.connections.push(&segment, &mut self.facts, &mut on).0
    }

    /// The network says that the server cannot be reached.
    fn rejects(&mut self) {
        self.frame += 1;
        let at = Moment { frame: FrameNumber::new(0, self.frame), time: self.time };
        let endpoint = |port| Endpoint::new(Ipv4Addr::LOCALHOST.into(), port);
        let (source, destination) = (endpoint(CLIENT), endpoint(SERVER));
        let reporter = Ipv4Addr::LOCALHOST.into();
        let message = Unreachable { at, reporter, source, destination, reason: "host unreachable" };
        let told = &mut self.told;
        self.connections.unreachable(&message, &mut self.facts, &mut |_, event, _| tell(told, &event));
    }

    fn waits(&mut self, seconds: i64) {
        self.time = self.time.plus(Span::from_seconds(seconds));
    }

    /// Opens a connection; returns its number.
    fn opens(&mut self, client: u32, server: u32) -> u32 {
        self.sends(CLIENT, SYN, client, 0, "");
        self.sends(SERVER, SYN | ACK, server, client.wrapping_add(1), "");
        self.sends(CLIENT, ACK, client.wrapping_add(1), server.wrapping_add(1), "")
    }

    /// How the first connection began.
    fn opening(mut self) -> Opening {
        let mut first = None;
        self.connections.finish(&mut self.facts, &mut |_, event, _| {
            if let Event::Closed { opening, .. } = event {
                first.get_or_insert(opening.clone());
            }
        });
        first.unwrap()
    }

    fn ends(mut self) -> Vec<String> {
        let told = &mut self.told;
        self.connections.finish(&mut self.facts, &mut |_, event, _| tell(told, &event));
        self.told
    }
}

fn tell(told: &mut Vec<String>, event: &Event<'_>) {
    match event {
        Event::Data { octets, .. } => told.push(String::from_utf8_lossy(octets).into_owned()),
        Event::Gap { length, .. } => told.push(format!("gap of {length}")),
        Event::Acknowledged { .. } | Event::SentAgain { .. } | Event::Room { .. } => {}
        Event::Ended { side, how, .. } => told.push(format!("{side:?} {how:?}")),
        Event::Closed { why, opening, .. } => {
            told.push(format!("{why:?}, {} SYN, {}", opening.syn_count, outcome(opening)));
        }
    }
}

fn outcome(opening: &Opening) -> &'static str {
    match (opening.refused, opening.rejected, opening.syn_ack) {
        (Some(_), ..) => "refused",
        (None, Some(_), _) => "rejected",
        (None, None, Some(_)) => "answered",
        (None, None, None) => "unanswered",
    }
}

#[test]
fn an_acknowledgment_of_an_earlier_connection_does_not_spoil_the_next_one() {
    let mut wire = Wire::new();
    wire.sends(CLIENT, SYN, 100, 0, "");
    // The server still has an earlier connection, and the client resets that one.
    wire.sends(SERVER, ACK, 7_000_000, 2_000_000_000, "");
    wire.sends(CLIENT, RST, 2_000_000_000, 0, "");
    wire.waits(1);
    assert_eq!(wire.opens(100, 5_000), 0, "the same SYN again: the same connection");
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    wire.sends(SERVER, ACK, 5_001, 104, "answer");
    assert_eq!(wire.ends(), ["ask", "answer", "CaptureEnded, 2 SYN, answered"]);
}

#[test]
fn what_is_sent_again_is_told() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "abcdef");
    wire.sends(CLIENT, ACK, 103, 5_001, "cd");
    wire.sends(CLIENT, ACK, 99, 5_001, "..abcdefgh");
    wire.sends(CLIENT, ACK, 108, 5_001, "-");
    assert_eq!(wire.again, [(Side::Opener, 2..4), (Side::Opener, 0..6)], "a keep-alive probe is none");
    assert_eq!(wire.ends(), ["abcdef", "gh", "CaptureEnded, 1 SYN, answered"]);
}

#[test]
fn a_syn_repeated_after_a_refusal_may_still_be_answered() {
    let mut wire = Wire::new();
    wire.sends(CLIENT, SYN, 100, 0, "");
    wire.sends(SERVER, RST | ACK, 0, 101, "");
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    assert_eq!(wire.ends(), ["ask", "CaptureEnded, 2 SYN, answered"]);
}

#[test]
fn a_refusal_is_told_by_the_opening_alone() {
    let mut wire = Wire::new();
    wire.sends(CLIENT, SYN, 100, 0, "");
    wire.sends(SERVER, RST | ACK, 0, 101, "");
    assert_eq!(wire.ends(), ["Ended, 1 SYN, refused"]);
}

#[test]
fn the_first_of_two_answers_to_a_syn_counts() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(SERVER, SYN | ACK, 9_000_000, 101, "");
    wire.sends(SERVER, ACK, 5_001, 101, "answer");
    assert_eq!(wire.ends(), ["answer", "CaptureEnded, 1 SYN, answered"]);
}

#[test]
fn a_syn_with_another_number_is_another_connection_and_one_with_the_same_is_not() {
    let mut wire = Wire::new();
    assert_eq!(wire.opens(100, 5_000), 0);
    assert_eq!(wire.opens(200, 6_000), 1);
    for (from, sequence, acknowledgment) in [(CLIENT, 201, 6_001), (SERVER, 6_001, 202)] {
        wire.sends(from, FIN | ACK, sequence, acknowledgment, "");
    }
    wire.waits(10);
    assert_eq!(wire.opens(200, 6_000), 1, "as Wireshark counts");
    wire.sends(CLIENT, ACK, 201, 6_001, "ask");
    let closed = "Ended, 1 SYN, answered";
    assert_eq!(
        wire.ends()[1..],
        ["Opener Fin", "Acceptor Fin", closed, "ask", "CaptureEnded, 1 SYN, answered"]
    );
}

#[test]
fn payload_behind_a_closed_connection_is_read_when_it_is_none_of_its_own() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    wire.sends(CLIENT, FIN | ACK, 104, 5_001, "");
    wire.sends(SERVER, FIN | ACK, 5_001, 105, "");
    wire.waits(10);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    assert_eq!(wire.told.last().unwrap(), "Ended, 1 SYN, answered", "a retransmission");
    assert_eq!(wire.sends(CLIENT, ACK, 77_101, 65_001, "again"), 0);
    assert_eq!(wire.ends()[4..], ["again", "CaptureEnded, 0 SYN, unanswered"]);
}

#[test]
fn what_comes_late_of_a_closed_connection_does_not_begin_it_anew() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, FIN | ACK, 101, 5_001, "");
    wire.sends(SERVER, FIN | ACK, 5_001, 102, "");
    wire.waits(10);
    wire.sends(CLIENT, RST, 102, 0, "");
    wire.sends(SERVER, SYN | ACK, 5_000, 101, "");
    assert_eq!(wire.ends(), ["Opener Fin", "Acceptor Fin", "Ended, 1 SYN, answered"]);
}

#[test]
fn a_response_may_come_long_after_the_client_reset() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, RST, 101, 0, "");
    wire.waits(30);
    wire.sends(SERVER, ACK, 5_001, 101, "answer");
    assert_eq!(wire.ends(), ["Opener Reset", "answer", "Ended, 1 SYN, answered"]);
}

#[test]
fn a_rejection_counts_for_a_connection_that_was_not_answered() {
    let mut wire = Wire::new();
    wire.sends(CLIENT, SYN, 100, 0, "");
    wire.rejects();
    assert_eq!(wire.ends(), ["CaptureEnded, 1 SYN, rejected"]);

    let mut answered = Wire::new();
    answered.sends(CLIENT, SYN, 100, 0, "");
    answered.sends(SERVER, SYN | ACK, 5_000, 101, "");
    answered.rejects();
    assert_eq!(answered.ends(), ["CaptureEnded, 1 SYN, answered"]);

    let mut under_way = Wire::new();
    under_way.sends(CLIENT, ACK, 101, 5_001, "ask");
    under_way.rejects();
    assert_eq!(under_way.ends(), ["ask", "CaptureEnded, 0 SYN, unanswered"]);
}

#[test]
fn connections_that_are_closed_make_room_first() {
    let mut wire = Wire::within(Limits { connections: 2, ..Limits::default() });
    wire.sends(50_000, ACK, 1, 1, "first");
    wire.opens(100, 5_000);
    wire.sends(CLIENT, RST, 101, 0, "");
    wire.waits(100);
    wire.sends(50_001, ACK, 1, 1, "third");
    wire.sends(50_000, ACK, 6, 1, "first again");
    assert_eq!(wire.told, ["first", "Opener Reset", "Ended, 1 SYN, answered", "third", "first again"]);
    assert_eq!(wire.facts.count(FactKind::LimitReached(Limit::Connections)), 0);
}

#[test]
fn what_the_other_end_received_is_told_once() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    wire.sends(SERVER, ACK, 5_001, 104, "");
    wire.sends(SERVER, ACK, 5_001, 104, "answer");
    wire.sends(CLIENT, ACK, 104, 5_007, "");
    wire.sends(CLIENT, ACK, 104, 5_007, "again");
    assert_eq!(wire.acknowledged, [(Side::Opener, 3), (Side::Acceptor, 6)]);
    assert_eq!(wire.received, [0, 3, 6]);
}

#[test]
fn a_fin_tells_what_its_sender_had_received() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    wire.sends(SERVER, FIN | ACK, 5_001, 101, "");
    wire.sends(CLIENT, FIN, 104, 0, "");
    assert_eq!(wire.closing, [Some(0), None]);
}

#[test]
fn a_reset_acknowledges_what_its_sender_had_received_and_nothing_from_elsewhere() {
    let acknowledged = |acknowledgment| {
        let mut wire = Wire::new();
        wire.opens(100, 5_000);
        wire.sends(CLIENT, ACK, 101, 5_001, "ask");
        wire.sends(SERVER, RST | ACK, 5_001, acknowledgment, "");
        wire.acknowledged
    };
    assert_eq!(acknowledged(104), [(Side::Opener, 3)]);
    assert_eq!(acknowledged(2_000_000_000), []);
    let mut wire = Wire::new();
    wire.sends(CLIENT, SYN, 100, 0, "early");
    wire.sends(SERVER, RST | ACK, 0, 106, "");
    assert_eq!(wire.acknowledged, [], "a refusal says nothing of payload");
}

#[test]
fn a_reset_refuses_only_what_was_not_answered() {
    let mut answered = Wire::new();
    answered.sends(CLIENT, SYN, 100, 0, "");
    answered.sends(SERVER, SYN | ACK, 5_000, 101, "");
    answered.sends(SERVER, RST, 5_001, 0, "");
    assert_eq!(answered.ends(), ["Acceptor Reset", "Ended, 1 SYN, answered"]);
    let mut under_way = Wire::new();
    under_way.sends(CLIENT, 0, 101, 0, "ask");
    under_way.sends(SERVER, RST | ACK, 5_001, 104, "");
    assert_eq!(under_way.ends(), ["ask", "Acceptor Reset", "Ended, 0 SYN, unanswered"]);
    let mut other = Wire::new();
    other.sends(CLIENT, SYN, 100, 0, "");
    other.sends(SERVER, ACK, 7_000_000, 2_000_000_000, "");
    assert_eq!(other.acknowledged, []);
    assert_eq!(other.ends(), ["CaptureEnded, 1 SYN, unanswered"]);
}

#[test]
fn the_first_repetitions_of_a_syn_are_listed_and_all_are_counted() {
    let mut wire = Wire::new();
    for _ in 0..20 {
        wire.sends(CLIENT, SYN, 100, 0, "");
        wire.waits(1);
    }
    let opening = wire.opening();
    assert_eq!((opening.syn_count, opening.syns.len()), (20, 16));
}

#[test]
fn an_opener_that_resets_instead_of_acknowledging_has_not_opened() {
    let established = |flags| {
        let mut wire = Wire::new();
        wire.sends(CLIENT, SYN, 100, 0, "");
        wire.sends(SERVER, SYN | ACK, 5_000, 101, "");
        wire.sends(CLIENT, flags, 101, 5_001, "");
        wire.opening().established
    };
    assert_eq!([ACK, RST | ACK, RST].map(established), [true, false, false]);
}

#[test]
fn a_late_copy_of_the_syn_does_not_take_back_a_reset() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(SERVER, RST, 5_001, 0, "");
    wire.waits(1);
    wire.sends(CLIENT, SYN, 100, 0, "");
    assert_eq!(wire.ends(), ["Acceptor Reset", "Ended, 2 SYN, answered"]);
}

#[test]
fn a_connection_is_known_from_its_start_when_a_syn_was_captured() {
    let from_start = |first: u8| {
        let mut wire = Wire::new();
        wire.sends(CLIENT, first, 100, 0, "");
        let mut known = None;
        wire.connections.finish(&mut wire.facts, &mut |head, _, _| known = Some(head.from_start));
        known
    };
    assert_eq!([from_start(SYN), from_start(ACK)], [Some(true), Some(false)]);
}

#[test]
fn a_connection_that_one_end_closed_goes_on() {
    let mut wire = Wire::new();
    wire.opens(100, 5_000);
    wire.sends(CLIENT, ACK, 101, 5_001, "ask");
    wire.sends(CLIENT, FIN | ACK, 104, 5_001, "");
    wire.waits(30);
    wire.sends(SERVER, ACK, 5_001, 105, "answer");
    wire.sends(SERVER, FIN | ACK, 5_007, 105, "");
    let expected = ["ask", "Opener Fin", "answer", "Acceptor Fin", "Ended, 1 SYN, answered"];
    assert_eq!(wire.ends(), expected);
}

#[test]
fn a_connection_that_has_ended_stays_so_whatever_comes_in_its_place() {
    let reused = |end: fn(&mut Wire)| {
        let mut wire = Wire::new();
        wire.opens(100, 5_000);
        end(&mut wire);
        wire.opens(7_000_000, 8_000_000);
        wire.told.last().unwrap().clone()
    };
    let reset: fn(&mut Wire) = |wire| _ = wire.sends(SERVER, RST, 5_001, 0, "");
    let closed: fn(&mut Wire) = |wire| {
        wire.sends(CLIENT, FIN | ACK, 101, 5_001, "");
        wire.sends(SERVER, FIN | ACK, 5_001, 102, "");
    };
    assert_eq!([reset, closed].map(reused), ["Ended, 1 SYN, answered"; 2]);
    let half_closed: fn(&mut Wire) = |wire| _ = wire.sends(CLIENT, FIN | ACK, 101, 5_001, "");
    assert_eq!([half_closed, |_| {}].map(reused), ["Reused, 1 SYN, answered"; 2]);
}

#[test]
fn no_limit_is_reached_for_what_had_ended() {
    let evicted = |flags| {
        let mut wire = Wire::within(Limits { connections: 1, ..Limits::default() });
        wire.sends(CLIENT, ACK, 101, 5_001, "ask");
        wire.sends(CLIENT, flags, 104, 5_001, "");
        wire.sends(50_000, ACK, 1, 1, "other");
        (wire.told[wire.told.len() - 2].clone(), wire.facts.count(FactKind::LimitReached(Limit::Connections)))
    };
    assert_eq!(evicted(RST), ("Ended, 0 SYN, unanswered".to_owned(), 0));
    assert_eq!(evicted(ACK), ("Evicted, 0 SYN, unanswered".to_owned(), 1));
}
