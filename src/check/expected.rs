//! What a member's value is expected to be.

use crate::hook::alike;
use regex::Regex;
use serde_json::Value;

/// What is expected of a value.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// One of these, however it is written: `5060` is `"5060"`.
    OneOf(Vec<Value>),
    /// None of these.
    NoneOf(Vec<Value>),
    /// A text in which the pattern is found.
    Pattern(Regex),
    /// That there is one, or none.
    Present(bool),
}

impl Expected {
    /// Whether a value, or its absence, is as expected; without regard to case, if `loose`.
    pub(super) fn holds(&self, value: Option<&Value>, loose: bool) -> bool {
        let value = value.filter(|value| !value.is_null());
        let is_among = |values: &[Value]| {
            value.is_some_and(|value| values.iter().any(|expected| is(expected, value, loose)))
        };
        match self {
            Self::OneOf(values) => is_among(values),
            Self::NoneOf(values) => !is_among(values),
            Self::Pattern(pattern) => value.is_some_and(|value| pattern.is_match(&plain(value))),
            Self::Present(present) => value.is_some() == *present,
        }
    }

    /// The same in words, its values as `shown` shows them.
    pub(super) fn tell(&self, shown: &dyn Fn(&Value) -> String) -> String {
        let list = |values: &[Value]| values.iter().map(shown).collect::<Vec<_>>().join(" or ");
        match self {
            Self::OneOf(values) => list(values),
            Self::NoneOf(values) => format!("not {}", list(values)),
            Self::Pattern(pattern) => format!("like {}", shown(&pattern.as_str().into())),
            Self::Present(true) => "present".to_owned(),
            Self::Present(false) => "absent".to_owned(),
        }
    }

    /// In words, texts without quotation marks.
    pub(super) fn plain(&self) -> String {
        self.tell(&plain)
    }
}

fn is(expected: &Value, value: &Value, loose: bool) -> bool {
    match (expected.as_str(), value.as_str()) {
        (Some(expected), Some(value)) if loose => expected.eq_ignore_ascii_case(value),
        _ => alike(expected, value),
    }
}

/// A value as text: a string without quotation marks, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_compared_loosely_and_patterns_are_found_anywhere() {
        let port = Expected::OneOf(vec![json!(5060), json!("any")]);
        assert!(port.holds(Some(&json!("5060")), false) && port.holds(Some(&json!("any")), false));
        assert!(!port.holds(Some(&json!(5061)), false) && !port.holds(None, false));
        let status = Expected::OneOf(vec![json!("ACTIVE")]);
        assert!(status.holds(Some(&json!("Active")), true) && !status.holds(Some(&json!("Active")), false));
        let pattern = Expected::Pattern(Regex::new("^10\\d+$").unwrap());
        assert!(pattern.holds(Some(&json!("1001")), false) && pattern.holds(Some(&json!(1001)), false));
        assert!(!pattern.holds(Some(&json!("x1001")), false) && !pattern.holds(None, false));
        let present = Expected::Present(true);
        assert!(present.holds(Some(&json!("")), false) && !present.holds(Some(&Value::Null), false));
        assert!(Expected::Present(false).holds(None, false));
        let not = Expected::NoneOf(vec![json!(false)]);
        assert!(not.holds(None, false) && not.holds(Some(&json!(true)), false));
        assert!(!not.holds(Some(&json!("false")), false));
    }
}
