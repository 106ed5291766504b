//! The part of a case that somebody asks about.

use crate::session::{Case, HookRecord};

/// Some hooks and some findings of a case; by default all of them. What is outside was captured and judged as well, and
/// so never counts as missing.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    hooks: Option<Vec<bool>>,
    findings: Option<Vec<bool>>,
}

impl Scope {
    /// The hooks and findings that are marked, in the order of their lists.
    pub const fn of(hooks: Vec<bool>, findings: Vec<bool>) -> Self {
        Self { hooks: Some(hooks), findings: Some(findings) }
    }

    /// Whether a hook is in it, by its place in the case.
    pub fn has_hook(&self, place: usize) -> bool {
        has(self.hooks.as_deref(), place)
    }

    /// Whether a finding is in it, by its place.
    pub fn has_finding(&self, place: usize) -> bool {
        has(self.findings.as_deref(), place)
    }

    /// Whether it is all there is.
    pub const fn is_whole(&self) -> bool {
        self.hooks.is_none()
    }

    /// The hooks of a case that are in it.
    pub fn records<'c>(&'c self, case: &'c Case) -> impl Iterator<Item = &'c HookRecord> {
        let hooks = case.hooks.iter().enumerate();
        hooks.filter(|(place, _)| self.has_hook(*place)).map(|(_, record)| record)
    }
}

fn has(marked: Option<&[bool]>, place: usize) -> bool {
    marked.is_none_or(|marked| marked.get(place).copied().unwrap_or_default())
}
