//! What members hold secrets, by their names.

use super::CATALOG;
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

/// The parameters that the table marks, in small letters.
static DOCUMENTED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let parameters = CATALOG.iter().flat_map(|spec| spec.parameters);
    parameters.filter(|known| known.secret).map(|known| known.name.to_ascii_lowercase()).collect()
});

/// Whether a member of that name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    TELLING.iter().any(|word| lower.contains(word))
        || TELLING_NAMES.contains(&lower.as_str())
        || DOCUMENTED.contains(&lower)
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
