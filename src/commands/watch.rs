//! `hookscope watch`: a capture that still grows.
//!
//! One thread reads, and blocks where there is nothing to read yet. The other one says what there is so far: it takes a copy
//! of the reading and finishes that, as if the capture ended there, so that a hook and a finding look as they will in a
//! report. It rests for a while after each look, so that long captures are still read at nearly full speed.

use super::judged::Judged;
use super::output::{self, Place};
use super::{Error, Exit, files, interrupt};
use crate::cli::{Coloring, Failing, Filtering, Judging, Redacting, Resources};
use clap::{Args, ValueEnum};
use hookscope::capture::{Capture, CaptureError, CaptureSummary};
use hookscope::endpoint::{ConnectionId, FrameNumber};
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::pipeline::Reading;
use hookscope::report::{
    Document, Live, Redaction, render_live_ndjson, render_live_text, render_summary_ndjson,
    render_summary_text,
};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const EXAMPLES: &str = "\
Examples:
  ssh server tcpdump -i any -s 0 -U -w - tcp | hookscope watch -
  hookscope watch growing.pcap                    a file that another program writes; Ctrl-C ends
  tcpdump -i any -s 0 -U -w - | hookscope watch - --format ndjson | jq .";

const EXIT_CODES: &str = "\
Exit codes, at the capture's end or at Ctrl-C, as for `analyze`:
  0 no problem   1 problems found   2 wrong usage   3 input cannot be read or is no capture
  4 no hook traffic in the capture   5 output failed";

/// Tell of hooks and findings while a capture is made; at its end or at Ctrl-C, a summary
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// A capture that is being written (pcap or pcapng), or - for standard input
    #[arg(value_name = "CAPTURE")]
    capture: PathBuf,
    /// Form of what is told
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    filtering: Filtering,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
    #[command(flatten)]
    resources: Resources,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object a line, and a summary in the last; `hookscope schema ndjson` describes it
    Ndjson,
}

/// How often something is looked for that no hook tells of, such as refused connections.
const PACE: Duration = Duration::from_secs(1);
/// Rests for so many times the duration of a look.
const REST: u32 = 4;
/// How long a file that does not grow is left alone.
const NAP: Duration = Duration::from_millis(100);

/// What the reading thread has so far.
struct Shared {
    reading: Reading,
    facts: Facts,
    summary: Option<CaptureSummary>,
}

/// Why the telling thread wakes.
enum Wake {
    /// A hook has ended.
    Hook,
    /// The capture has.
    Ended(Result<(), CaptureError>),
    /// Ctrl-C.
    Stopped,
}

/// What there is at a moment.
struct Look {
    judged: Judged,
    document: Document,
    /// The hooks that have ended, by their connections and first frames.
    ended: HashSet<(ConnectionId, FrameNumber)>,
}

/// Watches a capture.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let from_terminal = arguments.capture.as_os_str() == "-" && io::stdin().is_terminal();
    if from_terminal {
        return Err(Error::Terminal);
    }
    let redaction = files::redaction(&arguments.redacting)?;
    let limits = arguments.resources.limits();
    let shared = Arc::new(Mutex::new(Shared {
        reading: Reading::new(&limits, arguments.judging.options()),
        facts: Facts::default(),
        summary: None,
    }));
    let (wake, woken) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, to_stop) = (wake.clone(), Arc::clone(&stop));
    interrupt::on_interrupt(move || {
        to_stop.store(true, Ordering::Relaxed);
        // Nobody hears it where the telling thread has ended.
        drop(stopped.send(Wake::Stopped));
    });
    let path = arguments.capture.clone();
    let reader = Reader { path, limits, stop, shared: Arc::clone(&shared), wake };
    thread::spawn(move || reader.run());
    Teller { arguments, redaction, shared, live: Live::default() }.run(&woken)
}

/// The thread that reads.
struct Reader {
    path: PathBuf,
    limits: Limits,
    stop: Arc<AtomicBool>,
    shared: Arc<Mutex<Shared>>,
    wake: Sender<Wake>,
}

impl Reader {
    fn run(self) {
        let end = self.read();
        // Nobody hears it where the telling thread has ended.
        drop(self.wake.send(Wake::Ended(end)));
    }

    fn read(&self) -> Result<(), CaptureError> {
        let mut capture = Capture::from_reader(self.open()?, &self.path, 0, &self.limits)?;
        let mut hooks = 0;
        loop {
            let mut facts = Facts::default();
            let is_over = capture.advance(&mut facts).is_none();
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.facts.merge(facts);
            if let Some(frame) = capture.frame() {
                shared.reading.push(&frame);
                capture.skim(|frame| shared.reading.set_aside(frame));
                shared.summary = Some(capture.summary().clone());
            }
            let ended = shared.reading.ended().len();
            if is_over {
                shared.summary = Some(capture.finish());
                return Ok(());
            }
            drop(shared);
            if ended > hooks {
                hooks = ended;
                drop(self.wake.send(Wake::Hook));
            }
        }
    }

    fn open(&self) -> Result<Box<dyn Read>, CaptureError> {
        if self.path.as_os_str() == "-" {
            return Ok(Box::new(io::stdin()));
        }
        let file = File::open(&self.path)
            .map_err(|source| CaptureError::Open { path: self.path.clone(), source })?;
        Ok(Box::new(Growing { file, stop: Arc::clone(&self.stop) }))
    }
}

/// A file whose end is not its last one.
struct Growing {
    file: File,
    stop: Arc<AtomicBool>,
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.file.read(buffer)?;
            if count > 0 || buffer.is_empty() || self.stop.load(Ordering::Relaxed) {
                return Ok(count);
            }
            thread::sleep(NAP);
        }
    }
}

/// The time by the clock on the wall.
#[expect(clippy::disallowed_methods, reason = "how long a look takes is no time of the capture")]
fn now() -> Instant {
    Instant::now()
}

/// Waits for something to tell, at least until `rested`; returns how the capture ended, if it did.
fn wait(woken: &Receiver<Wake>, rested: Instant) -> Option<Result<(), CaptureError>> {
    loop {
        let rest = rested.saturating_duration_since(now());
        match woken.recv_timeout(if rest.is_zero() { PACE } else { rest }) {
            Ok(Wake::Ended(end)) => return Some(end),
            Ok(Wake::Stopped) | Err(RecvTimeoutError::Disconnected) => return Some(Ok(())),
            // What ends while there is to be rest waits for the next look.
            Ok(Wake::Hook) if !rest.is_zero() => {}
            Ok(Wake::Hook) | Err(RecvTimeoutError::Timeout) => return None,
        }
    }
}

/// The thread that tells.
struct Teller<'a> {
    arguments: &'a Arguments,
    redaction: Redaction,
    shared: Arc<Mutex<Shared>>,
    /// What has been told.
    live: Live,
}

impl Teller<'_> {
    fn run(mut self, woken: &Receiver<Wake>) -> Result<Exit, Error> {
        let mut frames = 0;
        let mut rested = now();
        loop {
            if let Some(end) = wait(woken, rested) {
                end?;
                return self.finish();
            }
            let begin = now();
            let Some(look) = self.look(frames + 1) else { continue };
            frames = look.document.traffic.frames;
            self.tell(&look, false)?;
            rested = now() + begin.elapsed() * REST;
        }
    }

    /// What there is by now, if that is at least so many frames.
    fn look(&self, frames: u64) -> Option<Look> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let summary = shared.summary.clone().filter(|summary| summary.frames >= frames)?;
        let (reading, facts) = (shared.reading.clone(), shared.facts.clone());
        drop(shared);
        let ended = reading.ended().iter().map(|hook| (hook.connection, hook.first.frame)).collect();
        let Arguments { judging, filtering, .. } = self.arguments;
        let judged = Judged::of(reading.finish(vec![summary], facts)).filtered(filtering, judging);
        let document = judged.document(self.redaction());
        Some(Look { judged, document, ended })
    }

    /// Masks agree from look to look, though the capture does not stay the same.
    fn redaction(&self) -> Redaction {
        let key = self
            .redaction
            .key
            .clone()
            .or_else(|| Some(self.arguments.capture.as_os_str().as_encoded_bytes().to_vec()));
        Redaction { key, ..self.redaction.clone() }
    }

    /// Tells what is new; at the capture's end, all that has not been told.
    fn tell(&mut self, look: &Look, is_last: bool) -> Result<(), Error> {
        let has_ended = |connection, first| is_last || look.ended.contains(&(connection, first));
        let format = self.arguments.format;
        // The summary for people has all findings.
        let all = is_last && format == Format::Ndjson;
        let news = self.live.news(&look.judged.case, &look.document, has_ended, all);
        output::write(Place::Standard, self.arguments.coloring.color, |style, out| match format {
            Format::Text => render_live_text(&news, style, out),
            Format::Ndjson => render_live_ndjson(&news, out),
        })
    }

    /// Tells what is left, and the summary.
    fn finish(mut self) -> Result<Exit, Error> {
        let look = self.look(0).ok_or(Error::NothingYet)?;
        self.tell(&look, true)?;
        let Look { judged, document, .. } = look;
        let (format, lines) = (self.arguments.format, self.live.told());
        if format == Format::Text {
            output::write(Place::Standard, self.arguments.coloring.color, |_, out| writeln!(out))?;
        }
        output::write(Place::Standard, self.arguments.coloring.color, |style, out| match format {
            Format::Text => render_summary_text(&document, style, out),
            Format::Ndjson => render_summary_ndjson(&document, lines, out),
        })?;
        Ok(judged.exit(self.arguments.failing.fail_on.severity()))
    }
}
