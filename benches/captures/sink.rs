//! A capture file that is written frame by frame. The builder's own writers keep a file in memory.

use crate::support::builder::pcapng::Pcapng;
use crate::support::builder::{EPOCH, Link, Packet, Pcap, SEC, US};
use std::io::{self, BufWriter, Write};

/// The format of a capture file.
#[derive(Clone, Copy)]
pub enum Format {
    /// Microseconds, little endian.
    Pcap,
    /// One interface with enhanced packet blocks, little endian.
    Pcapng,
}

/// A capture file under construction.
pub struct Sink<W: Write> {
    to: BufWriter<W>,
    format: Format,
    link: Link,
    octets: u64,
}

const SNAP_LENGTH: u32 = 262_144;
const ENHANCED_PACKET: u32 = 6;

impl<W: Write> Sink<W> {
    /// A file with its header.
    pub fn new(to: W, format: Format, link: Link) -> io::Result<Self> {
        let head = match format {
            Format::Pcap => Pcap::default().write(link, &[]),
            Format::Pcapng => Pcapng::new(false).interface(link, "any", 6, SNAP_LENGTH).finish(),
        };
        let mut sink = Self { to: BufWriter::with_capacity(1 << 20, to), format, link, octets: 0 };
        sink.put(&head)?;
        Ok(sink)
    }

    /// The octets so far.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Puts a packet.
    pub fn packet(&mut self, packet: &Packet) -> io::Result<()> {
        self.frame(packet.time, &self.link.frame(packet))
    }

    /// Puts a frame, link layer included.
    pub fn frame(&mut self, time: u64, frame: &[u8]) -> io::Result<()> {
        let (time, length) = (EPOCH + time, frame.len() as u32);
        match self.format {
            Format::Pcap => {
                let seconds = (time / SEC) as u32;
                let fraction = (time % SEC / US) as u32;
                self.words([seconds, fraction, length, length])?;
                self.put(frame)
            }
            Format::Pcapng => {
                let padding = frame.len().next_multiple_of(4) - frame.len();
                let (time, whole) = (time / US, 32 + length + padding as u32);
                let (high, low) = ((time >> 32) as u32, time as u32);
                self.words([ENHANCED_PACKET, whole, 0, high, low, length, length])?;
                self.put(frame)?;
                self.put(&[0; 3][..padding])?;
                self.words([whole])
            }
        }
    }

    /// Ends the file.
    pub fn finish(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    fn words<const N: usize>(&mut self, words: [u32; N]) -> io::Result<()> {
        words.iter().try_for_each(|word| self.put(&word.to_le_bytes()))
    }

    fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        self.octets += octets.len() as u64;
        self.to.write_all(octets)
    }
}
