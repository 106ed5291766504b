use super::answered::{self, Words};
use super::describe::{self, CONSOLE, Group};
use super::{Actor, Findings, rule};
use crate::hook::Outcome;
use crate::session::{Case, HookRecord};
use std::collections::BTreeSet;

rule! {
    /// ## What it detects
    /// Hooks that the backend answers 404, 405 or 410: it has no such path, or not for POST.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. A new application with all methods enabled (`add app-rest-method -a`) needs an
    /// answer 200 for every one of them.
    ///
    /// ## What to do
    /// All methods: the base path of the application's URL is wrong; correct it with `update app -l <url> <name>`. Some
    /// methods: implement them in the backend, or disable them with `remove app-rest-method <appKey> <method>`. Only
    /// one spelling: make the backend's routes ignore case; WCS versions differ in the first letter. `show apps -d`
    /// lists the URLs, `show app-rest-methods <appKey>` the methods.
    ///
    /// ## When it is wrong
    /// Never about the status.
    "hook-not-found", Error, Backend, "the backend has no such path: 404, 405 or 410", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| matches!(status, 404 | 405 | 410));
    answered::report(case, findings, &RULE, is_case, |group| {
        let spelling = spelling(case, group);
        let hooks = spelling.clone().map_or_else(|| group.hooks(case), |(failing, _)| failing);
        let but = spelling.as_ref().map(|(_, other)| format!(" (but one for {other})")).unwrap_or_default();
        let statuses = answered::statuses(case, &group.hooks);
        let title = if group.hooks.iter().all(|hook| has_status(case, *hook, 405)) {
            format!("backend {} takes no POST for {hooks}{but}: it answers {statuses}", group.backend(case))
        } else {
            format!("backend {} has no path for {hooks}{but}: it answers {statuses}", group.backend(case))
        };
        let (actor, remedy) = remedy(case, group, spelling.is_some());
        Words { actor: Some(actor), title, remedy }
    });
}

fn has_status(case: &Case, hook: usize, status: u16) -> bool {
    case.hooks.get(hook).is_some_and(|record| record.status_code() == Some(status))
}

/// A method's name as it was sent.
fn sent(record: &HookRecord) -> &str {
    let path = record.target.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The spelling that fails and the one that succeeds, where that is the difference.
fn spelling(case: &Case, group: &Group<()>) -> Option<(String, String)> {
    let failing: BTreeSet<&str> = case.records(&group.hooks).map(|(_, record)| sent(record)).collect();
    let mut succeeding = case.hooks_of(group.backend).filter(|record| record.outcome == Outcome::Ok);
    let other =
        succeeding.find(|record| failing.iter().any(|failing| failing.eq_ignore_ascii_case(sent(record))))?;
    let differs = !failing.contains(sent(other));
    let failing = failing.into_iter().collect::<Vec<_>>().join(", ");
    differs.then(|| (failing, sent(other).to_owned()))
}

/// Whether a name from a capture may stand in a command.
fn is_word(name: &str) -> bool {
    name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_-.".contains(&octet))
}

fn remedy(case: &Case, group: &Group<()>, by_spelling: bool) -> (Actor, String) {
    if by_spelling {
        let remedy = "The same methods succeed there in another spelling: make the backend's routes accept every spelling, \
            without regard to case.";
        return (Actor::Backend, remedy.to_owned());
    }
    if group.same_methods_succeed(case) {
        let remedy = "The same methods succeed there at other times: look for a deployment in between, or for one of several \
            instances behind the address that lacks them.";
        return (Actor::Backend, remedy.to_owned());
    }
    if group.others_succeed(case) {
        let key = case.records(&group.hooks).find_map(|(_, record)| record.context.app_key.as_deref());
        let key = key.filter(|key| is_word(key)).unwrap_or("<appKey>");
        let commands: Vec<String> = describe::methods(case, &group.hooks)
            .iter()
            .filter(|(name, _)| is_word(name))
            .take(describe::LISTED)
            .map(|(name, _)| format!("remove app-rest-method {key} {name}"))
            .collect();
        let remedy = format!(
            "Other methods succeed there: implement these in the backend, or disable them {CONSOLE}: {}",
            commands.join("; ")
        );
        return (Actor::Backend, remedy);
    }
    let remedy = format!(
        "Nothing succeeds there: the base path in the application's URL is wrong. Correct it {CONSOLE}: update app -l <url> \
            <name>; show apps -d lists the present one."
    );
    (Actor::MediaServer, remedy)
}
