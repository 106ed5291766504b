//! Comparisons: the same twice is the same, and planted differences are what is told.

use crate::command_line::{hookscope, told};
use crate::folder;
use crate::metamorphic::changes::CHANGES;
use crate::metamorphic::files;
use crate::samples::read;
use crate::support::builder::tcp::Side;
use crate::support::builder::wcs::{BACKEND, BASE, Client, HOST, call_id};
use crate::support::builder::{Capture, Connection, MS, Packet, SEC, http};
use crate::support::scenarios::SCENARIOS;
use hookscope::compare::{Comparison, Mode, render_markdown, render_text};
use hookscope::report::{Redaction, Style};
use hookscope::session::Case;

fn compared(first: &Case, second: &Case, mode: Option<Mode>) -> Comparison {
    Comparison::new(first, second, &Redaction::default(), mode)
}

fn text(comparison: &Comparison, width: u16) -> String {
    let mut out = Vec::new();
    render_text(comparison, Style::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn markdown(comparison: &Comparison) -> String {
    let mut out = Vec::new();
    render_markdown(comparison, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_sample_is_the_same_as_itself() {
    let (mut wrong, mut points) = (String::new(), 0);
    for scenario in SCENARIOS {
        let case = read(scenario.name, (scenario.build)());
        // What is not found to be a vantage point is compared as two runs already.
        for mode in [None, Some(Mode::Runs)] {
            let comparison = compared(&case, &case, mode);
            points += usize::from(mode.is_none() && comparison.mode == "vantage-points");
            let unsure = comparison.vantage.as_ref().map_or(0, |entry| entry.cannot_be_told);
            let offset = comparison
                .vantage
                .as_ref()
                .and_then(|entry| entry.clock.as_ref())
                .map_or(0.0, |clock| clock.offset);
            if comparison.different || unsure > 0 && mode.is_none() || offset != 0.0 {
                wrong.push_str(&format!(
                    "{} {mode:?} {unsure} {offset}: {}\n",
                    scenario.name, comparison.summary
                ));
            }
            assert_eq!(comparison.is_absent(), scenario.verdict == "absent", "{}", scenario.name);
        }
    }
    assert!(wrong.is_empty() && points > 100, "{points}\n{wrong}");
}

#[test]
fn captures_without_hooks_are_the_same_only_for_the_same_reason() {
    for (one, other) in [
        ("empty.pcap", "no-tcp.pcap"),
        ("rest-api-only.pcap", "browsers-only.pcap"),
        ("tls-unknown-ca.pcap", "tls-version-refused.pcap"),
    ] {
        let [first, second] = [one, other].map(|name| {
            let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
            read(scenario.name, (scenario.build)())
        });
        let comparison = compared(&first, &second, None);
        assert!(comparison.different, "{one} and {other}: {}", comparison.summary);
        let [told, ..] = comparison.differences.as_slice() else { panic!("{one} and {other}") };
        assert_ne!(told.seen[0].text, told.seen[1].text);
    }
}

/// A session with a call, as two runs may differ in it.
struct Run {
    client: u16,
    backend: &'static str,
    base: &'static str,
    /// How long the backend takes.
    takes: u64,
    /// A connection for each hook.
    apart: bool,
    /// A method that is not called.
    without: &'static str,
    /// The method that is answered by a status alone.
    refused: (&'static str, &'static str),
    /// What becomes of bodies.
    body: fn(&str) -> String,
}

const GOOD: Run = Run {
    client: 21,
    backend: BACKEND,
    base: BASE,
    takes: 6 * MS,
    apart: false,
    without: "",
    refused: ("", ""),
    body: str::to_owned,
};
/// Another client on another day, and nothing else.
const ALIKE: Run = Run { client: 22, ..GOOD };

impl Run {
    fn hooks(&self) -> Vec<(&'static str, String, u64)> {
        let (client, call) = (Client::new(self.client), call_id(self.client));
        vec![
            ("connect", client.connect(), 40 * MS),
            ("ConnectionStatusEvent", client.connection_status("ESTABLISHED"), SEC),
            ("call", client.call(&call, "PENDING"), 40 * MS),
            ("CallStatusEvent", client.call(&call, "RING"), 400 * MS),
            ("CallStatusEvent", client.call(&call, "ESTABLISHED"), 3 * SEC),
            ("hangup", client.call_id(&call), 40 * MS),
            ("CallStatusEvent", client.call(&call, "FINISH"), SEC),
            ("ConnectionStatusEvent", client.connection_status("DISCONNECTED"), SEC),
        ]
    }

    fn case(&self, name: &str) -> Case {
        read(name, Capture::new().add(self.packets()).ethernet())
    }

    fn packets(&self) -> Vec<Packet> {
        let mut capture = Capture::new();
        let begin = u64::from(self.client) * SEC;
        let open = |port: u16, time: u64| {
            let from = format!("192.0.2.10:{port}");
            let mut connection = Connection::new(&from, self.backend).at(time);
            connection.handshake();
            connection
        };
        let first = 41_000 + 100 * (self.client - GOOD.client);
        let mut connection = open(first, begin);
        for (number, (method, body, wait)) in (1..).zip(self.hooks()) {
            if method == self.without {
                continue;
            }
            let body = (self.body)(&body);
            let answer =
                if method == self.refused.0 { http::html(self.refused.1) } else { http::json(&body) };
            let request = http::post(&format!("{}/{method}", self.base), HOST, &body);
            connection.exchange(&request, &answer, self.takes).wait(wait);
            if self.apart {
                let now = connection.now();
                connection.go_to(now - wait).close();
                capture.add(std::mem::replace(&mut connection, open(first + number, now)));
            }
        }
        connection.close();
        capture.add(connection).packets()
    }
}

/// Kinds, severities and titles of differences.
fn list(comparison: &Comparison) -> Vec<String> {
    let told = comparison.differences.iter();
    told.map(|difference| format!("{} {}: {}", difference.severity, difference.kind, difference.title))
        .collect()
}

fn of_run(bad: &Run) -> Vec<String> {
    let comparison = compared(&GOOD.case("good.pcap"), &bad.case("bad.pcap"), None);
    assert_eq!(comparison.mode, "runs");
    let widths = [40, 80, 160];
    for (width, line) in widths.iter().flat_map(|width| {
        text(&comparison, *width).lines().map(|line| (*width, line.to_owned())).collect::<Vec<_>>()
    }) {
        assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
    }
    list(&comparison)
}

#[test]
fn another_run_that_goes_as_well_is_no_difference() {
    assert_eq!(of_run(&ALIKE), [""; 0]);
    // A little slower is nothing, and so is a capture that holds more sessions.
    assert_eq!(of_run(&Run { takes: 20 * MS, ..ALIKE }), [""; 0]);
    let more = [22, 23, 24].map(|client| Run { client, ..GOOD }.packets()).concat();
    let more = read("more.pcap", Capture::new().add(more).ethernet());
    let good = GOOD.case("good.pcap");
    for (first, second) in [(&good, &more), (&more, &good)] {
        assert_eq!(list(&compared(first, second, None)), [""; 0]);
    }
}

#[test]
fn what_differs_between_two_runs_is_told_and_nothing_else() {
    let told = of_run(&Run { refused: ("call", "403 Forbidden"), ..ALIKE });
    assert_eq!(told[..2], ["error verdict: healthy → degraded", "error answer: call: 200 → 403 declined"]);
    assert!(told[2..].iter().all(|title| title.contains(" finding: ")), "{told:?}");

    let told = of_run(&Run { without: "hangup", ..ALIKE });
    let expected = [
        "warning method: hangup only in good.pcap",
        "warning course: flows of kind call take another course",
    ];
    assert_eq!(told, expected);

    let told = of_run(&Run { takes: 60 * MS, ..ALIKE });
    assert_eq!(told, ["warning latency: answers of 198.51.100.20:8081 are slower: 6.2 ms → 60.2 ms"]);

    let told = of_run(&Run { backend: "198.51.100.20:9091", base: "/other", ..ALIKE });
    assert_eq!(told, ["warning address: the backend has another port, base path"]);

    let told = of_run(&Run { apart: true, ..ALIKE });
    let kept = "connections are no longer kept: each hook has a connection of its own";
    assert_eq!(told, [format!("warning connections: {kept}")]);

    let lacking: fn(&str) -> String = |body| body.replace(r#""callee":"1002","#, "");
    let told = of_run(&Run { body: lacking, ..ALIKE });
    assert_eq!(told, ["warning field: callee only in good.pcap (request of CallStatusEvent, call)"]);

    let other: fn(&str) -> String =
        |body| body.replace("defaultApp", "otherApp").replace(":false", r#":"false""#);
    let told = of_run(&Run { body: other, ..ALIKE });
    let all = "request of CallStatusEvent, ConnectionStatusEvent, call, connect, …";
    assert!(
        told.contains(&format!(r#"warning field: appKey: "defaultApp" → "otherApp" ({all})"#)),
        "{told:#?}"
    );
    let calls = "request of CallStatusEvent, call";
    assert!(
        told.contains(&format!("warning field: hasVideo: a truth value → a string ({calls})")),
        "{told:#?}"
    );
}

#[test]
fn a_capture_without_hooks_is_the_difference() {
    let empty = read("empty.pcap", std::fs::read(folder("samples/no-http.pcap")).unwrap());
    let refused = read("refused.pcap", std::fs::read(folder("samples/refused.pcap")).unwrap());
    for other in [&empty, &refused] {
        let comparison = compared(&GOOD.case("good.pcap"), other, None);
        assert!(list(&comparison)[0].starts_with("error no-hooks: no hook in "), "{:?}", list(&comparison));
        assert!(!comparison.is_absent());
    }
    assert!(compared(&empty, &empty, None).is_absent());
}

/// The hooks of two clients at one of two places, each on a connection of its own.
struct Place {
    wcs: &'static str,
    backend: &'static str,
    /// What the clock shows more.
    ahead: u64,
    /// How much later requests are here than where they are sent, and how much earlier answers.
    way: u64,
    /// The hook, by its number, that the network loses, and whether its request is seen here.
    lost: (usize, bool),
    /// Hooks whose answers a proxy replaces.
    replaced: (usize, &'static str),
    /// Hooks of which the last ones are not captured.
    until: usize,
}

const AT_WCS: Place = Place {
    wcs: "192.0.2.10",
    backend: BACKEND,
    ahead: 0,
    way: 0,
    lost: (99, true),
    replaced: (99, ""),
    until: 99,
};
const AT_BACKEND: Place =
    Place { wcs: "203.0.113.5", backend: "10.0.0.7:8080", ahead: 3_500 * MS, way: 2 * MS, ..AT_WCS };

impl Place {
    fn case(&self, name: &str) -> Case {
        read(name, self.capture())
    }

    fn capture(&self) -> Vec<u8> {
        let mut capture = Capture::new();
        let mut now = SEC;
        let hooks = [31, 32].map(|client| Run { client, ..GOOD }.hooks()).concat();
        for (number, (method, body, wait)) in hooks.into_iter().enumerate().take(self.until) {
            let port = 42_000 + u16::try_from(number).unwrap();
            let begin = now + self.ahead + self.way;
            let mut connection = Connection::new(&format!("{}:{port}", self.wcs), self.backend).at(begin);
            let request = http::post(&format!("{BASE}/{method}"), HOST, &body);
            connection.handshake();
            if number != self.lost.0 {
                let answer =
                    if number == self.replaced.0 { http::html(self.replaced.1) } else { http::json(&body) };
                connection.exchange(&request, &answer, 20 * MS - 2 * self.way).close();
                capture.add(connection);
            } else if self.lost.1 {
                connection.client_sends(&request).wait(15 * SEC).fin(Side::Client);
                capture.add(connection);
            }
            now += wait + 100 * MS;
        }
        capture.ethernet()
    }
}

#[test]
fn two_places_of_the_same_traffic_are_recognized_and_their_clocks_compared() {
    let (wcs, backend) = (AT_WCS.case("wcs.pcap"), AT_BACKEND.case("backend.pcap"));
    for (first, second, sign) in [(&wcs, &backend, 1.0), (&backend, &wcs, -1.0)] {
        let comparison = compared(first, second, None);
        assert!(!comparison.different, "{:?}", list(&comparison));
        let entry = comparison.vantage.as_ref().unwrap();
        let clock = entry.clock.as_ref().unwrap();
        assert!(
            (clock.offset - sign * 3.5).abs() < 1e-6 && clock.spread < 1e-6 && clock.two_way,
            "{clock:?}"
        );
        assert_eq!((entry.matched, entry.cannot_be_told, clock.samples), (16, 0, 16));
        assert_eq!(entry.media_server_side.as_deref(), Some("wcs.pcap"));
        let latency = entry.latency.as_ref().unwrap();
        assert!((latency.between - 0.004).abs() < 1e-6 && latency.total > latency.backend, "{latency:?}");
        assert!(text(&comparison, 80).contains("3.500 s"));
    }
}

#[test]
fn a_hook_that_never_arrives_is_named() {
    let wcs = Place { lost: (5, true), ..AT_WCS }.case("wcs.pcap");
    let backend = Place { lost: (5, false), ..AT_BACKEND };
    let comparison = compared(&wcs, &backend.case("backend.pcap"), None);
    assert_eq!(
        list(&comparison),
        ["error never-arrived: hangup left wcs.pcap and never reached backend.pcap"]
    );
    let [left, right] = comparison.differences[0].seen.as_slice() else { panic!() };
    assert_eq!((left.hooks.len(), left.frames.len(), right.frames.len()), (1, 1, 0));
    assert!(left.text.contains(&call_id(31)), "{}", left.text);
    // What the other capture may have missed is not called lost.
    let short = Place { until: 6, ..backend }.case("backend.pcap");
    let comparison = compared(&wcs, &short, None);
    assert_eq!((comparison.mode.as_str(), list(&comparison)), ("vantage-points", vec![]));
    assert_eq!(comparison.vantage.unwrap().cannot_be_told, 11);
}

#[test]
fn answers_that_are_lost_or_replaced_between_two_places_are_told() {
    let backend = AT_BACKEND.case("backend.pcap");
    let wcs = Place { lost: (2, true), ..AT_WCS }.case("wcs.pcap");
    let told = list(&compared(&wcs, &backend, None));
    assert_eq!(told, ["error answer-lost: call is answered in backend.pcap, and not in wcs.pcap"]);
    let wcs = Place { replaced: (2, "504 Gateway Timeout"), ..AT_WCS }.case("wcs.pcap");
    let told = list(&compared(&wcs, &backend, None));
    assert_eq!(told, ["error answer: call is answered 504 failed and 200: changed in between"]);
}

#[test]
fn no_form_shows_a_planted_secret() {
    let two = |sample: &str| read(sample, std::fs::read(folder("samples").join(sample)).unwrap());
    let good = GOOD.case("good.pcap");
    let secret: fn(&str) -> String = |body| {
        body.replace(r#""useWsTunnel":false"#, r#""urlServer":"wss://x/?token=planted-secret-url&y=1""#)
            .replace("defaultApp", "planted-secret-custom-token")
    };
    let pairs = [
        (good, Run { body: secret, ..ALIKE }.case("bad.pcap")),
        (two("session-sip.pcap"), two("connect-403.pcap")),
        (two("secrets-in-answers.pcap"), two("session-sip.pcap")),
    ];
    for (first, second) in pairs {
        for mode in [Mode::Runs, Mode::VantagePoints] {
            let comparison = compared(&first, &second, Some(mode));
            let json = serde_json::to_string(&comparison).unwrap();
            for form in [json, text(&comparison, 80), markdown(&comparison)] {
                assert!(!form.contains("planted-secret"), "{form}");
            }
        }
    }
}

#[test]
fn the_program_compares_and_its_exit_code_tells() {
    let exit = |arguments: &[&str]| told(&hookscope(&[&["compare"], arguments].concat(), b""));
    let [good, bad, none] =
        ["samples/web-phone-call.pcap", "samples/connect-403.pcap", "samples/no-http.pcap"];
    assert_eq!(exit(&[good, good]).0, 0);
    assert_eq!(exit(&[good, bad]).0, 1);
    assert_eq!(exit(&[good, none]).0, 1);
    assert_eq!(exit(&[none, none]).0, 4);
    assert_eq!(exit(&[good, "samples/there-is-none.pcap"]).0, 3);
    for wrong in [&[good][..], &[good, bad, good], &["--as", "friends", good, bad], &["-", "-"]] {
        let (code, out, err) = exit(wrong);
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}: {err}");
    }
    if std::path::Path::new("/dev/full").exists() {
        assert_eq!(exit(&[good, bad, "--format", "text", "-o", "/dev/full"]).0, 5);
    }
    let schema = serde_json::from_str(&told(&hookscope(&["schema", "compare"], b"")).1).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for mode in ["runs", "vantage-points"] {
        let (_, out, _) = exit(&["--format", "json", "--as", mode, good, bad]);
        assert!(schema.is_valid(&serde_json::from_str(&out).unwrap()), "{out}");
        assert_eq!(out, exit(&["--format", "json", "--as", mode, good, bad]).1);
    }
    let octets = std::fs::read(folder(good)).unwrap();
    assert_eq!(told(&hookscope(&["compare", good, "-"], &octets)).0, 0);
}

#[test]
fn changes_to_a_capture_that_may_not_matter_are_no_difference() {
    let mut count = 0;
    for sample in ["web-phone-call.pcap", "stream-publish.pcap", "keep-alives.pcap", "timeout.pcap"] {
        let octets = std::fs::read(folder("samples").join(sample)).unwrap();
        let case = read(sample, octets.clone());
        let records = files::read(&octets);
        for change in CHANGES {
            let Some(files) = (change.make)(&records) else { continue };
            let [file] = files.as_slice() else { continue };
            let comparison = compared(&case, &read("changed", file.octets.clone()), None);
            let unsure = comparison.vantage.as_ref().map(|entry| entry.cannot_be_told);
            assert_eq!((list(&comparison), unsure), (vec![], Some(0)), "{sample}, {}", change.name);
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn comparisons_are_as_they_were() {
    let bad = Run { refused: ("call", "403 Forbidden"), without: "hangup", takes: 60 * MS, ..ALIKE };
    let runs = compared(&GOOD.case("good.pcap"), &bad.case("bad.pcap"), None);
    let wcs = Place { lost: (5, true), ..AT_WCS }.case("wcs.pcap");
    let backend = Place { lost: (5, false), ..AT_BACKEND }.case("backend.pcap");
    let places = compared(&wcs, &backend, None);
    for (name, comparison) in [("runs", runs), ("places", places)] {
        let forms = [
            ("80.txt", text(&comparison, 80)),
            ("160.txt", text(&comparison, 160)),
            ("md", markdown(&comparison)),
        ];
        for (ending, form) in forms {
            let path = folder("tests/golden-compare").join(format!("{name}.{ending}"));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &form).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(kept, form, "UPDATE=1 writes {}", path.display());
        }
    }
}
