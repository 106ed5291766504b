//! Masks secrets, in one place, before any renderer sees them.
//!
//! What is secret: members that the catalogue marks, members whose name says so, everything inside `custom`,
//! credentials in SIP messages, SDP, header fields, URLs, query strings and prose; and each such value again wherever
//! else it occurs, however it is written. All of that is decided by [`Redactor::marks`], which says *where* secrets
//! stand in a text. On demand, who and where is masked as well: addresses, machines, phone numbers, logins.
//!
//! A mask is a pseudonym: the same value has the same one throughout a report, so that one can still see whether two
//! values are equal.

mod dictionary;
mod finder;
mod identity;
mod known;
mod learn;
mod mask;
mod memory;
mod needs;
mod patterns;
mod scan;
#[cfg(test)]
mod tests;
mod view;

use crate::catalog::is_secret;
use crate::hook::{Json, JsonObject};
use crate::session::Case;
use finder::{FINDER, Finder};
use identity::Identities;
use known::Known;
use learn::learn;
use mask::{Kind, Masks};
use memory::Memory;
use patterns::behind_scheme;
use scan::Mark;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
pub(crate) use view::plain;

/// Header fields that are secret, beside those whose names say so.
const SECRET_FIELDS: [&str; 4] =
    ["www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info"];

/// What is masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masked {
    /// Nothing.
    Nothing,
    /// Passwords, tokens and other secrets.
    #[default]
    Secrets,
    /// These, and who and where: phone numbers, logins, e-mail and IP addresses, names of machines.
    All,
}

/// What is masked, and what makes the pseudonyms.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// What is masked.
    pub masked: Masked,
    /// Reports with the same key give the same value the same pseudonym; without one the captures are the key.
    pub key: Option<Vec<u8>>,
    /// Values that are secrets, whether the capture itself shows it or not.
    pub known: BTreeSet<String>,
    /// On how many threads secrets are looked for; none is one. What is masked is the same.
    pub threads: usize,
}

impl Redaction {
    /// The same, which knows the secrets of some cases beside that of the report.
    #[must_use]
    pub fn knowing(mut self, cases: &[&Case]) -> Self {
        let finder = Finder::new();
        if self.masked != Masked::Nothing {
            let learned =
                cases.iter().flat_map(|case| learn(case, self.threads, &|text| finder.find(text, false)));
            self.known.extend(learned);
        }
        self
    }
}

impl From<bool> for Redaction {
    /// Masks secrets, or nothing.
    fn from(secrets: bool) -> Self {
        Self {
            masked: if secrets { Masked::Secrets } else { Masked::Nothing },
            key: None,
            known: BTreeSet::new(),
            threads: 1,
        }
    }
}

/// Masks secrets.
#[derive(Clone)]
pub(crate) struct Redactor {
    masked: Masked,
    finder: &'static Finder,
    known: Arc<Known>,
    identities: Option<Arc<Identities>>,
    masks: Masks,
    memory: Memory<Option<String>>,
    /// The latest members, and what was made of them: backends often answer with what they were sent.
    latest: RefCell<(JsonObject, JsonObject)>,
}

impl Redactor {
    /// Learns the secrets of a case.
    pub(crate) fn new(case: &Case, redaction: &Redaction) -> Self {
        let finder = &*FINDER;
        let active = redaction.masked != Masked::Nothing;
        let known = if active {
            let mut secrets = learn(case, redaction.threads, &|text| finder.find(text, false));
            secrets.extend(redaction.known.iter().cloned());
            Known::new(&secrets)
        } else {
            Known::new(&BTreeSet::new())
        };
        let identities = (redaction.masked == Masked::All).then(|| Identities::new(case));
        Self {
            masked: redaction.masked,
            finder,
            known: Arc::new(known),
            identities: identities.map(Arc::new),
            masks: Masks::new(case, redaction.key.as_deref()),
            memory: Memory::default(),
            latest: RefCell::default(),
        }
    }

    /// Whether anything is masked.
    pub(crate) fn is_active(&self) -> bool {
        self.masked != Masked::Nothing
    }

    /// Where secrets stand in a text, in order, apart from each other.
    pub(crate) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        self.marks(text)
            .into_iter()
            .filter(|mark| mark.kind == Kind::Secret && !mark.range.is_empty())
            .map(|mark| mark.range)
            .collect()
    }

    /// The same in a message's head, where what a field's name says holds for all of its value.
    pub(crate) fn head_spans(&self, head: &str) -> Vec<Range<usize>> {
        let mut marks = self.marks(head);
        let mut at = 0;
        for line in head.split_inclusive("\r\n") {
            let field = line.split_once(':').filter(|(name, _)| is_token(name) && is_secret_field(name));
            if let Some((_, value)) = field.filter(|_| self.is_active()) {
                let start = at + line.len() - value.trim_start().len();
                let value = value.trim();
                let secret = start + behind_scheme(value)..start + value.len();
                marks.push(Mark::new(secret, Kind::Secret));
            }
            at += line.len();
        }
        let marks =
            joined(marks).into_iter().filter(|mark| mark.kind == Kind::Secret && !mark.range.is_empty());
        marks.map(|mark| mark.range).collect()
    }

    /// Whether a text holds a secret that is known from elsewhere.
    pub(crate) fn holds_known(&self, text: &str) -> bool {
        !self.known.find(text).is_empty()
    }

    /// What is to be masked in a text, in order, apart from each other.
    fn marks(&self, text: &str) -> Vec<Mark> {
        if !self.is_active() {
            return Vec::new();
        }
        let mut marks = self.finder.find(text, true);
        marks.extend(self.known.find(text).into_iter().map(|range| Mark::new(range, Kind::Secret)));
        for mark in &mut marks {
            mark.range = at_letters(text, &mark.range);
            mark.range.start += behind_scheme(text.get(mark.range.clone()).unwrap_or_default());
        }
        if let Some(identities) = &self.identities {
            identities.scan(text, &mut marks);
        }
        // A program may have masked a value itself.
        marks.retain(|mark| !is_mask(text.get(mark.range.clone()).unwrap_or_default()));
        joined(marks)
    }

    /// Text from a capture, masked.
    pub(crate) fn text(&self, text: &str) -> String {
        self.masked(text).unwrap_or_else(|| text.to_owned())
    }

    /// The same, if anything is masked in it.
    fn masked(&self, text: &str) -> Option<String> {
        if !self.is_active() {
            return None;
        }
        self.memory.recall(text, || {
            let marks = self.marks(text);
            (!marks.is_empty()).then(|| self.with_masks(text, marks))
        })
    }

    fn with_masks(&self, text: &str, marks: Vec<Mark>) -> String {
        let mut masked = String::new();
        let mut at = 0;
        for Mark { range, kind, unquoted } in marks {
            let value = text.get(range.clone()).unwrap_or_default();
            masked.push_str(text.get(at..range.start).unwrap_or_default());
            let quote = unquoted.map_or(String::new(), |level| "\\".repeat(level) + "\"");
            masked.push_str(&format!("{quote}{}{quote}", self.masks.of(kind, value)));
            at = range.end;
        }
        masked.push_str(text.get(at..).unwrap_or_default());
        masked
    }

    /// A secret's mask.
    fn secret(&self, value: &str) -> String {
        let (scheme, secret) = value.split_at_checked(behind_scheme(value)).unwrap_or(("", value));
        if is_mask(secret) {
            value.to_owned()
        } else {
            scheme.to_owned() + &self.masks.of(Kind::Secret, secret)
        }
    }

    /// A header field, masked: what a field of that name holds in a secret's place.
    pub(super) fn field(&self, name: &str, value: &str) -> (String, String) {
        if !self.is_active() {
            return (name.to_owned(), value.to_owned());
        }
        if is_secret_field(name) {
            return (self.text(name), self.secret(value));
        }
        let line = self.text(&format!("{name}: {value}"));
        match line.split_once(": ") {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (self.text(name), self.text(value)),
        }
    }

    /// A body as text, masked.
    pub(super) fn body(&self, text: &str) -> String {
        self.text(text)
    }

    /// An IP address.
    pub(super) fn address(&self, address: IpAddr) -> String {
        let address = address.to_string();
        if self.masked == Masked::All { self.text(&address) } else { address }
    }

    /// A body's members, masked.
    pub(crate) fn members(&self, members: &JsonObject) -> JsonObject {
        if !self.is_active() || members.is_empty() {
            return members.clone();
        }
        let mut latest = self.latest.borrow_mut();
        if !latest.0.is_copy_of(members) {
            *latest = (members.clone(), self.new_members(members));
        }
        latest.1.clone()
    }

    fn new_members(&self, members: &JsonObject) -> JsonObject {
        let named = members
            .members()
            .any(|(name, value)| is_naming(&name) && value.string().is_some_and(|value| is_secret(&value)));
        let (mut renames, mut values) = (Vec::new(), Vec::with_capacity(members.len()));
        for (place, (name, value)) in members.members().enumerate() {
            renames.extend(self.masked(&name).map(|new| (place, new)));
            values.push(self.masked_member(&name, value, named));
        }
        let changed = values.iter().any(Option::is_some);
        let masked = if changed { members.with_values(&values) } else { members.clone() };
        if renames.is_empty() { masked } else { renamed(&masked, renames) }
    }

    /// The JSON of a member's value, if anything is masked in it; `named`: a member beside it says that `value` is a secret.
    fn masked_member(&self, name: &str, value: Json<'_>, named: bool) -> Option<String> {
        if matches!(value.as_str(), "null" | "true" | "false" | "{}" | "[]") {
            return None;
        }
        let secret = is_secret(name) || named && name == "value";
        let kind = self.kind(name);
        if secret || kind.is_some() || value.is_nested() {
            return Some(self.value(&value.value(), secret, kind).to_string());
        }
        self.masked(&value.text()?).map(|masked| Value::from(masked).to_string())
    }

    /// A member's value, masked.
    pub(crate) fn member(&self, name: &str, value: &Value) -> Value {
        if self.is_active() { self.value(value, is_secret(name), self.kind(name)) } else { value.clone() }
    }

    /// What a member of that name tells, where that is masked.
    fn kind(&self, name: &str) -> Option<Kind> {
        self.identities.as_ref().and_then(|_| identity::kind_of(name))
    }

    fn value(&self, value: &Value, secret: bool, kind: Option<Kind>) -> Value {
        match value {
            Value::Object(members) => {
                let named = members
                    .iter()
                    .any(|(name, value)| is_naming(name) && value.as_str().is_some_and(is_secret));
                let member = |(name, value): (&String, &Value)| {
                    let secret = secret || is_secret(name) || named && name == "value";
                    (self.text(name), self.value(value, secret, self.kind(name)))
                };
                Value::Object(members.iter().map(member).collect())
            }
            Value::Array(values) => values.iter().map(|value| self.value(value, secret, kind)).collect(),
            Value::Null | Value::Bool(_) => value.clone(),
            Value::String(text) if secret => self.secret(text).into(),
            Value::Number(number) if secret => self.secret(&number.to_string()).into(),
            Value::String(text) => match kind {
                Some(kind) => self.named(text, kind).into(),
                None => self.text(text).into(),
            },
            Value::Number(number) => {
                let number = number.to_string();
                let masked = kind.map_or_else(|| self.text(&number), |kind| self.named(&number, kind));
                if masked == number { value.clone() } else { masked.into() }
            }
        }
    }

    /// The value of a member that names a person or a machine.
    fn named(&self, text: &str, kind: Kind) -> String {
        let name = if kind == Kind::User { identity::user_of(text) } else { text };
        let masked = self.text(text);
        if identity::is_common(name) || masked != text || name.is_empty() {
            return masked;
        }
        text.replacen(name, &self.masks.of(kind, name), 1)
    }
}

/// The same with other names at some places.
fn renamed(members: &JsonObject, names: Vec<(usize, String)>) -> JsonObject {
    let mut renamed: Vec<_> =
        members.members().map(|(name, value)| (name.into_owned(), value.value())).collect();
    for (place, new) in names {
        if let Some((name, _)) = renamed.get_mut(place) {
            *name = new;
        }
    }
    JsonObject::of(&renamed.into_iter().collect())
}

/// Whether a member of that name says what the member `value` beside it is.
fn is_naming(name: &str) -> bool {
    matches!(name, "name" | "key" | "field" | "header")
}

/// Whether a text can be the name of a header field (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet))
}

/// Whether all of a header field's value is secret, but for a scheme's name.
fn is_secret_field(name: &str) -> bool {
    let lower = name.trim().to_ascii_lowercase();
    !lower.contains("cookie") && (is_secret(&lower) || SECRET_FIELDS.contains(&lower.as_str()))
}

/// A range that begins and ends between letters.
fn at_letters(text: &str, range: &Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Whether a value is nothing but a mask.
fn is_mask(value: &str) -> bool {
    value.strip_prefix("***").is_some_and(|digits| {
        digits.len() <= 3 && digits.bytes().all(|octet| octet.is_ascii_hexdigit())
            || digits.bytes().all(|octet| octet == b'*')
    })
}

/// Marks in order, those that overlap made one.
fn joined(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_by_key(|mark| (mark.range.start, std::cmp::Reverse(mark.range.end), mark.kind));
    let mut joined: Vec<Mark> = Vec::new();
    for mark in marks {
        match joined.last_mut() {
            Some(last) if mark.range.start < last.range.end || mark.range == last.range => {
                if mark.range.end > last.range.end {
                    last.unquoted = None;
                }
                if mark.range == last.range {
                    last.unquoted = last.unquoted.or(mark.unquoted);
                }
                last.range.end = last.range.end.max(mark.range.end);
                last.kind = last.kind.min(mark.kind);
            }
            _ => joined.push(mark),
        }
    }
    joined
}
