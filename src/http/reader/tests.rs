use super::*;
use crate::endpoint::FrameNumber;
use crate::time::Timestamp;

#[test]
fn the_room_of_a_long_head_is_not_kept() {
    let at = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::default() };
    let room = |length: usize| {
        let (mut reader, mut offset) = (Reader::new(true), 0);
        let head = format!("POST /a HTTP/1.1\r\nX: {}\r\nContent-Length: 9\r\n\r\n", "y".repeat(length));
        for octets in head.as_bytes().chunks(100) {
            let (limits, mut facts, mut out) = (Limits::default(), Facts::default(), Vec::new());
            let mut reading = Reading {
                limits: &limits,
                facts: &mut facts,
                out: &mut out,
                answered: 0,
                waiting: &[],
                asked_again: false,
            };
            reader.push(Piece { octets, offset, at, received: 0 }, &mut reading);
            offset = reader.seen();
        }
        reader.head.capacity()
    };
    assert!(room(9_000) <= USUAL_HEAD);
    assert!(room(400) >= 400, "the next one is usual, too");
}
