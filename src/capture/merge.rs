//! Several captures as one.

use super::{Capture, CaptureError, CaptureSummary, Frame};
use crate::fact::Facts;
use crate::limits::Limits;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

/// Several captures as one, in time order: the files of a ring buffer, or those of several machines. Frames of equal
/// time come in the order in which their files were given; those of one file always in the file's.
pub struct Captures {
    files: Vec<Capture>,
    /// The times of the frames that the captures stand at, earliest first.
    heads: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The capture whose frame was given last.
    current: Option<usize>,
    begun: bool,
}

impl Captures {
    /// Opens all inputs.
    pub fn open(paths: &[PathBuf], limits: &Limits) -> Result<Self, CaptureError> {
        if paths.len() > usize::from(u16::MAX) {
            return Err(CaptureError::TooMany { count: paths.len() });
        }
        let captures = paths
            .iter()
            .zip(0u16..)
            .map(|(path, file)| Capture::open(path, file, limits))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(captures))
    }

    /// Joins captures that are open already.
    pub fn new(captures: Vec<Capture>) -> Self {
        let heads = BinaryHeap::with_capacity(captures.len());
        Self { files: captures, heads, current: None, begun: false }
    }

    /// The next frame of all captures in time order; a single capture is read in file order.
    pub fn next_frame(&mut self, facts: &mut Facts) -> Option<Frame<'_>> {
        if !self.begun {
            self.begun = true;
            (0..self.files.len()).for_each(|index| self.advance(index, facts));
        } else if let Some(current) = self.current {
            self.advance(current, facts);
        }
        let earliest = self.heads.pop().map(|Reverse((_, index))| index);
        self.current = earliest;
        self.files.get(earliest?)?.frame()
    }

    /// Ends reading and says what the files were, in the order given.
    pub fn finish(self) -> Vec<CaptureSummary> {
        self.files.into_iter().map(Capture::finish).collect()
    }

    fn advance(&mut self, index: usize, facts: &mut Facts) {
        if let Some(time) = self.files.get_mut(index).and_then(|capture| capture.advance(facts)) {
            self.heads.push(Reverse((time, index)));
        }
    }
}
