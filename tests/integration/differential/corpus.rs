//! Public captures, against what the oracle beside them found; see `captures/README.md` there.

use super::judged::{self, JUDGED, Right};
use super::{in_parallel, library, tshark};
use crate::folder;
use hookscope::report::{ExchangeEntry, Frame, MessageEntry};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Mutex;

/// An exchange: its connection, and its messages.
#[derive(Clone, Debug)]
struct Row {
    stream: u64,
    request: Option<Part>,
    response: Option<Part>,
}

/// A message: its start line, its frame, and the frame in which it begins.
#[derive(Clone, Debug)]
struct Part {
    line: String,
    frame: u64,
    first: u64,
    /// Whether the oracle saw all of it. It names the frame of the head otherwise, the library the last one that holds
    /// some of the message.
    is_whole: bool,
    /// When the last frame was captured, in seconds since the capture's first.
    relative: String,
    /// Octets and SHA-256 of the decoded body, where all of it is there.
    body: Option<(u64, String)>,
}

impl Part {
    fn is(&self, expected: &Self) -> bool {
        let within = !expected.is_whole && (self.first..=self.frame).contains(&expected.frame);
        self.line == expected.line && (self.frame == expected.frame || within)
    }

    /// Whether the content is another.
    fn has_other_body(&self, expected: &Self) -> bool {
        let both = self.body.as_ref().zip(expected.body.as_ref());
        both.is_some_and(|(ours, expected)| ours != expected)
    }

    fn of(message: &MessageEntry) -> Self {
        let number = |frame: &Frame| match frame {
            Frame::Number(number) => *number,
            Frame::Named(name) => panic!("{name}: one file is read at a time"),
        };
        let line = match (&message.method, &message.target, message.status) {
            (Some(method), Some(target), _) => format!("{method} {target}"),
            (_, _, status) => status.unwrap().to_string(),
        };
        let body = &message.body;
        Self {
            line,
            frame: number(&message.frame),
            first: number(&message.first_frame),
            is_whole: body.complete,
            relative: message.relative.clone(),
            body: body.complete.then(|| (body.length, body.sha256.clone())),
        }
    }

    fn expected(line: String, message: &Value) -> Self {
        let frame = |name: &str| message[name].as_u64().unwrap();
        let seen = message["seen"].as_str().unwrap();
        let is_whole = message["complete"] == true && seen.contains(['A', 'C']);
        let relative = message["time_relative"].as_str().unwrap().to_owned();
        let digest = |body: &Value| Some((body["length"].as_u64()?, body["sha256"].as_str()?.to_owned()));
        let body = digest(&message["body"]).filter(|_| is_whole);
        Self { line, frame: frame("frame"), first: frame("first_frame"), is_whole, relative, body }
    }
}

/// Whether two sides of an exchange are the same, or both absent.
fn same(ours: Option<&Part>, expected: Option<&Part>) -> bool {
    match (ours, expected) {
        (Some(ours), Some(expected)) => ours.is(expected),
        (ours, expected) => ours.is_none() && expected.is_none(),
    }
}

impl Row {
    fn of(exchange: &ExchangeEntry) -> Self {
        Self {
            stream: exchange.stream.into(),
            request: exchange.request.as_ref().map(Part::of),
            response: exchange.response.as_ref().map(Part::of),
        }
    }

    fn expected(exchange: &Value) -> Self {
        let present = |name: &str| Some(&exchange[name]).filter(|message| message.is_object());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            stream: exchange["stream"].as_u64().unwrap(),
            request: present("request").map(|request| {
                Part::expected(format!("{} {}", text(&request["method"]), text(&request["uri"])), request)
            }),
            response: present("response")
                .map(|response| Part::expected(response["status"].to_string(), response)),
        }
    }

    fn is(&self, expected: &Self) -> bool {
        self.stream == expected.stream
            && same(self.request.as_ref(), expected.request.as_ref())
            && same(self.response.as_ref(), expected.response.as_ref())
    }

    /// Why an expected exchange is not among those found.
    fn why_missing(&self, found: &[Self]) -> &'static str {
        let Some(expected) = &self.request else {
            let same =
                |row: &Self| row.stream == self.stream && same(row.response.as_ref(), self.response.as_ref());
            return if found.iter().any(same) {
                "orphan response paired"
            } else {
                "orphan response not found"
            };
        };
        let asks =
            |test: &dyn Fn(&Part) -> bool| found.iter().find(|row| row.request.as_ref().is_some_and(test));
        let Some(row) = asks(&|ours| ours.is(expected)) else {
            return match (
                asks(&|ours| ours.line == expected.line),
                asks(&|ours| ours.frame == expected.frame),
            ) {
                (Some(_), _) => "request in another frame",
                (None, Some(_)) => "another start line",
                (None, None) => "request not found",
            };
        };
        match (&row.response, &self.response) {
            _ if row.stream != self.stream => "another stream",
            (None, Some(_)) => "response not found",
            (Some(_), None) => "response that the oracle has not",
            (Some(ours), Some(expected)) if ours.line == expected.line => "response in another frame",
            _ => "another response",
        }
    }
}

#[derive(Default)]
struct Tally {
    captures: usize,
    refused: Vec<String>,
    panicked: Vec<String>,
    expected: usize,
    equal: usize,
    extra: usize,
    /// Others of which the octets show that the library is right.
    proven: usize,
    bodies: usize,
    other_bodies: usize,
    causes: BTreeMap<String, usize>,
    lines: Vec<String>,
}

fn expected(root: &Path, name: &str) -> Vec<Value> {
    let mut text = String::new();
    let file = std::fs::File::open(root.join(name)).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["tshark_4.0.17"]["exchanges"].as_array().cloned().unwrap_or_default()
}

fn check(root: &Path, row: &[&str], tally: &Mutex<Tally>) {
    let (name, packets, link) = (row[0], row[3], row[4]);
    let path = root.join("public").join(name);
    let found = std::panic::catch_unwind(AssertUnwindSafe(|| library::list(&path)));
    let mut tally = tally.lock().unwrap();
    tally.captures += 1;
    let found: Vec<Row> = match found {
        Err(_) => return tally.panicked.push(name.to_owned()),
        Ok(Err(error)) if packets.parse::<u64>().is_ok_and(|packets| packets > 0) => {
            tally.refused.push(format!("{name}: {error}"));
            Vec::new()
        }
        Ok(found) => found.unwrap_or_default().iter().map(Row::of).collect(),
    };
    if row[18] == "-" {
        tally.extra += found.len();
        for row in found {
            tally.lines.push(format!("{name}\textra\t-\t{row:?}"));
        }
        return;
    }
    let expected = expected(root, row[18]);
    let mut left = found.clone();
    for exchange in &expected {
        let row = Row::expected(exchange);
        tally.expected += 1;
        if let Some(at) = left.iter().position(|ours| ours.is(&row)) {
            let ours = left.remove(at);
            tally.equal += 1;
            let sides = [(ours.request, &row.request), (ours.response, &row.response)];
            for (ours, expected) in
                sides.iter().filter_map(|(ours, expected)| ours.as_ref().zip(expected.as_ref()))
            {
                let same_frame = ours.frame == expected.frame;
                if same_frame && ours.relative != expected.relative {
                    tally.lines.push(format!("{name}\ttime\t{} {}", ours.relative, expected.relative));
                }
                tally.bodies += usize::from(ours.body.is_some() && expected.body.is_some());
                if ours.has_other_body(expected) {
                    tally.other_bodies += 1;
                    tally
                        .lines
                        .push(format!("{name}\tbody\t{:?} {:?}\t{}", ours.body, expected.body, ours.line));
                }
            }
            continue;
        }
        tally.proven += usize::from(is_proven(name));
        let cause = format!("{link}, {}", row.why_missing(&found));
        *tally.causes.entry(cause.clone()).or_default() += 1;
        let pairing = exchange["pairing"].as_str().unwrap_or("-");
        tally.lines.push(format!("{name}\t{cause}\t{pairing} {}\t{row:?}", exchange["stream_flags"]));
    }
    tally.extra += left.len();
    for row in left {
        tally.lines.push(format!("{name}\textra\t-\t{row:?}"));
    }
}

fn is_proven(name: &str) -> bool {
    let ours = JUDGED.iter().filter(|judged| judged.right == Right::Hookscope);
    ours.flat_map(|judged| judged.captures).any(|(ending, _)| name.ends_with(ending))
}

/// Prints what differs, with `DIFFERENCES` set one line each into the file that it names.
#[test]
fn public_corpus() {
    let root = folder("../shared/captures");
    let Ok(index) = std::fs::read_to_string(root.join("INDEX.tsv")) else {
        println!("skipped: {} does not exist", root.display());
        return;
    };
    let rows: Vec<Vec<&str>> = index.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let tally = Mutex::new(Tally::default());
    in_parallel(&rows, |row| check(&root, row, &tally));
    let mut tally = tally.into_inner().unwrap();
    for (cause, count) in &tally.causes {
        println!("{count:5} {cause}");
    }
    tally.lines.sort();
    if let Some(path) = std::env::var_os("DIFFERENCES") {
        std::fs::write(path, tally.lines.join("\n")).unwrap();
    }
    assert!(tally.panicked.is_empty(), "panics: {:?}", tally.panicked);
    assert!(tally.refused.is_empty(), "refused: {:?}", tally.refused);
    let unjudged = unjudged(&tally.lines);
    assert!(unjudged.is_empty(), "not as the table of judged differences says:\n{}", unjudged.join("\n"));
    let (expected, equal) = (tally.expected, tally.equal);
    let proven = equal + tally.proven;
    assert!(equal * 1_000 >= expected * 972, "{equal} of {expected} are equal");
    assert!(proven * 1_000 >= expected * 985, "{proven} of {expected} are equal or better");
    tell(&tally);
}

/// Writes the page about the agreement, or compares it.
fn tell(tally: &Tally) {
    let Tally { captures, expected, equal, proven, bodies, other_bodies, .. } = tally;
    let percent = |part: usize| format!("{}.{}", part * 100 / expected, part * 1_000 / expected % 10);
    let summary = format!(
        "{captures} public captures were read by hookscope and by tshark 4.0.17. tshark, in several runs since no single setting is right \
         for every capture, sees {expected} HTTP exchanges. {equal} of them ({} %) are the same: connection, method, target, \
         status, and the frames of request and response. Of {proven} more ({} % with these), the octets show that hookscope is right. \
         Of {bodies} decoded bodies all but {other_bodies} are the same by length and SHA-256. No capture is refused.\n\n\
         All that differs, with the number of exchanges that only one of the two has, and of bodies and times that differ:",
        percent(*equal),
        percent(equal + proven),
    );
    let (page, path) = (judged::page(&summary), folder("docs/agreement.md"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page, "docs/agreement.md is old: UPDATE=1");
}

/// The captures whose number of differences is not the judged one.
fn unjudged(lines: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        *counts.entry(line.split('\t').next().unwrap()).or_default() += 1;
    }
    let judged = || JUDGED.iter().flat_map(|judged| judged.captures);
    let mut wrong: Vec<String> = counts
        .iter()
        .filter(|(name, count)| !judged().any(|(ending, judged)| name.ends_with(ending) && judged == *count))
        .map(|(name, count)| format!("{name}: {count}"))
        .collect();
    let gone = judged().filter(|(ending, _)| !counts.keys().any(|name| name.ends_with(ending)));
    wrong.extend(gone.map(|(ending, _)| format!("{ending}: no difference any more")));
    wrong
}

#[test]
#[ignore = "for reviewing changes of the lower stages: runs tshark on hundreds of public captures"]
fn public_corpus_streams() {
    let root = folder("../shared/captures");
    let Ok(index) = std::fs::read_to_string(root.join("INDEX.tsv")) else {
        println!("skipped: {} does not exist", root.display());
        return;
    };
    let rows: Vec<Vec<&str>> = index.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let different = Mutex::new(Vec::new());
    in_parallel(&rows, |row| {
        let path = root.join("public").join(row[0]);
        let (Ok(ours), theirs) = (library::streams(&path), tshark::streams(&path)) else { return };
        let frames: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        if let Some(frame) = frames.into_iter().find(|frame| ours.get(frame) != theirs.get(frame)) {
            let (ours, theirs) = (ours.get(frame), theirs.get(frame));
            different.lock().unwrap().push(format!("{}\t{}\t{frame} {ours:?} {theirs:?}", row[0], row[6]));
        }
    });
    let mut different = different.into_inner().unwrap();
    different.sort();
    println!("{} captures, {} different:\n{}", rows.len(), different.len(), different.join("\n"));
    assert!(different.len() * 50 <= rows.len(), "{} captures differ", different.len());
}
