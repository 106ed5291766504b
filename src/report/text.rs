//! The report for people: verdict first, then backends, findings, and each session's timeline.

use super::document::{Backend, Document, Finding, Flow, Hook, Session};
use super::escape::for_terminal;
use super::words::{self, describe_capture, frame, seconds};
use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How the text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: u16,
    /// Whether colours are written; they never carry meaning alone.
    pub color: bool,
    /// Whether names of files are links (OSC 8), as terminals understand them.
    pub links: bool,
}

impl Style {
    /// Text without colours or links, for files and for programs.
    pub const fn plain(width: u16) -> Self {
        Self { width, color: false, links: false }
    }
}

/// What stands for itself in the path of a URL (RFC 3986, section 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Findings that are told in full; the rest is listed.
const FULL_FINDINGS: usize = 20;
/// Frames that are listed in a proof.
const LISTED_FRAMES: usize = 12;
/// Frames that are listed behind a note.
const LISTED_IN_NOTE: usize = 4;
/// Sessions that are shown.
const SHOWN_SESSIONS: usize = 100;
/// Hooks that a session's timeline shows.
const SHOWN_HOOKS: usize = 1_000;

/// Columns below which a timeline leaves out what is told elsewhere.
pub(super) const NARROW: u16 = 90;

/// Rows under a header, with nothing between them.
pub(crate) const LIST: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Writes the report.
pub(super) fn render(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let hooks = document.hooks.iter().map(|hook| (hook.id.as_str(), hook)).collect();
    let flows = document.flows.iter().map(|flow| (flow.id.as_str(), flow)).collect();
    let text = Text { document, style, hooks, flows };
    text.verdict(out)?;
    text.findings(out)?;
    text.backends(out)?;
    text.sessions(out)?;
    text.others(out)
}

/// Writes the report without its sessions.
pub(super) fn summary(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let text = Text { document, style, hooks: BTreeMap::new(), flows: BTreeMap::new() };
    text.verdict(out)?;
    text.findings(out)?;
    text.backends(out)
}

struct Text<'d> {
    document: &'d Document,
    style: Style,
    hooks: BTreeMap<&'d str, &'d Hook>,
    flows: BTreeMap<&'d str, &'d Flow>,
}

impl Text<'_> {
    fn verdict(&self, out: &mut dyn Write) -> io::Result<()> {
        let verdict = &self.document.verdict;
        let state = verdict.state.to_uppercase();
        let color = state_color(&verdict.state);
        let mut block = self.table(NOTHING);
        let cause =
            verdict.findings.first().and_then(|id| self.document.findings.iter().find(|f| f.id == *id));
        self.write_labelled(out, &self.paint(&state, color), state.len(), &verdict.headline)?;
        if let Some(finding) = cause {
            row(&mut block, "seen", &finding.message);
            if let Some(effect) = &finding.effect {
                row(&mut block, "effect", &format!("{effect}."));
            }
            if let Some(proof) = proof(finding) {
                row(&mut block, "proof", &proof);
            }
            row(&mut block, "who acts", &format!("{} (confidence: {})", verdict.actor, finding.confidence));
            row(&mut block, "what next", &finding.remedy);
        }
        if let Some(selection) = &self.document.selection {
            row(&mut block, "shown", &words::selection(selection));
        }
        for capture in &self.document.captures {
            row(&mut block, "capture", &describe_capture(capture));
        }
        if !self.document.redacted {
            row(&mut block, "caution", "secrets are NOT masked in this report");
        }
        self.write_linked(out, &block)
    }

    /// Writes a table, in which the paths of captures that fit on a line are links, if links are written.
    fn write_linked(&self, out: &mut dyn Write, table: &Table) -> io::Result<()> {
        for line in table.to_string().lines() {
            let mut line = line.trim_end().to_owned();
            for capture in self.document.captures.iter().filter(|_| self.style.links) {
                let shown = for_terminal(&capture.path);
                if let (Ok(path), true) = (std::path::absolute(&capture.path), line.contains(&*shown)) {
                    let url = utf8_percent_encode(&path.to_string_lossy(), PATH).to_string();
                    let linked = format!("\u{1b}]8;;file://{url}\u{1b}\\{shown}\u{1b}]8;;\u{1b}\\");
                    line = line.replacen(&*shown, &linked, 1);
                }
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.document.findings.is_empty() {
            return Ok(());
        }
        self.heading(out, "Findings")?;
        let cause = self.document.verdict.findings.first();
        for (index, finding) in self.document.findings.iter().enumerate() {
            let severity = self.paint(&finding.severity, severity_color(&finding.severity));
            let label = format!("{:>3} {severity} {}", finding.id, finding.rule);
            let length = 3 + 2 + finding.severity.len() + finding.rule.len();
            let certainty = match finding.confidence.as_str() {
                "confirmed" => String::new(),
                other => format!(" ({other})"),
            };
            let follows = finding.caused_by.as_ref().map(|cause| format!(" (follows from {cause})"));
            let follows = follows.unwrap_or_default();
            let seen = if finding.severity == "note" { where_seen(finding) } else { String::new() };
            let text = format!("{}{certainty}{follows}{seen}", finding.title);
            self.write_labelled(out, &label, length, &text)?;
            // The cause has been told at the top.
            let told = Some(&finding.id) == cause || finding.caused_by.is_some();
            if told || finding.severity == "note" || index >= FULL_FINDINGS {
                continue;
            }
            let mut block = self.table(NOTHING);
            row(&mut block, "seen", &finding.message);
            if let Some(effect) = &finding.effect {
                row(&mut block, "effect", &format!("{effect}."));
            }
            if let Some(proof) = proof(finding) {
                row(&mut block, "proof", &proof);
            }
            row(&mut block, "what next", &finding.remedy);
            write_table(out, &block)?;
        }
        // What calls for action is asked about first.
        let findings = || self.document.findings.iter();
        let asked = findings().find(|finding| finding.rule != "secrets-in-clear").or(findings().next());
        match asked {
            Some(finding) => writeln!(out, "More on a finding: hookscope explain {}", finding.rule),
            None => Ok(()),
        }
    }

    fn backends(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.document.backends.is_empty() {
            return Ok(());
        }
        self.heading(out, "Backends")?;
        let mut table = self.table(LIST);
        table.set_header(["Backend", "Hooks", "Failed", "Median", "p95", "Max"]);
        for backend in &self.document.backends {
            table.add_row(backend_row(backend));
        }
        for column in 1..=5 {
            align_right(&mut table, column);
        }
        unpad(&mut table);
        write_table(out, &table)
    }

    fn sessions(&self, out: &mut dyn Write) -> io::Result<()> {
        for session in self.document.sessions.iter().take(SHOWN_SESSIONS) {
            self.session(out, session)?;
        }
        if let Some(more) = self.document.sessions.len().checked_sub(SHOWN_SESSIONS).filter(|more| *more > 0)
        {
            writeln!(out, "\n… {more} more sessions; --format json has them all")?;
        }
        let alone: Vec<&Hook> = self.document.hooks.iter().filter(|hook| hook.session.is_none()).collect();
        if !alone.is_empty() {
            self.heading(out, "Hooks without a session")?;
            self.timeline(out, &alone)?;
        }
        Ok(())
    }

    fn session(&self, out: &mut dyn Write, session: &Session) -> io::Result<()> {
        let app = session.app_key.as_deref().unwrap_or("unknown application");
        self.heading(out, &format!("Session {} ({app}): {}", session.session_id, session.state))?;
        if let Some(node) = &session.node_id {
            writeln!(out, "  node {}", for_terminal(node))?;
        }
        let hooks: Vec<&Hook> =
            session.hooks.iter().filter_map(|id| self.hooks.get(id.as_str()).copied()).collect();
        self.timeline(out, &hooks)?;
        for flow in session.flows.iter().filter_map(|id| self.flows.get(id.as_str())) {
            self.flow(out, flow)?;
        }
        Ok(())
    }

    fn flow(&self, out: &mut dyn Write, flow: &Flow) -> io::Result<()> {
        let names: Vec<&str> = flow
            .hooks
            .iter()
            .filter_map(|id| self.hooks.get(id.as_str()))
            .map(|hook| hook.method.as_str())
            .collect();
        let key = if flow.key.is_empty() { String::new() } else { format!(" {}", flow.key) };
        let label = format!("{:>4} {}", flow.id, self.paint(&flow.state, flow_color(&flow.state)));
        let text = format!("{}{key}: {}", flow.kind, folded(&names));
        self.write_labelled(out, &label, 5 + flow.state.len(), &text)
    }

    fn timeline(&self, out: &mut dyn Write, hooks: &[&Hook]) -> io::Result<()> {
        let mut table = self.table(LIST);
        table.set_header(HOOK_HEADER.iter().chain(&["Flow"]));
        for hook in hooks.iter().take(SHOWN_HOOKS) {
            let flow = hook.flow.clone().unwrap_or_default();
            let cells = hook_cells(hook, self.is_narrow()).into_iter().chain([flow]);
            table.add_row(cells.map(|text| Cell::new(for_terminal(&text))));
        }
        for column in [0, 1, 5, 6] {
            align_right(&mut table, column);
        }
        // The flows are told below the table as well.
        if self.is_narrow() {
            hide(&mut table, &[7]);
        }
        unpad(&mut table);
        write_table(out, &table)?;
        match hooks.len().checked_sub(SHOWN_HOOKS) {
            Some(more) if more > 0 => writeln!(out, "  … {more} more hooks; --format json has them all"),
            _ => Ok(()),
        }
    }

    fn others(&self, out: &mut dyn Write) -> io::Result<()> {
        let calls = &self.document.rest_api_calls;
        if calls.is_empty() {
            return Ok(());
        }
        self.heading(out, "REST API calls into WCS (no hooks)")?;
        let mut table = self.table(LIST);
        table.set_header(["Frame", "Path", "Status"]);
        for call in calls.iter().take(SHOWN_HOOKS) {
            let status = call.status.map_or_else(|| "none seen".to_owned(), |status| status.to_string());
            table.add_row([frame(&call.frame), for_terminal(&call.path).into_owned(), status]);
        }
        align_right(&mut table, 0);
        unpad(&mut table);
        write_table(out, &table)
    }

    fn heading(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        writeln!(out, "\n{}", self.paint(&for_terminal(text), Ansi::new().bold()))
    }

    fn table(&self, style: TableStyle) -> Table {
        table(style, self.style.width)
    }

    /// A label, already painted and `length` columns wide, with text behind it, or, where that does not fit, below it.
    fn write_labelled(&self, out: &mut dyn Write, label: &str, length: usize, text: &str) -> io::Result<()> {
        let text = for_terminal(text);
        if length + 2 + text.chars().count() <= usize::from(self.style.width) {
            return writeln!(out, "{label}  {text}");
        }
        writeln!(out, "{label}")?;
        let mut table = self.table(NOTHING);
        table.add_row([text]);
        if let Some(column) = table.column_mut(0) {
            column.set_padding((4, 0));
        }
        write_table(out, &table)
    }

    const fn is_narrow(&self) -> bool {
        self.style.width < NARROW
    }

    fn paint(&self, text: &str, ansi: Ansi) -> String {
        paint(self.style, text, ansi)
    }
}

/// Text in colour, where colours are written.
pub(super) fn paint(style: Style, text: &str, ansi: Ansi) -> String {
    if style.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
}

/// A table without rows yet.
pub(super) fn table(style: TableStyle, width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

/// The first frames of a note, which is told in one line.
fn where_seen(finding: &Finding) -> String {
    let listed: Vec<String> = finding.frames.iter().take(LISTED_IN_NOTE).map(frame).collect();
    let more = if finding.frames.len() > LISTED_IN_NOTE { ", …" } else { "" };
    match finding.frames.len() {
        0 => String::new(),
        1 => format!(" [frame {}]", listed.join(", ")),
        _ => format!(" [frames {}{more}]", listed.join(", ")),
    }
}

/// Writes a table without blanks at the ends of lines.
pub(crate) fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn row(table: &mut Table, label: &str, text: &str) {
    table.add_row([format!(" {label}"), for_terminal(text).into_owned()]);
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(12)));
        column.set_padding((0, 0));
    }
}

/// Says which part of the captures a list shows, if not the whole.
pub(super) fn write_selection(document: &Document, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(selection) = &document.selection else { return Ok(()) };
    let mut said = table(NOTHING, style.width);
    said.add_row([for_terminal(&words::selection(selection))]);
    unpad(&mut said);
    write_table(out, &said)?;
    writeln!(out)
}

/// Puts a column's text to the right.
pub(super) fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Leaves columns out.
pub(super) fn hide(table: &mut Table, columns: &[usize]) {
    for place in columns {
        if let Some(column) = table.column_mut(*place) {
            column.set_constraint(ColumnConstraint::Hidden);
        }
    }
}

/// Leaves room between columns, and none before the first.
pub(crate) fn unpad(table: &mut Table) {
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
}

fn backend_row(backend: &Backend) -> Vec<Cell> {
    let address = words::address(&backend.address, backend.port);
    let mut name = format!("{address} {}", backend.base_path);
    if let Some(host) = backend.host.as_ref().filter(|host| **host != address) {
        name.push_str(&format!(" (Host: {host})"));
    }
    let span = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), seconds);
    let latency = backend.latency.as_ref();
    [
        name,
        backend.hooks.to_string(),
        backend.failed.to_string(),
        span(latency.map(|latency| latency.median)),
        span(latency.map(|latency| latency.p95)),
        span(latency.map(|latency| latency.max)),
    ]
    .into_iter()
    .map(|text| Cell::new(for_terminal(&text)))
    .collect()
}

/// The names of [`hook_cells`].
pub(super) const HOOK_HEADER: [&str; 7] = ["Frame", "Time", "Hook", "Reports", "Answer", "Latency", "In"];

/// What a row tells of a hook in every table.
pub(super) fn hook_cells(hook: &Hook, narrow: bool) -> [String; 7] {
    // Six decimals, as Wireshark shows them, where there is room.
    let decimals = if narrow { 3 } else { 6 };
    [
        frame(&hook.frame),
        format!("{:.decimals$}", hook.relative),
        words::name(hook),
        words::reported(hook).unwrap_or_default().into_owned(),
        words::answer(hook),
        hook.latency.map(seconds).unwrap_or_default(),
        hook.response_frame.as_ref().map(frame).unwrap_or_default(),
    ]
}

/// Frames, and the filter that shows them.
pub(super) fn proof(finding: &Finding) -> Option<String> {
    if finding.frames.is_empty() {
        return None;
    }
    let listed: Vec<String> = finding.frames.iter().take(LISTED_FRAMES).map(frame).collect();
    let mut text = format!("frame{} {}", if finding.frames.len() == 1 { "" } else { "s" }, listed.join(", "));
    if let Some(more) = finding.frames.len().checked_sub(LISTED_FRAMES).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    } else if let Some(filter) = &finding.filter {
        text.push_str(&format!("; Wireshark filter: {filter}"));
    }
    Some(text)
}

/// Names in order, repetitions counted: `call → CallStatusEvent ×3 → hangup`.
fn folded(names: &[&str]) -> String {
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((last, count)) if last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    let run = |(name, count): &(&str, usize)| {
        if *count > 1 { format!("{name} ×{count}") } else { (*name).to_owned() }
    };
    runs.iter().map(run).collect::<Vec<_>>().join(" → ")
}

const fn state_color(state: &str) -> Ansi {
    let color = match state.as_bytes() {
        b"healthy" => AnsiColor::Green,
        b"broken" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    color.on_default().bold()
}

/// A severity's colour.
pub(super) const fn severity_color(severity: &str) -> Ansi {
    match severity.as_bytes() {
        b"error" => AnsiColor::Red.on_default(),
        b"warning" => AnsiColor::Yellow.on_default(),
        _ => AnsiColor::Cyan.on_default(),
    }
}

const fn flow_color(state: &str) -> Ansi {
    match state.as_bytes() {
        b"finished" => AnsiColor::Green.on_default(),
        b"failed" => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    }
}
