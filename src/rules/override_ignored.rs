use super::describe::{self, Group};
use super::effect::{Source, source};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::hook::{Json, Outcome, RestPolicy};
use crate::session::{Case, HookRecord};
use std::borrow::Cow;

rule! {
    /// ## What it detects
    /// A 200 whose body changes a member of the hook, or adds one that the method has, although the session's
    /// `restClientConfig` does not let it: `restPolicy` is not OVERWRITE, or `restOverwrite` does not list the member.
    /// connect is not concerned: its response counts without any setting.
    ///
    /// ## Why it matters
    /// WCS goes on with its own value: the backend redirects a call, renames a stream, or refuses by a status in the body,
    /// and nothing of it happens.
    ///
    /// ## What to do
    /// If the change is meant, let the backend return `restPolicy` OVERWRITE and the member in `restOverwrite` for the
    /// method, in the `restClientConfig` of its response to connect. Otherwise let it return what it received, or `{}`.
    /// For example: `{"restClientConfig": {"call": {"restPolicy": "OVERWRITE", "restOverwrite": "callee"}}}`.
    ///
    /// ## When it is wrong
    /// It is not said where the session's connect was not captured, nor where a later hook shows the new value. Emptied
    /// members, numbers as strings and statuses that the method does not have (`"status":"OK"`) are taken for a
    /// backend's way to write, not for changes. Texts that are not in UTF-8 are not compared.
    "override-ignored", Note, Backend, "the response changes what restClientConfig does not let it change", check
}

/// Why a change does not count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// `restPolicy` is NOTIFY.
    Notify,
    /// The same, since nothing else was said.
    Default,
    /// `restOverwrite` does not list it.
    NotListed,
}

/// Members that a message names.
const LISTED: usize = 5;

fn check(case: &Case, findings: &mut Findings) {
    for group in describe::group(case, |record| ignored(case, record)) {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let (method, why) = group.key;
        let members = members(case, &group.hooks);
        let listed = members.join(", ");
        let because = match why {
            Why::Notify => "restPolicy is NOTIFY",
            Why::Default => "restPolicy is NOTIFY, the default",
            Why::NotListed => "restOverwrite does not list it",
        };
        let backend = group.backend(case);
        let name = method.name();
        let title = format!(
            "backend {backend} changes {listed} in its answer to {name}, and WCS ignores it: {because}"
        );
        let setting = match why {
            Why::Notify | Why::Default => "restPolicy OVERWRITE and restOverwrite",
            Why::NotListed => "in restOverwrite also",
        };
        let remedy = format!(
            "If the change is meant, let the backend return {setting} {} for {name} in the restClientConfig of its \
            response to connect; otherwise let it return what it received, or {{}}.",
            members.join(",")
        );
        let proof =
            case.records(&group.hooks).find_map(|(_, record)| Some((record, unchanged(case, record)?)));
        let message = message(case, &group, &listed, because, proof.map(|(_, later)| later));
        let evidence = evidence.with(proof.map(|(_, later)| (later.connection, later.last)));
        let confidence = if proof.is_some() { Confidence::Confirmed } else { Confidence::Likely };
        findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
    }
}

/// Whether a response changes what it may not change, and why it may not.
fn ignored(case: &Case, record: &HookRecord) -> Option<(HookMethod, Why)> {
    let method = record.method.filter(|method| *method != HookMethod::Connect)?;
    let source = source(case, record);
    if !matches!(source, Source::Said | Source::Default) || changes(case, record).next().is_none() {
        return None;
    }
    let config = case.config(case.session_of(record), method);
    match (config.rest_policy, source) {
        // Where a hook comes that was switched off, nobody knows what holds.
        (RestPolicy::Disable, _) => None,
        (RestPolicy::Overwrite, _) => Some((method, Why::NotListed)),
        (RestPolicy::Notify, Source::Default) => Some((method, Why::Default)),
        (RestPolicy::Notify, _) => Some((method, Why::Notify)),
    }
}

/// The members that a response changes, but for those that it may.
fn changes<'c>(case: &'c Case, record: &'c HookRecord) -> impl Iterator<Item = (Cow<'c, str>, Json<'c>)> {
    let answer = record.answer.as_ref().filter(|answer| {
        record.outcome == Outcome::Ok && record.request.is_whole() && answer.members.is_whole()
    });
    let config = record.method.map(|method| case.config(case.session_of(record), method));
    let may_change = move |name: &str| {
        config.as_ref().is_some_and(|config| {
            config.rest_policy == RestPolicy::Overwrite
                && config.rest_overwrite.iter().any(|known| known == name)
        })
    };
    answer
        .into_iter()
        .flat_map(|answer| answer.members.iter())
        .filter(move |(name, value)| is_change(record, name, *value) && !may_change(name))
        .filter(|(name, value)| !holds_later(case, record, name, *value))
}

/// Whether a response's member says something else than the request's.
fn is_change(record: &HookRecord, name: &str, value: Json<'_>) -> bool {
    let Some(spec) = record.method.map(HookMethod::spec) else { return false };
    let before = record.request.get(name);
    let known = before.is_some() || spec.parameters.iter().any(|known| known.name == name);
    let status = |value: Json<'_>| value.string().is_some_and(|status| spec.status(&status).is_some());
    known
        && !value.says_nothing()
        && before.is_none_or(|before| !before.is_alike(value))
        // {"status":"OK"} is a backend's way to say yes.
        && (name != "status" || status(value))
}

/// The later hooks of the same flow that have a member.
fn later<'c>(
    case: &'c Case,
    record: &'c HookRecord,
    name: &str,
) -> impl Iterator<Item = (&'c HookRecord, Json<'c>)> {
    let flow = record.flow.and_then(|flow| case.flows.get(flow));
    let hooks = flow.map(|flow| flow.hooks.as_slice()).unwrap_or_default();
    case.behind(hooks, record)
        .filter(|other| other.first.time > record.last.time)
        .filter_map(move |other| Some((other, other.request.get(name)?)))
}

/// Whether a later hook has the new value: then something made it hold.
fn holds_later(case: &Case, record: &HookRecord, name: &str, value: Json<'_>) -> bool {
    later(case, record, name).any(|(_, later)| later.is_alike(value))
}

/// A later hook that still has the old value of what the response changed.
fn unchanged<'c>(case: &'c Case, record: &'c HookRecord) -> Option<&'c HookRecord> {
    changes(case, record).filter(|(name, _)| name != "status").find_map(|(name, _)| {
        let before = record.request.get(&name)?;
        later(case, record, &name).find(|(_, later)| later.is_alike(before)).map(|(other, _)| other)
    })
}

/// The names of the members that are changed.
fn members<'c>(case: &'c Case, hooks: &'c [usize]) -> Vec<Cow<'c, str>> {
    let mut members: Vec<Cow<'_, str>> = Vec::new();
    for (name, _) in case.records(hooks).flat_map(|(_, record)| changes(case, record)) {
        if members.len() < LISTED && !members.contains(&name) {
            members.push(name);
        }
    }
    members
}

fn message(
    case: &Case,
    group: &Group<(HookMethod, Why)>,
    listed: &str,
    because: &str,
    later: Option<&HookRecord>,
) -> String {
    let Some((_, first)) = case.records(&group.hooks).next() else { return String::new() };
    let answered = first.last_seen();
    let mut text = format!(
        "The response to POST {} ({}) changes {listed}, but {because}.",
        first.target,
        describe::frame(case, answered),
    );
    if let Some(later) = later {
        text.push_str(&format!(
            " {} ({}) still has what WCS had sent.",
            later.name,
            describe::frame(case, later.last)
        ));
    }
    if group.hooks.len() > 1 {
        text.push_str(&format!(" {} hooks in all.", group.hooks.len()));
    }
    text
}
