//! How a direction of a connection ended, as far as its exchanges are concerned.

use super::message::Request;
use crate::endpoint::Moment;
use crate::tcp::End;
use crate::time::Span;

/// How soon a FIN comes that crosses a request.
const AT_ONCE: Span = Span::from_milliseconds(500);

/// How a direction ended.
#[derive(Clone, Copy, Default)]
pub(super) struct Ends {
    pub(super) fin: Option<Moment>,
    pub(super) reset: Option<Moment>,
    /// How many octets of the other side had been received when the FIN was sent, where that is known.
    received: Option<u64>,
}

impl Ends {
    /// Takes in an end, and what it says of the other side's octets, of which so many are known to have been received.
    pub(super) fn note(&mut self, how: End, at: Moment, received: Option<u64>, acknowledged: u64) {
        match how {
            End::Fin if self.fin.is_none() => {
                self.fin = Some(at);
                // One that takes back what was acknowledged before is out of its place, and proves nothing.
                let in_place = |received| if received < acknowledged { u64::MAX } else { received };
                self.received = received.map(in_place);
            }
            End::Reset if self.reset.is_none() => self.reset = Some(at),
            End::Fin | End::Reset => {}
        }
    }

    pub(super) fn first(&self) -> Option<Moment> {
        Moment::first_of([self.fin, self.reset].into_iter().flatten())
    }

    /// Whether the FIN, and all that came before it, was sent before any octet of a request had arrived: nothing of it can
    /// be an answer.
    pub(super) fn cross(&self, request: &Request) -> bool {
        self.fin.is_some() && self.received.is_some_and(|received| received <= request.extent.octets.start)
    }

    /// The FIN, where it was sent before any octet of a request had arrived, though it was captured behind it. One that was
    /// not captured, but acknowledged, does not tell: it may have been where it came at once, before anything said that
    /// the request had arrived.
    pub(super) fn crossing(&self, request: &Request, acknowledged: Option<Moment>) -> Option<Moment> {
        let extent = &request.extent;
        self.fin.filter(|fin| match self.received {
            Some(_) => self.cross(request),
            None => {
                acknowledged.is_none_or(|at| !at.is_before(*fin))
                    && fin.time.since(extent.last.time) < AT_ONCE
            }
        })
    }
}
