//! Values of a configuration file.

use hookscope::toml_text::{Read, integer, wrong};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) fn table<'t, 'i>(value: &'t Spanned<DeValue<'i>>, what: &str) -> Read<&'t DeTable<'i>> {
    value.get_ref().as_table().map_or_else(|| wrong(value.span(), what), Ok)
}

/// A string or a number, as text.
pub(super) fn scalar(name: &str, value: &Spanned<DeValue<'_>>) -> Read<String> {
    let text = match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        number @ DeValue::Integer(_) => integer(number).map(|number| number.to_string()),
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
