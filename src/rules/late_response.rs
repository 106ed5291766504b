use super::answered::{self, Words};
use super::describe::{self, Group};
use super::{Findings, request_cancelled, rule};
use crate::http::Completeness;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A response that came after WCS had given up and left.
    ///
    /// ## Why it matters
    /// The backend believes that it answered; to WCS the hook failed. The answer's status had no effect.
    ///
    /// ## What to do
    /// Make the backend faster than `rest_request_timeout` (15 s by default), or raise that in flashphoner.properties.
    ///
    /// ## When it is wrong
    /// When WCS only closed its own direction and read on; its acknowledgments would show that.
    "late-response", Error, Backend, "the response came after WCS had given up", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_late = |record: &HookRecord| is_case(record) && !request_cancelled::is_case(case, record);
    answered::report(case, findings, &RULE, is_late, |group| {
        Words {
        actor: None,
        title: format!("backend {} answers {} after WCS had given up{}", group.backend(case), group.hooks(case), when(case, group)),
        remedy: "Make the backend answer faster than rest_request_timeout (flashphoner.properties, 15 s by default), or \
            raise that."
            .to_owned(),
    }
    });
}

fn is_case(record: &HookRecord) -> bool {
    record.abandoned.is_some()
        && record.answer.as_ref().is_some_and(|answer| answer.completeness != Completeness::Broken)
}

/// How long WCS had waited, and when, for the first of the hooks.
fn when(case: &Case, group: &Group<()>) -> String {
    let left = case.records(&group.hooks).find_map(|(_, record)| Some((record, record.abandoned?)));
    left.map_or_else(String::new, |(record, at)| {
        format!(
            ", {} after the request (frame {})",
            at.time.since(record.last.time),
            describe::frame_name(case, at.frame)
        )
    })
}
