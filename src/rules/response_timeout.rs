use super::describe::{self, Group};
use super::effect::effects;
use super::{Evidence, Finding, Findings, request_cancelled, request_unacknowledged, rule};
use crate::endpoint::Moment;
use crate::http::NoResponse;
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// WCS closed or reset the connection while the response was outstanding: it gave up.
    ///
    /// ## Why it matters
    /// The hook failed, after having held up the client for as long as WCS waits (`rest_request_timeout`, 15 s by default).
    ///
    /// ## What to do
    /// Find out why the backend does not answer: a deadlock, a slow database, too few workers. If it needs the time,
    /// raise `rest_request_timeout` in flashphoner.properties; 1 to 10 s are recommended. WCS logs these hooks in
    /// flashphoner.log with `java.net.SocketTimeoutException: Read timed out`.
    ///
    /// ## When it is wrong
    /// When WCS itself was stopped at that time, or another device closed the connection in its name.
    "response-timeout", Error, Backend, "WCS gave up waiting for the response", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| {
        left(record).is_some()
            && !request_unacknowledged::is_case(record)
            && !request_cancelled::is_case(case, record)
    };
    for group in describe::group(case, |record| is_case(record).then_some(())) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let waited = waited(case, &group);
        // An answer that began, and never ended.
        let begun = case.records(&group.hooks).all(|(_, record)| record.answer.is_some());
        let verb = if begun { "does not end its answer to" } else { "does not answer" };
        let title = format!(
            "backend {} {verb} {}: WCS gives up after {}",
            group.backend(case),
            group.hooks(case),
            describe::longest(waited.iter().copied())
        );
        let remedy = format!(
            "Find out why the backend does not {}. WCS waits for rest_request_timeout (flashphoner.properties), 15 s by \
                default.",
            if begun {
                "end its answer: a Content-Length that is too large, no last chunk, a connection that it keeps open behind an \
                    answer without either, or an application that stops in the middle"
            } else {
                "answer in time: a deadlock, a slow database, too few workers"
            }
        );
        let finding = Finding::new(&RULE, title, message(case, &group, &waited), remedy, evidence);
        findings.add(Finding { effect: effects(case, &group.hooks), ..finding });
    }
}

/// When WCS left without a complete response, unless one came later.
pub(super) fn left(record: &HookRecord) -> Option<Moment> {
    match (record.no_response, &record.answer) {
        (Some(NoResponse::GaveUp(at)), _) => Some(at),
        (None, Some(answer)) if answer.completeness == crate::http::Completeness::Broken => record.abandoned,
        _ => None,
    }
}

fn waited(case: &Case, group: &Group<()>) -> Vec<Span> {
    case.records(&group.hooks)
        .filter_map(|(_, record)| left(record).map(|at| at.time.since(record.last.time)))
        .collect()
}

fn message(case: &Case, group: &Group<()>, waited: &[Span]) -> String {
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let (Some(at), Some(span)) = (left(first), waited.first()) else { return String::new() };
    let mut text = format!(
        "POST {} ({}) {}; WCS ended the connection in frame {} after {span}",
        first.target,
        describe::frame(case, first.last),
        match &first.answer {
            None => "was not answered".to_owned(),
            Some(answer) => format!(
                "was answered {} in frame {}, but not to the end",
                answer.status,
                describe::frame_name(case, answer.last.frame)
            ),
        },
        describe::frame_name(case, at.frame),
    );
    let timeout = case.options.rest_timeout;
    let off = span.nanoseconds().abs_diff(timeout.nanoseconds());
    if off <= timeout.nanoseconds().unsigned_abs() / 20 {
        text.push_str(&format!(", which fits its rest_request_timeout of {timeout}"));
    }
    match first.acknowledged {
        Some(_) => text.push_str(". The backend's machine had acknowledged the request."),
        None => text.push_str(". No acknowledgment of the request was captured."),
    }
    if group.hooks.len() > 1 {
        text.push_str(&format!(" {} in all.", group.hooks.len()));
    }
    text
}
