//! Makes text from a capture harmless for a terminal, and for Markdown.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could drive a terminal, or make text look like other text: control characters, and those that
/// change direction, have no width (Unicode TR 36), or are none (XML allows neither).
pub(super) fn is_dangerous(character: char) -> bool {
    // Most characters are of ASCII, and end here.
    if matches!(character, ' '..='~') {
        return false;
    }
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with dangerous characters written as `\x1b` or `\u{202e}`.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if !is_dangerous(character) {
            safe.push(character);
            continue;
        }
        let code = u32::from(character);
        let written =
            if code < 0x100 { write!(safe, "\\x{code:02x}") } else { write!(safe, "\\u{{{code:x}}}") };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    Cow::Owned(safe)
}

/// JSON with dangerous characters inside its strings escaped: the same JSON to who reads it.
pub(super) fn in_json(json: &str) -> Cow<'_, str> {
    // Line feeds stand between the strings only, and nothing else that is dangerous stands there.
    let is_raw = |character: char| character != '\n' && is_dangerous(character);
    // JSON has no control characters of ASCII in its strings but DEL, and UTF-8 no octet 0xff. All octets, without a way out
    // in between: that is done many at a time.
    let odd = json.bytes().fold(0, |odd, octet| odd | octet.wrapping_add(1));
    if odd < 0x80 || !json.contains(is_raw) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !is_raw(character) {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let written = write!(safe, "\\u{unit:04x}");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
    }
    Cow::Owned(safe)
}

/// The text for Markdown: what could be markup, HTML, a link or a mention to any tracker stands as code, word by word.
/// Escapes with a backslash would not do: mentions and links are looked for after they are gone.
pub(crate) fn for_markdown(text: &str) -> String {
    let text = for_terminal(text);
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// The same for the cell of a table, in which a bar, even one in code, would begin another cell.
pub(crate) fn for_cell(text: &str) -> String {
    for_markdown(&text.replace('|', "\\x7c"))
}

/// Text as it is, for Markdown, as code; empty code is no code.
pub(crate) fn for_code(text: &str) -> String {
    let text = for_terminal(text);
    if text.trim().is_empty() { "-".to_owned() } else { code(text.trim()) }
}

/// A word: as code, but for the punctuation around it, unless it is plain.
fn word(word: &str) -> String {
    let rest = word.trim_start_matches(['(', '"', '\'']);
    let mut inside = rest;
    // A bracket goes with the one that it closes.
    while let Some(shorter) = inside.strip_suffix(['.', ',', ';', ':', '?', '!', '"', '\'']).or_else(|| {
        inside
            .strip_suffix(')')
            .filter(|shorter| shorter.matches('(').count() <= shorter.matches(')').count())
    }) {
        inside = shorter;
    }
    if inside.is_empty() || is_plain(inside) {
        return word.to_owned();
    }
    let before = word.strip_suffix(rest).unwrap_or_default();
    let after = rest.strip_prefix(inside).unwrap_or_default();
    format!("{before}{}{after}", code(inside))
}

fn code(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let room = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Whether no Markdown that is in use makes more of a word than its letters.
fn is_plain(word: &str) -> bool {
    let letters = || word.chars().any(char::is_alphabetic);
    let digits = || word.chars().any(|letter| letter.is_ascii_digit());
    // A name with dots may be a host, which some make a link of; `:100:` is a picture to some.
    let dotted = word.split('.').skip(1).any(|part| part.starts_with(char::is_alphabetic));
    let inner: Vec<&str> = word.split(':').collect();
    let between = inner.get(1..inner.len().saturating_sub(1)).unwrap_or_default();
    let named = between.iter().any(|part| part.len() != 2 || part.chars().any(char::is_alphabetic));
    // PROJECT-12 is an issue, and seven hexadecimal digits are a commit.
    let issue = word.contains('-') && letters() && digits();
    let commit = word.len() >= 7 && digits() && word.chars().all(|letter| letter.is_ascii_hexdigit());
    let allowed = |letter: char| letter.is_alphanumeric() || ".,;:()'\"/?=→…·×-".contains(letter);
    word.chars().all(allowed)
        && !dotted
        && !named
        && !issue
        && !commit
        && !word.contains("//")
        && !word.starts_with(':')
        // The mark of a list or of a heading, where the word begins a line.
        && !word.chars().all(|letter| "-=".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_and_others_are_code_to_markdown() {
        for (text, safe) in [
            (
                "Backend 198.51.100.20:8081 (/rest/my_api) fails",
                "Backend 198.51.100.20:8081 (`/rest/my_api`) fails",
            ),
            ("at 2026-03-02 09:00:01.093100 UTC.", "at 2026-03-02 09:00:01.093100 UTC."),
            ("<b>x</b> [a](b) *c* ~d~", "`<b>x</b>` `[a](b)` `*c*` `~d~`"),
            ("ask @all, #12, GH-12, !7 and :tada:", "ask `@all`, `#12`, `GH-12`, `!7` and `:tada`:"),
            ("see https://x.example/?a and x.example!", "see `https://x.example/?a` and `x.example`!"),
            ("`a` and a``b", "`` `a` `` and ```a``b```"),
            ("- one\n# two \u{202e}", "`-` `one\\x0a#` two `\\u{202e}`"),
            ("deadbee1 &amp; a\\*b\\*", "`deadbee1` `&amp`; `a\\*b\\*`"),
        ] {
            assert_eq!(for_markdown(text), safe);
        }
        assert_eq!(for_cell("a|b c"), "`a\\x7cb` c");
    }

    #[test]
    fn what_drives_a_terminal_is_shown_instead() {
        assert_eq!(for_terminal("a\u{1b}[31mb\r\n"), "a\\x1b[31mb\\x0d\\x0a");
        assert_eq!(for_terminal("x\u{9b}2Jy\u{202e}z\u{200b}"), "x\\x9b2Jy\\u{202e}z\\u{200b}");
        assert!(matches!(for_terminal("plain · ünïcode"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_is_the_same_and_drives_no_terminal() {
        let value = serde_json::Value::from("a\u{9b}2J\u{7f}\u{202e}\u{e0041}\n ünïcode");
        let json = serde_json::to_string_pretty(&[&value]).unwrap();
        let safe = in_json(&json);
        assert_eq!(safe, "[\n  \"a\\u009b2J\\u007f\\u202e\\udb40\\udc41\\n ünïcode\"\n]");
        assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&safe).unwrap(), [value]);
    }
}
