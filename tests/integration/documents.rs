//! The documents' own captures, and the laboratory's: what they must show.

use crate::support::listings::{CALL, FILTER, Info, Line, MESSAGING, MESSAGING_OPENS};
use crate::{folder, samples, tshark};
use hookscope::report::Document;
use hookscope::rules;
use hookscope::session::Case;
use serde_json::Value;
use std::path::PathBuf;

fn sample(name: &str) -> Case {
    samples::read(name, std::fs::read(folder("samples").join(name)).unwrap())
}

fn document(case: &Case) -> Value {
    let (findings, verdict) = rules::judge(case);
    serde_json::to_value(Document::new(case, &findings, &verdict, true)).unwrap()
}

fn column(rows: &Value, name: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    rows.as_array().unwrap().iter().map(|row| text(&row[name])).collect()
}

/// A laboratory capture; `None` where the folder is not beside the repository, as on a user's machine.
fn laboratory(name: &str) -> Option<Case> {
    let path = folder("../shared/captures/lab").join(name);
    if !path.exists() {
        assert!(std::env::var_os("CI").is_none(), "{} is needed", path.display());
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(samples::read(name, std::fs::read(path).unwrap()))
}

#[test]
fn the_documents_call_is_one_finished_flow() {
    let report = document(&sample("web-phone-call.pcap"));
    assert_eq!(report["verdict"]["state"], "healthy");
    let methods =
        ["call", "CallStatusEvent", "CallStatusEvent", "CallStatusEvent", "hangup", "CallStatusEvent"];
    assert_eq!(column(&report["hooks"], "method"), methods);
    assert_eq!(column(&report["hooks"], "frame"), ["114", "145", "176", "210", "1698", "1734"]);
    assert_eq!(column(&report["hooks"], "outcome"), ["ok"; 6]);
    assert_eq!(column(&report["sessions"], "id"), ["s1"]);
    assert_eq!(column(&report["flows"], "kind"), ["call"]);
    assert_eq!(column(&report["flows"], "state"), ["finished"]);
    assert_eq!(report["flows"][0]["hooks"].as_array().unwrap().len(), 6);
}

#[test]
fn the_documents_connection_is_healthy() {
    let report = document(&sample("web-phone-connection.pcap"));
    assert_eq!(
        column(&report["hooks"], "method"),
        ["connect", "ConnectionStatusEvent", "RegistrationStatusEvent"]
    );
    assert_eq!(column(&report["sessions"], "state"), ["established"]);
    assert_eq!(report["verdict"]["state"], "healthy");
}

#[test]
fn latencies_match_wiresharks() {
    for (name, port) in [("web-phone-call.pcap", 9091), ("web-phone-messaging.pcap", 9091)] {
        let decode = format!("tcp.port=={port},http");
        let path = folder("samples").join(name);
        let Some(rows) = tshark(&[
            "-r",
            path.to_str().unwrap(),
            "-d",
            &decode,
            "-Y",
            "http.response",
            "-T",
            "fields",
            "-e",
            "frame.number",
            "-e",
            "http.request_in",
            "-e",
            "http.time",
        ]) else {
            return;
        };
        let ours = document(&sample(name));
        let hooks = ours["hooks"].as_array().unwrap();
        let told: Vec<String> = hooks
            .iter()
            .map(|hook| {
                let time = hook["http_time"].as_f64().unwrap();
                assert_eq!(hook["latency"], hook["http_time"], "one segment a request");
                format!("{}\t{}\t{time:.9}", hook["response_frame"], hook["frame"])
            })
            .collect();
        assert_eq!(told, rows.lines().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn the_documents_listings_are_what_wireshark_shows() {
    let messaging: Vec<Line> = MESSAGING_OPENS.iter().chain(MESSAGING).copied().collect();
    for (name, listing) in [("web-phone-call.pcap", CALL), ("web-phone-messaging.pcap", &messaging)] {
        let path = folder("samples").join(name);
        let fields = [
            "frame.number",
            "frame.time_relative",
            "frame.len",
            "tcp.srcport",
            "tcp.seq",
            "tcp.ack",
            "tcp.len",
            "http.request.uri",
        ];
        let mut arguments =
            vec!["-r", path.to_str().unwrap(), "-d", "tcp.port==9091,http", "-Y", FILTER, "-T", "fields"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
        let Some(rows) = tshark(&arguments) else { return };
        let told: Vec<String> = rows.lines().map(str::to_owned).collect();
        let expected: Vec<String> = listing.iter().map(listed).collect();
        assert_eq!(told, expected, "{name}");
    }
}

/// A line of the listing as tshark's fields; what a listing's request does not show follows from its length.
fn listed(line: &Line) -> String {
    let seconds = format!("{}.{:06}000", line.micros / 1_000_000, line.micros % 1_000_000);
    let (length, target) = match line.info {
        Info::Post(method) => (line.length - 68, format!("/EchoApp/{method}")),
        _ => (0, String::new()),
    };
    format!(
        "{}\t{seconds}\t{}\t{}\t{}\t{}\t{length}\t{target}",
        line.frame, line.length, line.port, line.seq, line.ack
    )
}

#[test]
fn a_lost_segment_costs_only_its_own_hook() {
    let Some(case) = laboratory("keepalive_gap.pcap") else { return };
    let whole: Vec<bool> = case.hooks.iter().map(|record| !record.request.is_partial()).collect();
    assert_eq!(whole, [true, false, true, true, true]);
    assert!(case.hooks.iter().all(|record| record.status_code() == Some(200)));
}

#[test]
fn the_traps_of_the_laboratory_are_avoided() {
    let Some(case) = laboratory("all.pcap") else { return };
    let report = document(&case);
    let hook = |frame: u64| {
        let found: Vec<&Value> =
            report["hooks"].as_array().unwrap().iter().filter(|hook| hook["frame"] == frame).collect();
        assert!(!found.is_empty(), "no hook in frame {frame}");
        found
    };
    assert_eq!(hook(68)[0]["response_frame"], 70, "three segments out of order are one request");
    assert_eq!(hook(78)[0]["request"]["complete"], false, "a lost segment leaves the hook visible");
    assert_eq!(hook(43)[0]["no_response"], "gave-up");
    let pipelined: Vec<&Value> = hook(119).iter().map(|hook| &hook["status"]).collect();
    assert_eq!(pipelined, [200, 500]);
    let broken = hook(127)[0];
    assert_eq!((&broken["status"], &broken["outcome"]), (&Value::from(200), &Value::from("failed")));
    let rules = column(&report["findings"], "rule");
    for rule in
        ["backend-refused", "backend-unreachable", "backend-rejected", "connection-reset", "response-timeout"]
    {
        assert!(rules.iter().any(|known| known == rule), "{rule}");
    }
    let alone: Vec<u64> = case
        .hooks
        .iter()
        .filter(|record| record.outcome.name() == "unanswered")
        .map(|record| record.last.frame.number())
        .collect();
    assert_eq!(alone, [43], "no answered request is called unanswered");
}

#[test]
fn copies_are_neither_hooks_nor_loss() {
    let (Some(twice), Some(once)) = (laboratory("any.pcap"), laboratory("all.pcap")) else { return };
    let (twice, once) = (document(&twice), document(&once));
    let methods = column(&twice["hooks"], "method");
    let both = column(&once["hooks"], "method");
    assert_eq!(methods, both[..methods.len()], "the same hooks, each once");
    let rules = column(&twice["findings"], "rule");
    assert!(rules.iter().any(|rule| rule == "duplicate-packets"), "{rules:?}");
}

#[test]
fn every_filter_selects_its_frames() {
    for name in ["refused.pcap", "error-500.pcap", "rejected-icmp.pcap", "timeout.pcap", "all-time-out.pcap"]
    {
        let path: PathBuf = folder("samples").join(name);
        for finding in document(&sample(name))["findings"].as_array().unwrap() {
            let Some(filter) = finding["filter"].as_str() else { continue };
            let arguments =
                ["-r", path.to_str().unwrap(), "-Y", filter, "-T", "fields", "-e", "frame.number"];
            let Some(rows) = tshark(&arguments) else { return };
            let selected: Vec<u64> = rows.lines().map(|line| line.parse().unwrap()).collect();
            for frame in finding["frames"].as_array().unwrap() {
                assert!(selected.contains(&frame.as_u64().unwrap()), "{name}: {filter}");
            }
        }
    }
}
