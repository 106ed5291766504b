//! Inputs that fail: what could be read is told, and that it is not all. Nothing is waited for in vain.

mod signals;

use crate::html::large;
use crate::outputs::{desk, run, without_rights};
use crate::started::start;
use hookscope::capture::{Capture, CaptureSummary, Captures};
use hookscope::fact::{FactKind, Facts};
use hookscope::limits::Limits;
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use rustix::fs::{Mode, OFlags, open};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where records of a pcap file of the usual kind begin: behind its header, and each further one.
fn records(octets: &[u8]) -> Vec<usize> {
    let mut offsets = vec![24];
    while let Some(length) = octets.get(offsets.last().unwrap() + 8..).and_then(|rest| rest.get(..4)) {
        offsets.push(offsets.last().unwrap() + 16 + u32::from_le_bytes(length.try_into().unwrap()) as usize);
    }
    offsets
}

/// Reads a file of which something becomes else, once reading has begun.
fn read_while(path: &Path, change: impl FnOnce()) -> (CaptureSummary, Facts) {
    let mut facts = Facts::default();
    let mut capture = Capture::open(path, 0, &Limits { threads: 1, ..Limits::default() }).unwrap();
    capture.advance(&mut facts).unwrap();
    change();
    while capture.advance(&mut facts).is_some() {}
    (capture.finish(), facts)
}

#[test]
fn a_file_that_becomes_shorter_is_told_even_between_two_records() {
    let octets = large(2_000);
    let offsets = records(&octets);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("log.pcap");
    for left in [offsets[offsets.len() / 2], offsets[offsets.len() / 2] + 7] {
        fs::write(&path, &octets).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        let (summary, facts) = read_while(&path, || file.set_len(left as u64).unwrap());
        assert!(summary.cut_short && summary.sha256.is_none());
        assert_eq!(summary.frames, (offsets.len() / 2) as u64);
        let detail = facts.get(FactKind::ReadFailed).unwrap().detail.clone().unwrap();
        assert!(detail.ends_with("log.pcap: the file became shorter while it was read"), "{detail}");
    }
}

#[test]
fn a_file_that_grows_is_read_to_the_end_that_it_has_by_then() {
    let octets = large(2_000);
    let offsets = records(&octets);
    let (half, most) = (offsets[offsets.len() / 2], offsets[offsets.len() - 2]);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("log.pcap");
    for (end, frames, cut) in [(octets.len(), offsets.len() - 1, false), (most + 9, offsets.len() - 2, true)]
    {
        fs::write(&path, &octets[..half]).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        let (summary, facts) = read_while(&path, || file.write_all(&octets[half..end]).unwrap());
        assert_eq!((summary.frames, summary.cut_short), (frames as u64, cut));
        assert_eq!(facts.count(FactKind::CutShort), u64::from(cut));
    }
}

/// A medium that fails behind some octets.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the medium is broken")),
            count => Ok(count),
        }
    }
}

#[test]
fn what_was_read_before_an_error_is_told_with_the_error() {
    let limits = Limits::default();
    let octets = large(500);
    for end in [records(&octets)[400], octets.len() / 2] {
        let medium = Box::new(Failing(Cursor::new(octets[..end].to_vec())));
        let capture = Capture::from_reader(medium, Path::new("x"), 0, &limits).unwrap();
        let case = pipeline::read(Captures::new(vec![capture]), &limits, Options::default());
        let (findings, _) = rules::judge(&case);
        let told = findings.iter().find(|finding| finding.rule.name == "capture-cut").unwrap();
        assert!(told.message.contains("the medium is broken"), "{}", told.message);
        assert!(case.captures[0].cut_short && case.hooks.len() > 50);
    }
    let broken = Box::new(Failing(Cursor::new(Vec::new())));
    let refused = Capture::from_reader(broken, Path::new("x"), 0, &limits).err().unwrap();
    assert_eq!(refused.to_string(), "cannot read x: the medium is broken");
}

/// What is told of a capture as JSON, whether it is said to be cut short, and the exit code.
fn told(place: &Path, line: &str) -> (i32, Value) {
    let (exit, out, err) = run(place, line);
    (exit, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{line}: {error}: {err}")))
}

#[test]
fn what_breaks_off_is_told_as_far_as_it_goes() {
    let place = desk();
    fs::copy("samples/pcap-gzip.pcap.gz", place.path().join("whole.gz")).unwrap();
    let half = "$(($(wc -c < whole.gz) / 2))";
    for line in [
        "mkfifo pipe; head -c 4000 log.pcap > pipe & hookscope analyze --format json pipe",
        "head -c 4000 log.pcap | hookscope analyze --format json -",
        "head -c 4000 log.pcap > cut.pcap; hookscope analyze --format json cut.pcap",
        &format!("head -c {half} whole.gz > cut.gz; hookscope analyze --format json cut.gz"),
        &format!("head -c {half} whole.gz | hookscope analyze --format json --threads 1 -"),
        "hookscope triage --format json cut.gz",
    ] {
        let (exit, document) = told(place.path(), line);
        assert!(matches!(exit, 0 | 1 | 4), "{line}: {exit}");
        assert_eq!(document["captures"][0]["cut_short"], true, "{line}");
        let findings = document["findings"].as_array();
        let rules = findings.map(|all| all.iter().any(|finding| finding["rule"] == "capture-cut"));
        assert!(rules != Some(false), "{line}");
    }
    for (line, words) in [
        (
            "hookscope analyze /proc/self/mem",
            "input-unreadable\n  x cannot read /proc/self/mem: Input/output error",
        ),
        ("hookscope analyze .", "input-is-a-folder\n"),
        ("hookscope analyze < /dev/null -", "input-empty\n"),
        (": > empty.pcap; hookscope analyze empty.pcap", "input-empty\n"),
        ("ln -s gone dangling; hookscope hooks dangling", "cannot read dangling: No such file"),
        ("ln -s loop loop; hookscope show loop h1", "cannot read loop: Too many levels of symbolic links"),
    ] {
        let (exit, out, err) = run(place.path(), line);
        assert!(exit == 3 && out.is_empty() && err.contains(words), "{line}: {exit} {err}");
    }
}

#[test]
fn what_may_not_be_read_is_told_and_others_are_read() {
    let place = desk();
    let Some(program) = without_rights(place.path()) else { return };
    let made =
        "mkdir -p all/closed; cp log.pcap all/a.pcap; cp log.pcap all/b.pcap; chmod 0 all/a.pcap all/closed";
    assert_eq!(run(place.path(), made).0, 0);
    let (exit, _, err) = run(place.path(), &format!("{program} analyze all/a.pcap"));
    assert!(exit == 3 && err.contains("cannot read all/a.pcap: Permission denied"), "{err}");
    let (exit, triage) = told(place.path(), &format!("{program} triage --no-sets --format json all"));
    assert_eq!(exit, 1);
    let rows = triage["captures"].as_array().unwrap();
    let refused = |path: &str| {
        let row = rows.iter().find(|row| row["path"] == path).unwrap();
        row["error"].as_str().is_some_and(|error| error.contains("Permission denied"))
    };
    assert!(rows.len() == 3 && refused("all/a.pcap") && refused("all/closed"), "{rows:#?}");
    // So that the folder can be removed by whom it belongs to.
    run(place.path(), "chmod 700 all/closed");
}

#[test]
fn a_folder_may_hold_anything() {
    let place = desk();
    let all = place.path().join("all");
    fs::create_dir_all(all.join("below")).unwrap();
    fs::copy(place.path().join("log.pcap"), all.join("log.pcap")).unwrap();
    symlink("..", all.join("below/up")).unwrap();
    symlink("itself", all.join("itself")).unwrap();
    symlink("nowhere.pcap", all.join("dangling.pcap")).unwrap();
    symlink("/dev/zero", all.join("zero.pcap")).unwrap();
    symlink("pipe.pcap", all.join("to-pipe.pcap")).unwrap();
    fs::write(all.join("empty.pcap"), "").unwrap();
    let _socket = UnixListener::bind(all.join("socket.pcap")).unwrap();
    assert_eq!(run(&all, "mkfifo pipe.pcap").0, 0);
    let (exit, triage) = told(place.path(), "hookscope triage --format json all");
    assert_eq!((exit, &triage["other_files"]), (1, &Value::from(4)));
    let rows: Vec<(&str, &str)> = triage["captures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["path"].as_str().unwrap(), row["error"].as_str().or(row["state"].as_str()).unwrap()))
        .collect();
    let expected = [
        ("all/log.pcap", "degraded"),
        ("all/below/up", "File system loop found"),
        ("all/dangling.pcap", "No such file"),
        ("all/empty.pcap", "0 octets"),
        ("all/itself", "Too many levels of symbolic links"),
    ];
    let fits =
        |(row, expected): (&(&str, &str), &(&str, &str))| row.0 == expected.0 && row.1.contains(expected.1);
    assert!(rows.len() == expected.len() && rows.iter().zip(&expected).all(fits), "{rows:#?}");
}

#[test]
fn a_pipe_that_nobody_writes_to_is_waited_for_until_ctrl_c() {
    let place = desk();
    assert_eq!(run(place.path(), "mkfifo pipe").0, 0);
    for line in ["analyze pipe", "triage pipe", "hooks log.pcap pipe"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
        command.args(line.split(' ')).current_dir(place.path()).env("HOOKSCOPE_NO_CONFIG", "1");
        let mut child = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        // Only with a reader at its other end it can be opened in this way. Nobody else may inherit it.
        let pipe = place.path().join("pipe");
        let _writer = loop {
            match open(&pipe, OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
                Ok(writer) => break writer,
                Err(_) => assert!(child.try_wait().unwrap().is_none(), "{line}"),
            }
        };
        child.send("-TERM");
        let output = child.output();
        let said = [output.stdout, output.stderr].concat();
        assert_eq!(output.status.code(), Some(130), "{line}");
        assert!(String::from_utf8(said).unwrap().contains("stopped by Ctrl-C"), "{line}");
    }
}

#[test]
fn names_need_not_be_text() {
    let place = desk();
    let name = OsStr::from_bytes(b"l\xffg.pcap");
    fs::rename(place.path().join("log.pcap"), place.path().join(name)).unwrap();
    let run = |arguments: &[&[u8]]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
        command.args(arguments.iter().map(|argument| OsStr::from_bytes(argument)));
        let output = command.current_dir(place.path()).env("HOOKSCOPE_NO_CONFIG", "1").output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let name = name.as_bytes();
    for form in [&b"text"[..], b"json", b"ndjson", b"markdown", b"html", b"har"] {
        let (exit, out) = run(&[b"analyze", b"--format", form, name]);
        assert!(exit == 1 && out.contains("l\u{fffd}g.pcap"), "{out}");
    }
    assert!(run(&[b"triage", b"--format", b"json", b"."]).1.contains("\"./l\u{fffd}g.pcap\""));
    let named: Value = serde_json::from_str(&run(&[b"analyze", b"--format", b"json", name]).1).unwrap();
    assert_eq!(named["captures"][0]["path"], "l\u{fffd}g.pcap");
    assert_eq!(run(&[b"analyze", name, b"-o", b"r\xfe.json"]), (1, String::new()));
    assert_eq!(run(&[b"excerpt", name, b"--hook", b"h1", b"-o", b"e\xfe.pcapng"]), (0, String::new()));
    for written in [&b"r\xfe.json"[..], b"e\xfe.pcapng"] {
        assert!(fs::metadata(place.path().join(OsStr::from_bytes(written))).unwrap().len() > 0);
    }
    assert_eq!(run(&[b"analyze", name, b"-o", b"r\xfe.json"]).0, 5);
}
