//! Captures changed in ways that may not matter: the exchanges and connection attempts stay the same.
//!
//! A capture is read here by a small reader of this test, changed, and written anew; then the library reads both.
//! What it sees is compared as text, with every frame called by its number in the unchanged capture.

#![expect(clippy::cast_possible_truncation, reason = "the captures are small")]

pub mod changes;
pub mod files;

use crate::folder;
use crate::support::scenarios::SCENARIOS;
use changes::{CHANGES, Change, Keeps};
use files::{File, Record};
use hookscope::capture::{Capture, Captures};
use hookscope::endpoint::{FrameNumber, Moment};
use hookscope::fact::FactKind;
use hookscope::http::{Exchange, Message, NoResponse};
use hookscope::limits::Limits;
use hookscope::pipeline::{Decoded, Decoder};
use hookscope::session::{Attempt, AttemptOutcome};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Samples that lack octets, or have them twice, before anything is taken out.
const DAMAGE: [FactKind; 4] =
    [FactKind::Gap, FactKind::SnaplenCut, FactKind::Duplicate, FactKind::Retransmission];

/// A head that is too long hides what it belongs to, unless a piece of it is missing; an answer that is no HTTP is no
/// message, but says why there is none.
const BEYOND_LIMITS: &[&str] = &["head-too-large.pcap.gz", "plain-to-tls-port.pcap"];

/// Samples with many hooks on one connection that begins and ends in the capture: what is taken out of them was
/// acknowledged, so that it shows.
const KEPT_ALIVE: &[&str] =
    &["keep-alives.pcap", "sessions-on-one-connection.pcap", "stream-publish.pcap", "call-transfer.pcap"];

/// An exchange or attempt, as text; and what is not to be compared where frames move.
struct Item {
    /// Ends, lines, fields, bodies, pairing.
    content: String,
    /// Frames and times.
    places: String,
    /// When the request was acknowledged.
    acknowledged: String,
    /// The frames of its messages.
    frames: BTreeSet<u64>,
}

/// What the library sees in a capture.
struct View {
    items: Vec<Item>,
    facts: Vec<(FactKind, u64)>,
}

impl View {
    fn of(files: &[File]) -> Self {
        let limits = Limits::default();
        let open = |(number, file): (u16, &File)| {
            Capture::from_reader(file.reader(), Path::new("capture"), number, &limits).unwrap()
        };
        let captures = Captures::new((0..).zip(files).map(open).collect());
        let names = Names { files };
        let mut items = Vec::new();
        let (_, _, facts) = Decoder::run(captures, &limits, &mut |decoded| {
            items.push(match &decoded {
                Decoded::Exchange(exchange) => names.exchange(exchange),
                Decoded::Attempt(attempt) => names.attempt(attempt),
                // Counts of copies may differ.
                Decoded::Sent(..) | Decoded::Tls(_) | Decoded::Dns(_) => return,
            });
        });
        Self { items, facts: facts.iter().map(|(kind, fact)| (kind, fact.count)).collect() }
    }

    fn count(&self, kind: FactKind) -> u64 {
        self.facts.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count)
    }

    /// What must be the same after a change that keeps so much.
    fn kept(&self, keeps: Keeps) -> Vec<String> {
        let places = |item: &Item| format!("{}\n    {}{}", item.content, item.places, item.acknowledged);
        match keeps {
            Keeps::All => {
                let facts = self.facts.iter().map(|fact| format!("{fact:?}"));
                self.items.iter().map(places).chain(facts).collect()
            }
            Keeps::Places => self.items.iter().map(places).collect(),
            Keeps::Content => {
                let mut items: Vec<_> = self.items.iter().map(|item| item.content.clone()).collect();
                items.sort();
                items
            }
        }
    }
}

/// Calls frames by their numbers in the unchanged capture.
struct Names<'a> {
    files: &'a [File],
}

impl Names<'_> {
    fn frame(&self, frame: FrameNumber) -> u64 {
        self.files[usize::from(frame.file())].origins[frame.number() as usize - 1]
    }

    fn moment(&self, at: Moment) -> String {
        format!("{}@{}", self.frame(at.frame), at.time.nanoseconds())
    }

    fn moments(&self, moments: &[Option<Moment>]) -> String {
        moments.iter().map(|at| at.map_or("-".to_owned(), |at| self.moment(at)) + " ").collect()
    }

    fn exchange(&self, exchange: &Exchange) -> Item {
        let Exchange { connection, client, server, request, response, no_response, .. } = exchange;
        let mut content = format!("connection {connection}, {client} to {server}: ");
        let mut places = String::new();
        let mut frames = BTreeSet::new();
        match request {
            Some(request) => self.message(request, &mut content, &mut places, &mut frames),
            None => content.push_str("no request"),
        }
        content.push_str(" → ");
        match response {
            Some(response) => self.message(response, &mut content, &mut places, &mut frames),
            None => content.push_str("no response"),
        }
        if let Some(why) = no_response {
            let (name, at) = why_not(why);
            content.push_str(name);
            places.push_str(&self.moments(&[at]));
        }
        let Exchange { acknowledged, abandoned, stale, reset, .. } = exchange;
        places.push_str(&self.moments(&[*abandoned, *stale, *reset]));
        Item { content, places, acknowledged: self.moments(&[*acknowledged]), frames }
    }

    fn message<S: std::fmt::Debug>(
        &self,
        message: &Message<S>,
        content: &mut String,
        places: &mut String,
        frames: &mut BTreeSet<u64>,
    ) {
        let Message { start, fields, body, extent, completeness } = message;
        let octets = String::from_utf8_lossy(&body.octets);
        let (length, missing) = (body.wire_len, body.missing);
        content.push_str(&format!(
            "{start:?} {completeness:?} {fields:?} {length}, {missing} missing: {octets:?}"
        ));
        frames.extend(extent.frames.iter().map(|frame| self.frame(*frame)));
        let all: Vec<_> = extent.frames.iter().map(|frame| self.frame(*frame)).collect();
        let ends = self.moments(&[Some(extent.first), Some(extent.last)]);
        places.push_str(&format!("{all:?} {ends}"));
    }

    fn attempt(&self, attempt: &Attempt) -> Item {
        let Attempt { connection, client, server, syns, syn_count, outcome } = attempt;
        let (name, at) = match outcome {
            AttemptOutcome::Connected => ("connected", None),
            AttemptOutcome::Refused(at) => ("refused", Some(*at)),
            AttemptOutcome::Rejected(at, ..) => ("rejected", Some(*at)),
            AttemptOutcome::Unanswered => ("unanswered", None),
            AttemptOutcome::Dropped(at) => ("dropped", Some(*at)),
        };
        let content = format!("attempt {connection}, {client} to {server}: {syn_count} {name}");
        let syns: Vec<_> = syns.iter().map(|at| Some(*at)).collect();
        let places = self.moments(&syns) + &self.moments(&[at]);
        let frames = syns.iter().flatten().map(|at| self.frame(at.frame)).collect();
        Item { content, places, acknowledged: String::new(), frames }
    }
}

fn why_not(why: &NoResponse) -> (&'static str, Option<Moment>) {
    match why {
        NoResponse::Reset(at) => (", reset", Some(*at)),
        NoResponse::Closed(at) => (", closed", Some(*at)),
        NoResponse::GaveUp(at) => (", gave up", Some(*at)),
        NoResponse::NotCaptured => (", not captured", None),
        NoResponse::Unreadable(at) => (", unreadable", Some(*at)),
        NoResponse::CaptureEnded(_) => (", capture ended", None),
        NoResponse::LostSight => (", lost sight", None),
    }
}

/// The captures: name and records.
fn captures() -> Vec<(String, Vec<Record>)> {
    let mut all: Vec<(String, Vec<u8>)> =
        SCENARIOS.iter().map(|scenario| (scenario.name.to_owned(), (scenario.build)())).collect();
    let lab = folder("../shared/captures/lab");
    if lab.is_dir() {
        let paths: BTreeSet<_> =
            std::fs::read_dir(&lab).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.extend(paths.iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())));
    } else {
        assert!(std::env::var_os("CI").is_none(), "{} is needed", lab.display());
        println!("skipped: {} does not exist", lab.display());
    }
    let mut all: Vec<_> = all.into_iter().map(|(name, octets)| (name, files::read(&octets))).collect();
    all.extend(public());
    all
}

/// Public captures with HTTP, as far as they hold whole IP packets; not the largest ones.
fn public() -> Vec<(String, Vec<Record>)> {
    const LARGEST: u64 = 300_000;
    let root = folder("../shared/captures");
    let index = std::fs::read_to_string(root.join("INDEX.tsv")).unwrap_or_default();
    let rows = index.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[18] != "-" && row[2].parse::<u64>().is_ok_and(|size| size <= LARGEST));
    rows.map(|row| (row[0].to_owned(), files::read_ip(&root.join("public").join(row[0])))).collect()
}

/// Does `work` for each item on all processors, and collects what went wrong.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = work(item);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    wrong
}

/// The first difference of two views, cut to what can be read.
fn difference(before: &[String], after: &[String]) -> Option<String> {
    let at = (0..before.len().max(after.len())).find(|at| before.get(*at) != after.get(*at))?;
    let [before, after] = [before, after].map(|view| view.get(at).map_or("nothing", String::as_str));
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| -> String { text.chars().skip(same.saturating_sub(60)).take(200).collect() };
    Some(format!("item {at}\n    before …{}\n    after  …{}", part(before), part(after)))
}

fn compare(name: &str, records: &[Record], change: &Change, before: &View) -> Option<String> {
    // Of octets that come twice and differ, those that come first are taken.
    if change.name == "neighbors swapped" && before.count(FactKind::Overlap) > 0 {
        return None;
    }
    let files = (change.make)(records)?;
    let after = View::of(&files);
    difference(&before.kept(change.keeps), &after.kept(change.keeps))
        .map(|difference| format!("{name}, {}: {difference}", change.name))
}

#[test]
fn changes_that_may_not_matter_do_not() {
    let captures = captures();
    let compared = AtomicUsize::new(0);
    let wrong = in_parallel(&captures, |(name, records)| {
        let before = View::of(&[File::pcap(records)]);
        CHANGES
            .iter()
            .inspect(|_| {
                compared.fetch_add(1, Ordering::Relaxed);
            })
            .filter_map(|change| compare(name, records, change, &before))
            .collect()
    });
    let count = compared.into_inner();
    println!("{} captures, {count} comparisons", captures.len());
    assert!(count > 1_000 && wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn this_tests_reader_sees_what_the_library_sees() {
    for scenario in SCENARIOS {
        let octets = (scenario.build)();
        let records = files::read_as_is(&octets);
        let origins = records.iter().map(|record| record.origin).collect();
        let read = View::of(&[File { octets, origins, pieces: false }]);
        let written = View::of(&[File::pcap_with(&records, true, false)]);
        let places = |view: &View| {
            let mut view = view.kept(Keeps::Places);
            // Where the capture is cut, the last connections end with it, in whatever order.
            view.sort();
            view
        };
        assert_eq!(difference(&places(&read), &places(&written)), None, "{}", scenario.name);
    }
}

#[test]
fn a_lost_segment_costs_only_its_message() {
    let losses = AtomicUsize::new(0);
    let wrong = in_parallel(SCENARIOS, |scenario| {
        let records = files::read(&(scenario.build)());
        let before = View::of(&[File::pcap(&records)]);
        if BEYOND_LIMITS.contains(&scenario.name) || DAMAGE.iter().any(|kind| before.count(*kind) > 0) {
            return Vec::new();
        }
        let is_told = KEPT_ALIVE.contains(&scenario.name);
        let victims = records.iter().filter(|record| record.has_payload()).map(|record| record.origin);
        victims
            .inspect(|_| {
                losses.fetch_add(1, Ordering::Relaxed);
            })
            .filter_map(|victim| {
                let rest: Vec<_> = records.iter().filter(|record| record.origin != victim).cloned().collect();
                let after = View::of(&[File::pcap(&rest)]);
                let wrong = wrong_after_loss(victim, &before, &after, is_told)?;
                Some(format!("{} without frame {victim}: {wrong}", scenario.name))
            })
            .collect()
    });
    let losses = losses.into_inner();
    println!("{losses} losses");
    assert!(losses > 1_000 && wrong.is_empty(), "{} of {losses}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_kept_alive_samples_have_many_hooks_on_one_connection() {
    for name in KEPT_ALIVE {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == *name).expect(name);
        let view = View::of(&[File::pcap(&files::read(&(scenario.build)()))]);
        let on_first = view.items.iter().filter(|item| item.content.starts_with("connection 0,")).count();
        assert!(on_first >= 6, "{name}: {on_first}");
    }
}

/// What stands behind the gap is passed on when the gap is no longer waited for: the acknowledgment that is known by
/// then may be a later one.
fn wrong_after_loss(victim: u64, before: &View, after: &View, is_told: bool) -> Option<String> {
    let text = |item: &Item| format!("{}\n    {}", item.content, item.places);
    let found: BTreeSet<String> = after.items.iter().map(text).collect();
    let others = before.items.iter().filter(|item| !item.frames.contains(&victim)).map(text);
    if let Some(gone) = others.into_iter().find(|item| !found.contains(item)) {
        return Some(format!("this is gone, or not the same any more:\n{gone}"));
    }
    if is_told && after.count(FactKind::Gap) == 0 {
        return Some("no gap is told".to_owned());
    }
    None
}
