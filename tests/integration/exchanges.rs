//! The list of exchanges: the same values as tshark's fields of these names.

use crate::command_line::hookscope;
use crate::{folder, tshark};
use std::collections::BTreeMap;

/// Captures whose requests tshark finds with its usual settings.
const CAPTURES: &[&str] = &[
    "samples/web-phone-call.pcap",
    "samples/session-sip.pcap",
    "samples/keep-alives.pcap",
    "samples/stream-publish.pcap",
    "samples/call-transfer.pcap",
    "samples/error-500.pcap",
    "samples/sessions-on-one-connection.pcap",
    "samples/timeout.pcap",
    "../shared/captures/lab/all.pcap",
    "../shared/captures/lab/two.pcap",
    "../shared/captures/lab/keepalive_gap.pcap",
];

/// Rows of lines with tabs under a header, by the first column; those that share it are left out.
fn rows(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let mut rows: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for line in lines {
        assert_eq!(line.len(), header.len(), "{line:?}");
        rows.entry(line[0].clone()).or_default().push(header.iter().cloned().zip(line).collect());
    }
    rows.into_iter().filter_map(|(key, rows)| <[_; 1]>::try_from(rows).ok().map(|[row]| (key, row))).collect()
}

#[test]
fn rows_have_the_values_of_tsharks_fields() {
    const FIELDS: [&str; 11] = [
        "frame.number",
        "frame.time_relative",
        "frame.time_epoch",
        "ip.src",
        "tcp.srcport",
        "ip.dst",
        "tcp.dstport",
        "tcp.stream",
        "http.request.method",
        "http.host",
        "http.request.uri",
    ];
    let mut compared = 0;
    for capture in CAPTURES {
        let path = folder(capture);
        if !path.exists() {
            assert!(std::env::var_os("CI").is_none(), "{capture} is needed");
            continue;
        }
        let path = path.to_string_lossy().into_owned();
        let mut arguments = vec!["-r", &path, "-Y", "http.request", "-T", "fields", "-E", "header=y"];
        arguments.extend(["-d", "tcp.port==8081,http", "-d", "tcp.port==9091,http"]);
        arguments.extend(FIELDS.iter().flat_map(|field| ["-e", field]));
        let Some(theirs) = tshark(&arguments) else { return };
        let ours = hookscope(&["exchanges", "--no-redact", "--format", "tsv", &path], b"");
        let (ours, theirs) = (rows(&String::from_utf8(ours.stdout).unwrap()), rows(&theirs));
        for (frame, theirs) in &theirs {
            if theirs["http.request.method"].contains(',') {
                continue;
            }
            let Some(ours) = ours.get(frame) else { continue };
            for field in FIELDS {
                assert_eq!(ours[field], theirs[field], "{capture}, frame {frame}, {field}");
            }
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn responses_have_the_frame_and_time_that_tshark_gives_them() {
    let path = folder("samples/web-phone-call.pcap").to_string_lossy().into_owned();
    let fields =
        ["-e", "http.request_in", "-e", "frame.number", "-e", "http.time", "-e", "http.response.phrase"];
    let mut arguments =
        vec!["-2", "-r", &path, "-Y", "http.response", "-d", "tcp.port==9091,http", "-T", "fields"];
    arguments.extend(fields);
    let Some(theirs) = tshark(&arguments) else { return };
    let ours = hookscope(&["exchanges", "--format", "tsv", &path], b"");
    let ours = rows(&String::from_utf8(ours.stdout).unwrap());
    assert_eq!(theirs.lines().count(), ours.len());
    for line in theirs.lines() {
        let line: Vec<&str> = line.split('\t').collect();
        let row = &ours[line[0]];
        assert_eq!(
            [row["http.response_in"].as_str(), &row["http.time"], &row["http.response.phrase"]],
            line[1..]
        );
    }
}

#[test]
fn no_exchange_is_an_exit_code_of_its_own() {
    let output = hookscope(&["exchanges", "samples/no-http.pcap"], b"");
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("No HTTP exchange"));
    let output = hookscope(&["exchanges", "samples/error-500.pcap", "-o", "list.csv"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(".txt or .json or .tsv"));
}
