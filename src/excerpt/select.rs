//! What goes into an excerpt.

use super::Refusal;
use crate::endpoint::{ConnectionId, FrameNumber};
use crate::rules::Finding;
use crate::session::{Case, Session};
use std::collections::BTreeSet;

/// What an excerpt is asked to hold, by ids of the report or by names.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A session: its id in the report, or its sessionId.
    Session(String),
    /// A finding: its id in the report, or the rule's name.
    Finding(String),
    /// A hook: its id in the report.
    Hook(String),
}

/// Hooks, connections and frames that go into an excerpt.
#[derive(Debug, Default)]
pub struct Selection {
    pub(super) hooks: BTreeSet<usize>,
    pub(super) connections: BTreeSet<ConnectionId>,
    pub(super) frames: BTreeSet<FrameNumber>,
}

impl Selection {
    /// Finds what is wanted.
    pub fn new(case: &Case, findings: &[Finding], wanted: &[Wanted]) -> Result<Self, Refusal> {
        let mut selection = Self::default();
        for one in wanted {
            match one {
                Wanted::Session(name) => {
                    let known = |(index, session): &(usize, &Session)| {
                        is_id('s', *index, name) || *session.session_id == **name
                    };
                    let mut sessions = case.sessions.iter().enumerate().filter(known).peekable();
                    sessions.peek().ok_or_else(|| Refusal::Unknown(format!("session {name}")))?;
                    sessions.for_each(|(_, session)| selection.hooks.extend(&session.hooks));
                }
                Wanted::Hook(name) => {
                    let index = (0..case.hooks.len()).find(|index| is_id('h', *index, name));
                    selection.hooks.insert(index.ok_or_else(|| Refusal::Unknown(format!("hook {name}")))?);
                }
                Wanted::Finding(name) => {
                    let known = |(index, finding): &(usize, &Finding)| {
                        is_id('F', *index, name) || finding.rule.name == name
                    };
                    let mut found = findings.iter().enumerate().filter(known).peekable();
                    found.peek().ok_or_else(|| Refusal::Unknown(format!("finding {name}")))?;
                    found.for_each(|(_, finding)| selection.add(finding));
                }
            }
        }
        let records = case.hooks.iter().enumerate().filter(|(index, _)| selection.hooks.contains(index));
        selection.connections.extend(records.map(|(_, record)| record.connection));
        Ok(selection)
    }

    fn add(&mut self, finding: &Finding) {
        self.hooks.extend(finding.evidence.hooks());
        self.frames.extend(finding.evidence.frames());
        self.connections.extend(finding.evidence.streams());
    }
}

/// Whether a name is the id of the thing with that index, in either case.
fn is_id(letter: char, index: usize, name: &str) -> bool {
    format!("{letter}{}", index.saturating_add(1)).eq_ignore_ascii_case(name)
}
