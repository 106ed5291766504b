use super::answered::{self, Words};
use super::describe::Group;
use super::{Findings, rule};
use crate::hook::Content;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that are answered 200 with a body that is no JSON object: an HTML page, a PHP notice or a byte order mark
    /// before the JSON, broken JSON, an array. Line and column say where reading failed.
    ///
    /// ## Why it matters
    /// WCS cannot parse the answer, and treats it as an error though the status says success.
    ///
    /// ## What to do
    /// Let the backend send a clean JSON object with `Content-Type: application/json`: switch off the output of notices
    /// (`display_errors` in PHP), save scripts without a byte order mark, check that the URL is not answered by a login or
    /// index page.
    ///
    /// ## When it is wrong
    /// When the body was changed on its way by what captured it; never by a cut, since a cut body is not judged.
    "response-not-json", Error, Backend, "200, but the body is no JSON object", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| {
        answered::is_bad_success(record)
            && record.answer.as_ref().is_some_and(|answer| answer.content() == Content::Unusable)
    };
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: None,
        title: format!(
            "backend {} answers {} 200, but {}",
            group.backend(case),
            group.hooks(case),
            what(case, group)
        ),
        remedy: "Let the backend send a clean JSON object, at least {}, and nothing before or behind it."
            .to_owned(),
    });
}

fn what(case: &Case, group: &Group<()>) -> String {
    let mut answers = case.records(&group.hooks).filter_map(|(_, record)| record.answer.as_ref());
    answers.find_map(|answer| answer.members.problem()).map_or_else(String::new, |problem| {
        format!("with {} (line {}, column {})", problem.what, problem.line, problem.column)
    })
}
