//! One JSON object a line: the document's lists taken apart, for programs that read line by line.

use super::document::{
    Backend, Capture, Document, Finding, Flow, Hook, RestApiCall, Session, Tool, Traffic, Verdict,
};
use super::escape::in_json;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::io::{self, Write};

/// A line; its member `type` says which one.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Record<'d> {
    /// A capture file.
    Capture(&'d Capture),
    /// A backend.
    Backend(&'d Backend),
    /// A session.
    Session(&'d Session),
    /// A flow.
    Flow(&'d Flow),
    /// A hook.
    Hook(HookRecord<'d>),
    /// A call of the REST API.
    RestApiCall(&'d RestApiCall),
    /// A finding, the worst first.
    Finding(&'d Finding),
    /// The last line: where it is missing, the report is not whole.
    Summary(Summary<'d>),
}

/// The verdict, and what the other lines have in common.
#[derive(Serialize, JsonSchema)]
pub(super) struct Summary<'d> {
    /// The version of this format; members and types are added, never changed, within a major version.
    schema_version: &'d str,
    /// Who wrote it.
    tool: &'d Tool,
    /// Whether secrets are masked.
    redacted: bool,
    /// The verdict.
    verdict: &'d Verdict,
    /// What the captures hold, counted.
    traffic: &'d Traffic,
    /// How many lines there are, this one included.
    lines: usize,
}

/// A hook whose own `type` is called `hook_type`, since `type` is the line's.
pub(super) struct HookRecord<'d>(&'d Hook);

const TAKEN: &str = "type";
const GIVEN: &str = "hook_type";

/// The members under other names where need be, in the same order.
fn renamed(members: Map<String, Value>) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| if name == TAKEN { (GIVEN.to_owned(), value) } else { (name, value) })
        .collect()
}

impl Serialize for HookRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::to_value(self.0).map_err(serde::ser::Error::custom)? {
            Value::Object(members) => renamed(members).serialize(serializer),
            other => other.serialize(serializer),
        }
    }
}

impl JsonSchema for HookRecord<'_> {
    fn schema_name() -> Cow<'static, str> {
        "HookRecord".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Hook::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            *properties = renamed(std::mem::take(properties));
        }
        schema
    }
}

/// The lines of a document, in order.
fn records(document: &Document) -> impl Iterator<Item = Record<'_>> {
    let Document { schema_version, tool, redacted, captures, verdict, backends, .. } = document;
    let Document { hooks, sessions, flows, rest_api_calls, findings, traffic, .. } = document;
    let others = captures.len() + backends.len() + sessions.len() + flows.len() + hooks.len();
    let lines = others + rest_api_calls.len() + findings.len() + 1;
    let summary = Summary { schema_version, tool, redacted: *redacted, verdict, traffic, lines };
    let captures = captures.iter().map(Record::Capture).chain(backends.iter().map(Record::Backend));
    let sessions = sessions.iter().map(Record::Session).chain(flows.iter().map(Record::Flow));
    let hooks = hooks.iter().map(|hook| Record::Hook(HookRecord(hook)));
    let calls = rest_api_calls.iter().map(Record::RestApiCall);
    let findings = findings.iter().map(Record::Finding);
    captures.chain(sessions).chain(hooks).chain(calls).chain(findings).chain([Record::Summary(summary)])
}

/// Writes the lines.
pub(super) fn render(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for record in records(document) {
        writeln!(out, "{}", in_json(&serde_json::to_string(&record)?))?;
    }
    Ok(())
}
