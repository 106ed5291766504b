//! Collects what is secret in a case, so that it is masked wherever else it occurs.

use super::memory::Memory;
use super::patterns::{basic, behind_scheme};
use super::scan::Mark;
use crate::catalog::{HookMethod, is_secret};
use crate::hook::Members;
use crate::http::{Fields, Message};
use crate::parallel;
use crate::session::{Case, HookRecord};
use foldhash::HashSet;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// A secret shorter than this is masked where it is a member's value only: elsewhere it could be any word.
const SHORTEST: usize = 6;
/// A secret of letters alone must be as long as this to be told from a word.
const SHORTEST_OF_LETTERS: usize = 12;
/// A secret of digits alone must be as long as this to be told from a number.
const SHORTEST_OF_DIGITS: usize = 8;

/// Hooks that are looked at together, at least and at most.
const TOGETHER: (usize, usize) = (64, 4_096);

/// Marks what a text shows to be secret.
type Find<'f> = &'f (dyn Fn(&str) -> Vec<Mark> + Sync);

/// All that a case holds; looked for on so many threads.
pub(super) fn learn(case: &Case, threads: usize, find: Find<'_>) -> BTreeSet<String> {
    let together = (case.hooks.len() / threads.max(1)).clamp(TOGETHER.0, TOGETHER.1);
    let hooks: Vec<_> = case.hooks.chunks(together).collect();
    let of_hooks = parallel::each(&hooks, threads, |hooks| Learner::new(find).hooks(hooks));
    let mut secrets: BTreeSet<String> = of_hooks.into_iter().flatten().collect();
    secrets.append(&mut Learner::new(find).others(case));
    let names = names(case);
    secrets.retain(|secret| !names.contains(secret.as_str()));
    secrets
}

/// What a report is about is never taken for a secret: WCS 4 uses the session's id as its token.
fn names(case: &Case) -> HashSet<&str> {
    let mut names: HashSet<&str> = HookMethod::names().collect();
    for record in &case.hooks {
        let context = &record.context;
        let ids = [&context.session_id, &context.node_id, &context.app_key, &record.host];
        names.extend(ids.into_iter().flatten().map(|id| &**id));
    }
    names.extend(case.flows.iter().map(|flow| &*flow.key));
    names
}

/// Collects secrets.
struct Learner<'f> {
    find: Find<'f>,
    secrets: BTreeSet<String>,
    /// Texts that were looked at.
    seen: Memory<()>,
}

impl<'f> Learner<'f> {
    fn new(find: Find<'f>) -> Self {
        Self { find, secrets: BTreeSet::new(), seen: Memory::default() }
    }

    /// What hooks hold.
    fn hooks(mut self, hooks: &[HookRecord]) -> BTreeSet<String> {
        for record in hooks {
            self.text(&record.target);
            record.credentials.iter().for_each(|line| self.text(line));
            self.body(&record.request);
            if let Some(answer) = &record.answer {
                if !record.is_echoed() {
                    self.body(&answer.members);
                }
                [&answer.location, &answer.excerpt].into_iter().flatten().for_each(|text| self.text(text));
            }
            if let Some(exchange) = &record.exchange {
                exchange.request.iter().for_each(|request| self.message(request));
                exchange.response.iter().for_each(|response| self.message(response));
            }
        }
        self.secrets
    }

    /// What is no hook.
    fn others(mut self, case: &Case) -> BTreeSet<String> {
        for listed in &case.exchanges {
            if let Some(request) = &listed.exchange.request {
                self.text(&request.start.target);
                self.fields(&request.fields);
            }
            listed.exchange.response.iter().for_each(|response| self.fields(&response.fields));
        }
        case.rest_api_calls.iter().for_each(|call| self.text(&call.path));
        self.secrets
    }

    fn message<S>(&mut self, message: &Message<S>) {
        self.fields(&message.fields);
        if let Ok(text) = str::from_utf8(&message.body.octets) {
            self.text(text);
        }
    }

    fn fields(&mut self, fields: &Fields) {
        fields.iter().for_each(|(name, value)| self.text(&format!("{name}: {value}")));
    }

    fn body(&mut self, members: &Members) {
        for (name, value) in members.iter() {
            let secret = is_secret(&name);
            match value.string() {
                Some(text) if secret => self.secret(&text),
                Some(text) => self.text(&text),
                None if secret || value.is_nested() => self.value(&value.value(), secret),
                None => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        let mut is_new = false;
        self.seen.recall(text, || is_new = true);
        for mark in if is_new { (self.find)(text) } else { Vec::new() } {
            if let Some(secret) = text.get(mark.range) {
                self.secret(secret);
            }
        }
    }

    fn secret(&mut self, secret: &str) {
        let secret = secret.get(behind_scheme(secret)..).unwrap_or(secret);
        if let Some((_, password)) = basic(secret) {
            self.secret(&password);
        }
        if is_recognizable(secret) {
            self.secrets.insert(secret.to_owned());
        }
    }

    fn members(&mut self, members: &Map<String, Value>, secret: bool) {
        members.iter().for_each(|(name, value)| self.value(value, secret || is_secret(name)));
    }

    fn value(&mut self, value: &Value, secret: bool) {
        match value {
            Value::Object(members) => self.members(members, secret),
            Value::Array(values) => values.iter().for_each(|value| self.value(value, secret)),
            Value::String(text) if secret => self.secret(text),
            Value::Number(number) if secret => self.secret(&number.to_string()),
            Value::String(text) => self.text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether a secret can be told from a word, a number or an address wherever it stands.
fn is_recognizable(secret: &str) -> bool {
    let shortest = if secret.chars().all(char::is_alphabetic) {
        SHORTEST_OF_LETTERS
    } else if secret.bytes().all(|octet| octet.is_ascii_digit()) {
        SHORTEST_OF_DIGITS
    } else {
        SHORTEST
    };
    let address = secret.parse::<IpAddr>().is_ok() || secret.parse::<SocketAddr>().is_ok();
    secret.len() >= shortest && !address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_addresses_are_no_secrets_elsewhere() {
        let recognizable = [
            "backend",
            "10.0.0.9",
            "10.0.0.9:8081",
            "ESTABLISHED",
            "abc12",
            "1234567",
            "s3cret-value",
            "correcthorsebattery",
        ]
        .map(is_recognizable);
        assert_eq!(recognizable, [false, false, false, false, false, false, true, true]);
    }
}
