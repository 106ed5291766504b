//! Messages in full: header fields, and bodies with an indentation of their own.

use crate::report::detail::{Content, Detail, MessageDetail};
use crate::report::document::{Body, Hook};
use serde_json::Value;

/// Characters of a body that are shown.
const SHOWN_BODY: usize = 16_000;
/// Header fields that are shown.
const SHOWN_FIELDS: usize = 100;
/// Characters of a header field that are shown.
const SHOWN_FIELD: usize = 2_000;
/// Characters that the messages of a page may have together.
const SHOWN_IN_ALL: usize = 8_000_000;

/// What a page has room for still.
pub(super) struct Room(usize);

/// A request or a response.
pub(super) struct MessageView {
    pub(super) name: &'static str,
    pub(super) head: Vec<String>,
    pub(super) more_fields: usize,
    pub(super) body: Option<BodyView>,
    pub(super) notes: Vec<String>,
}

/// A body's text.
pub(super) struct BodyView {
    pub(super) text: String,
    /// Characters that are not shown.
    pub(super) more: usize,
}

impl Room {
    /// All of it.
    pub(super) const fn new() -> Self {
        Self(SHOWN_IN_ALL)
    }
}

/// The messages of a hook; `None` where the page has no room for them.
pub(super) fn messages(hook: &Hook, room: &mut Room) -> Option<Vec<MessageView>> {
    if room.0 == 0 {
        return None;
    }
    let detail = hook.detail.as_deref();
    let request = whole(detail, |detail| detail.request.as_ref());
    let response = whole(detail, |detail| detail.response.as_ref());
    let mut views = vec![view("Request", request, &hook.request)];
    if let Some(body) = &hook.response {
        views.push(view("Response", response, body));
    }
    let used: usize = views.iter().map(MessageView::size).sum();
    room.0 = room.0.saturating_sub(used);
    Some(views)
}

fn whole<'d>(
    detail: Option<&'d Detail>,
    pick: impl Fn(&'d Detail) -> Option<&'d MessageDetail>,
) -> Option<&'d MessageDetail> {
    detail.and_then(pick)
}

impl MessageView {
    fn size(&self) -> usize {
        let body = self.body.as_ref().map_or(0, |body| body.text.len());
        body + self.head.iter().map(|line| line.len() + 1).sum::<usize>()
    }
}

fn view(name: &'static str, message: Option<&MessageDetail>, body: &Body) -> MessageView {
    let Some(message) = message else {
        let json = body.json.as_ref().map(|json| json.as_str().to_owned());
        let text = json.or_else(|| body.excerpt.clone());
        return MessageView {
            name,
            head: Vec::new(),
            more_fields: 0,
            body: text.map(|text| shown(&text)),
            notes: notes(body, None),
        };
    };
    let fields = message.fields.iter().take(SHOWN_FIELDS);
    let field = |(name, value): &(String, String)| cut(&format!("{name}: {value}"), SHOWN_FIELD).0;
    let text = match &message.content {
        Content::Text(text) if text.is_empty() => None,
        Content::Text(text) => Some(shown(text)),
        Content::Binary(_) => None,
    };
    MessageView {
        name,
        head: std::iter::once(cut(&message.start, SHOWN_FIELD).0).chain(fields.map(field)).collect(),
        more_fields: message.fields.len().saturating_sub(SHOWN_FIELDS),
        body: text,
        notes: notes(body, Some(message)),
    }
}

/// What is to be known of a body beside its text.
fn notes(body: &Body, message: Option<&MessageDetail>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(message) = message {
        if message.length == 0 && message.complete {
            notes.push("No body.".to_owned());
        }
        if matches!(message.content, Content::Binary(_)) {
            notes.push(format!("{} octets that are no text are not shown.", message.length));
        }
    }
    if !message.map_or(body.complete, |message| message.complete) {
        notes.push("Not all of it was captured.".to_owned());
    }
    if let Some(problem) = &body.problem {
        notes.push(format!(
            "No JSON object: {}, line {}, column {}.",
            problem.what, problem.line, problem.column
        ));
    }
    notes
}

fn shown(text: &str) -> BodyView {
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    let (text, more) = if is_json { indented(text, SHOWN_BODY) } else { cut(text, SHOWN_BODY) };
    // Tabs are no danger between tags; as an escape they would only be in the way.
    BodyView { text: text.replace('\t', "    "), more }
}

/// The beginning of a text, and how many characters it leaves.
fn cut(text: &str, most: usize) -> (String, usize) {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            (format!("{shown}…"), rest.chars().count())
        }
        None => (text.to_owned(), 0),
    }
}

/// JSON with a member a line, its tokens as they stand, and how many characters were left when it had become `most`
/// octets long.
fn indented(text: &str, most: usize) -> (String, usize) {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if out.len() >= most {
            let rest = text.get(at..).unwrap_or_default();
            out.push('…');
            return (out, rest.chars().count());
        }
        if quoted {
            out.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            '"' => {
                quoted = true;
                out.push(character);
            }
            '{' | '[' => {
                out.push(character);
                while characters.next_if(|(_, next)| next.is_ascii_whitespace()).is_some() {}
                if let Some((_, end)) = characters.next_if(|(_, next)| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(character);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ if character.is_ascii_whitespace() => {}
            _ => out.push(character),
        }
    }
    (out, 0)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_tokens() {
        let text = r#"{"a": 1.50e3,"b":["x,{\"y\"}\\",{}],"c":[ ]}"#;
        let pretty =
            "{\n  \"a\": 1.50e3,\n  \"b\": [\n    \"x,{\\\"y\\\"}\\\\\",\n    {}\n  ],\n  \"c\": []\n}";
        assert_eq!(indented(text, 1_000), (pretty.to_owned(), 0));
        assert_eq!(indented(text, 4), ("{\n  …".to_owned(), text.len() - 1));
    }

    #[test]
    fn what_is_cut_is_counted() {
        assert_eq!(cut("äöü", 2), ("äö…".to_owned(), 1));
        assert_eq!(cut("äöü", 3), ("äöü".to_owned(), 0));
    }
}
