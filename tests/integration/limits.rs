//! Each limit that is reached is counted, told, and keeps what it bounds small.

use crate::support::scenarios::SCENARIOS;
use hookscope::capture::{Capture, Captures};
use hookscope::fact::FactKind;
use hookscope::limits::{Limit, Limits};
use hookscope::pipeline;
use hookscope::rules;
use hookscope::session::{Case, Options};
use std::io::Cursor;
use std::path::Path;

fn case(octets: Vec<u8>, limits: &Limits) -> Option<Case> {
    let capture = Capture::from_reader(Box::new(Cursor::new(octets)), Path::new("test"), 0, limits).ok()?;
    let options = Options { list_exchanges: true, ..Options::default() };
    Some(pipeline::read(Captures::new(vec![capture]), limits, options))
}

/// How large what a limit bounds has become.
type Size = fn(&Case) -> usize;

#[test]
fn every_limit_of_what_is_kept_is_counted_told_and_kept() {
    let none: Size = |_| 0;
    let rows: [(Limit, &str, Size); 8] = [
        (Limit::Head, "head=64", none),
        (Limit::Body, "body=16", none),
        (Limit::Pending, "pending=1", none),
        (Limit::Hooks, "hooks=1", |case| case.hooks.len()),
        (Limit::Exchanges, "exchanges=1", |case| case.exchanges.len()),
        (Limit::Attempts, "attempts=1", |case| case.targets.len()),
        (Limit::TlsConnections, "tls-connections=1", |case| case.tls.len()),
        (Limit::Lookups, "lookups=1", |case| case.lookups.len()),
    ];
    for (limit, setting, size) in rows {
        let limits = Limits::default().with(&setting.parse().unwrap());
        let mut reached = 0;
        for scenario in SCENARIOS {
            let Some(case) = case((scenario.build)(), &limits) else { continue };
            assert!(size(&case) <= 1, "{setting}: {}", scenario.name);
            if case.facts.count(FactKind::LimitReached(limit)) == 0 {
                continue;
            }
            reached += 1;
            let (findings, _) = rules::judge(&case);
            let told = findings.iter().any(|finding| {
                finding.rule.name == "limit-reached" && finding.message.contains(limit.loss())
            });
            assert!(told, "{setting}: {} does not tell", scenario.name);
        }
        assert!(reached > 0, "{setting}: no sample reaches it");
    }
}

#[test]
fn a_limit_is_never_reached_by_samples_as_they_are() {
    for scenario in SCENARIOS {
        let Some(case) = case((scenario.build)(), &Limits::default()) else { continue };
        let reached = case.facts.iter().any(|(kind, _)| matches!(kind, FactKind::LimitReached(_)));
        assert!(!reached || scenario.findings.contains(&"limit-reached"), "{}", scenario.name);
    }
}
