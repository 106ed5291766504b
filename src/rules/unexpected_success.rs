use super::answered::{self, Words};
use super::{Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that are answered with a success other than 200: 201, 202, 204 and the like.
    ///
    /// ## Why it matters
    /// The documents name 200 alone as success; to WCS any other status is an error. The backend's developer believes
    /// that all is well.
    ///
    /// ## What to do
    /// Answer 200 with a JSON object, at least `{}`.
    ///
    /// ## When it is wrong
    /// A version of WCS may be more lenient than its documents.
    "unexpected-success", Warning, Backend, "the backend answers 2xx that is not 200: an error to WCS", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| (201..300).contains(&status));
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: None,
        title: format!(
            "backend {} answers {} with {}, which WCS takes for an error",
            group.backend(case),
            group.hooks(case),
            answered::statuses(case, &group.hooks)
        ),
        remedy: "Let the backend answer 200 with a JSON object, at least {}.".to_owned(),
    });
}
