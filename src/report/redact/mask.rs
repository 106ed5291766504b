//! What stands in place of a secret or of an identity.

use super::view::canonical_octets;
use crate::capture::CaptureSummary;
use crate::session::Case;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Hexadecimal digits of a pseudonym: enough to tell a capture's few secrets apart, and far too few to find out which
/// of many possible values it was.
const DIGITS: usize = 3;

/// What a marked part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A password, a token, a key.
    Secret,
    /// An IP address.
    Address,
    /// An e-mail address.
    Mail,
    /// The name of a machine.
    Host,
    /// A phone number, a login, a person's name.
    User,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Secret => "***",
            Self::Address => "ip-",
            Self::Mail => "mail-",
            Self::Host => "host-",
            Self::User => "user-",
        }
    }
}

/// Makes pseudonyms: the same value always gets the same one.
#[derive(Clone)]
pub(super) struct Masks(Option<Hmac<Sha256>>);

impl Masks {
    /// Keyed by `key`, or by what tells the captures from others.
    pub(super) fn new(case: &Case, key: Option<&[u8]>) -> Self {
        let captures = || case.captures.iter().map(CaptureSummary::identity).collect::<String>();
        match key {
            Some(key) => Self::keyed(key),
            None => Self::keyed(captures().as_bytes()),
        }
    }

    pub(super) fn keyed(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).ok())
    }

    /// The pseudonym of a value, however it is written.
    pub(super) fn of(&self, kind: Kind, value: &str) -> String {
        let mut pseudonym = kind.prefix().to_owned();
        let Some(mut hmac) = self.0.clone() else { return pseudonym };
        hmac.update(&canonical_octets(value.as_bytes()));
        let digest = hmac.finalize().into_bytes();
        let digits = digest.iter().flat_map(|octet| [octet >> 4, octet & 15]);
        pseudonym.extend(digits.take(DIGITS).filter_map(|digit| char::from_digit(digit.into(), 16)));
        pseudonym
    }
}
