//! The room that each end has for octets of the other.

use super::*;

#[test]
fn it_is_told_when_an_end_has_no_room_and_when_it_has_some_again() {
    let mut connections = Connections::new(Limits::default());
    let (mut facts, mut told) = (Facts::default(), Vec::new());
    let endpoint = |port| Endpoint::new(Ipv4Addr::LOCALHOST.into(), port);
    let script = [(SYN, 0), (ACK, 501), (ACK, 0), (ACK, 0), (ACK, 1), (RST, 0)];
    for (frame, (flags, window)) in (1..).zip(script) {
        let segment = Segment {
            frame: FrameNumber::new(0, frame),
            time: Timestamp::from_nanoseconds(i64::try_from(frame).unwrap() * 10_000_000),
            source: endpoint(CLIENT),
            destination: endpoint(SERVER),
            sequence: 100 + u32::from(frame > 1),
            acknowledgment: 5_000,
            flags: Flags(flags),
            header_len: 20,
            window,
            payload: b"",
            payload_len: 0,
            ip_id: None,
        };
        connections.push(&segment, &mut facts, &mut |_, event, _| {
            if let Event::Room { side, any, at } = event {
                told.push((side, any, at.frame.number()));
            }
        });
    }
    assert_eq!(told, [(Side::Opener, false, 3), (Side::Opener, true, 5)]);
}
