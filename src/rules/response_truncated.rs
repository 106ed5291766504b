use super::answered::{self, Words};
use super::{Findings, rule};
use crate::hook::Content;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// Responses that end before the length that they announce, or before their last chunk, because the backend closed
    /// the connection.
    ///
    /// ## Why it matters
    /// WCS cannot use half an answer. The backend, or a proxy before it, broke off while it answered.
    ///
    /// ## What to do
    /// Look for a crash or a limit of size or time in the backend and in proxies before it.
    ///
    /// ## When it is wrong
    /// When the announced length is wrong and the body is whole; WCS waits for the rest all the same.
    "response-truncated", Error, Backend, "the backend closed the connection in the middle of its answer", check
}

fn check(case: &Case, findings: &mut Findings) {
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: None,
        title: format!("backend {} breaks off its answer to {}", group.backend(case), group.hooks(case)),
        remedy: "Look for a crash, or a limit of size or time, in the backend and in proxies before it."
            .to_owned(),
    });
}

/// A reset is told by another rule, and so is WCS's own leaving.
fn is_case(record: &HookRecord) -> bool {
    let truncated = record.answer.as_ref().is_some_and(|answer| answer.content() == Content::Truncated);
    truncated && record.reset.is_none() && record.abandoned.is_none() && record.status_code() == Some(200)
}
