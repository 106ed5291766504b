//! The result of tests in `JUnit`'s XML, for systems that run them: what a capture must not show is a test each.
//!
//! A test is a rule in a class, and a class is a session, or the capture for what concerns none. Failed: what is wrong
//! for sure. Skipped: what the capture cannot prove. Passed: what is merely worth a note; and `hooks`, the test of a
//! class in which nothing else failed or was skipped. Error: there was nothing to test.

use super::document::{Document, Finding, Hook, Session};
use super::escape::for_terminal;
use super::text::proof;
use super::words;
use crate::time::{Span, Timestamp};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The class of what concerns no session.
const CAPTURE: &str = "capture";
/// The test that hooks went well.
const HOOKS: &str = "hooks";
/// The rule that tells why there are no hooks.
const NO_HOOKS: &str = "no-hooks";

/// How a test went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Passed,
    Skipped,
    Failed,
    /// There was nothing to test.
    Error,
}

/// A test.
struct Test<'d> {
    class: String,
    name: &'d str,
    outcome: Outcome,
    /// Why it did not pass.
    message: String,
    /// All that there is to say.
    told: String,
    time: Span,
}

/// Writes the tests.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let tests = tests(document);
    let spans = document
        .captures
        .iter()
        .filter_map(|capture| Some((time(capture.first_time.as_ref())?, time(capture.last_time.as_ref())?)));
    let (firsts, lasts): (Vec<_>, Vec<_>) = spans.unzip();
    let first = firsts.into_iter().min();
    let all = first.zip(lasts.into_iter().max()).map(|(first, last)| last.since(first));
    let counts = counts(&tests, all.unwrap_or_default());
    let attributes = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    let paths: Vec<&str> = document.captures.iter().map(|capture| capture.path.as_str()).collect();
    let name = for_terminal(&paths.join(", ")).into_owned();
    // JUnit's times have no zone and no fraction; these are UTC.
    let timestamp = first.map(|first| first.rfc3339().chars().take(19).collect::<String>());
    let mut writer = Writer::new_with_indent(out, b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = writer.create_element("testsuites").with_attribute(("name", document.tool.name.as_str()));
    // The schema has no count of skipped tests here.
    let of_all = attributes().filter(|(name, _)| *name != "skipped");
    suites.with_attributes(of_all).write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attribute(("name", name.as_str()));
        let suite = suite.with_attributes(attributes());
        let suite = suite.with_attributes(timestamp.iter().map(|time| ("timestamp", time.as_str())));
        suite.write_inner_content(|writer| {
            properties(document, writer)?;
            tests.iter().try_for_each(|test| write(test, writer))
        })?;
        Ok(())
    })?;
    writeln!(writer.into_inner())
}

fn counts(tests: &[Test<'_>], time: Span) -> [(&'static str, String); 5] {
    let count = |outcome| tests.iter().filter(|test| test.outcome == outcome).count().to_string();
    [
        ("tests", tests.len().to_string()),
        ("failures", count(Outcome::Failed)),
        ("errors", count(Outcome::Error)),
        ("skipped", count(Outcome::Skipped)),
        ("time", seconds(time)),
    ]
}

/// What is to be known of all tests.
fn properties<W: Write>(document: &Document, writer: &mut Writer<W>) -> io::Result<()> {
    let verdict = &document.verdict;
    let mut properties = vec![
        ("version", document.tool.version.clone()),
        ("redacted", document.redacted.to_string()),
        ("verdict", verdict.state.clone()),
        ("headline", verdict.headline.clone()),
        ("actor", verdict.actor.clone()),
    ];
    properties.extend(document.selection.iter().map(|selection| ("shown", words::selection(selection))));
    properties.extend(document.captures.iter().map(|capture| ("sha256", capture.sha256.clone())));
    writer.create_element("properties").write_inner_content(|writer| {
        for (name, value) in &properties {
            let property = writer.create_element("property").with_attribute(("name", *name));
            property.with_attribute(("value", for_terminal(value).as_ref())).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write<W: Write>(test: &Test<'_>, writer: &mut Writer<W>) -> io::Result<()> {
    let message = for_terminal(&test.message);
    let told = BytesText::new(&test.told);
    let case = writer
        .create_element("testcase")
        .with_attribute(("classname", test.class.as_str()))
        .with_attribute(("name", test.name))
        .with_attribute(("time", seconds(test.time).as_str()));
    let element = match test.outcome {
        Outcome::Passed if test.told.is_empty() => {
            case.write_empty()?;
            return Ok(());
        }
        Outcome::Passed => "system-out",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failure",
        Outcome::Error => "error",
    };
    case.write_inner_content(|writer| {
        let mut inner = writer.create_element(element);
        if matches!(test.outcome, Outcome::Failed | Outcome::Error) {
            inner = inner.with_attribute(("type", test.name));
        }
        if test.outcome != Outcome::Passed {
            inner = inner.with_attribute(("message", message.as_ref()));
        }
        inner.write_text_content(told)?;
        Ok(())
    })?;
    Ok(())
}

/// All tests: those of the capture, then those of each session.
fn tests(document: &Document) -> Vec<Test<'_>> {
    let findings: BTreeMap<&str, &Finding> =
        document.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let hooks: BTreeMap<&str, &Hook> = document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
    let told: BTreeSet<&str> =
        document.sessions.iter().flat_map(|session| session.findings.iter().map(String::as_str)).collect();
    let others = document.findings.iter().filter(|finding| !told.contains(finding.id.as_str()));
    let mut tests = of_class(CAPTURE, others);
    // What degrades or breaks hooks has a test of its own, here or in a session.
    let is_told = matches!(document.verdict.state.as_str(), "degraded" | "broken");
    if !is_told && !tests.iter().any(|test| test.outcome > Outcome::Passed) {
        tests.push(of_capture(document));
    }
    for session in &document.sessions {
        let class = format!("session.{}", session.id);
        let own = session.findings.iter().filter_map(|id| findings.get(id.as_str()).copied());
        let mut of_session = of_class(&class, own);
        if !of_session.iter().any(|test| test.outcome > Outcome::Passed) {
            of_session.push(of_hooks(class, session, &hooks));
        }
        tests.extend(of_session);
    }
    tests
}

/// A test for each rule that found something, in the order of findings.
fn of_class<'d>(class: &str, findings: impl Iterator<Item = &'d Finding>) -> Vec<Test<'d>> {
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, known)) => known.push(finding),
            None => rules.push((&finding.rule, vec![finding])),
        }
    }
    rules.into_iter().map(|(rule, findings)| of_rule(class, rule, &findings)).collect()
}

fn of_rule<'d>(class: &str, rule: &'d str, findings: &[&Finding]) -> Test<'d> {
    let worst = findings.iter().copied().map(outcome).max().unwrap_or(Outcome::Passed);
    let mut messages = findings.iter().filter(|finding| outcome(finding) == worst);
    let mut message = messages.next().map(|finding| finding.title.clone()).unwrap_or_default();
    match messages.count() {
        0 => {}
        more => message.push_str(&format!(" (and {more} more)")),
    }
    let firsts = findings.iter().filter_map(|finding| time(finding.first_time.as_ref())).min();
    let lasts = findings.iter().filter_map(|finding| time(finding.last_time.as_ref())).max();
    Test {
        class: class.to_owned(),
        name: rule,
        outcome: worst,
        message,
        told: findings.iter().map(|finding| tell(finding)).collect::<Vec<_>>().join("\n"),
        time: firsts.zip(lasts).map(|(first, last)| last.since(first)).unwrap_or_default(),
    }
}

/// How the test ends that looks for this.
fn outcome(finding: &Finding) -> Outcome {
    let is_sure = matches!(finding.confidence.as_str(), "confirmed" | "likely");
    match finding.severity.as_str() {
        _ if finding.rule == NO_HOOKS => Outcome::Error,
        "error" | "warning" if is_sure => Outcome::Failed,
        "error" | "warning" => Outcome::Skipped,
        _ => Outcome::Passed,
    }
}

/// A finding in lines.
fn tell(finding: &Finding) -> String {
    let Finding { id, rule, severity, confidence, .. } = finding;
    let effect = finding.effect.as_ref().map(|effect| format!("{effect}."));
    let cause = finding.caused_by.clone();
    let parts = [
        ("seen", Some(finding.message.clone())),
        ("effect", effect),
        ("proof", proof(finding)),
        ("follows from", cause),
        ("who acts", Some(finding.actor.clone())),
        ("what next", Some(finding.remedy.clone())),
    ];
    let mut told = format!("{id} {severity} {rule} ({confidence}): {}\n", for_terminal(&finding.title));
    for (label, text) in parts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            told.push_str(&format!("{label}: {}\n", for_terminal(&text)));
        }
    }
    told
}

/// The test of a capture about which no rule has anything sure to say.
fn of_capture(document: &Document) -> Test<'_> {
    let verdict = &document.verdict;
    let outcome = match verdict.state.as_str() {
        "absent" => Outcome::Error,
        "unclear" => Outcome::Skipped,
        _ => Outcome::Passed,
    };
    let message = if outcome == Outcome::Passed { String::new() } else { verdict.headline.clone() };
    Test { class: CAPTURE.to_owned(), name: HOOKS, outcome, message, told: String::new(), time: Span::ZERO }
}

/// The test of a session about which no rule has anything sure to say.
fn of_hooks<'d>(class: String, session: &Session, hooks: &BTreeMap<&str, &Hook>) -> Test<'d> {
    let own: Vec<&Hook> = session.hooks.iter().filter_map(|id| hooks.get(id.as_str()).copied()).collect();
    let unknown = own.iter().filter(|hook| hook.outcome == "unknown").count();
    let ends = own.iter().map(|hook| {
        let moments = &hook.moments;
        let answered = moments.wait.unwrap_or_default().nanoseconds().max(0);
        let received = moments.receive.unwrap_or_default();
        moments.asked.plus(Span::from_nanoseconds(answered)).plus(received)
    });
    let begins = own.iter().map(|hook| hook.moments.began).min();
    let time = begins.zip(ends.max()).map(|(first, last)| last.since(first)).unwrap_or_default();
    let (outcome, message) = match unknown {
        0 => (Outcome::Passed, String::new()),
        _ => (
            Outcome::Skipped,
            format!("the capture does not show how {unknown} of {} hooks ended", own.len()),
        ),
    };
    Test { class, name: HOOKS, outcome, message, told: String::new(), time }
}

fn time(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::from_rfc3339(text?)
}

/// Seconds with three decimals, none below zero.
fn seconds(span: Span) -> String {
    format!("{:.3}", span.seconds().max(0.0))
}
