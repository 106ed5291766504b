//! Values of a configuration file, with their places.

use hookscope::hook::closest;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong, and where in the text.
pub(super) struct Wrong {
    pub(super) at: Range<usize>,
    pub(super) what: String,
}

pub(super) type Read<T> = Result<T, Wrong>;

pub(super) fn wrong<T>(at: Range<usize>, what: impl Into<String>) -> Read<T> {
    Err(Wrong { at, what: what.into() })
}

/// Line and column, from 1.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// What a word may have meant, or all that it could have been.
pub(super) fn among(word: &str, known: &[&str]) -> String {
    match closest(word, known.iter().copied()) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; there are {}", known.join(", ")),
    }
}

pub(super) fn table<'t, 'i>(value: &'t Spanned<DeValue<'i>>, what: &str) -> Read<&'t DeTable<'i>> {
    value.get_ref().as_table().map_or_else(|| wrong(value.span(), what), Ok)
}

pub(super) fn string<'t>(name: &str, value: &'t Spanned<DeValue<'_>>) -> Read<&'t str> {
    value.get_ref().as_str().map_or_else(|| wrong(value.span(), format!("`{name}` is a string")), Ok)
}

/// A string or a number, as text.
pub(super) fn scalar(name: &str, value: &Spanned<DeValue<'_>>) -> Read<String> {
    let number = |number: &toml::de::DeInteger<'_>| i64::from_str_radix(number.as_str(), number.radix()).ok();
    let text = match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(integer) => number(integer).map(|number| number.to_string()),
        DeValue::Float(float) => Some(float.as_str().to_owned()),
        _ => None,
    };
    text.map_or_else(|| wrong(value.span(), format!("`{name}` is a string or a number")), Ok)
}

/// The members of a list; one value is a list of one.
pub(super) fn list<'t, 'i>(
    name: &str,
    is_list: bool,
    value: &'t Spanned<DeValue<'i>>,
) -> Read<Vec<&'t Spanned<DeValue<'i>>>> {
    match value.get_ref().as_array() {
        Some(values) if is_list => Ok(values.iter().collect()),
        Some(_) => wrong(value.span(), format!("`{name}` has one value, not a list")),
        None => Ok(vec![value]),
    }
}
