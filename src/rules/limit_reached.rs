use super::{Evidence, Finding, Findings, rule};
use crate::fact::FactKind;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// That a bound of this program's memory was reached, and what was lost beyond it.
    ///
    /// ## Why it matters
    /// What was lost is not judged; nothing is called missing for sure.
    ///
    /// ## What to do
    /// Analyse a shorter capture, or one filtered on the backend's ports.
    ///
    /// ## When it is wrong
    /// Never.
    "limit-reached", Note, Capture, "a bound of memory was reached", check
}

fn check(case: &Case, findings: &mut Findings) {
    for (kind, fact) in case.facts.iter() {
        let FactKind::LimitReached(limit) = kind else { continue };
        let evidence = Evidence::of_capture(&fact.frames, fact.count, fact.first, fact.last);
        let title = format!("a limit was reached {} times: {}", fact.count, limit.loss());
        let message = format!("{} ({}).", limit.loss(), fact.count);
        let remedy = "Analyse a shorter capture, or one filtered on the backend's ports.".to_owned();
        findings.add(Finding::new(&RULE, title, message, remedy, evidence));
    }
}
