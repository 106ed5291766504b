//! The program as a user meets it: exit codes, messages, wrong input.

use crate::folder;
use crate::started::start;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the program in the repository's root.
pub fn hookscope(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hookscope"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "80")
        .env("HOOKSCOPE_NO_CONFIG", "1")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The program may end before it has read everything.
    let _written = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Exit code, standard output and standard error.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn analyze(path: &str) -> (i32, String, String) {
    told(&hookscope(&["analyze", path], b""))
}

#[test]
fn exit_codes_tell_what_was_found() {
    for (sample, code) in [
        ("web-phone-call.pcap", 0),
        ("answered-after-1200ms.pcap", 0),
        ("refused.pcap", 1),
        ("error-500.pcap", 1),
        ("no-http.pcap", 4),
        ("empty.pcap", 4),
        ("rest-api-only.pcap", 4),
    ] {
        let (exit, out, err) = analyze(&format!("samples/{sample}"));
        assert_eq!((exit, err.as_str()), (code, ""), "{sample}: {out}");
    }
}

#[test]
fn fail_on_decides_what_counts() {
    let code = |fail_on| {
        told(&hookscope(&["analyze", "--fail-on", fail_on, "samples/answered-after-1200ms.pcap"], b"")).0
    };
    assert_eq!([code("warning"), code("error"), code("never")], [1, 0, 0]);
    let refused = told(&hookscope(&["analyze", "--fail-on", "never", "samples/refused.pcap"], b""));
    assert_eq!(refused.0, 0);
}

#[test]
fn wrong_usage_exits_with_2() {
    for arguments in [
        &["analyze"][..],
        &["analyse", "x"],
        &["analyze", "--slow", "soon", "x"],
        &["analyze", "--backend", "host:80", "samples/refused.pcap"],
        &["analyze", "samples/refused.pcap", "-o", "report.xyz"],
    ] {
        let (exit, out, err) = told(&hookscope(arguments, b""));
        assert_eq!((exit, out.as_str()), (2, ""), "{arguments:?}");
        assert!(!err.is_empty());
    }
}

#[test]
fn what_is_no_capture_is_named_with_exit_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (path, words) in [
        (folder.path().join("none.pcap").to_str().unwrap().to_owned(), "No such file"),
        (folder.path().to_str().unwrap().to_owned(), "is a directory"),
        (file("text.pcap", b"hello world, this is no capture\n"), "begins with text"),
        (file("empty.pcap", b""), "is empty (0 octets)"),
        (file("short.pcap", &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0]), "no packet capture"),
        (file("bad.pcap.gz", &[0x1f, 0x8b, 8, 0, 1, 2, 3]), "cannot be decompressed"),
    ] {
        let (exit, out, err) = analyze(&path);
        assert_eq!((exit, out.as_str()), (3, ""), "{path}");
        assert!(err.contains(words) && err.contains(&path), "{err}");
    }
}

#[test]
fn a_cut_file_is_analyzed_as_far_as_it_goes() {
    let (exit, out, _) = analyze("samples/cut-in-packet.pcap");
    assert_eq!(exit, 0, "{out}");
    assert!(out.contains("capture-cut") && out.contains("cut short"), "{out}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_gives_what_there_is_marked_as_cut_short() {
    let octets = std::fs::read(folder("samples/web-phone-call.pcap")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
    command.args(["analyze", "-"]).env("HOOKSCOPE_NO_CONFIG", "1");
    let mut child = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
    let mut input = child.stdin.take().unwrap();
    // More than a pipe holds: what is written is being read. The pipe stays open, and silent.
    input.write_all(&octets[..octets.len() / 2]).unwrap();
    child.send("-INT");
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");
    assert!(out.contains("cut short") && out.contains("capture-cut") && out.contains("call"), "{out}");
    assert!(!out.contains("BROKEN"), "{out}");
}

#[test]
fn an_error_has_a_name_and_says_what_to_do() {
    for (arguments, words) in [
        (
            &["analyze", "README.md"][..],
            ["input-no-capture", "begins with text", "help: make one with: tcpdump"],
        ),
        (
            &["hooks", "samples/timeout.pcap", "--session", "x"],
            ["name-unknown", "no session \"x\"", "help: it has s1"],
        ),
        (&["explain", "conect"], ["topic-unknown", "\"conect\"", "help: did you mean connect?"]),
        (&["analyze", "samples"], ["input-is-a-folder", "is a directory", "hookscope triage samples"]),
    ] {
        let (_, out, err) = told(&hookscope(arguments, b""));
        assert!(out.is_empty() && words.iter().all(|word| err.contains(word)), "{arguments:?}: {err}");
        assert!(!err.contains('\u{1b}'), "no colours where there is no terminal: {err:?}");
    }
}

#[test]
fn an_unknown_link_type_is_told() {
    let mut octets = std::fs::read(folder("samples/refused.pcap")).unwrap();
    octets[20..24].copy_from_slice(&147_u32.to_le_bytes());
    let (exit, out, _) = told(&hookscope(&["analyze", "-"], &octets));
    assert_eq!(exit, 4);
    assert!(out.contains("link-type-147") && out.contains("not decoded"), "{out}");
}

#[test]
fn standard_input_and_file_give_the_same() {
    for sample in ["web-phone-call.pcap", "pcap-gzip.pcap.gz", "pcapng.pcapng"] {
        let path = format!("samples/{sample}");
        let Ok(octets) = std::fs::read(folder(&path)) else { panic!("{path}") };
        let from_file = told(&hookscope(&["analyze", "--format", "json", &path], b""));
        let piped = told(&hookscope(&["analyze", "--format", "json", "-"], &octets));
        assert_eq!(from_file.1.replace(&path, "-"), piped.1);
        assert_eq!(from_file.0, piped.0);
    }
}

#[test]
fn two_runs_give_the_same_octets() {
    for format in ["text", "json"] {
        let run = || {
            hookscope(&["analyze", "--format", format, "samples/sessions-on-one-connection.pcap"], b"").stdout
        };
        assert_eq!(run(), run());
    }
}

#[test]
fn several_files_are_one_capture_in_time_order() {
    let (exit, out, _) = told(&hookscope(
        &["analyze", "--format", "json", "samples/web-phone-call.pcap", "samples/web-phone-connection.pcap"],
        b"",
    ));
    assert_eq!(exit, 0, "{out}");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["captures"].as_array().unwrap().len(), 2);
    assert_eq!(document["hooks"].as_array().unwrap().len(), 9);
    let times: Vec<&str> =
        document["hooks"].as_array().unwrap().iter().map(|hook| hook["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted());
    assert!(out.contains("\"web-phone-call.pcap#114\""));
}

#[test]
fn the_output_files_ending_picks_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let (exit, out, err) =
        told(&hookscope(&["analyze", "samples/refused.pcap", "-o", path.to_str().unwrap()], b""));
    assert_eq!((exit, out.as_str(), err.as_str()), (1, "", ""));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(document["verdict"]["state"], "broken");
}

#[test]
fn output_that_cannot_be_written_exits_with_5() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let (exit, _, err) =
        told(&hookscope(&["analyze", "samples/refused.pcap", "--format", "json", "-o", "/dev/full"], b""));
    assert_eq!(exit, 5, "{err}");
    assert!(err.contains("/dev/full"), "{err}");
}

#[test]
fn colours_come_only_when_asked_for() {
    let colored = |arguments: &[&str]| hookscope(arguments, b"").stdout.contains(&0x1b);
    assert!(!colored(&["analyze", "samples/refused.pcap"]), "a pipe is no terminal");
    assert!(colored(&["analyze", "--color", "always", "samples/refused.pcap"]));
    assert!(!colored(&["analyze", "--color", "never", "samples/refused.pcap"]));
}

#[test]
fn the_schema_is_printed() {
    let (exit, out, _) = told(&hookscope(&["schema"], b""));
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(exit, 0);
    assert!(schema["properties"]["verdict"].is_object());
}

#[test]
fn a_named_backend_that_refuses_is_confirmed() {
    let (exit, out, _) =
        told(&hookscope(&["analyze", "--backend", "198.51.100.20:8081", "samples/refused.pcap"], b""));
    assert_eq!(exit, 1);
    assert!(out.contains("confidence: confirmed"), "{out}");
}

#[test]
fn several_outputs_have_the_forms_of_their_endings() {
    let folder = tempfile::tempdir().unwrap();
    let [json, text] = ["a.json", "b.txt"].map(|name| folder.path().join(name));
    let out = hookscope(
        &["analyze", "samples/one-hook.pcap", "-o", json.to_str().unwrap(), "-o", text.to_str().unwrap()],
        b"",
    );
    assert_eq!((out.status.code(), out.stdout.as_slice()), (Some(0), &b""[..]));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(document["verdict"]["state"], "healthy");
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("HEALTHY"));
    let out = hookscope(
        &["analyze", "samples/one-hook.pcap", "--format", "json", "-o", "x.json", "-o", "y.txt"],
        b"",
    );
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("the endings of the files pick their forms"));
}

#[test]
fn completions_and_manual_pages_name_all_commands_and_options() {
    let (_, help, _) = told(&hookscope(&["--help"], b""));
    let commands: Vec<&str> = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 13, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (exit, script, _) = told(&hookscope(&["completions", shell], b""));
        assert_eq!(exit, 0);
        for name in &commands {
            assert!(script.contains(name) && script.contains("redact-key"), "{shell}: {name}");
        }
    }
    let (exit, page, _) = told(&hookscope(&["man"], b""));
    assert!(exit == 0 && page.contains(".TH hookscope 1"), "{page}");
    for name in &commands {
        let (exit, page, _) = told(&hookscope(&["man", name], b""));
        assert!(exit == 0 && page.contains(&format!(".TH hookscope-{name} 1")), "{name}: {page}");
    }
    let (exit, _, err) = told(&hookscope(&["man", "analyse"], b""));
    assert!(exit == 2 && err.contains("analyze"), "{err}");
}

#[test]
fn limits_are_set_by_name() {
    let sample = "samples/web-phone-call.pcap";
    let json = |arguments: &[&str]| -> serde_json::Value {
        let (_, out, err) =
            told(&hookscope(&[&["analyze", "--format", "json", sample], arguments].concat(), b""));
        assert_eq!(err, "");
        serde_json::from_str(&out).unwrap()
    };
    let few = json(&["--limit", "hooks=2", "--limit", "body=100"]);
    assert_eq!(few["hooks"].as_array().unwrap().len(), 2);
    let rules =
        few["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "limit-reached");
    assert_eq!(rules.count(), 2);
    assert_eq!(json(&["--threads", "1"]), json(&["--threads", "7"]));
}

#[test]
fn wrong_limits_are_told() {
    for (setting, said) in [
        ("hoks=2", "there is no limit \"hoks\"; there are digest, record, "),
        ("hooks=many", "hooks is counted in a number, such as 4000 or 4K, and \"many\" is none"),
        ("record=1", "record goes from 64 to 4Gi"),
    ] {
        let (exit, out, err) = told(&hookscope(&["analyze", "--limit", setting, "x.pcap"], b""));
        assert_eq!((exit, out.as_str()), (2, ""));
        assert!(err.contains(said), "{err}");
    }
}

#[test]
fn a_digest_that_was_not_taken_is_absent_and_told() {
    let said = |digest: &str, format: &str| {
        let limit = format!("digest={digest}");
        let arguments = ["analyze", "samples/refused.pcap", "--limit", &limit, "--format", format];
        told(&hookscope(&arguments, b"")).1
    };
    let json = |digest| serde_json::from_str::<serde_json::Value>(&said(digest, "json")).unwrap();
    assert!(json("1M")["captures"][0]["sha256"].is_string());
    assert!(json("0")["captures"][0].get("sha256").is_none());
    for format in ["markdown", "html"] {
        assert!(said("0", format).contains("--limit digest=1T"), "{format}");
        assert!(!said("1M", format).contains("--limit digest"), "{format}");
    }
}
