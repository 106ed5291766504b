//! The forms of the report: whatever words stand in a capture, each form can be read back, holds no character that drives a
//! terminal or misleads its reader, no element that is not the report's own, and no secret.

use crate::pipeline::case;
use crate::script::Script;
use crate::support::builder::{Capture, Connection, MS, http};
use hookscope::limits::Limits;
use hookscope::report::{self, Document, Style};
use hookscope::rules;
use scraper::Html;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What no form may show; inputs that hold a part of it themselves are passed over.
const SECRET: &str = "Planted9secret7Q";

/// A way to write the report.
type Render = fn(&Document, &mut dyn Write) -> io::Result<()>;
/// What must hold for what is written.
type Check = fn(&str);

const STYLE: Style = Style { width: 80, color: false, links: false };

const FORMS: [(&str, Render, Check); 12] = [
    ("text", |document, out| report::render_text(document, STYLE, out), |_| ()),
    ("hooks", |document, out| report::render_hooks_text(document, STYLE, out), |_| ()),
    ("sessions", |document, out| report::render_sessions_text(document, STYLE, out), |_| ()),
    ("markdown", |document, out| report::render_markdown(document, out), |_| ()),
    ("mermaid", |document, out| report::render_mermaid(document, out), |_| ()),
    ("json", |document, out| report::render_json(document, out), is_json),
    ("ndjson", |document, out| report::render_ndjson(document, out), are_lines_of_json),
    ("har", |document, out| report::render_har(document, out), is_json),
    ("csv", |document, out| report::render_csv(document, out), |text| is_table(text, b',')),
    ("tsv", |document, out| report::render_tsv(document, out), |text| is_table(text, b'\t')),
    ("junit", |document, out| report::render_junit(document, out), is_xml),
    ("html", |document, out| report::render_html(document, out), is_a_page),
];

/// Checks words: one in each line.
pub fn check(input: &[u8]) {
    if String::from_utf8_lossy(input).contains(&SECRET[..4]) {
        return;
    }
    let mut script = Script::new(input);
    let capture = capture(&mut script);
    check_capture(&capture, &script.line());
}

/// Checks all forms of the report on a capture file of this name.
pub fn check_capture(octets: &[u8], name: &str) {
    let case = case(octets, name, &Limits::default()).unwrap_or_else(|| panic!("{name:?} is no capture"));
    let (findings, verdict) = rules::judge(&case);
    let document = Document::new(&case, &findings, &verdict, true);
    for (name, render, check) in FORMS {
        let mut octets = Vec::new();
        render(&document, &mut octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = String::from_utf8(octets).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!text.contains(SECRET), "{name} shows a secret");
        let bad = text.chars().find(|letter| drives(*letter, name));
        assert!(bad.is_none(), "{name} has {bad:?}");
        check(&text);
    }
}

/// Two hooks of a session, with these words in them.
fn capture(script: &mut Script<'_>) -> Vec<u8> {
    let mut connection = Connection::new("192.0.2.10:40000", "198.51.100.20:8081");
    connection.handshake();
    for method in ["connect", "call"] {
        let target = format!("/rest/my_api{}/{method}", one_line(&script.line()).replace(' ', "%20"));
        let host = one_line(&script.line());
        let (name, value) = (one_line(&script.line()), one_line(&script.line()));
        let mut body = json!({
            "nodeId": script.line(), "appKey": script.line(), "sessionId": script.line(), "callId": script.line(),
            "sipPassword": SECRET, "authToken": SECRET, "custom": { "token": SECRET },
        });
        body[script.line()] = script.line().into();
        body["caller"] = script.line().into();
        let request =
            http::post_with(&target, &host, &[("Authorization", SECRET), (&name, &value)], &body.to_string());
        let status = format!("{} {}", 200 + u16::from(script.octet()), one_line(&script.line()));
        let answer =
            json!({ "custom": script.line(), "password": SECRET, script.line(): script.line() }).to_string();
        let answer = if script.octet().is_multiple_of(4) { script.line() } else { answer };
        let response = http::response(&status, &[("Set-Cookie", SECRET), (&name, &value)], answer.as_bytes());
        connection.exchange(&request, &response, 20 * MS);
    }
    connection.close();
    Capture::of([connection]).ethernet()
}

/// Without what would end a line of a head.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}

/// Whether a character may not stand in a form: it drives a terminal, or misleads its reader.
fn drives(letter: char, form: &str) -> bool {
    match letter {
        '\n' => false,
        '\r' => form != "csv",
        '\t' => form != "tsv",
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => true,
        letter => letter.is_control(),
    }
}

fn is_json(text: &str) {
    let read: Result<Value, _> = serde_json::from_str(text);
    assert!(read.is_ok(), "{read:?}: {text}");
}

fn are_lines_of_json(text: &str) {
    text.lines().for_each(is_json);
}

fn is_table(text: &str, delimiter: u8) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .quoting(delimiter == b',')
        .from_reader(text.as_bytes());
    for record in reader.records() {
        // Records of different lengths are errors to it.
        let record = record.unwrap_or_else(|error| panic!("{error}: {text}"));
        // Lines with tabs are for scripts.
        let formula = record.iter().find(|cell| delimiter == b',' && cell.starts_with(['=', '+', '@']));
        assert!(formula.is_none(), "a spreadsheet would compute {formula:?}");
    }
}

fn is_xml(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return,
            Ok(_) => {}
            Err(error) => panic!("{error}: {text}"),
        }
    }
}

/// The page has the elements that each page has once, and none that loads or runs anything of others.
fn is_a_page(text: &str) {
    let page = Html::parse_document(text);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for node in page.tree.values() {
        let Some(element) = node.as_element() else { continue };
        *counts.entry(element.name()).or_default() += 1;
        let bad =
            element.attrs().find(|(name, value)| name.starts_with("on") || value.starts_with("javascript:"));
        assert!(bad.is_none(), "<{}> has {bad:?}", element.name());
    }
    for once in ["html", "head", "body", "style", "main"] {
        assert_eq!(counts.get(once), Some(&1), "<{once}>");
    }
    for never in ["img", "iframe", "object", "embed", "base", "form", "link"] {
        assert_eq!(counts.get(never), None, "<{never}>");
    }
    assert!(counts.get("script").is_none_or(|count| *count <= 1), "{:?}", counts.get("script"));
}
