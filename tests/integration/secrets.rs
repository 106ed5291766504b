//! No output shows a secret, in whatever form it stands, and none hides what is no secret.

use crate::command_line::{hookscope, told};
use crate::folder;
use crate::support::scenarios::secrets::{PLANTED, base64};
use std::fmt::Write as _;

const SAMPLES: [&str; 2] = ["samples/secrets-in-hooks.pcap", "samples/secrets-in-answers.pcap"];

/// The values that an option of a command takes.
fn values(command: &str, option: &str) -> Vec<String> {
    let (_, help, _) = told(&hookscope(&[command, "--help"], b""));
    let about = help.split(&format!("--{option} <")).nth(1).unwrap().split("\n      --").next().unwrap();
    let about = about.split("\n  -").next().unwrap();
    let listed = about.split("Possible values:").nth(1).unwrap();
    let names = listed.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
    names.map(|name| name.trim().to_owned()).collect()
}

/// All ways in which a secret may be written.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap().trim_matches('"').to_owned();
    let percent = |hex: fn(u8) -> String, plain: fn(&u8) -> bool| -> String {
        let one = |octet: u8| if plain(&octet) { char::from(octet).to_string() } else { hex(octet) };
        secret.bytes().map(one).collect()
    };
    let unreserved = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
    let mut forms = vec![
        secret.to_owned(),
        json.replace('/', "\\/"),
        json.replace('\\', "\\\\"),
        secret.replace('&', "&amp;").replace('"', "&quot;"),
        percent(|octet| format!("%{octet:02X}"), unreserved),
        percent(|octet| format!("%{octet:02x}"), unreserved),
        percent(|octet| format!("%{octet:02x}"), |_| false),
        json,
    ];
    for before in ["", "a", "ab"] {
        let text = base64(format!("{before}{secret}").as_bytes());
        forms.push(text.get(if before.is_empty() { 0 } else { 4 }..text.len() - 4).unwrap().to_owned());
    }
    forms
}

#[test]
fn no_output_shows_a_planted_secret() {
    let mut shown = String::new();
    let mut runs = 0;
    for sample in SAMPLES {
        for command in ["analyze", "hooks", "sessions", "exchanges"] {
            for format in values(command, "format") {
                for redact in values(command, "redact") {
                    let output = hookscope(&[command, "--format", &format, "--redact", &redact, sample], b"");
                    let (_, out, err) = told(&output);
                    assert!(!out.is_empty(), "{command} {format}: {err}");
                    runs += 1;
                    for secret in PLANTED {
                        if let Some(form) = forms(secret).iter().find(|form| out.contains(form.as_str())) {
                            writeln!(shown, "{command} --format {format} --redact {redact} {sample}: {form}")
                                .unwrap();
                        }
                    }
                }
            }
        }
    }
    assert!(runs >= 20 && shown.is_empty(), "{runs} runs\n{shown}");
}

#[test]
fn no_hook_is_shown_drawn_or_repeated_with_a_planted_secret() {
    let mut shown = String::new();
    let mut scripts = 0;
    for sample in SAMPLES {
        let (_, report, _) = told(&hookscope(&["analyze", "--format", "json", sample], b""));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let ids = report["hooks"].as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap());
        let hooks = ids.flat_map(|id| {
            [
                vec!["show", sample, id],
                vec!["show", "--format", "json", sample, id],
                vec!["replay", sample, id],
            ]
        });
        for arguments in hooks.chain([vec!["ladder", sample]]) {
            let (exit, out, _) = told(&hookscope(&arguments, b""));
            scripts += usize::from(arguments[0] == "replay" && exit == 0);
            for secret in PLANTED {
                if let Some(form) = forms(secret).iter().find(|form| out.contains(form.as_str())) {
                    writeln!(shown, "{}: {form}", arguments.join(" ")).unwrap();
                }
            }
        }
    }
    assert!(scripts > 10 && shown.is_empty(), "{scripts} scripts\n{shown}");
}

#[test]
fn the_samples_hold_what_is_planted() {
    let mut all = String::new();
    for sample in SAMPLES {
        let (_, out, _) = told(&hookscope(&["analyze", "--no-redact", "--format", "json", sample], b""));
        all.push_str(&out);
    }
    let seen = PLANTED.iter().filter(|secret| forms(secret).iter().any(|form| all.contains(form))).count();
    assert!(seen > 30, "{seen}");
}

#[test]
fn what_is_no_secret_stays() {
    for (sample, words) in [
        (
            SAMPLES[0],
            &[
                "e9516677-13af-11e7-af37-05c788b22e35",
                "/203.0.113.77:50077/192.0.2.10:8443",
                "defaultApp",
                "CallStatusEvent",
                "ESTABLISHED",
                "a=mid:audio",
                "a=ice-ufrag:Yt77",
                "SIP/2.0 200 OK",
                "CSeq: 2 INVITE",
                "hooks.example.com/x",
                "reg-id=1",
                "name=x",
                "ConnectionStatusEvent",
            ][..],
        ),
        (SAMPLES[1], &["login with token", "The password is", "Notice", "RING"]),
    ] {
        let (_, out, _) = told(&hookscope(&["analyze", "--format", "json", sample], b""));
        for word in words {
            assert!(out.contains(word), "{sample}: {word}");
        }
    }
}

#[test]
fn masks_are_the_same_for_the_same_value_and_agree_with_the_same_key() {
    let mask = |sample: &str, arguments: &[&str]| {
        let arguments = [&["analyze", "--format", "json"], arguments, &[sample]].concat();
        let (_, out, err) = told(&hookscope(&arguments, b""));
        let mut masks: Vec<String> =
            out.split("\"authToken\": \"").skip(1).map(|rest| rest.get(..6).unwrap().to_owned()).collect();
        masks.dedup();
        assert_eq!(masks.len(), 1, "{sample}: {masks:?} {err}");
        masks.remove(0)
    };
    let [one, other] = ["samples/session-sip.pcap", "samples/session-closed-early.pcap"];
    let other = if folder(other).exists() { other } else { "samples/secrets-in-answers.pcap" };
    assert!(mask(one, &[]).starts_with("***"));
    let key = ["--redact-key", "LICENSE-MIT"];
    assert_eq!(mask(one, &key), mask(other, &key));
    let output = told(&hookscope(&["analyze", "--redact-key", "none", one], b""));
    assert_eq!(output.0, 2);
    assert!(output.2.contains("cannot read the key none"), "{}", output.2);
}

#[test]
fn all_masks_who_and_where() {
    for sample in
        ["samples/session-sip.pcap", "samples/refused.pcap", "samples/host-not-resolved.pcap", SAMPLES[0]]
    {
        if !folder(sample).exists() {
            continue;
        }
        for command in ["analyze", "hooks", "sessions", "exchanges"] {
            for format in values(command, "format") {
                let (_, out, _) =
                    told(&hookscope(&[command, "--redact", "all", "--format", &format, sample], b""));
                for word in [
                    "192.0.2.",
                    "198.51.100.",
                    "203.0.113.",
                    "backend.example.com",
                    "sip.example.com",
                    "1001",
                    "Alice",
                ] {
                    assert!(!out.contains(word), "{command} {format} {sample}: {word}\n{out}");
                }
                // Some forms show nothing but hooks, and one sample has none.
                let hooks_alone = ["csv", "tsv", "har", "mermaid"].contains(&format.as_str());
                let is_empty = hooks_alone && sample == "samples/refused.pcap";
                assert!(
                    command != "analyze" || is_empty || out.contains("ip-"),
                    "{command} {format} {sample}"
                );
            }
        }
    }
    let (exit, _, err) = told(&hookscope(&["analyze", "--redact", "all", "--no-redact", "x"], b""));
    assert_eq!((exit, err.contains("cannot be used with")), (2, true), "{err}");
}
