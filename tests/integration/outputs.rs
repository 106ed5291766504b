//! Files that commands write: whole or not at all, and in the place of nothing that is still wanted.

use crate::folder;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Every command that writes a file, and the ending of that file.
pub const WRITERS: &[(&str, &str)] = &[
    ("analyze log.pcap", "json"),
    ("triage log.pcap", "html"),
    ("check log.pcap --flow outgoing-call", "junit"),
    ("check log.pcap --record", "toml"),
    ("check --list", "txt"),
    ("check --show outgoing-call", "toml"),
    ("hooks log.pcap", "tsv"),
    ("sessions log.pcap", "ndjson"),
    ("compare log.pcap other.pcap", "md"),
    ("exchanges log.pcap", "txt"),
    ("ladder log.pcap", "txt"),
    ("show log.pcap h1", "json"),
    ("replay log.pcap h1", "sh"),
    ("excerpt log.pcap --hook h1", "pcapng"),
    ("recipe log.pcap", "md"),
    ("explain connect", "txt"),
    ("rules", "json"),
    ("methods", "md"),
    ("config show", "json"),
    ("completions bash", "bash"),
    ("man analyze", "1"),
];

/// A folder with two captures.
pub fn desk() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    // Others than who runs the tests look into it, too.
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for (from, to) in [("timeout.pcap", "log.pcap"), ("call-hold.pcap", "other.pcap")] {
        fs::copy(folder("samples").join(from), place.path().join(to)).unwrap();
    }
    place
}

/// A shell in a folder, which knows the program.
pub fn shell(place: &Path, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_hookscope")).parent().unwrap().to_str().unwrap();
    let mut command = Command::new("timeout");
    command
        .args(["300", "sh", "-c", line])
        .current_dir(place)
        .env("PATH", format!("{program}:{}", std::env::var("PATH").unwrap()))
        .env("COLUMNS", "80")
        .env("HOOKSCOPE_NO_CONFIG", "1")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null());
    command
}

/// The exit code of a line of a shell, standard output, and standard error.
pub fn run(place: &Path, line: &str) -> (i32, String, String) {
    let output = shell(place, line).output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// How the program is called by somebody whom permissions bind, as they do not bind root; none where that cannot be.
pub fn without_rights(place: &Path) -> Option<&'static str> {
    if fs::metadata(place).unwrap().uid() != 0 {
        return Some("hookscope");
    }
    let program = "setpriv --reuid=65534 --clear-groups -- hookscope";
    let can = run(place, &format!("{program} --version")).0 == 0;
    if !can {
        println!("skipped: nobody else than root can run the program");
    }
    can.then_some(program)
}

/// Whether a temporary file was left behind.
pub fn is_littered(place: &Path) -> bool {
    let mut names = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name());
    names.any(|name| name.to_string_lossy().contains(".hookscope-"))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_file_is_written_once_and_replaced_by_force_only() {
    let place = desk();
    for (command, ending) in WRITERS {
        let name = format!("out.{ending}");
        let path = place.path().join(&name);
        let (exit, out, err) = run(place.path(), &format!("umask 027; hookscope {command} -o {name}"));
        assert!(exit <= 1 && out.is_empty() && err.is_empty(), "{command}: {exit} {err}");
        let written = fs::read(&path).unwrap();
        assert!(!written.is_empty() && mode(&path) == 0o640, "{command}: {:o}", mode(&path));

        fs::write(&path, "precious").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let (refused, out, err) = run(place.path(), &format!("hookscope {command} -o {name}"));
        assert_eq!((refused, out.as_str()), (5, ""), "{command}");
        assert!(err.starts_with("output-exists\n") && err.contains("help: give --force"), "{command}: {err}");
        assert_eq!(fs::read(&path).unwrap(), b"precious", "{command}");

        let (again, _, err) = run(place.path(), &format!("hookscope {command} --force -o {name}"));
        assert_eq!((again, err.as_str()), (exit, ""), "{command}");
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (written, 0o604), "{command}");
        fs::remove_file(&path).unwrap();
        assert!(!is_littered(place.path()), "{command}");
    }
}

#[test]
fn every_command_knows_where_output_goes() {
    let (_, help, _) = run(Path::new("/"), "hookscope --help");
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| !line.starts_with("   "));
    for name in names.map(|line| line.split_whitespace().next().unwrap()) {
        let (_, help, _) = run(Path::new("/"), &format!("hookscope help {name}"));
        let writes = help.contains("-o, --output");
        assert_eq!(writes, help.contains("--force"), "{name}");
        assert!(!writes || WRITERS.iter().any(|(command, _)| command.starts_with(name)), "{name}");
    }
}

#[test]
fn what_exists_is_told_before_anything_is_read() {
    let place = desk();
    fs::write(place.path().join("report.json"), "precious").unwrap();
    let (exit, _, err) = run(place.path(), "hookscope analyze no-such.pcap -o new.txt -o report.json");
    assert!(exit == 5 && err.contains("report.json exists already"), "{err}");
    assert!(!place.path().join("new.txt").exists());
}

#[test]
fn what_comes_into_being_while_reading_is_not_overwritten() {
    let place = desk();
    let octets = fs::read(folder("samples/web-phone-call.pcap")).unwrap();
    let mut child = shell(place.path(), "exec hookscope analyze - -o report.json")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // More than a pipe holds: reading has begun.
    let (first, rest) = octets.split_at(octets.len() / 2);
    input.write_all(first).unwrap();
    fs::write(place.path().join("report.json"), "of another").unwrap();
    input.write_all(rest).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(5) && err.contains("output-exists"), "{err}");
    assert_eq!(fs::read(place.path().join("report.json")).unwrap(), b"of another");
    assert!(!is_littered(place.path()));
}

#[test]
fn links_are_replaced_and_never_written_through() {
    let place = desk();
    let at = |name: &str| place.path().join(name);
    fs::write(at("target"), "precious").unwrap();
    fs::create_dir(at("reports")).unwrap();
    for (link, target) in [("good.json", "target"), ("dangling.json", "nowhere"), ("null.json", "/dev/null")]
    {
        symlink(target, at(link)).unwrap();
        let (exit, _, err) = run(place.path(), &format!("hookscope analyze log.pcap -o {link}"));
        assert!(exit == 5 && err.contains("exists already, as a symbolic link"), "{link}: {err}");
        assert!(at(link).is_symlink());
        let (exit, _, err) = run(place.path(), &format!("hookscope analyze log.pcap --force -o {link}"));
        assert_eq!((exit, err.as_str()), (1, ""), "{link}");
        assert!(fs::symlink_metadata(at(link)).unwrap().is_file(), "{link}");
    }
    assert_eq!(fs::read(at("target")).unwrap(), b"precious");
    assert!(!at("nowhere").exists());
    symlink("reports", at("folder.json")).unwrap();
    let (exit, _, err) = run(place.path(), "hookscope analyze log.pcap --force -o folder.json");
    assert!(exit == 5 && err.contains("output-is-a-folder") && at("folder.json").is_symlink(), "{err}");
}

#[test]
fn what_is_read_is_never_written() {
    let place = desk();
    let at = |name: &str| place.path().join(name);
    let before = fs::read(at("log.pcap")).unwrap();
    fs::hard_link(at("log.pcap"), at("hard.json")).unwrap();
    symlink("log.pcap", at("link.json")).unwrap();
    fs::create_dir(at("captures")).unwrap();
    fs::copy(at("log.pcap"), at("captures/a.csv")).unwrap();
    fs::write(at("key.json"), "key").unwrap();
    fs::write(at("flow.json"), run(place.path(), "hookscope check --show outgoing-call").1).unwrap();
    for line in [
        "analyze log.pcap --format json --force -o log.pcap",
        "analyze log.pcap --format json --force -o ./captures/../log.pcap",
        "analyze log.pcap --force -o hard.json",
        "analyze log.pcap --force -o link.json",
        "analyze link.json --format json --force -o log.pcap",
        "analyze - --force -o hard.json < log.pcap",
        "analyze other.pcap log.pcap -o new.json --force -o hard.json",
        "analyze log.pcap --redact-key key.json --force -o key.json",
        "hooks log.pcap --force -o hard.json",
        "sessions log.pcap --force -o hard.json",
        "exchanges log.pcap --force -o hard.json",
        "show log.pcap h1 --force -o hard.json",
        "ladder log.pcap --force -o log.pcap",
        "replay log.pcap h1 --force -o log.pcap",
        "compare other.pcap log.pcap --force -o hard.json",
        "recipe log.pcap --force -o hard.json",
        "check log.pcap --record --force -o log.pcap",
        "check log.pcap --flow flow.json --force -o flow.json",
        "excerpt log.pcap --hook h1 --force -o log.pcap",
        "triage captures --force -o captures/a.csv",
        "triage captures/a.csv --force -o captures/a.csv",
    ] {
        let (exit, _, err) = run(place.path(), &format!("hookscope {line}"));
        assert!(exit == 2 && err.starts_with("output-is-input\n"), "{line}: {exit} {err}");
    }
    assert_eq!(fs::read(at("log.pcap")).unwrap(), before);
    assert_eq!(fs::read(at("captures/a.csv")).unwrap(), before);
    // A report of an earlier run is no capture, though it lies among them.
    for _ in 0..2 {
        let (exit, _, err) = run(place.path(), "hookscope triage captures --force -o captures/report.csv");
        assert_eq!((exit, err.as_str()), (1, ""));
    }
}

#[test]
fn no_two_outputs_are_one_file() {
    let place = desk();
    fs::create_dir(place.path().join("sub")).unwrap();
    for outputs in ["-o a.json -o a.json", "-o a.json -o sub/../a.json", "-o - -o /dev/stdout"] {
        let (exit, out, err) = run(place.path(), &format!("hookscope analyze log.pcap {outputs}"));
        assert!(exit == 2 && out.is_empty() && err.starts_with("output-named-twice\n"), "{outputs}: {err}");
    }
    assert!(!place.path().join("a.json").exists());
}

#[test]
fn devices_and_pipes_are_written_to_as_they_stand() {
    let place = desk();
    let (_, text, _) = run(place.path(), "hookscope analyze log.pcap");
    // Files, pipes and devices have columns of their own.
    let (_, wide, _) = run(place.path(), "COLUMNS=100 hookscope analyze log.pcap");
    for (line, text) in [
        ("hookscope analyze log.pcap -o -", &text),
        ("hookscope analyze log.pcap -o /dev/stdout", &text),
        ("hookscope analyze log.pcap -o /dev/fd/1", &text),
        ("hookscope analyze log.pcap -o - -o beside.json", &text),
        ("hookscope analyze log.pcap -o /dev/stderr 2>&1", &wide),
        ("mkfifo pipe; hookscope analyze log.pcap -o pipe & cat pipe", &wide),
    ] {
        let (_, out, err) = run(place.path(), line);
        assert!(out == *text && err.is_empty(), "{line}: {out}{err}");
    }
    assert!(place.path().join("beside.json").exists());
    let line = "(echo head; hookscope analyze log.pcap -o /dev/stdout; echo foot) > all; cat all";
    assert_eq!(run(place.path(), line).1, format!("head\n{text}foot\n"));
    let line = "echo head > three; hookscope analyze log.pcap -o /dev/fd/3 3>> three; cat three";
    assert_eq!(run(place.path(), line).1, format!("head\n{wide}"));
    for line in ["analyze log.pcap -o /dev/null", "analyze log.pcap --format html -o /dev/null"] {
        assert_eq!(run(place.path(), &format!("hookscope {line}")), (1, String::new(), String::new()));
    }
    let null = fs::metadata("/dev/null").unwrap();
    assert!(!null.is_file() && null.rdev() != 0, "it is a device still");
    let (exit, _, err) = run(place.path(), "hookscope excerpt log.pcap --hook h1 -o - > small.pcapng");
    assert_eq!((exit, err.as_str()), (0, ""));
    assert_eq!(run(place.path(), "hookscope hooks small.pcapng").0, 0);
}

#[test]
fn folders_that_cannot_be_written_are_told_first() {
    let place = desk();
    fs::create_dir(place.path().join("closed")).unwrap();
    for (line, code, words) in [
        ("hookscope analyze x.pcap -o no/new.txt", "output-folder", "folder no: No such file"),
        ("hookscope analyze x.pcap -o log.pcap/new.txt", "output-folder", "folder log.pcap: not a directory"),
        ("hookscope analyze x.pcap -o closed --format json", "output-is-a-folder", "closed: it is a folder"),
        ("hookscope analyze x.pcap -o new/ --format json", "output-is-a-folder", "new/: it is a folder"),
    ] {
        let (exit, _, err) = run(place.path(), line);
        assert!(exit == 5 && err.starts_with(code) && err.contains(words), "{line}: {err}");
    }
    if let Some(program) = without_rights(place.path()) {
        let line = format!("chmod 555 closed; {program} analyze x.pcap -o closed/new.txt");
        let (exit, _, err) = run(place.path(), &line);
        assert!(exit == 5 && err.contains("folder closed: Permission denied"), "{err}");
    }
}

/// A line that runs where no file may hold anything.
fn on_a_full_disk(line: &str) -> String {
    format!("trap '' XFSZ; ulimit -f 0; {line}")
}

#[test]
fn nothing_of_a_report_stays_where_the_disk_is_full() {
    let place = desk();
    for (command, ending) in WRITERS {
        let name = format!("out.{ending}");
        let path = place.path().join(&name);
        fs::write(&path, "precious").unwrap();
        for (option, left) in [("--force", Some(b"precious".to_vec())), ("", None)] {
            let line = on_a_full_disk(&format!("hookscope {command} {option} -o {name}"));
            let (exit, _, err) = run(place.path(), &line);
            assert!(exit == 5 && err.contains("output-failed") && err.contains(&name), "{command}: {err}");
            assert_eq!(fs::read(&path).ok(), left, "{command}");
            assert!(!is_littered(place.path()), "{command}");
            drop(fs::remove_file(&path));
        }
    }
}

/// Every form of every command, by the arguments that ask for it.
pub fn forms() -> Vec<String> {
    let place = desk();
    let mut all = Vec::new();
    for (command, _) in WRITERS.iter().copied().chain([("watch log.pcap", ""), ("schema", ""), ("man", "")]) {
        let (_, help, _) =
            run(place.path(), &format!("hookscope {} --help", command.split(' ').next().unwrap()));
        let formats = help
            .split("--format <FORMAT>")
            .nth(1)
            .and_then(|help| help.split("\n      --").next()?.split("\n  -").next());
        let formats = formats.filter(|_| !command.contains(" --record") && !command.contains("check --"));
        let names = formats
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
        let before = all.len();
        all.extend(names.map(|name| format!("{command} --format {name}")));
        if all.len() == before {
            all.push(command.to_owned());
        }
    }
    all
}

#[test]
fn standard_output_that_fails_is_told_and_one_that_nobody_reads_is_not() {
    let place = desk();
    let helps = ["--help", "--version", "help analyze", "analyze --help", "excerpt log.pcap --hook h1 -o -"];
    let all = forms().into_iter().filter(|line| !line.starts_with("watch") && !line.starts_with("excerpt"));
    let all: Vec<String> = all.chain(helps.map(str::to_owned)).collect();
    assert!(all.len() > 45, "{}", all.len());
    for line in all {
        let line = format!("hookscope {line}");
        let (exit, _, err) = run(place.path(), &format!("{line} > /dev/full"));
        assert!(exit == 5 && err.starts_with("output-failed\n"), "{line}: {exit} {err}");
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let unread = shell(place.path(), &format!("exec {line}")).stdout(writer).output().unwrap();
        assert_eq!((unread.status.code(), unread.stderr.as_slice()), (Some(0), &b""[..]), "{line}");
        // Descriptors that are closed are no reason to give up.
        let (exit, _, _) = run(place.path(), &format!("{line} <&- >&- 2>&-"));
        assert!(exit <= 1, "{line}: {exit}");
    }
}
