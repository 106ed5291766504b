//! The result of tests in `JUnit`'s XML, for systems that run them: what a capture must not show is a test each.
//!
//! A test is a rule in a class, and a class is a session, or the capture for what concerns none. Failed: what is wrong
//! for sure. Skipped: what the capture cannot prove. Passed: what is merely worth a note; and `hooks`, the test of a
//! class in which nothing else failed or was skipped. Error: there was nothing to test.

mod suite;

use super::document::{Document, Finding, Hook, Session};
use super::escape::for_terminal;
use super::text::proof;
use super::words;
use crate::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
pub(crate) use suite::{Outcome, Suite, Test};

/// The class of what concerns no session.
const CAPTURE: &str = "capture";
/// The test that hooks went well.
const HOOKS: &str = "hooks";
/// The rule that tells why there are no hooks.
const NO_HOOKS: &str = "no-hooks";

/// Writes the tests.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &document.verdict;
    let told = [("verdict", &verdict.state), ("headline", &verdict.headline), ("actor", &verdict.actor)];
    let mut properties = told.map(|(name, value)| (name, value.clone())).to_vec();
    properties.extend(document.selection.iter().map(|selection| ("shown", words::selection(selection))));
    let suite = Suite {
        tool: &document.tool,
        redacted: document.redacted,
        captures: &document.captures,
        properties,
        tests: tests(document),
    };
    suite.write(out)
}

/// All tests: those of the capture, then those of each session.
fn tests(document: &Document) -> Vec<Test> {
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
fn of_class<'d>(class: &str, findings: impl Iterator<Item = &'d Finding>) -> Vec<Test> {
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, known)) => known.push(finding),
            None => rules.push((&finding.rule, vec![finding])),
        }
    }
    rules.into_iter().map(|(rule, findings)| of_rule(class, rule, &findings)).collect()
}

fn of_rule(class: &str, rule: &str, findings: &[&Finding]) -> Test {
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
        name: rule.to_owned(),
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
fn of_capture(document: &Document) -> Test {
    let verdict = &document.verdict;
    let outcome = match verdict.state.as_str() {
        "absent" => Outcome::Error,
        "unclear" => Outcome::Skipped,
        _ => Outcome::Passed,
    };
    let message = if outcome == Outcome::Passed { String::new() } else { verdict.headline.clone() };
    Test {
        class: CAPTURE.to_owned(),
        name: HOOKS.to_owned(),
        outcome,
        message,
        told: String::new(),
        time: Span::ZERO,
    }
}

/// The test of a session about which no rule has anything sure to say.
fn of_hooks(class: String, session: &Session, hooks: &BTreeMap<&str, &Hook>) -> Test {
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
    Test { class, name: HOOKS.to_owned(), outcome, message, told: String::new(), time }
}

fn time(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::from_rfc3339(text?)
}
