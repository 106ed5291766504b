//! What the program tells of itself: rules and methods, on the command line and under `docs`; `UPDATE=1` writes those.

use crate::command_line::{hookscope, told};
use crate::folder;
use hookscope::catalog::{CATALOG, HookMethod};
use hookscope::limits::{Limits, Unit};
use hookscope::rules::RULES;
use serde_json::Value;
use std::collections::BTreeSet;

fn json(arguments: &[&str]) -> Value {
    let (exit, out, err) = told(&hookscope(arguments, b""));
    assert_eq!((exit, err.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// The headings' anchors, as GitHub makes them.
fn anchors(page: &str) -> Vec<String> {
    page.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase).collect()
}

#[test]
fn the_pages_under_docs_are_what_the_program_prints() {
    let mut old = Vec::new();
    for command in ["rules", "methods"] {
        let (exit, page, _) = told(&hookscope(&[command, "--format", "markdown"], b""));
        assert_eq!(exit, 0);
        let path = folder("docs").join(format!("{command}.md"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &page).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != page {
            old.push(path);
        }
    }
    assert!(old.is_empty(), "old (UPDATE=1 writes them): {old:?}");
}

/// The bounds, as `docs/limits.md` lists them.
fn bounds() -> String {
    let mut table =
        "| name | default | counted in | what it bounds |\n| --- | --- | --- | --- |\n".to_owned();
    for bound in Limits::BOUNDS {
        let unit = match bound.unit {
            Unit::Octets => "octets".to_owned(),
            Unit::Things(0) => "number".to_owned(),
            Unit::Things(octets) => format!("number, of about {octets} octets each"),
            Unit::Seconds => "seconds of the capture's time".to_owned(),
            Unit::Exponent => "exponent of 2".to_owned(),
        };
        let value = bound.value(&Limits::default());
        table += &format!("| `{}` | {value} | {unit} | {} |\n", bound.name(), bound.about());
    }
    table
}

#[test]
fn the_page_of_limits_lists_them() {
    const BEGIN: &str = "<!-- the table -->\n";
    let path = folder("docs/limits.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (table, behind) = rest.split_once("<!-- end").unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, [before, BEGIN, &bounds(), "<!-- end", behind].concat()).unwrap();
    } else {
        assert_eq!(table, bounds(), "old (UPDATE=1 writes it)");
    }
}

#[test]
fn the_pages_have_an_anchor_for_each_link_and_no_other() {
    for (command, count) in [("rules", RULES.len()), ("methods", CATALOG.len())] {
        let (_, page, _) = told(&hookscope(&[command, "--format", "markdown"], b""));
        let anchors = anchors(&page);
        let links: Vec<&str> =
            page.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
        assert_eq!(anchors, links, "{command}");
        assert_eq!(anchors.iter().collect::<BTreeSet<_>>().len(), count, "{command}");
    }
    let (_, rules, _) = told(&hookscope(&["rules", "--format", "markdown"], b""));
    for heading in ["What it detects", "Why it matters", "What to do", "When it is wrong"] {
        let count = rules.lines().filter(|line| *line == format!("### {heading}")).count();
        assert_eq!(count, RULES.len(), "{heading}");
    }
}

#[test]
fn lists_as_json_hold_all_and_keep_to_their_schemas() {
    let (rules, methods) = (json(&["rules", "--format", "json"]), json(&["methods", "--format", "json"]));
    assert_eq!(names(&rules["rules"]), RULES.iter().map(|rule| rule.name).collect::<Vec<_>>());
    let known: Vec<&str> = HookMethod::ALL.iter().map(|method| method.name()).collect();
    assert_eq!(names(&methods["methods"]), known);
    let is_refused = |rule: &&Value| rule["name"] == "backend-refused";
    let refused = rules["rules"].as_array().unwrap().iter().find(is_refused).unwrap();
    assert_eq!((&refused["severity"], &refused["actor"]), (&"error".into(), &"backend".into()));
    assert!(refused["explanation"].as_str().unwrap().starts_with("## What it detects\n"), "{refused}");
    let connect = &methods["methods"][0];
    assert_eq!(connect["followers"][0]["methods"][0], "ConnectionStatusEvent");
    assert_eq!(connect["followers"][0]["within"], 5.0);
    for (command, list) in [("rules", rules), ("methods", methods)] {
        let schema = json(&["schema", command]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let problems: Vec<String> = validator.iter_errors(&list).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{command}: {problems:#?}");
    }
}

#[test]
fn lists_for_people_name_all_within_80_columns() {
    let methods: Vec<&str> = HookMethod::ALL.iter().map(|method| method.name()).collect();
    for (command, names) in [("rules", RULES.iter().map(|rule| rule.name).collect()), ("methods", methods)] {
        let (exit, out, err) = told(&hookscope(&[command], b""));
        assert_eq!((exit, err.as_str()), (0, ""));
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
        let rows: Vec<&str> = out.lines().filter_map(|line| line.split_whitespace().next()).collect();
        for name in names {
            assert!(rows.contains(&name), "{command} lacks {name}: {out}");
        }
    }
}

#[test]
fn rules_and_methods_are_explained() {
    let (exit, out, err) = told(&hookscope(&["explain", "Backend-Refused"], b""));
    assert_eq!((exit, err.as_str()), (0, ""));
    for words in ["backend-refused\n", "What to do\n", "`update app -l <url> <name>`", "ssh -p 2001"] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let (exit, out, _) = told(&hookscope(&["explain", "senddata"], b""));
    assert_eq!(exit, 0);
    for words in
        ["OnDataEvent\n", "`sendData`", "`DataStatusEvent`", "add app-rest-method <appKey> OnDataEvent"]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    let (_, markdown, _) = told(&hookscope(&["explain", "playHLS", "--format", "markdown"], b""));
    assert!(markdown.starts_with("# playHLS\n\n") && markdown.contains("\n## Parameters\n\n| Member |"));
    assert!(markdown.contains("`hls_auth_enabled=true`"), "{markdown}");
}

#[test]
fn an_unknown_name_is_wrong_usage_and_a_likely_one_is_offered() {
    for (name, words) in [
        ("CallStatusEvnet", "did you mean CallStatusEvent?"),
        ("backend", "did you mean backend-refused, backend-unreachable, backend-rejected, "),
        ("xyzzy", "hookscope rules and hookscope methods list them"),
        ("\u{1b}[31m", "\\u{1b}"),
    ] {
        let (exit, out, err) = told(&hookscope(&["explain", name], b""));
        assert_eq!((exit, out.as_str()), (2, ""), "{name}");
        assert!(err.contains(words), "{err}");
    }
    assert_eq!(told(&hookscope(&["explain"], b"")).0, 2);
    assert_eq!(told(&hookscope(&["rules", "-o", "rules.csv"], b"")).0, 2);
}

#[test]
fn the_report_says_how_its_findings_are_explained() {
    for (sample, count) in [("error-500.pcap", 1), ("session-sip.pcap", 1), ("refused.pcap", 1)] {
        let (_, out, _) = told(&hookscope(&["analyze", &format!("samples/{sample}")], b""));
        let hints: Vec<&str> = out
            .lines()
            .filter_map(|line| line.split_once("hookscope explain "))
            .map(|(_, rule)| rule)
            .collect();
        assert_eq!(hints.len(), count, "{out}");
        for rule in hints {
            assert_eq!(told(&hookscope(&["explain", rule], b"")).0, 0, "{rule}");
        }
    }
}
