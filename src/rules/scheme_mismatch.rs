use super::answered::{self, Words};
use super::describe::{self, CONSOLE};
use super::{Evidence, Finding, Findings, attempts, rule};
use crate::session::{Case, HookRecord};
use crate::tls::{Speaks, TlsConnection};

rule! {
    /// ## What it detects
    /// TLS that a backend answers with plain HTTP, or hooks in plain HTTP that it answers with TLS, or with an error page that
    /// says so: http and https are mixed up.
    ///
    /// ## Why it matters
    /// No hook is understood: connect is declined, so no client gets in.
    ///
    /// ## What to do
    /// Correct the scheme or the port of the application's URL with `update app -l <url> <name>`; `show apps -d` lists it.
    ///
    /// ## When it is wrong
    /// Where no hook was captured, the address may have nothing to do with hooks; the confidence says so.
    "scheme-mismatch", Error, MediaServer, "http and https are mixed up between WCS and the backend", check
}

/// What servers say to plain HTTP on their TLS port: nginx, Apache, Tomcat, Go.
const TELLING: [&str; 4] = [
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "combination of host and port requires TLS",
    "HTTP request to an HTTPS server",
];

fn check(case: &Case, findings: &mut Findings) {
    answered::report(
        case,
        findings,
        &RULE,
        |record| is_case(case, record),
        |group| Words {
            actor: None,
            title: format!("backend {} speaks TLS, but WCS sends it plain HTTP", group.backend(case)),
            remedy: format!(
                "Let the application's URL begin with https {CONSOLE}: show apps -d; update app -l <url> <name>."
            ),
        },
    );
    let mut told = Vec::new();
    for first in case.tls.iter().filter(|connection| is_plain(connection)) {
        let server = first.server;
        let relevance =
            |other: &TlsConnection| attempts::relevance_of(case, Some(other.client.ip()), other.server);
        let Some(confidence) = relevance(first).filter(|_| !told.contains(&server)) else { continue };
        told.push(server);
        let alike: Vec<&TlsConnection> = case
            .tls
            .iter()
            .filter(|other| other.server == server && is_plain(other) && relevance(other).is_some())
            .collect();
        let proof = |connection: &&TlsConnection| {
            let ends = [connection.speaks.opener, connection.speaks.acceptor];
            ends.into_iter().flatten().map(|(_, at)| (connection.connection, at)).collect::<Vec<_>>()
        };
        let moments: Vec<_> = alike.iter().flat_map(proof).collect();
        let Some(evidence) = Evidence::of_frames(&moments, alike.len() as u64) else { continue };
        let began = first.speaks.opener.map(|(_, at)| describe::frame(case, at)).unwrap_or_default();
        let connections = describe::counted(alike.len() as u64, "connection");
        let message = format!(
            "{} begins TLS in {began}, and {server} answers in plain text; {connections}.",
            first.client
        );
        let http =
            alike.iter().any(|other| other.speaks.acceptor.is_some_and(|(what, _)| what == Speaks::Http));
        let speaks = if http { "plain HTTP" } else { "plain text" };
        let title = format!("{server} speaks {speaks}, but is asked for TLS");
        let remedy = format!(
            "Let the application's URL begin with http, or name the port of https {CONSOLE}: show apps -d; update app -l \
                <url> <name>."
        );
        let finding = Finding::new(&RULE, title, message, remedy, evidence);
        findings.add(finding.sure(confidence).with_effect(attempts::effect(confidence)));
    }
}

/// Whether a hook was sent in plain HTTP to a port that speaks TLS.
pub(super) fn is_case(case: &Case, record: &HookRecord) -> bool {
    let is_tls = |connection: &TlsConnection| {
        let speaks = &connection.speaks;
        connection.connection == record.connection
            && matches!((speaks.opener, speaks.acceptor), (Some((Speaks::Http, _)), Some((Speaks::Tls, _))))
    };
    let says_so = |page: &str| TELLING.iter().any(|telling| page.contains(telling));
    let excerpt = record.answer.as_ref().and_then(|answer| answer.excerpt.as_deref());
    excerpt.is_some_and(says_so) || record.answer.is_none() && case.tls.iter().any(is_tls)
}

/// Whether TLS was answered in something else.
fn is_plain(connection: &TlsConnection) -> bool {
    let [asks, answers] =
        [connection.speaks.opener, connection.speaks.acceptor].map(|speaks| speaks.map(|(what, _)| what));
    asks == Some(Speaks::Tls) && matches!(answers, Some(Speaks::Http | Speaks::Other))
}
