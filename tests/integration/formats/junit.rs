//! The results of tests: read back, and compared with the findings.

use super::{documents, rendered};
use hookscope::report::{Document, render_junit};
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};

/// An XML element as a test sees it: its name, its attributes.
pub type Element = (String, BTreeMap<String, String>);

/// All elements in the order of their starts; panics where the text is not well-formed.
pub fn elements(xml: &str) -> Vec<Element> {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut found, mut depth) = (Vec::new(), 0_i32);
    loop {
        let event = reader.read_event().unwrap();
        let (Event::Start(start) | Event::Empty(start)) = &event else {
            match event {
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
            continue;
        };
        depth += i32::from(matches!(event, Event::Start(_)));
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = quick_xml::escape::unescape(&attribute.value).unwrap();
            (attribute.key.as_ref().to_owned(), value.into_owned())
        });
        found.push((start.name().as_ref().to_owned(), attributes.collect()));
    }
    assert_eq!(depth, 0);
    found
}

/// Classes and rules that fail or are skipped, as the document says.
fn expected(document: &Document, sure: bool) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for finding in &document.findings {
        let counts = finding.severity != "note" && finding.rule != "no-hooks";
        if !counts || matches!(finding.confidence.as_str(), "confirmed" | "likely") != sure {
            continue;
        }
        let sessions = document.sessions.iter().filter(|session| session.findings.contains(&finding.id));
        let mut classes: Vec<String> = sessions.map(|session| format!("session.{}", session.id)).collect();
        if classes.is_empty() {
            classes.push("capture".to_owned());
        }
        found.extend(classes.into_iter().map(|class| (class, finding.rule.clone())));
    }
    found
}

#[test]
fn tests_fail_where_findings_are_sure() {
    for (name, document) in documents() {
        let found = elements(&rendered(document, render_junit));
        let mut ended: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
        let mut test = (String::new(), String::new());
        let mut all = BTreeSet::new();
        for (element, attributes) in &found {
            if element == "testcase" {
                test = (attributes["classname"].clone(), attributes["name"].clone());
                assert!(all.insert(test.clone()), "{name}: {test:?} twice");
            } else {
                ended.entry(element).or_default().insert(test.clone());
            }
        }
        let take = |kind: &str| ended.get(kind).cloned().unwrap_or_default();
        let (failed, unsure) = (expected(document, true), expected(document, false));
        assert_eq!(take("failure"), failed, "{name}");
        let skipped: BTreeSet<_> = take("skipped").into_iter().filter(|(_, rule)| rule != "hooks").collect();
        assert_eq!(skipped, unsure.difference(&failed).cloned().collect(), "{name}");
        assert_eq!(!take("error").is_empty(), document.verdict.state == "absent", "{name}");
        for (_, suite) in found.iter().filter(|(element, _)| element.starts_with("testsuite")) {
            for (attribute, count) in [
                ("tests", all.len()),
                ("failures", failed.len()),
                ("errors", take("error").len()),
                ("skipped", take("skipped").len()),
            ] {
                let told = suite.get(attribute).map_or_else(|| count.to_string(), Clone::clone);
                assert_eq!(told, count.to_string(), "{name}: {attribute}");
            }
        }
        let is_well = |session: &str| all.contains(&(format!("session.{session}"), "hooks".to_owned()));
        if document.verdict.state == "healthy" {
            assert!(failed.is_empty() && all.contains(&("capture".to_owned(), "hooks".to_owned())), "{name}");
        }
        for session in &document.sessions {
            let class = format!("session.{}", session.id);
            let told = failed.iter().chain(&unsure).any(|(known, _)| *known == class);
            assert_ne!(told, is_well(&session.id), "{name}: {class}");
        }
    }
}
