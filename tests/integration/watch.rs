//! `hookscope watch`: what is told while a capture grows, and that it is what a report tells in the end.

use crate::command_line::{hookscope, told};
use crate::folder;
use crate::started::{Started, start};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

fn watch(arguments: &[&str]) -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
    command.arg("watch").args(arguments).env("HOOKSCOPE_NO_CONFIG", "1");
    start(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()))
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(folder("samples").join(name)).unwrap()
}

/// Where the first records of a pcap file end.
fn end_of(records: usize, octets: &[u8]) -> usize {
    let mut at = 24;
    for _ in 0..records {
        let length = u32::from_le_bytes(octets[at + 8..at + 12].try_into().unwrap());
        at += 16 + length as usize;
    }
    at
}

#[test]
fn a_hook_is_told_before_the_pipe_ends() {
    let octets = sample("timeout.pcap");
    let mut child = watch(&["-", "--color", "never"]);
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The answer to connect is frame 6.
    let first = end_of(6, &octets);
    input.write_all(&octets[..first]).unwrap();
    let line = lines.next().unwrap();
    assert!(line.contains("2026-03-02 09:00:00.000300  connect") && line.contains("200"), "{line}");
    // WCS gives up in frame 14; the connection is over in frame 16, and nothing may come behind.
    let second = end_of(18, &octets);
    input.write_all(&octets[first..second]).unwrap();
    let told: Vec<String> = lines.by_ref().take(4).collect();
    assert!(told[0].contains("ConnectionStatusEvent ESTABLISHED"), "{told:?}");
    assert!(told[1].contains("call PENDING") && told[1].contains("none: gave-up"), "{told:?}");
    assert!(told[2].contains("! error response-timeout: backend 198.51.100.20:8081"), "{told:?}");
    assert!(told[3].contains("what next: Find out why"), "{told:?}");
    input.write_all(&octets[second..]).unwrap();
    drop(input);
    let rest: Vec<String> = lines.collect();
    assert!(rest[0].contains("DISCONNECTED") && rest.iter().any(|line| line == "DEGRADED"), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_unanswered_request_is_not_told_while_its_answer_may_still_come() {
    let octets = sample("timeout.pcap");
    let mut child = watch(&["-", "--format", "ndjson"]);
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    input.write_all(&octets[..end_of(12, &octets)]).unwrap();
    let two: Vec<Value> = lines.by_ref().take(2).map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert_eq!([&two[0]["method"], &two[1]["method"]], ["connect", "ConnectionStatusEvent"]);
    drop(input);
    let rest: Vec<Value> = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert_eq!((rest[0]["method"].as_str(), rest[0]["outcome"].as_str()), (Some("call"), Some("unknown")));
    assert_eq!(rest.last().unwrap()["lines"], rest.len() + 2);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The hooks, the rules that found something, and the verdict of lines.
fn essence(lines: &str) -> (BTreeSet<String>, BTreeSet<String>, Value) {
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str, members: &[&str]| -> BTreeSet<String> {
        let own = lines.iter().filter(|line| line["type"] == kind);
        own.map(|line| members.iter().map(|name| line[name].to_string()).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let hooks = of("hook", &["method", "frames", "response_frame", "outcome", "latency"]);
    (hooks, of("finding", &["rule"]), lines.last().unwrap()["verdict"]["headline"].clone())
}

#[test]
fn in_the_end_all_is_told_that_a_report_tells() {
    for name in [
        "timeout.pcap",
        "refused.pcap",
        "web-phone-call.pcap",
        "sessions-on-one-connection.pcap",
        "tcp-gap.pcap",
        "no-http.pcap",
        "pcapng.pcapng",
        "pcap-gzip.pcap.gz",
        "cut-in-packet.pcap",
        "reconnect-loop.pcap",
    ] {
        let octets = sample(name);
        let report = told(&hookscope(&["analyze", "-", "--format", "ndjson"], &octets));
        let watched = told(&hookscope(&["watch", "-", "--format", "ndjson"], &octets));
        assert_eq!(essence(&watched.1), essence(&report.1), "{name}");
        assert_eq!(watched.0, report.0, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_a_summary() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    let octets = sample("timeout.pcap");
    let half = end_of(10, &octets);
    std::fs::write(&path, &octets[..half]).unwrap();
    let mut child = watch(&[path.to_str().unwrap(), "--color", "never"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let two: Vec<String> = lines.by_ref().take(2).collect();
    assert!(two[1].contains("ESTABLISHED"), "{two:?}");
    // The file grows, and what comes is read.
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&octets[half..]).unwrap();
    let more: Vec<String> = lines.by_ref().take(4).collect();
    assert!(more.iter().any(|line| line.contains("call PENDING")), "{more:?}");
    child.send("-INT");
    let rest: Vec<String> = lines.collect();
    assert!(rest.iter().any(|line| line == "DEGRADED"), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn wrong_input_is_told() {
    let (exit, out, err) = told(&hookscope(&["watch", "-"], b"hello world, this is no capture"));
    assert_eq!((exit, out.as_str()), (3, ""));
    assert!(err.contains("no packet capture"), "{err}");
    let (exit, _, err) = told(&hookscope(&["watch", "no-such-file.pcap"], b""));
    assert_eq!(exit, 3, "{err}");
    let mut child = watch(&["samples/empty.pcap", "--format", "xml"]);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(child.wait().unwrap().code() == Some(2) && err.contains("ndjson"), "{err}");
}

#[test]
fn a_part_of_the_hooks_can_be_watched() {
    let octets = sample("timeout.pcap");
    let lines = |arguments: &[&str]| {
        let all = [&["watch", "-", "--format", "ndjson"][..], arguments].concat();
        told(&hookscope(&all, &octets)).1
    };
    assert_eq!(essence(&lines(&["--method", "call"])).0.len(), 1);
    let (hooks, rules, headline) = essence(&lines(&["--method", "connect"]));
    assert!(hooks.len() == 1 && hooks.first().unwrap().contains("connect"), "{hooks:?}");
    assert!(!rules.contains("\"response-timeout\"") && headline.as_str().unwrap().contains("answered well"));
}
