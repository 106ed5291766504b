//! A hook's moments as numbers: for renderings that calculate, exactly, where the document has them as text.

use crate::http::NoResponse;
use crate::session::HookRecord;
use crate::time::{Span, Timestamp};

/// When the parts of a hook were on the wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// The request's first octet.
    pub began: Timestamp,
    /// Its last octet: the time of Wireshark's frame of it.
    pub asked: Timestamp,
    /// The latter since the capture's first frame.
    pub relative: Span,
    /// From the request's last octet to the response's first; below zero where the response began before.
    pub wait: Option<Span>,
    /// From there to the response's last octet.
    pub receive: Option<Span>,
    /// What ended the wait for a response that did not come.
    pub ended: Option<Timestamp>,
    /// From the SYN until the connection could be used, where this is its first exchange and exchanges are kept.
    pub connect: Option<Span>,
    /// From then, or from the end of the response before, to the request's first octet, where exchanges are kept.
    pub idle: Option<Span>,
}

impl Moments {
    /// The moments of a hook in a capture that begins at `start`.
    pub(super) fn of(record: &HookRecord, start: Timestamp) -> Self {
        let phases = record.exchange.as_ref().map(|exchange| exchange.phases()).unwrap_or_default();
        let ended = record.no_response.and_then(|reason| match reason {
            NoResponse::Reset(at) | NoResponse::Closed(at) | NoResponse::GaveUp(at) => Some(at.time),
            // The others do not end the wait: only the capture ends, or something else came.
            _ => None,
        });
        Self {
            began: record.first.time,
            asked: record.last.time,
            relative: record.last.time.since(start),
            wait: record.ttfb(),
            receive: record.answer.as_ref().map(|answer| answer.last.time.since(answer.first.time)),
            ended,
            connect: phases.connect,
            idle: phases.idle,
        }
    }
}
