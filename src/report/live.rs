//! What is told while a capture grows: hooks when they end, findings when they are certain.

use super::document::{Document, Finding, Hook};
use super::escape::for_terminal;
use super::ndjson;
use super::text::{Style, paint, severity_color};
use super::words::{self, frame, seconds};
use crate::endpoint::{ConnectionId, FrameNumber};
use crate::session::Case;
use anstyle::AnsiColor;
use foldhash::{HashMap, HashSet};
use std::io::{self, Write};

/// Frames that are listed behind a finding.
const LISTED_FRAMES: usize = 4;

/// What has been told so far.
#[derive(Debug, Default)]
pub struct Live {
    hooks: HashSet<(ConnectionId, FrameNumber)>,
    findings: HashSet<(String, String)>,
    told: usize,
}

/// What is to be told now.
#[derive(Debug)]
pub struct News<'d> {
    hooks: Vec<&'d Hook>,
    findings: Vec<&'d Finding>,
}

impl Live {
    /// What is new in a case since the last time, and its document. Hooks count that `has_ended`; and findings that are
    /// confirmed, no mere notes, and about nothing but such hooks: what comes later cannot change them. At the end, `all` do.
    pub fn news<'d>(
        &mut self,
        case: &Case,
        document: &'d Document,
        has_ended: impl Fn(ConnectionId, FrameNumber) -> bool,
        all: bool,
    ) -> News<'d> {
        let mut ended = HashSet::default();
        let mut hooks = Vec::new();
        let shown: HashMap<&str, &Hook> =
            document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
        for (place, record) in case.hooks.iter().enumerate() {
            // A document may show a part of the case.
            let Some(hook) = shown.get(format!("h{}", place + 1).as_str()).copied() else { continue };
            let (connection, first) = (record.connection, record.first.frame);
            if has_ended(connection, first) {
                ended.insert(hook.id.as_str());
                if self.hooks.insert((connection, first)) {
                    hooks.push(hook);
                }
            }
        }
        let certain = |finding: &&Finding| {
            let is_sure = finding.confidence == "confirmed" && finding.severity != "note";
            all || is_sure && finding.hooks.iter().all(|hook| ended.contains(hook.as_str()))
        };
        let mut findings: Vec<&Finding> = document.findings.iter().filter(certain).collect();
        findings.retain(|finding| {
            let first = finding.frames.first().map(frame).unwrap_or_default();
            self.findings.insert((finding.rule.clone(), first))
        });
        self.told += hooks.len() + findings.len();
        News { hooks, findings }
    }

    /// How many hooks and findings have been told.
    pub const fn told(&self) -> usize {
        self.told
    }
}

/// Writes a line for each hook, and two for each finding.
pub(super) fn text(news: &News<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for hook in &news.hooks {
        let named = format!("{} {}", words::name(hook), words::reported(hook).unwrap_or_default());
        let session = hook.context.session_id.as_deref().unwrap_or_default();
        let answer = words::answer(hook);
        let color = match hook.outcome.as_str() {
            "ok" => AnsiColor::Green,
            "unknown" => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        let fields = [
            format!("{:>8}", frame(&hook.frame)),
            words::utc(&hook.time),
            format!("{:<36}", for_terminal(&named)),
            paint(style, &format!("{answer:<16}"), color.on_default()),
            format!("{:>9}", hook.latency.map(seconds).unwrap_or_default()),
            for_terminal(session).into_owned(),
        ];
        writeln!(out, "{}", fields.join("  ").trim_end())?;
    }
    for finding in &news.findings {
        let severity = paint(style, &finding.severity, severity_color(&finding.severity));
        let frames: Vec<String> = finding.frames.iter().take(LISTED_FRAMES).map(frame).collect();
        let more = if finding.frames.len() > LISTED_FRAMES { ", …" } else { "" };
        let (title, remedy) = (for_terminal(&finding.title), for_terminal(&finding.remedy));
        writeln!(out, "  ! {severity} {}: {title} [{}{more}]", finding.rule, frames.join(", "))?;
        writeln!(out, "    what next: {remedy}")?;
    }
    Ok(())
}

/// Writes a line for each hook and each finding.
pub(super) fn lines(news: &News<'_>, out: &mut dyn Write) -> io::Result<()> {
    ndjson::render_news(&news.hooks, &news.findings, out)
}
