//! Words that several reports use for one thing: frames, durations, answers, addresses, captures.

use super::document::{Capture, Frame, Hook, Selection};
use super::escape::for_terminal;
use crate::rules::counted;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A frame's number, with its file where there are several.
pub(super) fn frame(frame: &Frame) -> String {
    match frame {
        Frame::Number(number) => number.to_string(),
        Frame::Named(name) => name.clone(),
    }
}

/// A duration for people.
#[expect(clippy::cast_possible_truncation, reason = "durations in a report are far below 2^63 ns")]
pub(super) fn seconds(value: f64) -> String {
    crate::time::Span::from_nanoseconds((value * 1e9).round() as i64).to_string()
}

/// How a hook was answered: `200`, `403 declined`, `none: gave-up`, `? capture-ended`.
pub(crate) fn answer(hook: &Hook) -> String {
    match (&hook.status, &hook.no_response, hook.outcome.as_str()) {
        (Some(status), _, "ok") => status.to_string(),
        (Some(status), _, "unanswered") => format!("{status} too late"),
        (Some(status), _, outcome) => format!("{status} {outcome}"),
        (None, Some(reason), "unanswered") => format!("none: {reason}"),
        (None, Some(reason), _) => format!("? {reason}"),
        (None, None, outcome) => outcome.to_owned(),
    }
}

/// Whether a hook went wrong for sure.
pub(super) fn is_problem(outcome: &str) -> bool {
    matches!(outcome, "declined" | "failed" | "unanswered")
}

/// A hook's method, and whether it is a repetition or was captured in part.
pub(super) fn name(hook: &Hook) -> String {
    let partial = if hook.request.complete { "" } else { " (in part)" };
    let repeated = if hook.retry_of.is_some() { " (again)" } else { "" };
    format!("{}{repeated}{partial}", hook.method)
}

/// The status that a hook reports.
pub(crate) fn reported(hook: &Hook) -> Option<Cow<'_, str>> {
    hook.request.json.as_ref()?.get("status")?.string()
}

/// An address with its port; IPv6 stands in brackets.
pub(crate) fn address(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// A capture in a line.
pub(crate) fn describe_capture(capture: &Capture) -> String {
    let mut parts = vec![capture.format.as_str()];
    parts.extend(capture.compression.as_deref());
    parts.extend(capture.link_types.iter().map(String::as_str));
    let mut text = format!("{}: {}, {} frames", capture.path, parts.join(", "), capture.frames);
    if let (Some(first), Some(last)) = (&capture.first_time, &capture.last_time) {
        text.push_str(&format!(", {} to {}", short(first), short(last)));
    }
    if capture.cut_short {
        text.push_str(", cut short");
    }
    text
}

/// Which part of the captures a report shows, and what it leaves out.
pub(super) fn selection(selection: &Selection) -> String {
    let Selection { conditions, hooks, hooks_outside, findings_outside, .. } = selection;
    let about = if selection.judged { "these hooks" } else { "all hooks" };
    let all = counted(hooks + hooks_outside, "hook");
    let findings = match findings_outside {
        0 => String::new(),
        _ => format!("; {} outside", counted(*findings_outside, "finding")),
    };
    format!("{hooks} of {all}, by {conditions}{findings}; the verdict is about {about}")
}

/// An RFC 3339 time without its last six digits: milliseconds are enough to find it.
pub(super) fn short(time: &str) -> String {
    time.split_once('.').map_or_else(
        || time.to_owned(),
        |(whole, fraction)| format!("{whole}.{}Z", fraction.get(..3).unwrap_or_default()),
    )
}

/// An RFC 3339 time as Wireshark's `-t ud` shows it: `2026-03-02 09:00:01.093100`.
pub(super) fn utc(time: &str) -> String {
    let (whole, fraction) = time.trim_end_matches('Z').split_once('.').unwrap_or((time, ""));
    format!("{}.{:0<6}", whole.replace('T', " "), fraction.get(..6).unwrap_or(fraction))
}

/// A file's name for a shell (POSIX), quoted where it must be.
pub(super) fn for_shell(path: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+:@%".contains(letter);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", for_terminal(path).replace('\'', "'\\''"))
}

/// Text cut to so many columns, of which `more` takes the last where something was cut off.
pub(crate) fn cut(text: &str, room: usize, more: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(more.width());
    let mut width = 0;
    let fits = |letter: &char| {
        width += letter.width().unwrap_or_default();
        width <= room
    };
    text.chars().take_while(fits).collect::<String>() + more
}
