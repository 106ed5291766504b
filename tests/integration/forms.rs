//! The forms of the report for tickets and diagrams: bounds, safety, and what they show, over every sample.

use crate::command_line::{hookscope, told};
use crate::samples::judge;
use crate::support::scenarios::SCENARIOS;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::report::{
    Document, HookSheet, Strokes, Style, render_json, render_ladder, render_markdown, render_mermaid,
    render_show_text, show_schema,
};
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use std::io::Cursor;
use std::path::Path;

/// Samples whose report is kept in these forms.
pub const KEPT: &[&str] = &[
    "timeout.pcap",
    "refused.pcap",
    "web-phone-call.pcap",
    "empty.pcap",
    "keep-alives.pcap",
    "connect-403.pcap",
    "secrets-on-one-host.pcap",
    "stale-retried.pcap",
];

/// Samples with a hook of theirs that is kept in full.
pub const SHOWN: &[(&str, &str)] = &[
    ("timeout.pcap", "12"),
    ("json-cut.pcap", "h3"),
    ("connect-html.pcap", "6"),
    ("session-sip.pcap", "h1"),
    ("override-not-listed.pcap", "h3"),
];

/// Lines of a ticket.
const MOST_LINES: usize = 60;

pub fn markdown(document: &Document) -> String {
    let mut out = Vec::new();
    render_markdown(document, &mut out).unwrap();
    // The version would touch every file at each release.
    String::from_utf8(out).unwrap().replace(env!("CARGO_PKG_VERSION"), "-")
}

pub fn mermaid(document: &Document) -> String {
    let mut out = Vec::new();
    render_mermaid(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub fn ladder(document: &Document, strokes: Strokes, width: u16) -> String {
    let mut out = Vec::new();
    render_ladder(document, strokes, Style::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn check(sample: &str, form: &str) {
    assert!(!form.contains("planted-secret"), "{sample}: a secret is shown");
    assert!(!form.contains(|c: char| c.is_control() && c != '\n'), "{sample}");
}

#[test]
fn every_form_is_bounded_and_safe_for_every_sample() {
    for scenario in SCENARIOS {
        let (case, findings, verdict) = judge(scenario);
        let document = Document::new(&case, &findings, &verdict, true);
        let ticket = markdown(&document);
        assert!(ticket.lines().count() <= MOST_LINES, "{}: {ticket}", scenario.name);
        assert!(ticket.starts_with(&format!("# {}: ", scenario.verdict.to_uppercase())), "{ticket}");
        check(scenario.name, &ticket);
        let diagram = mermaid(&document);
        assert!(diagram.starts_with("sequenceDiagram\n    participant W as WCS"), "{diagram}");
        check(scenario.name, &diagram);
        for (strokes, width) in [(Strokes::UNICODE, 80), (Strokes::ASCII, 160), (Strokes::ASCII, 40)] {
            let ladder = ladder(&document, strokes, width);
            let most = ladder
                .lines()
                .filter(|line| !line.starts_with("No hook"))
                .map(|line| line.chars().count())
                .max();
            assert!(most.is_none_or(|most| most <= usize::from(width)), "{ladder}");
            assert!(width == 80 || ladder.is_ascii(), "{ladder}");
            check(scenario.name, &ladder);
        }
        assert_eq!((ticket, diagram), (markdown(&document), mermaid(&document)), "the same again");
    }
}

/// All samples as one capture: the worst that can be put into a ticket.
fn everything() -> Vec<String> {
    SCENARIOS.iter().map(|scenario| format!("samples/{}", scenario.name)).collect()
}

#[test]
fn a_ticket_counts_what_goes_beyond_its_lines() {
    let files = everything();
    let mut arguments = vec!["analyze", "--format", "markdown"];
    arguments.extend(files.iter().map(String::as_str));
    let (exit, ticket, _) = told(&hookscope(&arguments, b""));
    assert_eq!(exit, 1);
    assert!(ticket.lines().count() <= MOST_LINES, "{ticket}");
    for counted in ["more rows", "more findings", "more files"] {
        assert!(ticket.contains(counted), "{counted}: {ticket}");
    }
}

#[test]
fn a_ticket_has_its_parts_in_order() {
    let (_, ticket, _) = told(&hookscope(&["analyze", "--format", "markdown", "samples/timeout.pcap"], b""));
    let parts = [
        "# DEGRADED: backend",
        "was not answered",
        "| 12 | 2026-03-02 09:00:01.093100 | call | PENDING | none: gave-up |",
        "- Effect: WCS logged it",
        "- Who has to act: those who run the backend (confidence: confirmed).",
        "- To ask of them: Find out why",
        "wireshark -r samples/timeout.pcap -Y 'tcp.stream eq 0 && frame.number in {12,14}'",
        "hookscope explain response-timeout",
        "- F2 note secrets-in-clear",
        "SHA-256 `",
        "Made by hookscope",
    ];
    let found: Vec<Option<usize>> = parts.iter().map(|part| ticket.find(part)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}\n{ticket}");
}

/// A sample with other words in it, of the same length: what a hostile client could send.
pub fn hostile(sample: &str, old: &str, new: &str) -> Vec<u8> {
    let octets = std::fs::read(crate::folder("samples").join(sample)).unwrap();
    assert_eq!(old.len(), new.len(), "lengths of segments stay");
    let mut changed = octets.clone();
    for at in 0..octets.len() - old.len() {
        if octets[at..].starts_with(old.as_bytes()) {
            changed[at..at + old.len()].copy_from_slice(new.as_bytes());
        }
    }
    assert!(changed != octets);
    changed
}

#[test]
fn a_capture_makes_no_markup_in_a_ticket() {
    for (status, shown) in
        [("<b>@all", "| `<b>@all` |"), ("|[x](y)", "| `\\x7c[x](y)` |"), ("`x` <i>", "| `` `x` `` `<i>` |")]
    {
        let octets = hostile("timeout.pcap", "PENDING", status);
        let (_, ticket, _) = told(&hookscope(&["analyze", "--format", "markdown", "-"], &octets));
        assert!(ticket.contains(shown), "{shown}: {ticket}");
    }
}

#[test]
fn diagrams_keep_to_what_mermaid_draws() {
    let files = everything();
    let mut arguments = vec!["analyze", "--format", "mermaid"];
    arguments.extend(files.iter().map(String::as_str));
    let (_, text, _) = told(&hookscope(&arguments, b""));
    let diagrams: Vec<&str> = text.split("sequenceDiagram\n").skip(1).collect();
    assert!(diagrams.len() > 1, "{}", diagrams.len());
    for (number, diagram) in (1..).zip(&diagrams) {
        assert!(
            diagram.starts_with(&format!("    %% diagram {number} of {}\n", diagrams.len())),
            "{diagram}"
        );
        assert!(diagram.encode_utf16().count() < 50_000 - 20);
        assert!(diagram.lines().filter(|line| line.contains('>') || line.contains("-x")).count() <= 400);
    }
    let hooks = text.lines().filter(|line| line.contains("W->>") || line.contains("W-x")).count();
    assert!(hooks > 250, "{hooks}");
}

#[test]
fn a_ladder_is_of_the_sessions_asked_for() {
    let sample = "samples/sessions-on-one-connection.pcap";
    let titles = |arguments: &[&str]| {
        let (exit, out, err) = told(&hookscope(&[&["ladder", sample], arguments].concat(), b""));
        let titles = out.lines().filter_map(|line| line.strip_prefix("Session ")?.split(' ').next());
        (exit, titles.map(str::to_owned).collect::<Vec<_>>(), err)
    };
    assert_eq!(titles(&[]), (0, vec!["s1".to_owned(), "s2".to_owned()], String::new()));
    assert_eq!(titles(&["--session", "s2"]).1, ["s2"]);
    assert_eq!(titles(&["--session", "192.0.2.10:8443"]).1, ["s1", "s2"]);
    let (exit, none, err) = titles(&["--session", "s9"]);
    assert_eq!((exit, none.len()), (2, 0));
    assert!(err.contains("no session \"s9\"") && err.contains("it has s1 \"/203.0.113."), "{err}");
    assert_eq!(told(&hookscope(&["ladder", "samples/empty.pcap"], b"")).0, 4);
}

#[test]
fn a_lost_answer_is_drawn_with_its_reason_and_colour_tells_nothing_alone() {
    let (_, plain, _) = told(&hookscope(&["ladder", "samples/timeout.pcap"], b""));
    assert!(plain.contains("│── call PENDING ──") && plain.contains("──✗ none: gave-up │"), "{plain}");
    let (_, ascii, _) = told(&hookscope(&["ladder", "--ascii", "samples/timeout.pcap"], b""));
    assert!(ascii.is_ascii() && ascii.contains("--X none: gave-up |"), "{ascii}");
    let (_, colored, _) = told(&hookscope(&["ladder", "--color", "always", "samples/timeout.pcap"], b""));
    let stripped = colored.split('\u{1b}').enumerate();
    let stripped =
        stripped.map(|(index, part)| if index == 0 { part } else { part.split_once('m').unwrap().1 });
    assert_eq!(stripped.collect::<String>(), plain);
}

pub fn show(sample: &str, hook: &str) -> String {
    let (exit, out, err) = told(&hookscope(&["show", &format!("samples/{sample}"), hook], b""));
    assert_eq!((exit, err.as_str()), (0, ""));
    out
}

#[test]
fn every_hook_of_every_sample_is_shown_masked_and_by_its_schema() {
    let validator = jsonschema::validator_for(&show_schema()).unwrap();
    let limits = Limits::default();
    let mut count = 0;
    for scenario in SCENARIOS {
        let name = format!("samples/{}", scenario.name);
        let reader = Box::new(Cursor::new((scenario.build)()));
        let capture = Capture::from_reader(reader, Path::new(&name), 0, &limits).unwrap();
        let options = Options { keep_exchanges: true, ..Options::default() };
        let case = pipeline::read(Captures::new(vec![capture]), &limits, options);
        let (findings, verdict) = rules::judge(&case);
        let document = Document::new(&case, &findings, &verdict, true);
        for hook in &document.hooks {
            let sheet = HookSheet::find(&document, &hook.id).unwrap();
            let mut text = Vec::new();
            render_show_text(&sheet, Style::plain(80), &mut text).unwrap();
            check(scenario.name, &String::from_utf8(text).unwrap());
            let mut json = Vec::new();
            render_json(&sheet, &mut json).unwrap();
            check(scenario.name, std::str::from_utf8(&json).unwrap());
            let value = serde_json::from_slice(&json).unwrap();
            let problems: Vec<String> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{}: {problems:?}", scenario.name);
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}

#[test]
fn a_hook_is_named_by_its_id_or_any_of_its_frames() {
    let by_id = show("timeout.pcap", "h1");
    for name in ["4", "6", "#4", "timeout.pcap#6"] {
        assert_eq!(show("timeout.pcap", name), by_id, "{name}");
    }
    let two = ["show", "samples/timeout.pcap", "samples/connect-403.pcap"];
    let find = |name| told(&hookscope(&[&two[..], &[name]].concat(), b""));
    assert!(find("connect-403.pcap#6").1.contains("403 declined"));
    let (exit, _, err) = find("4");
    assert!(exit == 2 && err.contains("that may be h1 connect (frame "), "{err}");
    let (exit, out, err) = told(&hookscope(&["show", "samples/timeout.pcap", "h99"], b""));
    assert!(exit == 2 && out.is_empty() && err.contains("there are h1 connect (frame 4)"), "{err}");
    assert_eq!(told(&hookscope(&["show", "samples/timeout.pcap"], b"")).0, 2);
    assert_eq!(told(&hookscope(&["show", "samples/empty.pcap", "h1"], b"")).0, 2);
}

#[test]
fn a_hook_is_shown_with_what_was_sent_and_where_it_is_no_json() {
    let text = show("json-cut.pcap", "h3");
    let lines: Vec<&str> = text.lines().collect();
    let mark = lines.iter().position(|line| line.trim() == "^").expect(&text);
    assert!(lines[mark - 2].contains("no JSON: "), "{text}");
    let text = show("session-sip.pcap", "h1");
    for words in ["\"sipPassword\": \"***", "Host: ", "  wireshark -r samples/session-sip.pcap -g "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = show("override-not-listed.pcap", "h3");
    assert!(text.contains("; WCS does not take it over"), "{text}");
}
