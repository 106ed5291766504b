//! Where a frame is to be found on the page.

use super::selection::Selection;
use crate::report::document::{Document, Frame};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The anchors `frame-123`: one for each frame that completed a request or a response, each once.
pub(super) struct Anchors {
    /// Whose the anchor is: the hook's place, and whether it is its response.
    owners: BTreeMap<String, (usize, bool)>,
    /// The anchor for each frame of a message.
    targets: BTreeMap<String, String>,
}

impl Anchors {
    /// Gives anchors to the hooks that are shown.
    pub(super) fn of(document: &Document, selection: &Selection<'_>) -> Self {
        let mut anchors = Self { owners: BTreeMap::new(), targets: BTreeMap::new() };
        let hooks = || document.hooks.iter().enumerate().filter(|(place, _)| selection.shows_hook(*place));
        for (place, hook) in hooks() {
            anchors.owners.entry(name(&hook.frame)).or_insert((place, false));
            if let Some(frame) = &hook.response_frame {
                anchors.owners.entry(name(frame)).or_insert((place, true));
            }
        }
        for (_, hook) in hooks() {
            for (frames, last) in
                [(&hook.frames, Some(&hook.frame)), (&hook.response_frames, hook.response_frame.as_ref())]
            {
                let Some(target) = last.map(name) else { continue };
                for frame in frames {
                    anchors.targets.entry(name(frame)).or_insert_with(|| target.clone());
                }
            }
        }
        anchors
    }

    /// The anchor of a frame, if it is that of the hook at `place`, or of its response.
    pub(super) fn own(&self, frame: &Frame, place: usize, response: bool) -> Option<String> {
        let name = name(frame);
        (self.owners.get(&name) == Some(&(place, response))).then_some(name)
    }

    /// The anchor where a frame is shown.
    pub(super) fn target(&self, frame: &Frame) -> Option<String> {
        let name = name(frame);
        if self.owners.contains_key(&name) { Some(name) } else { self.targets.get(&name).cloned() }
    }
}

/// A frame for people.
pub(super) fn words(frame: &Frame) -> String {
    match frame {
        Frame::Number(number) => number.to_string(),
        Frame::Named(name) => name.clone(),
    }
}

/// A frame's anchor. Letters that a URL would have to escape are replaced, so that different files keep different
/// anchors.
fn name(frame: &Frame) -> String {
    let text = match frame {
        Frame::Number(number) => return format!("frame-{number}"),
        Frame::Named(text) => text,
    };
    let (file, number) = text.rsplit_once('#').unwrap_or((text, ""));
    let mut name = String::from("frame-");
    for octet in file.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.') {
            name.push(char::from(octet));
        } else {
            let written = write!(name, "_{octet:02x}");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
    }
    format!("{name}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_different_files_have_different_anchors() {
        let named = |text: &str| name(&Frame::Named(text.to_owned()));
        assert_eq!(name(&Frame::Number(12)), "frame-12");
        assert_eq!(named("ring 1.pcap#5"), "frame-ring_201.pcap-5");
        assert_ne!(named("a_b#1"), named("a b#1"));
        assert_ne!(named("a#1#2"), named("a-1#2"));
    }
}
