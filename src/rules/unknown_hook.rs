use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// A POST with a WCS session's members, sent to where known hooks go, under a name that the catalogue does not know.
    ///
    /// ## Why it matters
    /// Newer versions of WCS may have hooks that this program does not know; the backend should answer them 200 as well.
    ///
    /// ## What to do
    /// Look it up in the documents of the WCS version in use. `show rest-methods` in the WCS console lists the methods
    /// of this WCS; `remove app-rest-method <appKey> <method>` stops one.
    ///
    /// ## When it is wrong
    /// When another program posts to the same backend.
    "unknown-hook", Note, Nobody, "a POST beside known hooks with an unknown name", check
}

fn check(case: &Case, findings: &mut Findings) {
    let unknown =
        |record: &crate::session::HookRecord| record.hook_type.is_none().then(|| record.name.clone());
    for group in describe::group(case, unknown) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let count = describe::counted(group.hooks.len() as u64, "time");
        let title = format!("unknown hook {} to {} ({count})", group.key, group.backend(case));
        let message = super::answered::message(case, &group.hooks);
        let remedy = "Look it up in the documents of the WCS version in use.".to_owned();
        findings.add(Finding::new(&RULE, title, message, remedy, evidence));
    }
}
