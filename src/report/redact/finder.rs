//! Finds what a text itself shows to be secret.

use super::patterns::{Found, Patterns};
use super::scan::{Mark, Scanner};
use super::view::{decoded, json_string};
use memchr::memchr2_iter;
use std::ops::Range;
use std::sync::LazyLock;

/// JSON inside strings inside JSON is followed that deep.
const DEEPEST: usize = 8;
/// Escapes inside escapes are undone that often.
const ROUNDS: usize = 3;
/// Without any of these, or a documented name, a text holds no secret but known ones.
const TELLING: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "cred",
    "auth",
    "cookie",
    "jwt",
    "sig",
    "nonce",
    "opaque",
    "response=",
    "rspauth",
    "bearer",
    "basic",
    "ice-pwd",
    "a=crypto",
    "k=",
    "eyj",
    "pin",
    "@",
    "\\u",
    "%",
    "&#",
];

/// Finds what a text itself shows to be secret.
pub(super) struct Finder {
    scanner: Scanner,
    patterns: Patterns,
}

/// Made once: its patterns take longer to compile than a small capture to read.
pub(super) static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

impl Finder {
    pub(super) fn new() -> Self {
        Self { scanner: Scanner::default(), patterns: Patterns::new(TELLING) }
    }

    /// Marks what a text shows to be secret; guesses from prose too, if `prose`.
    pub(super) fn find(&self, text: &str, prose: bool) -> Vec<Mark> {
        let mut marks = Vec::new();
        let found = self.patterns.find(text);
        if !found.is_telling() {
            return marks;
        }
        self.scan(text, found, prose, 0, &mut marks);
        let mut view = decoded(text.as_bytes());
        for _ in 0..ROUNDS {
            let Some(known) = view.take() else { break };
            let mut own = Vec::new();
            let text = known.text();
            self.scan(&text, self.patterns.find(&text), prose, 0, &mut own);
            marks.extend(own.into_iter().map(|mark| Mark { range: known.source(&mark.range), ..mark }));
            view = decoded(known.octets()).map(|next| next.of(Some(known)));
        }
        marks
    }

    /// Looks at a text, and at what the strings in it mean; `found` is what it has.
    fn scan(&self, text: &str, found: Found, prose: bool, depth: usize, marks: &mut Vec<Mark>) {
        self.scanner.scan(text, marks);
        self.patterns.scan(text, found, prose, marks);
        if depth >= DEEPEST {
            return;
        }
        for range in escaped_strings(text.as_bytes()) {
            let view = json_string(text.as_bytes().get(range.clone()).unwrap_or_default());
            let mut own = Vec::new();
            let inner = view.text();
            self.scan(&inner, self.patterns.find(&inner), prose, depth + 1, &mut own);
            marks.extend(own.into_iter().map(|mark| {
                let inside = view.source(&mark.range);
                let unquoted = mark.unquoted.map(|level| 2 * level + 1);
                Mark { range: range.start + inside.start..range.start + inside.end, unquoted, ..mark }
            }));
        }
    }
}

/// The contents of strings with escapes in them.
fn escaped_strings(octets: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut start, mut escapes, mut behind) = (Vec::new(), None, false, 0);
    for at in memchr2_iter(b'"', b'\\', octets) {
        // What stands behind a backslash in a string means something else.
        if at < behind {
            continue;
        }
        match (octets.get(at), start) {
            (Some(b'"'), None) => (start, escapes) = (Some(at + 1), false),
            (Some(b'"'), Some(begin)) => {
                found.extend(escapes.then_some(begin..at));
                start = None;
            }
            (_, Some(_)) => (escapes, behind) = (true, at + 2),
            (_, None) => {}
        }
    }
    found.extend(start.filter(|_| escapes).map(|begin| begin..octets.len()));
    found
}
