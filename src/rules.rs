//! Rules: a [`Case`] in, [`Finding`]s and the [`Verdict`] out.
//!
//! Each rule is one file with its documentation, its declaration and its check. A rule reads what the stages found and
//! the catalogue's columns; it never sees octets. How sure an absence is, is decided in `confidence` for all rules;
//! what WCS does about a failure, in [`effect()`]. [`RULES`] is also the order of causes: a finding of an earlier rule
//! explains those of later ones.

mod aftermath;
mod confidence;
mod custom_follower;
mod describe;
mod effect;
mod finding;
mod lifetime;
mod once;
mod scope;
mod verdict;

mod answered;
mod attempts;
mod authentication_required;
mod backend_error;
mod backend_refused;
mod backend_rejected;
mod backend_unreachable;
mod capture_cut;
mod capture_facts;
mod capture_loss;
mod certificates;
mod client_lost;
mod clock_backwards;
mod config_invalid;
mod connect_failed;
mod connect_missing;
mod connection_closed;
mod connection_dropped;
mod connection_reset;
mod decline_ignored;
mod duplicate_packets;
mod flow_unfinished;
mod gateway_error;
mod hook_declined;
mod hook_not_found;
mod hook_retried;
mod hooks_captured_twice;
mod host_not_resolved;
mod invalid_value;
mod keepalive_gap;
mod late_response;
mod limit_reached;
mod midstream;
mod network_loss;
mod no_hooks;
mod no_response;
mod one_sided;
mod operation_failed;
mod overlap_conflict;
mod override_ignored;
mod reconnect_loop;
mod redirected;
mod request_cancelled;
mod request_rejected;
mod request_unacknowledged;
mod response_empty;
mod response_not_json;
mod response_timeout;
mod response_truncated;
mod response_type;
mod rest_api_declined;
mod scheme_mismatch;
mod secrets_in_clear;
mod slow_response;
mod snaplen_cut;
mod stale_connection;
mod status_event_missing;
mod tls_backend;
mod tls_handshake_failed;
mod unexpected_success;
mod unexpected_transition;
mod unknown_hook;

use crate::parallel;
#[cfg(test)]
pub(crate) use crate::pipeline::read_sample;
use crate::session::Case;
pub(crate) use attempts::concerns_hooks;
pub(crate) use confidence::{INVERSION, doubt, of_absence};
pub(crate) use describe::counted;
pub use effect::effect;
pub use finding::{Actor, Confidence, Evidence, Finding, Findings, Severity};
pub(crate) use no_hooks::sees_loopback;
pub use scope::Scope;
pub use verdict::{Verdict, VerdictState};

/// A rule: what can be wrong.
#[derive(Debug)]
pub struct Rule {
    /// Its name in kebab case, which names the problem.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Who has to act, as a rule.
    pub actor: Actor,
    /// What it detects, in one line.
    pub summary: &'static str,
    /// Its documentation, in Markdown.
    pub explanation: &'static str,
    check: fn(&Case, &mut Findings),
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

/// Declares a file's rule: the doc comment is its documentation.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $name:literal, $severity:ident, $actor:ident, $summary:literal, $check:path) => {
        $(#[doc = $doc])+
        pub(super) static RULE: $crate::rules::Rule = $crate::rules::Rule {
            name: $name,
            severity: $crate::rules::Severity::$severity,
            actor: $crate::rules::Actor::$actor,
            summary: $summary,
            explanation: concat!($($doc, "\n"),+),
            check: $check,
        };
    };
}
use rule;

/// All rules; causes before what follows from them.
pub static RULES: &[&Rule] = &[
    &backend_refused::RULE,
    &connection_dropped::RULE,
    &backend_unreachable::RULE,
    &backend_rejected::RULE,
    &host_not_resolved::RULE,
    &tls_handshake_failed::RULE,
    &scheme_mismatch::RULE,
    &connection_reset::RULE,
    &connection_closed::RULE,
    &request_unacknowledged::RULE,
    &request_cancelled::RULE,
    &response_timeout::RULE,
    &late_response::RULE,
    &no_response::RULE,
    &gateway_error::RULE,
    &backend_error::RULE,
    &hook_not_found::RULE,
    &authentication_required::RULE,
    &redirected::RULE,
    &request_rejected::RULE,
    &response_truncated::RULE,
    &response_not_json::RULE,
    &response_empty::RULE,
    &unexpected_success::RULE,
    &connect_failed::RULE,
    &rest_api_declined::RULE,
    &decline_ignored::RULE,
    &hook_declined::RULE,
    &config_invalid::RULE,
    &reconnect_loop::RULE,
    &slow_response::RULE,
    &network_loss::RULE,
    &status_event_missing::RULE,
    &keepalive_gap::RULE,
    &connect_missing::RULE,
    &flow_unfinished::RULE,
    &unexpected_transition::RULE,
    &stale_connection::RULE,
    &hook_retried::RULE,
    &response_type::RULE,
    &override_ignored::RULE,
    &operation_failed::RULE,
    &client_lost::RULE,
    &invalid_value::RULE,
    &unknown_hook::RULE,
    &no_hooks::RULE,
    &tls_backend::RULE,
    &capture_cut::RULE,
    &snaplen_cut::RULE,
    &capture_loss::RULE,
    &one_sided::RULE,
    &midstream::RULE,
    &duplicate_packets::RULE,
    &hooks_captured_twice::RULE,
    &overlap_conflict::RULE,
    &clock_backwards::RULE,
    &limit_reached::RULE,
    &secrets_in_clear::RULE,
];

/// Hooks from which on rules are worth several threads.
const MANY: usize = 1_000;

/// Judges a case: all findings, the worst and surest first, and the verdict.
pub fn judge(case: &Case) -> (Vec<Finding>, Verdict) {
    judge_on(case, 1)
}

/// The same on several threads.
pub fn judge_on(case: &Case, threads: usize) -> (Vec<Finding>, Verdict) {
    let findings = if threads > 1 && case.hooks.len() >= MANY {
        check_beside(case, threads)
    } else {
        let mut findings = Findings::default();
        for rule in RULES {
            (rule.check)(case, &mut findings);
        }
        findings
    };
    let findings = findings.in_order();
    let verdict = Verdict::of(case, &findings, &Scope::default());
    (findings, verdict)
}

/// Checks each rule by itself, which makes no difference where there are hooks: what other rules found matters only to
/// that about their absence.
fn check_beside(case: &Case, threads: usize) -> Findings {
    let check = |rule: &&Rule| {
        let mut findings = Findings::default();
        (rule.check)(case, &mut findings);
        findings
    };
    parallel::each(RULES, threads, check).into_iter().fold(Findings::default(), Findings::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_and_named_after_its_problem() {
        for rule in RULES {
            for heading in ["## What it detects", "## Why it matters", "## What to do", "## When it is wrong"]
            {
                assert!(rule.explanation.contains(heading), "{} lacks {heading}", rule.name);
            }
            assert!(
                rule.name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-'),
                "{}",
                rule.name
            );
            assert!(!rule.summary.ends_with('.'), "{}", rule.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
