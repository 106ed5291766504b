use super::certificates::{self, Fault};
use super::describe::{self, CONSOLE};
use super::{Actor, Confidence, Evidence, Finding, Findings, attempts, rule};
use crate::endpoint::{ConnectionId, Endpoint, Moment, Side};
use crate::session::Case;
use crate::tls::{Alert, Speaks, TlsConnection};

rule! {
    /// ## What it detects
    /// TLS handshakes with a backend that end in a fatal alert, which is named, or in a close.
    ///
    /// ## Why it matters
    /// No hook goes over such a connection: connect is declined, so no client gets in.
    ///
    /// ## What to do
    /// Up to TLS 1.2 the certificate can be read: if it has expired, renew it; if it is for another host, change the URL or
    /// the certificate.
    /// `unknown_ca`, `certificate_unknown`, `bad_certificate`: WCS does not trust the backend's certificate; install its CA into the
    /// trust store of WCS's Java (`keytool -importcert -cacerts -alias backend -file ca.pem`), or give the backend a
    /// certificate of a public CA, with the whole chain. `certificate_expired`: renew it. `protocol_version`, `handshake_failure`:
    /// the two have no version or cipher in common; update WCS's Java, or let the backend offer TLS 1.2.
    ///
    /// ## When it is wrong
    /// Alerts of TLS 1.3 are encrypted but for the first; such failures go unseen. Where no hook was captured, the address may
    /// have nothing to do with hooks; the confidence says so.
    "tls-handshake-failed", Error, MediaServer, "a TLS handshake with a backend fails; the alert is named", check
}

/// Ports on which WCS itself speaks TLS: a browser's failure there concerns no hooks.
const OWN_PORTS: [u16; 4] = [8443, 8444, 8445, 5061];

fn check(case: &Case, findings: &mut Findings) {
    let mut servers: Vec<Endpoint> = Vec::new();
    for connection in case.tls.iter().filter(|connection| is_case(case, connection)) {
        if !servers.contains(&connection.server) {
            servers.push(connection.server);
        }
    }
    for server in servers {
        let failed: Vec<&TlsConnection> = case
            .tls
            .iter()
            .filter(|connection| connection.server == server && is_case(case, connection))
            .collect();
        let moments: Vec<(ConnectionId, Moment)> = failed
            .iter()
            .flat_map(|connection| {
                proof(connection).into_iter().flatten().map(|at| (connection.connection, at))
            })
            .collect();
        let (Some(evidence), Some(first)) =
            (Evidence::of_frames(&moments, failed.len() as u64), failed.first())
        else {
            continue;
        };
        let Some(confidence) = relevance(case, first) else { continue };
        let (title, actor, remedy) = words(first, confidence);
        let finding = Finding::new(&RULE, title, message(case, &failed), remedy, evidence);
        findings.add(Finding { actor, ..finding.sure(confidence).with_effect(attempts::effect(confidence)) });
    }
}

/// Whether a handshake failed that concerns hooks.
fn is_case(case: &Case, connection: &TlsConnection) -> bool {
    proof(connection).is_some() && relevance(case, connection).is_some()
}

/// Whether handshakes like this one concern hooks, and how surely.
fn relevance(case: &Case, connection: &TlsConnection) -> Option<Confidence> {
    let server = connection.server;
    let confidence = attempts::relevance_of(case, Some(connection.client.ip()), server)?;
    let worked = case.tls.iter().any(|connection| connection.server == server && connection.established);
    let is_other = confidence == Confidence::Possible && (worked || OWN_PORTS.contains(&server.port()));
    (!is_other).then_some(confidence)
}

/// The moments that prove that a handshake failed: what the client began with, and what ended it.
fn proof(connection: &TlsConnection) -> Option<[Moment; 2]> {
    let (Speaks::Tls, began) = connection.speaks.opener? else { return None };
    let answered = connection.speaks.acceptor;
    if connection.established || answered.is_some_and(|(speaks, _)| speaks != Speaks::Tls) {
        return None;
    }
    if let Some((_, alert)) = fatal(connection) {
        return Some([began, alert.at]);
    }
    let (_, ended) = connection.ended.filter(|_| connection.complete)?;
    // Up to TLS 1.2 a client that goes on says so; later, what it says last cannot be read.
    let broken_off = answered.is_none() || connection.version.is_some_and(|version| version <= 0x0303);
    broken_off.then_some([began, ended])
}

fn fatal(connection: &TlsConnection) -> Option<(Side, Alert)> {
    connection.alert.filter(|(_, alert)| alert.is_fatal && alert.description != 0)
}

/// Title, who has to act, and remedy.
fn words(connection: &TlsConnection, sure: Confidence) -> (String, Actor, String) {
    let server = connection.server;
    let is_backend = sure >= Confidence::Likely;
    let opener = if is_backend { "WCS".to_owned() } else { connection.client.ip().to_string() };
    let acceptor = if is_backend { "the backend" } else { "the server" };
    match fatal(connection) {
        Some((Side::Opener, alert)) if alert.is_about_certificate() => {
            let title = format!("{opener} does not accept the certificate of {server} ({})", alert.name());
            let (actor, remedy) = trust(connection, matches!(alert.description, 44 | 45));
            (title, actor, remedy)
        }
        Some((side, alert)) => {
            let who = if side == Side::Opener { opener.as_str() } else { acceptor };
            let title = format!("the TLS handshake with {server} fails: {who} sends {}", alert.name());
            let remedy = if alert.description == UNRECOGNIZED_NAME {
                "Let the backend serve the name in the application's URL, or correct that name."
            } else {
                "Find a version and cipher that both offer: update WCS's Java, or let the backend offer TLS 1.2."
            };
            (title, Actor::MediaServer, remedy.to_owned())
        }
        // It had seen the server's certificate.
        None if connection.version.is_some() && closed_by(connection, Side::Opener) => {
            let title = format!("{opener} breaks off the TLS handshake with {server} after its certificate");
            let (actor, remedy) = trust(connection, false);
            (title, actor, remedy)
        }
        None => {
            let by_server = closed_by(connection, Side::Acceptor);
            let who = if by_server { acceptor } else { opener.as_str() };
            let remedy = format!(
                "Check that {server} speaks TLS at all (openssl s_client -connect {server}), and the application's URL \
                    {CONSOLE}: show apps -d."
            );
            (
                format!("the TLS handshake with {server} breaks off: {who} closes the connection"),
                Actor::Backend,
                remedy,
            )
        }
    }
}

/// The alert of a server that does not know the name asked for (RFC 6066, section 3).
const UNRECOGNIZED_NAME: u8 = 112;

fn closed_by(connection: &TlsConnection, side: Side) -> bool {
    connection.ended.is_some_and(|(ended, _)| ended == side)
}

/// Who has to act about a certificate that is not accepted, and what to do.
fn trust(connection: &TlsConnection, expired: bool) -> (Actor, String) {
    let server = connection.server;
    match certificates::fault(connection) {
        Some(Fault::Expired | Fault::NotYetValid) => {
            (Actor::Backend, "Renew the backend's certificate, or set the clocks right.".to_owned())
        }
        _ if expired => (Actor::Backend, "Renew the backend's certificate.".to_owned()),
        Some(Fault::OtherName) => {
            let remedy = format!(
                "Let the application's URL name a host that the certificate is for {CONSOLE}: update app -l <url> <name>; or \
                    let the backend serve a certificate for the host in it."
            );
            (Actor::Backend, remedy)
        }
        Some(Fault::SelfIssued) | None => {
            let remedy = format!(
                "Let the backend send its whole chain, or install its CA into the trust store of WCS's Java: keytool \
                    -importcert -cacerts -alias backend -file ca.pem. Look at it with: openssl s_client -connect \
                    {server} -showcerts"
            );
            (Actor::MediaServer, remedy)
        }
    }
}

fn message(case: &Case, failed: &[&TlsConnection]) -> String {
    let Some(first) = failed.first() else { return String::new() };
    let hello = first.hello.clone().unwrap_or_default();
    let began = first.speaks.opener.map(|(_, at)| describe::frame(case, at)).unwrap_or_default();
    let mut text = format!("In {began} {} offers up to {}", first.client, version(hello.version));
    if let Some(name) = &hello.server_name {
        text.push_str(&format!(" to {name}"));
    }
    match (first.version, fatal(first)) {
        (Some(chosen), _) => text.push_str(&format!("; {} chooses {}", first.server, version(chosen))),
        (None, None) => text.push_str(&format!("; {} does not answer", first.server)),
        _ => {}
    }
    if let Some(certificate) = &first.certificate {
        text.push_str(&format!(" with a {}", certificates::describe(certificate)));
        if let Some(fault) = certificates::fault_in_words(first) {
            text.push_str(&format!(" ({fault})"));
        }
    }
    if let Some((_, alert)) = fatal(first) {
        text.push_str(&format!("; {} comes in {}", alert.name(), describe::frame(case, alert.at)));
    } else if let Some((_, at)) = first.ended {
        text.push_str(&format!("; the connection ends in {}", describe::frame(case, at)));
    }
    text.push('.');
    if failed.len() > 1 {
        text.push_str(&format!(" {} connections in all.", failed.len()));
    }
    text
}

/// The name of a version (RFC 8446, section 4.2.1).
pub(super) fn version(number: u16) -> String {
    match number {
        0x0300 => "SSL 3.0".to_owned(),
        0x0301..=0x0304 => format!("TLS 1.{}", number - 0x0301),
        other => format!("version {other:#06x}"),
    }
}
