//! Many connections, and what is kept of them.

use super::*;
use crate::limits::Unit;

/// The other end of all connections.
const TO: u16 = 8081;

/// Connections with small limits, which are pushed many segments.
struct Crowd {
    connections: Connections,
    facts: Facts,
    frame: u64,
    closed: u32,
    octets: usize,
}

impl Crowd {
    fn new(limits: Limits) -> Self {
        let connections = Connections::new(limits);
        Self { connections, facts: Facts::default(), frame: 0, closed: 0, octets: 0 }
    }

    /// Client number `client` sends a segment; time stands still.
    fn sends(&mut self, client: u32, flags: u8, sequence: u32, payload: &[u8]) {
        self.frame += 1;
        let source = Endpoint::new(Ipv4Addr::from_bits(0x0a00_0000 + client).into(), 40_000);
        let destination = Endpoint::new(Ipv4Addr::LOCALHOST.into(), TO);
        let segment = Segment {
            frame: FrameNumber::new(0, self.frame),
            time: Timestamp::default(),
            source,
            destination,
            sequence,
            acknowledgment: 0,
            flags: Flags(flags),
            header_len: 20,
            window: 0,
            payload,
            payload_len: u32::try_from(payload.len()).unwrap(),
            ip_id: None,
        };
        let (closed, octets) = (&mut self.closed, &mut self.octets);
        self.connections.push(&segment, &mut self.facts, &mut |_, event, _| match event {
            Event::Closed { .. } => *closed += 1,
            Event::Data { octets: more, .. } => *octets += more.len(),
            _ => {}
        });
    }

    fn reached(&self, limit: Limit) -> u64 {
        self.facts.count(FactKind::LimitReached(limit))
    }
}

#[test]
fn a_hundred_thousand_open_connections_are_tracked_up_to_the_limit() {
    const CLIENTS: u32 = 100_000;
    let limits = Limits { connections: 5_000, ..Limits::default() };
    let mut crowd = Crowd::new(limits.clone());
    for client in 0..CLIENTS {
        crowd.sends(client, SYN, 100, b"");
        assert!(crowd.connections.tracked.len() <= limits.connections);
    }
    assert_eq!(crowd.connections.count(), CLIENTS);
    assert_eq!(crowd.reached(Limit::Connections), u64::from(crowd.closed));
    assert!(crowd.closed >= CLIENTS - 5_000);
}

#[test]
fn connections_that_end_while_time_stands_still_are_not_listed_for_ever() {
    let limits = Limits { connections: 100, ..Limits::default() };
    let mut crowd = Crowd::new(limits.clone());
    for round in 0..10_000 {
        crowd.sends(round % 150, SYN, round * 1_000, b"");
        crowd.sends(round % 150, ACK, round * 1_000 + 1, b"x");
        crowd.sends(round % 150, RST, round * 1_000 + 2, b"");
        assert!(crowd.connections.ending.len() <= limits.connections * 2);
    }
}

#[test]
fn what_one_direction_holds_is_bounded() {
    let limits = Limits { reorder_octets: 10_000, ..Limits::default() };
    let mut crowd = Crowd::new(limits.clone());
    crowd.sends(1, SYN, 0, b"");
    // Every second segment is missing: single octets cost more than themselves.
    for place in 0..10_000 {
        crowd.sends(1, ACK, 10 + place * 2, b"x");
        assert!(crowd.connections.held.0 <= limits.reorder_octets + 200);
    }
    assert!(crowd.reached(Limit::ReorderOctets) > 0);
    assert!(crowd.octets > 9_000, "what stands behind gaps is passed on: {}", crowd.octets);
}

#[test]
fn what_all_connections_hold_is_bounded_and_those_that_hold_most_go_first() {
    let limits = Limits { reorder_total: 1 << 20, ..Limits::default() };
    let mut crowd = Crowd::new(limits.clone());
    for client in 0..2_000 {
        crowd.sends(client, SYN, 0, b"");
        // The first one holds more than the others.
        for place in 0..if client == 0 { 20 } else { 1 } {
            crowd.sends(client, ACK, 1_001 + place * 1_000, &[b'x'; 1_000]);
        }
        let held: usize = crowd.connections.tracked.values().map(|known| known.held()).sum();
        assert_eq!(held, crowd.connections.held.0);
        assert!(held <= limits.reorder_total);
    }
    assert!(crowd.reached(Limit::ReorderTotal) > 0);
    let first = crowd.connections.tracked.values().find(|known| known.id().0 == 0);
    assert_eq!(first.map(|known| known.held()), Some(0));
}

#[test]
fn a_connection_takes_no_more_than_the_page_of_limits_says() {
    let bound = Limits::BOUNDS.iter().find(|bound| bound.name() == "connections").unwrap();
    let Unit::Things(octets) = bound.unit else { panic!("connections are counted") };
    assert!(size_of::<Connection>() + size_of::<Key>() < octets as usize / 2);
}
