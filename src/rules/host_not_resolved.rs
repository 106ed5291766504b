use super::attempts;
use super::confidence;
use super::describe::{self, CONSOLE};
use super::{Actor, Confidence, Evidence, Finding, Findings, rule};
use crate::session::{Case, Lookup};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// DNS questions for the backend's name that are answered with an error, or that stay unanswered. Where hooks were
    /// captured, their field Host tells the name; where none were, any name that cannot be resolved may be it.
    ///
    /// ## Why it matters
    /// WCS does not even try to connect: no hook can be sent, and connect is declined.
    ///
    /// ## What to do
    /// Correct the host in the application's URL with `update app -l <url> <name>` (`show apps -d` lists it), or the name
    /// in DNS or /etc/hosts of the WCS server. Check there with `getent hosts <name>`.
    ///
    /// ## When it is wrong
    /// Names that only a search list makes up fail as a matter of course; they are left out where the plain name is
    /// resolved. Without hooks the name may have nothing to do with REST; the confidence says so.
    "host-not-resolved", Error, MediaServer, "a name that hooks may go to cannot be resolved by DNS", check
}

/// How long a resolver waits before it asks again (resolv.conf(5)).
const PATIENCE: Span = Span::from_seconds(5);
/// Names that one finding lists.
const LISTED: usize = 3;

fn check(case: &Case, findings: &mut Findings) {
    let failing = || case.lookups.iter().filter(|lookup| why(case, lookup).is_some());
    let of_hooks: Vec<&Lookup> = failing().filter(|lookup| is_backend(case, lookup)).collect();
    let lookups: Vec<&Lookup> = if confidence::shows_no_hook(case) {
        failing().filter(|lookup| may_matter(case, lookup)).collect()
    } else {
        of_hooks
    };
    let Some(first) = lookups.first() else { return };
    let frames: Vec<_> = lookups.iter().flat_map(|lookup| &lookup.frames).map(|at| at.frame).collect();
    let times = || lookups.iter().flat_map(|lookup| &lookup.frames).map(|at| at.time);
    let questions = lookups.iter().map(|lookup| lookup.questions).sum();
    let evidence = Evidence::of_capture(&frames, questions, times().min(), times().max());
    let names: Vec<&str> = lookups.iter().map(|lookup| lookup.name.as_str()).collect();
    let listed = names.get(..LISTED).unwrap_or(&names).join(", ");
    let title = match names.len().saturating_sub(LISTED) {
        0 => format!("{listed} cannot be resolved"),
        more => format!("{listed} and {more} more names cannot be resolved"),
    };
    let is_name = is_wrong_name(case, first);
    let remedy = remedy(first, is_name);
    let sure = if confidence::shows_no_hook(case) { Confidence::Possible } else { Confidence::Likely };
    let sure =
        if lookups.iter().all(|lookup| is_trusted(case, lookup)) { sure } else { Confidence::Possible };
    let actor = if is_name { RULE.actor } else { Actor::Network };
    let finding = Finding { actor, ..Finding::new(&RULE, title, message(case, &lookups), remedy, evidence) };
    findings.add(finding.sure(sure).with_effect(attempts::effect(sure)));
}

/// Whether it is the name that is at fault: it does not exist, and never did.
fn is_wrong_name(case: &Case, lookup: &Lookup) -> bool {
    let known = case.last_hook_for(&lookup.name).is_some();
    lookup.error().is_some_and(|(_, answer)| answer.is_no_such_name()) && !known
}

/// What to do about a name that does not exist, or a DNS server that fails or is silent.
fn remedy(lookup: &Lookup, is_wrong_name: bool) -> String {
    let name = &lookup.name;
    if is_wrong_name {
        return format!(
            "Correct the host in the application's URL {CONSOLE}: show apps -d; update app -l <url> <name>; or the name in \
                DNS. On the WCS server: getent hosts {name}"
        );
    }
    format!(
        "Check that the DNS server {} works for this name and that the firewall lets WCS's questions through, or put \
            another into /etc/resolv.conf on the WCS server. There: getent hosts {name}",
        lookup.server.ip()
    )
}

/// Why a name has no address at the end of the capture.
fn why(case: &Case, lookup: &Lookup) -> Option<String> {
    if let Some((at, answer)) = lookup.error() {
        return Some(format!(
            "{} answered {} in {}",
            lookup.server,
            answer.meaning(),
            describe::frame(case, at)
        ));
    }
    let last = lookup.last_question?;
    let asked_again = last.time.since(lookup.first.time) >= PATIENCE;
    let waited = case.end().since(last.time) >= PATIENCE;
    let silent = !lookup.answered && lookup.questions >= 2 && (asked_again || waited);
    silent.then(|| format!("{} did not answer {} questions", lookup.server, lookup.questions))
}

/// Whether WCS, or its own host's resolver, asked for a host that hooks name, and no hook went there after the failure.
fn is_backend(case: &Case, lookup: &Lookup) -> bool {
    if !lookup.client.is_loopback() && !case.is_wcs(lookup.client) {
        return false;
    }
    let since = lookup.frames.first().map(|at| at.time);
    case.last_hook_for(&lookup.name).is_some_and(|last| since.is_none_or(|since| last < since))
}

/// Whether a name may be a backend's, as far as names tell.
fn may_matter(case: &Case, lookup: &Lookup) -> bool {
    let name = lookup.name.as_str();
    let special = [".arpa", ".local", ".localdomain"].iter().any(|ending| name.ends_with(ending));
    // Names that systems ask for by themselves.
    let discovers = matches!(name.split('.').next(), Some("wpad" | "isatap"));
    // With or without what a search list adds.
    let is_kin = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'));
    let found_otherwise = case.lookups.iter().any(|other| {
        let resolved = other.client == lookup.client && other.resolved.is_some();
        resolved && (is_kin(&other.name, name) || is_kin(name, &other.name))
    });
    // What follows a failure has to be seen: another name may be tried at once. And hooks must not have been missed.
    let last = lookup.frames.last().map_or(lookup.first, |last| *last);
    let watched = case.end().since(last.time) >= PATIENCE || last.time.since(lookup.first.time) >= PATIENCE;
    !special
        && !discovers
        && !name.starts_with('_')
        && !found_otherwise
        && watched
        && case.traffic.http.orphans == 0
}

/// Whether silence is silence: an answer to anything was captured, or this one was answered.
fn is_trusted(case: &Case, lookup: &Lookup) -> bool {
    lookup.answered || case.lookups.iter().any(|other| other.client == lookup.client && other.answered)
}

fn message(case: &Case, lookups: &[&Lookup]) -> String {
    let told = lookups.iter().take(LISTED).filter_map(|lookup| {
        let reason = why(case, lookup)?;
        Some(format!(
            "{} asked for {} in {}; {reason}.",
            lookup.client,
            lookup.name,
            describe::frame(case, lookup.first)
        ))
    });
    let mut text = told.collect::<Vec<_>>().join(" ");
    if confidence::shows_no_hook(case) {
        text.push_str(
            " No hook was captured: whether this is the backend's name, only the application's URL can tell.",
        );
    }
    text
}
