//! Files that are there when they are whole, or not at all.
//!
//! Octets go to a temporary file beside the one that is meant, which takes its name in the end. Whoever ends the program
//! before that takes the temporary file away; only a kill that nobody hears of (`SIGKILL`) leaves one.

use super::folder_of;
use crate::commands::{Exit, interrupt};
use std::fs::{self, File, Permissions};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::{Builder, NamedTempFile};

/// The temporary file that is there now. It is made, named anew and taken away under this lock.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a file of what `render` writes; with `force` in place of another one of that name.
pub(super) fn write(
    path: &Path,
    force: bool,
    render: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    interrupt::make_sure();
    let mut file = begin(path)?;
    let written = render(file.as_file_mut()).and_then(|()| file.as_file().sync_all());
    let mut unfinished = unfinished();
    // Where it was not written it is removed, as it is dropped.
    let put = written.and_then(|()| put(file, path, force));
    *unfinished = None;
    put
}

/// Ends the program at once, without leaving anything behind.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "whoever asks for it does not wait for main")]
pub(crate) fn leave() -> ! {
    let unfinished = unfinished();
    if let Some(path) = unfinished.as_deref() {
        // Nothing can be told any more.
        drop(fs::remove_file(path));
    }
    process::exit(Exit::INTERRUPTED.into())
}

fn begin(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".hookscope-").suffix(".tmp");
    give_usual_permissions(&mut builder);
    let mut unfinished = unfinished();
    let file = builder.tempfile_in(folder_of(path))?;
    *unfinished = Some(file.path().to_owned());
    Ok(file)
}

/// Gives a whole file its name.
fn put(file: NamedTempFile, path: &Path, force: bool) -> io::Result<()> {
    if force {
        if let Some(permissions) = permissions(path) {
            file.as_file().set_permissions(permissions)?;
        }
        file.persist(path)?;
        return Ok(());
    }
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Err(refused.error),
        Err(refused) => put_by_claim(refused.file, path),
    }
}

/// The same on file systems that can neither rename without replacing nor link: the name is taken by an empty file first.
fn put_by_claim(file: NamedTempFile, path: &Path) -> io::Result<()> {
    drop(File::create_new(path)?);
    let put = file.persist(path).map(drop);
    put.map_err(|refused| fs::remove_file(path).err().unwrap_or(refused.error))
}

/// Those of any new file, less the umask: temporary files have others.
#[cfg(unix)]
fn give_usual_permissions(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(Permissions::from_mode(0o666));
}

/// Those of the file that is to be replaced; a link has none of its own.
#[cfg(unix)]
fn permissions(path: &Path) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    let there = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    // What runs as its owner would run as another one.
    Some(Permissions::from_mode(there.permissions().mode() & 0o777))
}

#[cfg(not(unix))]
fn give_usual_permissions(_: &mut Builder<'_, '_>) {}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_name_can_be_claimed_and_is_never_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        let file = || {
            let mut file = begin(&path).unwrap();
            file.write_all(b"whole").unwrap();
            file
        };
        put_by_claim(file(), &path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        fs::write(&path, "another").unwrap();
        let refused = put_by_claim(file(), &path).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"another");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
