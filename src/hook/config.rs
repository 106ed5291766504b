//! `restClientConfig`: what a connect response says about the hooks of its session (D4, D5).

use super::json::Json;
use super::members::{Members, kind, says_nothing, text};
use super::similar;
use crate::catalog::{CATALOG, HookMethod, POSSIBLE_METHODS};
use serde_json::Value;
use std::fmt;

/// How a session's hooks are handled; methods that are not listed follow the defaults.
#[derive(Clone, Debug, Default)]
pub struct RestClientConfig {
    /// The methods listed, with their settings.
    pub methods: Vec<(HookMethod, MethodConfig)>,
    /// What WCS cannot understand.
    pub problems: Vec<ConfigProblem>,
}

/// The settings of one method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodConfig {
    /// What WCS does when the backend refuses or fails.
    pub rest_on_error: RestOnError,
    /// What WCS does with the hook and its response.
    pub rest_policy: RestPolicy,
    /// Fields that the response may change.
    pub rest_overwrite: Vec<String>,
    /// Fields that are not sent to the backend.
    pub rest_exclude: Vec<String>,
}

/// What WCS does when the backend refuses or fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestOnError {
    /// It logs the error and goes on: the default.
    #[default]
    Log,
    /// It breaks off.
    Fail,
}

/// What WCS does with the hook and its response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestPolicy {
    /// It sends the hook, and ignores what the response changes: the default.
    #[default]
    Notify,
    /// It takes the fields of [`MethodConfig::rest_overwrite`] from the response.
    Overwrite,
    /// It does not send the hook.
    Disable,
}

/// Something in the object that WCS cannot understand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigProblem {
    /// Where: the member's path.
    pub member: String,
    /// What, for people.
    pub what: String,
    /// What is probably meant.
    pub meant: Option<String>,
    /// Whether no version of WCS can be expected to understand it.
    pub sure: bool,
}

/// The member of a connect response.
const NAME: &str = "restClientConfig";
/// The settings of a method.
const SETTINGS: [&str; 5] = ["restOnError", "restPolicy", "restOverwrite", "restExclude", "clientExclude"];
const ON_ERROR: [(&str, RestOnError); 2] = [("LOG", RestOnError::Log), ("FAIL", RestOnError::Fail)];
const POLICIES: [(&str, RestPolicy); 4] = [
    ("OVERWRITE", RestPolicy::Overwrite),
    ("NOTIFY", RestPolicy::Notify),
    ("DISABLE", RestPolicy::Disable),
    // The spelling of WCS 4 (D5, D5a).
    ("DISABLED", RestPolicy::Disable),
];
/// Problems that are kept, and names in a list that are checked.
const MOST: usize = 64;
/// Characters of an unknown name or value that are shown.
const SHOWN: usize = 40;

impl RestClientConfig {
    /// Reads the object from a connect response; `None` when it has none.
    pub fn read(response: &Members) -> Option<Self> {
        let mut config = Self::default();
        match response.get(NAME).map(Json::value) {
            Some(Value::Object(methods)) => {
                for (name, settings) in &methods {
                    config.read_method(name, settings);
                }
            }
            Some(other) if says_nothing(&other) => {}
            Some(Value::String(text)) if text.trim_start().starts_with('{') => {
                config.problem(NAME, "is a string that holds the object, instead of the object", None);
            }
            Some(other) => config.wrong_kind(NAME, &other, "an object"),
            None => {
                let (known, _) = response
                    .iter()
                    .find(|(name, value)| name != NAME && value.is_object() && is_meant(name))?;
                config.problem(&shown(&known), "is no member that WCS knows", Some(NAME));
            }
        }
        Some(config)
    }

    /// The settings of a method.
    pub fn of(&self, method: HookMethod) -> MethodConfig {
        self.listed(method).cloned().unwrap_or_default()
    }

    /// Whether the object has a value of `restOnError` for a method that WCS cannot understand.
    pub fn misreads_on_error(&self, method: HookMethod) -> bool {
        self.problems.iter().any(|problem| {
            problem.member.strip_suffix(".restOnError").and_then(HookMethod::from_name) == Some(method)
        })
    }

    /// The settings of a method that the object lists.
    pub fn listed(&self, method: HookMethod) -> Option<&MethodConfig> {
        self.methods.iter().find(|(known, _)| *known == method).map(|(_, config)| config)
    }

    fn read_method(&mut self, name: &str, settings: &Value) {
        let Some(method) = HookMethod::from_name(name) else { return self.unknown_method(name) };
        let Value::Object(settings) = settings else {
            if !says_nothing(settings) {
                self.wrong_kind(name, settings, "an object");
            }
            return;
        };
        for key in settings.keys().filter(|key| !SETTINGS.contains(&key.as_str())).take(MOST) {
            let meant = similar::closest(key, SETTINGS);
            self.note(&format!("{name}.{}", shown(key)), "is no setting", meant, meant.is_some());
        }
        let mut list = |key| self.list(&format!("{name}.{key}"), settings.get(key), method);
        let (rest_overwrite, rest_exclude) = (list("restOverwrite"), list("restExclude"));
        list("clientExclude");
        let on_error = format!("{name}.restOnError");
        let policy = format!("{name}.restPolicy");
        let config = MethodConfig {
            rest_on_error: self.choice(&on_error, settings.get("restOnError"), &ON_ERROR),
            rest_policy: self.choice(&policy, settings.get("restPolicy"), &POLICIES),
            rest_overwrite,
            rest_exclude,
        };
        self.methods.push((method, config));
    }

    fn unknown_method(&mut self, name: &str) {
        let possible = POSSIBLE_METHODS.iter().any(|known| known.eq_ignore_ascii_case(name));
        if possible || self.problems.len() >= MOST {
            return;
        }
        let meant = similar::closest(name, HookMethod::names());
        self.note(&shown(name), "is no method", meant, meant.is_some());
    }

    /// Reads a setting that has one of some values.
    fn choice<T: Copy + Default>(
        &mut self,
        member: &str,
        value: Option<&Value>,
        choices: &[(&'static str, T)],
    ) -> T {
        let Some(value) = value.filter(|value| !says_nothing(value)) else { return T::default() };
        let Value::String(text) = value else {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.wrong_kind(member, value, &format!("one of {}", names.join(", ")));
            return T::default();
        };
        let known = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        if known.is_none() {
            let meant = similar::closest(text, choices.iter().map(|(name, _)| *name));
            self.problem(member, &format!("has the unknown value {}", shown(text)), meant);
        }
        known.map(|(_, value)| *value).unwrap_or_default()
    }

    /// Reads a setting that names members of the method's hooks, with commas between.
    fn list(&mut self, member: &str, value: Option<&Value>, method: HookMethod) -> Vec<String> {
        let Some(value) = value.filter(|value| !says_nothing(value)) else { return Vec::new() };
        let text = match value {
            Value::String(text) => text.clone(),
            other => {
                self.wrong_kind(member, other, "a string with names and commas between");
                let names = other.as_array().map(Vec::as_slice).unwrap_or_default();
                names.iter().filter_map(text).collect::<Vec<_>>().join(",")
            }
        };
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        for name in names.clone().take(MOST) {
            self.check_name(member, name, method);
        }
        names.map(str::to_owned).collect()
    }

    fn check_name(&mut self, member: &str, name: &str, method: HookMethod) {
        let named = |name: &str| format!("names {}", shown(name));
        if name.contains([';', '|', ' ', '\t', '\n']) {
            return self.problem(member, &format!("{}, without a comma between", named(name)), None);
        }
        let known = CATALOG.iter().flat_map(|spec| spec.parameters).any(|known| known.name == name);
        let parameters = || method.spec().parameters.iter().map(|known| known.name);
        if let Some(meant) = Some(()).filter(|()| !known).and_then(|()| similar::closest(name, parameters()))
        {
            // Members that later versions have brought are in no document.
            self.note(
                member,
                &format!("{}, which is no member of its hooks", named(name)),
                Some(meant),
                false,
            );
        }
    }

    fn wrong_kind(&mut self, member: &str, value: &Value, wanted: &str) {
        self.problem(member, &format!("is {} instead of {wanted}", kind(value)), None);
    }

    fn problem(&mut self, member: &str, what: &str, meant: Option<&str>) {
        self.note(member, what, meant, true);
    }

    fn note(&mut self, member: &str, what: &str, meant: Option<&str>, sure: bool) {
        if self.problems.len() < MOST {
            self.problems.push(ConfigProblem {
                member: member.to_owned(),
                what: what.to_owned(),
                meant: meant.map(str::to_owned),
                sure,
            });
        }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.what)?;
        match &self.meant {
            Some(meant) => write!(f, " (did you mean {meant}?)"),
            None => Ok(()),
        }
    }
}

/// Whether a member of a connect response is meant to be `restClientConfig`.
fn is_meant(name: &str) -> bool {
    similar::closest(name, [NAME]).is_some()
}

/// A name or value of the capture, whole or not at all: part of a secret could not be told for one and masked.
fn shown(text: &str) -> String {
    match text.chars().count() {
        0..=SHOWN => text.to_owned(),
        count => format!("({count} characters)"),
    }
}

impl RestOnError {
    /// The value in the object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "LOG",
            Self::Fail => "FAIL",
        }
    }
}

impl RestPolicy {
    /// The value in the object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notify => "NOTIFY",
            Self::Overwrite => "OVERWRITE",
            Self::Disable => "DISABLE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Completeness};

    fn read(text: &str) -> Option<RestClientConfig> {
        let body = Body { octets: text.as_bytes().to_vec(), ..Body::default() };
        RestClientConfig::read(&Members::read(&body, Completeness::Whole))
    }

    #[test]
    fn settings_are_per_method_and_default_to_log_and_notify() {
        let config = read(
            r#"{"restClientConfig":{"Call":{"restOnError":"fail","restPolicy":"OVERWRITE","restOverwrite":"callee, caller"},
                "StreamStatusEvent":{"restPolicy":"DISABLED","restExclude":"sdp"}}}"#,
        )
        .unwrap();
        let call = config.of(HookMethod::Call);
        assert_eq!((call.rest_on_error, call.rest_policy), (RestOnError::Fail, RestPolicy::Overwrite));
        assert_eq!(call.rest_overwrite, ["callee", "caller"]);
        assert_eq!(config.of(HookMethod::StreamStatusEvent).rest_policy, RestPolicy::Disable);
        assert_eq!(config.of(HookMethod::Hangup), MethodConfig::default());
        assert!(config.problems.is_empty());
    }

    fn problems(text: &str) -> Vec<String> {
        read(text).unwrap().problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_wcs_cannot_understand_is_kept() {
        assert_eq!(
            problems(r#"{"restClientConfig":"{}"}"#),
            ["restClientConfig is a string that holds the object, instead of the object"]
        );
        assert_eq!(
            problems(
                r#"{"restClientConfig":{"cal":{},"call":{"restOnError":"STOP","restPolicy":"NOTIFIY","restonerror":"FAIL"},
                "answer":true,"hold":{"restOverwrite":["callId"],"restOnError":1,"restExclude":"callId;hasVideo"}}}"#
            ),
            [
                "cal is no method (did you mean call?)",
                "call.restonerror is no setting (did you mean restOnError?)",
                "call.restOnError has the unknown value STOP",
                "call.restPolicy has the unknown value NOTIFIY (did you mean NOTIFY?)",
                "answer is a truth value instead of an object",
                "hold.restOverwrite is an array instead of a string with names and commas between",
                "hold.restExclude names callId;hasVideo, without a comma between",
                "hold.restOnError is a number instead of one of LOG, FAIL",
            ]
        );
        assert_eq!(
            problems(r#"{"restClientconfig":{}}"#),
            ["restClientconfig is no member that WCS knows (did you mean restClientConfig?)"]
        );
        assert!(read("{}").is_none());
    }

    #[test]
    fn what_another_version_may_know_is_no_sure_problem() {
        let sure = |text| read(text).unwrap().problems.iter().filter(|problem| problem.sure).count();
        assert_eq!(sure(r#"{"restClientConfig":{"roomCreated":{}}}"#), 0);
        assert_eq!(sure(r#"{"restClientConfig":{"call":{"restTimeout":5,"restExclude":"calees"}}}"#), 0);
        for fine in [
            r#"{"restClientConfig":[]}"#,
            r#"{"restClientConfig":{"RecordingStatusEvent":{},"sendDtmf":[],"call":null}}"#,
            r#"{"restClientConfig":{"call":{"restOnError":"","restPolicy":"notify","restExclude":null,"restOverwrite":[]}}}"#,
            r#"{"restClientConfig":{"hold":{"clientExclude":"sdp, sipMessageRaw ,","restExclude":"User-Agent"}}}"#,
        ] {
            assert_eq!(read(fine).unwrap().problems, [], "{fine}");
        }
    }
}
