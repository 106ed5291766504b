//! Reads a configuration file, and says where it is wrong.

mod table;

use super::key::Masking;
use super::places::{Place, Trust};
use super::{ConfigError, Key, Origin, Setting, Value};
use hookscope::catalog::{CustomFollower, CustomMethod, HookMethod, HookType};
use hookscope::toml_text::{self, Members, Read, Wrong, meant, string, wrong};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use table::{list, scalar, table};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longer files are not read.
const LONGEST: u64 = 1 << 20;
/// The key that names the profile which is used if nobody chooses one.
const DEFAULT_PROFILE: &str = "default-profile";
/// The key of the tables with profiles.
const PROFILES: &str = "profile";

/// What a file says.
#[derive(Debug)]
pub(super) struct File {
    /// Outside of profiles.
    pub(super) general: Vec<Setting>,
    /// In profiles, by their names.
    pub(super) profiles: Vec<(String, Vec<Setting>)>,
}

impl File {
    /// Reads a file.
    pub(super) fn read(place: &Place) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: place.path.clone(), source };
        let mut text = String::new();
        let file = fs::File::open(&place.path).map_err(unreadable)?;
        file.take(LONGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
        if text.len() as u64 > LONGEST {
            let what = format!("it has more than {LONGEST} octets");
            return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, what)));
        }
        Reader { path: &place.path, trust: place.trust, text: &text }.file()
    }

    /// What it says if a profile is used: the profile first.
    pub(super) fn settings(&self, profile: &str) -> impl Iterator<Item = &Setting> {
        let own = self.profiles.iter().filter(move |(name, _)| name == profile);
        own.flat_map(|(_, settings)| settings).chain(&self.general)
    }
}

struct Reader<'f> {
    path: &'f Path,
    trust: Trust,
    text: &'f str,
}

impl Reader<'_> {
    fn file(&self) -> Result<File, ConfigError> {
        let read = toml_text::parse(self.text).and_then(|file| self.sections(file.get_ref()));
        read.map_err(|Wrong { at, what }| {
            let (line, column) = toml_text::place(self.text, at.start);
            let text = self.text.to_owned();
            ConfigError::File { path: self.path.to_owned(), text, line, column, what }
        })
    }

    fn sections(&self, file: &DeTable<'_>) -> Read<File> {
        let mut profiles = Vec::new();
        if let Some((_, value)) = file.iter().find(|(key, _)| key.get_ref() == PROFILES) {
            let what = "profiles are tables: [profile.NAME]; `default-profile` names the one to use";
            for (name, profile) in table(value, what)? {
                let name = name.get_ref().to_string();
                let settings = self.settings(table(profile, what)?, Some(&name))?;
                profiles.push((name, settings));
            }
        }
        Ok(File { general: self.settings(file, None)?, profiles })
    }

    fn settings(&self, table: &DeTable<'_>, profile: Option<&str>) -> Read<Vec<Setting>> {
        let mut settings = Vec::new();
        for (name, value) in table {
            let (at, name) = (name.span(), name.get_ref().as_ref());
            let key = Key::ALL.into_iter().find(|key| key.name() == name);
            let (key, value) = match key {
                Some(Key::Method) => (Key::Method, Value::Methods(methods(value)?)),
                Some(key) => (key, self.value(key, value)?),
                None if profile.is_none() && name == PROFILES => continue,
                None if profile.is_none() && name == DEFAULT_PROFILE => {
                    (Key::Profile, Value::text(string(name, value)?))
                }
                None => {
                    let general = [DEFAULT_PROFILE, PROFILES].into_iter().filter(|_| profile.is_none());
                    let known: Vec<&str> = Key::ALL.iter().map(|key| key.name()).chain(general).collect();
                    return wrong(at, format!("there is no key `{name}`{}", meant(name, &known)));
                }
            };
            let (line, _) = toml_text::place(self.text, at.start);
            let origin =
                Origin::File { path: self.path.to_owned(), line, profile: profile.map(str::to_owned) };
            settings.push(Setting { key, value, origin });
        }
        Ok(settings)
    }

    fn value(&self, key: Key, value: &Spanned<DeValue<'_>>) -> Read<Value> {
        let name = key.name();
        let mut texts = Vec::new();
        for value in list(name, key.is_list(), value)? {
            let text = scalar(name, value)?;
            key.check(&text).or_else(|what| wrong(value.span(), format!("`{name}`: {what}")))?;
            let is_project = self.trust == Trust::Project;
            if is_project && key == Key::Redact && text == Masking::None.name() {
                return wrong(value.span(), "a project's file cannot switch masking off: --no-redact can");
            }
            if is_project && key == Key::Pseudonyms {
                return wrong(value.span(), "a project's file cannot name a key: --redact-key can");
            }
            // A file names files by their places beside it.
            let text = match self.path.parent() {
                Some(folder) if key == Key::Pseudonyms => folder.join(text).to_string_lossy().into_owned(),
                _ => text,
            };
            texts.push(text);
        }
        Ok(Value::Texts(texts))
    }
}

fn methods(value: &Spanned<DeValue<'_>>) -> Read<Vec<CustomMethod>> {
    const WHAT: &str = "methods are tables of their own: [[method]], or [[profile.NAME.method]]";
    match value.get_ref().as_array() {
        Some(values) => values.iter().map(|value| method(value.span(), table(value, WHAT)?)).collect(),
        None => wrong(value.span(), WHAT),
    }
}

fn method(at: std::ops::Range<usize>, table: &DeTable<'_>) -> Read<CustomMethod> {
    let mut members = Members::of("a method", at.clone(), table);
    let keys = ["name", "type", "follower", "status", "within"];
    let [named, kind, event, status, within] = keys.map(|key| members.take(key));
    members.end()?;
    let needed = |key: &str, value: Option<_>| {
        value.map_or_else(|| wrong(at.clone(), format!("a method has no `{key}`")), Ok)
    };
    let value = needed("name", named)?;
    let name = string("name", value)?;
    if name.is_empty() || name.contains('/') {
        return wrong(value.span(), "`name` is the last segment of a path");
    }
    if let Some(method) = HookMethod::from_name(name) {
        return wrong(value.span(), format!("{} is in the catalogue already", method.name()));
    }
    let value = needed("type", kind)?;
    let kind = string("type", value)?;
    let Some(hook_type) = HookType::ALL.into_iter().find(|known| known.name() == kind) else {
        let known = HookType::ALL.map(HookType::name);
        return wrong(value.span(), format!("`type` cannot be {kind:?}{}", meant(kind, &known)));
    };
    let follower = match event {
        Some(value) => Some(follower(string("follower", value)?, status, within)?),
        None => match status.or(within) {
            Some(value) => {
                return wrong(value.span(), "this is about a follower, and there is no `follower`");
            }
            None => None,
        },
    };
    Ok(CustomMethod { name: name.to_owned(), hook_type, follower })
}

fn follower(
    event: &str,
    status: Option<&Spanned<DeValue<'_>>>,
    within: Option<&Spanned<DeValue<'_>>>,
) -> Read<CustomFollower> {
    let mut statuses = Vec::new();
    if let Some(value) = status {
        for value in list("status", true, value)? {
            statuses.push(string("status", value)?.to_owned());
        }
    }
    let within = match within {
        None => CustomMethod::PATIENCE,
        Some(value) => crate::cli::seconds(&scalar("within", value)?)
            .or_else(|what| wrong(value.span(), format!("`within`: {what}")))?,
    };
    Ok(CustomFollower { event: event.to_owned(), statuses, within })
}
