//! The samples: built octet for octet, and judged as their table says.

use crate::support::scenarios::{IN_CLEAR, SCENARIOS, Scenario};
use crate::{folder, support};
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::rules::{self, Finding, RULES, Verdict};
use hookscope::session::{Case, Options};
use hookscope::{pipeline, report};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

/// Reads a capture's octets under a name.
pub fn read(name: &str, octets: Vec<u8>) -> Case {
    read_within(name, octets, &Limits::default())
}

/// The same with other limits.
pub fn read_within(name: &str, octets: Vec<u8>, limits: &Limits) -> Case {
    let reader = Box::new(Cursor::new(octets));
    let capture = Capture::from_reader(reader, Path::new(name), 0, limits).unwrap();
    let options = Options { list_exchanges: true, keep_exchanges: true, ..Options::default() };
    pipeline::read(Captures::new(vec![capture]), limits, options)
}

/// Judges a scenario.
pub fn judge(scenario: &Scenario) -> (Case, Vec<Finding>, Verdict) {
    let name = format!("samples/{}", scenario.name);
    let case = read(&name, (scenario.build)());
    let (findings, verdict) = rules::judge(&case);
    (case, findings, verdict)
}

#[test]
fn files_equal_what_the_builder_builds() {
    let folder = folder("samples");
    if std::env::var_os("UPDATE").is_some() {
        support::write_all(&folder);
    }
    let files = support::files();
    for (name, octets) in &files {
        let on_disk = std::fs::read(folder.join(name)).unwrap_or_default();
        assert!(on_disk == *octets, "samples/{name} is not what the builder builds: run with UPDATE=1");
    }
    let known: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(name.as_str()), "samples/{name} is built by no scenario");
    }
}

#[test]
fn every_sample_is_judged_as_its_table_says() {
    let mut wrong = String::new();
    for scenario in SCENARIOS {
        let (_, findings, verdict) = judge(scenario);
        let mut fired: Vec<&str> = findings.iter().map(|finding| finding.rule.name).collect();
        fired.sort_unstable();
        fired.dedup();
        fired.retain(|rule| *rule != IN_CLEAR || scenario.findings.contains(rule));
        if verdict.state.name() != scenario.verdict || fired != scenario.findings {
            wrong.push_str(&format!(
                "{}: {} {:?}, expected {} {:?}\n    {}\n",
                scenario.name,
                verdict.state.name(),
                fired,
                scenario.verdict,
                scenario.findings,
                scenario.shows
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whether a hook, or its response, goes from one host to another with a planted secret.
fn shows_secrets(case: &Case) -> bool {
    case.hooks.iter().any(|record| {
        let planted =
            |members: &hookscope::hook::Members| members.object().as_str().contains("planted-secret");
        let held = record.authorization.is_some()
            || planted(&record.request)
            || record.answer.as_ref().is_some_and(|answer| planted(&answer.members));
        held && record.client.ip() != record.server.ip() && !record.client.ip().is_loopback()
    })
}

#[test]
fn planted_secrets_between_hosts_are_told_and_change_no_verdict() {
    let mut count = 0;
    for scenario in SCENARIOS {
        let (case, findings, verdict) = judge(scenario);
        let told = findings.iter().position(|finding| finding.rule.name == IN_CLEAR);
        assert_eq!(told.is_some(), shows_secrets(&case), "{}", scenario.name);
        assert!(told.is_none_or(|told| !verdict.findings.contains(&told)), "{}", scenario.name);
        count += usize::from(told.is_some());
    }
    assert!(count > 50 && count + 10 < SCENARIOS.len(), "{count} samples");
}

#[test]
fn every_rule_fires_on_a_sample_and_is_silent_on_a_near_miss() {
    for rule in RULES {
        let fires = SCENARIOS.iter().any(|scenario| scenario.findings.contains(&rule.name));
        let misses = SCENARIOS.iter().any(|scenario| scenario.near_miss_of.contains(&rule.name));
        assert!(fires && misses, "{}: a sample that fires it {fires}, a near miss {misses}", rule.name);
    }
    for scenario in SCENARIOS {
        for rule in scenario.findings.iter().chain(scenario.near_miss_of) {
            assert!(RULES.iter().any(|known| known.name == *rule), "{}: no rule {rule}", scenario.name);
        }
        let both = scenario.near_miss_of.iter().find(|rule| scenario.findings.contains(rule));
        assert_eq!(both, None, "{}", scenario.name);
    }
}

#[test]
fn no_healthy_sample_has_a_sure_problem_and_no_failed_hook_goes_unmentioned() {
    for scenario in SCENARIOS {
        let (case, findings, _) = judge(scenario);
        if scenario.verdict == "healthy" {
            let problem = findings.iter().find(|finding| finding.counts());
            assert!(problem.is_none(), "{}: {:?}", scenario.name, problem.map(|finding| &finding.title));
        }
        for (index, record) in case.hooks.iter().enumerate() {
            let told = findings.iter().any(|finding| finding.evidence.hooks().contains(&index));
            let well = matches!(record.outcome.name(), "ok" | "unknown");
            assert!(told || well, "{}: hook {index} {} is in no finding", scenario.name, record.name);
        }
    }
}

#[test]
fn documents_are_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&report::schema()).unwrap();
    let list_validator = jsonschema::validator_for(&report::exchanges_schema()).unwrap();
    for scenario in SCENARIOS {
        let (case, findings, verdict) = judge(scenario);
        let document = report::Document::new(&case, &findings, &verdict, true);
        let value = serde_json::to_value(&document).unwrap();
        let list = serde_json::to_value(report::ExchangeList::new(&case, true)).unwrap();
        let errors = validator.iter_errors(&value).chain(list_validator.iter_errors(&list));
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", scenario.name);
    }
}
