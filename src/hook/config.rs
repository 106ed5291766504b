//! `restClientConfig`: what a connect response says about the hooks of its session (D4, D5).

use super::members::{Members, text};
use crate::catalog::HookMethod;
use serde_json::Value;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Where: the member's path.
    pub member: String,
    /// What, for people.
    pub what: String,
}

impl RestClientConfig {
    /// Reads the object from a connect response; `None` when it has none.
    pub fn read(response: &Members) -> Option<Self> {
        let mut config = Self::default();
        match response.get("restClientConfig")? {
            Value::Object(methods) => {
                for (name, settings) in methods {
                    config.read_method(name, settings);
                }
            }
            _ => config.problem("restClientConfig", "is no object"),
        }
        Some(config)
    }

    /// The settings of a method.
    pub fn of(&self, method: HookMethod) -> MethodConfig {
        self.methods
            .iter()
            .find(|(known, _)| *known == method)
            .map(|(_, config)| config.clone())
            .unwrap_or_default()
    }

    fn read_method(&mut self, name: &str, settings: &Value) {
        let Some(method) = HookMethod::from_name(name) else {
            return self.problem(name, "is no method");
        };
        let Value::Object(settings) = settings else {
            return self.problem(name, "is no object");
        };
        let value = |key: &str| settings.get(key).and_then(text).unwrap_or_default();
        let rest_on_error = match value("restOnError").to_ascii_uppercase().as_str() {
            "FAIL" => RestOnError::Fail,
            "" | "LOG" => RestOnError::Log,
            other => {
                self.problem(&format!("{name}.restOnError"), &format!("has the unknown value {other}"));
                RestOnError::Log
            }
        };
        let rest_policy = match value("restPolicy").to_ascii_uppercase().as_str() {
            "OVERWRITE" => RestPolicy::Overwrite,
            // The value was spelled DISABLED in WCS 4.
            "DISABLE" | "DISABLED" => RestPolicy::Disable,
            "" | "NOTIFY" => RestPolicy::Notify,
            other => {
                self.problem(&format!("{name}.restPolicy"), &format!("has the unknown value {other}"));
                RestPolicy::Notify
            }
        };
        let list = |key: &str| -> Vec<String> {
            value(key)
                .split(',')
                .map(str::trim)
                .filter(|field| !field.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let config = MethodConfig {
            rest_on_error,
            rest_policy,
            rest_overwrite: list("restOverwrite"),
            rest_exclude: list("restExclude"),
        };
        self.methods.push((method, config));
    }

    fn problem(&mut self, member: &str, what: &str) {
        self.problems.push(ConfigProblem { member: member.to_owned(), what: what.to_owned() });
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

    #[test]
    fn what_wcs_cannot_understand_is_kept() {
        let problems = |text| read(text).unwrap().problems.len();
        assert_eq!(problems(r#"{"restClientConfig":"{}"}"#), 1);
        assert_eq!(
            problems(r#"{"restClientConfig":{"cal":{},"call":{"restOnError":"STOP","restPolicy":"X"}}}"#),
            3
        );
        assert!(read("{}").is_none());
    }
}
