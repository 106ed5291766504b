//! Filters: what is left out is never called missing, and what is left keeps its names.

use crate::command_line::{hookscope, told};
use crate::{folder, samples, support};
use hookscope::filter::{BackendName, Filter};
use hookscope::report::Document;
use hookscope::rules::{self, Finding, Scope, Verdict};
use hookscope::session::Case;
use serde_json::Value;
use std::collections::BTreeSet;

fn filtered(case: &Case, findings: &[Finding], filter: &Filter) -> Value {
    let verdict = Verdict::of(case, findings, &Scope::default());
    let part = filter.apply(case, findings, &verdict, "--test");
    let verdict = Verdict::of(case, findings, &part.scope);
    let document = Document::streamed(case, findings, &verdict, false, part.shown, part.selection).whole();
    serde_json::to_value(document).unwrap()
}

fn whole(case: &Case) -> Value {
    let (findings, _) = rules::judge(case);
    filtered(case, &findings, &Filter::default())
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

/// Every kind of condition, several of each, as a capture has values for them.
fn filters(whole: &Value) -> Vec<Filter> {
    let list = |name: &str| whole[name].as_array().unwrap().clone();
    let some = Filter::default;
    let mut filters = Vec::new();
    for session in list("sessions") {
        let name = session["session_id"].as_str().unwrap().to_owned();
        filters.push(Filter { sessions: vec![session["id"].as_str().unwrap().to_owned()], ..some() });
        filters.push(Filter { sessions: vec![name], ..some() });
    }
    let methods: BTreeSet<String> =
        list("hooks").iter().map(|hook| hook["method"].as_str().unwrap().to_owned()).collect();
    filters.extend(methods.into_iter().map(|method| Filter { methods: vec![method], ..some() }));
    for backend in list("backends") {
        let id = backend["id"].as_str().unwrap().to_owned();
        filters.push(Filter { backends: vec![BackendName::Name(id)], ..some() });
    }
    for flow in list("flows") {
        let id = flow["id"].as_str().unwrap().to_owned();
        filters.push(Filter { calls: vec![id.clone()], ..some() });
        filters.push(Filter { stream_names: vec![id], ..some() });
    }
    for hook in list("hooks").iter().step_by(5) {
        let at = hook["relative"].to_string();
        filters.push(Filter { since: Some(at.parse().unwrap()), ..some() });
        filters.push(Filter { until: Some(at.parse().unwrap()), ..some() });
        filters.push(Filter { frames: vec![hook["frame"].to_string().parse().unwrap()], ..some() });
    }
    for status in ["200", "4xx", "500-599", "none"] {
        filters.push(Filter { statuses: vec![status.parse().unwrap()], ..some() });
    }
    let expressions = ["status != 200", "latency > 0.5", "outcome == 'ok' && type == 'event'"];
    filters
        .extend(expressions.iter().map(|text| Filter { expression: Some(text.parse().unwrap()), ..some() }));
    filters.push(Filter { severity: Some(rules::Severity::Warning), ..some() });
    filters
}

#[test]
fn a_part_of_a_capture_holds_nothing_that_the_whole_does_not() {
    let mut tried = 0;
    for (name, octets) in support::files().into_iter().filter(|(name, _)| name.contains(".pcap")) {
        let case = samples::read(&name, octets);
        let (findings, _) = rules::judge(&case);
        let whole = filtered(&case, &findings, &Filter::default());
        for filter in filters(&whole) {
            let part = filtered(&case, &findings, &filter);
            let told = format!("{name}: {filter:?}");
            for list in ["hooks", "findings", "sessions", "flows", "backends"] {
                assert!(ids(&part[list]).is_subset(&ids(&whole[list])), "{told}: {list}");
            }
            for finding in part["findings"].as_array().unwrap() {
                let same = |other: &&Value| other["id"] == finding["id"];
                let other = whole["findings"].as_array().unwrap().iter().find(same).unwrap();
                for member in ["rule", "title", "message", "confidence", "count", "frames"] {
                    assert_eq!(finding[member], other[member], "{told}: {member}");
                }
            }
            if whole["verdict"]["state"] == "healthy" {
                let state = part["verdict"]["state"].as_str().unwrap();
                assert!(matches!(state, "healthy" | "unclear" | "absent"), "{told}: {state}");
            }
            let is_empty = part["hooks"].as_array().unwrap().is_empty();
            if part["verdict"]["state"] == "absent" {
                assert!(is_empty, "{told}");
            }
            every_reference_leads_somewhere(&part, &told);
            tried += 1;
        }
    }
    assert!(tried > 2_000, "{tried}");
}

fn every_reference_leads_somewhere(part: &Value, told: &str) {
    let known: BTreeSet<String> = ["hooks", "findings", "sessions", "flows", "backends"]
        .iter()
        .flat_map(|list| ids(&part[list]))
        .collect();
    let all = |value: &Value, member: &str| {
        for id in value[member].as_array().into_iter().flatten() {
            assert!(known.contains(id.as_str().unwrap()), "{told}: {member} {id}");
        }
        if let Some(id) = value[member].as_str() {
            assert!(known.contains(id), "{told}: {member} {id}");
        }
    };
    for session in part["sessions"].as_array().unwrap() {
        for member in ["hooks", "flows", "findings"] {
            all(session, member);
        }
    }
    for flow in part["flows"].as_array().unwrap() {
        for member in ["hooks", "session"] {
            all(flow, member);
        }
    }
    for hook in part["hooks"].as_array().unwrap() {
        for member in ["session", "flow", "backend"] {
            all(hook, member);
        }
    }
    for finding in part["findings"].as_array().unwrap() {
        for member in ["hooks", "caused_by"] {
            all(finding, member);
        }
    }
    all(&part["verdict"], "findings");
}

/// The ids of the hooks that `hookscope hooks` lists.
fn listed(capture: &str, conditions: &[&str]) -> Vec<String> {
    let path = format!("samples/{capture}");
    let arguments: Vec<&str> =
        ["hooks", &path, "--format", "json"].into_iter().chain(conditions.iter().copied()).collect();
    let (exit, out, err) = told(&hookscope(&arguments, b""));
    let list: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{arguments:?}: {err}"));
    let hooks = ids(&list["hooks"]);
    assert_eq!(exit, if hooks.is_empty() { 4 } else { 0 }, "{arguments:?}");
    let mut hooks: Vec<String> = hooks.into_iter().collect();
    hooks.sort_by_key(|id| id.trim_start_matches('h').parse::<u64>().unwrap());
    hooks
}

#[test]
fn each_condition_selects_the_hooks_it_names() {
    let call = "call-403-log.pcap";
    for (capture, conditions, hooks) in [
        (call, &["--method", "CONNECT"][..], &["h1"][..]),
        (call, &["--method", "call", "--method", "connect"], &["h1", "h3"]),
        (call, &["--status", "403"], &["h3"]),
        (call, &["--status", "4xx", "--method", "connect"], &[]),
        (call, &["--rule", "hook-declined"], &["h3"]),
        (call, &["--severity", "warning"], &["h3"]),
        (call, &["--frames", "4-8"], &["h1", "h2"]),
        (call, &["--frames", "14"], &["h3"]),
        (call, &["--since", "0.05", "--until", "0.1"], &["h3"]),
        (call, &["--since", "09:00:00.05", "--until", "2026-03-02T09:00:00.1Z"], &["h3"]),
        (call, &["--where", "status == 403 || method == 'connect'"], &["h1", "h3"]),
        (call, &["--where", "request.json.status in {'ESTABLISHED', 'FINISH'}"], &["h2", "h4", "h6"]),
        (call, &["--app", "otherApp"], &[]),
        (call, &["--backend", "198.51.100.20:8081", "--method", "call"], &["h3"]),
        (call, &["--backend", "backend.example.com", "--method", "call"], &["h3"]),
        (call, &["--backend", "192.0.2.99:8081"], &[]),
        ("timeout.pcap", &["--status", "none"], &["h3"]),
        ("timeout.pcap", &["--where", "no_response"], &["h3"]),
    ] {
        assert_eq!(listed(capture, conditions), hooks, "{capture} {conditions:?}");
    }
}

#[test]
fn names_are_found_by_id_whole_or_in_part() {
    let capture = "sessions-on-one-connection.pcap";
    let path = folder("samples").join(capture);
    let case = samples::read(capture, std::fs::read(path).unwrap());
    let whole = whole(&case);
    for session in whole["sessions"].as_array().unwrap() {
        let name = session["session_id"].as_str().unwrap();
        let part = name.split('/').find(|part| !part.is_empty()).unwrap();
        for asked in [session["id"].as_str().unwrap(), name, part] {
            let listed = listed(capture, &["--session", asked]);
            assert_eq!(Value::from(listed), session["hooks"], "{asked}");
        }
    }
    for flow in whole["flows"].as_array().unwrap() {
        for asked in [&flow["id"], &flow["key"]] {
            assert_eq!(Value::from(listed(capture, &["--call", asked.as_str().unwrap()])), flow["hooks"]);
        }
    }
}

#[test]
fn streams_are_found_by_their_names() {
    let all = listed("stream-publish.pcap", &[]);
    let by_name = listed("stream-publish.pcap", &["--where", "flow == 'f1'"]);
    let case = samples::read("x", std::fs::read(folder("samples/stream-publish.pcap")).unwrap());
    let name = case.hooks.iter().find_map(|record| record.parameter("name")).unwrap();
    assert_eq!(listed("stream-publish.pcap", &["--stream-name", &name]), by_name);
    assert!(!by_name.is_empty() && by_name.len() < all.len());
}

#[test]
fn the_verdict_is_about_who_where_and_when_but_not_about_how_it_went() {
    let state = |arguments: &[&str]| {
        let all: Vec<&str> = ["analyze", "--format", "json"].iter().chain(arguments).copied().collect();
        let (exit, out, _) = told(&hookscope(&all, b""));
        let report: Value = serde_json::from_str(&out).unwrap();
        (exit, report["verdict"]["state"].as_str().unwrap().to_owned(), report["selection"]["judged"].clone())
    };
    let timeout = "samples/timeout.pcap";
    let (degraded, healthy) = ("degraded".to_owned(), "healthy".to_owned());
    assert_eq!(state(&[timeout]), (1, degraded.clone(), Value::Null));
    assert_eq!(state(&[timeout, "--method", "connect"]), (0, healthy, true.into()));
    assert_eq!(state(&[timeout, "--method", "call"]), (1, "broken".to_owned(), true.into()));
    // All that failed has failed: that says nothing new.
    assert_eq!(state(&[timeout, "--status", "none"]), (1, degraded.clone(), false.into()));
    assert_eq!(state(&[timeout, "--status", "200"]), (0, degraded, false.into()));
    assert_eq!(state(&[timeout, "--since", "100"]), (4, "absent".to_owned(), true.into()));
    // Attempts that fail count where they are asked for, and only there.
    let later = "samples/refused-later.pcap";
    assert_eq!(state(&[later, "--since", "10"]).0, 1);
    assert_eq!(state(&[later, "--until", "10"]), (0, "healthy".to_owned(), true.into()));
    assert_eq!(state(&[later, "--session", "s1"]).1, "healthy");
}

#[test]
fn what_is_left_out_is_said() {
    let (_, out, _) = told(&hookscope(&["analyze", "samples/timeout.pcap", "--since", "100"], b""));
    assert!(out.contains("no hook meets the conditions; 4 hooks are outside them"), "{out}");
    assert!(out.contains("0 of 4 hooks, by --since 100; 2 findings outside"), "{out}");
    assert!(!out.contains("no-hooks") && !out.contains("missing"), "{out}");
    for format in ["markdown", "html", "junit", "json", "ndjson"] {
        let arguments = ["analyze", "samples/timeout.pcap", "--where", "status == 200", "--format", format];
        let (_, out, _) = told(&hookscope(&arguments, b""));
        assert!(out.contains("3 of 4 hooks") || out.contains("\"hooks_outside\""), "{format}: {out}");
    }
}

#[test]
fn wrong_conditions_exit_with_2_and_say_why() {
    for (conditions, words) in [
        (&["--where", "statuss == 200"][..], "did you mean status?"),
        (&["--where", "status = 200"], "  status = 200\n         ^"),
        (&["--status", "often"], "no status code"),
        (&["--rule", "hook-declned"], "did you mean hook-declined?"),
        (&["--rule", "connect"], "a hook method"),
        (&["--since", "yesterday"], "no time"),
        (&["--frames", "x-y"], "no frames"),
        (&["--severity", "bad"], "possible values"),
        (&["--method", "conect"], "it has ConnectionStatusEvent, call, connect; did you mean connect?"),
        (&["--session", "nobody"], "s1 \"/203.0.113.11:50011/192.0.2.10:8443\""),
    ] {
        for command in ["analyze", "hooks", "sessions", "ladder"] {
            let arguments: Vec<&str> =
                [command, "samples/timeout.pcap"].into_iter().chain(conditions.iter().copied()).collect();
            let (exit, out, err) = told(&hookscope(&arguments, b""));
            assert_eq!((exit, out.as_str()), (2, ""), "{arguments:?}");
            assert!(err.contains(words), "{arguments:?}: {err}");
        }
    }
}

#[test]
fn lists_keep_to_their_schemas_and_fit_their_width() {
    for command in ["hooks", "sessions"] {
        let json = |arguments: &[&str]| serde_json::from_str(&told(&hookscope(arguments, b"")).1).unwrap();
        let schema: Value = json(&["schema", command]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        for sample in ["timeout", "web-phone-call", "empty", "snap-length", "stream-publish"] {
            let path = format!("samples/{sample}.pcap");
            for conditions in [&[][..], &["--severity", "error"]] {
                let arguments = [&[command, &path, "--format", "json"][..], conditions].concat();
                let list: Value = json(&arguments);
                assert!(validator.is_valid(&list), "{arguments:?}");
                let (_, text, _) = told(&hookscope(&[&[command, &path][..], conditions].concat(), b""));
                assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            }
        }
    }
}
