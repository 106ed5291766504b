//! Standard input, which may keep silent for long: reading can be ended while nothing comes.

use super::meter::Meter;
use std::io::{self, Read};

/// Opens it; it ends when `meter` is stopped.
#[cfg(unix)]
pub(super) fn open(meter: &Meter) -> io::Result<impl Read + 'static> {
    use std::fs::File;
    use std::os::fd::AsFd as _;
    // Without the buffer of the standard library: what stands in one is not seen by who waits for more.
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Ok(meter.around(Patient { file, meter: meter.clone() }))
}

/// Opens it.
#[cfg(not(unix))]
pub(super) fn open(meter: &Meter) -> io::Result<impl Read + 'static> {
    Ok(meter.around(io::stdin()))
}

/// Waits for octets, but not when reading is to end.
#[cfg(unix)]
struct Patient {
    file: std::fs::File,
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
                Ok(_) | Err(_) => return self.file.read(buffer),
            }
        }
        Ok(0)
    }
}
