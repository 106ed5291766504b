//! Call flows laid beside samples: what passes, what fails, and what a worse capture leaves undecided.

use crate::absence::records;
use crate::command_line::{hookscope, told};
use crate::folder;
use crate::formats::junit::elements;
use crate::samples::{judge, read};
use crate::support::builder::wcs::{Client, call_id, to_backend};
use crate::support::builder::{Capture, Connection, SEC, http};
use crate::support::scenarios::{SCENARIOS, Scenario};
use hookscope::check::{
    Check, FlowFile, ready_made, ready_made_named, record, render_junit, render_markdown, render_text,
};
use hookscope::report::{Document, Redaction, Style, render_json};
use hookscope::rules;
use hookscope::session::Case;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{self, Write};

fn lay(case: &Case, flows: &[FlowFile], redaction: &Redaction) -> Check {
    let (findings, verdict) = rules::judge(case);
    Check::new(case, &Document::new(case, &findings, &verdict, redaction.clone()), redaction, flows)
}

/// A flow, ready-made or as it is written, beside octets.
fn check(octets: Vec<u8>, flow: &str) -> Check {
    let text = ready_made_named(flow).unwrap_or(flow);
    let flow = FlowFile::parse("test", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    lay(&read("test.pcap", octets), &[flow], &Redaction::default())
}

fn sample(name: &str) -> Vec<u8> {
    (SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap().build)()
}

/// States of the steps of the first thing that a flow was laid beside.
fn states(check: &Check) -> Vec<&str> {
    let Some(unit) = check.flows[0].units.first() else { return Vec::new() };
    unit.steps.iter().map(|step| step.state.as_str()).collect()
}

fn rendered<T: ?Sized>(value: &T, render: impl Fn(&T, &mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(check: &Check, width: u16) -> String {
    rendered(check, |check, out| render_text(check, Style::plain(width), out))
}

/// A client that is connected, on an open connection.
fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_005, 0);
    backend.handshake().session(client);
    backend
}

/// The session's end, and a minute of the capture behind it.
fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    let other = Client::new(6);
    backend.disconnect(client).wait(60 * SEC).ok("connect", &other.connect()).wait(10 * SEC).close();
    Capture::of([backend]).ethernet()
}

/// An RTSP viewer that the backend turns away.
fn rtsp_refused() -> Vec<u8> {
    let client = Client { session_id: "/203.0.113.5:32008/192.0.2.10:554".to_owned(), ..Client::new(5) };
    let mut backend = to_backend(41_005, 0);
    let body = client.body().text("mediaSessionId", "5a2fd1c0-test-RTSP").end();
    backend.handshake().hook("playRTSP", &body, &http::response("403 Forbidden", &[], b"")).close();
    Capture::of([backend]).ethernet()
}

/// An incoming call that is answered, and of which nothing more comes until its session is over.
fn never_established() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    backend.ok("OnCallEvent", &client.incoming_call("x@pbx.example.com", "PENDING"));
    backend.ok("answer", &client.incoming_call("x@pbx.example.com", "PENDING")).wait(40 * SEC);
    end(backend, &client)
}

/// A call that is put on hold, of which no status tells.
fn never_held() -> Vec<u8> {
    let (client, call) = (Client::new(5), call_id(5));
    let mut backend = open(&client);
    backend.call(&client, &call).ok("hold", &client.call_id(&call)).wait(50 * SEC);
    backend.ok("unhold", &client.call_id(&call));
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).hangup(&client, &call);
    end(backend, &client)
}

/// A stream that cannot be played.
fn never_played() -> Vec<u8> {
    let (client, stream) = (Client::new(5), "56141d10-fddc-11e6-ac3a-4d67d5b3360d");
    let mut backend = open(&client);
    backend.ok("playStream", &client.stream(stream, false, "PENDING"));
    backend.ok("StreamStatusEvent", &client.stream(stream, false, "FAILED"));
    end(backend, &client)
}

#[test]
fn every_ready_made_flow_passes_where_it_is_and_fails_where_it_is_broken() {
    let mut tried = BTreeSet::new();
    for (flow, good, bad) in [
        ("connection", "session-sip.pcap", "connect-403.pcap"),
        ("connection-with-registration", "web-phone-connection.pcap", "registration-fails.pcap"),
        ("outgoing-call", "web-phone-call.pcap", "call-busy.pcap"),
        ("outgoing-call", "call-hold.pcap", "hangup-without-end.pcap"),
        ("incoming-call", "call-incoming.pcap", "call-incoming-rejected.pcap"),
        ("incoming-call", "call-incoming.pcap", "never-established"),
        ("hold", "call-hold.pcap", "never-held"),
        ("transfer", "call-transfer.pcap", "transfer-fails.pcap"),
        ("message", "message-imdn.pcap", "message-fails.pcap"),
        ("publish", "stream-publish.pcap", "stream-name-in-use.pcap"),
        ("publish", "stream-publish.pcap", "stop-without-end.pcap"),
        ("play", "stream-play.pcap", "never-played"),
        ("hls", "play-hls.pcap", "play-hls-403.pcap"),
        ("rtsp", "play-rtsp.pcap", "rtsp-refused"),
    ] {
        tried.insert(flow);
        let passed = check(sample(good), flow);
        assert!(passed.has_passed(), "{flow} {good}\n{}", text(&passed, 120));
        let octets = match bad {
            "never-established" => never_established(),
            "rtsp-refused" => rtsp_refused(),
            "never-held" => never_held(),
            "never-played" => never_played(),
            name => sample(name),
        };
        let failed = check(octets, flow);
        assert_eq!(failed.result, "failed", "{flow} {bad}\n{}", text(&failed, 120));
    }
    assert_eq!(tried.len(), ready_made().count(), "every ready-made flow was tried");
}

#[test]
fn what_is_recorded_passes_where_it_was_recorded() {
    let mut count = 0;
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.verdict == "healthy") {
        let (case, ..) = judge(scenario);
        let redaction = Redaction::default();
        let Some(file) = record(&case, "recorded", &redaction) else { continue };
        let flow = FlowFile::parse("x", &file).unwrap_or_else(|error| panic!("{error}\n{file}"));
        let result = lay(&case, &[flow], &redaction);
        assert!(result.has_passed(), "{}\n{file}\n{}", scenario.name, text(&result, 120));
        assert!(!file.contains("planted-secret") && !file.contains("203.0.113"), "{file}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

/// Places at which a sample is cut, evenly spread.
const CUTS: usize = 60;

/// Ready-made flows that a case holds, and the one that was recorded of it.
fn flows_of(case: &Case) -> Vec<FlowFile> {
    let all: Vec<FlowFile> = ready_made().map(|(_, flow)| flow).collect();
    let holds = lay(case, &all, &Redaction::from(false)).flows;
    let held = all.into_iter().zip(holds).filter(|(_, entry)| entry.result == "passed").map(|(flow, _)| flow);
    let recorded = record(case, "recorded", &Redaction::from(false));
    held.chain(recorded.map(|text| FlowFile::parse("recorded", &text).unwrap())).collect()
}

#[test]
fn nothing_is_missing_that_may_merely_not_have_been_captured() {
    // How frames and messages are wrapped is another matter than which of them are missing.
    // What comes behind its end, no capture that ends there can promise. Of octets that come twice and differ, those that
    // were captured first are taken, whichever these are.
    let unusual = ["unexpected-transition", "overlap-conflict"];
    let usual = |scenario: &&Scenario| !scenario.findings.iter().any(|rule| unusual.contains(rule));
    let wrapped = ["pcap-", "link-", "http-", "ipv6", "tunnel-"];
    let healthy = SCENARIOS.iter().filter(|scenario| scenario.verdict == "healthy").filter(usual);
    let (mut tried, mut undecided, mut wrong) = (0, 0, Vec::new());
    for scenario in healthy.filter(|scenario| !wrapped.iter().any(|start| scenario.name.starts_with(start))) {
        let octets = (scenario.build)();
        let Some((head, frames)) = records(&octets).filter(|(_, frames)| frames.len() < 400) else {
            continue;
        };
        let flows = flows_of(&read(scenario.name, octets));
        for cut in (0..=frames.len()).step_by((frames.len() / CUTS).max(1)) {
            let (before, behind) = frames.split_at(cut);
            let inner = behind.get(..behind.len() / 2).unwrap_or_default();
            let without = [before, behind.get(1..).unwrap_or_default()].concat();
            for (what, kept) in
                [("until", before), ("from", behind), ("within", inner), ("without", &without)]
            {
                let octets: Vec<u8> = head.iter().chain(kept.iter().flatten()).copied().collect();
                let result = lay(&read(scenario.name, octets), &flows, &Redaction::from(false));
                tried += 1;
                undecided += usize::from(result.result == "undecided");
                let name = scenario.name;
                if result.result == "failed" {
                    wrong.push(format!("{name} {what} frame {cut}\n{}", text(&result, 140)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 1_000 && undecided > 200, "{tried} tried, {undecided} undecided");
}

/// A call with a ring, between 2 s of nothing.
fn a_call() -> Vec<u8> {
    let (client, call) = (Client::new(5), call_id(5));
    let mut backend = open(&client);
    backend.call(&client, &call).wait(2 * SEC).hangup(&client, &call);
    end(backend, &client)
}

/// The steps of an outgoing call, the first of which the keys follow.
fn steps(keys: &[&str]) -> String {
    let statuses = ["", "RING", "ESTABLISHED", "FINISH"];
    let mut text = String::from("[flow]\nper = \"call\"\n");
    for (index, status) in statuses.iter().enumerate() {
        let method = if status.is_empty() { "call" } else { "CallStatusEvent" };
        text.push_str(&format!("[[step]]\nmethod = \"{method}\"\n"));
        if !status.is_empty() {
            text.push_str(&format!("request.status = \"{status}\"\n"));
        }
        text.push_str(&format!("{}\n", keys.get(index).unwrap_or(&"")));
    }
    text
}

#[test]
fn conditions_are_compared_one_by_one() {
    let (ok, differs, missing) = ("seen", "differs", "missing");
    for (keys, expected) in [
        (vec![], [ok, ok, ok, ok]),
        (vec!["status = 200"], [ok, ok, ok, ok]),
        (vec!["status = [201, 204]"], [differs, ok, ok, ok]),
        (vec!["outcome = \"declined\""], [differs, ok, ok, ok]),
        (vec!["outcome = \"any\""], [ok, ok, ok, ok]),
        (vec!["request.caller = \"1001\""], [ok, ok, ok, ok]),
        (vec!["request.caller = [\"x\", 1001]"], [ok, ok, ok, ok]),
        (vec!["request.caller = \"1003\""], [differs, ok, ok, ok]),
        (vec!["request.caller.pattern = '^10\\d\\d$'"], [ok, ok, ok, ok]),
        (vec!["request.caller.pattern = '^20'"], [differs, ok, ok, ok]),
        (vec!["request.caller.present = false"], [differs, ok, ok, ok]),
        (vec!["request.sdp.present = true"], [differs, ok, ok, ok]),
        (vec!["request.caller.not = \"1001\""], [differs, ok, ok, ok]),
        (vec!["response.callee = \"1002\""], [ok, ok, ok, ok]),
        (vec!["response.callee = \"1003\""], [differs, ok, ok, ok]),
        (vec!["answered-within = \"50ms\""], [ok, ok, ok, ok]),
        (vec!["answered-within = \"1ms\""], [differs, ok, ok, ok]),
        (vec!["", "within = \"1s\""], [ok, ok, ok, ok]),
        (vec!["", "", "within = \"100ms\""], [ok, ok, differs, ok]),
        (vec!["", "", "", "within = \"2s\"\nafter = \"call\""], [ok, ok, ok, differs]),
        (vec!["", "repeat = true"], [ok, ok, ok, ok]),
        (vec!["", "repeat = 2"], [ok, missing, ok, ok]),
        (vec!["", "request.callee = \"x\"\noptional = true"], [ok, differs, ok, ok]),
    ] {
        let result = check(a_call(), &steps(&keys));
        assert_eq!(states(&result), expected, "{keys:?}\n{}", text(&result, 120));
    }
}

#[test]
fn a_missing_step_is_missing_and_an_optional_one_is_not() {
    let swap = |from: &str, to: &str| steps(&["", ""]).replace(from, to);
    let busy = check(a_call(), &swap("RING", "BUSY"));
    assert_eq!(states(&busy), ["seen", "missing", "seen", "seen"]);
    let reason = busy.flows[0].units[0].steps[1].reason.clone().unwrap();
    assert!(reason.contains("after frame") && reason.contains("before frame"), "{reason}");
    let optional = check(a_call(), &swap("\"RING\"", "\"BUSY\"\noptional = true"));
    assert!(optional.has_passed() && states(&optional) == ["seen", "left-out", "seen", "seen"]);
    // The last one: the call is over, and the capture goes on.
    let last = check(a_call(), &swap("FINISH", "FAILED"));
    assert_eq!(states(&last), ["seen", "seen", "seen", "missing"]);
}

#[test]
fn strict_flows_have_no_other_hooks() {
    let strict = steps(&[]).replace("[flow]", "[flow]\nstrict = true");
    let result = check(a_call(), &strict);
    let unit = &result.flows[0].units[0];
    assert_eq!((result.result.as_str(), unit.others.len()), ("failed", 1), "{}", text(&result, 100));
    assert!(unit.others[0].title.starts_with("hangup"));
    let whole = format!("{strict}[[step]]\nmethod = \"hangup\"\n");
    let (before, finish) = whole.rsplit_once("[[step]]\nmethod = \"CallStatusEvent\"").unwrap();
    let (finish, hangup) = finish.split_once("[[step]]").unwrap();
    let whole = format!("{before}[[step]]{hangup}[[step]]\nmethod = \"CallStatusEvent\"{finish}");
    assert!(check(a_call(), &whole).has_passed());
}

#[test]
fn attempts_are_one_step_and_swapped_hooks_are_in_order() {
    let retried = check(sample("stale-retried.pcap"), "[[step]]\nmethod = \"connect\"\n");
    assert!(retried.has_passed(), "{}", text(&retried, 100));
    let swapped = check(sample("transition-swapped.pcap"), "outgoing-call");
    assert!(swapped.has_passed(), "{}", text(&swapped, 100));
}

#[test]
fn what_the_capture_cannot_tell_is_undecided() {
    for (name, flow, words) in [
        ("one-sided-requests.pcap", "outgoing-call", "its response was not captured"),
        ("status-event-cut-off.pcap", "outgoing-call", "the capture ends"),
        ("expected-id-excluded.pcap", "outgoing-call", "does not say what it is about"),
        ("expected-status-excluded.pcap", "outgoing-call", "does not show a status"),
        ("refused.pcap", "outgoing-call", "not seen: no call with call in the capture"),
        ("web-phone-call.pcap", "publish", "not seen"),
    ] {
        let result = check(sample(name), flow);
        let report = text(&result, 200);
        assert_eq!(result.result, "undecided", "{name}\n{report}");
        assert!(report.contains(words), "{name}\n{report}");
    }
}

/// All renderings of a check, by the endings of their files.
fn all(check: &Check) -> [(&'static str, String); 5] {
    [
        ("80.txt", text(check, 80)),
        ("160.txt", text(check, 160)),
        ("md", rendered(check, render_markdown)),
        ("junit", rendered(check, render_junit)),
        ("json", rendered(check, |check, out| render_json(check, out))),
    ]
}

#[test]
fn renderings_are_as_they_were() {
    let folder = folder("tests/integration/check");
    for (name, flow) in [("call-busy.pcap", "outgoing-call"), ("call-hold.pcap", "hold")] {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
        let flow = FlowFile::parse("", ready_made_named(flow).unwrap()).unwrap();
        let result = lay(&judge(scenario).0, &[flow], &Redaction::default());
        for (ending, report) in all(&result) {
            let report = crate::formats::unversioned(&report)
                .replace(concat!("hookscope ", env!("CARGO_PKG_VERSION")), "hookscope -");
            let path = folder.join(format!("{name}.{ending}"));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &report).unwrap();
            }
            let known = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(known == report, "{} is old: UPDATE=1 writes it\n{report}", path.display());
        }
    }
}

#[test]
fn every_sample_is_told_in_all_forms() {
    let schema = jsonschema::validator_for(&hookscope::check::schema()).unwrap();
    let flows: Vec<FlowFile> = ready_made().map(|(_, flow)| flow).collect();
    for scenario in SCENARIOS {
        let result = lay(&judge(scenario).0, &flows, &Redaction::default());
        for (ending, report) in all(&result) {
            assert!(!report.contains("planted-secret"), "{} {ending}", scenario.name);
            assert!(!report.contains(|c: char| c.is_control() && c != '\n'), "{} {ending}", scenario.name);
            if let Some(width) = ending.strip_suffix(".txt") {
                let width: usize = width.parse().unwrap();
                assert!(report.lines().all(|line| line.chars().count() <= width), "{}", scenario.name);
            }
        }
        let json: Value = serde_json::from_str(&rendered(&result, |it, out| render_json(it, out))).unwrap();
        assert!(schema.is_valid(&json), "{}", scenario.name);
        let mut names = BTreeSet::new();
        for (element, attributes) in elements(&rendered(&result, render_junit)) {
            if element == "testcase" {
                let name = (attributes["classname"].clone(), attributes["name"].clone());
                assert!(names.insert(name.clone()), "{}: {name:?} twice", scenario.name);
            }
        }
    }
}

#[test]
fn secrets_are_masked_in_what_is_seen_and_in_what_is_expected() {
    let flow = |value: &str| {
        format!(
            "[[step]]\nmethod = \"connect\"\nrequest.sipPassword = {value}\nrequest.sipLogin = \"1001\"\n"
        )
    };
    let octets = || sample("web-phone-connection.pcap");
    let right = "\"planted-secret-sip-password\"";
    let whole = check(octets(), &flow(right));
    assert!(whole.has_passed(), "{}", text(&whole, 100));
    for value in [
        right,
        "\"planted-secret-other\"",
        "{ pattern = \"planted-secret-[x]+\" }",
        "{ not = \"planted-secret-other\" }",
    ] {
        let result = check(octets(), &flow(value));
        for (ending, report) in all(&result) {
            assert!(!report.contains("planted-secret"), "{value} {ending}\n{report}");
        }
        assert!(text(&result, 100).contains("request.sipPassword"));
    }
    // A mask shows that two values are equal, and that they are not.
    let condition = |value: &str| {
        let result = check(octets(), &flow(value));
        let told = &result.flows[0].units[0].steps[0].conditions;
        told.iter()
            .find(|told| told.what == "request.sipPassword")
            .map(|told| (told.expected.clone(), told.seen.clone().unwrap()))
    };
    let (expected, seen) = condition(right).unwrap();
    assert!(expected == seen && seen.starts_with("***"));
    let (expected, seen) = condition("\"planted-secret-other\"").unwrap();
    assert!(expected != seen && expected.starts_with("***"));
}

#[test]
fn exit_codes_tell_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.toml", "[[step]]\nmethod = \"call\"\n");
    let bad = file("bad.toml", "[[step]]\nmethod = \"cal\"\n");
    let none = folder.path().join("none.toml").to_str().unwrap().to_owned();
    for (arguments, code, words) in [
        (vec!["samples/call-hold.pcap", "--flow", "outgoing-call"], 0, ""),
        (vec!["samples/call-hold.pcap", "--flow", "hold", "--flow", &good], 0, ""),
        (vec!["samples/call-busy.pcap", "--flow", "outgoing-call"], 1, ""),
        (vec!["samples/call-hold.pcap", "--flow", "publish"], 1, ""),
        (vec!["samples/call-hold.pcap", "--flow", "outgoing-cal"], 2, "did you mean outgoing-call?"),
        (vec!["samples/call-hold.pcap", "--flow", "xyz"], 2, "there are connection, "),
        (
            vec!["samples/call-hold.pcap", "--flow", &bad],
            2,
            "bad.toml is wrong in line 2, column 10: no method",
        ),
        (vec!["samples/call-hold.pcap", "--flow", &none], 2, "cannot read the flow file"),
        (vec!["samples/call-hold.pcap"], 2, "--flow"),
        (vec!["--flow", "hold"], 2, "CAPTURE"),
        (vec!["samples/call-hold.pcap", "--flow", "hold", "--record"], 2, "cannot be used with"),
        (vec!["--show", "holt"], 2, "did you mean hold?"),
        (vec!["README.md", "--flow", "hold"], 3, "README.md"),
        (vec!["samples/empty.pcap", "--flow", "hold"], 4, ""),
        (vec!["samples/empty.pcap", "--record"], 4, "no hooks to record"),
        (vec!["samples/call-hold.pcap", "--flow", "hold", "-o", "/nowhere/x.txt"], 5, "cannot write"),
    ] {
        let (exit, _, err) = told(&hookscope(&[&["check"], arguments.as_slice()].concat(), b""));
        assert_eq!(exit, code, "{arguments:?}: {err}");
        assert!(err.contains(words) && (code != 0 || err.is_empty()), "{arguments:?}: {err}");
    }
}

#[test]
fn flows_are_listed_shown_and_recorded() {
    let run = |arguments: &[&str]| told(&hookscope(&[&["check"], arguments].concat(), b""));
    let (exit, list, _) = run(&["--list"]);
    assert_eq!((exit, list.lines().count()), (0, ready_made().count()));
    for (text, flow) in ready_made() {
        assert_eq!(run(&["--show", &flow.name]), (0, text.to_owned(), String::new()));
        assert!(list.contains(&flow.name));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["samples/call-hold.pcap", "--record", "-o", path]), (0, String::new(), String::new()));
    assert_eq!(run(&["samples/call-hold.pcap", "--flow", path]).0, 0);
    let (exit, out, _) = run(&["samples/call-cancelled.pcap", "--flow", path]);
    assert!(exit == 1 && out.contains("MISSING"), "{out}");
    // A later file, by a name that only the options of other reports would need.
    let junit = folder.path().join("result.junit");
    assert_eq!(run(&["samples/call-hold.pcap", "--flow", path, "-o", junit.to_str().unwrap()]).0, 0);
    assert!(std::fs::read_to_string(junit).unwrap().starts_with("<?xml"));
    let color = run(&["samples/call-hold.pcap", "--flow", "hold", "--color", "always"]).1;
    assert!(
        color.contains('\u{1b}') && !run(&["samples/call-hold.pcap", "--flow", "hold"]).1.contains('\u{1b}')
    );
}

#[test]
fn the_documents_example_can_be_read_and_its_table_is_complete() {
    let page = std::fs::read_to_string(folder("docs/check.md")).unwrap();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(FlowFile::parse("x", example).unwrap().name, "call to the hotline");
    for (_, flow) in ready_made() {
        let row = format!("| `{}` | {} |", flow.name, flow.about.as_deref().unwrap());
        assert!(page.contains(&row), "docs/check.md lacks\n{row}");
    }
}
