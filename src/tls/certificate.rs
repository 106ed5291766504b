//! A server's certificate (RFC 5280), as far as it tells whom it is for. Up to TLS 1.2 it crosses the network in the
//! clear (RFC 5246, section 7.4.2).

use crate::time::Timestamp;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// Names that are kept; the rest is counted.
const NAMES: usize = 128;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is for: names and addresses (`subjectAltName`), or, where there are none, the subject's common name.
    pub names: Vec<String>,
    /// How many more names there are.
    pub more_names: usize,
    /// Who issued it: the common name, or the organization's.
    pub issuer: Option<String>,
    /// Whether subject and issuer are the same.
    pub self_issued: bool,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Reads a certificate; `None` if the octets are none.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(octets).ok()?;
        let validity = certificate.validity();
        Some(Self {
            more_names: alternatives(&certificate).len().saturating_sub(NAMES),
            names: names(&certificate),
            issuer: name(certificate.issuer()),
            self_issued: certificate.subject() == certificate.issuer(),
            not_before: time(validity.not_before),
            not_after: time(validity.not_after),
        })
    }

    /// Whether it is for a host (RFC 6125, section 6.4: a wildcard stands for one label), or may be: not all of its names
    /// are known.
    pub fn is_for(&self, host: &str) -> bool {
        let matches = |name: &String| match name.strip_prefix("*.") {
            Some(domain) => {
                host.split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(domain))
            }
            None => name.eq_ignore_ascii_case(host),
        };
        self.more_names > 0 || self.names.iter().any(matches)
    }
}

fn alternatives<'c>(certificate: &'c X509Certificate<'_>) -> &'c [GeneralName<'c>] {
    let extension = certificate.subject_alternative_name().ok().flatten();
    extension.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default()
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        alternatives(certificate).iter().take(NAMES).filter_map(general_name).collect();
    if names.is_empty() {
        names.extend(name(certificate.subject()));
    }
    names
}

fn general_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => {
            let v4 = <[u8; 4]>::try_from(*octets).map(|octets| IpAddr::from(Ipv4Addr::from(octets)));
            let v6 = || <[u8; 16]>::try_from(*octets).map(|octets| IpAddr::from(Ipv6Addr::from(octets)));
            v4.or_else(|_| v6()).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// A name in words: the common name, or the organization's.
fn name(name: &X509Name<'_>) -> Option<String> {
    let mut parts = name.iter_common_name().chain(name.iter_organization());
    parts.find_map(|part| part.as_str().ok().map(str::to_owned))
}

fn time(time: ASN1Time) -> Timestamp {
    Timestamp::from_nanoseconds(time.timestamp().saturating_mul(1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERNAL_CA: &[u8] = include_bytes!("../../tests/support/certificates/internal-ca.der");

    #[test]
    fn a_certificate_tells_whom_it_is_for() {
        let certificate = Certificate::read(INTERNAL_CA).unwrap();
        assert_eq!(certificate.names, ["backend.example.com", "www.example.com", "198.51.100.20"]);
        assert_eq!(certificate.issuer.as_deref(), Some("Example Internal CA"));
        assert!(!certificate.self_issued && certificate.is_for("WWW.example.com"));
        assert_eq!(certificate.not_after.rfc3339(), "2027-01-01T00:00:00.000000000Z");
        let wild = Certificate { names: vec!["*.example.com".to_owned()], ..certificate };
        let fits = ["a.example.com", "example.com", "a.b.example.com"].map(|host| wild.is_for(host));
        assert_eq!(fits, [true, false, false]);
    }

    #[test]
    fn what_is_cut_or_damaged_is_no_certificate_or_another_one() {
        for length in 0..INTERNAL_CA.len() {
            assert_eq!(Certificate::read(&INTERNAL_CA[..length]), None);
            let mut damaged = INTERNAL_CA.to_vec();
            damaged[length] ^= 0xff;
            let _whatever = Certificate::read(&damaged);
        }
    }
}
