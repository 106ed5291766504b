//! Expressions, cut into words and signs.

use std::ops::Range;

/// Why an expression is none: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n  {text}\n  {}{}", " ".repeat(self.column()), "^".repeat(self.length()))]
pub struct ExpressionError {
    /// What is wrong, and what may be meant.
    pub message: String,
    /// The expression.
    pub text: String,
    /// Where in it, in octets.
    pub place: Range<usize>,
}

impl ExpressionError {
    pub(super) fn new(text: &str, place: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), text: text.to_owned(), place }
    }

    fn column(&self) -> usize {
        self.text.get(..self.place.start).map_or(0, |before| before.chars().count())
    }

    fn length(&self) -> usize {
        self.text.get(self.place.clone()).map_or(0, |marked| marked.chars().count()).max(1)
    }
}

/// A word or sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The name of a field, a word such as `in`, or `true` and `false`.
    Word(String),
    /// A number; durations are seconds.
    Number(f64),
    /// Text in quotes.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 14] = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "{", "}", ","];
/// Units of durations, in seconds.
const UNITS: [(&str, f64); 4] = [("ms", 1e-3), ("us", 1e-6), ("min", 60.0), ("s", 1.0)];

/// A token, and where it stands.
pub(super) type Placed = (Token, Range<usize>);

/// Cuts an expression into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            at += blank;
            continue;
        }
        let (token, length) = token(text, at, rest)?;
        tokens.push((token, at..at + length));
        at += length;
    }
    Ok(tokens)
}

fn token(text: &str, at: usize, rest: &str) -> Result<(Token, usize), ExpressionError> {
    let first = rest.chars().next().unwrap_or_default();
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    if first == '"' || first == '\'' {
        return quoted(text, at, rest, first);
    }
    let length = rest.find(|letter: char| !is_of_word(letter)).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default();
    if first.is_ascii_digit() || first == '-' {
        let number = number(word).ok_or_else(|| {
            ExpressionError::new(
                text,
                at..at + length.max(1),
                format!("{word} is no number; text stands in quotes"),
            )
        })?;
        return Ok((Token::Number(number), length));
    }
    if word.is_empty() {
        let meant = match first {
            '=' => ": == compares",
            '&' => ": && stands between conditions that both hold",
            '|' => ": || stands between alternatives",
            _ => "",
        };
        let place = at..at + first.len_utf8();
        return Err(ExpressionError::new(text, place, format!("{first} means nothing here{meant}")));
    }
    Ok((Token::Word(word.to_owned()), length))
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '[' | ']')
}

fn number(word: &str) -> Option<f64> {
    let unit = UNITS.iter().find_map(|(unit, seconds)| Some((word.strip_suffix(unit)?, seconds)));
    let (digits, factor) = unit.unwrap_or((word, &1.0));
    let plain = digits.bytes().all(|octet| octet.is_ascii_digit() || matches!(octet, b'.' | b'-'));
    digits.parse::<f64>().ok().filter(|_| plain).map(|number| number * factor)
}

fn quoted(text: &str, at: usize, rest: &str, quote: char) -> Result<(Token, usize), ExpressionError> {
    let mut value = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                // Only quotes and the backslash itself lose it: regular expressions keep theirs.
                Some((_, next)) if next == quote || next == '\\' => value.push(next),
                Some((_, next)) => value.extend(['\\', next]),
                None => {}
            },
            letter if letter == quote => return Ok((Token::Text(value), place + quote.len_utf8())),
            letter => value.push(letter),
        }
    }
    Err(ExpressionError::new(text, at..text.len(), "the quote is not closed"))
}
