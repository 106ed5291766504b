//! Which files are one capture: those of a ring buffer, or of a capture that began a new file now and then.
//!
//! Comes in: paths; then what was read of the files. Goes out: which of them belong together, first by their names as
//! dumpcap and tcpdump write them, then by whether they follow one another in time. Deliberately does not: read files.

use super::{CaptureSummary, LinkType};
use crate::time::{Span, Timestamp};
use regex::{Captures, Regex};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How far a file may begin before the one before it ends: what several queues or interfaces do.
const OVERLAP: Span = Span::from_seconds(2);
/// How much later a file may begin where names alone do not prove much.
const PAUSE: Span = Span::from_seconds(3_600);

/// How names tell the order of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    /// dumpcap's and Wireshark's: a number and a time.
    Dumpcap,
    /// tcpdump's `-C`: a number behind the name.
    Counted,
    /// tcpdump's `-G`: a time somewhere in the name.
    Timed,
}

/// Names, as far as they are the same, and where they differ. Those that prove more come first.
const NAMES: [(Style, &str); 5] = [
    (Style::Dumpcap, r"^(?<base>.+_)(?<number>\d{5,9})_(?<time>\d{14})(?<end>\.\D.*)?$"),
    (Style::Dumpcap, r"^(?<base>.+_)(?<time>\d{14})_(?<number>\d{5,9})(?<end>\.\D.*)?$"),
    (
        Style::Counted,
        r"^(?<base>.+\.(?:pcap|pcapng|cap|dump|dmp))(?<number>\d{1,9})(?<end>\.(?:gz|zst|lz4))?$",
    ),
    (
        Style::Timed,
        r"^(?<base>.*?)(?<time>20\d\d([-_.]?)\d\d([-_.]?)\d\d(?:[-_.T ]*\d\d(?:[-_.:h]?\d\d){0,2})?|1\d{9})(?<end>\D.*)?$",
    ),
    (Style::Counted, r"^(?<base>[^.]*[^.\d])(?<number>\d{2,9})$"),
];

/// The parts of a name that the files of a ring share, and the folder.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    folder: PathBuf,
    style: Style,
    base: String,
    end: String,
}

/// Where a file stands in its ring.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    time: String,
    number: u64,
    index: usize,
}

/// Files that are one capture, by their names.
#[derive(Clone, Debug)]
pub struct Ring {
    /// What names all of them: `folder/base_*.pcapng`.
    pub name: PathBuf,
    /// Their places in the list that was given, in their order.
    pub files: Vec<usize>,
    style: Style,
}

/// Finds those files that belong together by their names.
pub fn rings(paths: &[PathBuf]) -> Vec<Ring> {
    let patterns: Vec<(Style, Regex)> =
        NAMES.into_iter().filter_map(|(style, pattern)| Some((style, Regex::new(pattern).ok()?))).collect();
    let mut groups: BTreeMap<Key, Vec<Place>> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        if let Some((key, place)) = placed(path, index, &patterns) {
            groups.entry(key).or_default().push(place);
        }
    }
    let known: BTreeMap<&Path, usize> =
        paths.iter().enumerate().map(|(index, path)| (path.as_path(), index)).collect();
    let mut rings: Vec<Ring> = groups
        .into_iter()
        .flat_map(|(key, mut places)| {
            places.extend(key.unnumbered(&places, &known));
            places.sort();
            let name = key.folder.join(format!("{}*{}", key.base, key.end));
            let runs = runs(key.style, &places);
            runs.into_iter().map(move |files| Ring { name: name.clone(), files, style: key.style })
        })
        .collect();
    rings.retain(|ring| ring.files.len() > 1);
    keep_first(&mut rings);
    rings
}

/// No file is in two rings: tcpdump's first one, which has no number, may bear a time.
fn keep_first(rings: &mut Vec<Ring>) {
    rings.sort_by_key(|ring| ring.style);
    let mut taken = BTreeSet::new();
    rings.retain(|ring| {
        let free = ring.files.iter().all(|file| !taken.contains(file));
        if free {
            taken.extend(ring.files.iter().copied());
        }
        free
    });
}

fn placed(path: &Path, index: usize, patterns: &[(Style, Regex)]) -> Option<(Key, Place)> {
    let name = path.file_name()?.to_str()?;
    let (style, found) =
        patterns.iter().find_map(|(style, pattern)| Some((*style, pattern.captures(name)?)))?;
    let part = |found: &Captures<'_>, name| found.name(name).map_or("", |part| part.as_str()).to_owned();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let key = Key { folder, style, base: part(&found, "base"), end: part(&found, "end") };
    let number = part(&found, "number").parse().unwrap_or_default();
    Some((key, Place { time: part(&found, "time"), number, index }))
}

impl Key {
    /// tcpdump's first file, which may have no number.
    fn unnumbered(&self, places: &[Place], known: &BTreeMap<&Path, usize>) -> Option<Place> {
        if self.style != Style::Counted || places.iter().any(|place| place.number == 0) {
            return None;
        }
        let first = self.folder.join(format!("{}{}", self.base, self.end));
        let index = *known.get(first.as_path())?;
        Some(Place { time: String::new(), number: 0, index })
    }
}

/// Places in order, cut where a number is missing.
fn runs(style: Style, places: &[Place]) -> Vec<Vec<usize>> {
    let follows =
        |one: &Place, next: &Place| style == Style::Timed || one.number.checked_add(1) == Some(next.number);
    let runs = places.chunk_by(|one, next| follows(one, next));
    runs.map(|run| run.iter().map(|place| place.index).collect()).collect()
}

impl Ring {
    /// Tells by what was read of the files which of them follow one another: the places of the summaries, in order of
    /// time; a single list where all of them are one capture.
    pub fn parts(&self, summaries: &[CaptureSummary]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..summaries.len()).collect();
        // A file without frames was begun last.
        let begin = |place: &usize| summaries.get(*place).and_then(|summary| summary.first_time);
        order.sort_by_key(|place| (begin(place).is_none(), begin(place), *place));
        let mut parts: Vec<Part> = Vec::new();
        for place in order {
            let Some(summary) = summaries.get(place) else { continue };
            let until = summary.last_time;
            match parts.iter_mut().find(|part| self.follows(part, summary)) {
                Some(part) => {
                    part.files.push(place);
                    part.until = part.until.max(until);
                }
                None => parts.push(Part { files: vec![place], links: summary.link_types.clone(), until }),
            }
        }
        parts.into_iter().map(|part| part.files).collect()
    }

    /// Whether a file goes on where others ended.
    fn follows(&self, part: &Part, next: &CaptureSummary) -> bool {
        let (Some(until), Some(begin)) = (part.until, next.first_time) else { return true };
        next.link_types.iter().any(|link| part.links.contains(link))
            && until.since(begin) <= OVERLAP
            && (self.style == Style::Dumpcap || begin.since(until) <= PAUSE)
    }
}

/// Files that follow one another.
struct Part {
    files: Vec<usize>,
    /// Link types of the first of them.
    links: Vec<LinkType>,
    until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{Ring, rings};
    use crate::capture::{CaptureSummary, LinkType};
    use crate::time::Timestamp;
    use std::path::PathBuf;

    fn found(names: &[&str]) -> Vec<(String, Vec<usize>)> {
        let paths: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        let told = |ring: Ring| (ring.name.display().to_string(), ring.files);
        rings(&paths).into_iter().map(told).collect()
    }

    #[test]
    fn names_of_dumpcap_and_tcpdump_are_known() {
        for (names, name, order) in [
            (
                &["r/a_00002_20260302090500.pcapng", "r/a_00001_20260302090000.pcapng"][..],
                "r/a_*.pcapng",
                &[1, 0][..],
            ),
            (&["a_20260302090000_00001.pcap.gz", "a_20260302090500_00002.pcap.gz"], "a_*.pcap.gz", &[0, 1]),
            (&["log.pcap2", "log.pcap", "log.pcap1"], "log.pcap*", &[1, 2, 0]),
            (&["log.pcap0", "log.pcap1"], "log.pcap*", &[0, 1]),
            (&["log.pcap1.gz", "log.pcap2.gz"], "log.pcap*.gz", &[0, 1]),
            (&["log09", "log10", "log08"], "log*", &[2, 0, 1]),
            (&["c-2026-03-02_09:00:00.pcap", "c-2026-03-02_08:00:00.pcap"], "c-*.pcap", &[1, 0]),
            (&["c20260302T0900.pcap", "c20260302T1000.pcap"], "c*.pcap", &[0, 1]),
            (&["1772442000.pcap", "1772445600.pcap"], "*.pcap", &[0, 1]),
        ] {
            assert_eq!(found(names), [(name.to_owned(), order.to_vec())], "{names:?}");
        }
    }

    #[test]
    fn other_names_are_files_of_their_own() {
        for names in [
            &["call1.pcap", "call2.pcap"][..],
            &["a/log.pcap0", "b/log.pcap1"],
            &["log.pcap0", "log.pcap2"],
            &["a_00001_20260302090000.pcap", "b_00002_20260302090500.pcap"],
            &["good.pcap", "bad.pcap", "log1", "log2"],
            &["log.pcap", "log.pcapng"],
        ] {
            assert!(found(names).is_empty(), "{names:?}");
        }
    }

    #[test]
    fn two_rings_of_one_name_stay_two() {
        let names = [
            "a_00001_20260302090000.pcap",
            "a_00001_20260303090000.pcap",
            "a_00002_20260302090500.pcap",
            "a_00002_20260303090500.pcap",
        ];
        let name = "a_*.pcap".to_owned();
        assert_eq!(found(&names), [(name.clone(), vec![0, 2]), (name, vec![1, 3])]);
    }

    fn parts(names: &[&str], files: &[(u16, Option<(i64, i64)>)]) -> Vec<Vec<usize>> {
        let paths: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        let second = |second: i64| Timestamp::from_nanoseconds(second * 1_000_000_000);
        let summary = |(link, times): &(u16, Option<(i64, i64)>)| CaptureSummary {
            link_types: times.iter().map(|_| LinkType(*link)).collect(),
            frames: 1,
            first_time: times.map(|(first, _)| second(first)),
            last_time: times.map(|(_, last)| second(last)),
            ..CaptureSummary::default()
        };
        let summaries: Vec<CaptureSummary> = files.iter().map(summary).collect();
        rings(&paths).first().unwrap().parts(&summaries)
    }

    #[test]
    fn files_that_do_not_follow_one_another_are_told_apart() {
        const DUMPCAP: [&str; 3] =
            ["a_00001_20260302090000.pcap", "a_00002_20260302090500.pcap", "a_00003_20260302091000.pcap"];
        const COUNTED: [&str; 3] = ["log.pcap0", "log.pcap1", "log.pcap2"];
        let at = |first, last| (1, Some((first, last)));
        assert_eq!(parts(&DUMPCAP, &[at(0, 10), at(9, 20), at(90_000, 90_001)]), [[0, 1, 2]]);
        assert_eq!(parts(&COUNTED, &[at(20, 30), at(0, 10), at(10, 20)]), [[1, 2, 0]], "the ring began anew");
        assert_eq!(parts(&COUNTED, &[at(0, 10), at(10, 20), at(90_000, 90_001)]), [vec![0, 1], vec![2]]);
        assert_eq!(parts(&COUNTED, &[at(0, 10), at(0, 90), at(10, 20)]), [vec![0, 2], vec![1]]);
        assert_eq!(parts(&COUNTED, &[at(0, 10), (113, Some((10, 20))), at(20, 30)]), [vec![0, 2], vec![1]]);
        assert_eq!(parts(&COUNTED, &[at(0, 10), at(10, 20), (1, None)]), [[0, 1, 2]], "the newest is empty");
    }
}
