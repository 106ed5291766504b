//! Finds secrets by the names that they have, in text that is JSON, was JSON, or holds JSON in strings of any depth.
//!
//! Deliberately does not: parse. A body may be cut, broken, or quoted by somebody who escapes in his own way; so that
//! all that counts is a name, what stands between it and its value, and how the value is quoted. In JSON that stands in
//! a string a quotation mark has backslashes before it, more with each level: these tell where a string ends.

use super::mask::Kind;
use super::view::{decoded, plain};
use crate::catalog::is_secret;
use memchr::memchr2;
use regex::Regex;
use std::ops::Range;
use std::sync::OnceLock;

/// A part of a text that is to be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) kind: Kind,
    /// A value without quotation marks in JSON: how many backslashes its mask needs before its own.
    pub(super) unquoted: Option<usize>,
}

impl Mark {
    pub(super) const fn new(range: Range<usize>, kind: Kind) -> Self {
        Self { range, kind, unquoted: None }
    }
}

/// A name in quotation marks and what stands between it and its value, in JSON, in PHP and in Python.
const QUOTED: &str = r#"(\\*)(["'])((?:[^"'\\\r\n]|\\+(?:u[0-9a-fA-F]{4}|/))+)(\\*)(["'])(?:[\t\n\x0b\x0c\r ]|\\+[nrt]|\])*(?::|=>?|;s:[0-9]+:|;[id]:)(?:[\t\n\x0b\x0c\r ]|\\+[nrt])*(?:string\([0-9]+\) |int\()?"#;
/// Names of members whose value is the name of what the member `value` beside them holds.
const NAMING: [&str; 6] = ["name", "key", "field", "header", "param", "parameter"];
/// Where a value ends that is not quoted, behind a name that is.
const BEHIND_QUOTED: &[u8] = b",}])\r\n\"'";
/// The same behind a name that is not quoted.
const BEHIND_PLAIN: &[u8] = b" \t\r\n&;,<>\"'})]";

/// Finds values by their names.
#[derive(Default)]
pub(super) struct Scanner(OnceLock<Option<Regex>>);

impl Scanner {
    /// Marks the values behind quoted names.
    pub(super) fn scan(&self, text: &str, marks: &mut Vec<Mark>) {
        if memchr2(b'"', b'\'', text.as_bytes()).is_none() {
            return;
        }
        let mut named = false;
        let quoted = self.0.get_or_init(|| Regex::new(QUOTED).ok());
        for found in quoted.iter().flat_map(|quoted| quoted.captures_iter(text)) {
            let group = |number| found.get(number).map_or("", |group| group.as_str());
            if group(1).len() != group(4).len() || group(2) != group(5) {
                continue;
            }
            let level = group(1).len();
            let name = meaning(group(3));
            let value = Values { octets: text.as_bytes(), level };
            let at = found.get(0).map_or(text.len(), |all| all.end());
            if is_secret(&name) || named && name.eq_ignore_ascii_case("value") {
                value.mark(at, BEHIND_QUOTED, marks);
            }
            if NAMING.iter().any(|naming| name.eq_ignore_ascii_case(naming)) {
                let told = value.string_at(at).and_then(|range| text.get(range));
                named = told.is_some_and(|told| is_secret(&meaning(told)));
            }
        }
    }
}

/// A name with its escapes undone.
fn meaning(name: &str) -> String {
    decoded(name.as_bytes()).map_or_else(|| name.to_owned(), |view| plain(view.octets()))
}

/// Marks the value that begins at an offset, behind a name that is not quoted.
pub(super) fn mark_plain(text: &str, at: usize, marks: &mut Vec<Mark>) {
    let mut own = Vec::new();
    Values { octets: text.as_bytes(), level: 0 }.mark(at, BEHIND_PLAIN, &mut own);
    marks.extend(own.into_iter().map(|mark| Mark { unquoted: None, ..mark }));
}

/// The octets of a text, and the backslashes before the quotation marks of the name that was found.
struct Values<'t> {
    octets: &'t [u8],
    level: usize,
}

impl Values<'_> {
    fn at(&self, at: usize) -> Option<u8> {
        self.octets.get(at).copied()
    }

    /// Backslashes from an offset on.
    fn backslashes(&self, at: usize) -> usize {
        self.octets.get(at..).unwrap_or_default().iter().take_while(|octet| **octet == b'\\').count()
    }

    /// A quotation mark behind the backslashes at an offset, and how many these are.
    fn quote(&self, at: usize) -> Option<(usize, u8)> {
        let level = self.backslashes(at);
        self.at(at + level).filter(|octet| b"\"'".contains(octet)).map(|quote| (level, quote))
    }

    /// The content of the string that begins at an offset.
    fn string_at(&self, at: usize) -> Option<Range<usize>> {
        let (level, quote) = self.quote(at)?;
        let start = at + level + 1;
        Some(start..self.string_end(start, level, quote))
    }

    /// Where a string ends: at its own quotation mark, at that of a string around it, or with the text.
    fn string_end(&self, start: usize, level: usize, quote: u8) -> usize {
        let mut at = start;
        while at < self.octets.len() {
            let count = self.backslashes(at);
            let behind = at + count;
            if self.at(behind) == Some(quote) {
                // The string's own backslashes come in pairs, each written as often as the level asks for.
                let own = count.checked_sub(level).map(|more| more / (level + 1));
                match own {
                    None => return at,
                    Some(pairs) if pairs % 2 == 0 => return behind - level,
                    Some(_) => {}
                }
            }
            at = behind + 1;
        }
        self.octets.len()
    }

    fn mark(&self, at: usize, ends: &[u8], marks: &mut Vec<Mark>) {
        match self.at(at) {
            Some(b'{' | b'[') => self.walk(at, marks),
            _ => match self.string_at(at) {
                Some(range) => marks.push(Mark::new(range, Kind::Secret)),
                None => {
                    self.mark_bare(at, ends, marks);
                }
            },
        }
    }

    /// Marks a value that is not quoted; returns where it ends.
    fn mark_bare(&self, at: usize, ends: &[u8], marks: &mut Vec<Mark>) -> usize {
        let mut end = at;
        while let Some(octet) = self.at(end) {
            let escape = octet == b'\\'
                && self
                    .at(end + self.backslashes(end))
                    .is_none_or(|behind| b"\"'nrt".contains(&behind) || ends.contains(&behind));
            if ends.contains(&octet) || escape {
                break;
            }
            end += 1;
        }
        let value = self.octets.get(at..end).unwrap_or_default();
        let length = value.trim_ascii_end().len();
        if length > 0 && ![&b"true"[..], b"false", b"null"].contains(&value.trim_ascii_end()) {
            let unquoted = Some(self.level);
            marks.push(Mark { range: at..at + length, kind: Kind::Secret, unquoted });
        }
        end
    }

    /// Marks the leaves of an array or object, up to its end or that of a string around it.
    fn walk(&self, start: usize, marks: &mut Vec<Mark>) {
        let (mut at, mut depth, mut level) = (start, 0_usize, None);
        while let Some(octet) = self.at(at) {
            let count = self.backslashes(at);
            match octet {
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => return,
                b'}' | b']' => depth -= 1,
                b',' | b':' => {}
                _ if octet.is_ascii_whitespace() => {}
                b'\\' if self.at(at + count).is_some_and(|octet| b"nrt".contains(&octet)) => at += count,
                b'\\' | b'"' | b'\'' if self.quote(at).is_some() => {
                    let level = *level.get_or_insert(count);
                    let Some(range) = self.string_at(at).filter(|_| count >= level) else { return };
                    at = range.end + level.min(self.octets.len().saturating_sub(range.end));
                    if !self.is_name(at + 1) {
                        marks.push(Mark::new(range, Kind::Secret));
                    }
                }
                _ => {
                    let mut own = Vec::new();
                    let end = self.mark_bare(at, b",}]: \t\r\n\"'", &mut own).max(at + 1);
                    if !self.is_name(end) {
                        marks.extend(own);
                    }
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
    }

    /// Whether a colon follows: what stands before it is a name.
    fn is_name(&self, at: usize) -> bool {
        let rest = self.octets.get(at..).unwrap_or_default();
        rest.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b':')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut marks = Vec::new();
        Scanner::default().scan(text, &mut marks);
        let mut masked = text.to_owned();
        marks.sort_by_key(|mark| mark.range.start);
        for mark in marks.iter().rev() {
            masked.replace_range(mark.range.clone(), "#");
        }
        masked
    }

    #[test]
    fn values_are_found_in_whole_cut_and_broken_json() {
        for (text, expected) in [
            (r#"{"password":"a\"b","x":"y"}"#, r##"{"password":"#","x":"y"}"##),
            (r#"{"password":"a\\","x":"y"}"#, r##"{"password":"#","x":"y"}"##),
            (r#"{"password" : "cut of"#, r##"{"password" : "#"##),
            (r#"{"password": 1234567,"#, r#"{"password": #,"#),
            (r#"{"password":tru"#, r#"{"password":#"#),
            (
                r#"{"password":["a",["b",7],{"k":"c"}],"x":1}"#,
                r##"{"password":["#",["#",#],{"k":"#"}],"x":1}"##,
            ),
            (
                r#"{"custom":{"a":{"b":"c"},"d":null},"x":"y"}"#,
                r##"{"custom":{"a":{"b":"#"},"d":null},"x":"y"}"##,
            ),
            (r#"{"\u0050assword":"a"}"#, r##"{"\u0050assword":"#"}"##),
            ("{'password':'a','x':'y'}", "{'password':'#','x':'y'}"),
            (
                r#"{"name":"token","value":"a"},{"name":"b","value":"c"}"#,
                r##"{"name":"token","value":"#"},{"name":"b","value":"c"}"##,
            ),
            (r#"["password"]=> string(3) "abc""#, r##"["password"]=> string(3) "#""##),
            (r#"s:8:"password";s:1:"a";s:1:"x";s:1:"y";"#, r##"s:8:"password";s:1:"#";s:1:"x";s:1:"y";"##),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn values_are_found_in_strings_of_any_depth() {
        let inner =
            serde_json::json!({"password": "a\"b\\", "x": "y", "custom": {"k": ["v", "w"]}}).to_string();
        let mut text = inner;
        for _ in 0..4 {
            let masked = masked(&text);
            assert!(!masked.contains('a') || !masked.contains("a\\"), "{masked}");
            assert!(
                masked.contains('y') && !masked.contains('v') && !masked.contains('w'.to_string().as_str())
                    || masked.contains("password"),
                "{masked}"
            );
            assert_eq!(masked.matches('#').count(), 3, "{masked}");
            text = serde_json::json!({ "p": text }).to_string();
        }
    }
}
