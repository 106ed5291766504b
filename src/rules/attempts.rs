//! Failed attempts to open connections to backends: what the three rules about them share.

use super::describe;
use super::{Confidence, Evidence, Finding, Findings, Rule};
use crate::endpoint::{ConnectionId, Endpoint, Moment};
use crate::session::{Attempt, Case, Target};

/// Ports that hooks go to by default (D7, D16): a failed attempt there concerns hooks, even where none is seen.
const DEFAULT_PORTS: [u16; 2] = [9091, 8081];

/// What a rule says of a target's failed attempts: title and remedy.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) remedy: String,
    pub(super) actor: super::Actor,
}

/// Reports, for each target that matters, the failed attempts that `is_case` picks.
pub(super) fn report(
    case: &Case,
    findings: &mut Findings,
    rule: &'static Rule,
    is_case: impl Fn(&Attempt) -> bool,
    words: impl Fn(&Target, &[&Attempt]) -> Words,
) {
    for target in &case.targets {
        let Some(confidence) = relevance(case, target) else { continue };
        let attempts: Vec<&Attempt> = target.failures.iter().filter(|attempt| is_case(attempt)).collect();
        let moments: Vec<(ConnectionId, Moment)> =
            attempts.iter().flat_map(|attempt| attempt.proof().map(|at| (attempt.connection, at))).collect();
        let Some(evidence) = Evidence::of_frames(&moments, attempts.len() as u64) else { continue };
        let Words { title, remedy, actor } = words(target, &attempts);
        let finding = Finding::new(rule, title, message(case, target, &attempts), remedy, evidence);
        findings.add(Finding { actor, ..finding.sure(confidence).with_effect(effect(confidence)) });
    }
}

/// Whether attempts to a target concern hooks, and how surely: hooks go there, or, where none is seen at all, any
/// failed attempt may be why.
pub(super) fn relevance(case: &Case, target: &Target) -> Option<Confidence> {
    relevance_of(case, target.server)
}

/// The same for an address.
pub(super) fn relevance_of(case: &Case, server: Endpoint) -> Option<Confidence> {
    if case.is_backend(server) {
        Some(Confidence::Confirmed)
    } else if !case.hooks.is_empty() {
        None
    } else if DEFAULT_PORTS.contains(&server.port()) {
        Some(Confidence::Likely)
    } else {
        Some(Confidence::Possible)
    }
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

fn message(case: &Case, target: &Target, attempts: &[&Attempt]) -> String {
    let Some(first) = attempts.first().and_then(|attempt| attempt.first()) else { return String::new() };
    let mut text = format!(
        "{} failed to connect to {}, the first in {}",
        describe::counted(attempts.len() as u64, "attempt"),
        target.server,
        describe::frame(case, first)
    );
    if let Some(last) =
        attempts.last().and_then(|attempt| attempt.proof().last()).filter(|_| attempts.len() > 1)
    {
        text.push_str(&format!(", the last in {}", describe::frame(case, last)));
    }
    text.push_str(match target.connected {
        0 => "; none succeeded.",
        _ => "; others succeeded.",
    });
    if relevance(case, target) == Some(Confidence::Possible) {
        text.push_str(
            " No hook was captured: whether this is the backend, only the application's URL can tell.",
        );
    }
    text
}
