//! Excerpts hold what was asked for, say the same, and hold no secret.

use crate::command_line::{hookscope, told};
use crate::samples::read;
use crate::support::scenarios::SCENARIOS;
use crate::support::scenarios::secrets::PLANTED;
use crate::{folder, tshark};
use hookscope::rules;
use std::collections::BTreeSet;
use std::path::Path;

/// Makes an excerpt of a sample; the exit code, what was said, and the octets.
fn excerpt(sample: &str, wanted: &[&str], folder: &Path) -> (i32, String, Vec<u8>) {
    let path = folder.join("excerpt.pcapng");
    drop(std::fs::remove_file(&path));
    let arguments = [&["excerpt", sample, "-o", path.to_str().unwrap()], wanted].concat();
    let (exit, _, err) = told(&hookscope(&arguments, b""));
    (exit, err, std::fs::read(&path).unwrap_or_default())
}

/// The rules that fire, those about the capture as a whole aside.
fn fired(octets: Vec<u8>) -> BTreeSet<&'static str> {
    let case = read("x", octets);
    let (findings, _) = rules::judge(&case);
    let about_hooks = findings.iter().filter(|finding| !finding.evidence.hooks().is_empty());
    about_hooks.map(|finding| finding.rule.name).collect()
}

#[test]
fn the_excerpt_of_the_only_session_says_what_the_capture_says() {
    let folder = tempfile::tempdir().unwrap();
    let (mut made, mut refused) = (0, Vec::new());
    for scenario in SCENARIOS {
        let octets = (scenario.build)();
        let case = read("x", octets.clone());
        if case.sessions.len() != 1 || case.hooks.iter().any(|hook| hook.session.is_none()) {
            continue;
        }
        let sample = format!("samples/{}", scenario.name);
        let (exit, err, small) = excerpt(&sample, &["--session", "s1"], folder.path());
        if exit != 0 {
            assert!(small.is_empty() && exit == 5, "{sample}: {exit} {err}");
            refused.push(format!("{sample}: {err}"));
            continue;
        }
        made += 1;
        assert!(!small.windows(14).any(|window| window == b"planted-secret"), "{sample}");
        assert_eq!(read("y", small.clone()).hooks.len(), case.hooks.len(), "{sample}");
        let (mut before, mut after) = (fired(octets), fired(small));
        // What is overwritten may no longer tell a known value from another one.
        for set in [&mut before, &mut after] {
            set.retain(|rule| !matches!(*rule, "override-ignored" | "invalid-value"));
        }
        assert_eq!(after, before, "{sample}");
    }
    assert!(made > 40, "{made}");
    let compressed = refused.iter().all(|why| why.contains("compressed") || why.contains("fragment"));
    assert!(compressed && !refused.is_empty(), "{refused:#?}");
}

#[test]
fn nothing_planted_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, err, small) = excerpt("samples/secrets-in-answers.pcap", &["--session", "s1"], folder.path());
    assert_eq!(exit, 0, "{err}");
    for secret in PLANTED {
        assert!(!small.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let (exit, err, small) = excerpt("samples/secrets-in-hooks.pcap", &["--session", "s1"], folder.path());
    assert_eq!((exit, small.len()), (5, 0), "{err}");
    assert!(err.contains("compressed") && err.contains("hook h"), "{err}");
    // Without the connection that carries them.
    let (exit, err, small) =
        excerpt("samples/secrets-in-hooks.pcap", &["--hook", "h1", "--hook", "h4"], folder.path());
    assert_eq!(exit, 0, "{err}");
    for secret in PLANTED {
        assert!(!small.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let whole = excerpt("samples/secrets-in-hooks.pcap", &["--hook", "h1", "--no-redact"], folder.path());
    assert!(whole.2.windows(14).any(|window| window == b"planted-secret"));
}

#[test]
fn no_more_is_there_than_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let sample = "samples/sessions-on-one-connection.pcap";
    let case = read("x", std::fs::read(crate::folder(sample)).unwrap());
    assert!(case.sessions.len() > 1);
    let (exit, err, small) = excerpt(sample, &["--session", "s2"], folder.path());
    assert_eq!(exit, 0, "{err}");
    let (own, other) = (&case.sessions[1], &case.sessions[0]);
    let part = read("y", small.clone());
    assert_eq!(part.hooks.len(), own.hooks.len());
    assert_eq!(part.sessions.len(), 1);
    let holds = |words: &str| small.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(holds(&own.session_id) && !holds(&other.session_id));
    assert!(holds("of samples/sessions-on-one-connection.pcap"));
}

#[test]
fn what_is_not_there_or_cannot_be_read_twice_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (wanted, words) in [
        (&["--session", "s99"][..], "no session s99"),
        (&["--finding", "tls-backend"], "no finding tls-backend"),
        (&["--hook", "h0"], "no hook h0"),
        (&[], "required"),
    ] {
        let (exit, err, _) = excerpt("samples/one-hook.pcap", wanted, folder.path());
        assert_eq!(exit, 2, "{err}");
        assert!(err.contains(words), "{err}");
    }
    let (exit, err, _) = excerpt("-", &["--hook", "h1"], folder.path());
    assert_eq!((exit, err.contains("twice")), (2, true), "{err}");
}

#[test]
fn tshark_finds_right_checksums_and_the_same_messages() {
    let folder_of = tempfile::tempdir().unwrap();
    for (sample, wanted) in [
        ("samples/web-phone-call.pcap", ["--session", "s1"]),
        ("samples/session-sip.pcap", ["--session", "s1"]),
        ("samples/error-500.pcap", ["--session", "s1"]),
        ("samples/refused.pcap", ["--finding", "backend-refused"]),
        ("samples/secrets-in-answers.pcap", ["--session", "s1"]),
    ] {
        let (exit, err, _) = excerpt(sample, &wanted, folder_of.path());
        assert_eq!(exit, 0, "{sample}: {err}");
        let small = folder_of.path().join("excerpt.pcapng").to_str().unwrap().to_owned();
        let fields = |path: &str, filter: &str| {
            let checks =
                ["-o", "tcp.check_checksum:TRUE", "-d", "tcp.port==8081,http", "-d", "tcp.port==9091,http"];
            let shown = [
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "http.response.code",
                "-e",
                "http.request.method",
            ];
            let arguments = [&["-r", path, "-Y", filter][..], &checks, &shown].concat();
            tshark(&arguments)
        };
        let Some(bad) = fields(&small, "tcp.checksum.status == 0 || ip.checksum.status == 0") else { return };
        assert_eq!(bad, "", "{sample}");
        let path = folder(sample).to_str().unwrap().to_owned();
        assert_eq!(fields(&small, "http"), fields(&path, "http"), "{sample}");
        let comments = tshark(&["-r", &small, "-T", "fields", "-e", "frame.comment"]).unwrap();
        assert!(
            comments.lines().all(|line| line.starts_with("frame ") && line.contains(sample)),
            "{comments}"
        );
    }
}
