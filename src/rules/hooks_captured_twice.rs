use super::capture_facts;
use super::describe;
use super::{Findings, rule};
use crate::fact::{Fact, FactKind};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that were captured more than once on their way to the backend: before and behind address translation (docker,
    /// Kubernetes), or on the way to a proxy and from it.
    ///
    /// ## Why it matters
    /// It does not harm: one of each is the hook, on the connection that WCS opened, and the others are set aside. They are
    /// neither repeated nor other hooks.
    ///
    /// ## What to do
    /// Nothing. What the proxy got from the backend behind it, `hookscope exchanges` lists.
    ///
    /// ## When it is wrong
    /// When WCS sends the same hook at the same time to two servers of which one is on its own host.
    "hooks-captured-twice", Note, Capture, "hooks were captured again behind address translation or a proxy", check
}

fn check(case: &Case, findings: &mut Findings) {
    let words = |fact: &Fact| {
        let count = describe::counted(fact.count, "hook");
        (
            format!("{count} captured again on the way to the backend"),
            format!(
                "{count} captured again, with other addresses, while the first of them waited for its answer: behind address \
                    translation or a proxy. These copies are set aside."
            ),
        )
    };
    let remedy = "Nothing needs to be done; hookscope exchanges lists the copies as well.";
    capture_facts::report(case, findings, &RULE, FactKind::HookCopy, words, remedy);
}
