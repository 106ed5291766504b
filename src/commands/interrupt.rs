//! Ctrl-C: the first one ends reading, so that what there is by then is told; the second one ends the program.

use super::output;
use hookscope::capture::Meter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signals that come together are one: some programs send theirs both to a process and to its group.
const ONCE: Duration = Duration::from_millis(300);

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
    let mut first: Option<Instant> = None;
    #[expect(clippy::disallowed_methods, reason = "when Ctrl-C comes is no time of the capture")]
    let handler = move || match first {
        None => {
            first = Some(Instant::now());
            act();
        }
        Some(first) if first.elapsed() > ONCE => output::leave(),
        Some(_) => {}
    };
    // Without a handler Ctrl-C ends the program at once.
    drop(ctrlc::set_handler(handler));
}

/// Ends the program at Ctrl-C, without leaving anything behind, where nothing else was said of it.
pub(crate) fn make_sure() {
    // It fails where something was said.
    drop(ctrlc::set_handler(|| output::leave()));
}

/// Whether reading was ended by Ctrl-C.
pub(crate) fn happened() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
