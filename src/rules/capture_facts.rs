//! Rules about the capture itself: one note for each kind of damage, with its count and first frames.

use super::{Evidence, Finding, Findings, Rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

/// Reports a fact, if it was noticed: `words` gives title and message.
pub(super) fn report(
    case: &Case,
    findings: &mut Findings,
    rule: &'static Rule,
    kind: FactKind,
    words: impl Fn(&Fact) -> (String, String),
    remedy: &str,
) {
    let Some(fact) = case.facts.get(kind) else { return };
    let evidence = Evidence::of_capture(&fact.frames, fact.count, fact.first, fact.last);
    let (title, message) = words(fact);
    findings.add(Finding::new(rule, title, message, remedy.to_owned(), evidence));
}
