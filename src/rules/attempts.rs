//! Failed attempts to open connections to backends: what the rules about them share.

use super::confidence;
use super::describe;
use super::{Actor, Confidence, Evidence, Finding, Findings, Rule};
use crate::endpoint::{ConnectionId, Endpoint, Moment};
use crate::hook::Outcome;
use crate::session::{Attempt, AttemptOutcome, Case, Target};
use crate::time::Timestamp;
use foldhash::HashMap;
use std::net::IpAddr;

/// Ports that hooks go to by default (D7, D16): a failed attempt there concerns hooks, even where none is seen.
const DEFAULT_PORTS: [u16; 2] = [9091, 8081];

/// What a rule says of a target's failed attempts: title and remedy.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) remedy: String,
    pub(super) actor: Actor,
}

/// Whether connections to a target came about as well, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// None did.
    Never,
    /// Some did before, and none after the last failure.
    Ended,
    /// Some did after the last failure, from this moment on.
    Mended(Moment),
    /// Failures and others are mixed.
    Mixed,
}

/// The first and the last moment of failed attempts.
fn span(target: &Target, attempts: &[&Attempt]) -> Option<(Timestamp, Timestamp)> {
    let times = || attempts.iter().flat_map(|attempt| attempt.proof()).map(|at| at.time);
    // Of very many attempts only the first ones are known one by one.
    let unlisted = target.last_failure.filter(|_| target.failed > target.failures.len() as u64);
    Some((times().min()?, times().max().max(unlisted.map(|at| at.time))?))
}

/// How failed attempts to a target lie among what shows that it could be reached: connections, and answers to hooks.
pub(super) fn course(case: &Case, target: &Target, attempts: &[&Attempt]) -> Course {
    let Some((first, last)) = span(target, attempts) else { return Course::Never };
    let answered = case.hooks_to(target.server).filter_map(|record| Some(record.answer.as_ref()?.last));
    let connected = target.connected_between.into_iter().flat_map(|(first, last)| [first, last]);
    let reached: Vec<Moment> = answered.chain(connected).collect();
    let between = reached.iter().any(|at| at.time > first && at.time < last);
    let after = reached.iter().filter(|at| at.time > last).min_by_key(|at| at.time);
    match after {
        _ if reached.is_empty() => Course::Never,
        _ if between => Course::Mixed,
        Some(at) => Course::Mended(*at),
        None => Course::Ended,
    }
}

/// When attempts failed, for a title, if that is over: ` from 20.000 s to 21.000 s; it answers again from 60.000 s`.
pub(super) fn period(case: &Case, target: &Target, attempts: &[&Attempt], course: Course) -> String {
    let (Course::Mended(again), Some((first, last))) = (course, span(target, attempts)) else {
        return String::new();
    };
    let [first, last, again] = [first, last, again.time].map(|time| describe::relative(case, time));
    let when = if first == last { format!(" at {first}") } else { format!(" from {first} to {last}") };
    format!("{when}; it answers again from {again}")
}

/// Reports, for each target that matters, the failed attempts that `is_case` picks.
pub(super) fn report(
    case: &Case,
    findings: &mut Findings,
    rule: &'static Rule,
    is_case: impl Fn(&Attempt) -> bool,
    words: impl Fn(&Target, &[&Attempt]) -> Words,
) {
    for (confidence, target) in relevant(case) {
        let attempts: Vec<&Attempt> = target.failures.iter().filter(|attempt| is_case(attempt)).collect();
        let moments: Vec<(ConnectionId, Moment)> =
            attempts.iter().flat_map(|attempt| attempt.proof().map(|at| (attempt.connection, at))).collect();
        let Some(evidence) = Evidence::of_frames(&moments, attempts.len() as u64) else { continue };
        let message = message(case, &target, &attempts, confidence);
        let words = in_context(case, &target, &attempts, words(&target, &attempts));
        let Words { title, remedy, actor } = words;
        let effect = case.alternative_of(target.server).map_or_else(
            || effect(confidence),
            |name| {
                format!(
                    "WCS has hooks answered at another address of {name}; those for which it tries this one first are late by \
                        that, or lost"
                )
            },
        );
        let finding = Finding::new(rule, title, message, remedy, evidence);
        findings.add(Finding { actor, ..finding.sure(confidence).with_effect(effect) });
    }
}

/// What a rule says, with what the hooks to other addresses and of other clients tell.
fn in_context(case: &Case, target: &Target, attempts: &[&Attempt], words: Words) -> Words {
    let server = target.server;
    let Words { title, remedy, actor } = words;
    if let Some(name) = case.alternative_of(server) {
        let title = format!("{title}; hooks go to another address of {name}");
        let remedy = format!(
            "Let {server} answer as the other addresses of {name} do, or take {} out of what DNS says of {name}.",
            server.ip()
        );
        return Words { title, remedy, actor };
    }
    if let Some(client) = alone(case, target, attempts) {
        let remedy = format!(
            "Hooks of other WCS servers are answered at that time: look at the firewall and access lists for {client} first. \
                If nothing is there: {remedy}"
        );
        return Words { title: format!("{title}, of {client} alone"), remedy, actor: Actor::Network };
    }
    if let Some((host, other)) = moved(case, target) {
        let remedy = format!("Nothing, if the backend was moved to {other}; otherwise: {remedy}");
        return Words { title: format!("{title}; hooks for {host} go to {other} now"), remedy, actor };
    }
    Words { title, remedy, actor }
}

/// The targets that concern hooks, and how surely: all that WCS, or whoever may be WCS, had at an address.
pub(super) fn relevant(case: &Case) -> Vec<(Confidence, Target)> {
    let mut relevant: Vec<(Confidence, Target)> = Vec::new();
    let mut places: HashMap<Endpoint, usize> = HashMap::default();
    for target in &case.targets {
        let Some(confidence) = relevance(case, target) else { continue };
        let place = *places.entry(target.server).or_insert(relevant.len());
        match relevant.get_mut(place) {
            Some((_, known)) => known.add(target),
            None => relevant.push((confidence, target.clone())),
        }
    }
    relevant
}

/// Whether attempts to a target concern hooks, and how surely: hooks go there, or, where none is seen at all, any
/// failed attempt may be why.
pub(super) fn relevance(case: &Case, target: &Target) -> Option<Confidence> {
    relevance_of(case, target.client, target.server).filter(|confidence| match confidence {
        // Without hooks, an address that could be reached at other times, or by others, is no reason for their absence.
        Confidence::Likely => target.connected > 0 || !case.is_reached(target.server),
        Confidence::Possible => !case.is_reached(target.server),
        _ => true,
    })
}

/// Whether attempts to a target concern hooks, however surely.
pub(crate) fn concerns_hooks(case: &Case, target: &Target) -> bool {
    relevance(case, target).is_some()
}

/// The same for what a client has to do with an address.
pub(super) fn relevance_of(case: &Case, client: Option<IpAddr>, server: Endpoint) -> Option<Confidence> {
    if !case.may_be_wcs(client, server) {
        None
    } else if case.is_backend(server) {
        Some(Confidence::Confirmed)
    } else if !confidence::shows_no_hook(case) {
        None
    } else if DEFAULT_PORTS.contains(&server.port()) || case.options.ports.contains(&server.port()) {
        Some(Confidence::Likely)
    } else {
        Some(Confidence::Possible)
    }
}

/// The only client whose attempts failed, where hooks of another one were answered meanwhile.
fn alone(case: &Case, target: &Target, attempts: &[&Attempt]) -> Option<IpAddr> {
    let client = attempts.first()?.client.ip();
    let (first, last) = span(target, attempts)?;
    let is_met_by_others = attempts.iter().any(|attempt| attempt.client.ip() != client);
    let mut others = case.hooks_to(target.server).filter(|record| record.client.ip() != client);
    let answered = others.any(|record| {
        record.answer.as_ref().is_some_and(|answer| record.first.time > first && answer.last.time < last)
    });
    (answered && !is_met_by_others).then_some(client)
}

/// Hooks among which one of a backend that was moved is looked for, the last ones.
const LATEST: usize = 1_024;

/// Where hooks are answered that name the same host as those that went to a target, once it could not be reached any more.
fn moved<'c>(case: &'c Case, target: &Target) -> Option<(&'c str, Endpoint)> {
    let last = target.last_failure?.time;
    let host = case.hooks_to(target.server).next()?.host.as_deref()?;
    let is_answered_here =
        case.hooks_to(target.server).any(|record| record.first.time > last && record.answer.is_some());
    let mut later = case.hooks.iter().rev().take(LATEST).take_while(|record| record.first.time > last);
    let elsewhere = later.find(|record| {
        record.server != target.server
            && record.outcome == Outcome::Ok
            && record.host.as_deref() == Some(host)
    });
    elsewhere.filter(|_| !is_answered_here).map(|record| (host, record.server))
}

/// What WCS does about a backend that cannot be reached.
pub(super) fn effect(confidence: Confidence) -> String {
    let effect = "WCS could not send hooks there: it declines connect, breaks off operations with restOnError FAIL, and goes \
        on with the others";
    if confidence >= Confidence::Likely {
        effect.to_owned()
    } else {
        format!("if this is the backend, {effect}")
    }
}

fn message(case: &Case, target: &Target, attempts: &[&Attempt], confidence: Confidence) -> String {
    let Some(first) = attempts.first().and_then(|attempt| attempt.first()) else { return String::new() };
    let count = attempts.len() as u64;
    let is_dropped = |attempt: &&Attempt| matches!(attempt.outcome, AttemptOutcome::Dropped(_));
    let what = if attempts.iter().all(is_dropped) {
        let connections = describe::counted(count, "connection");
        format!("{connections} to {} came about and ended before either end sent an octet", target.server)
    } else {
        format!("{} failed to connect to {}", describe::counted(count, "attempt"), target.server)
    };
    let mut text = format!(
        "{what}{}{}",
        if attempts.len() > 1 { ", the first in " } else { " in " },
        describe::frame(case, first)
    );
    if let Some(last) =
        attempts.last().and_then(|attempt| attempt.proof().last()).filter(|_| attempts.len() > 1)
    {
        text.push_str(&format!(", the last in {}", describe::frame(case, last)));
    }
    text.push_str(&match course(case, target, attempts) {
        Course::Never => "; none succeeded.".to_owned(),
        Course::Ended => "; those before succeeded.".to_owned(),
        Course::Mixed => "; others between them succeeded.".to_owned(),
        Course::Mended(again) => {
            format!("; it could be reached again in {}.", describe::frame(case, again))
        }
    });
    if let Some(name) = case.alternative_of(target.server) {
        text.push_str(&format!(" DNS gives this address for {name}, as well as that of the backend."));
    }
    if confidence == Confidence::Possible {
        text.push_str(
            " No hook was captured: whether this is the backend, only the application's URL can tell.",
        );
    }
    text
}
