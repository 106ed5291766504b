use super::describe;
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::hook::ConfigProblem;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// A `restClientConfig` in the response to connect that names an unknown method, setting or value, or has a value of
    /// the wrong type: `cal` for `call`, `restOnError` STOP, an array where a string with commas is wanted, the whole
    /// object as a string.
    ///
    /// ## Why it matters
    /// What WCS does not understand does not hold: most likely the defaults do. These are `restOnError` LOG, so that
    /// refusals have no effect, and `restPolicy` NOTIFY, so that changes in responses have none.
    ///
    /// ## What to do
    /// Correct what the backend returns to connect: `restClientConfig` is an object from method names to `restOnError`
    /// (LOG, FAIL), `restPolicy` (OVERWRITE, NOTIFY, DISABLE), and `restOverwrite`, `restExclude` and `clientExclude`,
    /// strings of member names with commas between.
    ///
    /// ## When it is wrong
    /// A version of WCS may know more methods and settings than the documents. What resembles no known name is therefore
    /// called possible only.
    "config-invalid", Warning, Backend, "restClientConfig names an unknown method, setting, value or type", check
}

/// Problems that a message lists.
const LISTED: usize = 5;

fn check(case: &Case, findings: &mut Findings) {
    for sure in [true, false] {
        for group in describe::group(case, |record| problems(case, record, sure)) {
            let (Some(evidence), Some(first)) =
                (Evidence::of_hooks(case, &group.hooks), group.key.first().map(ToString::to_string))
            else {
                continue;
            };
            let more = match group.key.len() {
                1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            let backend = group.backend(case);
            let what = if sure { "a wrong restClientConfig" } else { "an unusual restClientConfig" };
            let title = format!("backend {backend} answers connect with {what}: {first}{more}");
            let remedy = "Correct the restClientConfig that the backend returns to connect: method names, with restOnError \
                LOG or FAIL, restPolicy OVERWRITE, NOTIFY or DISABLE, and lists of member names as strings with commas \
                between.";
            let finding = Finding::new(
                &RULE,
                title,
                message(case, &group.hooks, &group.key),
                remedy.to_owned(),
                evidence,
            );
            let effect = "what WCS does not understand most likely does not hold; the defaults do: restOnError LOG, \
                restPolicy NOTIFY";
            let confidence = if sure { Confidence::Likely } else { Confidence::Possible };
            findings.add(finding.sure(confidence).with_effect(effect));
        }
    }
}

/// The problems of the configuration that a connect brought, those of one kind.
fn problems(case: &Case, record: &HookRecord, sure: bool) -> Option<Vec<ConfigProblem>> {
    let session = case.session_of(record).filter(|_| record.is(HookMethod::Connect))?;
    let connect = session.connect.and_then(|index| case.hooks.get(index))?;
    let config = session.config.as_ref().filter(|_| std::ptr::eq(connect, record))?;
    let problems: Vec<_> = config.problems.iter().filter(|problem| problem.sure == sure).cloned().collect();
    (!problems.is_empty()).then_some(problems)
}

fn message(case: &Case, hooks: &[usize], problems: &[ConfigProblem]) -> String {
    let Some((_, first)) = case.records(hooks).next() else { return String::new() };
    let answered = first.last_seen();
    let listed: Vec<_> = problems.iter().take(LISTED).map(ToString::to_string).collect();
    let more = match problems.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!(
        "The response to connect ({}) holds a restClientConfig in which {}{more}. {} got it.",
        describe::frame(case, answered),
        listed.join("; "),
        describe::counted(hooks.len() as u64, "session")
    )
}
