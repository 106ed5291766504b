//! Many captures at once: a row each, whatever they hold.

use crate::command_line::{hookscope, told};
use crate::support::scenarios::SCENARIOS;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Folders with captures, a copy, a damaged one, an empty one, and a file that is none.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    for (name, sample) in [("a.pcap", "timeout"), ("copy.pcap", "timeout"), ("good.pcap", "web-phone-call")] {
        fs::copy(format!("samples/{sample}.pcap"), folder.path().join(name)).unwrap();
    }
    let whole = fs::read("samples/refused.pcap").unwrap();
    fs::write(below.join("cut.pcap"), &whole[..whole.len() - 7]).unwrap();
    fs::write(below.join("empty.pcap"), b"").unwrap();
    fs::write(below.join("notes.txt"), "not a capture, but long enough to be looked at").unwrap();
    folder
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let (exit, out, err) = told(&hookscope(&[&["triage", "--format", "json"], arguments].concat(), b""));
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}")))
}

fn rows(triage: &Value) -> Vec<(String, String)> {
    let text = |entry: &Value, member: &str| entry[member].as_str().unwrap_or("-").to_owned();
    let name =
        |entry: &Value| Path::new(&text(entry, "path")).file_name().unwrap().to_string_lossy().into_owned();
    triage["captures"].as_array().unwrap().iter().map(|entry| (name(entry), text(entry, "state"))).collect()
}

#[test]
fn a_folder_is_told_the_worst_first_and_nothing_is_passed_over_silently() {
    let folder = folder();
    let (exit, triage) = json(&[folder.path().to_str().unwrap()]);
    let expected = [
        ("cut.pcap", "broken"),
        ("a.pcap", "degraded"),
        ("copy.pcap", "degraded"),
        ("empty.pcap", "-"),
        ("good.pcap", "healthy"),
    ];
    assert_eq!(rows(&triage), expected.map(|(name, state)| (name.to_owned(), state.to_owned())));
    assert_eq!((exit, &triage["other_files"]), (1, &Value::from(1)));
    let entry = |place: usize| &triage["captures"][place];
    assert!(entry(0)["cut_short"].as_bool().unwrap());
    assert!(entry(2)["same_as"].as_str().unwrap().ends_with("a.pcap"));
    assert!(entry(3)["error"].as_str().unwrap().contains("0 octets"));
    assert_eq!((&entry(4)["hooks"], &entry(1)["failed"]), (&Value::from(6), &Value::from(1)));
}

#[test]
fn the_worst_capture_decides_the_exit_code() {
    let exit = |paths: &[&str]| json(paths).0;
    let folder = folder();
    let notes = folder.path().join("below/notes.txt");
    assert_eq!(exit(&["samples/web-phone-call.pcap"]), 0);
    assert_eq!(exit(&["samples/web-phone-call.pcap", "samples/no-tcp.pcap"]), 4);
    assert_eq!(exit(&["samples/no-tcp.pcap", "samples/there-is-none.pcap"]), 3);
    assert_eq!(exit(&["samples/there-is-none.pcap", "samples/timeout.pcap"]), 1);
    assert_eq!(exit(&["--fail-on", "never", "samples/timeout.pcap"]), 0);
    // A file that is named is to be a capture, and a folder is to hold one.
    assert_eq!(exit(&[notes.to_str().unwrap()]), 3);
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(exit(&[nothing.path().to_str().unwrap()]), 4);
}

#[test]
fn every_sample_has_its_row_and_its_verdict() {
    let (_, triage) = json(&["samples"]);
    let rows = rows(&triage);
    for scenario in SCENARIOS {
        let row = (scenario.name.to_owned(), scenario.verdict.to_owned());
        assert!(rows.contains(&row), "{row:?}");
    }
    assert_eq!((rows.len(), &triage["other_files"]), (SCENARIOS.len(), &Value::from(1)));
    let schema = told(&hookscope(&["schema", "triage"], b"")).1;
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&triage));
}

/// The rows of all samples as a narrow terminal shows them.
fn at_80_columns() -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hookscope"));
    let output = command.args(["triage", "samples"]).env("COLUMNS", "80").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn rows_keep_to_their_width_and_are_the_same_in_all_forms_and_runs() {
    let text = at_80_columns();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert_eq!(text, at_80_columns());
    let (_, table, _) = told(&hookscope(&["triage", "--format", "csv", "samples"], b""));
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), SCENARIOS.len());
    let (_, markdown, _) = told(&hookscope(&["triage", "--format", "markdown", "samples"], b""));
    assert_eq!(markdown.lines().count(), SCENARIOS.len() + 2);
    assert!(markdown.lines().all(|line| line.starts_with('|') && line.ends_with('|')));
}
