//! What the stages noticed, without judgment. Rules judge, reports speak.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::endpoint::{FrameNumber, Moment};
use crate::limits::Limit;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// The frames that a fact lists at most.
const LISTED_FRAMES: usize = 16;

/// The kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The file ends in the middle of a record.
    CutShort,
    /// Reading the file failed before its end.
    ReadFailed,
    /// A record or block claims what cannot be; octets were passed over, up to the next that makes sense or to the end.
    Damaged,
    /// A pcapng block that makes no sense was passed over.
    MalformedBlock,
    /// The capturing system says that it dropped packets; counted in packets.
    DroppedByCapture,
    /// A frame came earlier than the one before it by more than reordering explains.
    ClockBackwards,
    /// A frame of a link type that is not decoded.
    UnknownLinkType(u16),
    /// A frame whose headers make no sense, or are cut.
    MalformedPacket,
    /// An IP datagram of which fragments were not captured.
    Fragment,
    /// A TCP segment was cut by the snap length.
    SnaplenCut,
    /// The same packet captured a second time.
    Duplicate,
    /// Octets that were sent again.
    Retransmission,
    /// Octets that were captured out of order.
    OutOfOrder,
    /// Octets that the peer acknowledged, or that later ones prove, but that were not captured; counted in gaps.
    Gap,
    /// Octets that came twice, of a TCP direction or of a datagram in fragments, with other content the second time; the
    /// first is taken. Both frames are listed.
    Overlap,
    /// A connection with HTTP whose beginning was not captured.
    Midstream,
    /// A connection with HTTP of which one direction was not captured at all.
    OneSided,
    /// A connection's octets that should have been HTTP, but could not be read as such.
    MalformedHttp,
    /// A hook that was captured again on its way, behind address translation or a proxy.
    HookCopy,
    /// A bound was reached.
    LimitReached(Limit),
}

/// One kind of fact, with all that was noticed of it.
#[derive(Clone, Debug)]
pub struct Fact {
    /// How often it was noticed.
    pub count: u64,
    /// The first frames concerned.
    pub frames: Vec<FrameNumber>,
    /// When it was first noticed, where it has a time.
    pub first: Option<Timestamp>,
    /// When it was last noticed.
    pub last: Option<Timestamp>,
    /// More about the first one, for people.
    pub detail: Option<String>,
}

impl Fact {
    /// Counts it once more.
    fn add(&mut self, at: Moment) {
        self.count = self.count.saturating_add(1);
        self.first = Some(self.first.map_or(at.time, |first| first.min(at.time)));
        self.last = Some(self.last.map_or(at.time, |last| last.max(at.time)));
    }
}

/// All facts of a run, by kind.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    by_kind: BTreeMap<FactKind, Fact>,
    /// When octets or packets are known to be missing, as far as remembered: bounded, coarse windows.
    losses: Vec<(Timestamp, Timestamp)>,
}

/// Loss windows that are remembered; nearer ones are joined beyond it.
const LOSS_WINDOWS: usize = 1_024;

impl Facts {
    /// Notes a fact at a frame.
    pub fn note(&mut self, kind: FactKind, at: Moment) {
        let fact = self.entry(kind);
        if fact.frames.len() < LISTED_FRAMES && fact.frames.last() != Some(&at.frame) {
            fact.frames.push(at.frame);
        }
        fact.add(at);
    }

    /// Notes that a frame contradicts an earlier one; both are listed.
    pub fn note_against(&mut self, kind: FactKind, first: Moment, at: Moment) {
        let fact = self.entry(kind);
        for frame in [first.frame, at.frame] {
            if fact.frames.len() < LISTED_FRAMES && !fact.frames.contains(&frame) {
                fact.frames.push(frame);
            }
        }
        fact.add(at);
    }

    /// Notes a fact that belongs to no frame.
    pub fn note_detail(&mut self, kind: FactKind, count: u64, detail: impl Into<String>) {
        let fact = self.entry(kind);
        fact.count = fact.count.saturating_add(count);
        if fact.detail.is_none() {
            fact.detail = Some(detail.into());
        }
    }

    /// Notes that packets sent between two moments were not captured.
    pub fn note_loss(&mut self, from: Timestamp, until: Timestamp) {
        let full = self.losses.len() >= LOSS_WINDOWS;
        match self.losses.last_mut() {
            Some(last) if from <= last.1 || full => *last = (last.0.min(from), last.1.max(until)),
            _ => self.losses.push((from, until)),
        }
    }

    /// Whether packets are known to be missing somewhere between two moments.
    pub fn lost_between(&self, from: Timestamp, until: Timestamp) -> bool {
        self.losses.iter().any(|loss| loss.0 <= until && loss.1 >= from)
    }

    /// Whether a limit was reached beyond which a message may be there that was not read.
    pub fn reached_losing_limit(&self) -> bool {
        Limit::LOSING.into_iter().any(|limit| self.count(FactKind::LimitReached(limit)) > 0)
    }

    /// Whether packets that were sent between two moments may be missing.
    pub fn may_lack(&self, from: Timestamp, until: Timestamp) -> bool {
        let dropped =
            [FactKind::DroppedByCapture, FactKind::Fragment].into_iter().any(|kind| self.count(kind) > 0);
        dropped || self.reached_losing_limit() || self.lost_between(from, until)
    }

    /// Adds what was noticed elsewhere.
    pub fn merge(&mut self, other: Self) {
        for (kind, more) in other.by_kind {
            let fact = self.entry(kind);
            fact.count = fact.count.saturating_add(more.count);
            fact.frames.extend(more.frames);
            fact.frames.truncate(LISTED_FRAMES);
            fact.first = [fact.first, more.first].into_iter().flatten().min();
            fact.last = [fact.last, more.last].into_iter().flatten().max();
            fact.detail = fact.detail.take().or(more.detail);
        }
        self.losses.extend(other.losses);
    }

    /// The fact of a kind, if it was noticed.
    pub fn get(&self, kind: FactKind) -> Option<&Fact> {
        self.by_kind.get(&kind)
    }

    /// How often a kind was noticed.
    pub fn count(&self, kind: FactKind) -> u64 {
        self.get(kind).map_or(0, |fact| fact.count)
    }

    /// All facts, in the order of [`FactKind`].
    pub fn iter(&self) -> impl Iterator<Item = (FactKind, &Fact)> {
        self.by_kind.iter().map(|(kind, fact)| (*kind, fact))
    }

    fn entry(&mut self, kind: FactKind) -> &mut Fact {
        self.by_kind.entry(kind).or_insert_with(|| Fact {
            count: 0,
            frames: Vec::new(),
            first: None,
            last: None,
            detail: None,
        })
    }
}
