//! Hostile packets below TCP.

use super::builder::packet::{Segment, tcp};
use super::builder::{Capture, Link, Packet, Pcap, US};
use super::files::hooks;
use super::{Hostile, kind};

pub(super) const KINDS: &[Hostile] = &[
    kind(
        "fragment-starts",
        "the first fragments of {} datagrams that are never complete",
        Some("limit-reached"),
        20_000,
        |count| packets((0..count).map(|number| fragment(number as u16, number / 65_536, 0, true, 400))),
    ),
    kind(
        "fragment-crumbs",
        "a datagram in fragments of 8 octets, each second one first, {} times",
        None,
        20,
        |count| {
            packets((0..count).flat_map(|number| {
                let places = (0..4_000_u16)
                    .map(|place| if place < 2_000 { place * 2 } else { (place - 2_000) * 2 + 1 });
                places.map(move |place| fragment(number as u16, 0, place, place < 3_999, 8))
            }))
        },
    ),
    kind(
        "fragment-overlaps",
        "a datagram of which {} fragments lie over each other and differ",
        Some("overlap-conflict"),
        5_000,
        |count| {
            packets((0..count).map(|number| {
                let mut octets = fragment(7, 0, (number % 400) as u16, true, 1_200);
                let last = octets.len() - 1;
                octets[last] = number as u8;
                octets
            }))
        },
    ),
    kind("tunnels", "packets of IP in IP, {} headers deep", Some("limit-reached"), 100, |count| {
        let deep = |packet: &Packet| {
            let mut ip = packet.ip.clone();
            for _ in 0..count {
                ip = [&header(4, ip.len(), 7, 0)[..], &ip].concat();
            }
            Packet { ip, ..packet.clone() }
        };
        let mut all = hooks();
        all.extend(hooks().iter().map(deep).collect::<Vec<_>>());
        Pcap::default().write(Link::Ethernet(&[]), &all)
    }),
    kind("tags", "{} VLAN tags before the IP header", Some("limit-reached"), 100, |count| {
        let tags: &'static [u16] = vec![7; count as usize].leak();
        Pcap::default().write(Link::Ethernet(tags), &hooks())
    }),
    kind("extension-headers", "{} IPv6 extension headers before TCP", None, 100, |count| {
        let (source, destination) =
            ("[2001:db8::1]:4000".parse().unwrap(), "[2001:db8::2]:80".parse().unwrap());
        let mut ip = tcp(
            source,
            destination,
            1,
            &Segment { flags: 16, payload: b"POST / HTTP/1.1".to_vec(), ..Segment::default() },
        );
        for _ in 0..count {
            let (head, rest) = ip.split_at(40);
            let next = [&[head[6], 0, 1, 4, 0, 0, 0, 0], rest].concat();
            let mut head = head.to_vec();
            head[6] = 60;
            head[4..6].copy_from_slice(&(next.len() as u16).to_be_bytes());
            ip = [head, next].concat();
        }
        packets([ip])
    }),
];

/// Packets one after the other, behind a session of two hooks.
pub(super) fn packets(packets: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut capture = Capture::new();
    capture.add(hooks());
    let start = 3_000_000_000;
    capture.add(packets.into_iter().zip(0..).map(|(ip, number)| Packet {
        time: start + number * US,
        outbound: false,
        ip,
    }));
    capture.ethernet()
}

/// An IPv4 header before so many octets.
fn header(protocol: u8, length: usize, id: u16, flags: u16) -> [u8; 20] {
    let length = ((20 + length) as u16).to_be_bytes();
    let ([high, low], [more, place]) = (id.to_be_bytes(), flags.to_be_bytes());
    [69, 0, length[0], length[1], high, low, more, place, 64, protocol, 0, 0, 192, 0, 2, 77, 192, 0, 2, 78]
}

/// A fragment of a TCP segment, at so many times eight octets.
fn fragment(id: u16, host: u32, place: u16, more: bool, length: usize) -> Vec<u8> {
    let mut octets = header(6, length, id, place | u16::from(more) << 13).to_vec();
    octets[15] = host as u8;
    octets.extend((0..length).map(|octet| octet as u8));
    octets
}
