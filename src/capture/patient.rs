//! Inputs that are no files, such as standard input and pipes, and may keep silent for long: reading can be ended while
//! nothing comes.

use super::meter::Meter;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens standard input; it ends when `meter` is stopped.
#[cfg(unix)]
pub(super) fn standard_input(meter: &Meter) -> io::Result<impl Read + 'static> {
    use std::os::fd::AsFd as _;
    // Without the buffer of the standard library: what stands in one is not seen by who waits for more.
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Ok(meter.around(Patient { file, meter: meter.clone() }))
}

/// Opens standard input.
#[cfg(not(unix))]
pub(super) fn standard_input(meter: &Meter) -> io::Result<impl Read + 'static> {
    Ok(meter.around(io::stdin()))
}

/// Opens a pipe or a device by its name; it ends when `meter` is stopped, even where nobody writes to it yet.
#[cfg(unix)]
pub(super) fn device(path: &Path, meter: &Meter) -> io::Result<impl Read + 'static> {
    use rustix::fs::{Mode, OFlags, open};
    // Otherwise opening a pipe would wait for who writes.
    let file = File::from(open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?);
    Ok(meter.around(Patient { file, meter: meter.clone() }))
}

/// Opens a device by its name.
#[cfg(not(unix))]
pub(super) fn device(path: &Path, meter: &Meter) -> io::Result<impl Read + 'static> {
    Ok(meter.around(File::open(path)?))
}

/// Waits for octets, but not when reading is to end.
#[cfg(unix)]
struct Patient {
    file: File,
    meter: Meter,
}

#[cfg(unix)]
impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        /// How long to wait before looking up.
        const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while !self.meter.is_stopped() {
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&NAP)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Where waiting is not possible, reading says why.
                Ok(_) | Err(_) => match self.file.read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read,
                },
            }
        }
        Ok(0)
    }
}
