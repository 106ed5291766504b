use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// Answers that are JSON, sent under another `Content-Type` than `application/json`, or under none. Told once for each
    /// backend and type.
    ///
    /// ## Why it matters
    /// WCS asks for `application/json` (its field Accept says so). The documents of WCS 4 say that it cannot read an
    /// answer of another type; whether a version minds, its documents do not say.
    ///
    /// ## What to do
    /// Let the backend send `Content-Type: application/json`, in PHP `header("Content-Type: application/json")`.
    ///
    /// ## When it is wrong
    /// Many versions of WCS seem to read the JSON whatever its type is. Where sessions went on after such an answer to
    /// connect, the message says so.
    "response-type", Note, Backend, "JSON is sent under another Content-Type than application/json", check
}

/// Sessions that are looked at for what they show.
const MOST: usize = 64;

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, other_type) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let Some((_, first)) = case.records(&group.hooks).next() else { continue };
        let named = match group.key.as_str() {
            "" => "without a Content-Type".to_owned(),
            other => format!("as {other}"),
        };
        let (backend, hooks) = (group.backend(case), group.hooks(case));
        let title = format!("backend {backend} sends its JSON {named}: {hooks}");
        let answered = first.last_seen();
        let mut message = format!(
            "The response to POST {} ({}) is JSON, sent {named}.",
            first.target,
            describe::frame(case, answered)
        );
        if let Some(went_on) = accepted(case, &group.hooks) {
            message.push_str(&format!(
                " WCS took such a response to connect: the session went on with ConnectionStatusEvent ESTABLISHED ({}).",
                describe::frame(case, went_on.last)
            ));
        }
        let remedy = "Let the backend send Content-Type: application/json.".to_owned();
        findings.add(Finding::new(&RULE, title, message, remedy, evidence));
    }
}

/// The media type of a usable answer, without parameters, if it is not JSON's.
fn other_type(record: &HookRecord) -> Option<String> {
    let answer = record.answer.as_ref().filter(|_| record.outcome == Outcome::Ok)?;
    let whole = answer.content_type.as_deref().unwrap_or_default();
    let named = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // What WCS asks for: application/json, application/*+json.
    let json = named == "application/json" || named.starts_with("application/") && named.ends_with("+json");
    (!json).then_some(named)
}

/// The hook that shows that WCS took such an answer to a connect.
fn accepted<'c>(case: &'c Case, hooks: &'c [usize]) -> Option<&'c HookRecord> {
    let connects = case.records(hooks).filter(|(_, record)| record.is(HookMethod::Connect));
    connects.take(MOST).find_map(|(_, connect)| {
        case.behind(&case.session_of(connect)?.hooks, connect).find(|event| {
            event.is(HookMethod::ConnectionStatusEvent)
                && event.status().is_some_and(|status| status.eq_ignore_ascii_case("ESTABLISHED"))
        })
    })
}
