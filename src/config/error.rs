//! Why a configuration cannot be used.

use super::Origin;
use std::io;
use std::path::PathBuf;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is wrong.
    #[error("the configuration {} is wrong in line {line}, column {column}: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What stands in it.
        text: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong, the offending key or value named.
        what: String,
    },
    /// A variable of the environment is wrong.
    #[error("{name}: {what}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What is wrong.
        what: String,
    },
    /// There is no such profile.
    #[error("no profile is called {name:?} ({origin})")]
    Profile {
        /// What was asked for.
        name: String,
        /// Who asked.
        origin: Origin,
        /// What may have been meant.
        advice: String,
    },
}

impl ConfigError {
    /// Its name, for scripts and for search engines.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "config-unreadable",
            Self::File { .. } => "config-wrong",
            Self::Variable { .. } => "variable-wrong",
            Self::Profile { .. } => "profile-unknown",
        }
    }
}
