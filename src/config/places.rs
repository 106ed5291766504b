//! Where configuration files are.

use super::Choice;
use std::env;
use std::path::{Path, PathBuf};

/// The names of a project's file.
const NAMES: [&str; 2] = ["hookscope.toml", ".hookscope.toml"];

/// Who wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Whoever made the folder that is worked in.
    Project,
    /// The person who runs the program, or who was trusted by naming the file.
    User,
}

/// A configuration file.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) trust: Trust,
}

impl Trust {
    /// The name in what is shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

/// The files that are to be read, those that count more first.
pub(super) fn files(choice: &Choice) -> Vec<Place> {
    let named = |path| vec![Place { path, trust: Trust::User }];
    let refused = || variable("HOOKSCOPE_NO_CONFIG").is_some_and(|value| !is_false(&value));
    match &choice.config {
        _ if choice.no_config => Vec::new(),
        Some(path) => named(path.clone()),
        None if refused() => Vec::new(),
        None => variable("HOOKSCOPE_CONFIG").map_or_else(found, |path| named(path.into())),
    }
}

fn found() -> Vec<Place> {
    let project = project().map(|path| Place { path, trust: Trust::Project });
    project.into_iter().chain(user().map(|path| Place { path, trust: Trust::User })).collect()
}

/// A variable of the environment; empty ones count as none.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

fn is_false(text: &str) -> bool {
    ["0", "false", "no", "off"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The project's file: in the working directory or the nearest folder above that has one, below the home folder.
fn project() -> Option<PathBuf> {
    let home = env::home_dir();
    let real = home.as_deref().and_then(|home| home.canonicalize().ok());
    let is_home = |folder: &&Path| [&home, &real].iter().any(|home| home.as_deref() == Some(*folder));
    let here = env::current_dir().ok()?;
    let folders = here.ancestors().take_while(|folder| !is_home(folder));
    folders.flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|path| path.is_file())
}

/// The person's own file (XDG Base Directory Specification).
fn user() -> Option<PathBuf> {
    let named = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = named.or_else(|| Some(env::home_dir()?.join(".config")))?;
    Some(folder.join("hookscope").join("config.toml")).filter(|path| path.is_file())
}
