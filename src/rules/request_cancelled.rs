use super::describe::{self, Group};
use super::effect::effects;
use super::{Confidence, Evidence, Finding, Findings, response_timeout, rule};
use crate::endpoint::Moment;
use crate::session::{Case, HookRecord};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// WCS ended the connection within a second of its request, without having the response: too early for
    /// `rest_request_timeout`, which is a second at least by the documents' advice.
    ///
    /// ## Why it matters
    /// The hook came to nothing, and the backend had no time to answer: whoever looks for the mistake there looks in vain.
    ///
    /// ## What to do
    /// Look into flashphoner.log and the system's log for a restart of WCS at that time, or for an error about the hook.
    ///
    /// ## When it is wrong
    /// A device between WCS and the backend may have ended the connection in WCS's name; `rest_request_timeout` may be set
    /// below a second (`--rest-timeout` tells hookscope so).
    "request-cancelled", Error, MediaServer, "WCS ended the connection at once, without having the response", check
}

/// What is waited for less than this is no timeout: 1 to 10 s are recommended (S0).
const AT_ONCE: Span = Span::from_seconds(1);

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| is_case(case, record).then_some(())) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let title = format!(
            "WCS ends connections to {} without waiting for the answer to {}",
            group.backend(case),
            group.hooks(case)
        );
        let remedy = "Look into flashphoner.log and the system's log of the WCS server at that time: was WCS stopped or \
            restarted, or is there an error about these hooks? The backend had no time to answer."
            .to_owned();
        let finding = Finding::new(&RULE, title, message(case, &group), remedy, evidence);
        let effect = effects(case, &group.hooks);
        findings.add(Finding { effect, ..finding.sure(Confidence::Likely) });
    }
}

/// Whether WCS left too early for a timeout.
pub(super) fn is_case(case: &Case, record: &HookRecord) -> bool {
    let timeout = case.options.rest_timeout.nanoseconds() / 2;
    let early = AT_ONCE.nanoseconds().min(timeout);
    left(record).is_some_and(|at| at.time.since(record.last.time).nanoseconds() < early)
}

/// When WCS left before it had the response.
fn left(record: &HookRecord) -> Option<Moment> {
    response_timeout::left(record).or(record.abandoned)
}

fn message(case: &Case, group: &Group<()>) -> String {
    let first = case.records(&group.hooks).find_map(|(_, record)| Some((record, left(record)?)));
    let Some((first, at)) = first else { return String::new() };
    let mut text = format!(
        "WCS sent POST {} ({}), and ended the connection in frame {}, {} later: too early for rest_request_timeout.",
        first.target,
        describe::frame(case, first.last),
        describe::frame_name(case, at.frame),
        at.time.since(first.last.time),
    );
    if let Some(answer) = &first.answer {
        text.push_str(&format!(
            " The answer {} came in frame {}.",
            answer.status,
            describe::frame_name(case, answer.last.frame)
        ));
    }
    if group.hooks.len() > 1 {
        text.push_str(&format!(" {} in all.", group.hooks.len()));
    }
    text
}
