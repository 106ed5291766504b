//! The table of sample scenarios: what each capture shows, and what an analysis must find in it.

use super::{builder, listings};

mod absent;
mod answers;
mod contents;
mod documents;
mod expected;
mod faults;
mod flows;
mod formats;
mod http;
mod kept_alive;
mod lifetimes;
mod machines;
mod names;
mod on_the_way;
mod orders;
mod reconnects;
mod refusals;
pub mod secrets;
mod sessions;
mod shapes;
mod slow;
mod statuses;
mod tls;
mod transport;
mod unanswered;
mod unreached;

/// A capture of one situation.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// The file's name, with its ending.
    pub name: &'static str,
    /// What it shows: one sentence.
    pub shows: &'static str,
    /// The state that the verdict must name.
    pub verdict: &'static str,
    /// The rules that it fires, all of them but [`IN_CLEAR`], sorted.
    pub findings: &'static [&'static str],
    /// Rules that it narrowly does not fire.
    pub near_miss_of: &'static [&'static str],
    /// Makes the file.
    pub build: fn() -> Vec<u8>,
}

/// The rule that most samples fire, since their hooks cross a network with planted secrets; a test works out which.
pub const IN_CLEAR: &str = "secrets-in-clear";

/// The scenarios by topic.
const TOPICS: &[&[Scenario]] = &[
    documents::SCENARIOS,
    formats::SCENARIOS,
    http::SCENARIOS,
    shapes::SCENARIOS,
    transport::SCENARIOS,
    flows::SCENARIOS,
    sessions::SCENARIOS,
    secrets::SCENARIOS,
    unreached::SCENARIOS,
    names::SCENARIOS,
    on_the_way::SCENARIOS,
    tls::SCENARIOS,
    unanswered::SCENARIOS,
    slow::SCENARIOS,
    answers::SCENARIOS,
    statuses::SCENARIOS,
    contents::SCENARIOS,
    refusals::SCENARIOS,
    kept_alive::SCENARIOS,
    lifetimes::SCENARIOS,
    machines::SCENARIOS,
    orders::SCENARIOS,
    reconnects::SCENARIOS,
    absent::SCENARIOS,
    expected::SCENARIOS,
    faults::SCENARIOS,
];

/// All scenarios.
pub static SCENARIOS: &[Scenario] = &joined::<{ count() }>();

const fn count() -> usize {
    let (mut count, mut topic) = (0, 0);
    while topic < TOPICS.len() {
        count += TOPICS[topic].len();
        topic += 1;
    }
    count
}

const fn joined<const N: usize>() -> [Scenario; N] {
    let mut all = [TOPICS[0][0]; N];
    let (mut next, mut topic) = (0, 0);
    while topic < TOPICS.len() {
        let mut index = 0;
        while index < TOPICS[topic].len() {
            all[next] = TOPICS[topic][index];
            (next, index) = (next + 1, index + 1);
        }
        topic += 1;
    }
    all
}
