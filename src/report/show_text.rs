//! All about one hook, for a terminal.

use super::document::{Change, Finding, Hook};
use super::escape::for_terminal;
use super::show::{ErrorSheet, HookSheet, MessageSheet};
use super::text::Style;
use super::words::{self, address, answer, frame, seconds, utc};
use anstyle::{AnsiColor, Style as Ansi};
use serde_json::Value;
use std::borrow::Cow;
use std::io::{self, Write};

/// Lines of a body.
const SHOWN_LINES: usize = 200;
/// Frames of a message.
const SHOWN_FRAMES: usize = 24;

/// Writes the sheet.
pub(super) fn render(sheet: &HookSheet<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let view = View { sheet, style };
    view.hook(out)?;
    view.times(out)?;
    view.message("Request", sheet.request_message.as_ref(), out)?;
    view.message("Response", sheet.response_message.as_ref(), out)?;
    view.changes(out)?;
    view.findings(out)?;
    view.commands(out)
}

struct View<'d> {
    sheet: &'d HookSheet<'d>,
    style: Style,
}

impl View<'_> {
    fn hook(&self, out: &mut dyn Write) -> io::Result<()> {
        let hook = self.sheet.hook;
        let title = format!("{} {}: {}", hook.id, words::name(hook), answer(hook));
        writeln!(out, "{}", self.paint(&for_terminal(&title), outcome_color(&hook.outcome).bold()))?;
        let mut rows = vec![("type", hook.hook_type.clone()), ("target", Some(hook.target.clone()))];
        rows.push(("reports", words::reported(hook).map(Cow::into_owned)));
        rows.push(("time", Some(format!("{} UTC, {:.6} s", utc(&hook.time), hook.relative))));
        rows.push(("from", Some(address(&hook.client.address, hook.client.port))));
        rows.push((
            "to",
            self.sheet.backend.map(|backend| {
                format!("{} {} {}", backend.id, address(&backend.address, backend.port), backend.base_path)
            }),
        ));
        let session = hook.context.session_id.as_ref();
        rows.push((
            "session",
            session.map(|name| format!("{} {name}", hook.session.as_deref().unwrap_or("-"))),
        ));
        rows.push(("node", hook.context.node_id.clone()));
        rows.push(("appKey", hook.context.app_key.clone()));
        rows.push(("flow", hook.flow.clone()));
        rows.push(("retry of", hook.retry_of.clone()));
        rows.push(("outcome", Some(hook.outcome.clone())));
        rows.push(("effect", hook.effect.as_ref().map(|effect| format!("{effect}."))));
        rows.push(("stream", Some(hook.stream.to_string())));
        rows.push(("frames", Some(frames(&hook.frames))));
        rows.push(("answered in", Some(frames(&hook.response_frames)).filter(|text| !text.is_empty())));
        write_rows(out, &rows)
    }

    fn times(&self, out: &mut dyn Write) -> io::Result<()> {
        let Hook { latency, ttfb, http_time, .. } = self.sheet.hook;
        let phases = self.sheet.phases;
        let rows = [
            ("connect", phases.and_then(|phases| phases.connect)),
            ("idle", phases.and_then(|phases| phases.idle)),
            ("send", phases.and_then(|phases| phases.send)),
            ("wait", phases.and_then(|phases| phases.wait)),
            ("receive", phases.and_then(|phases| phases.receive)),
            ("latency", *latency),
            ("ttfb", *ttfb),
            ("http.time", *http_time),
        ];
        self.heading(out, "Time")?;
        write_rows(out, &rows.map(|(name, value)| (name, value.map(seconds))))
    }

    fn message(&self, name: &str, message: Option<&MessageSheet<'_>>, out: &mut dyn Write) -> io::Result<()> {
        let Some(message) = message else { return Ok(()) };
        let whole = if message.complete { "" } else { ", not all of it captured" };
        self.heading(out, &format!("{name} ({} octets of content{whole})", message.length))?;
        writeln!(out, "  {}", for_terminal(message.start))?;
        for field in &message.fields {
            writeln!(out, "  {}: {}", for_terminal(field.name), for_terminal(field.value))?;
        }
        if let Some(text) = message.text {
            writeln!(out)?;
            let pretty = pretty(text);
            let lines: Vec<&str> = pretty.lines().collect();
            for line in lines.iter().take(SHOWN_LINES) {
                writeln!(out, "{}", format!("  {}", for_terminal(line)).trim_end())?;
            }
            if let Some(more) = lines.len().checked_sub(SHOWN_LINES).filter(|more| *more > 0) {
                writeln!(out, "  … {more} more lines; --format json has them all")?;
            }
        } else if message.length > 0 {
            writeln!(out, "\n  (no text)")?;
        }
        match &message.error {
            Some(error) => self.error(error, out),
            None => Ok(()),
        }
    }

    /// The line that is no JSON, cut around the place, with a mark below it.
    fn error(&self, error: &ErrorSheet, out: &mut dyn Write) -> io::Result<()> {
        let ErrorSheet { what, line, column, text } = error;
        let told = format!("no JSON: {what}, line {line}, column {column}");
        writeln!(out, "\n  {}", self.paint(&for_terminal(&told), AnsiColor::Red.on_default()))?;
        let Some(text) = text else { return Ok(()) };
        let at = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let room = usize::from(self.style.width).saturating_sub(6);
        let start = at.saturating_sub(room / 2);
        // What is escaped takes more columns than it has characters.
        let shown = |from: usize, to: usize| -> String {
            let part: String = text.chars().skip(from).take(to.saturating_sub(from)).collect();
            for_terminal(&part).into_owned()
        };
        let before = shown(start, at);
        let after: String =
            shown(at, start + room).chars().take(room.saturating_sub(before.chars().count())).collect();
        let cut = if start > 0 { "…" } else { "" };
        writeln!(out, "  {cut}{before}{after}")?;
        let marked = " ".repeat(cut.chars().count() + before.chars().count());
        writeln!(out, "  {marked}^")
    }

    fn changes(&self, out: &mut dyn Write) -> io::Result<()> {
        let changes = &self.sheet.hook.changes;
        if changes.is_empty() {
            return Ok(());
        }
        self.heading(out, "What the response changes")?;
        for Change { field, from, to, applied } in changes {
            let from = from.as_ref().map_or_else(|| "(absent)".to_owned(), Value::to_string);
            let taken = if *applied { "WCS takes it over" } else { "WCS does not take it over" };
            writeln!(
                out,
                "  {}: {} → {}; {taken}",
                for_terminal(field),
                for_terminal(&from),
                for_terminal(&to.to_string())
            )?;
        }
        Ok(())
    }

    fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.sheet.findings.is_empty() {
            return Ok(());
        }
        self.heading(out, "Findings about it")?;
        for Finding { id, rule, severity, title, confidence, .. } in &self.sheet.findings {
            let certainty =
                if confidence == "confirmed" { String::new() } else { format!(" ({confidence})") };
            writeln!(out, "  {id} {severity} {rule}: {}{certainty}", for_terminal(title))?;
        }
        Ok(())
    }

    fn commands(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.sheet.commands.is_empty() {
            return Ok(());
        }
        self.heading(out, "In Wireshark")?;
        for command in &self.sheet.commands {
            writeln!(out, "  {}", for_terminal(command))?;
        }
        Ok(())
    }

    fn heading(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        writeln!(out, "\n{}", self.paint(text, Ansi::new().bold()))
    }

    fn paint(&self, text: &str, ansi: Ansi) -> String {
        if self.style.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
    }
}

fn write_rows(out: &mut dyn Write, rows: &[(&str, Option<String>)]) -> io::Result<()> {
    for (name, value) in rows {
        if let Some(value) = value {
            writeln!(out, "  {name:<11}  {}", for_terminal(value))?;
        }
    }
    Ok(())
}

fn frames(frames: &[super::document::Frame]) -> String {
    let mut listed: Vec<String> = frames.iter().take(SHOWN_FRAMES).map(frame).collect();
    if let Some(more) = frames.len().checked_sub(SHOWN_FRAMES).filter(|more| *more > 0) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}

/// JSON with a line for each member; other text as it is.
fn pretty(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

const fn outcome_color(outcome: &str) -> Ansi {
    match outcome.as_bytes() {
        b"ok" => AnsiColor::Green.on_default(),
        b"failed" | b"unanswered" => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    }
}
