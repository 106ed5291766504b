//! The way from files to a judged case, which most commands begin with.

use super::{Error, files};
use crate::cli::{Input, Judging};
use hookscope::limits::Limits;
use hookscope::report::{Document, Redaction};
use hookscope::rules::{Finding, Verdict};
use hookscope::session::{Case, Options};
use hookscope::{pipeline, rules};

/// A case with what the rules say about it.
pub(crate) struct Judged {
    /// The case.
    pub(crate) case: Case,
    /// What the rules found.
    pub(crate) findings: Vec<Finding>,
    /// The verdict.
    pub(crate) verdict: Verdict,
}

impl Judged {
    /// Reads captures and judges them; `keep_exchanges` keeps header fields and bodies.
    pub(crate) fn read(input: &Input, judging: &Judging, keep_exchanges: bool) -> Result<Self, Error> {
        let options = Options { keep_exchanges, ..judging.options() };
        let limits = Limits::default();
        Ok(Self::of(pipeline::read(files::open(&input.captures, &limits)?, &limits, options)))
    }

    /// Judges a case.
    pub(crate) fn of(case: Case) -> Self {
        let (findings, verdict) = rules::judge(&case);
        Self { case, findings, verdict }
    }

    /// What reports show of it.
    pub(crate) fn document(&self, redaction: Redaction) -> Document {
        Document::new(&self.case, &self.findings, &self.verdict, redaction)
    }
}

impl Judging {
    /// The same for the stages.
    pub(crate) fn options(&self) -> Options {
        Options {
            slow: self.slow,
            rest_timeout: self.rest_timeout,
            backends: self.backend.clone(),
            ..Options::default()
        }
    }
}
