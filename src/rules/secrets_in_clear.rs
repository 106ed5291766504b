use super::describe;
use super::{Evidence, Finding, Findings, rule};
use crate::catalog::is_secret;
use crate::endpoint::{ConnectionId, Moment};
use crate::hook::Members;
use crate::session::{Case, HookRecord};
use serde_json::Value;
use std::collections::BTreeSet;

rule! {
    /// ## What it detects
    /// Passwords, tokens and other secrets in hooks or their responses, and the field Authorization, on plain HTTP between two
    /// hosts. Told once for each backend, with the members' names.
    ///
    /// ## Why it matters
    /// Whoever can read the network between WCS and the backend can read them, and so can whoever gets the capture.
    ///
    /// ## What to do
    /// Let the application's URL begin with https: `update app -l https://… <name>`. Members that the backend does not need
    /// can be kept out by `restExclude`, such as `sipPassword` and `authToken` of `ConnectionStatusEvent`.
    ///
    /// ## When it is wrong
    /// When the network between the two is itself encrypted, or lies within one machine (containers, virtual machines). It
    /// says nothing about whether hooks work, and never changes the verdict.
    "secrets-in-clear", Note, Backend, "passwords or tokens cross a network unencrypted", check
}

/// Names that a message lists, and frames that prove it.
const LISTED: usize = 6;
/// Schemes of Authorization that send what proves who asks as it is.
const OPEN: [&str; 2] = ["Basic", "Bearer"];
/// JSON in JSON is followed that deep.
const DEEPEST: usize = 8;
/// Characters of a member's path that are shown.
const LENGTH: usize = 60;

/// What was seen at one backend.
#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    examples: Vec<(ConnectionId, Moment)>,
    count: u64,
}

fn check(case: &Case, findings: &mut Findings) {
    let mut backends: Vec<Seen> = case.backends.iter().map(|_| Seen::default()).collect();
    for record in case.hooks.iter().filter(|record| crosses_network(record)) {
        if let Some(seen) = backends.get_mut(record.backend) {
            seen.look(record);
        }
    }
    for (index, seen) in backends.iter().enumerate() {
        let Some(evidence) = Evidence::of_frames(&seen.examples, seen.count) else { continue };
        let backend = describe::backend(case, index);
        let names: Vec<&str> = seen.names.iter().map(String::as_str).take(LISTED).collect();
        let more = if seen.names.len() > LISTED { ", …" } else { "" };
        let names = format!("{}{more}", names.join(", "));
        let Some((_, first)) = seen.examples.first() else { continue };
        let title = format!("secrets cross the network to backend {backend} unencrypted: {names}");
        let message = format!(
            "Plain HTTP between two hosts carries {names} in {} or the answers to them, the first in {}.",
            describe::counted(seen.count, "hook"),
            describe::frame(case, *first)
        );
        let remedy = "Let the application's URL begin with https (update app -l https://… <name>), or keep members that the \
            backend does not need out by restExclude in restClientConfig.";
        findings.add(Finding::new(&RULE, title, message, remedy.to_owned(), evidence));
    }
}

/// Whether a hook went from one host to another.
fn crosses_network(record: &HookRecord) -> bool {
    let (client, server) = (record.client.ip().to_canonical(), record.server.ip().to_canonical());
    client != server && !client.is_loopback() && !server.is_loopback()
}

impl Seen {
    fn look(&mut self, record: &HookRecord) {
        let mut found = BTreeSet::new();
        // Other schemes do not send the secret itself.
        let scheme = record.authorization.as_deref().unwrap_or_default();
        if let Some(scheme) = OPEN.iter().find(|open| open.eq_ignore_ascii_case(scheme)) {
            found.insert(format!("the field Authorization ({scheme})"));
        }
        collect(&record.request, &mut found);
        let mut at = record.last;
        if let Some(answer) = record.answer.as_ref().filter(|_| !record.is_echoed()) {
            let asked = !found.is_empty();
            collect(&answer.members, &mut found);
            at = if asked { at } else { answer.last };
        }
        if found.is_empty() {
            return;
        }
        self.count += 1;
        let new = found.iter().any(|name| !self.names.contains(name));
        if self.names.len() <= LISTED {
            self.names.extend(found);
        }
        // An example for each name, and some more.
        if new && self.examples.len() < 2 * LISTED || self.examples.len() < LISTED {
            self.examples.push((record.connection, at));
        }
    }
}

/// The paths of the members with secrets; `custom` is free for any use, so that what is in it must tell by itself.
fn collect(members: &Members, found: &mut BTreeSet<String>) {
    for (name, value) in members.iter() {
        if value.is_object() {
            collect_inside(&value.value(), &name, 1, found);
        } else if is_secret(&name)
            && let Some(text) = value.string()
        {
            add(&name, &text, found);
        }
    }
}

fn collect_inside(value: &Value, path: &str, depth: usize, found: &mut BTreeSet<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = format!("{path}.{name}");
        match value {
            Value::Object(_) if depth < DEEPEST => collect_inside(value, &name, depth + 1, found),
            Value::String(text) => add(&name, text, found),
            _ => {}
        }
    }
}

fn add(name: &str, text: &str, found: &mut BTreeSet<String>) {
    let own = name.rsplit('.').next().unwrap_or_default();
    let masked = text.chars().all(|letter| letter == '*' || letter == 'x');
    if is_secret(own) && own != CUSTOM && !masked && found.len() <= LISTED {
        found.insert(name.chars().take(LENGTH).collect());
    }
}

/// The member that is secret as a whole, whatever it holds.
const CUSTOM: &str = "custom";
