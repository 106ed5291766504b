//! What can be configured: one row a key.

use super::Knowledge;
use crate::cli::{Color, FailOn, Redact, seconds};
use clap::ValueEnum;
use hookscope::endpoint::Endpoint;
use hookscope::hook::closest;

/// What can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The profile that is used.
    Profile,
    /// From when on an answer is slow.
    Slow,
    /// How long WCS waits.
    RestTimeout,
    /// Addresses of backends.
    Backend,
    /// Ports of backends.
    Ports,
    /// Base paths of backends.
    BasePaths,
    /// Methods that the catalogue does not know.
    Method,
    /// What is masked.
    Redact,
    /// The key of the pseudonyms.
    Pseudonyms,
    /// When there are colours.
    Color,
    /// What makes the exit code 1.
    FailOn,
}

/// How a key is called.
struct Row {
    /// In files and in what is shown.
    name: &'static str,
    /// In the environment; empty: nothing there stands for it.
    variable: &'static str,
    /// The argument whose default it is.
    argument: &'static str,
    /// The argument that replaces it; empty: none does.
    flag: &'static str,
    /// Whether it may have several values.
    is_list: bool,
}

const fn option(name: &'static str, variable: &'static str, argument: &'static str) -> Row {
    Row { name, variable, argument, flag: argument, is_list: false }
}

const fn known(name: &'static str, variable: &'static str, flag: &'static str) -> Row {
    Row { name, variable, argument: Knowledge::GROUP, flag, is_list: true }
}

impl Key {
    /// All keys of files, as they are shown.
    pub(crate) const ALL: [Self; 10] = [
        Self::Slow,
        Self::RestTimeout,
        Self::Backend,
        Self::Ports,
        Self::BasePaths,
        Self::Method,
        Self::Redact,
        Self::Pseudonyms,
        Self::Color,
        Self::FailOn,
    ];

    const fn row(self) -> Row {
        match self {
            Self::Profile => option("profile", "HOOKSCOPE_PROFILE", "profile"),
            Self::Slow => option("slow", "HOOKSCOPE_SLOW", "slow"),
            Self::RestTimeout => option("rest-timeout", "HOOKSCOPE_REST_TIMEOUT", "rest_timeout"),
            Self::Backend => known("backend", "HOOKSCOPE_BACKEND", "backend"),
            Self::Ports => known("ports", "", ""),
            Self::BasePaths => known("base-paths", "", ""),
            Self::Method => known("method", "", ""),
            Self::Redact => option("redact", "HOOKSCOPE_REDACT", "redact"),
            Self::Pseudonyms => option("redact-key", "HOOKSCOPE_REDACT_KEY", "redact_key"),
            Self::Color => option("color", "HOOKSCOPE_COLOR", "color"),
            Self::FailOn => option("fail-on", "HOOKSCOPE_FAIL_ON", "fail_on"),
        }
    }

    /// The name in files.
    pub(crate) const fn name(self) -> &'static str {
        self.row().name
    }

    /// The name in the environment; empty: none.
    pub(crate) const fn variable(self) -> &'static str {
        self.row().variable
    }

    /// The argument whose default it is.
    pub(crate) const fn argument(self) -> &'static str {
        self.row().argument
    }

    /// The argument that replaces it; empty: none.
    pub(crate) const fn flag(self) -> &'static str {
        self.row().flag
    }

    /// Whether it may have several values.
    pub(crate) const fn is_list(self) -> bool {
        self.row().is_list
    }

    /// Says what is wrong with a value.
    pub(crate) fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::Slow | Self::RestTimeout => seconds(text).map(drop),
            Self::Backend if text.parse::<Endpoint>().is_err() => {
                Err("no address and port, such as 192.0.2.9:8081".to_owned())
            }
            Self::Ports if !text.parse().is_ok_and(|port: u16| port > 0) => {
                Err("no port: 1 to 65535".to_owned())
            }
            Self::BasePaths if !text.starts_with('/') => Err("a base path begins with /".to_owned()),
            Self::Redact if text == Masking::None.name() => Ok(()),
            Self::Redact => choice::<Redact>(text),
            Self::Color => choice::<Color>(text),
            Self::FailOn => choice::<FailOn>(text),
            Self::Pseudonyms | Self::Profile if text.is_empty() => Err("it is empty".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Whether a word is one of an option's.
fn choice<V: ValueEnum>(text: &str) -> Result<(), String> {
    let known = V::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    let names = || known.iter().map(String::as_str);
    if names().any(|name| name == text) {
        return Ok(());
    }
    Err(match closest(text, names()) {
        Some(meant) => format!("it cannot be {text:?}; did you mean {meant:?}?"),
        None => format!("it cannot be {text:?}; there are {}", known.join(", ")),
    })
}

/// How much is masked, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Masking {
    /// Nothing.
    None,
    /// Secrets.
    Secrets,
    /// Secrets, and what tells people and machines.
    All,
}

impl Masking {
    /// The name in files.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Secrets => "secrets",
            Self::All => "all",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        [Self::None, Self::All].into_iter().find(|known| known.name() == name).unwrap_or(Self::Secrets)
    }
}
