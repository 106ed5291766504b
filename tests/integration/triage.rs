//! Many captures at once: a row each, whatever they hold.

mod archives;
mod sets;

use crate::command_line::{hookscope, told};
use crate::folder as repository;
use crate::html;
use crate::support::scenarios::SCENARIOS;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Reports on all samples that are kept: columns, and the file under `tests/golden`.
pub const KEPT: [(u16, &str); 2] = [(80, "triage-80.txt"), (160, "triage-160.txt")];

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

/// The rows of all samples as a terminal of that width shows them.
fn at(columns: u16) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hookscope"));
    let output = command
        .args(["triage", "samples"])
        .env("COLUMNS", columns.to_string())
        .env("HOOKSCOPE_NO_CONFIG", "1")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn rows_keep_to_their_width_and_are_as_they_were() {
    for (columns, name) in KEPT {
        let text = at(columns);
        for line in text.lines() {
            assert!(line.chars().count() <= usize::from(columns), "{line}");
        }
        let path = repository("tests/golden").join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "UPDATE=1 writes {name}");
    }
}

/// The page on all samples.
pub fn page() -> String {
    told(&hookscope(&["triage", "--format", "html", "samples"], b"")).1
}

#[test]
fn rows_are_the_same_in_all_forms_and_runs() {
    assert_eq!(at(80), at(80));
    let (_, table, _) = told(&hookscope(&["triage", "--format", "csv", "samples"], b""));
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), SCENARIOS.len());
    let (_, markdown, _) = told(&hookscope(&["triage", "--format", "markdown", "samples"], b""));
    assert_eq!(markdown.lines().count(), SCENARIOS.len() + 2);
    assert!(markdown.lines().all(|line| line.starts_with('|') && line.ends_with('|')));
    let page = page();
    html::assert_sound("triage", &page);
    assert_eq!(page.matches("<tr data-state=").count(), SCENARIOS.len());
}

#[test]
fn rows_are_sorted_as_asked_for() {
    let samples =
        ["timeout", "web-phone-call", "refused", "no-tcp", "reconnect-loop", "empty", "all-time-out"];
    let samples = samples.map(|name| format!("samples/{name}.pcap"));
    let sorted = |arguments: &[&str]| {
        let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
        let (_, triage) = json(&[&samples, arguments].concat());
        triage["captures"].as_array().unwrap().clone()
    };
    let numbers = |order: &str, member: &str| -> Vec<u64> {
        sorted(&["--sort", order]).iter().map(|entry| entry[member].as_u64().unwrap()).collect()
    };
    for (order, member) in [("hooks", "hooks"), ("failing", "failed"), ("size", "size")] {
        let numbers = numbers(order, member);
        assert!(numbers.is_sorted_by(|one, other| one >= other), "{order}: {numbers:?}");
    }
    let texts = |order: &str, member: &str| -> Vec<String> {
        let text = |entry: &Value| entry[member].as_str().unwrap_or("~").to_owned();
        sorted(&["--sort", order]).iter().map(text).collect()
    };
    assert!(texts("path", "path").is_sorted());
    assert!(texts("time", "first_time").is_sorted(), "captures without a time are last");
    let path = |entry: &Value| entry["path"].as_str().unwrap().to_owned();
    let forwards: Vec<String> = sorted(&[]).iter().map(path).collect();
    let backwards: Vec<String> = sorted(&["--reverse"]).iter().rev().map(path).collect();
    assert_eq!(forwards, backwards);
}

/// Whatever is in a file, there is a row for it or it is counted.
#[test]
fn hostile_files_have_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read("samples/timeout.pcap").unwrap();
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut count = 0;
    let mut add = |octets: &[u8], ending: &str| {
        fs::write(folder.path().join(format!("{count}.{ending}")), octets).unwrap();
        count += 1;
    };
    for step in 0..40 {
        add(&whole[..whole.len() * step / 40], "pcap");
        let mut damaged = whole.clone();
        for _ in 0..step {
            let place = (usize::from(random()) << 8 | usize::from(random())) % damaged.len();
            damaged[place] = random();
        }
        add(&damaged, "pcapng");
        let noise: Vec<u8> = (0..step * 40).map(|_| random()).collect();
        add(&noise, "cap");
        for magic in [&b"PK\x03\x04"[..], b"\x1f\x8b\x08", b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1"] {
            add(&[magic, &noise].concat(), "zip");
        }
    }
    let (exit, triage) = json(&[folder.path().to_str().unwrap()]);
    let told = triage["captures"].as_array().unwrap().len() as u64;
    assert_eq!(told + triage["other_files"].as_u64().unwrap(), count);
    assert_eq!(exit, 1);
    assert!(triage["captures"].as_array().unwrap().iter().all(|entry| {
        entry["error"].is_string() || (entry["state"].is_string() && entry["headline"].is_string())
    }));
}

/// The captures of other projects, where they lie beside the repository.
#[test]
fn captures_of_other_projects_have_their_rows() {
    let shared = repository("../shared/captures");
    if !shared.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "{} is needed", shared.display());
        println!("skipped: no {}", shared.display());
        return;
    }
    let files = walkdir::WalkDir::new(&shared).into_iter().map(Result::unwrap);
    let files: Vec<_> = files.filter(|file| file.file_type().is_file()).collect();
    let (_, triage) = json(&["--no-sets", shared.to_str().unwrap()]);
    let rows = triage["captures"].as_array().unwrap();
    let inside = |row: &&Value| !Path::new(row["path"].as_str().unwrap()).is_file();
    let told = rows.len() - rows.iter().filter(inside).count();
    let others = usize::try_from(triage["other_files"].as_u64().unwrap()).unwrap();
    assert!(told > 0 && told + others >= files.len(), "{told} rows, {others} others, {} files", files.len());
}

/// On a terminal that is slow to get its input, how far it has come is drawn and taken away again.
#[test]
fn progress_is_drawn_on_a_terminal_only_and_not_where_it_is_quiet() {
    let run = |arguments: &str, errors: &str| {
        let program = env!("CARGO_BIN_EXE_hookscope");
        let line =
            format!("(cat samples/timeout.pcap; sleep 2) | {program} {arguments} - >/dev/null {errors}");
        let mut command = std::process::Command::new("script");
        let output =
            command.args(["-qec", &line, "/dev/null"]).env("HOOKSCOPE_NO_CONFIG", "1").output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(drawn) = run("analyze", "") else {
        println!("skipped: no script, which makes terminals");
        return;
    };
    assert!(drawn.contains(" kB"), "{drawn:?}");
    let behind = drawn.rsplit_once("kB").unwrap().1;
    assert!(behind.contains("\u{1b}[2K") || behind.contains("\u{1b}[J"), "it is taken away: {drawn:?}");
    for (arguments, errors) in [("analyze -q", ""), ("-q analyze", ""), ("triage --quiet", "")] {
        assert_eq!(run(arguments, errors).as_deref(), Some(""), "{arguments}");
    }
    assert_eq!(run("analyze", "2>&1 | cat").as_deref(), Some(""), "no terminal");
}

#[test]
fn captures_are_judged_by_what_is_asked_for() {
    let rows = |conditions: &[&str]| {
        let arguments = [
            &["triage", "samples/timeout.pcap", "samples/call-403-log.pcap", "--format", "json"][..],
            conditions,
        ]
        .concat();
        let (exit, out, err) = told(&hookscope(&arguments, b""));
        let triage: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        let row = |row: &Value| format!("{} {}", row["state"].as_str().unwrap(), row["hooks"]);
        let rows: Vec<String> = triage["captures"].as_array().unwrap().iter().map(row).collect();
        (exit, rows, triage["conditions"].clone())
    };
    assert_eq!(rows(&[]), (1, vec!["degraded 7".to_owned(), "degraded 4".to_owned()], Value::Null));
    let connect = rows(&["--method", "connect"]);
    assert_eq!(connect, (0, vec!["healthy 1".to_owned(); 2], "--method connect".into()));
    // What another capture has is not missing in this one.
    let session = rows(&["--session", "50011"]);
    assert_eq!(session.1, ["degraded 4", "absent 0"]);
    let (_, text, _) = told(&hookscope(&["triage", "samples/timeout.pcap", "--method", "connect"], b""));
    assert!(text.contains("by --method connect"), "{text}");
}
