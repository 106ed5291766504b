//! How a direction of a connection ended, as far as its exchanges are concerned.

use super::message::Request;
use crate::endpoint::Moment;
use crate::tcp::End;

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
                // One that takes back what was acknowledged before is out of its place.
                self.received = received.filter(|received| *received >= acknowledged);
            }
            End::Reset if self.reset.is_none() => self.reset = Some(at),
            End::Fin | End::Reset => {}
        }
    }

    pub(super) fn first(&self) -> Option<Moment> {
        Moment::first_of([self.fin, self.reset].into_iter().flatten())
    }

    /// The FIN, where it was sent before any octet of a request had arrived, though it was captured behind it.
    pub(super) fn crossing(&self, request: &Request) -> Option<Moment> {
        self.fin.filter(|_| self.received.is_some_and(|received| received <= request.extent.octets.start))
    }
}
