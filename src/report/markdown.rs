//! The report for a ticket: the verdict with its proof, and what to ask of whom; Markdown that any tracker shows alike.
//!
//! It is bounded in lines, whatever the capture: what goes beyond is counted.

use super::document::{Capture, Document, Finding, Hook};
use super::escape::{for_cell, for_code, for_markdown};
use super::page::{Block, Page};
use super::words::{self, answer, for_shell, frame, name, reported, seconds, utc};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Rows of the proof.
const SHOWN_ROWS: usize = 10;
/// Frames that a row lists.
const SHOWN_FRAMES: usize = 6;
/// Other findings, and notes on the capture.
const SHOWN_FINDINGS: usize = 6;
/// Capture files.
const SHOWN_CAPTURES: usize = 4;
/// Characters of a text from the capture; beyond that nobody reads a ticket.
const SHOWN_TEXT: usize = 600;

/// Writes the ticket.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    Ticket { document }.page().markdown_unbroken(out)
}

struct Ticket<'d> {
    document: &'d Document,
}

impl<'d> Ticket<'d> {
    fn page(&self) -> Page {
        let verdict = &self.document.verdict;
        let title = format!("{}: {}", verdict.state.to_uppercase(), text(&verdict.headline));
        let mut blocks = Vec::new();
        if let Some(selection) = &self.document.selection {
            blocks.push(Block::Text(text(&format!("Shown: {}.", words::selection(selection)))));
        }
        if let Some(cause) = self.cause() {
            blocks.push(Block::Text(text(&cause.message)));
        }
        self.proof(&mut blocks);
        self.next(&mut blocks);
        self.commands(&mut blocks);
        self.others(&mut blocks);
        self.captures(&mut blocks);
        blocks.push(Block::Text(self.tool()));
        // A sentence ends with a stop, a heading does not.
        Page { title: title.trim_end_matches(['.', ',', ';', ':', '!', '?']).to_owned(), blocks }
    }

    fn finding(&self, id: &str) -> Option<&'d Finding> {
        self.document.findings.iter().find(|finding| finding.id == id)
    }

    /// The finding that the verdict rests on.
    fn cause(&self) -> Option<&'d Finding> {
        self.document.verdict.findings.first().and_then(|id| self.finding(id))
    }

    fn proof(&self, blocks: &mut Vec<Block>) {
        let findings: Vec<&Finding> =
            self.document.verdict.findings.iter().filter_map(|id| self.finding(id)).collect();
        let concerned: BTreeSet<&str> =
            findings.iter().flat_map(|finding| &finding.hooks).map(String::as_str).collect();
        let hooks = self.document.hooks.iter().filter(|hook| concerned.contains(hook.id.as_str()));
        let bare = findings.iter().filter(|finding| finding.hooks.is_empty() && !finding.frames.is_empty());
        let mut rows: Vec<Vec<String>> = bare.map(|finding| finding_row(finding)).collect();
        rows.extend(hooks.map(hook_row));
        if rows.is_empty() {
            return;
        }
        let more = beyond(rows.len(), SHOWN_ROWS);
        rows.truncate(SHOWN_ROWS);
        blocks.push(Block::heading("Proof"));
        blocks.push(Block::Rows {
            header: vec!["Frame", "Time (UTC)", "Hook", "Reports", "Status", "Latency"],
            rows,
        });
        blocks.extend(more.map(|more| Block::Text(format!("… {more} more rows; `--format json` has all."))));
    }

    fn next(&self, blocks: &mut Vec<Block>) {
        let Some(cause) = self.cause() else {
            let words = if self.document.verdict.actor == "nobody" { "Nobody has to act." } else { "" };
            blocks.extend((!words.is_empty()).then(|| Block::text(words)));
            return;
        };
        let mut items = Vec::new();
        if let Some(effect) = &cause.effect {
            items.push(format!("Effect: {}.", text(effect)));
        }
        let (who, ask) = actor(&self.document.verdict.actor);
        items.push(format!("Who has to act: {who} (confidence: {}).", cause.confidence));
        items.push(format!("{ask}: {}", text(&cause.remedy)));
        blocks.push(Block::heading("What next"));
        blocks.push(Block::Items(items));
    }

    /// Commands to be copied: plain lines, in which nothing but a terminal reads anything.
    fn commands(&self, blocks: &mut Vec<Block>) {
        let Some(cause) = self.cause() else { return };
        let mut lines = Vec::new();
        if let [capture] = self.document.captures.as_slice()
            && let Some(filter) = &cause.filter
        {
            lines.push(format!("wireshark -r {} -Y '{filter}'", for_shell(&capture.path)));
        }
        lines.push(format!("hookscope explain {}", cause.rule));
        blocks.push(Block::heading("Commands"));
        blocks.push(Block::Code(lines));
    }

    fn others(&self, blocks: &mut Vec<Block>) {
        let cause = self.cause().map(|cause| cause.id.as_str());
        let others = self.document.findings.iter();
        let others =
            others.filter(|finding| Some(finding.id.as_str()) != cause && !is_about_capture(finding));
        let items: Vec<String> = others.map(one_line).collect();
        add_list(blocks, "Other findings", items, SHOWN_FINDINGS, "findings");
    }

    fn captures(&self, blocks: &mut Vec<Block>) {
        let mut items: Vec<String> = self.document.captures.iter().map(describe).collect();
        let more = beyond(items.len(), SHOWN_CAPTURES);
        items.truncate(SHOWN_CAPTURES);
        items.extend(more.map(|more| format!("… {more} more files")));
        let cause = self.cause().map(|cause| cause.id.as_str());
        let about = self.document.findings.iter();
        let about = about.filter(|finding| Some(finding.id.as_str()) != cause && is_about_capture(finding));
        let most = items.len() + SHOWN_FINDINGS;
        items.extend(about.map(one_line));
        add_list(blocks, "Capture", items, most, "notes on it");
    }

    fn tool(&self) -> String {
        let tool = &self.document.tool;
        let secrets = if self.document.redacted { "secrets are masked" } else { "secrets are NOT masked" };
        format!("Made by {} {}; {secrets}.", tool.name, tool.version)
    }
}

fn add_list(blocks: &mut Vec<Block>, heading: &str, mut items: Vec<String>, most: usize, what: &str) {
    if items.is_empty() {
        return;
    }
    let more = beyond(items.len(), most);
    items.truncate(most);
    items.extend(more.map(|more| format!("… {more} more {what}")));
    blocks.push(Block::heading(heading));
    blocks.push(Block::Items(items));
}

/// How many there are beyond what is shown.
fn beyond(count: usize, shown: usize) -> Option<usize> {
    count.checked_sub(shown).filter(|more| *more > 0)
}

/// Whether a finding tells what the capture lacks.
fn is_about_capture(finding: &Finding) -> bool {
    finding.actor == "capture" && finding.severity == "note"
}

/// Text from the capture, bounded.
fn text(text: &str) -> String {
    match text.char_indices().nth(SHOWN_TEXT) {
        Some((end, _)) => format!("{} …", for_markdown(text.get(..end).unwrap_or_default())),
        None => for_markdown(text),
    }
}

fn hook_row(hook: &Hook) -> Vec<String> {
    let status = reported(hook).unwrap_or_default();
    vec![
        for_cell(&frame(&hook.frame)),
        utc(&hook.time),
        for_cell(&name(hook)),
        for_cell(&status),
        for_cell(&answer(hook)),
        hook.latency.map(seconds).unwrap_or_default(),
    ]
}

/// A row for frames that belong to no hook.
fn finding_row(finding: &Finding) -> Vec<String> {
    let listed: Vec<String> = finding.frames.iter().take(SHOWN_FRAMES).map(frame).collect();
    let more = beyond(finding.frames.len(), SHOWN_FRAMES).map(|more| format!(" and {more} more"));
    vec![
        format!("{}{}", for_cell(&listed.join(", ")), more.unwrap_or_default()),
        finding.first_time.as_deref().map(utc).unwrap_or_default(),
        "none".to_owned(),
        String::new(),
        finding.rule.clone(),
        String::new(),
    ]
}

fn one_line(finding: &Finding) -> String {
    let certainty = match finding.confidence.as_str() {
        "confirmed" => String::new(),
        other => format!(" ({other})"),
    };
    let follows = finding.caused_by.as_ref().map(|cause| format!(" (follows from {cause})"));
    format!(
        "{} {} {}: {}{certainty}{}",
        finding.id,
        finding.severity,
        finding.rule,
        text(&finding.title),
        follows.unwrap_or_default()
    )
}

/// Who is meant, and what a ticket for them begins with.
fn actor(name: &str) -> (&'static str, &'static str) {
    match name {
        "backend" => ("those who run the backend", "To ask of them"),
        "network" => ("those who run the network between WCS and the backend", "To ask of them"),
        "media-server" => ("those who run WCS", "To do"),
        "sip" => ("those who run the SIP side", "To ask of them"),
        "capture" => ("those who capture: this capture cannot tell", "To ask of the customer"),
        _ => ("nobody", "To know"),
    }
}

fn describe(capture: &Capture) -> String {
    let compressed = capture.compression.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let links = capture.link_types.join(", ");
    let links = if links.is_empty() { String::new() } else { format!(", link type {links}") };
    let span = match (&capture.first_time, &capture.last_time) {
        (Some(first), Some(last)) => format!(", {} to {} UTC", utc(first), utc(last)),
        _ => String::new(),
    };
    let cut = if capture.cut_short { ", cut short" } else { "" };
    let digest = match &capture.sha256 {
        Some(digest) => format!("SHA-256 `{digest}`"),
        None => "SHA-256 not taken, for the file is long: `--limit digest=1T` takes it".to_owned(),
    };
    format!(
        "{}: {}{compressed}, {} frames{span}{links}{cut}; {digest}",
        for_code(&capture.path),
        capture.format,
        capture.frames,
    )
}
