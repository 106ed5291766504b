use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Connections with HTTP that were open before the capture began.
    ///
    /// ## Why it matters
    /// Hooks that came before, such as connect, are not in the capture; they are not missing.
    ///
    /// ## What to do
    /// Nothing; to see a whole session, begin to capture before the client connects.
    ///
    /// ## When it is wrong
    /// When the handshake was lost.
    "midstream", Note, Capture, "connections were open before the capture began", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "HTTP connection");
        let title = format!("{count} open before the capture began");
        (
            title,
            format!(
                "The beginning of {count} was not captured: earlier hooks, such as connect, may have been sent."
            ),
        )
    };
    let remedy = "To see whole sessions, begin to capture before the client connects.";
    capture_facts::report(case, findings, &RULE, FactKind::Midstream, words, remedy);
}
