//! Where output goes, looked at before anything is read: whoever waits for a long report is not to lose it to a name.

use super::folder_of;
use crate::cli::{Replacing, ToFile};
use crate::commands::Error;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A place for output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p> {
    /// Standard output.
    Standard,
    /// What is no file, such as a pipe or a device: it is written to as it stands.
    Device(&'p Path),
    /// A file, which is there when it is whole.
    File {
        /// Its name.
        path: &'p Path,
        /// Whether another one of that name is replaced.
        force: bool,
    },
}

impl<'p> Place<'p> {
    /// Standard output, or the file that is named.
    pub(crate) fn named<'i>(
        file: &'p ToFile,
        inputs: impl IntoIterator<Item = &'i PathBuf>,
    ) -> Result<Self, Error> {
        Self::of(file.output.as_deref(), file.replacing, inputs)
    }

    /// Standard output, or what is named: nothing that is read, and no file that exists, unless it is to be replaced.
    pub(crate) fn of<'i>(
        path: Option<&'p Path>,
        replacing: Replacing,
        inputs: impl IntoIterator<Item = &'i PathBuf>,
    ) -> Result<Self, Error> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(Self::Standard) };
        match fs::symlink_metadata(path) {
            Ok(there) if there.is_symlink() && is_among_devices(path) => {
                return Ok(if is_standard_output(path) { Self::Standard } else { Self::Device(path) });
            }
            Ok(_) if path.is_dir() => return Err(Error::OutputIsFolder { path: path.to_owned() }),
            Ok(there) if !there.is_file() && !there.is_symlink() => return Ok(Self::Device(path)),
            Ok(there) => refuse(path, &there, replacing, inputs)?,
            Err(_) if path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
                return Err(Error::OutputIsFolder { path: path.to_owned() });
            }
            Err(_) => {}
        }
        check_folder(path)?;
        Ok(Self::File { path, force: replacing.force })
    }

    /// Refuses places that are one and the same.
    pub(super) fn check_apart(places: &[Self]) -> Result<(), Error> {
        let names: Vec<_> = places.iter().map(|place| place.name()).collect();
        let again =
            (1..).zip(&names).find(|(behind, name)| names.iter().skip(*behind).any(|one| one == *name));
        again.map_or(Ok(()), |(_, name)| Err(Error::OutputTwice { name: name.display().to_string() }))
    }

    /// Whether it is a file of that name by now.
    pub(crate) fn is_file(self, path: &Path) -> bool {
        matches!(self, Self::File { path: own, .. } if identity(own).is_some_and(|own| Some(own) == identity(path)))
    }

    /// The one name that it has.
    fn name(self) -> PathBuf {
        match self {
            Self::Standard => PathBuf::from("standard output"),
            Self::Device(path) => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            Self::File { path, .. } => {
                let folder = folder_of(path);
                let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
                path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name))
            }
        }
    }
}

/// Refuses what is there already, where it is read or is not to be replaced.
fn refuse<'i>(
    path: &Path,
    there: &Metadata,
    replacing: Replacing,
    inputs: impl IntoIterator<Item = &'i PathBuf>,
) -> Result<(), Error> {
    let own = identity(path);
    if own.is_some() && inputs.into_iter().any(|input| identity(input) == own) {
        return Err(Error::OutputIsInput { path: path.to_owned() });
    }
    if replacing.force { Ok(()) } else { Err(Error::exists(path, there.is_symlink())) }
}

fn check_folder(path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    let checked = match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => may_write(folder),
        Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
        Err(error) => Err(error),
    };
    checked.map_err(|source| Error::OutputFolder { path: path.to_owned(), folder: folder.to_owned(), source })
}

#[cfg(unix)]
fn may_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a link is the system's own, such as `/dev/stdout` or `/dev/fd/3`: these are there to be written through.
fn is_among_devices(path: &Path) -> bool {
    fs::canonicalize(folder_of(path))
        .is_ok_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc"))
}

/// Whether a name of the system leads to standard output. A file behind it is not opened again: that would overwrite what
/// others write to it.
fn is_standard_output(path: &Path) -> bool {
    /// From `/dev/stdout` to `/proc/self/fd/1`, with one to spare.
    const LINKS: usize = 3;
    let Ok(own) = fs::canonicalize("/proc/self/fd") else { return false };
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(folder) = fs::canonicalize(folder_of(&path)) else { return false };
        if folder == own {
            return path.file_name().is_some_and(|name| name == "1");
        }
        let Ok(link) = fs::read_link(&path) else { return false };
        path = folder.join(link);
    }
    false
}

/// What tells a file from others, whatever it is called; none for what is no file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let metadata = if path.as_os_str() == "-" {
        fs::File::from(io::stdin().as_fd().try_clone_to_owned().ok()?).metadata()
    } else {
        fs::metadata(path)
    };
    metadata.ok().filter(Metadata::is_file).map(|metadata| (metadata.dev(), metadata.ino()))
}

/// What tells a file from others; none for what is no file.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().filter(|path| path.is_file())
}
