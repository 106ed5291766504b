//! Frames to ask for.

use crate::endpoint::FrameNumber;
use crate::session::Case;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Frames by their numbers: `12`, `12-40`, or `file#12-40` where there are several files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRange {
    /// The file's name, without its folder or as given; any file if there is none.
    file: Option<String>,
    numbers: RangeInclusive<u64>,
}

/// What is no range of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no frames: give a number (12), a range (12-40), or either behind a file's name (ring_2.pcap#12-40)")]
pub struct FrameRangeError;

impl FrameRange {
    /// Whether a frame of a case is one of them.
    pub(super) fn contains(&self, case: &Case, frame: FrameNumber) -> bool {
        let is_file = |file: &String| {
            let name = case.captures.get(usize::from(frame.file())).map(|capture| &capture.path);
            name.is_some_and(|path| {
                path.as_os_str() == file.as_str()
                    || path.file_name().is_some_and(|name| name == file.as_str())
            })
        };
        self.numbers.contains(&frame.number()) && self.file.as_ref().is_none_or(is_file)
    }
}

impl FromStr for FrameRange {
    type Err = FrameRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (file, numbers) = match text.rsplit_once('#') {
            Some((file, numbers)) if !file.is_empty() => (Some(file.to_owned()), numbers),
            Some(_) => return Err(FrameRangeError),
            None => (None, text),
        };
        let number =
            |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0).ok_or(FrameRangeError);
        let (first, last) = match numbers.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(numbers)?, number(numbers)?),
        };
        if first > last { Err(FrameRangeError) } else { Ok(Self { file, numbers: first..=last }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_are_understood() {
        let range = |text: &str| FrameRange::from_str(text).unwrap();
        assert_eq!(range("12").numbers, 12..=12);
        assert_eq!(
            range("ring_2.pcap#12-40"),
            FrameRange { file: Some("ring_2.pcap".to_owned()), numbers: 12..=40 }
        );
        for wrong in ["", "0", "a", "5-2", "-", "1-", "#3", "1-2-3"] {
            assert!(FrameRange::from_str(wrong).is_err(), "{wrong}");
        }
    }
}
