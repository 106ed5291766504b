use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Connections with HTTP of which only one direction was captured.
    ///
    /// ## Why it matters
    /// With requests alone, answers are known to have come, but not which; with responses alone, it is not known to what.
    ///
    /// ## What to do
    /// Capture without a filter on source or destination: `port 8081`, not `dst port 8081`. On a mirror port, mirror both
    /// directions.
    ///
    /// ## When it is wrong
    /// When the other end never sent anything.
    "one-sided", Note, Capture, "only one direction was captured", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "HTTP connection");
        (
            format!("only one direction of {count} was captured"),
            format!("Of {count} only one direction was captured."),
        )
    };
    let remedy = "Capture both directions: no src, dst or dst port in the capture filter; on a mirror port, mirror both.";
    capture_facts::report(case, findings, &RULE, FactKind::OneSided, words, remedy);
}
