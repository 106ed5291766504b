//! Captures built octet by octet.

#![expect(clippy::cast_possible_truncation, reason = "the captures are small")]

mod compressed;
mod damaged;
mod merged;
mod pcap;
mod pcapng;
mod window;

use super::{Capture, CaptureError, CaptureSummary, LinkType};
use crate::fact::{FactKind, Facts};
use crate::limits::Limits;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// A frame with octets of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    number: u64,
    nanoseconds: i64,
    link_type: LinkType,
    interface: u32,
    wire_len: u32,
    data: Vec<u8>,
}

/// All that is read from a capture.
struct Contents {
    frames: Vec<Kept>,
    facts: Facts,
    summary: CaptureSummary,
}

impl Contents {
    /// The first octet of each frame: the tests number them so.
    fn marks(&self) -> Vec<u8> {
        self.frames.iter().filter_map(|frame| frame.data.first().copied()).collect()
    }

    fn nanoseconds(&self) -> Vec<i64> {
        self.frames.iter().map(|frame| frame.nanoseconds).collect()
    }

    /// What a fact says, and how often it was noted.
    fn told(&self, kind: FactKind) -> (u64, &str) {
        self.facts.get(kind).map_or((0, ""), |fact| (fact.count, fact.detail.as_deref().unwrap_or_default()))
    }
}

fn open(reader: Box<dyn Read>) -> Result<Capture, CaptureError> {
    Capture::from_reader(reader, Path::new("test.pcap"), 0, &Limits::default())
}

fn contents(mut capture: Capture) -> Contents {
    let (mut frames, mut facts) = (Vec::new(), Facts::default());
    while capture.advance(&mut facts).is_some() {
        let frame = capture.frame().unwrap();
        frames.push(Kept {
            number: frame.number.number(),
            nanoseconds: frame.time.nanoseconds(),
            link_type: frame.link_type,
            interface: frame.interface,
            wire_len: frame.wire_len,
            data: frame.data.to_vec(),
        });
    }
    assert_eq!(capture.advance(&mut facts), None, "the end stays the end");
    Contents { frames, facts, summary: capture.finish() }
}

/// Reads a capture at once and in pieces of all small sizes, with the same result.
fn read(octets: &[u8]) -> Contents {
    let whole = contents(open(Box::new(Cursor::new(octets.to_vec()))).unwrap());
    let pieces = contents(open(Box::new(Pieces { octets: octets.to_vec(), given: 0 })).unwrap());
    assert_eq!(whole.frames, pieces.frames);
    assert_eq!(whole.summary.sha256, pieces.summary.sha256);
    assert_eq!(whole.summary.cut_short, pieces.summary.cut_short);
    whole
}

fn refused(octets: &[u8]) -> String {
    match open(Box::new(Cursor::new(octets.to_vec()))) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is a capture"),
    }
}

/// Gives 1 to 7 octets at a time, and is interrupted in between.
struct Pieces {
    octets: Vec<u8>,
    given: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.given += 1;
        if self.given.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = (self.given % 7 + 1).min(buffer.len()).min(self.octets.len());
        buffer[..count].copy_from_slice(&self.octets[..count]);
        self.octets.drain(..count);
        Ok(count)
    }
}

/// A byte order of the tests' files.
#[derive(Clone, Copy, PartialEq)]
enum Endian {
    Little,
    Big,
}

impl Endian {
    fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u64(self, value: u64) -> [u8; 8] {
        if self == Self::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A pcap file's header.
    fn header(self, magic: u32, snap_len: u32, network: u32) -> Vec<u8> {
        let words = [magic, 0, 0, 0, snap_len, network];
        let mut octets: Vec<u8> = words.iter().flat_map(|word| self.u32(*word)).collect();
        octets[4..6].copy_from_slice(&self.u16(2));
        octets[6..8].copy_from_slice(&self.u16(4));
        octets
    }

    /// A record of a pcap file.
    fn record(self, seconds: u32, data: &[u8], wire_len: u32) -> Vec<u8> {
        let words = [seconds, 500_000, data.len() as u32, wire_len];
        let mut octets: Vec<u8> = words.iter().flat_map(|word| self.u32(*word)).collect();
        octets.extend(data);
        octets
    }

    /// A block of a pcapng file.
    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let length = self.u32(12 + padded as u32);
        let mut octets = [self.u32(kind), length].concat();
        octets.extend(body);
        octets.resize(8 + padded, 0);
        octets.extend(length);
        octets
    }

    fn section(self) -> Vec<u8> {
        let body = [&self.u32(0x1a2b_3c4d)[..], &self.u16(1), &self.u16(0), &self.u64(u64::MAX)].concat();
        self.block(0x0a0d_0d0a, &body)
    }

    /// An interface with options of these codes and values.
    fn interface(self, link_type: u16, snap_len: u32, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = [&self.u16(link_type)[..], &[0; 2], &self.u32(snap_len)].concat();
        body.extend(self.options(options));
        self.block(1, &body)
    }

    fn options(self, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut octets = Vec::new();
        for (code, value) in options {
            octets.extend(self.u16(*code));
            octets.extend(self.u16(value.len() as u16));
            octets.extend(*value);
            octets.resize(octets.len().next_multiple_of(4), 0);
        }
        if !options.is_empty() {
            octets.extend([0; 4]);
        }
        octets
    }

    /// An enhanced packet block's body up to the packet.
    fn packet_head(self, interface: u32, ticks: u64, captured: usize, wire_len: usize) -> Vec<u8> {
        let words = [interface, (ticks >> 32) as u32, ticks as u32, captured as u32, wire_len as u32];
        words.iter().flat_map(|word| self.u32(*word)).collect()
    }

    /// An enhanced packet block.
    fn packet(self, interface: u32, ticks: u64, data: &[u8], options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = self.packet_head(interface, ticks, data.len(), data.len());
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(self.options(options));
        self.block(6, &body)
    }
}

use Endian::{Big, Little};

/// The magic number of pcap with microseconds.
const MICROSECONDS: u32 = 0xa1b2_c3d4;
/// When the tests' captures begin.
const START: u32 = 1_700_000_000;

/// A packet of so many octets that begins with a mark.
fn marked(mark: u8, octets: usize) -> Vec<u8> {
    let mut data = vec![0x5a; octets];
    data[0] = mark;
    data
}

/// A pcap file of packets with the marks 1, 2, … and growing lengths.
fn numbered(packets: u8) -> Vec<u8> {
    let mut file = Little.header(MICROSECONDS, 65_535, 1);
    for mark in 1..=packets {
        let length = 60 + usize::from(mark);
        file.extend(Little.record(START + u32::from(mark), &marked(mark, length), length as u32));
    }
    file
}

/// A pcapng file of the same packets.
fn numbered_blocks(packets: u8) -> Vec<u8> {
    let mut file = [Little.section(), Little.interface(1, 0, &[])].concat();
    for mark in 1..=packets {
        let ticks = u64::from(START + u32::from(mark)) * 1_000_000;
        file.extend(Little.packet(0, ticks, &marked(mark, 60 + usize::from(mark)), &[]));
    }
    file
}
