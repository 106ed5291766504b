//! Makes text from a capture harmless for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could drive a terminal, or make text look like other text: control characters, and those that
/// change direction, have no width (Unicode TR 36), or are none (XML allows neither).
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with dangerous characters written as `\x1b` or `\u{202e}`.
pub(super) fn for_terminal(text: &str) -> Cow<'_, str> {
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
    if !json.contains(is_raw) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
