use super::certificates;
use super::confidence;
use super::tls_handshake_failed::version;
use super::{Evidence, Finding, Findings, rule};
use crate::endpoint::{ConnectionId, Endpoint, Moment};
use crate::session::Case;
use crate::tls::TlsConnection;
use std::collections::BTreeSet;

rule! {
    /// ## What it detects
    /// Connections with TLS to a backend; and, where no hook was captured, to any server: hooks may be inside.
    ///
    /// ## Why it matters
    /// What is encrypted cannot be read: nothing can be said about hooks that go this way.
    ///
    /// ## What to do
    /// Capture behind the proxy that ends TLS, or on the backend itself where it talks plain HTTP; or let a test application
    /// send its hooks to an http URL: `add app <name> <appKey> <url>`, then `add app-rest-method -a <appKey>`.
    ///
    /// ## When it is wrong
    /// Where no hook was captured, these may be other connections: of browsers to WCS, of WCS to other services.
    "tls-backend", Note, Capture, "hooks may go over TLS, where they cannot be read", check
}

/// Servers that are named.
const LISTED: usize = 3;

fn check(case: &Case, findings: &mut Findings) {
    let matters = |connection: &&TlsConnection| {
        let of_hooks = || case.is_backend(connection.server) && case.is_wcs(connection.client.ip());
        connection.established && (confidence::shows_no_hook(case) || of_hooks())
    };
    let connections: Vec<&TlsConnection> = case.tls.iter().filter(matters).collect();
    let moments: Vec<(ConnectionId, Moment)> = connections
        .iter()
        .filter_map(|connection| Some((connection.connection, connection.speaks.opener?.1)))
        .collect();
    let Some(evidence) = Evidence::of_frames(&moments, connections.len() as u64) else { return };
    let servers: BTreeSet<Endpoint> = connections.iter().map(|connection| connection.server).collect();
    let told: Vec<String> =
        servers.iter().take(LISTED).map(|server| describe(*server, &connections)).collect();
    let more = servers.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let title = format!("TLS to {}{more}: hooks in it cannot be read", told.join(", "));
    let message =
        format!("{} connections with TLS came about; what they carry is encrypted.", connections.len());
    let remedy = "If the application's URL is one of these, capture where the hooks are in plain HTTP: behind the proxy that \
        ends TLS, or with an http URL for a test."
        .to_owned();
    findings.add(Finding::new(&RULE, title, message, remedy, evidence));
}

/// A server with the name that it was asked for and the version that it chose.
fn describe(server: Endpoint, connections: &[&TlsConnection]) -> String {
    let of_server = || connections.iter().filter(|connection| connection.server == server);
    let name = of_server().find_map(|connection| connection.hello.as_ref()?.server_name.clone());
    let chosen = of_server().find_map(|connection| connection.version).map(version);
    let certificate =
        of_server().find_map(|connection| connection.certificate.as_ref()).map(certificates::describe);
    let details: Vec<String> = name.into_iter().chain(chosen).chain(certificate).collect();
    if details.is_empty() { server.to_string() } else { format!("{server} ({})", details.join(", ")) }
}
