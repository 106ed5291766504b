//! Changes to a capture that may not matter to what is read from it.

use super::files::{self, File, Record};
use crate::support::builder::packet::{self, flags};
use crate::support::builder::{Link, Packet};
use std::collections::BTreeSet;

/// How much a change keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Exchanges, their frames and times, and all facts.
    All,
    /// Exchanges, their frames and times.
    Places,
    /// The set of exchanges.
    Content,
}

/// A change.
pub struct Change {
    pub name: &'static str,
    pub keeps: Keeps,
    /// The changed capture, as one file or several; `None` where the change cannot be made.
    pub make: fn(&[Record]) -> Option<Vec<File>>,
}

const fn change(name: &'static str, keeps: Keeps, make: fn(&[Record]) -> Option<Vec<File>>) -> Change {
    Change { name, keeps, make }
}

pub const CHANGES: &[Change] = &[
    change("pcap with nanoseconds", Keeps::All, |records| one(File::pcap_with(records, true, false))),
    change("pcap, big endian", Keeps::All, |records| one(File::pcap_with(records, false, true))),
    change("pcapng", Keeps::All, |records| one(File::pcapng(records, false, false))),
    change("pcapng with nanoseconds, big endian", Keeps::All, |records| {
        one(File::pcapng(records, true, true))
    }),
    change("gzip", Keeps::All, |records| one(files::gzip(File::pcap(records)))),
    #[cfg(feature = "zstd")]
    change("zstd", Keeps::All, |records| one(zstd(File::pcapng(records, false, false)))),
    #[cfg(feature = "lz4")]
    change("lz4", Keeps::All, |records| one(lz4(File::pcap(records)))),
    change("pcap in small pieces", Keeps::All, |records| one(File { pieces: true, ..File::pcap(records) })),
    change("pcapng in small pieces", Keeps::All, |records| {
        one(File { pieces: true, ..File::pcapng(records, true, true) })
    }),
    change("gzip in small pieces", Keeps::All, |records| {
        one(File { pieces: true, ..files::gzip(File::pcapng(records, false, false)) })
    }),
    change("every packet twice", Keeps::Places, doubled),
    change("neighbors swapped", Keeps::Content, swapped),
    change("in several files", Keeps::Places, |records| split(records, false)),
    change("in several files, the last one first", Keeps::Places, |records| split(records, true)),
    change("on Ethernet", Keeps::All, |records| linked(records, Link::Ethernet(&[]))),
    change("Linux cooked", Keeps::All, |records| linked(records, Link::LinuxCooked)),
    change("Linux cooked 2", Keeps::All, |records| linked(records, Link::LinuxCooked2)),
    change("raw IP", Keeps::All, |records| linked(records, Link::RawIp)),
    change("BSD loopback", Keeps::All, |records| linked(records, Link::Null)),
    change("OpenBSD loopback", Keeps::All, |records| linked(records, Link::Loop)),
    change("in a VLAN", Keeps::All, |records| linked(records, Link::Ethernet(&[120]))),
    change("in two VLANs", Keeps::All, |records| linked(records, Link::Ethernet(&[2_000, 120]))),
    change("in VXLAN", Keeps::Places, |records| mapped(records, vxlan)),
    change("fragmented", Keeps::Places, fragmented),
];

#[expect(clippy::unnecessary_wraps, reason = "other changes cannot always be made")]
fn one(file: File) -> Option<Vec<File>> {
    Some(vec![file])
}

#[cfg(feature = "zstd")]
fn zstd(file: File) -> File {
    File { octets: zstd::encode_all(&file.octets[..], 1).unwrap(), ..file }
}

#[cfg(feature = "lz4")]
fn lz4(file: File) -> File {
    use std::io::Write as _;
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(&file.octets).unwrap();
    File { octets: encoder.finish().unwrap(), ..file }
}

// ---- Packets ----

/// How much later a copy is captured.
const LATER: u64 = 3_000;

fn doubled(records: &[Record]) -> Option<Vec<File>> {
    let twice = |record: &Record| [record.clone(), Record { time: record.time + LATER, ..record.clone() }];
    let mut all: Vec<_> = records.iter().flat_map(twice).collect();
    // A clock that runs backwards, or stands still, has no place for copies by time.
    if records.is_sorted_by(|one, other| one.time < other.time) {
        all.sort_by_key(|record| record.time);
    }
    one(File::pcap(&all))
}

/// How far apart packets are captured that may have overtaken each other.
const NEAR: u64 = 10_000_000;

/// Swaps pairs of neighbors that one side of a connection sent, where both sides were seen to open it.
fn swapped(records: &[Record]) -> Option<Vec<File>> {
    let mut records = records.to_vec();
    let (mut opened, mut at) = (BTreeSet::new(), 0);
    while at < records.len() {
        let pair = [records[at].tcp(), records.get(at + 1).and_then(Record::tcp)];
        if let [Some(first), _] = &pair
            && first.flags & flags::SYN != 0
        {
            opened.insert(first.ends.clone());
        }
        let [Some(one), Some(other)] = pair else {
            at += 1;
            continue;
        };
        let [sender, receiver] = &one.ends;
        let is_open = opened.contains(&one.ends) && opened.contains(&[receiver.clone(), sender.clone()]);
        // A RST ends the connection where it stands.
        let matters = (one.flags | other.flags) & (flags::SYN | flags::RST) != 0;
        let is_near = records[at].time.abs_diff(records[at + 1].time) <= NEAR;
        if one.ends != other.ends || !is_open || matters || !is_near {
            at += 1;
            continue;
        }
        let times = [records[at].time, records[at + 1].time];
        records.swap(at, at + 1);
        [records[at].time, records[at + 1].time] = times;
        at += 2;
    }
    one(File::pcap(&records))
}

/// Splits the capture where all that comes before is earlier than all that comes behind.
fn split(records: &[Record], reversed: bool) -> Option<Vec<File>> {
    let is_place = |at: usize| {
        let (before, behind) = records.split_at(at);
        let [before, behind] = [before.iter().map(|r| r.time).max(), behind.iter().map(|r| r.time).min()];
        // Files in another order than the command line's are told apart by time alone.
        if reversed { before < behind } else { before <= behind }
    };
    let quarter = records.len() / 4;
    let near = |target: usize| (target..records.len()).find(|at| *at > 0 && is_place(*at));
    let places: BTreeSet<usize> =
        [quarter, quarter + 1, 2 * quarter, 3 * quarter].into_iter().filter_map(near).collect();
    let mut files = Vec::new();
    let mut begin = 0;
    for end in places.into_iter().chain([records.len()]) {
        files.push(File::pcap(&records[begin..end]));
        begin = end;
    }
    if reversed {
        files.reverse();
    }
    (files.len() > 1).then_some(files)
}

// ---- What stands around them ----

/// A record whose IP packet is wrapped anew; what was not captured of it is still not captured.
fn wrapped(record: &Record, link: u16, wrap: impl FnOnce(&[u8]) -> Vec<u8>) -> Record {
    let (ip, length) = record.ip();
    let mut whole = ip.to_vec();
    whole.resize(length, 0);
    let mut data = wrap(&whole);
    let wire_len = data.len();
    data.truncate(wire_len - (length - ip.len()));
    Record { link, wire_len, data, ..record.clone() }
}

fn mapped(records: &[Record], change: fn(&Record) -> Record) -> Option<Vec<File>> {
    one(File::pcap(&records.iter().map(change).collect::<Vec<_>>()))
}

fn frame(link: Link, ip: &[u8]) -> Vec<u8> {
    link.frame(&Packet { time: 0, outbound: false, ip: ip.to_vec() })
}

fn linked(records: &[Record], link: Link) -> Option<Vec<File>> {
    let wrap = |record: &Record| wrapped(record, link.number(), |ip| frame(link, ip));
    one(File::pcap(&records.iter().map(wrap).collect::<Vec<_>>()))
}

/// Ethernet inside VXLAN (RFC 7348), between two hosts that have nothing to do with the packet.
fn vxlan(record: &Record) -> Record {
    const HEADER: [u8; 8] = [8, 0, 0, 0, 0, 0, 42, 0];
    let ends = ["203.0.113.201:49152", "203.0.113.202:4789"].map(|end| end.parse().unwrap());
    wrapped(record, 1, |ip| {
        let inner = [&HEADER[..], &frame(Link::Ethernet(&[]), ip)].concat();
        frame(Link::Ethernet(&[]), &packet::udp(ends[0], ends[1], 0, &inner))
    })
}

/// Octets of a fragment's payload; a multiple of eight.
const FRAGMENT: usize = 600;

/// IPv4 packets in fragments (RFC 791, section 3.2), of equal times.
fn fragmented(records: &[Record]) -> Option<Vec<File>> {
    let all: Vec<_> = records.iter().flat_map(fragments).collect();
    (all.len() > records.len()).then(|| vec![File::pcap(&all)])
}

fn fragments(record: &Record) -> Vec<Record> {
    let (ip, length) = record.ip();
    if ip[0] >> 4 != 4 || ip.len() < length || length <= 20 + FRAGMENT {
        return vec![record.clone()];
    }
    let header_len = usize::from(ip[0] & 15) * 4;
    let (header, payload) = ip.split_at(header_len);
    let count = payload.len().div_ceil(FRAGMENT);
    let fragment = |(number, part): (usize, &[u8])| {
        let more = if number + 1 < count { 0x2000 } else { 0 };
        let place = (number * FRAGMENT / 8) as u16 | more;
        let mut octets = header.to_vec();
        octets[2..4].copy_from_slice(&((header_len + part.len()) as u16).to_be_bytes());
        octets[6..8].copy_from_slice(&place.to_be_bytes());
        octets.extend(part);
        let link_header = &record.data[..record.link_header()];
        let data = [link_header, &octets].concat();
        Record { wire_len: data.len(), data, ..record.clone() }
    };
    payload.chunks(FRAGMENT).enumerate().map(fragment).collect()
}
