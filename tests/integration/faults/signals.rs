//! Ctrl-C and `SIGTERM` at any moment: a file is whole or is not there, and nothing else stays.

use crate::html::large;
use crate::outputs::{is_littered, run};
use crate::started::{Started, start};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// A command whose file is looked at: what is whole, by its end.
const WRITERS: &[(&str, &str, &str)] = &[
    ("analyze log.pcap", "out.json", "}\n"),
    ("analyze log.pcap", "out.html", "</html>"),
    ("analyze --format ndjson log.pcap", "out.ndjson", "}\n"),
    ("triage --format json log.pcap", "out.json", "}\n"),
    ("excerpt log.pcap --session s1", "out.pcapng", ""),
    ("man", "out.1", "\n"),
];

/// Moments of a run at which it is interrupted, in its parts.
const MOMENTS: u32 = 12;

fn begin(place: &Path, arguments: &str) -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
    command.args(arguments.split(' ')).current_dir(place).env("HOOKSCOPE_NO_CONFIG", "1");
    start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))
}

/// Whether it ended by itself, by the signal, or because of it.
fn is_well_ended(status: ExitStatus) -> bool {
    match status.code() {
        Some(code) => matches!(code, 0 | 1 | 3 | 5 | 130),
        // By SIGKILL ends what hangs.
        None => status.signal() != Some(9),
    }
}

/// Sends a signal until the program has ended: where whoever started the tests ignores it, one that comes before the
/// program listens is lost.
fn end(mut child: Started, signal: &str) -> ExitStatus {
    loop {
        child.send(signal);
        for _ in 0..100 {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_file_is_whole_or_not_there_whenever_a_signal_comes() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("log.pcap"), large(1_000)).unwrap();
    for (command, name, end) in WRITERS {
        let path = place.path().join(name);
        let line = format!("{command} -o {name}");
        #[expect(
            clippy::disallowed_methods,
            reason = "signals come at a moment of the run, wherever that is"
        )]
        let begun = std::time::Instant::now();
        assert!(begin(place.path(), &line).wait().unwrap().code().is_some_and(|code| code <= 1), "{line}");
        let whole = begun.elapsed();
        let complete = fs::metadata(&path).unwrap().len();
        for moment in 0..MOMENTS {
            drop(fs::remove_file(&path));
            let mut child = begin(place.path(), &line);
            thread::sleep(whole * moment / MOMENTS);
            child.send(if moment % 2 == 0 { "-INT" } else { "-TERM" });
            let status = child.wait().unwrap();
            assert!(is_well_ended(status), "{line}: {status}");
            assert!(!is_littered(place.path()), "{line}");
            let Ok(octets) = fs::read(&path) else { continue };
            // What was read by then may be less.
            assert!(octets.ends_with(end.as_bytes()) && octets.len() as u64 <= complete + 4_096, "{line}");
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("json") => drop(serde_json::from_slice::<serde_json::Value>(&octets).unwrap()),
                Some("pcapng") => assert_eq!(run(place.path(), "hookscope hooks out.pcapng").0, 0),
                _ => {}
            }
        }
        drop(fs::remove_file(&path));
    }
}

#[test]
fn standard_output_and_watching_end_by_a_signal_as_well() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("log.pcap"), large(1_000)).unwrap();
    for line in ["analyze log.pcap", "analyze --format json log.pcap", "triage .", "watch log.pcap"] {
        for moment in 0..MOMENTS {
            let child = begin(place.path(), line);
            thread::sleep(Duration::from_millis(15) * moment);
            let status = end(child, if moment % 2 == 0 { "-INT" } else { "-TERM" });
            assert!(is_well_ended(status), "{line}: {status}");
        }
    }
}

#[test]
fn who_asks_twice_is_not_waited_for_and_nothing_stays() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("log.pcap"), large(5_000)).unwrap();
    // So many that they take longer than the second signal.
    let names: Vec<String> = (0..200).map(|number| format!("out-{number}.html")).collect();
    let mut child = begin(place.path(), &format!("analyze log.pcap -o {}", names.join(" -o ")));
    while !place.path().join(&names[0]).exists() && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    child.send("-INT");
    // Signals that come together are one.
    thread::sleep(Duration::from_millis(350));
    child.send("-INT");
    let status = child.wait().unwrap();
    assert!(is_well_ended(status), "{status}");
    assert!(!is_littered(place.path()));
    let written: Vec<_> = names.iter().filter_map(|name| fs::read(place.path().join(name)).ok()).collect();
    assert!(!written.is_empty() && written.iter().all(|page| page.ends_with(b"</html>")));
}
