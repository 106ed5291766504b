//! `restClientConfig`: whatever stands in it, each method has settings, and what is told of it is bounded.

use crate::json::members;
use hookscope::catalog::CATALOG;
use hookscope::hook::RestClientConfig;
use hookscope::http::Completeness;

/// Checks octets that are the member's value.
pub fn check(input: &[u8]) {
    let body = [br#"{"restClientConfig":"#, input, b"}"].concat();
    for completeness in [Completeness::Whole, Completeness::NotCaptured] {
        for part in [&body[..], &body[..body.len() - body.len() / 4]] {
            let Some(config) = RestClientConfig::read(&members(part, completeness)) else { continue };
            assert!(config.problems.len() <= 64, "{} problems", config.problems.len());
            for (method, settings) in &config.methods {
                assert!(CATALOG.iter().any(|known| known.method == *method));
                assert_eq!(Some(settings), config.listed(*method).filter(|one| *one == settings));
            }
            for known in &CATALOG {
                config.of(known.method);
                config.misreads_on_error(known.method);
            }
        }
    }
}
