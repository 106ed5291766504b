//! The README: its transcripts are what the commands print.

use crate::command_line::hookscope;
use crate::folder;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// How the README calls the program on a fresh clone.
const CALL: &str = "$ cargo run --release --quiet -- ";

#[test]
fn transcripts_are_the_real_output() {
    let path = folder("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut fresh = String::new();
    let mut count = 0;
    let mut blocks = text.split("```");
    while let Some(prose) = blocks.next() {
        fresh.push_str(prose);
        let Some(block) = blocks.next() else { break };
        let shown = block.strip_prefix("console\n").and_then(|block| block.strip_prefix(CALL));
        match shown.and_then(|shown| shown.split_once('\n')) {
            Some((command, output)) if !output.is_empty() => {
                let arguments: Vec<&str> = command.split_whitespace().collect();
                let real = String::from_utf8(hookscope(&arguments, b"").stdout).unwrap();
                fresh.push_str(&format!("```console\n{CALL}{command}\n{real}```"));
                count += 1;
            }
            _ => fresh.push_str(&format!("```{block}```")),
        }
    }
    assert!(count >= 2, "the README shows its commands: {count}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert!(
        fresh == text || std::env::var_os("UPDATE").is_some(),
        "the README's transcripts are old: UPDATE=1"
    );
}

/// A folder as the documents speak of it: captures under their names, and the program in the path.
fn workplace() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let sample = |name: &str| folder("samples").join(name);
    for name in ["bin", "captures", "captures/older", ".zfunc", ".config/fish/completions"] {
        std::fs::create_dir_all(at(name)).unwrap();
    }
    std::fs::create_dir_all(at(".local/share/bash-completion/completions")).unwrap();
    for (from, to) in [
        ("timeout.pcap", "log.pcap"),
        ("call-hold.pcap", "yesterday.pcap"),
        ("call-403-fail.pcap", "today.pcap"),
        ("call-hold.pcap", "good.pcap"),
        ("call-403-fail.pcap", "bad.pcap"),
        ("web-phone-call.pcap", "wcs.pcap"),
        ("web-phone-call.pcap", "backend.pcap"),
        ("refused.pcap", "growing.pcap"),
        ("timeout.pcap", "monday.pcap"),
        ("pcap-gzip.pcap.gz", "tuesday.pcap.gz"),
        ("refused.pcap", "captures/refused.pcap"),
        ("timeout.pcap", "captures/timeout.pcap"),
        ("web-phone-call.pcap", "captures/older/call.pcap"),
        ("timeout.pcap", "ring_1.pcap"),
        ("call-hold.pcap", "ring_2.pcap"),
    ] {
        std::fs::copy(sample(from), at(to)).unwrap();
    }
    // An archive is one by its content.
    let made = Command::new("tar")
        .arg("-C")
        .arg(place.path())
        .args(["-czf"])
        .arg(at("ticket.zip"))
        .arg("captures")
        .status();
    assert!(made.unwrap().success());
    std::fs::copy(at("ticket.zip"), at("ticket-4711.zip")).unwrap();
    symlink(env!("CARGO_BIN_EXE_hookscope"), at("bin/hookscope")).unwrap();
    symlink(folder("samples"), at("samples")).unwrap();
    // The server's capture comes from a file, and so does that of this machine; nothing is sent to anybody.
    for (name, does) in [
        ("ssh", "exec cat \"$HOME/log.pcap\""),
        ("tcpdump", "exec cat \"$HOME/log.pcap\""),
        ("curl", "exit 0"),
    ] {
        let path = at(&format!("bin/{name}"));
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    must_work("hookscope check good.pcap --record -o my.toml", place.path());
    place
}

/// Removes what a line writes: each stands for itself, and what another has written is not replaced.
fn clear(line: &str, place: &Path) {
    for name in line.split(" -o ").skip(1).filter_map(|rest| rest.split_whitespace().next()) {
        drop(std::fs::remove_file(place.join(name)));
    }
}

/// Runs a line of a shell as the documents have it.
fn run(line: &str, place: &Path) -> Output {
    let path = format!("{}:{}", place.join("bin").display(), std::env::var("PATH").unwrap());
    // A file that still grows would be watched for ever.
    let line = line.replace(
        "hookscope watch growing.pcap",
        "timeout --preserve-status -s INT 2 hookscope watch growing.pcap",
    );
    Command::new("timeout")
        .args(["300", "sh", "-c", &line])
        .current_dir(place)
        .env("PATH", path)
        .env("HOME", place)
        .env("COLUMNS", "80")
        .env("HOOKSCOPE_NO_CONFIG", "1")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The commands that a text shows in its console blocks, and what they print, where that is shown.
fn shown(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut own: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            match (line.strip_prefix("$ "), own.last_mut()) {
                (Some(command), _) => own.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => output.push_str(&format!("{line}\n")),
                (None, None) => panic!("a block begins without a command: {line}"),
            }
        }
        commands.extend(own);
    }
    commands
}

/// A help text on a wide terminal.
fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
    let output = command.args(arguments).arg("--help").env("COLUMNS", "200").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The examples of a command's help, without what they are said to do.
fn examples(command: &str) -> Vec<String> {
    let help = help(&[command]);
    let Some(examples) = help.split("Examples:\n").nth(1) else { return Vec::new() };
    let lines = examples.lines().take_while(|line| line.starts_with("  ")).map(str::trim);
    let lines =
        lines.filter(|line| ["hookscope ", "ssh ", "tcpdump "].iter().any(|start| line.starts_with(start)));
    lines.map(|line| line.split("   ").next().unwrap().to_owned()).collect()
}

/// Whether what a line needs beside the program is here; where everything is checked, it must be.
fn can_run(line: &str) -> bool {
    ["jq", "man"].iter().all(|tool| {
        let is_needed = line.contains(&format!("| {tool} "));
        let is_here = || {
            Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap().status.success()
        };
        let can = !is_needed || is_here();
        assert!(can || std::env::var_os("CI").is_none(), "{tool} is needed: {line}");
        can
    })
}

fn must_work(line: &str, place: &Path) -> Output {
    clear(line, place);
    let output = run(line, place);
    let code = output.status.code();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(code, Some(0 | 1 | 4)), "{line}: {code:?} {err}");
    // Where a pipe ends in another program, its exit code says nothing about ours.
    assert!(err.is_empty(), "{line}: {err}");
    output
}

#[test]
fn every_command_of_the_documents_works_and_prints_what_is_shown() {
    let mut files: Vec<_> =
        std::fs::read_dir(folder("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    files.push(folder("README.md"));
    let place = workplace();
    let mut tried = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (line, output) in shown(&text) {
            let line = line.replace("cargo run --release --quiet --", "hookscope");
            if !line.contains("hookscope ") || !can_run(&line) || line.starts_with("cargo ") {
                continue;
            }
            let real = must_work(&line, place.path());
            let real = String::from_utf8(real.stdout).unwrap();
            assert!(output.is_empty() || output == real, "{}: {line}\n{real}", file.display());
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn every_example_of_the_help_works() {
    let help = help(&[]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed
        .lines()
        .filter(|line| !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap());
    let place = workplace();
    let mut tried = 0;
    for name in names.filter(|name| *name != "help") {
        for line in examples(name) {
            if can_run(&line) {
                must_work(&line, place.path());
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn every_rule_is_named() {
    let text = std::fs::read_to_string(folder("README.md")).unwrap();
    for rule in hookscope::rules::RULES {
        let row = format!("| `{}` | {} | {} |", rule.name, rule.severity.name(), rule.summary);
        assert!(text.contains(&row), "the README lacks the row\n{row}");
    }
}
