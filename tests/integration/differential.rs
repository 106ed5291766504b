//! Against tshark: the same messages in the same frames, on the same connections, with the same times.
//!
//! No setting of tshark is right for every capture: without `tcp.reassemble_out_of_order` it loses what was captured
//! out of order, with it everything behind a gap. So it runs twice, and what either run shows counts. What remains
//! different is listed in [`known`], with the reason.

mod corpus;
mod judged;
mod known;
mod library;
mod robustness;
mod set_aside;
mod tshark;

use crate::folder;
use known::KNOWN;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A message, by what both programs call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    stream: u32,
    frame: u64,
    line: Line,
}

/// What a start line says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    Request(String, String),
    Response(u16),
}

impl Line {
    /// 1xx responses are no answers, and are none of the library's exchanges.
    const fn is_interim(&self) -> bool {
        matches!(self, Self::Response(status) if *status < 200 && *status != 101)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, frame, line } = self;
        match line {
            Line::Request(method, target) => write!(f, "{method} {target} in frame {frame}, stream {stream}"),
            Line::Response(status) => write!(f, "{status} in frame {frame}, stream {stream}"),
        }
    }
}

/// The frame of a response, that of the request that it answers, and nanoseconds from the one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    response: u64,
    request: u64,
    time: i64,
}

/// What one program, in one run, makes of a capture.
#[derive(Debug, Default)]
struct View {
    /// `tcp.stream` of each frame with TCP.
    streams: BTreeMap<u64, u32>,
    /// Messages, and how many of each there are.
    messages: BTreeMap<Message, usize>,
    pairs: BTreeSet<Pair>,
    /// Messages of which the library says that octets are missing.
    partial: BTreeSet<Message>,
    /// Frames with several messages: tshark has one `http.time` and one partner for all of them.
    crowded: BTreeSet<u64>,
}

/// Something that the programs see differently.
enum Difference {
    /// A frame's `tcp.stream`: tshark's and ours.
    Stream(u64, Option<u32>, Option<u32>),
    /// A message that only tshark shows.
    Missed(Message),
    /// A message that only the library shows, and whether octets of it are missing.
    Extra(Message, bool),
    /// A response that tshark takes for the answer to another request, or at another time; and what the library says.
    Pairing(Pair, Option<Pair>),
    /// A pair that neither run of tshark shows.
    ExtraPair(Pair),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(frame, theirs, ours) => {
                write!(f, "frame {frame} is of stream {theirs:?} to tshark, {ours:?} to the library")
            }
            Self::Missed(message) => write!(f, "only tshark shows {message}"),
            Self::Extra(message, _) => write!(f, "only the library shows {message}"),
            Self::Pairing(theirs, ours) => write!(f, "tshark pairs {theirs:?}, the library {ours:?}"),
            Self::ExtraPair(pair) => write!(f, "only the library pairs {pair:?}"),
        }
    }
}

/// A capture, as all programs see it.
struct Case {
    name: String,
    ours: View,
    /// Without and with `tcp.reassemble_out_of_order`.
    theirs: [View; 2],
}

impl Case {
    fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let frames: BTreeSet<_> =
            self.theirs[0].streams.keys().chain(self.ours.streams.keys()).copied().collect();
        for frame in frames {
            let (theirs, ours) = (self.theirs[0].streams.get(&frame), self.ours.streams.get(&frame));
            if theirs != ours {
                found.push(Difference::Stream(frame, theirs.copied(), ours.copied()));
            }
        }
        self.compare_messages(&mut found);
        self.compare_pairs(&mut found);
        found
    }

    fn compare_messages(&self, found: &mut Vec<Difference>) {
        let theirs = |message: &Message| {
            self.theirs.iter().filter_map(|view| view.messages.get(message)).copied().max().unwrap_or(0)
        };
        let all: BTreeSet<_> =
            self.theirs.iter().chain([&self.ours]).flat_map(|view| view.messages.keys()).collect();
        for message in all {
            let (theirs, ours) = (theirs(message), self.ours.messages.get(message).copied().unwrap_or(0));
            for _ in ours..theirs {
                found.push(Difference::Missed(message.clone()));
            }
            for _ in theirs..ours {
                found.push(Difference::Extra(message.clone(), self.ours.partial.contains(message)));
            }
        }
    }

    fn compare_pairs(&self, found: &mut Vec<Difference>) {
        let theirs: BTreeSet<Pair> = self.theirs.iter().flat_map(|view| view.pairs.iter().copied()).collect();
        for pair in theirs.difference(&self.ours.pairs) {
            // The runs may contradict each other: then one of them agrees with the library.
            let ours = self.ours.pairs.iter().find(|ours| ours.response == pair.response).copied();
            if ours.is_none_or(|ours| !theirs.contains(&ours)) {
                found.push(Difference::Pairing(*pair, ours));
            }
        }
        for pair in self.ours.pairs.difference(&theirs) {
            if theirs.iter().all(|theirs| theirs.response != pair.response) {
                found.push(Difference::ExtraPair(*pair));
            }
        }
    }

    /// Whether several messages end in a frame.
    fn is_crowded(&self, frame: u64) -> bool {
        self.theirs.iter().chain([&self.ours]).any(|view| view.crowded.contains(&frame))
    }
}

/// What a comparison came to.
#[derive(Debug, Default)]
struct Tally {
    captures: usize,
    frames: usize,
    messages: usize,
    pairs: usize,
    explained: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

impl Tally {
    fn add(&mut self, case: &Case) {
        self.captures += 1;
        self.frames += case.ours.streams.len();
        self.messages += case.ours.messages.values().sum::<usize>();
        self.pairs += case.ours.pairs.len();
        for difference in case.differences() {
            match KNOWN.iter().find(|known| (known.explains)(case, &difference)) {
                Some(known) => *self.explained.entry(known.reason).or_default() += 1,
                None => self.unexplained.push(format!("{}: {difference}", case.name)),
            }
        }
    }
}

/// Captures below a folder, sorted.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if [".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz"]
                .iter()
                .any(|ending| name.ends_with(ending))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Does `work` for each item on all processors.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

fn compare(folder: &Path) {
    if !tshark::is_installed() {
        assert!(std::env::var_os("CI").is_none(), "tshark is to be installed where CI is set");
        println!("skipped: tshark is not installed");
        return;
    }
    let tally = Mutex::new(Tally::default());
    in_parallel(&captures(folder), |path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (ours, ports) = library::view(path);
        let theirs = [false, true].map(|reassemble| tshark::view(path, reassemble, &ports));
        tally.lock().unwrap().add(&Case { name, ours, theirs });
    });
    let mut tally = tally.into_inner().unwrap();
    tally.unexplained.sort();
    let Tally { captures, frames, messages, pairs, explained, unexplained } = tally;
    println!("{captures} captures, {frames} TCP frames, {messages} messages, {pairs} pairs");
    for (reason, count) in explained {
        println!("{count:5} differences explained: {reason}");
    }
    assert!(captures > 0, "no captures in {}", folder.display());
    assert!(
        unexplained.is_empty(),
        "{} unexplained differences:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
}

#[test]
fn samples_agree_with_tshark() {
    compare(&folder("samples"));
}

#[test]
fn lab_captures_agree_with_tshark() {
    let lab = folder("../shared/captures/lab");
    if lab.is_dir() {
        compare(&lab);
    } else {
        println!("skipped: {} does not exist", lab.display());
    }
}
