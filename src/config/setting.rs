//! A value, and who says so.

use super::places::{Place, Trust, variable};
use super::{ConfigError, Key};
use clap::Command;
use hookscope::catalog::CustomMethod;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The key.
    pub(crate) key: Key,
    /// Its value.
    pub(crate) value: Value,
    /// Who says so.
    pub(crate) origin: Origin,
}

/// What a key is set to.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Words, one unless the key is a list.
    Texts(Vec<String>),
    /// Methods.
    Methods(Vec<CustomMethod>),
}

/// Who says what a value is.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Variable(&'static str),
    /// A file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The profile in it, if it is said in one.
        profile: Option<String>,
    },
    /// Nobody.
    Default,
}

impl Setting {
    /// Whether it is to take the place of a default.
    pub(super) const fn is_configured(&self) -> bool {
        matches!(self.origin, Origin::Variable(_) | Origin::File { .. })
    }

    /// Whether it is said in a profile.
    pub(super) const fn is_in_profile(&self) -> bool {
        matches!(self.origin, Origin::File { profile: Some(_), .. })
    }

    /// Whether it is not said in a project's file.
    pub(super) fn is_free_of(&self, place: &Place) -> bool {
        let Origin::File { path, .. } = &self.origin else { return true };
        place.trust != Trust::Project || place.path != *path
    }
}

impl Value {
    /// A single word.
    pub(super) fn text(text: &str) -> Self {
        Self::Texts(vec![text.to_owned()])
    }

    /// The first word; empty if there is none.
    pub(super) fn first(&self) -> &str {
        self.texts().next().unwrap_or_default()
    }

    /// All words; the names of methods.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let (texts, methods): (&[String], &[CustomMethod]) = match self {
            Self::Texts(texts) => (texts, &[]),
            Self::Methods(methods) => (&[], methods),
        };
        texts.iter().map(String::as_str).chain(methods.iter().map(|method| method.name.as_str()))
    }
}

impl Origin {
    /// What kind of origin it is.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable(_) => "environment",
            Self::File { .. } => "file",
            Self::Default => "default",
        }
    }
}

impl Display for Origin {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => to.write_str("command line"),
            Self::Variable(name) => to.write_str(name),
            Self::File { path, line, profile: None } => write!(to, "{}:{line}", path.display()),
            Self::File { path, line, profile: Some(name) } => {
                write!(to, "{}:{line}, profile {name}", path.display())
            }
            Self::Default => to.write_str("default"),
        }
    }
}

/// What the environment says.
pub(super) fn environment() -> Result<Vec<Setting>, ConfigError> {
    let mut settings = Vec::new();
    for key in [Key::Profile].into_iter().chain(Key::ALL) {
        let name = key.variable();
        let Some(text) = variable(name).filter(|_| !name.is_empty()) else { continue };
        let texts: Vec<String> = if key.is_list() {
            text.split(',').map(|part| part.trim().to_owned()).collect()
        } else {
            vec![text]
        };
        let wrong = |what| ConfigError::Variable { name, what };
        texts.iter().try_for_each(|text| key.check(text)).map_err(wrong)?;
        if key == Key::Redact && texts.iter().any(|text| text == "none") {
            return Err(wrong(
                "masking is switched off by --no-redact, or in the user's own file".to_owned(),
            ));
        }
        settings.push(Setting { key, value: Value::Texts(texts), origin: Origin::Variable(name) });
    }
    Ok(settings)
}

/// What a command says where nobody says anything.
pub(super) fn default(command: &Command, key: Key) -> Setting {
    let argument = command.get_arguments().find(|argument| argument.get_id() == key.flag());
    let values = argument.map(clap::Arg::get_default_values).unwrap_or_default();
    let texts = values.iter().map(|value| value.to_string_lossy().into_owned()).collect();
    Setting { key, value: Value::Texts(texts), origin: Origin::Default }
}
