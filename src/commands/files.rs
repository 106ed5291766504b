//! Inputs, as the command line names them.

use super::Error;
use hookscope::capture::Captures;
use hookscope::limits::Limits;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

/// Opens captures; a terminal is never waited for.
pub(crate) fn open(paths: &[PathBuf], limits: &Limits) -> Result<Captures, Error> {
    if paths.iter().any(|path| path.as_os_str() == "-") && io::stdin().is_terminal() {
        return Err(Error::Terminal);
    }
    Ok(Captures::open(paths, limits)?)
}
