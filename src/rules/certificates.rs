//! Certificates of backends, as rules about TLS see them.

use crate::time::Timestamp;
use crate::tls::{Certificate, TlsConnection};

/// Names of a certificate that are listed.
const LISTED: usize = 3;

/// What is wrong with a certificate by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not valid any more.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is not for the host that was asked for.
    OtherName,
    /// It vouches for itself.
    SelfIssued,
}

/// A certificate in words: `certificate for a and b, issued by c, valid until 2027-01-01`.
pub(super) fn describe(certificate: &Certificate) -> String {
    let Certificate { names, more_names, issuer, self_issued, not_after, .. } = certificate;
    let mut text = "certificate".to_owned();
    if !names.is_empty() {
        let listed = names.get(..LISTED).unwrap_or(names).join(", ");
        let more = names.len().saturating_sub(LISTED) + more_names;
        text.push_str(&format!(" for {listed}"));
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
    }
    match issuer {
        _ if *self_issued => text.push_str(", self-signed"),
        Some(issuer) => text.push_str(&format!(", issued by {issuer}")),
        None => {}
    }
    // The last day that certificates can name stands for none; so does what is beyond the times that are told.
    if *not_after < Timestamp::from_nanoseconds(i64::MAX) {
        text.push_str(&format!(", valid until {}", day(*not_after)));
    }
    text
}

/// What is wrong with a connection's certificate, the plainest first.
pub(super) fn fault(connection: &TlsConnection) -> Option<Fault> {
    let certificate = connection.certificate.as_ref()?;
    let now = connection.speaks.acceptor.map(|(_, at)| at.time)?;
    let host = connection.hello.as_ref().and_then(|hello| hello.server_name.as_deref());
    if now > certificate.not_after {
        Some(Fault::Expired)
    } else if now < certificate.not_before {
        Some(Fault::NotYetValid)
    } else if host.is_some_and(|host| !certificate.is_for(host)) {
        Some(Fault::OtherName)
    } else {
        certificate.self_issued.then_some(Fault::SelfIssued)
    }
}

/// The fault in words, where there is one.
pub(super) fn fault_in_words(connection: &TlsConnection) -> Option<String> {
    let certificate = connection.certificate.as_ref()?;
    let host = connection.hello.as_ref().and_then(|hello| hello.server_name.as_deref());
    Some(match fault(connection)? {
        Fault::Expired => format!("it expired on {}", day(certificate.not_after)),
        Fault::NotYetValid => format!("it is not valid before {}", day(certificate.not_before)),
        Fault::OtherName => format!("it is not for {}, which WCS asked for", host.unwrap_or_default()),
        Fault::SelfIssued => "it is self-signed".to_owned(),
    })
}

/// The day of a time, in UTC.
fn day(time: Timestamp) -> String {
    time.rfc3339().chars().take_while(|character| *character != 'T').collect()
}
