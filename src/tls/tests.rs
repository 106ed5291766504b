use super::*;
use crate::endpoint::FrameNumber;
use crate::tcp::Opening;
use crate::time::Timestamp;

fn at(number: u64) -> Moment {
    Moment { frame: FrameNumber::new(0, number), time: Timestamp::from_nanoseconds(0) }
}

fn vector(length_octets: usize, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[4 - length_octets..], content].concat()
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &vector(2, content)[..]].concat()
}

fn hello(kind: u8, body: &[&[u8]]) -> Vec<u8> {
    record(0x16, &[&[kind], &vector(3, &body.concat())[..]].concat())
}

fn client_hello(name: &str) -> Vec<u8> {
    let name = vector(2, &[&[0], &vector(2, name.as_bytes())[..]].concat());
    let versions = vector(1, &[0x1a, 0x1a, 3, 4, 3, 3]);
    let extensions = [&[0, 0], &vector(2, &name)[..], &[0, 43], &vector(2, &versions)[..]].concat();
    let random = [7; 32];
    hello(1, &[&[3, 3], &random, &[0], &[0, 2, 0x13, 1], &[1, 0], &vector(2, &extensions)])
}

fn server_hello() -> Vec<u8> {
    hello(2, &[&[3, 3], &[8; 32], &[0], &[0xc0, 0x2f, 0], &[0, 0]])
}

/// What comes of what the sides send, in pieces of so many octets.
fn talk(sent: &[(Side, Vec<u8>)], step: usize) -> Option<TlsConnection> {
    let mut stage = Handshakes::new(&Limits::default());
    let end = |port| Endpoint::new([192, 0, 2, 1].into(), port);
    let head = Head {
        id: ConnectionId(3),
        opener: end(4000),
        acceptor: end(443),
        from_start: true,
        syn: None,
        established: None,
        captured: Sides { opener: true, acceptor: true },
    };
    let mut offsets = Sides { opener: 0, acceptor: 0 };
    for (number, (side, octets)) in (1..).zip(sent) {
        for octets in octets.chunks(step) {
            let offset = *offsets.of(*side);
            stage.push(
                &head,
                &Event::Data { side: *side, offset, octets, at: at(number), received: 0 },
                &mut Facts::default(),
            );
            *offsets.of_mut(*side) += octets.len() as u64;
        }
    }
    let opening = Opening::default();
    let counts = Sides::default();
    stage.push(
        &head,
        &Event::Closed { why: Closing::Ended, opening: &opening, counts, last: at(99) },
        &mut Facts::default(),
    )
}

use Side::{Acceptor, Opener};

#[test]
fn a_handshake_is_read_in_any_pieces() {
    let sent = [
        (Opener, client_hello("backend.example.com")),
        (Acceptor, server_hello()),
        (Opener, record(0x14, &[1])),
        (Acceptor, record(0x14, &[1])),
        (Opener, record(0x17, &[0; 90])),
    ];
    for step in [5, 7, 64, 4_000] {
        let seen = talk(&sent, step).unwrap();
        let hello = seen.hello.unwrap();
        assert_eq!((hello.server_name.as_deref(), hello.version), (Some("backend.example.com"), 0x0304));
        assert_eq!((seen.version, seen.established, seen.alert), (Some(0x0303), true, None));
    }
}

#[test]
fn an_alert_is_read_with_its_sender() {
    let sent = [(Opener, client_hello("a")), (Acceptor, server_hello()), (Opener, record(0x15, &[2, 48]))];
    let seen = talk(&sent, 4_000).unwrap();
    let (side, alert) = seen.alert.unwrap();
    assert_eq!((side, alert.is_fatal, alert.name(), alert.at), (Opener, true, "unknown_ca", at(3)));
    assert!(alert.is_about_certificate() && !seen.established);
}

#[test]
fn mixed_up_schemes_are_seen_from_either_side() {
    let plain = (Acceptor, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let seen = talk(&[(Opener, client_hello("a")), plain], 4_000).unwrap();
    assert_eq!(seen.speaks.acceptor.unwrap().0, Speaks::Http);
    let asked = (Opener, b"POST /a HTTP/1.1\r\n\r\n".to_vec());
    let seen = talk(&[asked, (Acceptor, record(0x15, &[2, 10]))], 4_000).unwrap();
    assert_eq!((seen.speaks.opener.unwrap().0, seen.alert.unwrap().1.description), (Speaks::Http, 10));
}

#[test]
fn connections_without_tls_are_nothing() {
    assert!(
        talk(
            &[(Opener, b"POST / HTTP/1.1\r\n\r\n".to_vec()), (Acceptor, b"HTTP/1.1 200 OK\r\n".to_vec())],
            9
        )
        .is_none()
    );
}

proptest::proptest! {
    #[test]
    fn any_octets_are_read_without_panic(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..400), step in 1_usize..50) {
        let octets = [&[0x16, 3, 1, 0][..], &octets].concat();
        talk(&[(Opener, octets.clone()), (Acceptor, octets)], step);
    }
}

#[test]
fn what_is_held_of_handshakes_is_bounded() {
    let limits = Limits { handshake: 1_000, handshake_total: 20_000, ..Limits::default() };
    let (mut stage, mut facts) = (Handshakes::new(&limits), Facts::default());
    let end = |port| Endpoint::new([192, 0, 2, 1].into(), port);
    let mut says = |id: u32, offset: u64, octets: &[u8], facts: &mut Facts| {
        let head = Head {
            id: ConnectionId(id),
            opener: end(4000),
            acceptor: end(443),
            from_start: true,
            syn: None,
            established: None,
            captured: Sides { opener: true, acceptor: true },
        };
        stage.push(&head, &Event::Data { side: Opener, offset, octets, at: at(1), received: 0 }, facts);
        stage.held.0
    };
    // A record that is announced to be long, and comes in pieces.
    let begin = [&[0x16, 3, 1, 0x30, 0][..], &[1; 500]].concat();
    for id in 0..1_000 {
        assert!(says(id, 0, &begin, &mut facts) <= limits.handshake_total);
    }
    assert!(facts.count(FactKind::LimitReached(Limit::HandshakeTotal)) > 900);
    assert_eq!(facts.count(FactKind::LimitReached(Limit::Handshake)), 0);
    says(0, 505, &[1; 600], &mut facts);
    assert_eq!(facts.count(FactKind::LimitReached(Limit::Handshake)), 1);
}
