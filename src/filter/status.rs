//! Status codes to ask for.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// Status codes: one (`403`), a class (`4xx`), a range (`400-404`), or `none`: no status line was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Option<RangeInclusive<u16>>);

/// What is no status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no status code: give one (403), a class (4xx), a range (400-404), or none for hooks without a response"
)]
pub struct StatusError;

impl Statuses {
    /// Whether a response has one of them.
    pub fn contains(&self, status: Option<u16>) -> bool {
        match (&self.0, status) {
            (Some(range), Some(status)) => range.contains(&status),
            (asked, status) => asked.is_none() && status.is_none(),
        }
    }
}

impl FromStr for Statuses {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self(None));
        }
        let code = |text: &str| match text.parse::<u16>() {
            Ok(code) if (100..=999).contains(&code) => Ok(code),
            _ => Err(StatusError),
        };
        let lower = text.to_ascii_lowercase();
        let (first, last) = match (lower.strip_suffix("xx"), lower.split_once('-')) {
            (Some(class), _) => {
                let first = code(&format!("{class}00"))?;
                (first, first + 99)
            }
            (None, Some((first, last))) => (code(first)?, code(last)?),
            (None, None) => (code(&lower)?, code(&lower)?),
        };
        if first > last { Err(StatusError) } else { Ok(Self(Some(first..=last))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_classes_ranges_and_none_are_understood() {
        let has = |text: &str, status| Statuses::from_str(text).unwrap().contains(status);
        assert!(has("403", Some(403)) && !has("403", Some(404)) && !has("403", None));
        assert!(has("4XX", Some(499)) && !has("4xx", Some(500)));
        assert!(has("400-404", Some(404)) && !has("400-404", Some(405)));
        assert!(has("none", None) && !has("none", Some(200)));
        for wrong in ["", "x", "44", "4x", "404-400", "xx", "-", "99999", "１２３"] {
            assert!(Statuses::from_str(wrong).is_err(), "{wrong}");
        }
    }
}
