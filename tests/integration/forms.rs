//! The forms of the report for tickets and diagrams: bounds, safety, and what they show, over every sample.

use crate::command_line::{hookscope, told};
use crate::samples::judge;
use crate::support::scenarios::SCENARIOS;
use hookscope::report::{Document, render_markdown, render_mermaid};

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
