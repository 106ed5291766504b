//! What members hold secrets, by their names.

use super::CATALOG;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Words in a member's name that make its value a secret.
const TELLING: [&str; 12] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "authorization",
    "cookie",
];

/// Members whose whole name makes the value a secret.
const TELLING_NAMES: [&str; 10] =
    ["auth", "aclauth", "pass", "pass_", "key", "accesskey", "access_key", "jwt", "signature", "sig"];

/// The parameters that the table marks.
static DOCUMENTED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let parameters = CATALOG.iter().flat_map(|spec| spec.parameters);
    parameters.filter(|known| known.secret).map(|known| known.name).collect()
});

/// The documented parameters that hold secrets.
pub fn documented_secrets() -> impl Iterator<Item = &'static str> {
    DOCUMENTED.iter().copied()
}

/// Finds [`TELLING`]. Few names are looked at: what is soon built is worth more than what is faster.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let kind = Some(AhoCorasickKind::ContiguousNFA);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(TELLING).ok()
});

/// Header fields that most messages have.
const COMMON_FIELDS: [&str; 14] = [
    "Host",
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "Connection",
    "Content-Type",
    "Content-Length",
    "Transfer-Encoding",
    "Date",
    "Server",
    "Cache-Control",
    "Keep-Alive",
    "Pragma",
    "Vary",
];

/// The answers for documented names and for common fields, which most names are.
static ANSWERS: LazyLock<FxHashMap<&str, bool>> = LazyLock::new(|| {
    let parameters = CATALOG.iter().flat_map(|spec| spec.parameters).map(|known| known.name);
    parameters.chain(COMMON_FIELDS).map(|name| (name, tells_secret(name))).collect()
});

/// Whether a member of that name holds a secret.
pub fn is_secret(name: &str) -> bool {
    ANSWERS.get(name).copied().unwrap_or_else(|| tells_secret(name))
}

fn tells_secret(name: &str) -> bool {
    let is_named = |known: &&str| known.eq_ignore_ascii_case(name);
    WORDS.as_ref().is_some_and(|words| words.is_match(name))
        || TELLING_NAMES.iter().any(is_named)
        || DOCUMENTED.iter().any(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_secrets() {
        for secret in ["sipPassword", "authToken", "AUTHTOKEN", "custom", "clientSecret", "aclAuth", "jwt"] {
            assert!(is_secret(secret), "{secret}");
        }
        for open in ["sipLogin", "sessionId", "keepAlive", "author", "passed"] {
            assert!(!is_secret(open), "{open}");
        }
    }
}
