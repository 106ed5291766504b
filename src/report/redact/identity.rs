//! Finds what tells who and where: addresses, names of machines, phone numbers, logins.

use super::mask::Kind;
use super::scan::Mark;
use crate::session::Case;
use aho_corasick::AhoCorasick;
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Members that name a person or a line.
const USERS: [&str; 16] = [
    "caller",
    "callee",
    "siplogin",
    "sipauthenticationname",
    "sipvisiblename",
    "from",
    "to",
    "login",
    "username",
    "user",
    "displayname",
    "phone",
    "msisdn",
    "target",
    "transferto",
    "visiblename",
];
/// Members that name a machine.
const HOSTS: [&str; 6] = ["sipdomain", "sipoutboundproxy", "domain", "host", "hostname", "remotehost"];
/// A name shorter than this is masked in its own place only: elsewhere it could be any word or number.
const SHORTEST: usize = 4;
/// What tells nothing about anybody.
const COMMON: [&str; 3] = ["localhost", "anonymous", "unknown"];

const MAIL: &str = r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b";
const USER: &str = r#"(?i)\b(?:sips?|tel|xmpp|im|pres):([^@\s<>;,"'\\?]+)"#;
const HOST: &str = r#"(?i)(?:\b[a-z][a-z0-9+.-]*:(?:\\*/){2}(?:[^@/\s<>"'\\]*@)?|\bsips?:[^@\s<>"'\\]+@)([\w-]+(?:\.[\w-]+)+)"#;
const PHONE: &str = r"\+\d[\d ().-]{5,}\d";
const ADDRESS: &str =
    r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,}(?:(?:\.\d{1,3}){3})?";

/// Finds identities.
pub(super) struct Identities {
    patterns: Vec<(Kind, Regex)>,
    known: Option<AhoCorasick>,
    /// What each known value is.
    kinds: Vec<Kind>,
}

impl Identities {
    /// Learns whom and what a case is about.
    pub(super) fn new(case: &Case) -> Self {
        let mut names = BTreeMap::new();
        for record in &case.hooks {
            learn(&record.request.map(), &mut names);
            if let Some(answer) = &record.answer {
                learn(&answer.members.map(), &mut names);
            }
        }
        let hosts = case.backends.iter().filter_map(|backend| backend.host.as_deref());
        let hosts = hosts.chain(case.lookups.iter().map(|lookup| lookup.name.as_str()));
        let wanted = case.tls.iter().filter_map(|tls| tls.hello.as_ref()?.server_name.as_deref());
        let listed = case.exchanges.iter().filter_map(|listed| listed.exchange.request.as_ref());
        let listed = listed.filter_map(|request| request.fields.get("host"));
        let hooks = case.hooks.iter().filter_map(|record| record.host.as_deref());
        hosts.chain(wanted).chain(listed).chain(hooks).for_each(|host| add(host, Kind::Host, &mut names));
        let patterns = [(Kind::Mail, MAIL), (Kind::User, USER), (Kind::Host, HOST), (Kind::User, PHONE)];
        let patterns = patterns.into_iter().chain([(Kind::Address, ADDRESS)]);
        Self {
            patterns: patterns.filter_map(|(kind, text)| Some((kind, Regex::new(text).ok()?))).collect(),
            known: AhoCorasick::builder().ascii_case_insensitive(true).build(names.keys()).ok(),
            kinds: names.into_values().collect(),
        }
    }

    /// Marks identities in a text.
    pub(super) fn scan(&self, text: &str, marks: &mut Vec<Mark>) {
        for (kind, pattern) in &self.patterns {
            for found in pattern.captures_iter(text) {
                let Some(range) = found.get(1).or(found.get(0)).map(|group| group.range()) else { continue };
                let range = if *kind == Kind::Address { address(text, range) } else { Some(range) };
                let common = |range: &Range<usize>| text.get(range.clone()).is_none_or(is_common);
                marks.extend(range.filter(|range| !common(range)).map(|range| Mark::new(range, *kind)));
            }
        }
        for found in self.known.iter().flat_map(|known| known.find_overlapping_iter(text)) {
            if let Some(kind) =
                self.kinds.get(found.pattern().as_usize()).filter(|_| stands_alone(text, &found.range()))
            {
                marks.push(Mark::new(found.range(), *kind));
            }
        }
    }
}

/// What a member of that name tells as a whole.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    let listed = |names: &[&str]| names.contains(&name.as_str());
    if listed(&USERS) { Some(Kind::User) } else { listed(&HOSTS).then_some(Kind::Host) }
}

/// Whether a value tells nothing about anybody.
pub(super) fn is_common(value: &str) -> bool {
    let address = value.parse::<IpAddr>().ok();
    value.is_empty()
        || COMMON.iter().any(|common| value.eq_ignore_ascii_case(common))
        || address.is_some_and(|address| address.is_loopback() || address.is_unspecified())
}

/// The part of a URI of SIP, or of an address, that names the user; or the whole.
pub(super) fn user_of(value: &str) -> &str {
    let behind = value.split_once(':').filter(|(scheme, _)| scheme.chars().all(char::is_alphabetic));
    let name = behind.map_or(value, |(_, rest)| rest);
    name.split(['@', ';', '>']).next().unwrap_or(name).trim_start_matches("//")
}

fn learn(members: &Map<String, Value>, names: &mut BTreeMap<String, Kind>) {
    for (name, value) in members {
        match value {
            Value::Object(inner) => learn(inner, names),
            Value::String(text) => {
                if let Some(kind) = kind_of(name) {
                    add(if kind == Kind::User { user_of(text) } else { text }, kind, names);
                }
            }
            _ => {}
        }
    }
}

/// Adds a name that can be told wherever it stands; a host's without its port.
fn add(name: &str, kind: Kind, names: &mut BTreeMap<String, Kind>) {
    let name = if kind == Kind::Host { name.rsplit_once(':').map_or(name, |(host, _)| host) } else { name };
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if name.len() >= SHORTEST && !address && !is_common(name) {
        names.entry(name.to_ascii_lowercase()).or_insert(kind);
    }
}

/// An address: what looks like one, but for what stands around it.
fn address(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let words = text.get(range.clone())?;
    if words.parse::<Ipv4Addr>().is_ok() {
        let before = text.get(..range.start)?.chars().next_back();
        let behind: String = text.get(range.end..)?.chars().take(2).collect();
        let longer = before.is_some_and(|letter| letter.is_ascii_digit() || letter == '.')
            || behind.starts_with(|letter: char| letter.is_ascii_digit())
            || behind
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
        return (!longer).then_some(range);
    }
    // A colon before or behind belongs to the sentence.
    let trimmed = words.strip_suffix(':').filter(|rest| !rest.ends_with(':')).unwrap_or(words);
    let inner = trimmed.strip_prefix(':').filter(|rest| !rest.starts_with(':')).unwrap_or(trimmed);
    let start = range.start + trimmed.len() - inner.len();
    let is_address = |inner: &str| {
        let range = start..start + inner.len();
        let whole = inner.parse::<Ipv6Addr>().is_ok() && inner.len() > 2 && stands_alone(text, &range);
        whole.then_some(range)
    };
    // Java writes address and port without brackets.
    is_address(inner).or_else(|| is_address(inner.rsplit_once(':')?.0))
}

/// Whether no letter or digit goes on before or behind.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let behind = text.get(range.end..).and_then(|behind| behind.chars().next());
    ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
}
