//! What a capture begins with.

use super::*;

#[test]
fn a_probe_before_all_else_does_not_shift_what_follows() {
    // What the capture begins with: the client's probe without an octet, or with the last one sent, and its answer.
    for (probe, answered) in [("", true), ("\0", true), ("", false), ("\0", false)] {
        let mut wire = Wire::new();
        wire.sends(CLIENT, ACK, 499, 9_000, probe);
        if answered {
            wire.sends(SERVER, ACK, 9_000, 500, "");
        }
        wire.sends(CLIENT, ACK, 500, 9_000, "ask");
        wire.sends(SERVER, ACK, 9_000, 503, "answer");
        wire.waits(5);
        wire.sends(CLIENT, ACK, 503, 9_006, "");
        assert_eq!(wire.facts.count(FactKind::Gap), 0, "{probe:?} {answered}");
        assert_eq!(wire.acknowledged, [(Side::Opener, 3), (Side::Acceptor, 6)]);
        assert_eq!(wire.ends(), ["ask", "answer", "CaptureEnded, 0 SYN, unanswered"]);
    }
}

#[test]
fn octets_that_are_missing_at_the_start_are_missed_all_the_same() {
    let mut wire = Wire::new();
    wire.sends(CLIENT, ACK, 500, 9_000, "");
    wire.sends(SERVER, ACK, 9_000, 503, "");
    wire.sends(CLIENT, ACK, 503, 9_000, "ask");
    assert_eq!(wire.ends(), ["gap of 3", "ask", "CaptureEnded, 0 SYN, unanswered"]);
    let mut wire = Wire::new();
    wire.opens(499, 8_999);
    wire.sends(SERVER, ACK, 9_000, 501, "");
    wire.sends(CLIENT, ACK, 501, 9_000, "ask");
    assert_eq!(wire.ends(), ["gap of 1", "ask", "CaptureEnded, 1 SYN, answered"], "a SYN is no guess");
}
