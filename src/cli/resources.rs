//! What the work may take.

use clap::Args;
use hookscope::limits::{Limits, Setting};
use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;

/// Where the options stand in a command's help, wherever the group stands among others.
const HEADING: &str = "Resources";

/// How many cores there are for this program. Asked once: it takes Linux several files to say so.
static CORES: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// What the work may take.
#[derive(Clone, Debug, Args)]
pub(crate) struct Resources {
    /// Set a bound on memory, such as connections=100000 or body=4Mi; may be repeated. docs/limits.md lists them
    #[arg(long, value_name = "NAME=VALUE", help_heading = HEADING)]
    limit: Vec<Setting>,
    /// How many threads share the work [default: as many as there are cores]
    #[arg(long, value_name = "COUNT", help_heading = HEADING)]
    threads: Option<NonZero<usize>>,
}

impl Resources {
    /// The bounds of all stages.
    pub(crate) fn limits(&self) -> Limits {
        self.upon(Limits::default())
    }

    /// The same, upon other defaults.
    pub(crate) fn upon(&self, limits: Limits) -> Limits {
        let limits = self.limit.iter().fold(limits, Limits::with);
        Limits { threads: self.threads(), ..limits }
    }

    /// How many threads share the work.
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or_else(|| *CORES, NonZero::get)
    }
}
