//! What a capture is to be made with: the interface, and the files of a ring buffer.

use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// Characters of an interface's name: those of dumpcap on other systems are longer than Linux's 15.
const MOST_NAME: usize = 64;
/// Megabytes of a file.
const MOST_MEGABYTES: u32 = 100_000;
/// Files of a ring; more are no ring to dumpcap.
const MOST_FILES: u32 = 10_000;

/// The interface to capture on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface(String);

impl Interface {
    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// All interfaces, with loopback.
    pub(super) fn is_any(&self) -> bool {
        self.0 == "any"
    }

    /// Whether hooks to the WCS server itself pass there.
    pub(super) fn sees_loopback(&self) -> bool {
        self.is_any() || self.0.starts_with("lo")
    }
}

impl FromStr for Interface {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = (1..=MOST_NAME).contains(&text.len())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-@:+".contains(letter))
            && !text.starts_with('-');
        if is_name {
            Ok(Self(text.to_owned()))
        } else {
            Err("not the name of an interface, such as any, eth0 or lo")
        }
    }
}

/// The files of a ring buffer: the oldest is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Ring {
    /// Megabytes (10^6 octets) of a file, about.
    pub megabytes: u32,
    /// How many files.
    pub files: u32,
}

impl FromStr for Ring {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts =
            text.split_once('x').and_then(|(size, files)| Some((size.parse().ok()?, files.parse().ok()?)));
        let (megabytes, files) =
            parts.ok_or("not MEGABYTESxFILES, such as 100x10 for ten files of 100 megabytes")?;
        if (1..=MOST_MEGABYTES).contains(&megabytes) && (2..=MOST_FILES).contains(&files) {
            Ok(Self { megabytes, files })
        } else {
            Err("out of range: files of 1 to 100000 megabytes, and 2 to 10000 of them")
        }
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.megabytes, self.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_and_interfaces_are_read_or_refused() {
        assert_eq!("100x10".parse(), Ok(Ring { megabytes: 100, files: 10 }));
        for wrong in ["", "100", "x", "0x10", "100x1", "1000000x2", "1x10001", "-1x2", "1.5x2", "1x2x3"] {
            assert!(wrong.parse::<Ring>().is_err(), "{wrong}");
        }
        for name in ["any", "eth0.100", "lo", "br-12ab", "wg0@if2"] {
            assert_eq!(name.parse::<Interface>().unwrap().name(), name);
        }
        for wrong in ["", "-w", "a b", "a\nb", "../x", "`x`", "$x", "\u{e9}th0"] {
            assert!(wrong.parse::<Interface>().is_err(), "{wrong}");
        }
    }
}
