use super::answered::{self, Words};
use super::{Findings, rule};
use crate::hook::Content;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that are answered 200 without a body, or with white space only.
    ///
    /// ## Why it matters
    /// WCS wants a JSON object. An empty body is none; the documents leave open what WCS makes of it.
    ///
    /// ## What to do
    /// Answer `{}`.
    ///
    /// ## When it is wrong
    /// A version of WCS may accept it for hooks whose answer changes nothing.
    "response-empty", Warning, Backend, "200 without a body", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| {
        answered::is_bad_success(record)
            && record.answer.as_ref().is_some_and(|answer| answer.content() == Content::Empty)
    };
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: None,
        title: format!("backend {} answers {} 200 without a body", group.backend(case), group.hooks(case)),
        remedy: "Let the backend answer with a JSON object, at least {}.".to_owned(),
    });
}
