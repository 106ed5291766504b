//! The URL of an application's REST methods, as its operator gives it.

use fluent_uri::Uri;
use fluent_uri::component::Host;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Octets of a URL beyond which it is no URL that anybody has set.
const MOST_OCTETS: usize = 2_000;
/// Octets of a host name (RFC 1035, section 2.3.4).
const MOST_NAME: usize = 253;
/// Octets of a part of it.
const MOST_LABEL: usize = 63;

/// Where an application's hooks go: WCS adds a slash and the name of a method. Credentials are not kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackendUrl {
    pub(super) host: HostName,
    pub(super) port: u16,
    pub(super) is_secure: bool,
    /// Without a slash at its end.
    pub(super) path: String,
    pub(super) had_credentials: bool,
}

/// A host, as a URL names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HostName {
    Address(IpAddr),
    Name(String),
}

/// Why a text is no URL of an application. Never tells what was given: that may hold credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No URL at all.
    #[error("it is no URL")]
    NoUrl,
    /// A scheme that WCS does not send hooks by.
    #[error("it begins with neither http:// nor https://")]
    Scheme,
    /// No host, or none that there can be.
    #[error(
        "its host is neither a name of letters (a to z), digits, hyphens and dots nor an IP address; IPv6 stands in brackets"
    )]
    Host,
    /// An address of no machine.
    #[error("its address belongs to no one machine")]
    Nobody,
    /// A port that there is not.
    #[error("its port is not within 1 to 65535")]
    Port,
    /// More than a base path.
    #[error("it has a query or a fragment, behind which WCS could not add the name of a method")]
    Query,
}

impl FromStr for BackendUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.len() > MOST_OCTETS {
            return Err(UrlError::NoUrl);
        }
        let url = Uri::parse(text).map_err(|_| {
            // Most often the address is IPv6 without brackets, or the name has letters of other scripts.
            let is_web = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
            if is_web { UrlError::Host } else { UrlError::NoUrl }
        })?;
        let is_secure = match url.scheme().as_str().to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(UrlError::Scheme),
        };
        let authority = url.authority().ok_or(UrlError::Host)?;
        let host = match authority.host_parsed() {
            Host::Ipv4(address) => HostName::address(address.into())?,
            Host::Ipv6(address) => HostName::address(address.into())?,
            Host::RegName(name) => HostName::name(name.as_str())?,
            Host::IpvFuture { .. } => return Err(UrlError::Host),
        };
        let default = if is_secure { 443 } else { 80 };
        let port = authority.port_to_u16().map_err(|_| UrlError::Port)?.unwrap_or(default);
        if port == 0 {
            return Err(UrlError::Port);
        }
        if url.has_query() || url.has_fragment() {
            return Err(UrlError::Query);
        }
        let path = url.path().as_str().trim_end_matches('/').to_owned();
        Ok(Self { host, port, is_secure, path, had_credentials: authority.has_userinfo() })
    }
}

impl HostName {
    fn address(address: IpAddr) -> Result<Self, UrlError> {
        let canonical = address.to_canonical();
        let is_broadcast = matches!(canonical, IpAddr::V4(address) if address.is_broadcast());
        if canonical.is_unspecified() || canonical.is_multicast() || is_broadcast {
            return Err(UrlError::Nobody);
        }
        Ok(Self::Address(address))
    }

    /// A host name, whose last part cannot be a number: that would be an address in a form that not all understand.
    fn name(name: &str) -> Result<Self, UrlError> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_label = |label: &str| {
            let is_inner = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
            (1..=MOST_LABEL).contains(&label.len())
                && label.chars().all(is_inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_number = |label: &str| label.starts_with("0x") || label.chars().all(|c| c.is_ascii_digit());
        if name.len() > MOST_NAME
            || !name.split('.').all(is_label)
            || name.rsplit('.').next().is_none_or(is_number)
        {
            return Err(UrlError::Host);
        }
        Ok(Self::Name(name))
    }
}

impl BackendUrl {
    /// The URL of a backend that a capture shows: where hooks went, and the name that they were sent to.
    pub(super) fn seen(address: IpAddr, port: u16, name: Option<&str>, path: &str, is_secure: bool) -> Self {
        let scheme = if is_secure { "https" } else { "http" };
        let named = name.and_then(|name| format!("{scheme}://{name}").parse::<Self>().ok());
        let host = named.map_or(HostName::Address(address), |url| url.host);
        // A path may hold what no URL does, or a mask in place of a secret.
        let whole: Option<Self> = format!("{scheme}://x.invalid{path}").parse().ok();
        let path = whole.map(|url| url.path).unwrap_or_default();
        Self { host, port, is_secure, path, had_credentials: false }
    }

    /// Whether hooks stay on the WCS server.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            HostName::Address(address) => address.to_canonical().is_loopback(),
            HostName::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// The name that has to be resolved by DNS.
    pub(super) fn dns_name(&self) -> Option<&str> {
        match &self.host {
            HostName::Name(name) if !self.is_loopback() => Some(name),
            HostName::Name(_) | HostName::Address(_) => None,
        }
    }

    /// http or https.
    pub(super) const fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// Without credentials, and with the port where it is not that of the scheme.
impl fmt::Display for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host)?;
        if !matches!((self.is_secure, self.port), (false, 80) | (true, 443)) {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

impl fmt::Debug for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_applications_are_read() {
        for (text, url, port, dns, loopback) in [
            ("http://localhost:8081/apps/EchoApp", "http://localhost:8081/apps/EchoApp", 8081, None, true),
            ("http://127.0.0.1:9091/EchoApp/", "http://127.0.0.1:9091/EchoApp", 9091, None, true),
            (
                " HTTP://Backend.Example.com. ",
                "http://backend.example.com",
                80,
                Some("backend.example.com"),
                false,
            ),
            ("https://backend/rest/my_api", "https://backend/rest/my_api", 443, Some("backend"), false),
            ("https://b_1.example:443/", "https://b_1.example", 443, Some("b_1.example"), false),
            ("http://[2001:db8::20]:8081/x", "http://[2001:db8::20]:8081/x", 8081, None, false),
            ("http://[::1]/x", "http://[::1]/x", 80, None, true),
            (
                "http://user:planted@198.51.100.20/a/index.php",
                "http://198.51.100.20/a/index.php",
                80,
                None,
                false,
            ),
            ("http://198.51.100.20:/x", "http://198.51.100.20/x", 80, None, false),
        ] {
            let read: BackendUrl = text.parse().unwrap();
            assert_eq!((read.to_string().as_str(), read.port), (url, port));
            assert_eq!((read.dns_name(), read.is_loopback()), (dns, loopback), "{text}");
            assert_eq!(format!("{read:?}"), url);
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_told() {
        for (text, error) in [
            ("", UrlError::NoUrl),
            ("backend", UrlError::NoUrl),
            ("/rest/my_api", UrlError::NoUrl),
            ("backend:8081/rest", UrlError::Scheme),
            ("ftp://backend/", UrlError::Scheme),
            ("file:///etc/passwd", UrlError::Scheme),
            ("http:", UrlError::Host),
            ("http:///rest", UrlError::Host),
            ("http://:8081/rest", UrlError::Host),
            ("http://back end/", UrlError::Host),
            ("http://b\u{fc}cher.example/", UrlError::Host),
            ("http://2001:db8::20/x", UrlError::Host),
            ("http://[::1/x", UrlError::Host),
            ("http://$(reboot)/", UrlError::Host),
            ("http://a'b/", UrlError::Host),
            ("http://-oProxyCommand=x/", UrlError::Host),
            ("http://-x/", UrlError::Host),
            ("http://a..b/", UrlError::Host),
            ("http://%61/", UrlError::Host),
            ("http://300.1.1.1/", UrlError::Host),
            ("http://127.1/", UrlError::Host),
            ("http://0x7f000001/", UrlError::Host),
            ("http://[v1.x]/", UrlError::Host),
            ("http://0.0.0.0:8081/", UrlError::Nobody),
            ("http://[ff02::1]/", UrlError::Nobody),
            ("http://backend:0/", UrlError::Port),
            ("http://backend:65536/", UrlError::Port),
            ("http://backend/rest?token=planted", UrlError::Query),
            ("http://backend/rest#planted", UrlError::Query),
        ] {
            let refused = text.parse::<BackendUrl>().unwrap_err();
            assert_eq!(refused, error, "{text}");
            assert!(!refused.to_string().contains("planted"));
        }
        assert_eq!(format!("http://{}/", "a".repeat(3_000)).parse::<BackendUrl>(), Err(UrlError::NoUrl));
    }

    #[test]
    fn a_backend_that_was_seen_keeps_its_name_if_that_can_be_one() {
        let address: IpAddr = "198.51.100.20".parse().unwrap();
        let seen = |name, path| BackendUrl::seen(address, 8081, name, path, false).to_string();
        assert_eq!(seen(Some("backend.example:80"), "/a"), "http://backend.example:8081/a");
        assert_eq!(seen(Some("a b"), "/***a3f"), "http://198.51.100.20:8081/***a3f");
        assert_eq!(seen(None, "/a b`c"), "http://198.51.100.20:8081");
    }
}
