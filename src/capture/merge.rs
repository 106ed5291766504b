//! Several captures as one.

use super::{Capture, CaptureError, CaptureSummary, Frame, Meter, Skimmed};
use crate::fact::{FactKind, Facts};
use crate::limits::Limits;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::mem;
use std::num::Saturating;
use std::path::{Path, PathBuf};

/// Several captures as one, in time order: the files of a ring buffer, or those of several machines. Frames of equal
/// time come in the order in which their files were given; those of one file always in the file's.
///
/// A file of many is open only from its first frame on to its last, so that a ring of thousands of files takes few
/// descriptors and windows.
pub struct Captures {
    members: Vec<Member>,
    /// The times of the frames that the captures stand at, earliest first.
    heads: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The capture whose frame was given last.
    current: Option<usize>,
    /// How many captures are open.
    open: Saturating<usize>,
    /// How many threads they share.
    threads: usize,
    begun: bool,
    limits: Limits,
    meter: Meter,
}

/// One of the captures.
enum Member {
    /// Looked at and closed again, until its first frame is due.
    Ahead(CaptureSummary),
    /// Being read.
    Open(Box<Capture>),
    /// Read to its end, and closed.
    Over(CaptureSummary),
}

impl Captures {
    /// Looks at all inputs, and opens what cannot be opened later.
    pub fn open(paths: &[PathBuf], limits: &Limits) -> Result<Self, CaptureError> {
        Self::metered(paths, limits, &Meter::default())
    }

    /// The same; `meter` counts what is read.
    pub fn metered(paths: &[PathBuf], limits: &Limits, meter: &Meter) -> Result<Self, CaptureError> {
        check_count(paths)?;
        let alone = paths.len() == 1;
        let open = |(path, file): (&PathBuf, u16)| Member::open(path, file, alone, limits, meter);
        let members = paths.iter().zip(0..).map(open).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of(members, limits, meter))
    }

    /// The same for those inputs that can be read, and says why the others cannot.
    pub fn readable(
        paths: &[PathBuf],
        limits: &Limits,
        meter: &Meter,
    ) -> Result<(Self, Vec<(PathBuf, CaptureError)>), CaptureError> {
        check_count(paths)?;
        let (mut members, mut refused) = (Vec::new(), Vec::new());
        for path in paths {
            match Member::open(path, file(members.len()), false, limits, meter) {
                Ok(member) => members.push(member),
                Err(error) => refused.push((path.clone(), error)),
            }
        }
        Ok((Self::of(members, limits, meter), refused))
    }

    /// Joins captures that are open already.
    pub fn new(captures: Vec<Capture>) -> Self {
        let members = captures.into_iter().map(|capture| Member::Open(Box::new(capture))).collect();
        Self::of(members, &Limits::default(), &Meter::default())
    }

    fn of(members: Vec<Member>, limits: &Limits, meter: &Meter) -> Self {
        let heads = BinaryHeap::with_capacity(members.len());
        let (limits, meter) = (limits.clone(), meter.clone());
        let open = Saturating(members.iter().filter(|member| member.is_open()).count());
        Self { members, heads, current: None, open, threads: limits.threads, begun: false, limits, meter }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// The next frame of all captures in time order; a single capture is read in file order.
    pub fn next_frame(&mut self, facts: &mut Facts) -> Option<Frame<'_>> {
        if !self.begun {
            self.begun = true;
            (0..self.members.len()).for_each(|index| self.begin(index, facts));
        } else if let Some(current) = self.current {
            self.advance(current, facts);
        }
        loop {
            let Reverse((_, index)) = self.heads.pop()?;
            // Opened now, it stands where it was seen to begin.
            if let Some(Member::Ahead(_)) = self.members.get(index) {
                self.advance(index, facts);
                continue;
            }
            self.current = Some(index);
            return match self.members.get(index)? {
                Member::Open(capture) => capture.frame(),
                Member::Ahead(_) | Member::Over(_) => None,
            };
        }
    }

    /// Goes over the frames that follow, as long as they are next in time order and `take` takes them; all are of the last
    /// frame's link type. It may leave frames that would be taken; [`next_frame`](Self::next_frame) goes on behind those that
    /// were.
    #[inline]
    pub fn skim(&mut self, mut take: impl FnMut(&Frame<'_>) -> bool) -> Skimmed {
        let Some(index) = self.current else { return Skimmed::default() };
        let Some(Member::Open(capture)) = self.members.get_mut(index) else { return Skimmed::default() };
        let next = self.heads.peek().map(|Reverse(next)| *next);
        capture.skim(
            #[inline(always)]
            |frame| next.is_none_or(|next| (frame.time, index) < next) && take(frame),
        )
    }

    /// Ends reading and says what the files were, in the order given.
    pub fn finish(self) -> Vec<CaptureSummary> {
        self.members.into_iter().map(Member::finish).collect()
    }

    fn begin(&mut self, index: usize, facts: &mut Facts) {
        match self.members.get(index) {
            Some(Member::Ahead(CaptureSummary { first_time: Some(time), .. })) => {
                self.heads.push(Reverse((*time, index)));
            }
            _ => self.advance(index, facts),
        }
    }

    fn advance(&mut self, index: usize, facts: &mut Facts) {
        let Some(member) = self.members.get_mut(index) else { return };
        self.open -= usize::from(member.is_open());
        // The captures that are open share the threads.
        self.limits.threads = self.threads.saturating_sub(self.open.0).max(1);
        if let Some(time) = member.advance(file(index), &self.limits, &self.meter, facts) {
            self.heads.push(Reverse((time, index)));
        }
        self.open += usize::from(member.is_open());
    }
}

/// The number of the file in a place.
fn file(place: usize) -> u16 {
    // There are no more than u16::MAX files.
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn check_count(paths: &[PathBuf]) -> Result<(), CaptureError> {
    match paths.len() {
        count if count > usize::from(u16::MAX) => Err(CaptureError::TooMany { count }),
        _ => Ok(()),
    }
}

impl Member {
    /// Opens a capture; a file that can be opened again is closed, unless it is the only one.
    fn open(
        path: &Path,
        file: u16,
        alone: bool,
        limits: &Limits,
        meter: &Meter,
    ) -> Result<Self, CaptureError> {
        let lasting = path.as_os_str() != "-" && fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        if alone || !lasting {
            return Ok(Self::Open(Box::new(Capture::metered(path, file, limits, meter)?)));
        }
        let mut capture = Capture::open(path, file, &Limits { threads: 1, ..limits.clone() })?;
        // What is noticed here is noticed again when its turn comes.
        capture.advance(&mut Facts::default());
        Ok(Self::Ahead(capture.summary))
    }

    const fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Goes on to the next frame and returns its time; opens what is closed, and closes what is at its end.
    fn advance(&mut self, file: u16, limits: &Limits, meter: &Meter, facts: &mut Facts) -> Option<Timestamp> {
        if let Self::Ahead(summary) = self {
            *self = match Capture::metered(&summary.path, file, limits, meter) {
                Ok(capture) => Self::Open(Box::new(capture)),
                Err(error) => {
                    facts.note_detail(FactKind::ReadFailed, 1, error.to_string());
                    Self::Over(CaptureSummary { frames: 0, cut_short: true, ..summary.clone() })
                }
            };
        }
        let Self::Open(capture) = self else { return None };
        let time = capture.advance(facts);
        if time.is_none() {
            let summary = capture.summary.clone();
            *self = Self::Over(mem::replace(self, Self::Over(summary)).finish());
        }
        time
    }

    fn finish(self) -> CaptureSummary {
        match self {
            Self::Open(capture) => capture.finish(),
            Self::Ahead(summary) | Self::Over(summary) => summary,
        }
    }
}
