//! Where reports go, and in which form.

use super::Error;
use crate::cli::{Color, Destination, Form};
use anstream::{AutoStream, ColorChoice};
use hookscope::report::Style;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// Columns where nothing says how many there are.
const WIDTH: u16 = 100;
/// Columns below which nothing can be laid out.
const LEAST_WIDTH: u16 = 40;

/// A place for a report, and the form that it has there.
pub(crate) struct Target<'p, F> {
    /// The file; standard output if there is none.
    pub(crate) path: Option<&'p Path>,
    /// The form.
    pub(crate) format: F,
}

impl<'p, F: Form> Target<'p, F> {
    /// The form asked for, or that the file's ending picks, or that of standard output.
    pub(crate) fn of(destination: &'p Destination<F>) -> Result<Self, Error> {
        Self::at(destination.format, destination.output.as_deref())
    }

    /// Several: each file in the form that its ending picks, or standard output.
    pub(crate) fn several(asked: Option<F>, paths: &'p [PathBuf]) -> Result<Vec<Self>, Error> {
        match paths {
            [] => Ok(vec![Self::at(asked, None)?]),
            [_, _, ..] if asked.is_some() => Err(Error::OneFormat),
            paths => paths.iter().map(|path| Self::at(asked, Some(path))).collect(),
        }
    }

    fn at(asked: Option<F>, path: Option<&'p Path>) -> Result<Self, Error> {
        let forms = F::value_variants();
        let ending = path.map(|path| (path, path.extension().and_then(|ending| ending.to_str())));
        let fitting = match ending {
            None => forms.first(),
            Some((_, ending)) => {
                forms.iter().find(|form| ending.is_some_and(|ending| form.endings().contains(&ending)))
            }
        };
        let format = asked.or(fitting.copied()).ok_or_else(|| Error::Ending {
            path: path.unwrap_or(Path::new("-")).to_owned(),
            known: forms
                .iter()
                .flat_map(|form| form.endings())
                .map(|ending| format!(".{ending}"))
                .collect::<Vec<_>>()
                .join(" or "),
        })?;
        Ok(Self { path, format })
    }
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
