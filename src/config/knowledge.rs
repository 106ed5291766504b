//! What is known of a customer's backends.

use super::{Key, Setting, Value};
use hookscope::catalog::CustomMethod;
use hookscope::endpoint::Endpoint;
use hookscope::session::Options;

/// What is known of a customer's backends. It comes as the default of a hidden argument, since it reaches commands as
/// all that is configured does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    backends: Vec<Endpoint>,
    ports: Vec<u16>,
    base_paths: Vec<String>,
    methods: Vec<CustomMethod>,
}

impl Knowledge {
    /// The argument that carries it.
    pub(crate) const ARGUMENT: &str = "knowledge";

    /// Nothing, which the argument is where nothing is configured.
    #[expect(clippy::unnecessary_wraps, reason = "arguments are parsed by functions that can fail")]
    pub(crate) fn none(_: &str) -> Result<Self, String> {
        Ok(Self::default())
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
