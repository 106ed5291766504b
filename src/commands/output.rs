//! Where reports go, and in which form.

use super::Error;
use crate::cli::Color;
use anstream::{AutoStream, ColorChoice};
use hookscope::report::Style;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// Columns where nothing says how many there are.
const WIDTH: u16 = 100;
/// Columns below which nothing can be laid out.
const LEAST_WIDTH: u16 = 40;

/// The form asked for, or that the output file's ending picks, or the first of `endings`.
pub(crate) fn format<F: Copy>(
    asked: Option<F>,
    path: Option<&Path>,
    endings: &[(&'static str, F)],
) -> Result<F, Error> {
    let ending = path.map(|path| (path, path.extension().and_then(|ending| ending.to_str())));
    let fitting = match ending {
        None => endings.first(),
        Some((_, ending)) => endings.iter().find(|(known, _)| ending == Some(*known)),
    };
    asked.or(fitting.map(|(_, format)| *format)).ok_or_else(|| Error::Ending {
        path: path.unwrap_or(Path::new("-")).to_owned(),
        known: endings.iter().map(|(known, _)| format!(".{known}")).collect::<Vec<_>>().join(" or "),
    })
}

/// A place for a report, and the form that it has there.
pub(crate) struct Target<'p, F> {
    /// The file; standard output if there is none.
    pub(crate) path: Option<&'p Path>,
    /// The form.
    pub(crate) format: F,
}

/// Where reports go: to each file in the form that its ending picks, or to standard output.
pub(crate) fn targets<'p, F: Copy>(
    asked: Option<F>,
    paths: &'p [PathBuf],
    endings: &[(&'static str, F)],
) -> Result<Vec<Target<'p, F>>, Error> {
    if paths.len() > 1 && asked.is_some() {
        return Err(Error::OneFormat);
    }
    let paths = paths.iter().map(|path| Some(path.as_path()));
    let paths: Vec<Option<&Path>> = if paths.len() == 0 { vec![None] } else { paths.collect() };
    let target = |path| Ok(Target { path, format: format(asked, path, endings)? });
    paths.into_iter().map(target).collect()
}

/// Writes to a file, or to standard output.
pub(crate) fn write(
    path: Option<&Path>,
    color: Color,
    render: impl Fn(Style, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    match path {
        Some(path) => to_file(path, &render)
            .map_err(|source| Error::Output { name: path.display().to_string(), source }),
        None => to_stdout(color, &render)
            .map_err(|source| Error::Output { name: "standard output".to_owned(), source }),
    }
}

fn to_file(path: &Path, render: &impl Fn(Style, &mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    render(Style::plain(WIDTH), &mut out)?;
    out.flush()
}

fn to_stdout(color: Color, render: &impl Fn(Style, &mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let stdout = io::stdout();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => AutoStream::choice(&stdout) != ColorChoice::Never,
    };
    let mut out = BufWriter::new(stdout.lock());
    render(Style { width: width(), color, links: color && stdout.is_terminal() }, &mut out)?;
    out.flush()
}

/// The columns that `COLUMNS` names, or the terminal has.
fn width() -> u16 {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    named.or_else(terminal).unwrap_or(WIDTH).max(LEAST_WIDTH)
}
