//! The other forms of a report: each is read back and compared with the document.

use crate::command_line::hookscope;
use crate::folder;
use crate::samples::judge;
use crate::support::scenarios::{SCENARIOS, Scenario};
use hookscope::report::{
    Document, hook_columns, ndjson_schema, render_csv, render_har, render_junit, render_ndjson, render_tsv,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::LazyLock;

pub mod junit;

/// Samples whose reports are kept in all forms.
pub const KEPT: &[&str] = &[
    "web-phone-call.pcap",
    "timeout.pcap",
    "connect-403.pcap",
    "http-gzip.pcap",
    "one-sided-requests.pcap",
    "empty.pcap",
];

type Render = fn(&Document, &mut dyn Write) -> io::Result<()>;

/// The forms, by the endings that pick them.
const FORMS: [(&str, Render); 5] = [
    ("ndjson", render_ndjson),
    ("csv", render_csv),
    ("tsv", render_tsv),
    ("har", render_har),
    ("junit", render_junit),
];

fn rendered(document: &Document, render: Render) -> String {
    let mut out = Vec::new();
    render(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The document in all forms.
pub fn all(document: &Document) -> [(&'static str, String); 5] {
    FORMS.map(|(ending, render)| (ending, rendered(document, render)))
}

/// A report that does not change with each release.
pub fn unversioned(report: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = report.to_owned();
    for before in ["\"version\": \"", "\"version\":\"", "name=\"version\" value=\""] {
        text = text.replace(&format!("{before}{version}\""), &format!("{before}-\""));
    }
    text
}

fn document(scenario: &Scenario) -> Document {
    let (case, findings, verdict) = judge(scenario);
    Document::new(&case, &findings, &verdict, true)
}

/// A document whose texts are hostile.
fn hostile() -> Document {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "timeout.pcap").unwrap();
    let mut document = document(scenario);
    let evil = "=1\u{0}\u{1b}[2J\u{9b}\u{7f}\t\r\n\u{202e}\u{fffe}\u{e0041}<a href='\"&]]>\u{2028}é";
    for hook in &mut document.hooks {
        for text in [&mut hook.method, &mut hook.target] {
            evil.clone_into(text);
        }
        hook.context.session_id = Some(evil.to_owned());
        let request = hook.detail.as_mut().unwrap().request.as_mut().unwrap();
        request.fields.push((evil.to_owned(), evil.to_owned()));
    }
    for session in &mut document.sessions {
        evil.clone_into(&mut session.session_id);
    }
    for finding in &mut document.findings {
        for text in [&mut finding.title, &mut finding.message] {
            evil.clone_into(text);
        }
    }
    for text in [&mut document.captures[0].path, &mut document.verdict.headline] {
        evil.clone_into(text);
    }
    document
}

/// All samples' documents and the hostile one, made once for all tests.
fn documents() -> impl Iterator<Item = (&'static str, &'static Document)> {
    static DOCUMENTS: LazyLock<Vec<(&str, Document)>> = LazyLock::new(|| {
        let samples = SCENARIOS.iter().map(|scenario| (scenario.name, document(scenario)));
        samples.chain([(HOSTILE, hostile())]).collect()
    });
    DOCUMENTS.iter().map(|(name, document)| (*name, document))
}

/// The name of the hostile document.
const HOSTILE: &str = "hostile";

/// Text as the forms without escapes of their own show it.
fn is_harmless(text: &str) -> bool {
    let dangerous = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{2028}' | '\u{fffe}' | '\u{e0041}')
    };
    !text.contains(dangerous)
}

#[test]
fn no_form_shows_a_secret_or_drives_a_terminal() {
    for (name, document) in documents() {
        for (ending, report) in all(document) {
            assert!(!report.contains("planted-secret"), "{name}: a secret in {ending}");
            let structure: &[char] = match ending {
                "csv" => &['\r'],
                "tsv" => &['\t'],
                _ => &[],
            };
            assert!(is_harmless(&report.replace(structure, "")), "{name}: {ending}");
            assert!(report.ends_with('\n') && !report.ends_with("\n\n"), "{name}: {ending}");
        }
    }
}

#[test]
fn every_line_is_valid_and_none_is_missing() {
    let validator = jsonschema::validator_for(&ndjson_schema()).unwrap();
    for (name, document) in documents() {
        let lines: Vec<Value> = rendered(document, render_ndjson)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let whole = serde_json::to_value(document).unwrap();
        for line in &lines {
            let errors: Vec<String> = validator.iter_errors(line).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}\n{line}");
        }
        for (kind, list) in [
            ("capture", "captures"),
            ("backend", "backends"),
            ("session", "sessions"),
            ("flow", "flows"),
            ("hook", "hooks"),
            ("rest_api_call", "rest_api_calls"),
            ("finding", "findings"),
        ] {
            let told: Vec<Value> = lines.iter().filter(|line| line["type"] == kind).map(untyped).collect();
            assert_eq!(Value::from(told), whole[list], "{name}: {kind}");
        }
        let summary = lines.last().unwrap();
        assert_eq!(
            (&summary["type"], &summary["lines"]),
            (&Value::from("summary"), &Value::from(lines.len())),
            "{name}"
        );
        assert_eq!(summary["verdict"], whole["verdict"]);
    }
    let bad = serde_json::json!({"type": "hook", "id": 1});
    assert!(!validator.is_valid(&bad), "the schema is able to fail");
}

/// A line as the document has it.
fn untyped(line: &Value) -> Value {
    let mut members = line.as_object().unwrap().clone();
    members.shift_remove("type");
    if let Some(own) = members.shift_remove("hook_type") {
        members.insert("type".to_owned(), own);
    }
    members.into()
}

/// Rows by column names, from comma-separated values.
fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header, hook_columns().map(|(name, _)| name).collect::<Vec<_>>());
    let row = |row: csv::StringRecord| header.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Columns, and where the document has them.
const PLACES: &[(&str, &str)] = &[
    ("frame.number", "/frame"),
    ("ip.src", "/client/address"),
    ("tcp.srcport", "/client/port"),
    ("tcp.stream", "/stream"),
    ("http.request.uri", "/target"),
    ("http.response_in", "/response_frame"),
    ("http.response.code", "/status"),
    ("http.content_type", "/response/content_type"),
    ("http.time", "/http_time"),
    ("hookscope.id", "/id"),
    ("hookscope.hook", "/method"),
    ("hookscope.type", "/type"),
    ("hookscope.backend", "/backend"),
    ("hookscope.session", "/session"),
    ("hookscope.flow", "/flow"),
    ("hookscope.node_id", "/context/node_id"),
    ("hookscope.session_id", "/context/session_id"),
    ("hookscope.app_key", "/context/app_key"),
    ("hookscope.outcome", "/outcome"),
    ("hookscope.no_response", "/no_response"),
    ("hookscope.retry_of", "/retry_of"),
    ("hookscope.time", "/time"),
    ("hookscope.latency", "/latency"),
    ("hookscope.ttfb", "/ttfb"),
    ("hookscope.effect", "/effect"),
];

/// A member as a cell; durations have nine decimals there.
fn as_cell(column: &str, value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value)
            if column.ends_with("time") || column.ends_with("ttfb") || column.ends_with("latency") =>
        {
            format!("{:.9}", value.as_f64().unwrap())
        }
        Some(value) => value.to_string(),
    }
}

#[test]
fn every_row_is_its_hook() {
    let mut compared = 0;
    for (name, document) in documents().filter(|(name, _)| *name != HOSTILE) {
        let rows = csv_rows(&rendered(document, render_csv));
        let hooks = serde_json::to_value(&document.hooks).unwrap();
        assert_eq!(rows.len(), document.hooks.len(), "{name}");
        for (row, hook) in rows.iter().zip(hooks.as_array().unwrap()) {
            for (column, place) in PLACES {
                let cell = row[*column].strip_prefix('\'').unwrap_or(&row[*column]);
                assert_eq!(cell, as_cell(column, hook.pointer(place)), "{name}: {column}");
            }
            let about: Vec<&str> = document
                .findings
                .iter()
                .filter(|finding| finding.hooks.iter().any(|id| hook["id"] == id.as_str()))
                .map(|finding| finding.id.as_str())
                .collect();
            assert_eq!(row["hookscope.findings"], about.join(" "), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn lines_with_tabs_have_the_same_values_and_spreadsheets_see_no_formula() {
    for (name, document) in documents() {
        let rows = csv_rows(&rendered(document, render_csv));
        let tsv = rendered(document, render_tsv);
        let mut lines = tsv.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        assert_eq!(header, hook_columns().map(|(name, _)| name).collect::<Vec<_>>());
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), rows.len(), "{name}");
        for (line, row) in lines.iter().zip(&rows) {
            assert_eq!(line.len(), header.len(), "{name}");
            for (column, value) in header.iter().zip(line) {
                let cell = &row[*column];
                let joined = if column.ends_with("frames")
                    || *column == "hookscope.findings"
                    || *column == "hookscope.rules"
                {
                    cell.replace(' ', ",")
                } else {
                    cell.clone()
                };
                assert_eq!(joined.strip_prefix('\'').unwrap_or(&joined), *value, "{name}: {column}");
                let leads = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                assert!(!leads || cell.parse::<f64>().is_ok(), "{name}: {cell}");
            }
        }
    }
}

#[test]
fn the_columns_times_are_those_of_the_list_of_exchanges() {
    let rows = |arguments: &[&str]| -> BTreeMap<String, Vec<String>> {
        let text = String::from_utf8(hookscope(arguments, b"").stdout).unwrap();
        let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        let shared = ["frame.number", "frame.time_relative", "frame.time_epoch", "ip.src", "tcp.srcport"];
        let more =
            ["ip.dst", "tcp.dstport", "tcp.stream", "http.request.uri", "http.response_in", "http.time"];
        let places: Vec<usize> = shared.iter().chain(&more).map(|name| at(name)).collect();
        lines
            .map(|line| (line[places[0]].clone(), places.iter().map(|at| line[*at].clone()).collect()))
            .collect()
    };
    for sample in ["samples/web-phone-call.pcap", "samples/http-head-in-pieces.pcap", "samples/timeout.pcap"]
    {
        let ours = rows(&["analyze", "--format", "tsv", sample]);
        let theirs = rows(&["exchanges", "--format", "tsv", sample]);
        assert!(!ours.is_empty());
        for (frame, row) in &ours {
            assert_eq!(row, &theirs[frame], "{sample}");
        }
    }
}

/// Nanoseconds of a number of milliseconds; -1 is none.
fn nanoseconds(value: &Value) -> i128 {
    let text = value.to_string();
    let (whole, decimals) = text.split_once('.').unwrap();
    assert!(decimals.len() <= 6, "{value}");
    let number: i128 = format!("{whole}{decimals:0<6}").parse().unwrap();
    assert!(number >= 0 || number == -1_000_000, "{value}");
    number.max(0)
}

/// Nanoseconds of a number of seconds.
fn exactly(seconds: f64) -> i128 {
    format!("{seconds:.9}").replace('.', "").parse().unwrap()
}

fn archive(document: &Document) -> Value {
    serde_json::from_str(&rendered(document, render_har)).unwrap()
}

#[test]
fn archives_add_up() {
    let mut answered = 0;
    for (name, document) in documents() {
        let hooks: BTreeMap<&str, _> = document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
        for entry in archive(document)["log"]["entries"].as_array().unwrap() {
            let hook = hooks[entry["_wcs"]["hook"].as_str().unwrap()];
            let parts = entry["timings"].as_object().unwrap();
            assert_eq!(parts.values().map(nanoseconds).sum::<i128>(), nanoseconds(&entry["time"]));
            if let Some(latency) = hook.latency.filter(|_| hook.ttfb.is_some_and(|ttfb| ttfb >= 0.0)) {
                let sum: i128 =
                    ["send", "wait", "receive"].iter().map(|part| nanoseconds(&parts[*part])).sum();
                assert_eq!(sum, exactly(latency), "{name}");
                answered += 1;
            }
        }
    }
    assert!(answered > 400, "{answered}");
}

#[test]
fn archives_hold_every_hook_on_its_sessions_page() {
    for (name, document) in documents() {
        let har = archive(document);
        let entries = har["log"]["entries"].as_array().unwrap();
        let pages: BTreeSet<&str> =
            har["log"]["pages"].as_array().unwrap().iter().map(|page| page["id"].as_str().unwrap()).collect();
        assert_eq!((entries.len(), pages.len()), (document.hooks.len(), document.sessions.len()), "{name}");
        assert!(entries.iter().map(|entry| entry["startedDateTime"].as_str()).is_sorted(), "{name}");
        let hooks: BTreeMap<&str, _> = document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
        for entry in entries {
            let hook = hooks[entry["_wcs"]["hook"].as_str().unwrap()];
            assert_eq!(entry["response"]["status"], hook.status.unwrap_or(0), "{name}");
            assert_eq!(entry.get("_error").is_some(), hook.status.is_none(), "{name}");
            assert_eq!(entry.get("pageref").and_then(Value::as_str), hook.session.as_deref(), "{name}");
            assert!(hook.session.as_deref().is_none_or(|session| pages.contains(session)), "{name}");
            assert!(entry["_sha256"].is_string() && entry["_captureFile"].is_string(), "{name}");
            if let Some(json) = hook.request.json.clone().filter(|_| hook.request.complete) {
                let text = entry["request"]["postData"]["text"].as_str().unwrap();
                assert_eq!(serde_json::from_str::<Value>(text).unwrap(), Value::from(json.map()), "{name}");
            }
        }
    }
}

#[test]
fn files_have_the_form_that_their_endings_pick_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let sample = "samples/sessions-on-one-connection.pcap";
    let endings = ["ndjson", "jsonl", "csv", "tsv", "har", "junit", "xml"];
    let paths =
        endings.map(|ending| folder.path().join(format!("report.{ending}")).to_str().unwrap().to_owned());
    let mut arguments = vec!["analyze", sample];
    arguments.extend(paths.iter().flat_map(|path| ["-o", path]));
    assert!(hookscope(&arguments, b"").stdout.is_empty());
    for (ending, path) in endings.iter().zip(&paths) {
        let format = match *ending {
            "jsonl" => "ndjson",
            "xml" => "junit",
            other => other,
        };
        let printed = hookscope(&["analyze", "--format", format, sample], b"").stdout;
        assert!(!printed.is_empty() && std::fs::read(path).unwrap() == printed, "{ending}");
    }
    let har = std::fs::read_to_string(&paths[4]).unwrap();
    assert!(har.contains("\"headers\": [\n") && har.contains("postData"), "with header fields and bodies");
}

#[test]
fn several_files_are_told_apart() {
    let files = ["samples/web-phone-call.pcap", "samples/web-phone-connection.pcap"];
    let har = hookscope(&["analyze", "--format", "har", files[0], files[1]], b"").stdout;
    let har: Value = serde_json::from_slice(&har).unwrap();
    for entry in har["log"]["entries"].as_array().unwrap() {
        let frame = entry["_frames"]["request"][0].as_str().unwrap();
        let file = entry["_captureFile"].as_str().unwrap();
        assert_eq!(format!("samples/{}", frame.split('#').next().unwrap()), file);
    }
    let junit = hookscope(&["analyze", "--format", "junit", files[0], files[1]], b"").stdout;
    let suites = junit::elements(&String::from_utf8(junit).unwrap());
    assert_eq!(suites[1].1["name"], files.join(", "));
}

#[test]
fn the_page_of_formats_names_every_column() {
    let page = std::fs::read_to_string(folder("docs/formats.md")).unwrap();
    let rows: Vec<(String, String)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "))
        .map(|(name, meaning)| (name.to_owned(), meaning.to_owned()))
        .filter(|(name, _)| name.contains('.'))
        .collect();
    let columns: Vec<(String, String)> =
        hook_columns().map(|(name, meaning)| (name.to_owned(), meaning.to_owned())).collect();
    assert_eq!(rows, columns, "docs/formats.md");
}
