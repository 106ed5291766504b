//! Every sample's report, as text and as JSON, and of some as a page, is a file under `tests/golden`; `UPDATE=1` writes them.

use crate::samples::judge;
use crate::support::scenarios::SCENARIOS;
use crate::{folder, formats, forms, html, triage};
use hookscope::report::{
    Document, ExchangeList, Strokes, Style, render_exchanges_text, render_exchanges_tsv, render_json,
    render_text,
};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;

fn text(document: &Document, width: u16) -> String {
    let mut out = Vec::new();
    render_text(document, Style::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Samples whose list of exchanges is kept in all forms.
const LISTED: &[&str] = &["web-phone-call.pcap", "keep-alives.pcap", "empty.pcap"];

/// Samples whose page is kept.
const PAGES: &[&str] = &["timeout.pcap", "connect-403.pcap", "empty.pcap"];

/// A page without what each release would touch, and without style and script, which are files of their own.
fn page(name: &str) -> String {
    let mut page =
        html::of_sample(name).replace(concat!("hookscope ", env!("CARGO_PKG_VERSION")), "hookscope -");
    for (from, to) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("'sha256-", "';"),
        ("script-src 'sha256-", "';"),
    ] {
        let (before, rest) = page.split_once(from).unwrap();
        let (_, after) = rest.split_once(to).unwrap();
        page = format!("{before}{from}-{to}{after}");
    }
    page
}

fn tsv(list: &ExchangeList) -> String {
    let mut out = Vec::new();
    render_exchanges_tsv(list, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn list_text(list: &ExchangeList, width: u16) -> String {
    let mut out = Vec::new();
    render_exchanges_text(list, Style::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(document: &impl Serialize) -> String {
    let mut out = Vec::new();
    render_json(document, &mut out).unwrap();
    // The version would touch every file at each release.
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    String::from_utf8(out).unwrap().replace(&version, "\"version\": \"-\"")
}

#[test]
fn reports_are_as_they_were() {
    let update = std::env::var_os("UPDATE").is_some();
    let golden = folder("tests/golden");
    fs::create_dir_all(&golden).unwrap();
    let mut known: BTreeSet<String> = triage::KEPT.map(|(_, name)| name.to_owned()).into();
    let mut wrong = Vec::new();
    for scenario in SCENARIOS {
        let (case, findings, verdict) = judge(scenario);
        let document = Document::new(&case, &findings, &verdict, true);
        let list = ExchangeList::new(&case, true);
        let mut reports =
            vec![("txt", text(&document, 80)), ("json", json(&document)), ("exchanges.tsv", tsv(&list))];
        if LISTED.contains(&scenario.name) {
            reports.extend([("exchanges.txt", list_text(&list, 80)), ("exchanges.json", json(&list))]);
        }
        if formats::KEPT.contains(&scenario.name) {
            reports.extend(
                formats::all(&document).map(|(ending, report)| (ending, formats::unversioned(&report))),
            );
        }
        if forms::KEPT.contains(&scenario.name) {
            reports.push(("md", forms::markdown(&document)));
            reports.push(("mmd", forms::mermaid(&document)));
            reports.push(("ladder.txt", forms::ladder(&document, Strokes::UNICODE, 80)));
        }
        if PAGES.contains(&scenario.name) {
            reports.push(("html", page(scenario.name)));
        }
        if let Some((_, hook)) = forms::SHOWN.iter().find(|(name, _)| *name == scenario.name) {
            reports.push(("show.txt", forms::show(scenario.name, hook)));
        }
        for (ending, report) in reports {
            let name = format!("{}.{ending}", scenario.name);
            let path = golden.join(&name);
            if update {
                fs::write(&path, &report).unwrap();
            } else if fs::read_to_string(&path).unwrap_or_default() != report {
                wrong.push(name.clone());
            }
            known.insert(name);
        }
    }
    assert!(wrong.is_empty(), "other than under tests/golden (UPDATE=1 writes them): {wrong:#?}");
    for entry in fs::read_dir(&golden).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "tests/golden/{name} belongs to no sample");
    }
}

#[test]
fn text_keeps_to_its_width() {
    for scenario in SCENARIOS {
        let (case, findings, verdict) = judge(scenario);
        let document = Document::new(&case, &findings, &verdict, true);
        for width in [80, 160] {
            for line in text(&document, width).lines() {
                // Names of sessions and nodes are never broken: they are to be copied.
                let own = !line.starts_with("Session ") && !line.starts_with("  node ");
                assert!(!own || line.chars().count() <= usize::from(width), "{}: {line}", scenario.name);
            }
            for line in list_text(&ExchangeList::new(&case, true), width).lines() {
                assert!(line.chars().count() <= usize::from(width), "{}: {line}", scenario.name);
            }
        }
    }
}

#[test]
fn one_problem_is_told_in_25_lines() {
    for name in ["refused.pcap", "timeout.pcap", "error-500.pcap", "connect-403.pcap", "empty.pcap"] {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
        let (case, findings, verdict) = judge(scenario);
        let report = text(&Document::new(&case, &findings, &verdict, true), 80);
        let top = report.lines().position(str::is_empty).unwrap_or(report.lines().count());
        assert!(top <= 25, "{name}: {top} lines\n{report}");
        assert!(report.lines().next().unwrap().starts_with(&scenario.verdict.to_uppercase()), "{report}");
    }
}

#[test]
fn no_report_shows_a_secret_or_drives_a_terminal() {
    let mut planted = 0;
    for scenario in SCENARIOS {
        let octets = (scenario.build)();
        planted += octets.windows(14).filter(|window| *window == b"planted-secret").count();
        let (case, findings, verdict) = judge(scenario);
        let document = Document::new(&case, &findings, &verdict, true);
        let list = ExchangeList::new(&case, true);
        let lists = [list_text(&list, 100), json(&list), tsv(&list).replace('\t', " ")];
        for report in [text(&document, 100), json(&document)].into_iter().chain(lists) {
            assert!(!report.contains("planted-secret"), "{}: a secret is shown", scenario.name);
            assert!(!report.contains(|c: char| c.is_control() && c != '\n'), "{}", scenario.name);
        }
    }
    assert!(planted > 10, "the samples hold secrets: {planted}");
}

#[test]
fn secrets_are_shown_when_asked_for() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "session-sip.pcap").unwrap();
    let (case, findings, verdict) = judge(scenario);
    let open = Document::new(&case, &findings, &verdict, false);
    assert!(json(&open).contains("planted-secret") && text(&open, 80).contains("NOT masked"));
}

#[test]
fn paths_are_links_where_links_are_asked_for() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "one-hook.pcap").unwrap();
    let (case, findings, verdict) = judge(scenario);
    let document = Document::new(&case, &findings, &verdict, true);
    let mut linked = Vec::new();
    render_text(&document, Style { links: true, ..Style::plain(100) }, &mut linked).unwrap();
    let linked = String::from_utf8(linked).unwrap();
    let plain = text(&document, 100);
    let (before, behind) = linked.split_once("\u{1b}]8;;file:///").unwrap();
    let (url, behind) = behind.split_once("\u{1b}\\").unwrap();
    assert!(url.ends_with("/samples/one-hook.pcap"), "{url}");
    assert_eq!(format!("{before}{}", behind.replacen("\u{1b}]8;;\u{1b}\\", "", 1)), plain);
}
