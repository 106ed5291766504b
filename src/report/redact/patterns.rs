//! Finds secrets by what stands around them in text that is no JSON: header fields, URLs, query strings, SIP, SDP, XML,
//! and what programs write for people.

use super::mask::Kind;
use super::needs::Needs;
use super::scan::{Mark, mark_plain};
use crate::catalog::{documented_secrets, is_secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr2;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::{captures::Captures, syntax};
use std::ops::Range;
use std::sync::OnceLock;

/// What a pattern's match says.
#[derive(Clone, Copy)]
enum Means {
    /// The first group is the secret.
    Group,
    /// A value follows, quoted or not.
    Value,
    /// A value follows; it is a secret if the first group is a name that says so.
    Named,
    /// A header field's value follows.
    Field,
    /// Credentials of the Basic scheme follow, if they are any.
    Basic,
    /// The first group is a secret if it looks like one.
    Likely,
    /// The first group is a secret unless it is a word that one would expect.
    Unexpected,
}

/// Words of which each match of a pattern has one; where a text has none, the pattern is not tried.
type Words = &'static [&'static str];
/// Octets of which each match has one besides.
type Octets = (u8, u8);

/// Parts of names that say that a secret follows.
const WORDS: Words =
    &["passw", "pwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "credential"];
/// The same in prose, with the blank behind.
const PROSE_WORDS: Words = &[
    "password ",
    "password\t",
    "passwd ",
    "passwd\t",
    "pwd ",
    "pwd\t",
    "passphrase ",
    "passphrase\t",
    "passcode ",
    "passcode\t",
    "token ",
    "token\t",
    "secret ",
    "secret\t",
    "pin ",
    "pin\t",
    "key ",
    "key\t",
    "credential ",
    "credential\t",
    "credentials ",
    "credentials\t",
];
/// The same in whole names, besides those that the catalogue documents.
const NAMES: Words = &["pass", "pwd", "secret", "token", "key", "credential", "cookie", "auth", "jwt", "sig"];

/// Patterns whose secrets are sure.
const SURE: &[(Means, Words, Octets, &str)] = &[
    // Header fields, in HTTP and SIP.
    (
        Means::Field,
        &["authorization", "authenticat", "cookie", "x-api-key"],
        (b':', b':'),
        r"\b(?:(?:proxy-|www-)?(?:authorization|authenticate|authentication-info)|(?:set-)?cookie2?|x-api-key)(?u:\s)*:[ \t]*",
    ),
    // name=value and name: value, in query strings as well.
    (
        Means::Value,
        WORDS,
        (b':', b'='),
        r"[0-9A-Za-z_.%\[-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|credential)[0-9A-Za-z_.-]*\]?[ \t]*(?::|=>?)[ \t]*",
    ),
    // Parameters whose whole name says so.
    (Means::Named, NAMES, (b'=', b'='), r"(?:^|[?&;,{(][\t\n\x0b\x0c\r ]*)([0-9A-Za-z_.-]+)="),
    // Credentials in a URL: what stands between the user's name and the host; without a password the name is one.
    (
        Means::Group,
        &["@"],
        (b':', b':'),
        r#"\b[a-z][a-z0-9+.-]*:(?://)?(?u:[^/\s:@<>"'\\])+:((?u:[^/\s@<>"'\\])+)@"#,
    ),
    (Means::Group, &["@"], (b'/', b'/'), r#"\b[a-z][a-z0-9+.-]*://((?u:[^/\s:@<>"'\\])+)@"#),
    // Keys of media encryption, in SDP.
    (
        Means::Group,
        &["a=ice-pwd", "a=crypto", "a=key-mgmt", "k=clear", "k=base64"],
        (b'=', b'='),
        r#"\b(?:a=(?:ice-pwd|crypto|key-mgmt)|k=(?:clear|base64)):((?:(?u:[^\r\n\\"])|\\+(?u:[^rn"\\\r\n]))+)"#,
    ),
    // Digest credentials (RFC 7616), outside their header field.
    (
        Means::Group,
        &["response=", "nonce=", "rspauth=", "opaque="],
        (b'=', b'='),
        r#"\b(?:response|cnonce|nonce|nextnonce|rspauth|opaque)=\\*"?([0-9a-z+/=._-]{8,})"#,
    ),
    (
        Means::Group,
        &["eyj"],
        (b'.', b'.'),
        r"\b((?-i:eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)",
    ),
    (
        Means::Group,
        WORDS,
        (b'<', b'<'),
        r"<(?:[0-9A-Za-z_]+:)?[0-9A-Za-z_.-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|credential)[0-9A-Za-z_.-]*(?:[\t\n\x0b\x0c\r ](?u:[^<>])*)?>((?u:[^<\s][^<]*))(?:</|\z)",
    ),
    (Means::Basic, &["basic"], (b' ', b'\t'), r"\bbasic[ \t]+([A-Za-z0-9+/_-]{6,}={0,2})"),
];

/// Patterns for prose.
const PROSE: &[(Means, Words, Octets, &str)] = &[
    (Means::Likely, &["bearer"], (b' ', b'\t'), r"\bbearer[ \t]+([a-z0-9._~+/=-]{6,})"),
    (
        Means::Unexpected,
        PROSE_WORDS,
        (b' ', b'\t'),
        r#"\b(?:password|passwd|pwd|passphrase|passcode|token|secret|pin|api[ _-]?key)[ \t]+(?:is|was|=|->|of|equals)[ \t]+["'`<\\]*((?u:[^\s"'`<>,;\\]){4,})"#,
    ),
    (
        Means::Likely,
        PROSE_WORDS,
        (b' ', b'\t'),
        r#"\b(?:password|passwd|pwd|passphrase|passcode|token|secret|pin|api[ _-]?key|credentials?)[ \t]+["'`<(\\]*((?u:[^\s"'`<>,;\\)]){6,})"#,
    ),
];

/// What stands behind "password is" and is none, by its first letters.
const EXPECTED: [&str; 44] = [
    "wrong",
    "incorrect",
    "invalid",
    "required",
    "missing",
    "expired",
    "empty",
    "null",
    "none",
    "undefined",
    "blank",
    "weak",
    "short",
    "long",
    "correct",
    "valid",
    "needed",
    "mandatory",
    "present",
    "absent",
    "known",
    "unknown",
    "rejected",
    "accepted",
    "denied",
    "refused",
    "revoked",
    "malformed",
    "unset",
    "changed",
    "used",
    "being",
    "stored",
    "sent",
    "given",
    "hidden",
    "masked",
    "that",
    "this",
    "issued",
    "passed",
    "found",
    "type",
    "case",
];

/// Schemes of credentials (RFC 9110, section 11.4): their names are no secret.
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "ntlm", "token"];
/// Attributes of a cookie (RFC 6265, section 4.1).
const ATTRIBUTES: [&str; 7] = ["path", "domain", "expires", "max-age", "samesite", "version", "priority"];
/// Attributes without a value, and nothing.
const FLAGS: [&str; 4] = ["httponly", "secure", "partitioned", ""];

/// A pattern; compiled when a text may match it: that takes longer than a small capture.
struct Pattern {
    means: Means,
    octets: Octets,
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Marks what matches; behind `end` no match begins.
    fn scan(&self, text: &str, end: usize, marks: &mut Vec<Mark>) {
        if memchr2(self.octets.0, self.octets.1, text.as_bytes()).is_none() {
            return;
        }
        let Some(pattern) = self.compiled.get_or_init(|| compiled(self.text)) else { return };
        let (mut captures, mut input) = (pattern.create_captures(), Input::new(text));
        while input.start() < end {
            pattern.search_captures(&input, &mut captures);
            let Some(found) = captures.get_match() else { return };
            mark(text, self.means, &captures, marks);
            input.set_start(found.end());
        }
    }
}

/// A pattern of ASCII letters in either case. What a text must have for it to match is told before; so nothing in the
/// pattern is looked for ahead, which would take most of the time of compiling.
fn compiled(text: &str) -> Option<Regex> {
    let letters = syntax::Config::new().case_insensitive(true).unicode(false);
    Regex::builder().syntax(letters).configure(Regex::config().auto_prefilter(false)).build(text).ok()
}

/// Each pattern has a bit, and one is left.
const _: () = assert!(SURE.len() + PROSE.len() < u32::BITS as usize);

/// What a text has.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// A bit for each pattern that it may match, and one for words that tell of secrets at all.
    bits: u32,
    /// Where the last word ends that a pattern needs.
    end: usize,
}

impl Found {
    const TELLING: u32 = 1 << 31;

    /// Whether the text may hold a secret.
    pub(super) const fn is_telling(self) -> bool {
        self.bits & Self::TELLING != 0
    }
}

/// All patterns, and what tells which of them a text may match.
pub(super) struct Patterns {
    /// Those whose secrets are sure, and behind them those for prose.
    all: Vec<Pattern>,
    needs: Needs,
}

impl Patterns {
    /// All; a text that has none of the telling words holds no secret.
    pub(super) fn new(telling: Words) -> Self {
        let telling = telling.iter().copied().chain(documented_secrets());
        let mut needs: Vec<_> = telling.map(|word| (word, Found::TELLING)).collect();
        let mut all = Vec::new();
        for (place, (means, own, octets, text)) in SURE.iter().chain(PROSE).enumerate() {
            let documented = matches!(means, Means::Named).then(documented_secrets);
            let own = own.iter().copied().chain(documented.into_iter().flatten());
            needs.extend(own.map(|word| (word, 1 << place)));
            all.push(Pattern { means: *means, octets: *octets, text, compiled: OnceLock::new() });
        }
        Self { all, needs: Needs::new(needs) }
    }

    /// Marks what is a secret, and what prose gives away, if `prose`; `found` is what the text has.
    pub(super) fn scan(&self, text: &str, found: Found, prose: bool, marks: &mut Vec<Mark>) {
        let count = if prose { self.all.len() } else { SURE.len() };
        for (place, pattern) in self.all.iter().enumerate().take(count) {
            if found.bits >> place & 1 == 1 {
                pattern.scan(text, found.end, marks);
            }
        }
    }

    /// What a text has.
    pub(super) fn find(&self, text: &str) -> Found {
        let mut found = Found { bits: 0, end: 0 };
        self.needs.find(text.as_bytes(), &mut |bits, end| {
            found.bits |= bits;
            found.end = if bits == Found::TELLING { found.end } else { found.end.max(end) };
        });
        found
    }
}

fn mark(text: &str, means: Means, found: &Captures, marks: &mut Vec<Mark>) {
    let all = found.get_match().map_or(text.len()..text.len(), |all| all.range());
    let behind = all.end;
    let range = found.get_group(1).map_or(behind..behind, |group| group.range());
    let words = text.get(range.clone()).unwrap_or_default();
    let masked = match means {
        Means::Named if !is_secret(words) => false,
        Means::Value | Means::Named => return mark_plain(text, behind, marks),
        Means::Field => {
            let cookie = text.get(all).unwrap_or_default().to_ascii_lowercase().contains("cookie");
            let value = behind..field_end(text.as_bytes(), behind);
            return mark_field(text, value, cookie, marks);
        }
        Means::Group => true,
        Means::Basic => basic(words).is_some(),
        Means::Likely => looks_secret(words),
        Means::Unexpected => {
            let small = words.trim_end_matches(['.', '!', '?', ':']).to_ascii_lowercase();
            looks_secret(words) || !(small.len() < 4 || EXPECTED.iter().any(|word| small.starts_with(word)))
        }
    };
    if masked {
        marks.push(Mark::new(range, Kind::Secret));
    }
}

/// The user's name and the password in credentials of the Basic scheme (RFC 7617).
pub(super) fn basic(credentials: &str) -> Option<(String, String)> {
    let octets = STANDARD.decode(credentials).ok()?;
    let text = String::from_utf8(octets).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Whether a word can hardly be one of a language.
fn looks_secret(word: &str) -> bool {
    let word = word.trim_end_matches(['.', '!', '?', ':']);
    let digit = word.bytes().any(|octet| octet.is_ascii_digit());
    let mixed = word
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [low, high] if low.is_ascii_lowercase() && high.is_ascii_uppercase()));
    let marks = word.bytes().filter(u8::is_ascii_punctuation).count();
    word.len() >= 6 && (digit || mixed || marks > 1 || marks > 0 && word.len() >= 12)
}

/// Where a header field's value ends: with its line, which may be escaped in a string, or with that string.
fn field_end(octets: &[u8], start: usize) -> usize {
    let (mut at, mut inside) = (start, false);
    while let Some(octet) = octets.get(at) {
        let rest = octets.get(at..).unwrap_or_default();
        let count = rest.iter().take_while(|octet| **octet == b'\\').count();
        match rest.get(count) {
            _ if matches!(octet, b'\r' | b'\n') => return at,
            Some(b'r' | b'n') if count > 0 => return at,
            Some(b'"') => {
                let before = octets.get(..at).and_then(<[u8]>::last);
                let opens = before.is_some_and(|octet| b"= ,:".contains(octet));
                if !inside && !opens {
                    return at;
                }
                inside = !inside;
                at += count;
            }
            _ => {}
        }
        at += 1;
    }
    octets.len()
}

/// Marks a header field's value: the values of cookies, or what stands behind the scheme.
pub(super) fn mark_field(text: &str, value: Range<usize>, cookie: bool, marks: &mut Vec<Mark>) {
    if !cookie {
        return marks.push(Mark::new(value, Kind::Secret));
    }
    let mut at = value.start;
    for pair in text.get(value).unwrap_or_default().split(';') {
        let (name, equals) = pair.split_once('=').map_or((pair, 0), |(name, _)| (name, 1));
        let name_only = name.trim().to_ascii_lowercase();
        // Fields put together into one (RFC 9110, section 5.3) hide a cookie behind an attribute.
        let known =
            ATTRIBUTES.contains(&name_only.as_str()) && (name_only == "expires" || !pair.contains(','));
        if !known && !FLAGS.contains(&name_only.as_str()) {
            let blank = pair.len() - pair.trim_start().len();
            let start = if equals == 0 { at + blank } else { at + name.len() + equals };
            marks.push(Mark::new(start..(at + pair.trim_end().len()).max(start), Kind::Secret));
        }
        at += pair.len() + 1;
    }
}

/// What is secret of a value: not the scheme of credentials.
pub(super) fn behind_scheme(value: &str) -> usize {
    let Some((scheme, rest)) = value.split_once(' ') else { return 0 };
    let known = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) && !rest.trim().is_empty();
    if known { value.len() - rest.trim_start().len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// What patterns are made of.
    const PARTS: &str = "password|Passwd|PWD|passphrase|passcode|secret|Token|apikey|api_key|API-Key|api key|credentials|pin|\
        Authorization|www-authenticate|authentication-info|Set-Cookie2|cookie|x-api-key|sessionKey|jwt|sig|a=ice-pwd|a=crypto|\
        a=key-mgmt|k=clear|k=base64|response=|cnonce=|opaque=|eyJhbGciOiJ|Basic|dXNlcjpwYXNz|bearer|is|hunter22x|é|=|:|://|@|/| |\
        \t|\r\n|\"|\\|<|>|</|.|?|&";

    static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(&[]));

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_pattern_that_is_not_tried_would_not_match(parts in prop::collection::vec(prop::sample::select(PARTS.split('|').collect::<Vec<_>>()), 0..14)) {
            let text = parts.concat();
            let (mut tried, mut all) = (Vec::new(), Vec::new());
            PATTERNS.scan(&text, PATTERNS.find(&text), true, &mut tried);
            for pattern in &PATTERNS.all {
                let compiled = pattern.compiled.get_or_init(|| compiled(pattern.text)).as_ref().unwrap();
                compiled.captures_iter(&text).for_each(|found| mark(&text, pattern.means, &found, &mut all));
            }
            prop_assert_eq!(tried, all);
        }
    }
}
