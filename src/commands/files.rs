//! Inputs, as the command line names them.

use super::Error;
use crate::cli::{Redact, Redacting};
use hookscope::capture::{Captures, Meter};
use hookscope::limits::Limits;
use hookscope::report::{Masked, Redaction};
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

/// Opens captures, whose reading the meter counts; a terminal is never waited for.
pub(crate) fn open(paths: &[PathBuf], limits: &Limits, meter: &Meter) -> Result<Captures, Error> {
    if paths.iter().any(|path| path.as_os_str() == "-") && io::stdin().is_terminal() {
        return Err(Error::Terminal);
    }
    Ok(Captures::metered(paths, limits, meter)?)
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
