//! Where reports go, and in which form.

mod place;
mod whole;

use super::Error;
use crate::cli::{Color, Destination, Form, Replacing};
use anstream::{AutoStream, ColorChoice};
use hookscope::report::Style;
pub(crate) use place::Place;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
pub(crate) use whole::leave;

/// Columns where nothing says how many there are.
const WIDTH: u16 = 100;
/// Columns below which nothing can be laid out.
const LEAST_WIDTH: u16 = 40;

/// A place for a report, and the form that it has there.
pub(crate) struct Target<'p, F> {
    /// The place.
    pub(crate) place: Place<'p>,
    /// The form.
    pub(crate) format: F,
}

impl<'p, F: Form> Target<'p, F> {
    /// The form asked for, or that the file's ending picks, or that of standard output; none of the inputs is overwritten.
    pub(crate) fn of<'i>(
        destination: &'p Destination<F>,
        inputs: impl IntoIterator<Item = &'i PathBuf>,
    ) -> Result<Self, Error> {
        let Destination { format, file } = destination;
        Self::at(*format, file.output.as_deref(), Place::named(file, inputs)?)
    }

    /// Several: each file in the form that its ending picks, or standard output.
    pub(crate) fn several<'i>(
        asked: Option<F>,
        paths: &'p [PathBuf],
        replacing: Replacing,
        inputs: &(impl Iterator<Item = &'i PathBuf> + Clone),
    ) -> Result<Vec<Self>, Error> {
        if paths.len() > 1 && asked.is_some() {
            return Err(Error::OneFormat);
        }
        let named = paths.iter().map(|path| Some(path.as_path()));
        let named: Vec<_> = if paths.is_empty() { vec![None] } else { named.collect() };
        let places = named.iter().map(|path| Place::of(*path, replacing, inputs.clone()));
        let places = places.collect::<Result<Vec<_>, _>>()?;
        Place::check_apart(&places)?;
        named.into_iter().zip(places).map(|(path, place)| Self::at(asked, path, place)).collect()
    }

    fn at(asked: Option<F>, path: Option<&Path>, place: Place<'p>) -> Result<Self, Error> {
        let forms = F::value_variants();
        let ending = path.and_then(|path| path.extension()?.to_str());
        let fitting = forms.iter().find(|form| {
            ending.is_some_and(|ending| form.endings().iter().any(|known| ending.eq_ignore_ascii_case(known)))
        });
        let fitting = match place {
            Place::File { .. } => fitting,
            // Their names say nothing, unless somebody wants them to.
            Place::Standard | Place::Device(_) => fitting.or(forms.first()),
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
        Ok(Self { place, format })
    }
}

/// Writes to a file, or to standard output.
pub(crate) fn write(
    place: Place<'_>,
    color: Color,
    render: impl Fn(Style, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let render_plain = |file: &mut dyn Write| {
        let mut out = BufWriter::new(file);
        render(Style::plain(WIDTH), &mut out)?;
        out.flush()
    };
    let (written, name) = match place {
        Place::Standard => (to_stdout(color, &render), Path::new("standard output")),
        // A file may stand behind a descriptor: it goes on where others have ended.
        Place::Device(path) => {
            let opened = OpenOptions::new().append(true).open(path);
            (opened.and_then(|mut file| render_plain(&mut file)), path)
        }
        Place::File { path, force } => (whole::write(path, force, |mut file| render_plain(&mut file)), path),
    };
    written.map_err(|source| match (place, source.kind()) {
        // It was not there when reading began.
        (Place::File { path, .. }, io::ErrorKind::AlreadyExists) => Error::exists(path, path.is_symlink()),
        _ => Error::Output { name: name.display().to_string(), source },
    })
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
