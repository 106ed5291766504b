//! Backends: where hooks go.

use crate::endpoint::Endpoint;
use crate::hook::{Name, Outcome};
use crate::session::HookRecord;
use crate::time::Span;

/// A backend: an address, a port and a base path.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Address and port.
    pub server: Endpoint,
    /// The field Host of its first hook.
    pub host: Option<Name>,
    /// The path before the methods' names.
    pub base_path: Name,
    /// How many hooks went to it.
    pub hooks: u64,
    /// How many of them were declined, failed or unanswered.
    pub failed: u64,
    /// How long its answers took.
    pub latency: Option<Latency>,
}

/// How long answers took, first octet of the request to last octet of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The shortest.
    pub min: Span,
    /// The middle one.
    pub median: Span,
    /// The one that 95 of 100 do not exceed (nearest rank).
    pub p95: Span,
    /// The longest.
    pub max: Span,
}

impl Backend {
    /// A backend without hooks yet, as a hook names it.
    pub(super) fn of(record: &HookRecord) -> Self {
        Self {
            server: record.server,
            host: record.host.clone(),
            base_path: record.base_path.clone(),
            hooks: 0,
            failed: 0,
            latency: None,
        }
    }

    /// The same backend with some of its hooks alone.
    #[must_use]
    pub fn with(&self, records: &[&HookRecord]) -> Self {
        let mut part = Self { hooks: 0, failed: 0, latency: None, ..self.clone() };
        part.count(records);
        part
    }

    /// Counts the hooks of a backend.
    pub(super) fn count(&mut self, records: &[&HookRecord]) {
        let mut latencies = Vec::new();
        for record in records {
            self.hooks = self.hooks.saturating_add(1);
            let failed = matches!(record.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered);
            self.failed = self.failed.saturating_add(failed.into());
            latencies.extend(record.latency());
        }
        latencies.sort_unstable();
        self.latency = Latency::of(&latencies);
    }
}

impl Latency {
    /// Those of latencies in order.
    pub fn of(sorted: &[Span]) -> Option<Self> {
        let rank = |percent| {
            let place = sorted.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
            sorted.get(place).copied()
        };
        Some(Self { min: *sorted.first()?, median: rank(50)?, p95: rank(95)?, max: *sorted.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_answers_that_were_seen() {
        let spans: Vec<_> = (1..=20).map(Span::from_milliseconds).collect();
        let latency = Latency::of(&spans).unwrap();
        let [min, median, p95, max] = [latency.min, latency.median, latency.p95, latency.max]
            .map(|span| span.nanoseconds() / 1_000_000);
        assert_eq!((min, median, p95, max), (1, 10, 19, 20));
        assert_eq!(Latency::of(&spans[..1]).unwrap().p95, spans[0]);
        assert_eq!(Latency::of(&[]), None);
    }
}
