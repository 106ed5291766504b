//! Inputs, as the command line names them.

use super::progress::Progress;
use super::{Error, interrupt};
use crate::cli::{Redact, Redacting, Resources};
use hookscope::capture::{Captures, Meter};
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::{Masked, Redaction};
use hookscope::session::{Case, Options};
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

/// Reading of inputs under way: how far it has come is drawn on a terminal, and Ctrl-C ends it.
pub(crate) struct Inputs {
    pub(crate) limits: Limits,
    meter: Meter,
    _progress: Progress,
}

impl Inputs {
    /// Begins to read files, each as often as it is named.
    pub(crate) fn new(paths: &[PathBuf], resources: &Resources, quiet: bool) -> Self {
        let meter = interrupt::meter();
        let progress = Progress::of_files(paths, &meter, quiet);
        Self { limits: resources.limits(), meter, _progress: progress }
    }

    /// Opens captures; a terminal is never waited for.
    pub(crate) fn open(&self, paths: &[PathBuf]) -> Result<Captures, Error> {
        check_terminal(paths)?;
        Ok(Captures::metered(paths, &self.limits, &self.meter)?)
    }

    /// Reads captures to their end.
    pub(crate) fn read(&self, paths: &[PathBuf], options: Options) -> Result<Case, Error> {
        Ok(pipeline::read(self.open(paths)?, &self.limits, options))
    }
}

/// A terminal is no input that is waited for.
pub(crate) fn check_terminal(paths: &[PathBuf]) -> Result<(), Error> {
    let is_terminal = paths.iter().any(|path| path.as_os_str() == "-") && io::stdin().is_terminal();
    if is_terminal { Err(Error::Terminal) } else { Ok(()) }
}

/// What is to be masked, and the key of the pseudonyms.
pub(crate) fn redaction(arguments: &Redacting) -> Result<Redaction, Error> {
    let read = |path: &PathBuf| fs::read(path).map_err(|source| Error::Key { path: path.clone(), source });
    let key = arguments.redact_key.as_ref().map(read).transpose()?;
    if let (Some(path), Some([])) = (&arguments.redact_key, key.as_deref()) {
        return Err(Error::EmptyKey { path: path.clone() });
    }
    let masked = match arguments.redact {
        _ if arguments.no_redact => Masked::Nothing,
        Redact::Secrets => Masked::Secrets,
        Redact::All => Masked::All,
    };
    Ok(Redaction { masked, key, ..Redaction::default() })
}
