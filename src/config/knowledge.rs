//! What is known of a customer's backends.

use super::{Key, Setting, Value};
use clap::{Arg, ArgGroup, ArgMatches, Args, Command, FromArgMatches};
use hookscope::catalog::CustomMethod;
use hookscope::endpoint::Endpoint;
use hookscope::session::Options;

/// What is known of a customer's backends. It reaches commands as all that is configured does, as the default of an
/// argument; one that is there only then, since nobody gives it on the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    backends: Vec<Endpoint>,
    ports: Vec<u16>,
    base_paths: Vec<String>,
    methods: Vec<CustomMethod>,
}

impl Knowledge {
    /// The group that tells which commands take it.
    pub(super) const GROUP: &str = "knowledge";
    /// The argument that carries it, where something is configured.
    const ARGUMENT: &str = "known";

    /// A command that has it as a default.
    pub(super) fn given_to(self, command: Command) -> Command {
        let known = move |_: &str| Ok::<_, String>(self.clone());
        command.arg(
            Arg::new(Self::ARGUMENT).long(Self::ARGUMENT).hide(true).default_value("").value_parser(known),
        )
    }

    /// What is configured.
    pub(super) fn of(settings: &[Setting]) -> Self {
        let configured =
            |key: Key| settings.iter().filter(move |setting| setting.key == key && setting.is_configured());
        let texts = |key| configured(key).flat_map(|setting| setting.value.texts());
        let methods = configured(Key::Method).filter_map(|setting| match &setting.value {
            Value::Methods(methods) => Some(methods.clone()),
            Value::Texts(_) => None,
        });
        Self {
            backends: texts(Key::Backend).filter_map(|text| text.parse().ok()).collect(),
            ports: texts(Key::Ports).filter_map(|text| text.parse().ok()).collect(),
            base_paths: texts(Key::BasePaths).map(|path| path.trim_end_matches('/').to_owned()).collect(),
            methods: methods.flatten().collect(),
        }
    }

    /// The same for the stages.
    pub(crate) fn options(&self) -> Options {
        let Self { backends, ports, base_paths, methods } = self.clone();
        Options { backends, ports, base_paths, methods, ..Options::default() }
    }
}

impl Args for Knowledge {
    fn augment_args(command: Command) -> Command {
        command.group(ArgGroup::new(Self::GROUP))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Knowledge {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        // Where nothing is configured, there is no such argument.
        Ok(matches.try_get_one(Self::ARGUMENT).ok().flatten().cloned().unwrap_or_default())
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
