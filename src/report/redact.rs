//! Masks secrets, in one place, before any renderer sees them.
//!
//! What is secret: members that the catalogue marks, members whose name says so, everything inside `custom`,
//! credentials in SIP messages, SDP, header fields, URLs and query strings; and each such value again wherever else it
//! occurs.

use crate::catalog::is_secret;
use crate::session::Case;
use aho_corasick::{AhoCorasick, MatchKind};
use regex::{Captures, Regex, RegexSet};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// What stands in place of a secret.
const MASK: &str = "***";
/// A secret shorter than this is masked where it is a member's value only: elsewhere it could be any word.
const SHORTEST: usize = 6;
/// A secret of letters alone must be as long as this to be told from a word.
const SHORTEST_OF_LETTERS: usize = 12;
/// Secrets that are looked for outside their members.
const MOST_SECRETS: usize = 1_000_000;
/// JSON inside strings inside JSON is followed that deep.
const DEEPEST: usize = 8;
/// Masks secrets.
pub(super) struct Redactor {
    active: bool,
    patterns: Vec<Regex>,
    /// Tells which patterns apply at all.
    any: RegexSet,
    /// Finds the known secrets.
    known: Option<AhoCorasick>,
}

/// Secrets in text: what is kept stands in the first group, what is masked behind it.
const PATTERNS: [&str; 7] = [
    // Header fields, in HTTP and SIP.
    r"(?i)(\b(?:proxy-|www-)?(?:authorization|authenticate|authentication-info)\s*:[ \t]*|\b(?:set-)?cookie\s*:[ \t]*|\bx-api-key\s*:[ \t]*)[^\r\n]+",
    // name=value and "name":"value", also escaped inside another string, also in query strings.
    r#"(?i)([\w.%-]*(?:password|passwd|pwd|passphrase|secret|token|api_?key|credential)[\w.-]*(?:\\*["'])?\s*(?:[:=]|%3[ad])\s*(?:\\*["'])?)[^\s&;,<>"'\\})\]]+"#,
    // Credentials in a URL: what stands between the user's name and the host.
    r"(?i)(\b[a-z][a-z0-9+.-]*:(?://)?[^/\s:@<>]+:)[^/\s@<>]+(?:@)",
    // The same without a password: what stands before the host is one.
    r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s:@<>]+(?:@)",
    // Query parameters whose whole name says so, and bearer tokens (RFC 6750).
    r"(?i)([?&;](?:auth|aclauth|pass_?|key|access_?key|jwt|sig|signature)=|\bbearer )[^\s&;,<>]+",
    // Keys of media encryption, in SDP.
    r"(?i)(a=(?:ice-pwd|crypto|key-mgmt)(?:\\*):)[^\r\n\\]+",
    // Digest credentials (RFC 7616), outside their header field.
    r#"(?i)(\b(?:response|cnonce|nonce|opaque)=\\*")[0-9a-z+/=._-]{8,}"#,
];

impl Redactor {
    /// Learns the secrets of a case; masks nothing if not `active`.
    pub(super) fn new(case: &Case, active: bool) -> Self {
        let patterns: Vec<Regex> = PATTERNS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        let any = RegexSet::new(PATTERNS).unwrap_or_default();
        let mut secrets = BTreeSet::new();
        if active {
            for record in &case.hooks {
                learn(record.request.map(), false, 0, &mut secrets);
                if let Some(answer) = &record.answer {
                    learn(answer.members.map(), false, 0, &mut secrets);
                }
            }
            // WCS 4 uses the session's id as its token: ids are what a report is about.
            for record in &case.hooks {
                let context = &record.context;
                for id in [&context.session_id, &context.node_id, &context.app_key].into_iter().flatten() {
                    secrets.remove(id);
                }
            }
        }
        let known = finder(&secrets.into_iter().take(MOST_SECRETS).collect::<Vec<_>>());
        Self { active, patterns, any, known }
    }

    /// Whether anything is masked.
    pub(super) const fn is_active(&self) -> bool {
        self.active
    }

    /// Text from a capture, masked.
    pub(super) fn text(&self, text: &str) -> String {
        if !self.active {
            return text.to_owned();
        }
        let mut masked = Cow::Borrowed(text);
        if let Some(known) = self.known.as_ref().filter(|known| known.is_match(text)) {
            masked = Cow::Owned(known.replace_all(text, &vec![MASK; known.patterns_len()]));
        }
        for matched in self.any.matches(&masked.clone()) {
            let Some(pattern) = self.patterns.get(matched) else { continue };
            let keep = |found: &Captures<'_>| {
                let kept = found.get(1).map_or("", |kept| kept.as_str());
                let at = if found.get(0).is_some_and(|all| all.as_str().ends_with('@')) { "@" } else { "" };
                format!("{kept}{MASK}{at}")
            };
            masked = Cow::Owned(pattern.replace_all(&masked, keep).into_owned());
        }
        masked.into_owned()
    }

    /// A header field, masked: what a field of that name holds in a secret's place.
    pub(super) fn field(&self, name: &str, value: &str) -> (String, String) {
        let line = self.text(&format!("{name}: {value}"));
        match line.split_once(": ") {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (self.text(name), self.text(value)),
        }
    }

    /// A body as text, masked: JSON by its members' names, other text by what stands in it.
    pub(super) fn body(&self, text: &str) -> String {
        match nested(text, 0).filter(|_| self.active) {
            Some(value) => self.value(&value, false, 0).to_string(),
            None => self.text(text),
        }
    }

    /// A body's members, masked.
    pub(super) fn members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        members.iter().map(|(name, value)| (name.clone(), self.member(name, value))).collect()
    }

    /// A member's value, masked.
    pub(super) fn member(&self, name: &str, value: &Value) -> Value {
        if self.active { self.value(value, is_secret(name), 0) } else { value.clone() }
    }

    fn value(&self, value: &Value, secret: bool, depth: usize) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        (self.text(name), self.value(value, secret || is_secret(name), depth))
                    })
                    .collect(),
            ),
            Value::Array(values) => values.iter().map(|value| self.value(value, secret, depth)).collect(),
            Value::Null | Value::Bool(_) => value.clone(),
            _ if secret => MASK.into(),
            Value::String(text) => match nested(text, depth) {
                Some(inner) => self.value(&inner, false, depth + 1).to_string().into(),
                None => self.text(text).into(),
            },
            Value::Number(_) => value.clone(),
        }
    }
}

/// What finds secrets in text, the longest where one contains another.
fn finder(secrets: &[String]) -> Option<AhoCorasick> {
    if secrets.is_empty() {
        return None;
    }
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(secrets).ok()
}

/// Whether a secret can be told from a word, a number or an address wherever it stands.
fn is_recognizable(secret: &str) -> bool {
    let letters = secret.chars().all(char::is_alphabetic);
    let shortest = if letters { SHORTEST_OF_LETTERS } else { SHORTEST };
    let address = secret.parse::<IpAddr>().is_ok() || secret.parse::<SocketAddr>().is_ok();
    secret.len() >= shortest && !address
}

/// A secret as it stands in a URL (RFC 3986, section 2.1).
fn percent_encoded(secret: &str) -> String {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
    secret
        .bytes()
        .map(|octet| if plain(&octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") })
        .collect()
}

/// A secret as it stands in a JSON string.
fn json_escaped(secret: &str) -> String {
    Value::from(secret).to_string().trim_matches('"').to_owned()
}

/// JSON inside a string.
fn nested(text: &str, depth: usize) -> Option<Value> {
    let start = text.trim_start();
    (depth < DEEPEST && (start.starts_with('{') || start.starts_with('['))).then_some(())?;
    serde_json::from_str(text).ok()
}

/// Collects the secrets in a body's members.
fn learn(members: &Map<String, Value>, secret: bool, depth: usize, secrets: &mut BTreeSet<String>) {
    for (name, value) in members {
        learn_value(value, secret || is_secret(name), depth, secrets);
    }
}

fn learn_value(value: &Value, secret: bool, depth: usize, secrets: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => learn(members, secret, depth, secrets),
        Value::Array(values) => values.iter().for_each(|value| learn_value(value, secret, depth, secrets)),
        Value::String(text) if secret => {
            if is_recognizable(text) {
                secrets.extend([text.clone(), percent_encoded(text), json_escaped(text)]);
            }
        }
        Value::String(text) => {
            if let Some(inner) = nested(text, depth) {
                learn_value(&inner, secret, depth + 1, secrets);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(known: &[&str]) -> Redactor {
        let patterns = PATTERNS.iter().map(|pattern| Regex::new(pattern).unwrap()).collect();
        let known = finder(&known.iter().map(|known| (*known).to_owned()).collect::<Vec<_>>());
        Redactor { active: true, patterns, any: RegexSet::new(PATTERNS).unwrap(), known }
    }

    #[test]
    fn secrets_in_text_are_masked_and_nothing_else() {
        let redactor = redactor(&[]);
        for (text, masked) in [
            ("/playHLS?token=abc123&name=x", "/playHLS?token=***&name=x"),
            ("/a?access_token%3Dabc", "/a?access_token%3D***"),
            ("rtsp://user:pa55@host/x", "rtsp://user:***@host/x"),
            ("sip:100:pa55@host", "sip:100:***@host"),
            ("rtsp://t0ken@camera/1", "rtsp://***@camera/1"),
            ("/x?auth=abc&name=y", "/x?auth=***&name=y"),
            ("Invalid: Bearer eyJhbGciOi.x", "Invalid: Bearer ***"),
            ("sip:100@host:5060", "sip:100@host:5060"),
            ("Authorization: Digest username=\"a\"\r\nVia: b", "Authorization: ***\r\nVia: b"),
            ("{\"sipPassword\":\"pa55 word", "{\"sipPassword\":\"*** word"),
            ("a=ice-pwd:abcdef\r\na=mid:0", "a=ice-pwd:***\r\na=mid:0"),
            ("{\\\"password\\\":\\\"x1\\\"}", "{\\\"password\\\":\\\"***\\\"}"),
            (
                "a plain text: 12:30, http://host:8081/EchoApp",
                "a plain text: 12:30, http://host:8081/EchoApp",
            ),
        ] {
            assert_eq!(redactor.text(text), masked);
        }
    }

    #[test]
    fn secrets_in_members_are_masked_at_any_depth() {
        let members = serde_json::json!({
            "sipPassword": "a", "custom": {"x": ["deep", 7], "ok": true}, "name": "n",
            "payload": "{\"inner\":\"{\\\"userToken\\\":\\\"b\\\"}\"}",
        });
        let masked = redactor(&[]).members(members.as_object().unwrap());
        assert_eq!(
            Value::Object(masked).to_string(),
            r#"{"sipPassword":"***","custom":{"x":["***","***"],"ok":true},"name":"n","payload":"{\"inner\":\"{\\\"userToken\\\":\\\"***\\\"}\"}"}"#
        );
    }

    #[test]
    fn words_and_addresses_are_no_secrets_elsewhere() {
        let recognizable = [
            "backend",
            "10.0.0.9",
            "10.0.0.9:8081",
            "ESTABLISHED",
            "abc12",
            "s3cret-value",
            "correcthorsebattery",
        ]
        .map(is_recognizable);
        assert_eq!(recognizable, [false, false, false, false, false, true, true]);
        assert_eq!(percent_encoded("a/b+c"), "a%2Fb%2Bc");
        assert_eq!(json_escaped("a\"b"), "a\\\"b");
    }

    #[test]
    fn a_known_secret_is_masked_wherever_it_stands() {
        assert_eq!(
            redactor(&["s3cret-value"]).text("login failed for s3cret-value!"),
            "login failed for ***!"
        );
    }
}
