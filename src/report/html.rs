//! The report as a page: one file without any reference to another, that reads without script.
//!
//! The templates lie in `templates/`; askama checks them when the program is built, and puts every value of theirs
//! through [`Visible`]. Style and script are allowed by their digests alone, so that nothing a capture holds can run.

mod anchors;
mod axis;
mod finding;
mod latency;
mod message;
mod overview;
mod row;
mod selection;
mod session;

use super::document::{Backend, Document, RestApiCall};
use super::escape::for_terminal;
use super::words::{self, seconds};
use anchors::Anchors;
use askama::Template;
use askama::filters::{Escaper, Html};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use finding::FindingView;
use latency::LatencyPlot;
use overview::Overview;
use row::Row;
use selection::Selection;
use session::SessionView;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Calls of the REST API that are listed.
const SHOWN_CALLS: usize = 500;
/// Findings that are listed.
const SHOWN_FINDINGS: usize = 500;

/// Shows hostile characters as terminals get them, and leaves the rest to askama.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &for_terminal(string))
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'d> {
    document: &'d Document,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    title: String,
    /// Which part of the captures the page shows, where not the whole.
    shown: Option<String>,
    cause: Option<FindingView<'d>>,
    findings: Vec<FindingView<'d>>,
    shown_findings: BTreeSet<&'d str>,
    backends: Vec<BackendView<'d>>,
    plot: Option<LatencyPlot>,
    overview: Option<Overview>,
    sessions: Vec<SessionView<'d>>,
    more_sessions: usize,
    alone: Vec<Row<'d>>,
    more_alone: usize,
    calls: &'d [RestApiCall],
    more_calls: usize,
    choices: Choices,
}

/// What the filter offers.
struct Choices {
    methods: Vec<String>,
    outcomes: Vec<String>,
    statuses: Vec<String>,
}

struct BackendView<'d> {
    backend: &'d Backend,
    address: String,
    latency: Option<[String; 4]>,
}

/// Writes the page.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    page(document).write_into(&mut io::BufWriter::new(out))
}

fn page(document: &Document) -> Page<'_> {
    let selection = Selection::of(document);
    let anchors = Anchors::of(document, &selection);
    let mut rows = row::rows(document, &selection, &anchors);
    let sessions: Vec<SessionView<'_>> = session::views(document, &selection, &anchors, &mut rows);
    let alone = document.hooks.iter().zip(rows).filter(|(hook, _)| hook.session.is_none());
    let alone: Vec<Row<'_>> = alone.filter_map(|(_, row)| row).collect();
    let all_alone = document.hooks.iter().filter(|hook| hook.session.is_none()).count();
    let findings = document.findings.iter().take(SHOWN_FINDINGS);
    let cause = document.verdict.findings.first();
    let cause = document.findings.iter().find(|finding| Some(&finding.id) == cause);
    let calls = document.rest_api_calls.as_slice();
    Page {
        document,
        style: STYLE,
        script: SCRIPT,
        style_hash: digest(STYLE),
        script_hash: digest(SCRIPT),
        title: title(document),
        shown: document.selection.as_ref().map(words::selection),
        cause: cause.map(|finding| FindingView::new(finding, &anchors)),
        shown_findings: findings.clone().map(|finding| finding.id.as_str()).collect(),
        findings: findings.map(|finding| FindingView::new(finding, &anchors)).collect(),
        backends: document.backends.iter().map(BackendView::new).collect(),
        plot: LatencyPlot::of(document, &anchors),
        overview: Overview::of(document, &selection),
        more_sessions: document.sessions.len().saturating_sub(sessions.len()),
        choices: Choices::of(&sessions, &alone),
        sessions,
        more_alone: all_alone.saturating_sub(alone.len()),
        alone,
        calls: calls.get(..SHOWN_CALLS).unwrap_or(calls),
        more_calls: calls.len().saturating_sub(SHOWN_CALLS),
    }
}

impl Page<'_> {
    fn more_findings(&self) -> usize {
        self.document.findings.len().saturating_sub(self.findings.len())
    }

    fn shows_finding(&self, id: &str) -> bool {
        self.shown_findings.contains(id)
    }
}

/// A source of a Content-Security-Policy.
pub(in crate::report) fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn title(document: &Document) -> String {
    let names: Vec<&str> = document
        .captures
        .iter()
        .take(2)
        .map(|capture| capture.path.rsplit(['/', '\\']).next().unwrap_or_default())
        .collect();
    let more = document.captures.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

impl<'d> BackendView<'d> {
    fn new(backend: &'d Backend) -> Self {
        let latency = backend.latency.as_ref();
        Self {
            backend,
            address: address(&backend.address, backend.port),
            latency: latency
                .map(|latency| [latency.min, latency.median, latency.p95, latency.max].map(seconds)),
        }
    }
}

impl Choices {
    fn of(sessions: &[SessionView<'_>], alone: &[Row<'_>]) -> Self {
        let rows = || sessions.iter().flat_map(|session| session.chunks.iter().flatten()).chain(alone);
        Self {
            methods: sorted(rows().map(|row| row.hook.method.clone())),
            outcomes: sorted(rows().map(|row| row.hook.outcome.clone())),
            statuses: sorted(rows().map(|row| row.status.clone())),
        }
    }
}

fn sorted(values: impl Iterator<Item = String>) -> Vec<String> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

/// An address with its port.
fn address(ip: &str, port: u16) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}
