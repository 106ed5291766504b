//! Counts frames, and sets most of a media server's aside before they are decoded.

use crate::capture::Frame;
use crate::endpoint::Moment;
use crate::limits::Limits;
use crate::packet;
use crate::session::Traffic;

/// Counts frames, and tells those that are nothing but counted.
#[derive(Clone)]
pub(super) struct Sieve {
    /// Layers that a packet may have.
    layers: u32,
    traffic: Traffic,
}

impl Sieve {
    /// Starts with nothing seen.
    pub(super) fn new(limits: &Limits) -> Self {
        Self { layers: limits.layers, traffic: Traffic::default() }
    }

    /// Counts a frame.
    #[inline]
    pub(super) fn note(&mut self, frame: &Frame<'_>) {
        self.traffic.note_frame(Moment { frame: frame.number, time: frame.time });
    }

    /// Counts a frame if it is plain UDP of no interest, and says whether it is.
    #[inline]
    pub(super) fn set_aside(&mut self, frame: &Frame<'_>) -> bool {
        let Some((source, destination)) = packet::plain_udp(frame, self.layers) else { return false };
        self.note(frame);
        self.traffic.note_udp(source, destination);
        true
    }

    /// The traffic of which the frames were counted here, and of those that were decoded the rest.
    pub(super) fn finish(self, mut decoded: Traffic) -> Traffic {
        let Traffic { frames, first, last, udp, sip, .. } = self.traffic;
        (decoded.frames, decoded.first, decoded.last) = (frames, first, last);
        decoded.udp = decoded.udp.saturating_add(udp);
        decoded.sip = decoded.sip.saturating_add(sip);
        decoded
    }
}
