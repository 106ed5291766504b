//! The configuration: who counts more, what is told of it, and what a project's file cannot do.

use crate::command_line::told;
use crate::folder;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A home folder with a project in it.
struct Home(tempfile::TempDir);

impl Home {
    /// With these configurations; empty ones are not there.
    fn new(user: &str, project: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.path("project/below")).unwrap();
        home.write(".config/hookscope/config.toml", user);
        home.write("project/hookscope.toml", project);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !text.is_empty() {
            fs::write(path, text).unwrap();
        }
    }

    /// Runs the program below the project, with this environment only.
    fn run(&self, environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookscope"));
        command.env_clear().env("HOME", self.0.path()).env("COLUMNS", "100");
        command.envs(environment.iter().copied()).current_dir(self.path("project/below"));
        told(&command.args(arguments).output().unwrap())
    }

    /// A key's values and its origin, as `config show` tells them.
    fn key(&self, environment: &[(&str, &str)], options: &[&str], key: &str) -> (String, String) {
        let arguments = [&["config", "show", "--format", "json"], options].concat();
        let (exit, out, err) = self.run(environment, &arguments);
        assert_eq!(exit, 0, "{err}");
        let shown: Value = serde_json::from_str(&out).unwrap();
        let entry = shown["settings"].as_array().unwrap().iter().find(|entry| entry["key"] == key).unwrap();
        let values = entry["values"].as_array().unwrap().iter().map(|value| value.as_str().unwrap());
        let path = entry["path"].as_str().map(|path| path.rsplit('/').next().unwrap());
        let from = [entry["variable"].as_str(), path, entry["profile"].as_str()];
        let from = from.into_iter().flatten().next().unwrap_or(entry["origin"].as_str().unwrap());
        let line = entry["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        (values.collect::<Vec<_>>().join(","), format!("{from}{line}"))
    }
}

fn sample(name: &str) -> String {
    folder("samples").join(name).to_str().unwrap().to_owned()
}

fn pair(value: &str, origin: &str) -> (String, String) {
    (value.to_owned(), origin.to_owned())
}

/// Each key with a value that differs for each who may say it: flag, environment, project, user.
const KEYS: [(&str, [&str; 4], &str); 5] = [
    ("slow", ["9", "8", "7", "6"], "1"),
    ("rest-timeout", ["9", "8", "7.5", "6"], "15"),
    ("color", ["always", "never", "always", "never"], "auto"),
    ("fail-on", ["never", "note", "warning", "never"], "error"),
    ("backend", ["192.0.2.1:1", "192.0.2.2:2", "192.0.2.3:3", "192.0.2.4:4"], ""),
];

#[test]
fn flags_count_more_than_the_environment_than_the_project_than_the_user() {
    for (key, [flag, variable, project, user], default) in KEYS {
        let flag_name = format!("--{key}");
        let name = format!("HOOKSCOPE_{}", key.to_uppercase().replace('-', "_"));
        let say = |value: &str| format!("{key} = \"{value}\"\n");
        let home = Home::new(&say(user), &format!("# mine\n{}", say(project)));
        let environment = [(name.as_str(), variable)];
        assert_eq!(home.key(&environment, &[&flag_name, flag], key), pair(flag, "flag"), "{key}");
        assert_eq!(home.key(&environment, &[], key), pair(variable, &name));
        assert_eq!(home.key(&[(&name, "")], &[], key), pair(project, "hookscope.toml:2"));
        fs::remove_file(home.path("project/hookscope.toml")).unwrap();
        assert_eq!(home.key(&[], &[], key), pair(user, "config.toml:1"));
        assert_eq!(home.key(&[], &["--no-config"], key), pair(default, "default"));
        assert_eq!(home.key(&[("HOOKSCOPE_NO_CONFIG", "1")], &[], key), pair(default, "default"));
        assert_eq!(home.key(&[("HOOKSCOPE_NO_CONFIG", "0")], &[], key), pair(user, "config.toml:1"));
    }
}

#[test]
fn what_is_configured_is_what_commands_do() {
    let late = sample("answered-after-1200ms.pcap");
    let home = Home::new("fail-on = \"warning\"\nslow = 1", "");
    let exit = |environment: &[(&str, &str)], more: &[&str]| {
        home.run(environment, &[&["analyze", late.as_str()], more].concat()).0
    };
    assert_eq!(exit(&[], &[]), 1, "the user's file");
    assert_eq!(exit(&[("HOOKSCOPE_SLOW", "2")], &[]), 0, "the environment");
    assert_eq!(exit(&[("HOOKSCOPE_SLOW", "2")], &["--slow", "1"]), 1, "a flag");
    assert_eq!(exit(&[], &["--no-config"]), 0, "none");
    let (_, out, _) = home.run(&[("HOOKSCOPE_COLOR", "always")], &["analyze", &late]);
    assert!(out.contains('\u{1b}'));
}

#[test]
fn one_file_is_read_where_it_is_named() {
    let home = Home::new("slow = 6", "slow = 7");
    home.write("other.toml", "color = \"never\"\n");
    let other = home.path("other.toml");
    let other = other.to_str().unwrap();
    for (environment, options) in [
        (&[][..], &["--config", other][..]),
        (&[("HOOKSCOPE_CONFIG", other)], &[]),
        (&[("HOOKSCOPE_CONFIG", "none.toml")], &["--config", other]),
        (&[("HOOKSCOPE_NO_CONFIG", "1")], &["--config", other]),
    ] {
        assert_eq!(home.key(environment, options, "slow"), pair("1", "default"));
        assert_eq!(home.key(environment, options, "color"), pair("never", "other.toml:1"));
    }
    let (exit, _, err) = home.run(&[], &["config", "show", "--config", "none.toml"]);
    assert!(exit == 2 && err.contains("cannot read the configuration none.toml"), "{err}");
}

#[test]
fn files_are_found_where_they_may_be() {
    let home = Home::new("slow = 6", "");
    home.write("project/.hookscope.toml", "slow = 5");
    assert_eq!(home.key(&[], &[], "slow"), pair("5", ".hookscope.toml:1"));
    home.write("project/below/hookscope.toml", "slow = 4");
    assert_eq!(home.key(&[], &[], "slow"), pair("4", "hookscope.toml:1"));
    for name in ["project/.hookscope.toml", "project/below/hookscope.toml"] {
        fs::remove_file(home.path(name)).unwrap();
    }
    home.write("hookscope.toml", "slow = 3");
    assert_eq!(home.key(&[], &[], "slow"), pair("6", "config.toml:1"), "home is no project");
    home.write("elsewhere/hookscope/config.toml", "slow = 2");
    let elsewhere = home.path("elsewhere");
    let environment = [("XDG_CONFIG_HOME", elsewhere.to_str().unwrap())];
    assert_eq!(home.key(&environment, &[], "slow"), pair("2", "config.toml:1"));
}

const PROFILES: &str = "slow = 6\n[profile.acme]\nslow = 5\n[profile.other]\nports = [8085]\n";

#[test]
fn profiles_are_chosen_by_their_names() {
    let home = Home::new(PROFILES, "");
    assert_eq!(home.key(&[], &[], "slow").0, "6");
    assert_eq!(home.key(&[], &["--profile", "acme"], "slow").0, "5");
    assert_eq!(home.key(&[("HOOKSCOPE_PROFILE", "acme")], &[], "slow").0, "5");
    let both = home.key(&[("HOOKSCOPE_PROFILE", "acme")], &["--profile", "other"], "slow");
    assert_eq!(both.0, "6", "what a profile leaves out stands above it");
    home.write("project/hookscope.toml", "default-profile = \"acme\"");
    assert_eq!(home.key(&[], &[], "slow").0, "5");
    assert_eq!(home.key(&[], &[], "profile"), pair("acme", "hookscope.toml:1"));
    home.write("project/hookscope.toml", "slow = 7\n[profile.acme]\ncolor = \"never\"");
    assert_eq!(home.key(&[], &["--profile", "acme"], "slow").0, "7", "file by file");
    assert_eq!(home.key(&[], &["--profile", "acme"], "color").0, "never");
    let (exit, _, err) = home.run(&[("HOOKSCOPE_PROFILE", "acmee")], &["config", "show"]);
    assert!(exit == 2 && err.contains("\"acmee\" (HOOKSCOPE_PROFILE)"), "{err}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, words) in [
        ("slwo = 2\n", "line 1, column 1: there is no key `slwo`; did you mean `slow`?"),
        ("\nslow = true\n", "line 2, column 8: `slow` is a string or a number"),
        ("slow = [1]\n", "line 1, column 8: `slow` has one value"),
        ("slow = \"soon\"\n", "line 1, column 8: `slow`: not a number of seconds"),
        ("color = \"alway\"\n", "did you mean \"always\"?"),
        ("fail-on = \"x\"\n", "there are error, warning, note, never"),
        ("backend = [\"192.0.2.1:1\", \"b2\"]\n", "line 1, column 27: `backend`: no address and port"),
        ("ports = 70000\n", "line 1, column 9: `ports`: no port"),
        ("base-paths = \"rest\"\n", "a base path begins with /"),
        ("slow = \n", "line 1, column 8"),
        ("profile = \"acme\"\n", "line 1, column 11: profiles are tables"),
        ("[profile.acme]\ndefault-profile = \"x\"\n", "line 2, column 1: there is no key `default-profile`"),
        ("[[method]]\nname = \"x\"\n", "line 1, column 1: a method has no `type`"),
        ("[[method]]\nname = \"call\"\ntype = \"event\"\n", "line 2, column 8: call is in the catalogue"),
        ("[[method]]\nname = \"x\"\ntype = \"even\"\n", "did you mean `event`?"),
        ("[[method]]\nname = \"x\"\ntype = \"event\"\nwithin = 3\n", "there is no `follower`"),
        ("default-profile = \"acme\"\n", "the configuration has no profiles"),
    ] {
        let home = Home::new("", text);
        let (exit, out, err) = home.run(&[], &["analyze", "none.pcap"]);
        assert_eq!((exit, out.as_str()), (2, ""), "{text}: {err}");
        assert!(err.contains(words) && err.contains("project/hookscope.toml"), "{text}: {err}");
        // What asks for no option needs no configuration.
        assert_eq!(home.run(&[], &["rules"]).0, 0);
        assert_eq!(home.run(&[], &["analyze", "--help"]).0, 0);
    }
    let home = Home::new("", "");
    let (exit, _, err) = home.run(&[("HOOKSCOPE_FAIL_ON", "warn")], &["config", "show"]);
    assert!(exit == 2 && err.contains("HOOKSCOPE_FAIL_ON: it cannot be \"warn\""), "{err}");
}

#[test]
fn masking_is_switched_off_by_the_user_only() {
    let masks = |home: &Home, environment: &[(&str, &str)], more: &[&str]| {
        let path = sample("timeout.pcap");
        let (exit, out, err) = home.run(environment, &[&["analyze", path.as_str()], more].concat());
        assert_eq!(exit, 1, "{err}");
        !out.contains("secrets are NOT masked")
    };
    let refuse = |home: &Home, environment: &[(&str, &str)], words: &str| {
        let (exit, _, err) = home.run(environment, &["config", "show"]);
        assert!(exit == 2 && err.contains(words), "{err}");
    };
    refuse(&Home::new("", "redact = \"none\""), &[], "cannot switch masking off");
    refuse(&Home::new("", "[profile.x]\nredact = \"none\""), &[], "cannot switch masking off");
    refuse(&Home::new("", "redact-key = \"key\""), &[], "cannot name a key");
    refuse(&Home::new("", "no-redact = true"), &[], "there is no key `no-redact`");
    refuse(&Home::new("", "output = \"x\""), &[], "there is no key `output`");
    refuse(
        &Home::new("", ""),
        &[("HOOKSCOPE_REDACT", "none")],
        "HOOKSCOPE_REDACT: masking is switched off by",
    );
    let home = Home::new("redact = \"none\"\nredact-key = \"none.key\"", "");
    assert!(!masks(&home, &[], &[]), "the user's own file");
    home.write(".config/hookscope/none.key", "secret");
    assert!(masks(&home, &[], &["--redact", "secrets"]) && masks(&home, &[("HOOKSCOPE_REDACT", "all")], &[]));
    home.write("project/hookscope.toml", "redact = \"all\"");
    assert_eq!(home.key(&[], &[], "redact"), pair("all", "hookscope.toml:1"));
    assert!(!masks(&home, &[], &["--no-redact"]), "a flag counts more than a project");
    let home = Home::new("redact = \"all\"", "redact = \"secrets\"");
    assert_eq!(home.key(&[], &[], "redact"), pair("all", "config.toml:1"), "never weaker");
    // Neither does a project's file by choosing a profile.
    let home = Home::new("[profile.open]\nredact = \"none\"", "default-profile = \"open\"");
    assert!(masks(&home, &[], &[]) && !masks(&home, &[], &["--profile", "open"]));
    let home =
        Home::new("redact = \"all\"\n[profile.open]\nredact = \"secrets\"", "default-profile = \"open\"");
    assert_eq!(home.key(&[], &[], "redact").0, "all");
    assert_eq!(home.key(&[], &["--profile", "open"], "redact").0, "secrets");
}

#[test]
fn a_key_stands_beside_the_file_that_names_it() {
    let home = Home::new("redact-key = \"mine.key\"", "");
    home.write(".config/hookscope/mine.key", "secret");
    home.write("other.key", "secret");
    let path = sample("timeout.pcap");
    let analyze =
        |more: &[&str]| home.run(&[], &[&["analyze", path.as_str(), "--format", "json"], more].concat()).1;
    let other = home.path("other.key");
    assert_eq!(analyze(&[]), analyze(&["--redact-key", other.to_str().unwrap()]));
    assert_ne!(analyze(&[]), analyze(&["--no-config"]));
}

/// The capture with a POST that no document knows.
const UNKNOWN: &str = "unknown-hook.pcap";

#[test]
fn a_custom_method_is_a_hook_with_its_type() {
    let home = Home::new("[[profile.acme.method]]\nname = \"RoomStatusEvent2\"\ntype = \"event\"\n", "");
    let path = sample(UNKNOWN);
    let analyze = |more: &[&str]| home.run(&[], &[&["analyze", path.as_str()], more].concat()).1;
    assert!(analyze(&[]).contains("note unknown-hook"));
    let out = analyze(&["--profile", "acme"]);
    assert!(!out.contains("note unknown-hook") && out.contains("RoomStatusEvent2"), "{out}");
    let document: Value = serde_json::from_str(&analyze(&["--profile", "acme", "--format", "json"])).unwrap();
    let hooks = document["hooks"].as_array().unwrap();
    let hook = hooks.iter().find(|hook| hook["method"] == "RoomStatusEvent2").unwrap();
    assert_eq!(hook["type"], "event");
    let (_, out, _) = home.run(&[], &["exchanges", &path, "--profile", "acme", "--format", "json"]);
    assert!(out.contains("RoomStatusEvent2"), "{out}");
}

#[test]
fn the_follower_of_a_custom_method_is_awaited() {
    let method =
        |follower: &str| format!("[[method]]\nname = \"roomStatusEvent2\"\ntype = \"direct\"\n{follower}");
    let path = sample(UNKNOWN);
    for (follower, told) in [
        ("follower = \"ConnectionStatusEvent\"\nwithin = 0.5", false),
        ("follower = \"ConnectionStatusEvent\"\nstatus = \"DISCONNECTED\"\nwithin = 0.5", false),
        ("follower = \"ConnectionStatusEvent\"\nstatus = [\"BANNED\"]\nwithin = 0.5", true),
        ("follower = \"roomJoined\"\nwithin = \"0.5s\"", true),
        // The capture ends before it is due.
        ("follower = \"roomJoined\"", false),
    ] {
        let home = Home::new(&method(follower), "");
        let (_, out, err) = home.run(&[], &["analyze", &path]);
        assert_eq!(out.contains("status-event-missing"), told, "{follower}: {out}{err}");
    }
}

#[test]
fn base_paths_and_ports_tell_where_hooks_go() {
    let path = sample("unknown-elsewhere.pcap");
    let home = Home::new("base-paths = [\"/audit/\"]", "");
    let hooks = |more: &[&str]| home.run(&[], &[&["hooks", path.as_str()], more].concat()).1;
    assert!(hooks(&[]).contains("log") && !hooks(&["--no-config"]).contains("log"), "{}", hooks(&[]));
    let refused = fs::read(sample("refused.pcap")).unwrap();
    // Another port than the documents name.
    let port = |octets: &[u8]| -> Vec<u8> {
        let mut octets = octets.to_vec();
        for place in 0..octets.len() - 1 {
            if octets[place..place + 2] == 8081_u16.to_be_bytes() {
                octets[place..place + 2].copy_from_slice(&7777_u16.to_be_bytes());
            }
        }
        octets
    };
    let home = Home::new("ports = [7777, 9000]", "");
    let capture = home.path("refused.pcap");
    fs::write(&capture, port(&refused)).unwrap();
    let analyze = |more: &[&str]| home.run(&[], &[&["analyze", capture.to_str().unwrap()], more].concat()).1;
    assert!(analyze(&["--no-config"]).contains("confidence: possible"), "{}", analyze(&["--no-config"]));
    assert!(analyze(&[]).contains("confidence: likely"), "{}", analyze(&[]));
}

#[test]
fn a_configured_backend_is_sure_and_does_not_narrow_the_report() {
    let home = Home::new("backend = \"198.51.100.20:8081\"", "");
    let (_, out, _) = home.run(&[], &["analyze", &sample("refused.pcap")]);
    assert!(out.contains("confidence: confirmed"), "{out}");
    let other = sample("web-phone-call.pcap");
    let hooks = home.run(&[], &["hooks", &other]).1;
    assert_eq!(hooks, home.run(&[], &["hooks", &other, "--no-config"]).1);
}

#[test]
fn config_show_tells_people_and_programs() {
    let home = Home::new("slow = 6", "color = \"never\"");
    let (exit, out, _) =
        home.run(&[("HOOKSCOPE_FAIL_ON", "note")], &["config", "show", "--rest-timeout", "3"]);
    assert_eq!(exit, 0);
    let lines: Vec<Vec<&str>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    for row in [
        &["Key", "Value", "From"][..],
        &["rest-timeout", "3", "command", "line"],
        &["fail-on", "note", "HOOKSCOPE_FAIL_ON"],
        &["redact", "secrets", "default"],
        &["backend", "-", "default"],
    ] {
        assert!(lines.iter().any(|line| line == row), "{row:?}: {out}");
    }
    let user = home.path(".config/hookscope/config.toml");
    assert!(out.contains(&format!("{}:1", user.display())), "{out}");
    let (_, out, _) = home.run(&[], &["config", "show", "--format", "json"]);
    let schema = home.run(&[], &["schema", "config"]).1;
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(&out).unwrap()), "{out}");
}
