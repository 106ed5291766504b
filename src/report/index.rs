//! What belongs together in a document, by the ids that it is told with.

use super::document::{Backend, Capture, Document, Finding, Flow, Frame, Hook, Session};
use std::collections::BTreeMap;
use std::path::Path;

/// The document's lists by id.
pub(super) struct Index<'d> {
    captures: &'d [Capture],
    backends: BTreeMap<&'d str, &'d Backend>,
    sessions: BTreeMap<&'d str, &'d Session>,
    flows: BTreeMap<&'d str, &'d Flow>,
    /// The findings about each hook.
    findings: BTreeMap<&'d str, Vec<&'d Finding>>,
}

impl<'d> Index<'d> {
    /// Indexes a document.
    pub(super) fn new(document: &'d Document) -> Self {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &document.findings {
            for hook in &finding.hooks {
                findings.entry(hook).or_default().push(finding);
            }
        }
        Self {
            captures: &document.captures,
            backends: document.backends.iter().map(|backend| (backend.id.as_str(), backend)).collect(),
            sessions: document.sessions.iter().map(|session| (session.id.as_str(), session)).collect(),
            flows: document.flows.iter().map(|flow| (flow.id.as_str(), flow)).collect(),
            findings,
        }
    }

    /// The capture file of a frame.
    pub(super) fn capture(&self, frame: &Frame) -> Option<&'d Capture> {
        let Frame::Named(name) = frame else { return self.captures.first() };
        let (file, _) = name.rsplit_once('#')?;
        let is_it = |capture: &&Capture| {
            capture.path == file || Path::new(&capture.path).file_name().is_some_and(|name| name == file)
        };
        self.captures.iter().find(is_it)
    }

    /// A hook's backend.
    pub(super) fn backend(&self, hook: &Hook) -> Option<&'d Backend> {
        self.backends.get(hook.backend.as_str()).copied()
    }

    /// A hook's session.
    pub(super) fn session(&self, hook: &Hook) -> Option<&'d Session> {
        self.sessions.get(hook.session.as_deref()?).copied()
    }

    /// A hook's flow.
    pub(super) fn flow(&self, hook: &Hook) -> Option<&'d Flow> {
        self.flows.get(hook.flow.as_deref()?).copied()
    }

    /// The findings about a hook.
    pub(super) fn findings(&self, hook: &Hook) -> &[&'d Finding] {
        self.findings.get(hook.id.as_str()).map(Vec::as_slice).unwrap_or_default()
    }
}
