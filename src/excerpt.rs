//! Excerpts: a capture in, a smaller one out that holds what was asked for, without secrets.
//!
//! Comes in: a judged case, and its capture files once more. Goes out: a pcapng file in memory. Keeps: the frames that go
//! into it, bounded by `MOST`. It holds the frames of the connections concerned; of a connection that carries hooks of
//! others as well only those of the hooks asked for, and the segments without payload. Secrets are overwritten in place,
//! at the same length, in all copies; what cannot be cleaned is refused. Deliberately does not: judge, or write files.
//!
//! Checksums of TCP are moved on by what was overwritten, and by nothing else: a right one stays right, and one that
//! the capturing machine left to its network card stays as wrong as it was. The sum over header and payload stays what
//! it was, so that checksums of tunnels around it stay right as well.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod clean;
mod follow;
mod pcapng;
mod select;

use crate::capture::{Capture, CaptureError, Captures, LinkType};
use crate::endpoint::{ConnectionId, FrameNumber};
use crate::limits::Limits;
use crate::pipeline;
use crate::report::{Redactor, for_terminal, plain};
use crate::session::{Case, Options};
use crate::time::Timestamp;
use follow::Followed;
pub use select::{Selection, Wanted};
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;

/// Octets of frames that an excerpt holds.
const MOST: usize = 512 << 20;

/// Why there is no excerpt.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// What was asked for does not exist.
    #[error("no {0} in this capture: hookscope analyze --format json tells the ids")]
    Unknown(String),
    /// Nothing of it stands in a frame.
    #[error("nothing was captured of what was asked for")]
    Empty,
    /// Too much.
    #[error("an excerpt of more than {} MiB: ask for less", MOST >> 20)]
    TooLarge,
    /// A secret in a body that is compressed.
    #[error(
        "the body of the message that ends in frame {frame} ({what}) is compressed and holds secrets, or may hold some: \
         these cannot be overwritten in place"
    )]
    Encoded {
        /// The frame's number.
        frame: u64,
        /// The hook, or what else it is.
        what: String,
    },
    /// A datagram in fragments.
    #[error("frame {0} is a fragment of an IP datagram: secrets cannot be overwritten across fragments")]
    Fragment(u64),
    /// Octets whose place in the connection is not known.
    #[error(
        "the octets in frame {0} have no sure place in their connection: secrets in them might be overlooked"
    )]
    NoPlace(u64),
    /// A secret is left.
    #[error("a secret is left in frame {0} of the excerpt: nothing is written")]
    Left(u64),
    /// The excerpt cannot be read.
    #[error(transparent)]
    Unreadable(#[from] CaptureError),
}

/// A frame that goes into the excerpt.
#[derive(Debug)]
struct Kept {
    number: FrameNumber,
    time: Timestamp,
    link_type: LinkType,
    interface: u32,
    wire_len: u32,
    data: Vec<u8>,
    place: Option<Place>,
}

/// Where a TCP segment stands in its frame.
#[derive(Clone, Debug)]
struct Place {
    connection: ConnectionId,
    /// The sender's stream among those followed.
    stream: usize,
    sequence: u32,
    /// Where its header begins.
    header: usize,
    payload: Range<usize>,
}

/// Makes the excerpt: a pcapng file. Secrets stay only if `open`.
pub fn make(
    captures: Captures,
    case: &Case,
    selection: &Selection,
    limits: &Limits,
    open: bool,
) -> Result<Vec<u8>, Refusal> {
    let mut followed = Followed::read(captures, selection, limits)?;
    let redactor = Redactor::new(case, &(!open).into());
    if !open {
        clean::clean(&mut followed, case, &redactor)?;
    }
    followed.drop_what_others_said(case, selection);
    if followed.frames.is_empty() {
        return Err(Refusal::Empty);
    }
    let file = pcapng::write(&followed.frames, |frame| {
        let capture = case.captures.get(usize::from(frame.number.file()));
        let path = capture.map(|capture| capture.path.to_string_lossy());
        let path = path.map_or(String::new(), |path| format!(" of {}", for_terminal(&path)));
        format!("frame {}{path}", frame.number.number())
    });
    if !open {
        verify(&file, &followed.frames, &redactor, limits)?;
    }
    Ok(file)
}

/// Reads the excerpt as anybody would, and looks for secrets in it.
fn verify(file: &[u8], frames: &[Kept], redactor: &Redactor, limits: &Limits) -> Result<(), Refusal> {
    for (number, frame) in (1..).zip(frames) {
        if redactor.holds_known(&plain(&frame.data)) {
            return Err(Refusal::Left(number));
        }
    }
    let reader = Box::new(Cursor::new(file.to_vec()));
    let capture = Capture::from_reader(reader, Path::new("the excerpt"), 0, limits)?;
    let options = Options { keep_exchanges: true, list_exchanges: true, ..Options::default() };
    let case = pipeline::read(Captures::new(vec![capture]), limits, options);
    let kept = case.hooks.iter().filter_map(|record| record.exchange.as_deref());
    for exchange in kept.chain(case.exchanges.iter().map(|listed| &listed.exchange)) {
        let request = exchange.request.as_ref().map(|request| {
            let line = format!("{} {}", request.start.method, request.start.target);
            (line, &request.fields, &request.body, &request.extent)
        });
        let response = exchange.response.as_ref().map(|response| {
            (response.start.reason.clone(), &response.fields, &response.body, &response.extent)
        });
        for (line, fields, body, extent) in request.into_iter().chain(response) {
            let head = fields.iter().fold(line, |head, (name, value)| head + &format!("\r\n{name}: {value}"));
            if clean::head_shows(&head, redactor) || clean::shows(&plain(&body.octets), redactor) {
                return Err(Refusal::Left(extent.last.frame.number()));
            }
        }
    }
    Ok(())
}
