//! The way from files to a judged case, which most commands begin with.

use super::files::Inputs;
use super::{Error, Exit};
use crate::cli::{Filtering, Input, Judging};
use hookscope::catalog::HookMethod;
use hookscope::filter::{BackendName, Filter};
use hookscope::hook::closest;
use hookscope::report::{Document, HookStream, Redaction, Selection};
use hookscope::rules;
use hookscope::rules::{Finding, Scope, Severity, Verdict, VerdictState};
use hookscope::session::{Case, Options};
use std::collections::BTreeSet;
use std::mem;

/// A case with what the rules say about it.
pub(crate) struct Judged {
    /// The case.
    pub(crate) case: Case,
    /// What the rules found.
    pub(crate) findings: Vec<Finding>,
    /// The verdict.
    verdict: Verdict,
    /// What is shown of it.
    shown: Scope,
    /// Which part that is, if not the whole.
    selection: Option<Selection>,
}

/// Sessions or backends that are offered where there is none of that name.
const OFFERED: usize = 5;

impl Judged {
    /// Reads captures and judges them; `keep_exchanges` keeps header fields and bodies.
    pub(crate) fn read(input: &Input, judging: &Judging, keep_exchanges: bool) -> Result<Self, Error> {
        let options = Options { keep_exchanges, ..judging.options() };
        let Input { captures, resources, quiet } = input;
        let case = Inputs::new(captures, resources, *quiet).read(captures, options)?;
        Ok(Self::on(case, resources.threads()))
    }

    /// Judges a case.
    pub(crate) fn of(case: Case) -> Self {
        Self::on(case, 1)
    }

    /// The same on several threads.
    fn on(case: Case, threads: usize) -> Self {
        let (findings, verdict) = rules::judge_on(&case, threads);
        Self { case, findings, verdict, shown: Scope::default(), selection: None }
    }

    /// Reads and judges captures, and shows that part which meets the conditions; sessions that are asked for must exist.
    pub(crate) fn part(
        input: &Input,
        judging: &Judging,
        filtering: &Filtering,
        redaction: &Redaction,
        keep_exchanges: bool,
    ) -> Result<Self, Error> {
        let judged = Self::read(input, judging, keep_exchanges)?;
        judged.knows(&filtering.filter(judging), redaction)?;
        Ok(judged.filtered(filtering, judging))
    }

    /// The same, of which that part is shown that meets the conditions.
    pub(crate) fn filtered(self, filtering: &Filtering, judging: &Judging) -> Self {
        let filter = filtering.filter(judging);
        if filter.is_empty() {
            return self;
        }
        let conditions = filtering.conditions(judging);
        let filtered = filter.apply(&self.case, &self.findings, &self.verdict, &conditions);
        let verdict = Verdict::of(&self.case, &self.findings, &filtered.scope);
        Self { verdict, shown: filtered.shown, selection: filtered.selection, ..self }
    }

    /// Refuses conditions on sessions, backends and methods that there are none of.
    fn knows(&self, filter: &Filter, redaction: &Redaction) -> Result<(), Error> {
        let session = filter.unknown_session(&self.case).map(|name| ("session", name));
        let backend = || filter.unknown_backend(&self.case).map(|name| ("backend", name));
        let method = || filter.unknown_method(&self.case).map(|name| ("method", name));
        let Some((what, name)) = session.or_else(backend).or_else(method) else { return Ok(()) };
        let all = Document::new(&self.case, &self.findings, &self.verdict, redaction.clone());
        let known: Vec<String> = match what {
            "session" => {
                let sessions = all.sessions.iter();
                sessions.map(|session| format!("{} {:?}", session.id, session.session_id)).collect()
            }
            "backend" => {
                let host = |host: &Option<String>| {
                    host.as_ref().map(|host| format!(" {host:?}")).unwrap_or_default()
                };
                let backends = all.backends.iter();
                backends
                    .map(|one| format!("{} {}:{}{}", one.id, one.address, one.port, host(&one.host)))
                    .collect()
            }
            _ => {
                let methods: BTreeSet<String> = all.hooks.into_iter().map(|hook| hook.method).collect();
                methods.into_iter().collect()
            }
        };
        let more = known.len().saturating_sub(OFFERED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let meant = closest(name, HookMethod::names()).filter(|_| what == "method");
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        let offered = known.get(..OFFERED).unwrap_or(&known).join(", ");
        let known = if known.is_empty() { format!("none{meant}") } else { offered + &more + &meant };
        Err(Error::Unknown { what, name: name.to_owned(), known })
    }

    /// What reports show of it.
    pub(crate) fn document(&self, redaction: Redaction) -> Document {
        self.streamed(redaction, 1).whole()
    }

    /// The same, whose hooks are made while they are written, on so many threads.
    pub(crate) fn streamed(&self, redaction: Redaction, threads: usize) -> Document<HookStream<'_>> {
        let (shown, selection) = (self.shown.clone(), self.selection.clone());
        let (findings, verdict) = (&self.findings, &self.verdict);
        let redaction = Redaction { threads, ..redaction };
        let mut document = Document::streamed(&self.case, findings, verdict, redaction, shown, selection);
        document.hooks.share(threads);
        document
    }

    /// Leaves it to the end of the process, which is near, to give back the memory: piece by piece takes long.
    pub(crate) fn leave(self) {
        mem::forget(self);
    }

    /// How its analysis ends; `least` is the severity from which on findings that are shown count.
    pub(crate) fn exit(&self, least: Option<Severity>) -> Exit {
        let findings = self.findings.iter().enumerate().filter(|(place, _)| self.shown.has_finding(*place));
        if self.verdict.state == VerdictState::Absent {
            Exit::Absent
        } else if least.is_some_and(|least| findings.clone().any(|(_, finding)| finding.severity >= least)) {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }
}

impl Judging {
    /// The same for the stages.
    pub(crate) fn options(&self) -> Options {
        let given = self.backend.iter().filter_map(|given| match given.value {
            BackendName::Address(address) => Some(address),
            BackendName::Name(_) => None,
        });
        let configured = self.knowledge.options();
        let backends = if self.backend.is_empty() { configured.backends } else { given.collect() };
        Options { slow: self.slow, rest_timeout: self.rest_timeout, backends, ..configured }
    }
}
