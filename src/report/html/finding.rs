//! Findings, with links to their frames.

use super::anchors::{Anchors, words};
use crate::report::document::Finding;

/// Frames that are listed.
const LISTED_FRAMES: usize = 24;

/// A finding, and what the page links to.
pub(super) struct FindingView<'d> {
    pub(super) finding: &'d Finding,
    pub(super) frames: Vec<FrameLink>,
    pub(super) more_frames: usize,
}

/// A frame, and where it is shown if it is.
pub(super) struct FrameLink {
    pub(super) words: String,
    pub(super) target: Option<String>,
}

impl<'d> FindingView<'d> {
    /// Looks up the frames.
    pub(super) fn new(finding: &'d Finding, anchors: &Anchors) -> Self {
        let link = |frame| FrameLink { words: words(frame), target: anchors.target(frame) };
        Self {
            finding,
            frames: finding.frames.iter().take(LISTED_FRAMES).map(link).collect(),
            more_frames: finding.frames.len().saturating_sub(LISTED_FRAMES),
        }
    }
}
