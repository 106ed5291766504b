//! Hostile TCP, and TLS.

use super::builder::packet::{Segment, flags, tcp};
use super::ip::packets;
use super::{Hostile, kind};
use std::net::SocketAddr;

pub(super) const KINDS: &[Hostile] = &[
    kind("syn-flood", "SYNs from {} ports and addresses", Some("limit-reached"), 100_000, |count| {
        packets((0..count).map(|number| segment(number, flags::SYN, number, b"")))
    }),
    kind("half-heads", "{} connections that each send half a request's head", None, 10_000, |count| {
        let head = [&b"POST /rest/my_api/connect HTTP/1.1\r\nX: "[..], &[b'x'; 200]].concat();
        packets(
            (0..count).flat_map(|number| {
                [segment(number, flags::SYN, 0, b""), segment(number, flags::ACK, 1, &head)]
            }),
        )
    }),
    kind(
        "far-numbers",
        "{} segments whose sequence numbers jump by halves of the space",
        Some("capture-loss"),
        10_000,
        |count| {
            packets(
                (0..count)
                    .map(|number| segment(0, flags::ACK, number.wrapping_mul(0x7fff_ff01), &[b'x'; 100])),
            )
        },
    ),
    kind("never-first", "{} segments behind one that never comes", Some("limit-reached"), 10_000, |count| {
        packets((0..count).map(|number| {
            segment(0, flags::ACK, if number == 0 { 0 } else { 1_000 + number * 400 }, &[b'x'; 399])
        }))
    }),
    kind(
        "overlaps",
        "{} segments over each other, with other content each time",
        Some("overlap-conflict"),
        10_000,
        |count| {
            packets((0..count).map(|number| {
                let payload = [number as u8; 1_000];
                segment(0, flags::ACK, number * 10, &payload)
            }))
        },
    ),
    kind("crumbs", "{} segments of one octet each", None, 10_000, |count| {
        packets((0..count).map(|number| segment(0, flags::ACK, number, b"x")))
    }),
    kind(
        "far-acknowledgments",
        "{} acknowledgments of octets that were never sent",
        Some("capture-loss"),
        10_000,
        |count| {
            packets((0..count).map(|number| {
                let (one, other) = ends(0);
                let acknowledgment =
                    Segment { ack: number.wrapping_mul(1 << 20), flags: flags::ACK, ..Segment::default() };
                if number == 0 {
                    segment(0, flags::ACK, 0, b"x")
                } else {
                    tcp(other, one, number as u16, &acknowledgment)
                }
            }))
        },
    ),
    kind("resets", "{} connections on the same ports, each reset", None, 10_000, |count| {
        packets((0..count).flat_map(|number| {
            let number = number * 100_003;
            [segment(0, flags::SYN, number, b""), segment(0, flags::RST | flags::ACK, number + 1, b"")]
        }))
    }),
    kind("unreachable", "ICMP messages about {} connections", Some("backend-rejected"), 10_000, |count| {
        use super::builder::packet::unreachable;
        let reporter: std::net::IpAddr = "203.0.113.1".parse().unwrap();
        packets((0..count).map(|number| {
            let quoted = segment(number, flags::SYN, 0, b"");
            unreachable(reporter, ends(number).0.ip(), 1, &quoted)
        }))
    }),
    kind("empty-tls-records", "{} records of TLS without octets, in one segment", None, 12_500, |count| {
        let records = [0x16, 3, 3, 0, 0].repeat(count as usize);
        packets([segment(0, flags::SYN, 0, b""), segment(0, flags::ACK, 1, &records)])
    }),
];

/// The ends of a connection.
fn ends(number: u32) -> (SocketAddr, SocketAddr) {
    let [_, high, middle, low] = number.to_be_bytes();
    (([10, high, middle, low], 40_000).into(), ([198, 51, 100, 20], 8_081).into())
}

/// A segment of a connection.
fn segment(number: u32, flags: u8, seq: u32, payload: &[u8]) -> Vec<u8> {
    let (one, other) = ends(number);
    tcp(
        one,
        other,
        seq as u16,
        &Segment { seq, flags, window: 1_000, payload: payload.to_vec(), ..Segment::default() },
    )
}
