//! Programs that tests start and send signals to.

use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Output};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Far more than any of them takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program that runs, but not for ever: one that hangs is killed, so that its test fails and the others go on.
///
/// `timeout` cannot stand in between: a signal that it gets before it knows its child ends `timeout` alone.
pub struct Started {
    child: Child,
    /// While it is there, the program may run.
    _alive: Sender<()>,
}

/// Starts a program.
pub fn start(command: &mut Command) -> Started {
    let child = command.spawn().unwrap();
    let (alive, ended) = channel();
    let id = child.id();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            signal(id, "-KILL");
        }
    });
    Started { child, _alive: alive }
}

impl Started {
    /// Sends a signal, such as `-INT`. The program may have ended by now.
    pub fn send(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// What it still writes, and how it ends.
    pub fn output(self) -> Output {
        self.child.wait_with_output().unwrap()
    }
}

impl Deref for Started {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for Started {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

fn signal(id: u32, name: &str) {
    let _sent =
        Command::new("kill").args([name, &id.to_string()]).stderr(std::process::Stdio::null()).status();
}
