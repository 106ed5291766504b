//! tshark's view of a capture.

use super::{Line, Message, Pair, View};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Joins several values of one field: a comma may stand in a target.
const JOIN: char = '\u{1e}';

const FIELDS: [&str; 8] = [
    "frame.number",
    "tcp.stream",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "http.request_in",
    "http.time",
    "icmp.type",
];

pub fn is_installed() -> bool {
    Command::new("tshark").arg("--version").output().is_ok()
}

/// The view of one run; HTTP is looked for on `ports` and wherever tshark recognizes it.
pub fn view(path: &Path, reassemble_out_of_order: bool, ports: &BTreeSet<u16>) -> View {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(path).args(["-Y", "tcp and not icmp and not icmpv6"]);
    let reassemble = if reassemble_out_of_order { "TRUE" } else { "FALSE" };
    command.args(["-o", &format!("tcp.reassemble_out_of_order:{reassemble}")]);
    command.args(["--enable-heuristic", "http_tcp"]);
    for port in ports {
        command.args(["-d", &format!("tcp.port=={port},http")]);
    }
    command.args([
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-E",
        "separator=/t",
        "-E",
        &format!("aggregator={JOIN}"),
    ]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    // A capture that is cut short ends with an error, behind all that could be read.
    let output = command.output().unwrap();
    let mut view = View::default();
    for row in String::from_utf8(output.stdout).unwrap().lines() {
        add(&mut view, &row.split('\t').collect::<Vec<_>>());
    }
    view
}

/// `tcp.stream` of each frame with TCP; of tunnelled connections the innermost one's.
pub fn streams(path: &Path) -> BTreeMap<u64, u32> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(path).args(["-Y", "tcp and not icmp and not icmpv6"]);
    command.args(["-T", "fields", "-E", "occurrence=l", "-e", "frame.number", "-e", "tcp.stream"]);
    let output = command.output().unwrap();
    let rows = String::from_utf8(output.stdout).unwrap();
    rows.lines()
        .filter_map(|row| row.split_once('\t'))
        .filter_map(|(frame, stream)| Some((frame.parse().ok()?, stream.parse().ok()?)))
        .collect()
}

fn add(view: &mut View, row: &[&str]) {
    let values = |at: usize| row[at].split(JOIN).filter(|value| !value.is_empty()).collect::<Vec<_>>();
    let (frame, stream) = (row[0].parse().unwrap(), row[1].parse().unwrap());
    view.streams.insert(frame, stream);
    let requests = values(2).into_iter().zip(values(3));
    let requests = requests.map(|(method, target)| Line::Request(method.to_owned(), target.to_owned()));
    let responses = values(4).into_iter().map(|status| Line::Response(status.parse().unwrap()));
    let lines: Vec<Line> = requests.chain(responses).filter(|line| !line.is_interim()).collect();
    if lines.len() > 1 {
        view.crowded.insert(frame);
    }
    if let ([Line::Response(_)], [request], [time]) = (&lines[..], &values(5)[..], &values(6)[..]) {
        view.pairs.insert(Pair {
            response: frame,
            request: request.parse().unwrap(),
            time: nanoseconds(time),
        });
    }
    for line in lines {
        *view.messages.entry(Message { stream, frame, line }).or_default() += 1;
    }
}

/// The nanoseconds of seconds with nine decimals.
fn nanoseconds(seconds: &str) -> i64 {
    let (sign, digits) = seconds.strip_prefix('-').map_or((1, seconds), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap();
    assert_eq!(fraction.len(), 9, "{seconds}");
    let whole = whole.parse::<i64>().unwrap().saturating_mul(1_000_000_000);
    sign * whole.saturating_add(fraction.parse::<i64>().unwrap())
}
