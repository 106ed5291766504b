//! TOML that people write: what stands in it, where, and what is wrong there.

use crate::hook::closest;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong, and where in the text.
#[derive(Debug)]
pub struct Wrong {
    /// Where, in octets.
    pub at: Range<usize>,
    /// What is wrong, the offending key or value named.
    pub what: String,
}

/// What is read, unless something is wrong.
pub type Read<T> = Result<T, Wrong>;

/// Something is wrong at a place.
pub fn wrong<T>(at: Range<usize>, what: impl Into<String>) -> Read<T> {
    Err(Wrong { at, what: what.into() })
}

/// Reads a text.
pub fn parse(text: &str) -> Read<Spanned<DeTable<'_>>> {
    DeTable::parse(text)
        .map_err(|error| Wrong { at: error.span().unwrap_or_default(), what: error.message().to_owned() })
}

/// Line and column of an octet, from 1.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// A table of which members are taken one by one: what is left over is wrong.
pub struct Members<'t, 'i> {
    /// Where it stands.
    pub at: Range<usize>,
    /// What the table is, in words.
    what: &'static str,
    known: Vec<&'static str>,
    left: BTreeMap<&'t str, (Range<usize>, &'t Spanned<DeValue<'i>>)>,
}

impl<'t, 'i> Members<'t, 'i> {
    /// Begins; the table, which is `what`, stands at that place.
    pub fn of(what: &'static str, at: Range<usize>, table: &'t DeTable<'i>) -> Self {
        let member = |(key, value): (&'t Spanned<_>, _)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            (name.as_ref(), (key.span(), value))
        };
        Self { at, what, known: Vec::new(), left: table.iter().map(member).collect() }
    }

    /// A member, if it is there.
    pub fn take(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.known.push(name);
        self.left.remove(name).map(|(_, value)| value)
    }

    /// A member that must be there.
    pub fn needed(&mut self, name: &'static str) -> Read<&'t Spanned<DeValue<'i>>> {
        let (at, what) = (self.at.clone(), self.what);
        self.take(name).map_or_else(|| wrong(at, format!("{what} has no `{name}`")), Ok)
    }

    /// A member that is true or false; false if it is not there.
    pub fn flag(&mut self, name: &'static str) -> Read<bool> {
        match self.take(name).map(|value| (value.span(), value.get_ref().as_bool())) {
            Some((at, None)) => wrong(at, format!("`{name}` is true or false")),
            Some((_, Some(flag))) => Ok(flag),
            None => Ok(false),
        }
    }

    /// The first member that nobody took.
    pub fn end(self) -> Read<()> {
        let Some((name, (at, _))) = self.left.into_iter().min_by_key(|(_, (at, _))| at.start) else {
            return Ok(());
        };
        let what = self.what;
        wrong(at, format!("{what} has no key `{name}`{}", meant(name, &self.known)))
    }
}

/// What a word may have meant, or all that it could have been.
pub fn meant(word: &str, known: &[&str]) -> String {
    match closest(word, known.iter().copied()) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; there are {}", known.join(", ")),
    }
}

/// A whole number.
pub fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A string.
pub fn string<'t>(name: &str, value: &'t Spanned<DeValue<'_>>) -> Read<&'t str> {
    value.get_ref().as_str().map_or_else(|| wrong(value.span(), format!("`{name}` is a string")), Ok)
}

/// A string, or a list of them, which is not empty.
pub fn strings<'t>(name: &str, value: &'t Spanned<DeValue<'_>>) -> Read<Vec<(Range<usize>, &'t str)>> {
    let one = |value: &'t Spanned<_>| Ok((value.span(), string(name, value)?));
    match value.get_ref().as_array() {
        Some(values) if values.is_empty() => wrong(value.span(), format!("`{name}` is an empty list")),
        Some(values) => values.iter().map(one).collect(),
        None => Ok(vec![one(value)?]),
    }
}
