//! Hostile capture files.

use super::builder::file::{Octets, Pcap, gzip};
use super::builder::pcapng::Pcapng;
use super::builder::wcs::{Client, to_backend};
use super::builder::{Capture, Link, Packet, SEC};
use super::{Hostile, kind};

pub(super) const KINDS: &[Hostile] = &[
    kind("interfaces", "a pcapng file with {} interfaces", Some("limit-reached"), 250_000, |count| {
        let mut file = Pcapng::new(false);
        for _ in 0..count {
            file.interface(Link::Ethernet(&[]), "eth0", 9, 4_096);
        }
        file.packets(count as usize - 1, &hooks()).finish()
    }),
    kind("sections", "a pcapng file with {} sections", None, 10_000, |count| {
        let mut file = Pcapng::new(false);
        for number in 0..count {
            file.section(number % 2 == 1).interface(Link::Ethernet(&[]), "eth0", 6, 4_096);
        }
        file.packets(0, &hooks()).finish()
    }),
    kind(
        "link-types",
        "a pcapng file whose {} interfaces have link types of their own, a packet each",
        Some("capture-loss"),
        2_000,
        |count| {
            let mut file = Pcapng::new(false);
            file.interface(Link::Ethernet(&[]), "eth0", 6, 4_096).packets(0, &hooks());
            let mut octets = file.finish();
            for number in 0..count {
                let number = number % 60_000;
                let mut block = Octets::new(false);
                let description = [1, 20, 1_000 + number, 0, 20];
                let packet = [6, 36, number + 1, 0x0005_0000, 0, 4, 4, 0, 36];
                for word in description.into_iter().chain(packet) {
                    block.u32(word);
                }
                octets.extend(block.octets);
            }
            octets
        },
    ),
    kind("huge-claims", "{} records that claim to be 4 GiB long", Some("capture-cut"), 2_000, |count| {
        let mut octets = Pcap::default().write(Link::Ethernet(&[]), &hooks());
        (0..count).for_each(|_| octets.extend([0xff; 64]));
        octets
    }),
    kind("empty-records", "{} records without octets", Some("capture-loss"), 20_000, |count| {
        let mut octets = Pcap::default().write(Link::Ethernet(&[]), &hooks());
        octets.extend([0; 16].repeat(count as usize));
        octets
    }),
    kind(
        "clock-jumps",
        "{} frames whose clock jumps between 1970 and 2106",
        Some("clock-backwards"),
        2_000,
        |count| {
            let packets: Vec<Packet> = hooks().into_iter().cycle().take(count as usize).collect();
            let mut octets = Pcap::default().write(Link::Ethernet(&[]), &packets);
            let mut at = 24;
            for number in 0..packets.len() {
                let time: u32 = [0, u32::MAX, 0x8000_0000, 0x7fff_ffff][number % 4];
                octets[at..at + 4].copy_from_slice(&time.to_le_bytes());
                let length = u32::from_le_bytes(octets[at + 8..at + 12].try_into().unwrap());
                at += 16 + length as usize;
            }
            octets
        },
    ),
    kind(
        "packed",
        "{} KiB of zeros behind the last record, as 1 KiB of gzip for each 1,000",
        Some("capture-loss"),
        4_000,
        |count| {
            let mut octets = Pcap::default().write(Link::Ethernet(&[]), &hooks());
            octets.resize(octets.len() + 1_024 * count as usize, 0);
            gzip(&octets)
        },
    ),
];

/// A session of two hooks.
pub(super) fn hooks() -> Vec<Packet> {
    let mut backend = to_backend(40_900, SEC);
    backend.handshake().session(&Client::new(9)).close();
    Capture::of([backend]).packets()
}
