//! All about one hook, as data: what its renderings show, and what `--format json` writes.

use super::detail::{Content, Detail, MessageDetail};
use super::document::{Backend, Capture, Document, Finding, Frame, Hook, Problem, Tool};
use super::exchanges::PhasesEntry;
use super::words::{for_shell, frame};
use schemars::JsonSchema;
use serde::Serialize;

/// Hooks that are offered where none is meant.
const OFFERED: usize = 5;

/// Everything about a hook.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HookSheet<'d> {
    /// The version of this format; members are added, never changed, within a major version.
    pub schema_version: &'d str,
    /// Who wrote it.
    pub tool: &'d Tool,
    /// Whether secrets are masked.
    pub redacted: bool,
    /// The capture files.
    pub captures: &'d [Capture],
    /// The hook.
    pub hook: &'d Hook,
    /// Its backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<&'d Backend>,
    /// The parts of its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phases: Option<&'d PhasesEntry>,
    /// The request in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_message: Option<MessageSheet<'d>>,
    /// The response in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_message: Option<MessageSheet<'d>>,
    /// The findings about it.
    pub findings: Vec<&'d Finding>,
    /// A Wireshark display filter that selects its frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Commands that show it.
    pub commands: Vec<String>,
}

/// A message in full.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MessageSheet<'d> {
    /// The start line.
    pub start: &'d str,
    /// The header fields in the order sent.
    pub fields: Vec<FieldSheet<'d>>,
    /// Octets of the content, decoded, as far as they are there.
    pub length: u64,
    /// Whether that is all of it.
    pub complete: bool,
    /// The content, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'d str>,
    /// Where reading it as JSON failed, and what stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorSheet>,
}

/// A header field.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldSheet<'d> {
    /// Its name.
    pub name: &'d str,
    /// Its value.
    pub value: &'d str,
}

/// Where a body is no JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorSheet {
    /// What it is instead.
    pub what: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The line's text; absent where masking moved what stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl<'d> HookSheet<'d> {
    /// All about the hook with this id (`h12`), or one of whose frames this is (`12`, or `file#12`). An error tells
    /// which hooks there are.
    pub fn find(document: &'d Document, what: &str) -> Result<Self, String> {
        Ok(Self::new(document, find(document, what)?.1))
    }

    fn new(document: &'d Document, hook: &'d Hook) -> Self {
        let detail = hook.detail.as_deref();
        let message = |pick: fn(&Detail) -> Option<&MessageDetail>, problem: Option<&Problem>| {
            detail.and_then(pick).map(|message| MessageSheet::new(message, problem))
        };
        let response = hook.response.as_ref().and_then(|response| response.problem.as_ref());
        let filter = filter(document, hook);
        Self {
            schema_version: &document.schema_version,
            tool: &document.tool,
            redacted: document.redacted,
            captures: &document.captures,
            hook,
            backend: document.backends.iter().find(|backend| backend.id == hook.backend),
            phases: detail.map(|detail| &detail.phases),
            request_message: message(|detail| detail.request.as_ref(), hook.request.problem.as_ref()),
            response_message: message(|detail| detail.response.as_ref(), response),
            findings: document.findings.iter().filter(|finding| finding.hooks.contains(&hook.id)).collect(),
            commands: commands(document, hook, filter.as_deref()),
            filter,
        }
    }
}

/// The hook with this id, or one of whose frames this is, and its place among all. An error tells which hooks there are.
pub(super) fn find<'d>(document: &'d Document, what: &str) -> Result<(usize, &'d Hook), String> {
    let named = document.hooks.iter().enumerate();
    let named = named.filter(|(_, hook)| hook.id == what || has_frame(hook, what));
    match named.collect::<Vec<_>>().as_slice() {
        [found] => Ok(*found),
        [] => Err(match document.hooks.as_slice() {
            [] => "the capture has no hook".to_owned(),
            hooks => format!("there are {}", offer(hooks.iter())),
        }),
        several => Err(format!("that may be {}", offer(several.iter().map(|(_, hook)| *hook)))),
    }
}

impl<'d> MessageSheet<'d> {
    fn new(message: &'d MessageDetail, problem: Option<&Problem>) -> Self {
        let text = match &message.content {
            Content::Text(text) => Some(text.as_str()),
            Content::Binary(_) => None,
        };
        let fields = message.fields.iter().map(|(name, value)| FieldSheet { name, value });
        Self {
            start: &message.start,
            fields: fields.collect(),
            length: message.length,
            complete: message.complete,
            text: text.filter(|text| !text.is_empty()),
            error: problem.map(|problem| ErrorSheet::new(problem, text.unwrap_or_default(), message.length)),
        }
    }
}

impl ErrorSheet {
    /// Columns count octets where JSON is read, and characters where it is shown. A text that masking made shorter or
    /// longer no longer has the column where it was.
    fn new(problem: &Problem, text: &str, length: u64) -> Self {
        let index = usize::try_from(problem.line.saturating_sub(1)).unwrap_or(usize::MAX);
        let unchanged = text.len() as u64 == length;
        let line = text.split('\n').nth(index).filter(|_| unchanged);
        let octets = usize::try_from(problem.column.saturating_sub(1)).unwrap_or(usize::MAX);
        let before = |line: &str| line.char_indices().filter(|(at, _)| *at < octets).count() as u64;
        Self {
            what: problem.what.clone(),
            line: problem.line,
            column: line.map_or(problem.column, |line| before(line) + 1),
            text: line.map(|line| line.trim_end_matches('\r').to_owned()),
        }
    }
}

/// Whether a frame is one of a hook's, by its number or with its file.
fn has_frame(hook: &Hook, what: &str) -> bool {
    let (file, number) = what.rsplit_once('#').unwrap_or(("", what));
    let is_meant = |frame: &Frame| match frame {
        Frame::Number(known) => known.to_string() == number,
        Frame::Named(name) if file.is_empty() => {
            name.rsplit_once('#').is_some_and(|(_, known)| known == number)
        }
        Frame::Named(name) => name == what,
    };
    hook.frames
        .iter()
        .chain(&hook.response_frames)
        .chain([&hook.frame])
        .chain(&hook.response_frame)
        .any(is_meant)
}

fn offer<'d>(hooks: impl ExactSizeIterator<Item = &'d Hook>) -> String {
    let more = hooks.len().saturating_sub(OFFERED);
    let names =
        hooks.take(OFFERED).map(|hook| format!("{} {} (frame {})", hook.id, hook.method, frame(&hook.frame)));
    let names = names.collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}

/// The hook's frames, in one capture.
fn filter(document: &Document, hook: &Hook) -> Option<String> {
    let number = |frame: &Frame| if let Frame::Number(number) = frame { Some(*number) } else { None };
    let mut numbers: Vec<u64> = hook.frames.iter().chain(&hook.response_frames).filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let one = document.captures.len() == 1 && !numbers.is_empty();
    one.then(|| format!("frame.number in {{{}}}", numbers.join(",")))
}

fn commands(document: &Document, hook: &Hook, filter: Option<&str>) -> Vec<String> {
    let (Some(filter), [capture]) = (filter, document.captures.as_slice()) else { return Vec::new() };
    let file = for_shell(&capture.path);
    vec![
        format!("wireshark -r {file} -g {} -Y '{filter}'", frame(&hook.frame)),
        format!("tshark -r {file} -Y '{filter}' -V"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let problem = Problem { what: "x".to_owned(), line: 2, column: 6 };
        let text = "{\n\"ä\":ü}\n";
        let error = ErrorSheet::new(&problem, text, text.len() as u64);
        assert_eq!((error.column, error.text.as_deref()), (5, Some("\"ä\":ü}")));
        let masked = ErrorSheet::new(&problem, text, 99);
        assert_eq!((masked.column, masked.text), (6, None));
    }
}
