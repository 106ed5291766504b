//! Tables of a flow file, and their values, with their places.

use crate::hook::closest;
use crate::time::Span;
use std::collections::BTreeMap;
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

/// A table of which members are taken one by one: what is left over is wrong.
pub(super) struct Members<'t, 'i> {
    pub(super) at: Range<usize>,
    /// What the table is, in words.
    pub(super) what: &'static str,
    pub(super) known: Vec<&'static str>,
    pub(super) left: BTreeMap<&'t str, (Range<usize>, &'t Spanned<DeValue<'i>>)>,
}

impl<'t, 'i> Members<'t, 'i> {
    pub(super) fn of(what: &'static str, at: Range<usize>, table: &'t DeTable<'i>) -> Self {
        let member = |(key, value): (&'t Spanned<_>, _)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            (name.as_ref(), (key.span(), value))
        };
        Self { at, what, known: Vec::new(), left: table.iter().map(member).collect() }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.known.push(name);
        self.left.remove(name).map(|(_, value)| value)
    }

    pub(super) fn needed(&mut self, name: &'static str) -> Read<&'t Spanned<DeValue<'i>>> {
        let (at, what) = (self.at.clone(), self.what);
        self.take(name).map_or_else(|| wrong(at, format!("{what} has no `{name}`")), Ok)
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Read<bool> {
        match self.take(name).map(|value| (value.span(), value.get_ref().as_bool())) {
            Some((at, None)) => wrong(at, format!("`{name}` is true or false")),
            Some((_, Some(flag))) => Ok(flag),
            None => Ok(false),
        }
    }

    pub(super) fn span(&mut self, name: &'static str) -> Read<Option<Span>> {
        self.take(name).map(|value| span(name, value)).transpose()
    }

    /// The first member that nobody took.
    pub(super) fn end(self) -> Read<()> {
        let Some((name, (at, _))) = self.left.into_iter().min_by_key(|(_, (at, _))| at.start) else {
            return Ok(());
        };
        let what = self.what;
        wrong(at, format!("{what} has no key `{name}`{}", meant(name, &self.known)))
    }
}

/// What a word may have meant, or all that it could have been.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    match closest(word, known.iter().copied()) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; there are {}", known.join(", ")),
    }
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

pub(super) fn string<'t>(name: &str, value: &'t Spanned<DeValue<'_>>) -> Read<&'t str> {
    value.get_ref().as_str().map_or_else(|| wrong(value.span(), format!("`{name}` is a string")), Ok)
}

/// A string, or a list of them, which is not empty.
pub(super) fn strings<'t>(name: &str, value: &'t Spanned<DeValue<'_>>) -> Read<Vec<(Range<usize>, &'t str)>> {
    let one = |value: &'t Spanned<_>| Ok((value.span(), string(name, value)?));
    match value.get_ref().as_array() {
        Some(values) if values.is_empty() => wrong(value.span(), format!("`{name}` is an empty list")),
        Some(values) => values.iter().map(one).collect(),
        None => Ok(vec![one(value)?]),
    }
}

/// A duration: `"500ms"`, `"2s"`, `"1.5 s"`, `"3min"`.
pub(super) fn span(name: &str, value: &Spanned<DeValue<'_>>) -> Read<Span> {
    const UNITS: [(&str, f64); 3] = [("ms", 1e6), ("min", 6e10), ("s", 1e9)];
    let text = string(name, value)?.trim();
    let parsed = UNITS.iter().find_map(|(unit, size)| {
        let number: f64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        (0.0..=1e6).contains(&number).then_some(number * size)
    });
    #[expect(clippy::cast_possible_truncation, reason = "the range has been checked")]
    parsed.map(|nanoseconds| Span::from_nanoseconds(nanoseconds.round() as i64)).map_or_else(
        || wrong(value.span(), format!("`{name}` is a duration, such as \"500ms\", \"2s\" or \"3min\"")),
        Ok,
    )
}
