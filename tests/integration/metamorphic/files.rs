//! Capture files as lists of records: a reader that knows what the builder writes, and writers.

use crate::support::builder::file::{self, Octets};
use hookscope::capture::Captures;
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// A frame of a capture.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number in the unchanged capture.
    pub origin: u64,
    /// Nanoseconds since 1970.
    pub time: u64,
    /// The link type's number.
    pub link: u16,
    /// Octets on the wire.
    pub wire_len: usize,
    /// Octets captured.
    pub data: Vec<u8>,
}

/// TCP's part of a record.
pub struct Tcp {
    /// Addresses and ports: sender, receiver.
    pub ends: [Vec<u8>; 2],
    /// The control bits.
    pub flags: u8,
    /// Octets of payload on the wire.
    pub payload: usize,
}

impl Record {
    /// Octets in front of the IP header.
    pub fn link_header(&self) -> usize {
        match self.link {
            0 | 108 => 4,
            1 => {
                let tags = self.data[12..].chunks(4).take_while(|tag| is_vlan_tag(tag)).count();
                14 + 4 * tags
            }
            101 => 0,
            113 => 16,
            276 => 20,
            other => panic!("link type {other}"),
        }
    }

    /// The IP packet, without padding behind it, and its length on the wire.
    pub fn ip(&self) -> (&[u8], usize) {
        let header = self.link_header();
        let ip = &self.data[header..];
        let length = match ip[0] >> 4 {
            4 => usize::from(u16::from_be_bytes([ip[2], ip[3]])),
            6 => 40 + usize::from(u16::from_be_bytes([ip[4], ip[5]])),
            version => panic!("IP version {version} in frame {}", self.origin),
        };
        assert!(length <= self.wire_len - header, "frame {}", self.origin);
        (&ip[..ip.len().min(length)], length)
    }

    /// Whether there is nothing but a whole IP packet behind a header that this test knows.
    fn is_whole_ip(&self) -> bool {
        let kind = match self.link {
            0 | 108 => Some(
                self.data.get(..4).is_some_and(|family| [2, 0, 0, 0] == family || [0, 0, 0, 2] == family),
            ),
            1 => self.data.get(12..14).map(|kind| matches!(kind, [8, 0] | [0x86, 0xdd])),
            101 => Some(true),
            113 => self.data.get(14..16).map(|kind| matches!(kind, [8, 0] | [0x86, 0xdd])),
            _ => None,
        };
        if kind != Some(true) {
            return false;
        }
        let Some(ip) = self.data.get(self.link_header()..).filter(|ip| ip.len() >= 40) else { return false };
        let length = match ip[0] >> 4 {
            4 => usize::from(u16::from_be_bytes([ip[2], ip[3]])),
            6 => 40 + usize::from(u16::from_be_bytes([ip[4], ip[5]])),
            _ => 0,
        };
        let is_fragment = ip[0] >> 4 == 4 && u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff != 0;
        (40..=ip.len()).contains(&length) && self.wire_len == self.data.len() && !is_fragment
    }

    /// Its TCP segment, if it is one.
    pub fn tcp(&self) -> Option<Tcp> {
        let (ip, length) = self.ip();
        let (protocol, header, addresses, size) =
            if ip[0] >> 4 == 4 { (ip[9], usize::from(ip[0] & 15) * 4, 12, 4) } else { (ip[6], 40, 8, 16) };
        let tcp = ip.get(header..header + 20).filter(|_| protocol == 6)?;
        let end = |which: usize| {
            let address = addresses + which * size;
            [&ip[address..address + size], &tcp[which * 2..which * 2 + 2]].concat()
        };
        let payload = length - header - usize::from(tcp[12] >> 4) * 4;
        Some(Tcp { ends: [end(0), end(1)], flags: tcp[13], payload })
    }

    pub fn has_payload(&self) -> bool {
        self.tcp().is_some_and(|tcp| tcp.payload > 0)
    }
}

fn is_vlan_tag(octets: &[u8]) -> bool {
    matches!(octets[..2], [0x81, 0] | [0x88, 0xa8])
}

/// A capture file as the library is to read it.
pub struct File {
    pub octets: Vec<u8>,
    /// For each of its frames, the number in the unchanged capture.
    pub origins: Vec<u64>,
    /// Whether it is to be read in small pieces.
    pub pieces: bool,
}

impl File {
    /// Records as pcap with microseconds.
    pub fn pcap(records: &[Record]) -> Self {
        Self::pcap_with(records, false, false)
    }

    pub fn pcap_with(records: &[Record], nanoseconds: bool, big_endian: bool) -> Self {
        Self::new(records, pcap(records, nanoseconds, big_endian))
    }

    pub fn pcapng(records: &[Record], nanoseconds: bool, big_endian: bool) -> Self {
        Self::new(records, pcapng(records, nanoseconds, big_endian))
    }

    fn new(records: &[Record], octets: Vec<u8>) -> Self {
        Self { octets, origins: records.iter().map(|record| record.origin).collect(), pieces: false }
    }

    pub fn reader(&self) -> Box<dyn Read> {
        let octets = Cursor::new(self.octets.clone());
        if self.pieces { Box::new(Pieces { octets, reads: 0 }) } else { Box::new(octets) }
    }
}

/// Gives one to seven octets at a time.
struct Pieces {
    octets: Cursor<Vec<u8>>,
    reads: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        let count = buffer.len().min(self.reads * 5 % 7 + 1);
        self.octets.read(&mut buffer[..count])
    }
}

/// The records of a file, with times cut to microseconds, which all formats hold.
pub fn read(octets: &[u8]) -> Vec<Record> {
    let mut records = read_as_is(octets);
    for record in &mut records {
        record.time -= record.time % 1_000;
    }
    records
}

/// The whole IP packets of any file that the library reads, with times cut to microseconds.
pub fn read_ip(path: &Path) -> Vec<Record> {
    let mut captures = Captures::open(&[path.to_owned()], &Limits::default()).unwrap();
    let (mut records, mut facts) = (Vec::new(), Facts::default());
    while let Some(frame) = captures.next_frame(&mut facts) {
        let time = u64::try_from(frame.time.nanoseconds()).unwrap_or(0);
        let record = Record {
            origin: records.len() as u64 + 1,
            time: time - time % 1_000,
            link: frame.link_type.0,
            wire_len: frame.wire_len as usize,
            data: frame.data.to_vec(),
        };
        let is_alike = records.first().is_none_or(|first: &Record| first.link == record.link);
        if record.is_whole_ip() && is_alike {
            records.push(record);
        }
    }
    records
}

/// The records of a file.
pub fn read_as_is(octets: &[u8]) -> Vec<Record> {
    if octets.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(octets).read_to_end(&mut plain).unwrap();
        return read_as_is(&plain);
    }
    let mut records =
        if octets.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) { read_pcapng(octets) } else { read_pcap(octets) };
    for (number, record) in (1..).zip(&mut records) {
        record.origin = number;
    }
    records
}

fn word(octets: &[u8], big_endian: bool) -> u64 {
    let word: [u8; 4] = octets[..4].try_into().unwrap();
    u64::from(if big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
}

fn read_pcap(octets: &[u8]) -> Vec<Record> {
    let big_endian = octets[0] == 0xa1;
    let magic = word(octets, big_endian);
    let unit = if magic == 0xa1b2_3c4d { 1 } else { 1_000 };
    let link = word(&octets[20..], big_endian) as u16;
    let mut records = Vec::new();
    let mut rest = &octets[24..];
    while let Some(header) = rest.get(..16) {
        let [seconds, fraction, captured, wire_len] = [0, 4, 8, 12].map(|at| word(&header[at..], big_endian));
        let Some(data) = rest.get(16..16 + captured as usize) else { break };
        let time = seconds * 1_000_000_000 + fraction * unit;
        records.push(Record { origin: 0, time, link, wire_len: wire_len as usize, data: data.to_vec() });
        rest = &rest[16 + data.len()..];
    }
    records
}

/// Reads enhanced and simple packet blocks.
fn read_pcapng(octets: &[u8]) -> Vec<Record> {
    let (mut records, mut interfaces, mut big_endian) = (Vec::new(), Vec::new(), false);
    let mut rest = octets;
    while rest.len() >= 12 {
        if rest.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            big_endian = rest[8] == 0x1a;
            interfaces.clear();
        }
        let at = |at: usize| word(&rest[at..], big_endian);
        let length = at(4) as usize;
        let record = |link, time, wire_len: u64, data: &[u8]| {
            let wire_len = wire_len as usize;
            Record { origin: 0, time, link, wire_len, data: data.to_vec() }
        };
        match at(0) {
            1 => {
                let link = if big_endian { rest[9] } else { rest[8] };
                // The builder says the resolution where it is not that of microseconds.
                let is_fine = rest[16..length]
                    .windows(5)
                    .any(|option| option[1..4] == [9, 0, 1] || option == [0, 9, 0, 1, 9]);
                interfaces.push((u16::from(link), if is_fine { 1 } else { 1_000 }));
            }
            3 => {
                let time = records.last().map_or(0, |record: &Record| record.time);
                let data = &rest[12..12 + at(8) as usize];
                records.push(record(interfaces[0].0, time, at(8), data));
            }
            6 => {
                let (link, unit) = interfaces[at(8) as usize];
                let data = &rest[28..28 + at(20) as usize];
                records.push(record(link, (at(12) << 32 | at(16)) * unit, at(24), data));
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    records
}

/// The link type of all records.
fn link(records: &[Record]) -> u16 {
    let link = records.first().map_or(1, |record| record.link);
    assert!(records.iter().all(|record| record.link == link), "a pcap file has one link type");
    link
}

fn pcap(records: &[Record], nanoseconds: bool, big_endian: bool) -> Vec<u8> {
    let mut octets = Octets::new(big_endian);
    octets.u32(if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
    octets.u16(2);
    octets.u16(4);
    for word in [0, 0, 262_144, link(records).into()] {
        octets.u32(word);
    }
    for record in records {
        let fraction = record.time % 1_000_000_000;
        octets.u32((record.time / 1_000_000_000) as u32);
        octets.u32(if nanoseconds { fraction } else { fraction / 1_000 } as u32);
        octets.u32(record.data.len() as u32);
        octets.u32(record.wire_len as u32);
        octets.octets.extend(&record.data);
    }
    octets.octets
}

fn pcapng(records: &[Record], nanoseconds: bool, big_endian: bool) -> Vec<u8> {
    let mut octets = Octets::new(big_endian);
    block(&mut octets, 0x0a0d_0d0a, big_endian, |body| {
        body.u32(0x1a2b_3c4d);
        body.u16(1);
        body.u16(0);
        body.u64(u64::MAX);
    });
    block(&mut octets, 1, big_endian, |body| {
        body.u16(link(records));
        body.u16(0);
        body.u32(0);
        if nanoseconds {
            body.u16(9);
            body.u16(1);
            body.octets.extend([9, 0, 0, 0]);
        }
    });
    for record in records {
        let time = if nanoseconds { record.time } else { record.time / 1_000 };
        block(&mut octets, 6, big_endian, |body| {
            body.u32(0);
            body.u32((time >> 32) as u32);
            body.u32(time as u32);
            body.u32(record.data.len() as u32);
            body.u32(record.wire_len as u32);
            body.octets.extend(&record.data);
        });
    }
    octets.octets
}

fn block(to: &mut Octets, kind: u32, big_endian: bool, fill: impl FnOnce(&mut Octets)) {
    let mut body = Octets::new(big_endian);
    fill(&mut body);
    body.octets.resize(body.octets.len().next_multiple_of(4), 0);
    let length = 12 + body.octets.len() as u32;
    to.u32(kind);
    to.u32(length);
    to.octets.extend(body.octets);
    to.u32(length);
}

/// The file compressed with gzip.
pub fn gzip(file: File) -> File {
    File { octets: file::gzip(&file.octets), ..file }
}
