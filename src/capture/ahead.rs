//! Reading and decompression on a thread of its own, ahead of who reads what comes of it.
//!
//! Octets go from the one to the other in buffers that come back: as many as the channel holds, and one at either end.
//! Whoever reads takes a buffer as it is, with what he has left of the one before in the room in front.

use super::decoder::{Decoder, Refused, Sniffed};
use crate::limits::Limits;
use std::io::{self, Read};
use std::mem;
use std::ops::Range;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TryRecvError};
use std::thread::{self, JoinHandle};

/// Octets of a buffer.
const PIECE: usize = 256 << 10;
/// Room before them for what is left of the buffer before: more than most records.
const ROOM: usize = 64 << 10;
/// Buffers on their way.
const PIECES: usize = 2;

/// What the decoder made.
enum Message {
    /// Whether it could begin at all.
    Begun(Result<(), Refused>),
    /// The next octets, and how the input ended if it did.
    Piece(Vec<u8>, Option<io::Result<()>>),
}

/// What a decoder makes on another thread.
pub(super) struct Ahead {
    /// Buffers that were read. Dropped before the other end, which tells the decoder that nobody wants the rest.
    empty: Sender<Vec<u8>>,
    full: Receiver<Message>,
    /// A buffer, its room in front.
    piece: Vec<u8>,
    /// Where in the buffer stands what was not read.
    at: usize,
    /// How the input ended behind the piece.
    end: Option<io::Result<()>>,
    worker: JoinHandle<Option<String>>,
}

impl Ahead {
    /// Begins to decode.
    pub(super) fn new<R: Read + Send + 'static>(input: Sniffed<R>, limits: &Limits) -> Result<Self, Refused> {
        let (made, full) = mpsc::sync_channel(PIECES);
        let (empty, returned) = mpsc::channel();
        let limits = limits.clone();
        let work = move || Worker { full: made, empty: returned }.run(input.boxed(), &limits);
        let worker = thread::Builder::new().name("decoder".to_owned()).spawn(work);
        let worker = worker.map_err(Refused::Unreadable)?;
        let Ok(Message::Begun(begun)) = full.recv() else { return Err(Refused::Unreadable(ended())) };
        begun?;
        Ok(Self { empty, full, piece: Vec::new(), at: 0, end: None, worker })
    }

    /// Ends, and returns the hexadecimal SHA-256 of the whole file, unless it is too long for that.
    pub(super) fn sha256(self) -> Option<String> {
        let Self { empty, full, worker, .. } = self;
        // Nothing more is read, but the digest is wanted: that much is said by what is still open.
        drop(full);
        let digest = worker.join().ok().flatten();
        drop(empty);
        digest
    }

    /// Puts the next octets into the place of a window, behind the part of it that is still wanted, and returns where they
    /// stand with that part; `None` at the end, or where there is not that much room.
    pub(super) fn exchange(&mut self, window: &mut Vec<u8>, wanted: Range<usize>) -> Option<Range<usize>> {
        if !self.has_more() {
            return None;
        }
        let start = self.at.checked_sub(wanted.len())?;
        self.piece.get_mut(start..self.at)?.copy_from_slice(window.get(wanted)?);
        mem::swap(window, &mut self.piece);
        self.at = self.piece.len();
        Some(start..window.len())
    }

    /// Whether there are octets at hand, or come.
    fn has_more(&mut self) -> bool {
        while self.at == self.piece.len() {
            if self.end.is_some() {
                return false;
            }
            // At the end nobody takes them.
            drop(self.empty.send(mem::take(&mut self.piece)));
            match self.full.recv() {
                Ok(Message::Piece(piece, end)) => {
                    self.at = ROOM.min(piece.len());
                    (self.piece, self.end) = (piece, end);
                }
                Ok(Message::Begun(_)) | Err(_) => (self.at, self.end) = (0, Some(Err(ended()))),
            }
        }
        true
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.has_more() {
            // Whoever asks again is told again that there is no more.
            return self.end.replace(Ok(())).unwrap_or(Ok(())).map(|()| 0);
        }
        let count = self.piece.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at = self.at.saturating_add(count);
        Ok(count)
    }
}

fn ended() -> io::Error {
    io::Error::other("the decoder ended early")
}

/// The decoder's end.
struct Worker {
    full: SyncSender<Message>,
    empty: Receiver<Vec<u8>>,
}

impl Worker {
    /// Decodes as far as it is wanted, and returns the file's digest if that is.
    fn run(self, input: Sniffed, limits: &Limits) -> Option<String> {
        let mut decoder = match Decoder::of(input, limits) {
            Ok(decoder) => decoder,
            Err(refused) => {
                // Who began it waits for this.
                drop(self.full.send(Message::Begun(Err(refused))));
                return None;
            }
        };
        self.full.send(Message::Begun(Ok(()))).ok()?;
        loop {
            let (piece, end) = fill(&mut decoder, self.empty.try_recv().unwrap_or_default());
            let is_end = end.is_some();
            let is_wanted = self.full.send(Message::Piece(piece, end)).is_ok();
            if !is_wanted && matches!(self.empty.try_recv(), Err(TryRecvError::Disconnected)) {
                return None;
            }
            if is_end || !is_wanted {
                return decoder.sha256();
            }
        }
    }
}

/// Fills a buffer, and says how the input ended if it did.
fn fill(decoder: &mut Decoder, mut piece: Vec<u8>) -> (Vec<u8>, Option<io::Result<()>>) {
    const LENGTH: usize = ROOM + PIECE;
    if piece.capacity() > LENGTH {
        // It grew for a large record, and would not shrink again.
        piece = Vec::new();
    }
    piece.resize(LENGTH, 0);
    let mut filled = ROOM;
    let end = loop {
        let Some(space) = piece.get_mut(filled..).filter(|space| !space.is_empty()) else { break None };
        match decoder.read(space) {
            Ok(0) => break Some(Ok(())),
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(Err(error)),
        }
    };
    piece.truncate(filled);
    (piece, end)
}
