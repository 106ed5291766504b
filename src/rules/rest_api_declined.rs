use super::describe;
use super::effect::effects;
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::{HookMethod, REST_API, RestApiMethod};
use crate::hook::{Outcome, RestApiCall};
use crate::session::{Case, HookRecord};
use std::collections::BTreeMap;

rule! {
    /// ## What it detects
    /// A hook that the backend refused with 403, although a call of WCS's REST API had caused it: the call, earlier in the
    /// capture, names the same call, session, media session or operation.
    ///
    /// ## Why it matters
    /// The documents say that hooks which the REST API initiated should not be declined. Whoever made the call wanted it,
    /// and it is usually the same backend.
    ///
    /// ## What to do
    /// Let the backend answer 200 to hooks whose ids it has passed to the REST API itself: remember the `callId`, or tell
    /// such hooks by a custom member or an application (`appKey`) of their own.
    ///
    /// ## When it is wrong
    /// That a call causes a hook is concluded from the ids. Where the REST API takes up an id that a client had used
    /// before, the hook may be the client's.
    "rest-api-declined", Warning, Backend, "a hook that a REST API call had caused is refused", check
}

type Key = (HookMethod, String);
/// Calls about the same thing that are looked at.
const MOST: usize = 64;

fn check(case: &Case, findings: &mut Findings) {
    let origins = Origins::of_case(case);
    let origin = |record: &HookRecord| origins.of(record);
    for group in describe::group(case, |record| refused(record, origin(record)?)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let (method, path) = &group.key;
        let Some((first, call)) =
            case.records(&group.hooks).find_map(|(_, record)| Some((record, origin(record)?)))
        else {
            continue;
        };
        let (backend, name) = (group.backend(case), method.name());
        let title = format!("backend {backend} refuses {name}, which the REST API call {path} had caused");
        let status = call.status.map_or(String::new(), |status| format!(", answered {status}"));
        let mut message = format!(
            "POST {path} ({}{status}) called the REST API of WCS; POST {} ({}), which it caused, was refused with 403.",
            describe::frame(case, call.at),
            first.target,
            describe::frame(case, first.last)
        );
        if group.hooks.len() > 1 {
            message.push_str(&format!(" {} hooks in all.", group.hooks.len()));
        }
        let remedy = format!(
            "Let the backend answer 200 to {name} where the REST API had caused it: by the documents such hooks should not \
            be declined."
        );
        let calls = case.records(&group.hooks).filter_map(|(_, record)| origin(record));
        let evidence = evidence.with(calls.map(|call| (call.connection, call.at)));
        let finding = Finding::new(&RULE, title, message, remedy, evidence).sure(Confidence::Likely);
        findings.add(Finding { effect: effects(case, &group.hooks), ..finding });
    }
}

/// Which calls of the REST API caused which hooks, by the ids that both name.
pub(super) struct Origins<'c>(BTreeMap<(&'static str, &'c str), Vec<&'c RestApiCall>>);

impl<'c> Origins<'c> {
    /// Those of a case.
    pub(super) fn of_case(case: &'c Case) -> Self {
        let mut known: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for call in case.rest_api_calls.iter().filter(|call| !failed(call)) {
            for (key, id) in &call.ids {
                known.entry((*key, id.as_str())).or_default().push(call);
            }
        }
        Self(known)
    }

    /// The call that caused a hook: the last one before it that names the same thing.
    pub(super) fn of(&self, record: &HookRecord) -> Option<&'c RestApiCall> {
        // Most captures hold no such calls.
        if self.0.is_empty() {
            return None;
        }
        let method = record.method?;
        REST_API.iter().filter(|row| row.causes.contains(&method)).flat_map(|row| row.keys).find_map(|key| {
            let id = record.parameter(key)?;
            let calls = self.0.get(&(*key, &*id))?;
            let before = calls.partition_point(|call| call.at.time <= record.first.time);
            let fits = |call: &&&RestApiCall| {
                RestApiMethod::from_path(&call.path).is_some_and(|row| row.causes.contains(&method))
            };
            calls.get(..before)?.iter().rev().take(MOST).find(fits).copied()
        })
    }
}

fn refused(record: &HookRecord, cause: &RestApiCall) -> Option<Key> {
    let method = record.method.filter(|_| record.outcome == Outcome::Declined && !record.repeated)?;
    Some((method, cause.path.clone()))
}

/// Whether WCS rejected a call for itself, so that it caused nothing.
fn failed(call: &RestApiCall) -> bool {
    call.status.is_some_and(|status| (400..500).contains(&status) && status != 403)
}
