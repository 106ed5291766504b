//! JSON bodies, read as loosely as real ones need it: numbers as strings, missing and null members, cut bodies by the
//! prefix that is visible.

use super::json::{Json, JsonObject};
use crate::http::{Body, Completeness};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The members of a body that should be a JSON object.
#[derive(Clone, Debug, Default)]
pub struct Members {
    object: JsonObject,
    state: State,
}

#[derive(Clone, Debug, Default)]
enum State {
    /// All members.
    Whole,
    /// Those of the captured part.
    Visible,
    /// There is no body, or nothing but white space.
    #[default]
    Empty,
    /// The body was not captured, or cannot be decoded.
    Invisible,
    /// The body is no JSON object.
    Unusable(Box<Unusable>),
}

/// Why a body is no JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What it is instead, for people.
    pub what: String,
    /// The line where reading failed, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl Members {
    /// Reads a body.
    pub fn read(body: &Body, completeness: Completeness) -> Self {
        let seen_whole = body.missing == 0 && !body.cut && completeness == Completeness::Whole;
        if let Some(coding) =
            body.coding.as_deref().filter(|_| body.undecodable && seen_whole && body.has_known_coding())
        {
            let what = format!("octets that are not {coding}, as the header fields say");
            return Self::unusable(Unusable { what, line: 1, column: 1 });
        }
        let is_blank = body.octets.iter().all(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r'));
        if body.undecodable || is_blank && !seen_whole {
            return Self { object: JsonObject::default(), state: State::Invisible };
        }
        if is_blank {
            return Self::default();
        }
        if is_utf_16(&body.octets) {
            return Self::unusable(Unusable { what: "JSON in UTF-16".to_owned(), line: 1, column: 1 });
        }
        let whole = str::from_utf8(&body.octets).map(Cow::Borrowed);
        let text = whole.unwrap_or_else(|_| String::from_utf8_lossy(&body.octets));
        if let Some(object) = JsonObject::read(&text) {
            return Self { object, state: State::Whole };
        }
        let text = with_whole_characters(text);
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(map)) => Self { object: JsonObject::of(&map), state: State::Whole },
            Ok(other) => {
                let what = format!("JSON, but {} instead of an object", kind(&other));
                Self::unusable(Unusable { what, line: 1, column: 1 })
            }
            Err(error) if seen_whole || !error.is_eof() => {
                let object = JsonObject::of(&visible(&text));
                // What fails behind a line's end fails before the next one's first column.
                let (line, column) = (error.line(), error.column().max(1));
                let unusable = Unusable { what: guess(&text), line, column };
                Self { object, state: State::Unusable(Box::new(unusable)) }
            }
            Err(_) => Self { object: JsonObject::of(&visible(&text)), state: State::Visible },
        }
    }

    /// Reads a body that may be the same as another one, which was read: backends often answer with what they were sent.
    pub(super) fn read_beside(
        body: &Body,
        completeness: Completeness,
        (other, known): (&[u8], &Self),
    ) -> Self {
        if known.is_whole() && !body.undecodable && body.octets == other {
            return known.clone();
        }
        Self::read(body, completeness)
    }

    fn unusable(why: Unusable) -> Self {
        Self { object: JsonObject::default(), state: State::Unusable(Box::new(why)) }
    }

    /// A member, unless it is null.
    pub fn get(&self, name: &str) -> Option<Json<'_>> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A member as text; numbers and truth values in their JSON form.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).and_then(Json::text)
    }

    /// A member as a truth value, strings included.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }

    /// All members that are known.
    pub const fn object(&self) -> &JsonObject {
        &self.object
    }

    /// The same: names and values.
    pub fn iter(&self) -> impl Iterator<Item = (Cow<'_, str>, Json<'_>)> {
        self.object.members()
    }

    /// The same as a tree.
    pub fn map(&self) -> Map<String, Value> {
        self.object.map()
    }

    /// Whether the body is a JSON object, and all of it is known.
    pub const fn is_whole(&self) -> bool {
        matches!(self.state, State::Whole)
    }

    /// Whether the capture does not show the body's end.
    pub const fn is_partial(&self) -> bool {
        matches!(self.state, State::Visible | State::Invisible)
    }

    /// Whether the capture shows nothing of the body.
    pub const fn is_invisible(&self) -> bool {
        matches!(self.state, State::Invisible)
    }

    /// Whether there is no body.
    pub const fn is_empty(&self) -> bool {
        matches!(self.state, State::Empty)
    }

    /// Why the body is no JSON object.
    pub const fn problem(&self) -> Option<&Unusable> {
        match &self.state {
            State::Unusable(why) => Some(why),
            _ => None,
        }
    }
}

/// A scalar as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether a value is as good as none: null, the empty string, and the empty array that PHP makes of an empty object.
pub fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// Whether two values say the same, however they are written: `5060` and `"5060"`, `true` and `"true"`, a member that is
/// null and one that is not there. Texts that could not be read are not said to differ.
pub fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let in_both = |name: &String| match (one.get(name), other.get(name)) {
                (Some(one), Some(other)) => alike(one, other),
                (Some(only), None) | (None, Some(only)) => says_nothing(only),
                (None, None) => true,
            };
            one.keys().all(in_both) && other.keys().all(in_both)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        _ if says_nothing(one) || is_empty_object(one) => says_nothing(other) || is_empty_object(other),
        _ => match (text(one), text(other)) {
            (Some(one), Some(other)) => {
                let is_unread = is_unread(&one) || is_unread(&other);
                is_unread || one == other || plain(&one) == plain(&other) && plain(&one).is_some()
            }
            _ => false,
        },
    }
}

fn is_empty_object(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// A number or truth value by what it means: PHP writes truth values as 1 and 0.
fn plain(text: &str) -> Option<u64> {
    match text {
        "true" => Some(1_f64.to_bits()),
        "false" => Some(0_f64.to_bits()),
        _ => text.parse::<f64>().ok().map(f64::to_bits),
    }
}

/// Whether parts of a text could not be read: it was not in UTF-8 (RFC 8259, section 8.1).
pub(super) fn is_unread(text: &str) -> bool {
    text.contains(char::REPLACEMENT_CHARACTER)
}

/// Whether a body is an object in UTF-16, behind a byte order mark or not (RFC 4627, section 3).
const fn is_utf_16(octets: &[u8]) -> bool {
    matches!(octets, [0xff, 0xfe, b'{', 0, ..] | [0xfe, 0xff, 0, b'{', ..] | [b'{', 0, ..] | [0, b'{', ..])
}

/// What kind of value it is, in words.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// What a body that is no JSON looks like.
fn guess(text: &str) -> String {
    let start: String = text.trim_start().chars().take(2_000).collect::<String>().to_ascii_lowercase();
    let plain = start.replace("<b>", "").replace("</b>", "");
    let php = ["notice:", "warning:", "deprecated:", "fatal error:", "parse error:"];
    let what = if text.starts_with('\u{feff}') {
        "JSON behind a byte order mark"
    } else if php.iter().any(|word| plain.contains(word))
        && (plain.len() < start.len() || plain.contains(" on line "))
    {
        "a PHP message before or instead of the JSON"
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<body") {
        "an HTML page"
    } else if start.starts_with("<?xml") || start.starts_with('<') {
        "XML or HTML"
    } else if start.starts_with('{') {
        "broken JSON"
    } else {
        "text"
    };
    what.to_owned()
}

/// Octets of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// The same without halves of characters, which the grammar allows (RFC 8259, section 8.2) but no text can hold: who cuts a
/// text may cut it between them.
fn with_whole_characters(text: Cow<'_, str>) -> Cow<'_, str> {
    let (mut whole, mut rest, mut is_same) = (String::new(), &*text, true);
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        let is_low = |code: u16| code >= 0xdc00;
        let (length, stays) = match half(escape) {
            None => (escape.chars().take(2).map(char::len_utf8).sum(), true),
            Some(code) if !is_low(code) && escape.get(ESCAPE..).and_then(half).is_some_and(is_low) => {
                (2 * ESCAPE, true)
            }
            Some(_) => (ESCAPE, false),
        };
        let (known, behind) = escape.split_at_checked(length).unwrap_or((escape, ""));
        whole.extend([before, if stays { known } else { "\\ufffd" }]);
        (rest, is_same) = (behind, is_same && stays);
    }
    if is_same {
        return text;
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The half of a character that an escape stands for (Unicode, section 3.8: a surrogate).
fn half(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|code| (0xd800..0xe000).contains(code))
}

/// The members in front of where a JSON object breaks off.
fn visible(text: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let Some(mut rest) = text.trim_start().strip_prefix('{') else { return map };
    while let Some((name, after)) = next::<String>(rest) {
        let Some(after) = after.trim_start().strip_prefix(':') else { break };
        // A value at the very end may be cut itself.
        let Some((value, after)) = next::<Value>(after).filter(|(_, after)| !after.trim_start().is_empty())
        else {
            break;
        };
        map.insert(name, value);
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    map
}

/// Reads one value and returns what stands behind it.
fn next<T: serde::de::DeserializeOwned>(text: &str) -> Option<(T, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_no_error() {
        for (text, whole) in [
            (r#"{"a":"\ud83d"}"#, r#"{"a":"\ufffd"}"#),
            (r#"{"a":"x\uDE00\ud83d\ud83d\ude00é\\ud83d"}"#, r#"{"a":"x\ufffd\ufffd\ud83d\ude00é\\ud83d"}"#),
            (r#"{"a":"\ud83d\u0041\ud8"#, r#"{"a":"\ufffd\u0041\ud8"#),
            (r#"{"a":"\ud83d\ude00\n"}"#, r#"{"a":"\ud83d\ude00\n"}"#),
        ] {
            assert_eq!(with_whole_characters(Cow::Borrowed(text)), whole);
        }
    }

    fn read(text: &str, missing: u64) -> Members {
        let body = Body { octets: text.as_bytes().to_vec(), missing, ..Body::default() };
        let completeness = if missing > 0 { Completeness::NotCaptured } else { Completeness::Whole };
        Members::read(&body, completeness)
    }

    #[test]
    fn a_cut_body_gives_the_members_that_are_visible() {
        let members = read(r#"{"nodeId":"n","hasVideo":true,"custom":{"a":[1,2]},"port":506"#, 9);
        assert_eq!(members.text("nodeId").as_deref(), Some("n"));
        assert_eq!(members.flag("hasVideo"), Some(true));
        assert_eq!(members.object().len(), 3, "the number may go on");
        assert!(members.is_partial() && members.problem().is_none());
        assert_eq!(read(r#"{"sdp":"v=0\r"#, 9).object().len(), 0);
    }

    #[test]
    fn every_cut_of_a_body_is_a_partial_one_and_no_accusation() {
        let text = r#"{"nodeId":"n","a":null,"b":[{"c":"d\u00e9"}],"e":-1.5e3,"f":false}"#;
        for cut in 1..text.len() {
            let visible = text.get(..cut).unwrap();
            let members = read(visible, 1);
            assert!(members.is_partial(), "{visible}: {members:?}");
        }
    }

    #[test]
    fn what_is_no_object_is_named() {
        let what = |text: &str| read(text, 0).problem().unwrap().what.clone();
        assert_eq!(what("<!DOCTYPE html><title>"), "an HTML page");
        assert_eq!(what("\u{feff}{}"), "JSON behind a byte order mark");
        assert_eq!(what("<b>Notice</b>: Undefined index"), "a PHP message before or instead of the JSON");
        assert_eq!(what("[]"), "JSON, but an array instead of an object");
        assert_eq!(what(r#"{"a":1,}"#), "broken JSON");
        assert_eq!(what("OK"), "text");
        let place = |text: &str| read(text, 0).problem().map(|problem| (problem.line, problem.column));
        assert_eq!(place("{\"a\":1,\n \"b\" 2}"), Some((2, 6)));
        assert_eq!(place("{\"a\":1,\n"), Some((2, 1)));
        let utf_16 = |order: fn(u16) -> [u8; 2], mark: &str| {
            let octets = format!("{mark}{{}}").encode_utf16().flat_map(order).collect();
            let body = Body { octets, ..Body::default() };
            Members::read(&body, Completeness::Whole).problem().unwrap().what.clone()
        };
        for mark in ["", "\u{feff}"] {
            assert_eq!(utf_16(u16::to_le_bytes, mark), "JSON in UTF-16");
            assert_eq!(utf_16(u16::to_be_bytes, mark), "JSON in UTF-16");
        }
    }

    #[test]
    fn white_space_is_nothing() {
        assert!(read(" \r\n\t", 0).is_empty());
        assert!(read(" \n", 1).is_invisible(), "more may follow");
    }

    #[test]
    fn a_whole_body_that_is_not_what_its_coding_says_is_unusable() {
        let coded = |coding: &str, missing| {
            let coding = Some(coding.to_owned());
            let body = Body { octets: b"{}".to_vec(), coding, undecodable: true, missing, ..Body::default() };
            Members::read(&body, Completeness::Whole)
        };
        assert!(coded("gzip", 0).problem().is_some());
        assert!(
            coded("gzip", 1).is_invisible() && coded("exi", 0).is_invisible(),
            "nothing is known of these"
        );
    }

    #[test]
    fn values_are_compared_by_what_they_say() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (one, other) in [
            ("5060", "\"5060\""),
            ("true", "\"true\""),
            ("true", "1"),
            ("7", "7.0"),
            ("{}", "[]"),
            ("null", "\"\""),
            (r#"{"a":1,"b":null}"#, r#"{"a":"1"}"#),
            (r#"["x",[]]"#, r#"["x",{}]"#),
            ("\"J\u{fffd}rg\"", "\"Jörg\""),
        ] {
            assert!(alike(&value(one), &value(other)) && alike(&value(other), &value(one)), "{one} {other}");
        }
        for (one, other) in [
            ("1", "2"),
            ("\"a\"", "\"A\""),
            ("{}", "1"),
            ("[1]", "[1,2]"),
            ("true", "0"),
            (r#"{"a":1}"#, "{}"),
        ] {
            assert!(!alike(&value(one), &value(other)), "{one} {other}");
        }
    }

    #[test]
    fn loose_types_read_alike() {
        let members = read(r#"{"sipPort":"5060","hasAudio":"true","n":7,"empty":"","none":null}"#, 0);
        assert_eq!(members.flag("hasAudio"), Some(true));
        assert_eq!(members.text("n").as_deref(), Some("7"));
        assert_eq!((members.text("empty"), members.get("none").is_none()), (None, true));
    }
}
