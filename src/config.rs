//! What options are where the command line leaves them out: the environment, a project's file, a person's own file.
//!
//! The layers are read before the command line is taken for good, and what they say becomes the defaults of its
//! arguments: so whatever is given there replaces them, and commands need not know where a value comes from. Nothing
//! of this reaches the library but what [`Options`] hold.
//!
//! A project's file comes with the folder, from whoever sent it. It can make masking stricter and never weaker, and it
//! names no files: neither to read, nor to write.

mod error;
mod file;
mod key;
mod knowledge;
mod places;
mod setting;

pub(crate) use error::ConfigError;
pub(crate) use key::Key;
pub(crate) use knowledge::Knowledge;
pub(crate) use places::Trust;
pub(crate) use setting::{Origin, Setting, Value};

use clap::parser::ValueSource;
use clap::{Arg, ArgGroup, ArgMatches, Args, Command};
use file::File;
use hookscope::hook::closest;
use key::Masking;
use std::path::PathBuf;

/// Where the configuration is read from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct Choice {
    /// Read this configuration, and neither the project's nor the user's [env: `HOOKSCOPE_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no configuration [env: `HOOKSCOPE_NO_CONFIG`]
    #[arg(long, global = true)]
    no_config: bool,
    /// Use the profile of that name in the configuration [env: `HOOKSCOPE_PROFILE`]
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
}

/// What options are, and who says so.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// The files that were read, those that count more first.
    pub(crate) files: Vec<(PathBuf, Trust)>,
    /// The keys that the command has, each once.
    pub(crate) settings: Vec<Setting>,
}

impl Configuration {
    /// The configuration of a command that was given these arguments; empty if it has none that can be configured.
    pub(crate) fn load(program: &Command, given: &ArgMatches, choice: &Choice) -> Result<Self, ConfigError> {
        let (command, given) = leaf(program, given);
        let keys: Vec<Key> = Key::ALL.into_iter().filter(|key| has(command, key.argument())).collect();
        if keys.is_empty() {
            return Ok(Self::default());
        }
        let said = said(command, given, choice);
        let environment = setting::environment()?;
        let places = places::files(choice);
        let files = places.iter().map(File::read).collect::<Result<Vec<_>, _>>()?;
        let general = files.iter().flat_map(|file| &file.general);
        let profile = said.iter().chain(&environment).chain(general).find(|one| one.key == Key::Profile);
        let name = profile.map(|setting| setting.value.first()).unwrap_or_default();
        if let Some(setting) = profile {
            knows(&files, name, &setting.origin)?;
        }
        let own = |setting: &Setting| places.iter().all(|place| setting.is_free_of(place));
        let layers: Vec<Vec<&Setting>> = files.iter().map(|file| file.settings(name).collect()).collect();
        let before: Vec<&Setting> = said.iter().chain(&environment).collect();
        let masked =
            Masked { is_chosen: profile.is_none_or(own), wants_key: of(&said, Key::Pseudonyms).is_some() };
        let find = |key: Key| {
            let configured = match key {
                Key::Redact => masked.strictest(&layers),
                _ => layers.iter().find_map(|settings| of(settings.iter().copied(), key)),
            };
            let setting = of(before.iter().copied(), key).or(configured);
            setting.cloned().unwrap_or_else(|| setting::default(command, key))
        };
        let settings = [Key::Profile].into_iter().chain(keys).map(find).collect();
        let files = places.into_iter().map(|place| (place.path, place.trust)).collect();
        Ok(Self { files, settings })
    }

    /// Whether anything is configured.
    pub(crate) fn is_any(&self) -> bool {
        self.settings.iter().any(Setting::is_configured)
    }

    /// The same command line, with what is configured in place of its defaults.
    pub(crate) fn in_place_of_defaults(&self, command: Command, given: &ArgMatches) -> Command {
        if let Some((name, given)) = given.subcommand() {
            return command.mut_subcommand(name, |command| self.in_place_of_defaults(command, given));
        }
        let unmasked =
            of(&self.settings, Key::Redact).is_some_and(|setting| masking(setting) == Masking::None);
        let command = if has(&command, Knowledge::GROUP) {
            Knowledge::of(&self.settings).given_to(command)
        } else {
            command
        };
        let configured = self.settings.iter().filter(|setting| setting.is_configured());
        configured.fold(command, |command, setting| match setting.key {
            Key::Pseudonyms if unmasked => command,
            Key::Redact if unmasked => command.mut_arg(NO_REDACT, |argument| argument.default_value("true")),
            Key::Profile | Key::Backend | Key::Ports | Key::BasePaths | Key::Method => command,
            key => {
                let value = setting.value.first().to_owned();
                command.mut_arg(key.argument(), |argument| argument.default_value(value))
            }
        })
    }
}

/// The first setting of a key.
fn of<'s>(settings: impl IntoIterator<Item = &'s Setting>, key: Key) -> Option<&'s Setting> {
    settings.into_iter().find(|setting| setting.key == key)
}

/// What files may say of masking.
struct Masked {
    /// Whether the person who runs the program chose the profile, and no project's file.
    is_chosen: bool,
    /// Whether the command line names a key for masks, so that there are to be masks.
    wants_key: bool,
}

impl Masked {
    /// What files say, those that count more first: none makes masking weaker than another.
    fn strictest<'s>(&self, layers: &[Vec<&'s Setting>]) -> Option<&'s Setting> {
        let all = layers.iter().flatten().copied().filter(|setting| setting.key == Key::Redact);
        let weak = |setting: &Setting| masking(setting) == Masking::None && setting.is_in_profile();
        let said: Vec<&Setting> = if self.is_chosen {
            layers.iter().filter_map(|settings| of(settings.iter().copied(), Key::Redact)).collect()
        } else {
            all.filter(|setting| !weak(setting)).collect()
        };
        said.into_iter()
            .filter(|setting| !self.wants_key || masking(setting) > Masking::None)
            .reduce(|one, other| if masking(other) > masking(one) { other } else { one })
    }
}

/// The flag that switches masking off.
const NO_REDACT: &str = "no_redact";

/// The command that is run, and what it was given.
fn leaf<'c>(mut command: &'c Command, mut given: &'c ArgMatches) -> (&'c Command, &'c ArgMatches) {
    while let Some((name, below)) = given.subcommand()
        && let Some(found) = command.find_subcommand(name)
    {
        (command, given) = (found, below);
    }
    (command, given)
}

/// Whether a command has an argument, or a group of them.
fn has(command: &Command, argument: &str) -> bool {
    let groups = command.get_groups().map(ArgGroup::get_id);
    command.get_arguments().map(Arg::get_id).chain(groups).any(|known| known == argument)
}

fn masking(setting: &Setting) -> Masking {
    Masking::from_name(setting.value.first())
}

/// What the command line says itself.
fn said(command: &Command, given: &ArgMatches, choice: &Choice) -> Vec<Setting> {
    let is_said = |id: &str| has(command, id) && given.value_source(id) == Some(ValueSource::CommandLine);
    let values = |key: Key| {
        let values = given.get_raw(key.flag()).into_iter().flatten();
        Value::Texts(values.map(|value| value.to_string_lossy().into_owned()).collect())
    };
    let flags = Key::ALL.into_iter().filter(|key| is_said(key.flag()));
    let flags = flags.map(|key| Setting { key, value: values(key), origin: Origin::Flag });
    let one = |key, text: &str| Setting { key, value: Value::text(text), origin: Origin::Flag };
    let unmasked = (has(command, Key::Redact.argument()) && is_said(NO_REDACT))
        .then(|| one(Key::Redact, Masking::None.name()));
    let profile = choice.profile.as_deref().map(|name| one(Key::Profile, name));
    flags.chain(unmasked).chain(profile).collect()
}

/// Refuses a profile that no file has.
fn knows(files: &[File], name: &str, origin: &Origin) -> Result<(), ConfigError> {
    let known: Vec<&str> =
        files.iter().flat_map(|file| &file.profiles).map(|(name, _)| name.as_str()).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let advice = match closest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None if files.is_empty() => "no configuration was read".to_owned(),
        None if known.is_empty() => "the configuration has no profiles".to_owned(),
        None => format!("there are {}", known.join(", ")),
    };
    Err(ConfigError::Profile { name: name.to_owned(), origin: origin.clone(), advice })
}
