//! Ctrl-C: the first one ends reading, so that what there is by then is told; the second one ends the program.

use super::Exit;
use hookscope::capture::Meter;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A meter that Ctrl-C stops. It is asked for once in a run.
pub(crate) fn meter() -> Meter {
    let meter = Meter::default();
    let stopped = meter.clone();
    on_interrupt(move || {
        INTERRUPTED.store(true, Ordering::Relaxed);
        stopped.stop();
    });
    meter
}

/// Does something at the first Ctrl-C.
pub(crate) fn on_interrupt(mut act: impl FnMut() + Send + 'static) {
    let mut again = false;
    #[expect(clippy::exit, clippy::disallowed_methods, reason = "whoever asks twice does not wait for main")]
    let handler = move || {
        if std::mem::replace(&mut again, true) {
            process::exit(Exit::INTERRUPTED.into());
        }
        act();
    };
    // Without a handler Ctrl-C ends the program at once.
    drop(ctrlc::set_handler(handler));
}

/// Whether reading was ended by Ctrl-C.
pub(crate) fn happened() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
