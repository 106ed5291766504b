//! Makes text from a capture harmless for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could drive a terminal, or make text look like other text: control characters, and those that
/// change direction or have no width (Unicode TR 36).
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_shown_instead() {
        assert_eq!(for_terminal("a\u{1b}[31mb\r\n"), "a\\x1b[31mb\\x0d\\x0a");
        assert_eq!(for_terminal("x\u{9b}2Jy\u{202e}z\u{200b}"), "x\\x9b2Jy\\u{202e}z\\u{200b}");
        assert!(matches!(for_terminal("plain · ünïcode"), Cow::Borrowed(_)));
    }
}
