//! Values as they stand in a body: JSON text that is known to be valid, read where it stands, and only on demand.
//!
//! A tree of values costs an allocation for each of them; most are never looked at.

use super::members::{alike, is_unread};
use super::verbatim::Verbatim;
use serde::de::{Deserialize as _, Deserializer as _, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A value in its shortest form: no blanks, no escapes but those that JSON asks for, no member twice.
#[derive(Clone, Copy, Debug)]
pub struct Json<'b>(&'b str);

impl<'b> Json<'b> {
    /// The value's JSON.
    pub const fn as_str(self) -> &'b str {
        self.0
    }

    /// The value as a tree.
    pub fn value(self) -> Value {
        serde_json::from_str(self.0).unwrap_or_default()
    }

    /// The string, where it is one.
    pub fn string(self) -> Option<Cow<'b, str>> {
        string(self.0)
    }

    /// A scalar as text, unless it is empty; numbers and truth values in their JSON form.
    pub fn text(self) -> Option<Cow<'b, str>> {
        match self.0.as_bytes().first()? {
            b'"' => self.string().filter(|text| !text.is_empty()),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// Whether parts of it could not be read, since its text was not in UTF-8.
    pub fn is_unread(self) -> bool {
        is_unread(self.0)
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether it holds others.
    pub fn is_nested(self) -> bool {
        self.0.starts_with(['{', '['])
    }

    /// Whether it is as good as none: null, the empty string, and the empty array that PHP makes of an empty object.
    pub fn says_nothing(self) -> bool {
        matches!(self.0, "null" | "\"\"" | "[]")
    }

    /// Whether two values say the same, however they are written.
    pub fn is_alike(self, other: Self) -> bool {
        self.0 == other.0 || alike(&self.value(), &other.value())
    }

    /// Whether two values are the same, in whatever order their members stand.
    pub fn is_same(self, other: Self) -> bool {
        self.0 == other.0 || self.is_nested() && other.is_nested() && self.value() == other.value()
    }
}

/// A JSON object in its shortest form, and where its members stand; a copy shares them.
#[derive(Clone, Debug, Default)]
pub struct JsonObject {
    json: Arc<str>,
    places: Arc<[Place]>,
    has_escaped_names: bool,
}

/// Where a member stands: its name behind the one before it, its value behind the colon.
#[derive(Clone, Copy, Debug)]
struct Place {
    name_end: u32,
    value_end: u32,
}

impl JsonObject {
    /// Reads an object; `None`, when it is none, or not in its shortest form.
    pub fn read(text: &str) -> Option<Self> {
        let members = Listing::of(text).ok()?.0;
        let is_shortest = members.iter().all(|(name, value)| is_shortest(name) && is_shortest(value));
        if !is_shortest || has_twins(&members) {
            return None;
        }
        Self::place(text, &members)
    }

    /// That of a tree.
    pub fn of(members: &Map<String, Value>) -> Self {
        let json = serde_json::to_string(members).unwrap_or_default();
        let object = Listing::of(&json).ok().and_then(|members| Self::place(&json, &members.0));
        object.unwrap_or_default()
    }

    /// Notes where members stand; `None`, when there is more in the text.
    fn place(text: &str, members: &[(&str, &str)]) -> Option<Self> {
        let mut places = Vec::with_capacity(members.len());
        let mut end = 0;
        for (name, value) in members {
            let name_end = behind(end, name);
            end = behind(name_end, value);
            places.push(Place { name_end: name_end.try_into().ok()?, value_end: end.try_into().ok()? });
        }
        // Whatever else stands in it are blanks.
        (text.len() == end.max(1).saturating_add(1)).then(|| Self {
            json: text.into(),
            places: places.into(),
            has_escaped_names: members.iter().any(|(name, _)| name.contains('\\')),
        })
    }

    /// Its JSON.
    pub fn as_str(&self) -> &str {
        if self.json.is_empty() { "{}" } else { &self.json }
    }

    /// Whether it is a copy of the other one. `false` says nothing.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.json, &other.json)
    }

    /// The same, with other values in place of those for which there is one, in its shortest form.
    #[must_use]
    pub fn with_values(&self, values: &[Option<String>]) -> Self {
        let members = self.iter().zip(values);
        let members: Vec<_> =
            members.map(|((name, value), new)| (name.0, new.as_deref().unwrap_or(value.0))).collect();
        let mut json = String::with_capacity(self.json.len());
        for (name, value) in &members {
            json.push(if json.is_empty() { '{' } else { ',' });
            json.extend([*name, ":", *value]);
        }
        json.push_str(if json.is_empty() { "{}" } else { "}" });
        Self::place(&json, &members).unwrap_or_default()
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The object as a tree.
    pub fn map(&self) -> Map<String, Value> {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    /// Names, in quotation marks, and values.
    fn iter(&self) -> impl Iterator<Item = (Json<'_>, Json<'_>)> {
        let starts = std::iter::once(0).chain(self.places.iter().map(|place| place.value_end as usize));
        starts.zip(&*self.places).filter_map(|(start, place)| {
            let (name_end, value_end) = (place.name_end as usize, place.value_end as usize);
            Some((self.part(start..name_end)?, self.part(name_end..value_end)?))
        })
    }

    /// A name or value, out of what it stands in with the comma, brace or colon before it.
    fn part(&self, range: Range<usize>) -> Option<Json<'_>> {
        self.json.get(range.start.checked_add(1)?..range.end).map(Json)
    }

    /// Names and values.
    pub fn members(&self) -> impl Iterator<Item = (Cow<'_, str>, Json<'_>)> {
        let escaped = self.has_escaped_names;
        self.iter().filter_map(move |(name, value)| {
            let plain = || unquoted(name.0).map(Cow::Borrowed);
            let name = if escaped { name.string() } else { plain() };
            Some((name?, value))
        })
    }

    /// A member's value.
    pub fn get(&self, name: &str) -> Option<Json<'_>> {
        if self.has_escaped_names {
            let is_named = |one: Json<'_>| one.string().is_some_and(|one| one == name);
            return self.iter().find(|(one, _)| is_named(*one)).map(|(_, value)| value);
        }
        // A comma or brace, and two quotation marks: most names are told apart by their lengths.
        let (length, mut start) = (name.len().saturating_add(3), 0);
        for place in &*self.places {
            let (name_end, value_end) = (place.name_end as usize, place.value_end as usize);
            if name_end.saturating_sub(start) == length
                && let Some([_, _, known @ .., _]) = self.json.as_bytes().get(start..name_end)
                && known == name.as_bytes()
            {
                return self.part(name_end..value_end);
            }
            start = value_end;
        }
        None
    }
}

/// The members of an object, unread.
struct Listing<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Listing<'t> {
    fn of(text: &'t str) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let listing = deserializer.deserialize_map(Members)?;
        deserializer.end()?;
        Ok(listing)
    }
}

struct Members;

impl<'t> Visitor<'t> for Members {
    type Value = Listing<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            if !name.get().starts_with('"') {
                return Err(A::Error::custom("a name is no string"));
            }
            members.push((name.get(), value.get()));
        }
        Ok(Listing(members))
    }
}

/// Where a name or value ends that stands behind another one and a comma, brace or colon.
const fn behind(end: usize, part: &str) -> usize {
    end.saturating_add(1).saturating_add(part.len())
}

/// Without the quotation marks.
fn unquoted(json: &str) -> Option<&str> {
    if json.as_bytes().first() != Some(&b'"') {
        return None;
    }
    // The last octet of a string that is valid is its other quotation mark.
    json.get(1..json.len().checked_sub(1)?)
}

/// What a string in quotation marks says.
fn string(json: &str) -> Option<Cow<'_, str>> {
    let plain = unquoted(json)?;
    if memchr::memchr(b'\\', plain.as_bytes()).is_none() {
        return Some(Cow::Borrowed(plain));
    }
    String::deserialize(&mut serde_json::Deserializer::from_str(json)).ok().map(Cow::Owned)
}

/// Digits of a number that any type of it holds.
const SURE_DIGITS: usize = 18;

/// Whether valid JSON without blanks around it is in its shortest form, and within what a tree can hold.
fn is_shortest(json: &str) -> bool {
    let surely = match json.as_bytes() {
        [b'"', inner @ ..] => return has_shortest_escapes(inner),
        b"{}" | b"[]" | [b't' | b'f' | b'n', ..] => true,
        [b'0'..=b'9', rest @ ..] | [b'-', b'1'..=b'9', rest @ ..] => {
            rest.len() < SURE_DIGITS && rest.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    surely
        || serde_json::from_str::<Value>(json)
            .ok()
            .and_then(|value| serde_json::to_string(&value).ok())
            .is_some_and(|shortest| shortest == json)
}

/// Whether a valid string has no escapes but those that JSON asks for (RFC 8259, section 7), each in its shortest form.
fn has_shortest_escapes(mut rest: &[u8]) -> bool {
    while let Some(behind) = memchr::memchr(b'\\', rest).and_then(|at| rest.get(at.checked_add(1)?..)) {
        rest = match behind {
            // Those that have an escape of their own.
            [b'u', b'0', b'0', b'0', b'8' | b'9' | b'a' | b'c' | b'd', ..] => return false,
            [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..]
            | [b'u', b'0', b'0', b'0' | b'1', b'0'..=b'9' | b'a'..=b'f', rest @ ..] => rest,
            _ => return false,
        };
    }
    true
}

/// Members up to which each is compared with each.
const FEW: usize = 32;

/// Whether a name stands twice among names in their shortest form.
fn has_twins(members: &[(&str, &str)]) -> bool {
    if members.len() > FEW {
        let mut seen = HashSet::new();
        return !members.iter().all(|(name, _)| seen.insert(*name));
    }
    let mut rest = members;
    while let [(name, _), behind @ ..] = rest {
        if behind.iter().any(|(other, _)| other == name) {
            return true;
        }
        rest = behind;
    }
    false
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_nested() {
            return self.value().serialize(serializer);
        }
        Verbatim(self.0).serialize(serializer)
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.members() {
            map.serialize_entry(&name, &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::says_nothing;
    use super::*;
    use proptest::prelude::*;

    fn names(object: &JsonObject) -> Vec<String> {
        object.iter().map(|(name, _)| name.string().unwrap().into_owned()).collect()
    }

    #[test]
    fn only_the_shortest_form_is_read_where_it_stands() {
        for text in [
            "{}",
            r#"{"a":1}"#,
            r#"{"a":"\r\n\"","b":[1,{"c":null}],"":-1.5}"#,
            r#"{"\\":"é","t":true}"#,
            r#"{"\u0000":"\u001f\u000b"}"#,
        ] {
            assert_eq!(JsonObject::read(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "[]",
            "{",
            "{ }",
            r#"{"a": 1}"#,
            r#"{"a":1} "#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":"\/"}"#,
            r#"{"a":1e2}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\u001F"}"#,
            r#"{"a":"\u000a"}"#,
            r#"{"a":"\u007f"}"#,
            r#"{"a":"\u00e9"}"#,
            r#"{"a":[1, 2]}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":-0}"#,
            r#"{"a":1e999}"#,
            r#"{"\u0061":1}"#,
            r#"{"a":01}"#,
            r#"{"a":1}{}"#,
            "{1:2}",
        ] {
            assert!(JsonObject::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn members_are_found_by_what_their_names_say() {
        let object = JsonObject::read(r#"{"a":1,"b\"c":"d","e":{"a":2}}"#).unwrap();
        assert_eq!(object.get("b\"c").unwrap().text().as_deref(), Some("d"));
        assert_eq!(object.get("e").unwrap().as_str(), r#"{"a":2}"#);
        assert!(object.get("c").is_none() && object.get("b\\\"c").is_none());
        assert_eq!(names(&object), ["a", "b\"c", "e"]);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,8}|[\\\\\"/\n\u{7f}-\u{9f}]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_object_says_what_its_tree_says(members in prop::collection::btree_map("\\PC{0,4}|[\"\\\\\n]{1,2}", json(), 0..40)) {
            let tree: Map<String, Value> = members.into_iter().collect();
            let object = JsonObject::of(&tree);
            prop_assert_eq!(object.as_str(), serde_json::to_string(&tree).unwrap());
            prop_assert_eq!(object.len(), tree.len());
            for (name, value) in &tree {
                let own = object.get(name).unwrap();
                prop_assert_eq!(own.as_str(), serde_json::to_string(value).unwrap());
                prop_assert_eq!(own.says_nothing(), says_nothing(value));
                prop_assert_eq!(own.text().map(Cow::into_owned), super::super::text(value));
                prop_assert!(own.is_alike(own) && own.is_same(own));
            }
            let other = |(place, _)| (place % 2 == 0).then(|| "[7]".to_owned());
            let others: Vec<_> = tree.iter().enumerate().map(other).collect();
            let mut changed = tree;
            changed.values_mut().step_by(2).for_each(|value| *value = serde_json::json!([7]));
            let (object, expected) = (object.with_values(&others), JsonObject::of(&changed));
            prop_assert_eq!(object.as_str(), expected.as_str());
            prop_assert!(changed.keys().all(|name| object.get(name).map(Json::as_str) == expected.get(name).map(Json::as_str)));
        }

        #[test]
        fn what_is_read_where_it_stands_is_what_a_tree_would_be_written_as(text in "[{}\\[\\]\":,0-9aeE.\\\\u/ -]{0,24}|\\{\"a\":\"(\\\\(u00[01][0-9a-fA-F]|[a-u\\\\/\"])|x){0,6}\"\\}") {
            let tree = serde_json::from_str::<Map<String, Value>>(&text).ok();
            let written = tree.and_then(|tree| serde_json::to_string(&tree).ok());
            prop_assert_eq!(JsonObject::read(&text).is_some(), written.as_deref() == Some(text.as_str()));
        }
    }
}
