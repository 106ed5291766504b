//! Text that would drive a terminal, a spreadsheet, a page or a tracker, planted wherever a capture has text: in every form of
//! every command it is text.

use crate::html;
use crate::outputs::forms;
use crate::support::builder::wcs::{BASE, Client, HOST, call_id, to_backend};
use crate::support::builder::{Capture, MS, http};
use crate::support::scenarios::SCENARIOS;
use scraper::{Html, Selector};
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

/// What is planted.
const PLANTED: &str =
    "=cmd()\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{7f}</script><img src=x onerror=alert(1)>| [x](http://a) @all";
/// The name of its file, which cannot hold a stroke.
const NAME: &str = "=cmd()\u{1b}[2J\u{202e}\u{200b}\r\n\t<img src=x onerror=alert(1)>| [x](http:a) @all.pcap";
/// Words of samples, and what stands for them, of the same length: in requests, DNS, TLS, SIP and SDP.
const REPLACED: [(&str, &str); 5] = [
    ("example", "\u{1b}[2J<b>"),
    ("defaultApp", "=c\u{1b}]0;\u{202e}\u{7}"),
    ("1001", "=\u{200b}"),
    ("WebRTC", "\u{1b}[2J\u{9b}"),
    ("Server: ", "Se\r\u{8}er: "),
];

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A capture that says it everywhere.
fn planted() -> Vec<u8> {
    let planted = quoted(&format!("{PLANTED}\r\n\t{PLANTED}"));
    let client = Client::new(9);
    let body = |client: &Client, call: &str| {
        let body = client.body().text("callId", call).raw("incoming", "false").raw("caller", &planted);
        let body = body.raw("callee", &planted).raw("sipLogin", &planted).raw("sipVisibleName", &planted);
        body.raw("status", &planted).raw("sipMessageRaw", &planted).raw("\\u001b[2J", "1").end()
    };
    let own =
        client.body().raw("sipDomain", &planted).raw("sipLogin", &planted).raw("custom", &planted).end();
    let named = own.replace(&quoted(&client.session_id), &planted).replace("\"defaultApp\"", &planted);
    let mut backend = to_backend(40_009, 0);
    let fields = [("X-Planted", PLANTED), ("Content-Type", PLANTED), ("Server", "\u{1b}[2J\u{202e}")];
    backend
        .handshake()
        .ok("connect", &client.connect())
        .ok("connect", &own)
        .ok("connect", &named)
        .ok("ConnectionStatusEvent", &named)
        .ok("call", &body(&client, &call_id(9)))
        .ok("CallStatusEvent", &body(&client, PLANTED.split('\u{1b}').next().unwrap()))
        .hook("CallStatusEvent", &body(&client, &call_id(9)), &http::html(&format!("200 {PLANTED}")))
        .hook(
            "hangup",
            &client.call_id(&call_id(9)),
            &http::response(&format!("500 {PLANTED}"), &fields, PLANTED.as_bytes()),
        )
        // As it stands, which JSON does not allow.
        .ok("call", &client.body().text("callId", "x").text("status", PLANTED).end())
        .hook("connect", PLANTED, &http::json(&format!("{{{}:{planted}", quoted(PLANTED))))
        .hook(
            PLANTED,
            &own,
            &http::json(&format!("{{\"restClientConfig\":{{{0}:{{{0}:{planted}}}}}}}", quoted(PLANTED))),
        );
    for target in [format!("{BASE}/call?x={PLANTED}"), format!("/{}/call", PLANTED.replace(' ', "+"))] {
        let request = http::post_with(&target, HOST, &[("X-Planted", PLANTED), (PLANTED, "x")], &own);
        backend.exchange(&request, &http::json(&own), 6 * MS).wait(40 * MS);
    }
    let request = http::post(&format!("{BASE}/call"), PLANTED, &own);
    backend.exchange(&request, &http::json("{}"), 6 * MS).wait(40 * MS);
    Capture::of([backend]).ethernet()
}

/// The samples with other words in them.
fn replaced(octets: &[u8]) -> Vec<u8> {
    let mut changed = octets.to_vec();
    for (old, new) in REPLACED {
        assert_eq!(old.len(), new.len());
        let places = octets.windows(old.len()).enumerate().filter(|(_, window)| *window == old.as_bytes());
        places.for_each(|(place, _)| changed[place..place + old.len()].copy_from_slice(new.as_bytes()));
    }
    changed
}

/// A folder with all of it; and the names of the samples in it.
fn place() -> (tempfile::TempDir, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(NAME), planted()).unwrap();
    fs::copy("samples/timeout.pcap", place.path().join("other.pcap")).unwrap();
    let mut names = Vec::new();
    // Those that say as much uncompressed.
    for scenario in SCENARIOS
        .iter()
        .filter(|scenario| scenario.name.rsplit_once('.').is_some_and(|(_, ending)| ending == "pcap"))
    {
        fs::write(place.path().join(scenario.name), replaced(&(scenario.build)())).unwrap();
        names.push(scenario.name.to_owned());
    }
    (place, names)
}

/// Standard output and standard error.
fn run(place: &Path, arguments: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let mut command = Command::new("timeout");
    command.args(["300", env!("CARGO_BIN_EXE_hookscope")]).args(arguments).current_dir(place);
    let input = File::open(place.join(NAME)).unwrap();
    let output = command.env("HOOKSCOPE_NO_CONFIG", "1").stdin(Stdio::from(input)).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code <= 5), "{arguments:?}: {}", output.status);
    (output.stdout, output.stderr)
}

/// Characters that would drive a terminal, or make text look like other text.
fn is_raw(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text, if nothing in it drives a terminal.
fn harmless(line: &str, octets: Vec<u8>, also: &str) -> String {
    let text = String::from_utf8(octets).unwrap_or_else(|error| panic!("{line}: {error}"));
    let raw = text.char_indices().find(|(_, character)| is_raw(*character) && !also.contains(*character));
    let around = raw.map(|(place, _)| text.split_at(place).0.chars().rev().take(60).collect::<Vec<_>>());
    let around = around.map(|before| before.into_iter().rev().collect::<String>());
    assert!(raw.is_none(), "{line}: {raw:?} behind {around:?}");
    text
}

fn assert_rows(line: &str, text: &str) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let mut guarded = 0;
    for cell in reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
        assert!(!cell.starts_with(['=', '+', '@']), "{line}: {cell}");
        assert!(!cell.starts_with('-') || cell.parse::<f64>().is_ok(), "{line}: {cell}");
        guarded += usize::from(cell.starts_with("'="));
    }
    assert!(guarded > 0, "{line}: nothing planted is there");
}

fn assert_page(line: &str, text: &str) {
    let page = Html::parse_document(text);
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!([count("img"), count("[onerror]")], [0; 2], "{line}");
    assert!(count("script") <= 2 && text.contains("&lt;img") | text.contains("&#60;img"), "{line}");
    if line.starts_with("analyze") {
        html::assert_sound(line, text);
    }
}

/// What a tracker makes markup of: all that is no code.
fn assert_no_markup(line: &str, text: &str) {
    let mut rest = text.to_owned();
    // Fences of several strokes first.
    for fence in ["```", "``", "`"] {
        rest = rest.split(fence).step_by(2).collect::<Vec<_>>().join(" ");
    }
    for markup in ["<img", "](http", "@all", "</script"] {
        assert!(!rest.contains(markup), "{line}: {markup} in\n{rest}");
    }
}

/// Checks what is particular to a form.
fn assert_form(line: &str, octets: Vec<u8>) {
    let form = line.rsplit_once("--format ").map_or("", |(_, form)| form);
    match form {
        "csv" => {
            let text = harmless(line, octets, "\r");
            assert!(!text.replace("\r\n", "\n").contains('\r'), "{line}");
            assert_rows(line, &text);
        }
        "tsv" => {
            let text = harmless(line, octets, "\t");
            let columns: Vec<usize> = text.lines().map(|row| row.matches('\t').count()).collect();
            assert!(
                columns.len() > 4 && columns.iter().all(|count| *count == columns[0]),
                "{line}: {columns:?}"
            );
        }
        "html" => assert_page(line, &harmless(line, octets, "")),
        "markdown" => assert_no_markup(line, &harmless(line, octets, "")),
        "json" | "har" | "ndjson" => {
            let text = harmless(line, octets, "");
            let lines: Vec<&str> = if form == "ndjson" { text.lines().collect() } else { vec![&text] };
            assert!(lines.iter().all(|json| serde_json::from_str::<Value>(json).is_ok()), "{line}");
            assert!(text.contains("\\u001b[2J"), "{line}: nothing planted is there");
        }
        "junit" => {
            let text = harmless(line, octets, "");
            let mut reader = quick_xml::Reader::from_str(&text);
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Eof => break,
                    quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                        assert!(!matches!(tag.name().as_ref(), "img" | "b"), "{line}");
                    }
                    _ => {}
                }
            }
        }
        _ => drop(harmless(line, octets, "")),
    }
}

#[test]
fn no_form_of_any_command_lets_text_be_more_than_text() {
    let (place, names) = place();
    let mut tried = 0;
    for line in forms().iter().filter(|line| line.contains("log.pcap") && !line.starts_with("excerpt")) {
        // What is about one hook, one flow or two captures takes no more; standard input is the same capture.
        let alone = ["check", "show", "replay", "compare", "watch"].iter().any(|name| line.starts_with(name));
        let mut arguments: Vec<&str> = Vec::new();
        for word in line.split(' ') {
            match word {
                "log.pcap" if line.starts_with("watch") => arguments.push("-"),
                "log.pcap" => {
                    arguments.push(NAME);
                    arguments.extend(names.iter().filter(|_| !alone).map(String::as_str));
                }
                word => arguments.push(word),
            }
        }
        let (out, err) = run(place.path(), &arguments);
        assert!(err.is_empty() && !out.is_empty(), "{line}: {}", String::from_utf8_lossy(&err));
        assert_form(line, out);
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn every_hook_is_shown_and_repeated_harmlessly() {
    let (place, _) = place();
    let (out, _) = run(place.path(), &["hooks", NAME, "--format", "json"]);
    let hooks: Value = serde_json::from_slice(&out).unwrap();
    let ids: Vec<&str> =
        hooks["hooks"].as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 10, "{ids:?}");
    let mut sent = Vec::new();
    for id in ids {
        for arguments in [
            &["show", NAME, id][..],
            &["show", NAME, id, "--format", "json"],
            &["replay", NAME, id],
            &["replay", NAME, id, "--no-redact"],
        ] {
            let (out, err) = run(place.path(), arguments);
            let line = arguments.join(" ");
            let script = harmless(&line, out, "");
            harmless(&line, err, "");
            if arguments.contains(&"--no-redact") {
                let script = format!("curl() {{ printf '%s\\n' \"$@\"; cat; }}\n{script}");
                sent.extend(Command::new("sh").args(["-c", &script]).output().unwrap().stdout);
            }
        }
    }
    // What the shell is told to print is what was captured: in a header field, and as a body.
    let sent = String::from_utf8(sent).unwrap();
    assert!(
        sent.contains(&format!("X-Planted: {PLANTED}\n"))
            && sent.contains(&format!("\"status\":\"{PLANTED}\"")),
        "{sent}"
    );
    for arguments in [
        &["ladder", "--ascii", NAME][..],
        &["exchanges", "--no-redact", NAME],
        &["hooks", "--redact", "all", NAME],
    ] {
        harmless(&arguments.join(" "), run(place.path(), arguments).0, "");
    }
}

#[test]
fn names_of_files_are_harmless_in_errors_and_in_excerpts() {
    let (place, _) = place();
    let missing = format!("no{NAME}");
    fs::write(place.path().join("empty\u{1b}[2J.pcap"), "").unwrap();
    fs::create_dir(place.path().join("folder\u{1b}[2J")).unwrap();
    for arguments in [
        &["analyze", missing.as_str()][..],
        &["analyze", "empty\u{1b}[2J.pcap"],
        &["analyze", "folder\u{1b}[2J"],
        &["analyze", NAME, "-o", NAME, "--format", "json"],
        &["analyze", "other.pcap", "-o", NAME, "--format", "json"],
        &["analyze", "other.pcap", "-o", "out\u{1b}[2J"],
        &["analyze", "other.pcap", "-o", "no\u{1b}[2J/out.json"],
        &["analyze", "other.pcap", "--redact-key", &missing],
        &["check", "other.pcap", "--flow", &missing],
        &["show", "other.pcap", &missing],
        &["ladder", "other.pcap", "--session", &missing],
        &["explain", &missing],
        &["--config", &missing, "config", "show"],
        &["triage", &missing],
    ] {
        let (out, err) = run(place.path(), arguments);
        assert!(!err.is_empty() || !out.is_empty(), "{arguments:?}");
        harmless(&arguments.join(" "), err, "");
        harmless(&arguments.join(" "), out, "");
    }
    let (octets, err) = run(place.path(), &["excerpt", NAME, "--hook", "h1", "--no-redact", "-o", "-"]);
    assert!(err.is_empty(), "{}", String::from_utf8_lossy(&err));
    let comment = b" of =cmd()\\x1b[2J\\u{202e}";
    assert!(octets.windows(comment.len()).any(|window| window == comment));
}
