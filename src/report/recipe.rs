//! A recipe: how to make a capture that can answer, and why one that was made cannot.
//!
//! Comes in: the application's URL, or a judged case, or nothing; and what to capture with. Goes out: a [`Recipe`], the
//! same as text, Markdown and JSON. Deliberately does not: run anything, or judge: what is wrong with a capture, rules
//! have found.

mod filter;
mod page;
mod settings;
mod steps;
mod url;

pub use settings::{Interface, Ring};
pub use url::{BackendUrl, UrlError};

use super::document::{Document, Finding, Tool};
use super::{SCHEMA_VERSION, Style};
use crate::endpoint::Endpoint;
use crate::rules;
use crate::session::Case;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};
use std::net::IpAddr;

/// Where WCS sends hooks unless told otherwise: today's versions, and older ones (D26, D7).
const DEFAULT_URLS: [&str; 2] = ["http://localhost:8081/apps/EchoApp", "http://localhost:9091/EchoApp"];
/// Ports with TLS on which WCS itself listens: browsers, REST API, HLS, and the REST API of older versions.
const OWN_TLS_PORTS: [u16; 4] = [8443, 8444, 8445, 8888];
/// Rules about what a capture lacks.
const LACKS: [&str; 9] = [
    "no-hooks",
    "tls-backend",
    "snaplen-cut",
    "one-sided",
    "capture-cut",
    "capture-loss",
    "midstream",
    "limit-reached",
    "clock-backwards",
];

/// What a capture is to be made for, and with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The URLs of applications, if they are known.
    pub urls: Vec<BackendUrl>,
    /// The interface.
    pub interface: Interface,
    /// The ring buffer.
    pub ring: Ring,
}

/// How to make a capture that can answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recipe {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The capture that was made before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Where hooks are expected to go.
    pub backends: Vec<RecipeBackend>,
    /// The interface to capture on.
    pub interface: String,
    /// The ring buffer.
    pub ring: Ring,
    /// The capture filter, in the language of libpcap.
    pub filter: String,
    /// What to do, in this order.
    pub steps: Vec<Step>,
}

/// A capture that was made before, and what it lacks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Before {
    /// Its files.
    pub captures: Vec<String>,
    /// The verdict's state: healthy, degraded, broken, unclear or absent.
    pub state: String,
    /// The verdict in one line.
    pub headline: String,
    /// Whether it tells what happened to hooks.
    pub answers: bool,
    /// What it lacks, the worst first.
    pub lacks: Vec<Lack>,
}

/// What a capture lacks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Lack {
    /// The rule that found it; absent where none is about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is lacking, in one line.
    pub title: String,
    /// What was seen.
    pub message: String,
}

/// Where hooks are expected to go.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecipeBackend {
    /// The URL, without credentials.
    pub url: String,
    /// Its port.
    pub port: u16,
    /// Whether hooks go there over TLS.
    pub tls: bool,
    /// Whether it is on the WCS server itself.
    pub loopback: bool,
    /// Who names it: url (the command line), capture, or default.
    pub source: String,
}

/// A thing to do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// settings, reach, capture, reproduce or analyze.
    pub name: String,
    /// The same in a few words.
    pub title: String,
    /// What it is for. Commands in it stand between backticks.
    pub text: String,
    /// Commands.
    pub commands: Vec<CommandEntry>,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// A command.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommandEntry {
    /// What it is for.
    pub about: String,
    /// Where it is given: server (a shell on the WCS server), console (of WCS), or here.
    pub place: String,
    /// The command; several lines are one command.
    pub command: String,
}

/// Who names the backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Url,
    Capture,
    Default,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Capture => "capture",
            Self::Default => "default",
        }
    }
}

/// What is known before the steps are written.
struct Known<'w> {
    wanted: &'w Wanted,
    backends: Vec<BackendUrl>,
    source: Source,
    /// The application, if the capture shows exactly one.
    app_key: Option<String>,
    /// Whether packets were lost on the way into the file.
    lost_packets: bool,
    filter: String,
}

impl Recipe {
    /// Writes a recipe; `before` is the capture that could not answer, or that shows where hooks go.
    pub fn new(wanted: &Wanted, before: Option<(&Case, &Document)>) -> Self {
        let shown = before.map(|(case, document)| seen(case, document)).unwrap_or_default();
        let (backends, source) = if !wanted.urls.is_empty() {
            (wanted.urls.clone(), Source::Url)
        } else if shown.is_empty() {
            (DEFAULT_URLS.iter().filter_map(|url| url.parse().ok()).collect(), Source::Default)
        } else {
            (shown, Source::Capture)
        };
        let with_dns =
            source == Source::Default || backends.iter().any(|backend| backend.dns_name().is_some());
        let document = before.map(|(_, document)| document);
        let known = Known {
            wanted,
            source,
            app_key: document.and_then(app_key),
            lost_packets: document.is_some_and(|document| has(document, "capture-loss")),
            filter: filter::filter(backends.iter(), with_dns),
            backends,
        };
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::this(),
            before: before.map(|(case, document)| Before::new(case, document, &known)),
            backends: known.backends.iter().map(|url| RecipeBackend::new(url, known.source)).collect(),
            interface: wanted.interface.name().to_owned(),
            ring: wanted.ring,
            steps: steps::steps(&known),
            filter: known.filter,
        }
    }

    /// Writes it for people.
    pub fn render_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        page::text(self, style, out)
    }

    /// Writes it as Markdown.
    pub fn render_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        page::markdown(self, out)
    }

    /// The JSON Schema (2020-12) of it.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl Before {
    fn new(case: &Case, document: &Document, known: &Known<'_>) -> Self {
        let state = document.verdict.state.clone();
        let lack = |finding: &Finding| Lack {
            rule: Some(finding.rule.clone()),
            title: finding.title.clone(),
            message: finding.message.clone(),
        };
        let rank = |finding: &&Finding| LACKS.iter().position(|rule| finding.rule == *rule);
        let mut found: Vec<&Finding> =
            document.findings.iter().filter(|finding| rank(finding).is_some()).collect();
        found.sort_by_key(rank);
        let mut lacks: Vec<Lack> = found.into_iter().map(lack).collect();
        let answers = !matches!(state.as_str(), "absent" | "unclear") && !is_doubtful(document);
        let on_loopback = known.backends.iter().any(BackendUrl::is_loopback);
        if !answers && on_loopback && case.traffic.tcp > 0 && !rules::sees_loopback(case) {
            lacks.push(Lack {
                rule: None,
                title: "the loopback interface is not in the capture".to_owned(),
                message: "The default backend is on WCS's own loopback interface: hooks to it pass no other interface."
                    .to_owned(),
            });
        }
        let captures = document.captures.iter().map(|capture| capture.path.clone()).collect();
        Self { captures, state, headline: document.verdict.headline.clone(), answers, lacks }
    }
}

impl RecipeBackend {
    fn new(url: &BackendUrl, source: Source) -> Self {
        Self {
            url: url.to_string(),
            port: url.port,
            tls: url.is_secure,
            loopback: url.is_loopback(),
            source: source.name().to_owned(),
        }
    }
}

/// Whether the verdict rests on what may have nothing to do with hooks.
fn is_doubtful(document: &Document) -> bool {
    let main = document.verdict.findings.first();
    let main = main.and_then(|id| document.findings.iter().find(|finding| finding.id == *id));
    main.is_some_and(|finding| finding.confidence == "possible")
}

fn has(document: &Document, rule: &str) -> bool {
    document.findings.iter().any(|finding| finding.rule == rule)
}

/// The only application of a capture.
fn app_key(document: &Document) -> Option<String> {
    let mut keys: Vec<&String> =
        document.sessions.iter().filter_map(|session| session.app_key.as_ref()).collect();
    keys.sort();
    keys.dedup();
    let [key] = keys.as_slice() else { return None };
    // It is to be typed as it is; what is masked or hostile is not.
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    (key.chars().all(is_plain) && !key.starts_with('-')).then(|| (*key).clone())
}

/// The backends that a capture shows; where no hook is, what may be one: addresses that could not be reached, and TLS.
fn seen(case: &Case, document: &Document) -> Vec<BackendUrl> {
    let mut urls: Vec<BackendUrl> = document
        .backends
        .iter()
        .filter_map(|one| {
            let address: IpAddr = one.address.parse().ok()?;
            Some(BackendUrl::seen(address, one.port, one.host.as_deref(), &one.base_path, false))
        })
        .collect();
    let url = |server: Endpoint, name: Option<&str>, is_secure| {
        BackendUrl::seen(server.ip(), server.port(), name, "", is_secure)
    };
    let is_known = |server: Endpoint| case.hooks.iter().any(|record| record.server == server);
    let failed = case.targets.iter().filter(|target| {
        target.failed > 0 && !is_known(target.server) && rules::concerns_hooks(case, target)
    });
    let failed = failed.map(|target| url(target.server, None, false));
    let secure = case.tls.iter().filter(|connection| {
        let server = connection.server;
        connection.established
            && !OWN_TLS_PORTS.contains(&server.port())
            && (case.hooks.is_empty() || case.is_backend(server))
    });
    let secure = secure.map(|connection| {
        let name = connection.hello.as_ref().and_then(|hello| hello.server_name.as_deref());
        url(connection.server, name, true)
    });
    let others: Vec<BackendUrl> = failed.chain(secure).collect();
    urls.extend(others);
    urls.sort();
    urls.dedup();
    urls
}
