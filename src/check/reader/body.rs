//! What a flow file expects of a hook's body.

use crate::check::expected::Expected;
use crate::check::file::Member;
use crate::toml_text::{Members, Read, integer, string, wrong};
use regex::Regex;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Members that say what is expected of a value.
const MATCHERS: [&str; 3] = ["pattern", "present", "not"];

/// Members of a body; tables within are members of members.
pub(super) fn body(what: &str, value: &Spanned<DeValue<'_>>) -> Read<Vec<Member>> {
    let Some(table) = value.get_ref().as_table() else {
        return wrong(value.span(), format!("`{what}` is a table, such as {{ status = \"RING\" }}"));
    };
    let mut found = Vec::new();
    walk(table, &[], &mut found)?;
    found.sort_by_key(|(start, _)| *start);
    Ok(found.into_iter().map(|(_, member)| member).collect())
}

fn walk(table: &DeTable<'_>, outer: &[String], found: &mut Vec<(usize, Member)>) -> Read<()> {
    for (key, value) in table {
        let mut path = outer.to_vec();
        path.extend(key.get_ref().split('.').map(str::to_owned));
        match value.get_ref().as_table() {
            Some(inner) if !is_matcher(inner) => walk(inner, &path, found)?,
            _ => found.push((key.span().start, Member { path, expected: expected(value)? })),
        }
    }
    Ok(())
}

fn is_matcher(table: &DeTable<'_>) -> bool {
    table.len() == 1 && table.keys().all(|key| MATCHERS.contains(&key.get_ref().as_ref()))
}

fn expected(value: &Spanned<DeValue<'_>>) -> Read<Expected> {
    let Some(table) = value.get_ref().as_table() else { return Ok(Expected::OneOf(scalars(value)?)) };
    let mut members = Members::of("an expected value", value.span(), table);
    let expected = if let Some(value) = members.take("pattern") {
        match Regex::new(string("pattern", value)?) {
            Ok(pattern) => Expected::Pattern(pattern),
            Err(error) => {
                let lines = error.to_string();
                let last = lines.lines().last().unwrap_or_default().trim_start_matches("error: ");
                return wrong(value.span(), format!("`pattern` is no regular expression: {last}"));
            }
        }
    } else if let Some(value) = members.take("not") {
        Expected::NoneOf(scalars(value)?)
    } else {
        Expected::Present(members.flag("present")?)
    };
    members.end()?;
    Ok(expected)
}

/// A value, or a list of them.
fn scalars(value: &Spanned<DeValue<'_>>) -> Read<Vec<Value>> {
    match value.get_ref().as_array() {
        Some(values) => values.iter().map(scalar).collect(),
        None => Ok(vec![scalar(value)?]),
    }
}

fn scalar(value: &Spanned<DeValue<'_>>) -> Read<Value> {
    let json = match value.get_ref() {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Boolean(flag) => Some(Value::from(*flag)),
        DeValue::Integer(_) => integer(value.get_ref()).map(Value::from),
        DeValue::Float(float) => float.as_str().parse::<f64>().ok().map(Value::from),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    };
    json.map_or_else(
        || wrong(value.span(), "an expected value is a string, a number, true or false, or a list of these"),
        Ok,
    )
}
