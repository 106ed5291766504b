//! Several files that are one capture.

use super::json;
use crate::command_line::{hookscope, told};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A sample, cut into so many files of whole records.
fn pieces(sample: &str, count: usize) -> Vec<Vec<u8>> {
    let octets = fs::read(format!("samples/{sample}.pcap")).unwrap();
    let (head, mut rest) = octets.split_at(24);
    let mut records = Vec::new();
    while rest.len() >= 16 {
        let length = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        records.push(&rest[..length]);
        rest = &rest[length..];
    }
    let piece = |place: usize| {
        let own = &records[records.len() * place / count..records.len() * (place + 1) / count];
        [head, &own.concat()].concat()
    };
    (0..count).map(piece).collect()
}

fn ring(folder: &Path, names: &[&str]) {
    for (name, octets) in names.iter().zip(pieces("web-phone-call", names.len())) {
        fs::write(folder.join(name), octets).unwrap();
    }
}

fn captures(triage: &Value) -> &Vec<Value> {
    triage["captures"].as_array().unwrap()
}

/// Names as dumpcap and tcpdump write them, and what stands for all of them.
const RINGS: [(&[&str], &str); 5] = [
    (
        &[
            "base_00001_20260302090000.pcap",
            "base_00002_20260302090005.pcap",
            "base_00003_20260302090010.pcap",
        ],
        "base_*.pcap (3 files)",
    ),
    (&["base_20260302090000_00001.pcapng", "base_20260302090005_00002.pcapng"], "base_*.pcapng (2 files)"),
    (&["base.pcap0", "base.pcap1", "base.pcap2", "base.pcap3"], "base.pcap* (4 files)"),
    (&["base00", "base01"], "base* (2 files)"),
    (
        &["cap-2026-03-02_09:00:00.pcap", "cap-2026-03-02_09:00:05.pcap", "cap-2026-03-02_09:00:10.pcap"],
        "cap-*.pcap (3 files)",
    ),
];

#[test]
fn the_files_of_a_ring_are_one_row() {
    for (names, shown) in RINGS {
        let folder = tempfile::tempdir().unwrap();
        ring(folder.path(), names);
        let path = folder.path().to_str().unwrap();
        let (exit, triage) = json(&[path]);
        let [row] = captures(&triage).as_slice() else { panic!("{triage:#}") };
        assert_eq!((exit, &row["hooks"], &row["state"]), (0, &6.into(), &"healthy".into()), "{row:#}");
        let files = row["files"].as_array().unwrap();
        assert_eq!(files.len(), names.len());
        for (file, name) in files.iter().zip(names) {
            assert!(file["path"].as_str().unwrap().ends_with(name), "{file}");
            assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
        }
        let text = told(&hookscope(&["triage", path], b"")).1;
        assert!(text.contains(shown), "{shown}: {text}");
        let (_, alone) = json(&["--no-sets", path]);
        assert_eq!(captures(&alone).len(), names.len());
        assert!(captures(&alone).iter().all(|row| row.get("files").is_none()));
    }
}

#[test]
fn names_alone_make_no_ring() {
    let folder = tempfile::tempdir().unwrap();
    // Each begins when the others do.
    for (number, sample) in (1..).zip(["timeout", "refused", "web-phone-call"]) {
        let name = format!("a_0000{number}_20260302090000.pcap");
        fs::copy(format!("samples/{sample}.pcap"), folder.path().join(name)).unwrap();
    }
    for name in ["notes01", "notes02"] {
        fs::write(folder.path().join(name), "not a capture, but long enough to be looked at").unwrap();
    }
    let (_, triage) = json(&[folder.path().to_str().unwrap()]);
    assert_eq!((captures(&triage).len(), &triage["other_files"]), (3, &2.into()));
    assert!(captures(&triage).iter().all(|row| row.get("files").is_none()));
}

#[test]
fn what_is_damaged_in_a_ring_is_told_and_spoils_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (names, _) = RINGS[0];
    ring(folder.path(), names);
    let last = folder.path().join(names[2]);
    let whole = fs::read(&last).unwrap();
    fs::write(&last, &whole[..whole.len() - 5]).unwrap();
    fs::write(folder.path().join("base_00004_20260302090015.pcap"), b"").unwrap();
    let path = folder.path().to_str().unwrap();
    let (exit, triage) = json(&[path]);
    let [row] = captures(&triage).as_slice() else { panic!("{triage:#}") };
    let files = row["files"].as_array().unwrap();
    assert_eq!((exit, files.len(), &row["hooks"]), (3, 4, &6.into()));
    assert_eq!((&files[2]["cut_short"], &row["cut_short"]), (&true.into(), &true.into()));
    assert!(files[3]["error"].as_str().unwrap().contains("0 octets"), "{row:#}");
    let csv = told(&hookscope(&["triage", "--format", "csv", path], b"")).1;
    let words = ["(base_00003_20260302090010.pcap is cut short)", "(a file cannot be read: ", "4 files"];
    assert!(words.iter().all(|words| csv.contains(words)), "{csv}");
}

#[test]
fn a_stranger_among_the_files_of_a_ring_is_a_row_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (names, _) = RINGS[0];
    ring(folder.path(), names);
    fs::copy("samples/web-phone-call.pcap", folder.path().join("base_00004_20260302090015.pcap")).unwrap();
    let (_, triage) = json(&[folder.path().to_str().unwrap()]);
    let counts: Vec<usize> =
        captures(&triage).iter().map(|row| row["files"].as_array().map_or(1, Vec::len)).collect();
    assert_eq!(counts, [3, 1], "{triage:#}");
}

/// More files than a process may have open.
#[test]
fn a_ring_of_very_many_files_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (1..=1_100).map(|place| format!("b_{place:05}_20260302090000.pcap")).collect();
    ring(folder.path(), &names.iter().map(String::as_str).collect::<Vec<_>>());
    for (command, words) in [("triage .", "(1100 files)"), ("analyze *.pcap", "HEALTHY")] {
        let line = format!("ulimit -n 32; exec {} {command}", env!("CARGO_BIN_EXE_hookscope"));
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(folder.path()).env("HOOKSCOPE_NO_CONFIG", "1");
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(words) && text.contains("all 6 hooks answered well"), "{text}");
    }
}

#[test]
fn a_ring_and_its_copy_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        let below = folder.path().join(name);
        fs::create_dir(&below).unwrap();
        ring(&below, RINGS[2].0);
    }
    let (_, triage) = json(&[folder.path().to_str().unwrap()]);
    assert_eq!(captures(&triage).len(), 2);
    assert!(captures(&triage)[1]["same_as"].as_str().unwrap().ends_with("one/base.pcap*"), "{triage:#}");
}
