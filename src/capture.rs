//! Capture files: octets in, [`Frame`]s out.
//!
//! Comes in: pcap (microseconds, nanoseconds, Kuznetzov's and Ixia's variants) and pcapng, in either byte order, plain
//! or compressed with gzip, zstd or lz4; from files, from [archives](archive), or several as one, such as those of a
//! [ring buffer](ring). Goes out: frames that borrow from the reader's window, numbered as Wireshark numbers them.
//! Keeps: one window a file. A file that ends in the middle is read as far as it goes; behind damage,
//! reading goes on where records can be told again; facts say so. Deliberately does not: look into frames.
//!
//! Formats: <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html>,
//! <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html>.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod ahead;
pub mod archive;
mod decoder;
mod digest;
mod error;
mod merge;
mod meter;
mod patient;
mod pcap;
mod pcapng;
mod recognize;
mod resync;
pub mod ring;
pub mod silence;
mod source;
#[cfg(test)]
mod tests;

use crate::endpoint::{FrameNumber, Moment};
use crate::fact::{FactKind, Facts};
use crate::limits::Limits;
use crate::time::{Span, Timestamp};
use decoder::Compression;
pub use error::CaptureError;
use foldhash::HashSet;
pub use merge::Captures;
pub use meter::Meter;
use silence::Silence;
use source::{End, Source};
use std::path::{Path, PathBuf};

/// A record of a capture file.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its number.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// What its octets begin with.
    pub link_type: LinkType,
    /// The interface, where the file tells several apart.
    pub interface: u32,
    /// Octets on the wire.
    pub wire_len: u32,
    /// Octets captured.
    pub data: &'a [u8],
}

/// The number of a link-layer header type (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: the address family in the capturing machine's byte order.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// PPP.
    pub const PPP: Self = Self(9);
    /// Raw IP, as some systems number it.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, as other systems number it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// PPP in HDLC-like framing (RFC 1662).
    pub const PPP_HDLC: Self = Self(50);
    /// PPP over Ethernet, without the Ethernet header.
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP, version 4 or 6.
    pub const RAW: Self = Self(101);
    /// IEEE 802.11.
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked" capture, version 1: what `tcpdump -i any` writes.
    pub const LINUX_SLL: Self = Self(113);
    /// IEEE 802.11 behind radiotap's header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// Behind a header of per-packet information.
    pub const PPI: Self = Self(192);
    /// PPP behind an octet that says which way the frame went.
    pub const PPP_WITH_DIRECTION: Self = Self(204);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Packets logged by Linux's netfilter.
    pub const NFLOG: Self = Self(239);
    /// Linux "cooked" capture, version 2: what newer `tcpdump -i any` writes.
    pub const LINUX_SLL2: Self = Self(276);

    /// The name in reports.
    pub fn name(self) -> String {
        match self {
            Self::NULL => "null".to_owned(),
            Self::ETHERNET => "ethernet".to_owned(),
            Self::PPP | Self::PPP_HDLC | Self::PPP_ETHER | Self::PPP_WITH_DIRECTION => "ppp".to_owned(),
            Self::IEEE802_11 => "ieee802_11".to_owned(),
            Self::IEEE802_11_RADIOTAP => "ieee802_11_radio".to_owned(),
            Self::PPI => "ppi".to_owned(),
            Self::NFLOG => "nflog".to_owned(),
            Self::RAW_BSD | Self::RAW_OPENBSD | Self::RAW => "raw".to_owned(),
            Self::LOOP => "loop".to_owned(),
            Self::LINUX_SLL => "linux-sll".to_owned(),
            Self::IPV4 => "ipv4".to_owned(),
            Self::IPV6 => "ipv6".to_owned(),
            Self::LINUX_SLL2 => "linux-sll2".to_owned(),
            Self(number) => format!("link-type-{number}"),
        }
    }
}

/// What is known of a capture file when it has been read.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Default))]
pub struct CaptureSummary {
    /// The path as given.
    pub path: PathBuf,
    /// The hexadecimal SHA-256 of the file as it lies on disk, unless it has more octets than [`Limits::digest`].
    pub sha256: Option<String>,
    /// `pcap` or `pcapng`.
    pub format: &'static str,
    /// How the file is compressed.
    pub compression: Option<&'static str>,
    /// Link types of its frames, in order of appearance.
    pub link_types: Vec<LinkType>,
    /// How many frames it has.
    pub frames: u64,
    /// The time of the first frame in the file.
    pub first_time: Option<Timestamp>,
    /// The time of the last frame in the file.
    pub last_time: Option<Timestamp>,
    /// Whether the file ends in the middle of a record, or could not be read to its end.
    pub cut_short: bool,
    /// Times of ten seconds and more between two frames, the longest ones.
    pub silences: Vec<Silence>,
}

impl CaptureSummary {
    /// What tells the capture from others: its digest, or, where there is none, what is known of it otherwise.
    pub fn identity(&self) -> String {
        let Self { format, frames, first_time, last_time, .. } = self;
        let time = |time: &Option<Timestamp>| time.map(Timestamp::nanoseconds).unwrap_or_default();
        let known = || format!("{format} {frames} {} {}", time(first_time), time(last_time));
        self.sha256.clone().unwrap_or_else(known)
    }
}

/// Where a record stands in the window, and what its header says.
#[derive(Clone, Copy, Debug)]
struct Record {
    time: Timestamp,
    link_type: LinkType,
    interface: u32,
    wire_len: u32,
    begin: usize,
    captured: usize,
}

impl Record {
    /// Its octets, where it stands in these.
    #[inline]
    fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.begin..).and_then(|octets| octets.get(..self.captured)).unwrap_or_default()
    }

    /// Without the frame check sequence of `octets` at its end: it is no payload.
    #[inline]
    fn without_check_sequence(self, octets: u8) -> Self {
        if octets == 0 || self.link_type != LinkType::ETHERNET {
            return self;
        }
        let wire_len = self.wire_len.saturating_sub(octets.into());
        Self { wire_len, captured: self.captured.min(wire_len as usize), ..self }
    }
}

/// What a format's reader makes of the next octets.
enum Step {
    /// A frame.
    Frame(Record),
    /// Nothing more: the input is at its end, between two records.
    End,
    /// Nothing more: the input ends in the middle of a record.
    Cut,
    /// Octets that are no records were passed over.
    Damaged(Damage),
}

/// Octets that are no records.
struct Damage {
    /// What is wrong with the first of them.
    what: String,
    /// Where they begin, in the decompressed input.
    offset: u64,
    /// How many there are.
    octets: u64,
    /// Whether records follow; otherwise the input ended.
    resumed: bool,
}

enum Format {
    Pcap(pcap::Reader),
    Pcapng(pcapng::Reader),
}

/// Frames that were gone over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Skimmed {
    /// How many.
    pub frames: u64,
    /// The last of those that are no older than any frame of the file before them; `None` where all are older than one.
    pub latest: Option<Moment>,
}

/// How far frames were gone over.
struct Passed {
    file: u16,
    /// That of all of them.
    link_type: LinkType,
    /// Frames of the file.
    frames: u64,
    /// The time of the last one.
    last: Timestamp,
    /// The latest time of any of them.
    latest: Timestamp,
    /// The frame that has it, or was the last one before.
    highest: u64,
}

impl Passed {
    /// Goes over a record's frame if it was captured soon behind the latest one, or little before it, and `take` takes it.
    #[expect(clippy::inline_always, reason = "the loop over most frames of a capture")]
    #[inline(always)]
    fn skim(&mut self, record: &Record, data: &[u8], take: &mut impl FnMut(&Frame<'_>) -> bool) -> bool {
        let Record { time, link_type, interface, wire_len, .. } = *record;
        // No file has so many frames.
        let frames = self.frames.wrapping_add(1);
        let number = FrameNumber::new(self.file, frames);
        let frame = Frame { number, time, link_type, interface, wire_len, data };
        let is_latest = time >= self.latest;
        let is_odd =
            if is_latest { silence::is_long(self.latest, time) } else { self.latest.since(time) > DISORDER };
        if link_type != self.link_type || is_odd || !take(&frame) {
            return false;
        }
        (self.frames, self.last) = (frames, time);
        if is_latest {
            (self.latest, self.highest) = (time, frames);
        }
        true
    }
}

/// How far apart frames may stand in the wrong order without a word: what several queues or interfaces do.
const DISORDER: Span = Span::from_milliseconds(1_000);

/// One capture file, read once from its beginning.
pub struct Capture {
    file: u16,
    source: Source,
    format: Format,
    summary: CaptureSummary,
    current: Option<Record>,
    latest: Option<Timestamp>,
    /// The link types of `summary`, to look them up.
    seen: HashSet<LinkType>,
}

impl Capture {
    /// Opens `path` (`-` is standard input) as input number `file`.
    pub fn open(path: &Path, file: u16, limits: &Limits) -> Result<Self, CaptureError> {
        Self::metered(path, file, limits, &Meter::default())
    }

    /// The same; `meter` counts what is read.
    pub fn metered(path: &Path, file: u16, limits: &Limits, meter: &Meter) -> Result<Self, CaptureError> {
        Self::from_source(Source::open(path, limits, meter)?, path, file, limits)
    }

    /// Reads a capture from any reader; `path` names it in messages.
    pub fn from_reader(
        reader: Box<dyn std::io::Read>,
        path: &Path,
        file: u16,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        Self::from_source(Source::new(reader, path, limits)?, path, file, limits)
    }

    fn from_source(
        mut source: Source,
        path: &Path,
        file: u16,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let format =
            recognize::open(&mut source, limits).ok_or_else(|| recognize::no_capture(&mut source, path))?;
        let summary = CaptureSummary {
            path: path.to_owned(),
            sha256: None,
            format: match format {
                Format::Pcap(_) => "pcap",
                Format::Pcapng(_) => "pcapng",
            },
            compression: source.compression().map(Compression::name),
            link_types: Vec::new(),
            frames: 0,
            first_time: None,
            last_time: None,
            cut_short: false,
            silences: Vec::new(),
        };
        Ok(Self { file, source, format, summary, current: None, latest: None, seen: HashSet::default() })
    }

    /// Goes on to the next frame and returns its time; `None` at the end.
    pub fn advance(&mut self, facts: &mut Facts) -> Option<Timestamp> {
        let before = self.current.take().map(|record| record.link_type);
        self.current = self.next_record(facts);
        let record = self.current?;
        self.summary.frames = self.summary.frames.saturating_add(1);
        self.summary.first_time.get_or_insert(record.time);
        self.summary.last_time = Some(record.time);
        if before != Some(record.link_type) && self.seen.insert(record.link_type) {
            self.summary.link_types.push(record.link_type);
        }
        self.note_clock(record.time, facts);
        Some(record.time)
    }

    /// Goes over the frames that follow, as long as they are at hand and `take` takes them: what is done with most frames
    /// costs least here. All are of the last frame's link type. Leaves to [`advance`](Self::advance) whatever is more than a
    /// whole record near to the latest one.
    #[inline]
    pub fn skim(&mut self, mut take: impl FnMut(&Frame<'_>) -> bool) -> Skimmed {
        // The first frame of all, and of each link type, is none of these.
        let Some(link_type) = self.current.take().map(|record| record.link_type) else {
            return Skimmed::default();
        };
        let (Some(last), Some(latest)) = (self.summary.last_time, self.latest) else {
            return Skimmed::default();
        };
        let before = self.summary.frames;
        let mut passed = Passed { file: self.file, link_type, frames: before, last, latest, highest: before };
        match &mut self.format {
            Format::Pcap(reader) => reader.skim(
                &mut self.source,
                #[inline(always)]
                |record, data| passed.skim(record, data, &mut take),
            ),
            Format::Pcapng(reader) => reader.skim(
                &mut self.source,
                #[inline(always)]
                |record, data| passed.skim(record, data, &mut take),
            ),
        }
        let Passed { frames, last, latest: time, highest, .. } = passed;
        (self.summary.frames, self.summary.last_time, self.latest) = (frames, Some(last), Some(time));
        let latest = Moment { frame: FrameNumber::new(self.file, highest), time };
        Skimmed { frames: frames.saturating_sub(before), latest: (highest > before).then_some(latest) }
    }

    /// The frame that [`advance`](Self::advance) went to.
    pub fn frame(&self) -> Option<Frame<'_>> {
        let record = self.current?;
        Some(Frame {
            number: FrameNumber::new(self.file, self.summary.frames),
            time: record.time,
            link_type: record.link_type,
            interface: record.interface,
            wire_len: record.wire_len,
            data: self.source.taken(record.begin, record.captured),
        })
    }

    /// What is known of the file so far.
    pub const fn summary(&self) -> &CaptureSummary {
        &self.summary
    }

    /// Ends reading: hashes what is left of the input, unless it is too long, and says what the file was.
    pub fn finish(self) -> CaptureSummary {
        CaptureSummary { sha256: self.source.sha256(), ..self.summary }
    }

    /// Reads up to the next record. Where damage stands in front of it, packets are missing.
    fn next_record(&mut self, facts: &mut Facts) -> Option<Record> {
        let mut damaged = false;
        loop {
            let step = match &mut self.format {
                Format::Pcap(reader) => reader.step(&mut self.source),
                Format::Pcapng(reader) => reader.step(&mut self.source, facts),
            };
            match step {
                Step::Frame(record) => {
                    if let Some(last) = self.summary.last_time.filter(|_| damaged) {
                        facts.note_loss(last.min(record.time), record.time.max(last));
                    }
                    return Some(record);
                }
                Step::Damaged(damage) => {
                    damaged = true;
                    let resumed = damage.resumed;
                    self.note_damage(&damage, facts);
                    if !resumed {
                        self.note_end(false, facts);
                        self.summary.cut_short = true;
                        return None;
                    }
                }
                Step::Cut => {
                    self.note_end(true, facts);
                    return None;
                }
                Step::End => {
                    self.note_end(false, facts);
                    return None;
                }
            }
        }
    }

    fn note_damage(&self, damage: &Damage, facts: &mut Facts) {
        let Damage { what, offset, octets, resumed } = damage;
        let behind = if *resumed { "records follow behind" } else { "no record follows" };
        let path = self.summary.path.display();
        let detail = format!("{path}: {what} at offset {offset}; {octets} octets were passed over, {behind}");
        facts.note_detail(FactKind::Damaged, 1, detail);
    }

    /// Notes how the input ended, unless that was told before.
    fn note_end(&mut self, in_record: bool, facts: &mut Facts) {
        if self.summary.cut_short {
            return;
        }
        let path = self.summary.path.display();
        let (kind, what) = match self.source.end() {
            // A compressed file that was cut says so by an error of its decoder.
            End::Failed(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                (FactKind::CutShort, "the compressed file ends early".to_owned())
            }
            End::Failed(error) => (FactKind::ReadFailed, error.to_string()),
            _ if in_record => {
                (FactKind::CutShort, format!("cut in the record at offset {}", self.source.offset()))
            }
            _ => return,
        };
        self.summary.cut_short = true;
        facts.note_detail(kind, 1, format!("{path}: {what}"));
    }

    fn note_clock(&mut self, time: Timestamp, facts: &mut Facts) {
        let latest = self.latest.map_or(time, |latest| latest.max(time));
        if latest.since(time) > DISORDER {
            let frame = FrameNumber::new(self.file, self.summary.frames);
            facts.note(FactKind::ClockBackwards, Moment { frame, time });
            // The clock was set back: count the step once, not every frame behind it.
            self.latest = Some(time);
        } else {
            silence::note(&mut self.summary.silences, self.latest.unwrap_or(time), time);
            self.latest = Some(latest);
        }
    }
}
