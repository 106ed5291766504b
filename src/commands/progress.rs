//! How far reading has come: a line on a terminal, while it takes long.

use hookscope::capture::Meter;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What takes no longer than this is not talked about.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is drawn again.
const PACE: Duration = Duration::from_millis(150);

/// Watches a meter, and is gone without a trace when it is dropped. Without a terminal there is nothing to it.
#[derive(Default)]
pub(crate) struct Progress {
    /// Dropped to say that the work is done.
    work: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    /// Of reading files.
    pub(crate) fn of_files(paths: &[PathBuf], meter: &Meter, quiet: bool) -> Self {
        let total = paths.iter().map(|path| size(path)).sum::<Option<u64>>();
        Self::of(total, meter, quiet, String::new)
    }

    /// Of reading so many octets, where that is known; `words` stand behind them.
    pub(crate) fn of(
        total: Option<u64>,
        meter: &Meter,
        quiet: bool,
        words: impl Fn() -> String + Send + 'static,
    ) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self::default();
        }
        let meter = meter.clone();
        let (work, done) = mpsc::channel::<()>();
        let watch = move || {
            if done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = bar(total);
            loop {
                // What is read twice, such as a file whose kind was looked at first, makes no more than the whole.
                bar.set_position(meter.octets().min(total.unwrap_or(u64::MAX)));
                bar.set_message(words());
                bar.tick();
                if done.recv_timeout(PACE) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            bar.finish_and_clear();
        };
        Self { work: Some(work), watcher: thread::Builder::new().spawn(watch).ok() }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(watcher) = self.watcher.take() {
            // A line that cannot be drawn is no reason to fail.
            drop(watcher.join());
        }
    }
}

/// Octets of a file; none where it is no file, such as standard input.
pub(crate) fn size(path: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some(metadata.len())
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, form) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:30} {percent:>3} % {decimal_bytes} of {decimal_total_bytes}, {eta} left {msg}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {decimal_bytes} {msg}"),
    };
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("━╸─"))
}
