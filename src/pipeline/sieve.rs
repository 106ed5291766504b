//! Counts frames, and sets most of a media server's aside before they are decoded.

use crate::capture::{Captures, Frame, LinkType};
use crate::endpoint::Moment;
use crate::limits::Limits;
use crate::packet::PlainUdp;
use crate::session::{Traffic, is_sip};

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
    pub(super) fn note(&mut self, frame: &Frame<'_>) {
        self.traffic.note_frame(Moment { frame: frame.number, time: frame.time });
    }

    /// Counts a frame if it is plain UDP of no interest, and says whether it is.
    pub(super) fn set_aside(&mut self, frame: &Frame<'_>) -> bool {
        let plain = PlainUdp::of(frame.link_type, self.layers);
        let Some((source, destination)) = plain.and_then(|plain| plain.ports(frame.data)) else {
            return false;
        };
        self.note(frame);
        self.traffic.note_udp(source, destination);
        true
    }

    /// Counts the frames that follow one of this link type, as long as they are plain UDP of no interest: as
    /// [`set_aside`](Self::set_aside) does one by one, at a lower cost. A function of its own, so that its loop has the
    /// registers to itself.
    #[inline(never)]
    pub(super) fn skim(&mut self, link_type: LinkType, captures: &mut Captures) {
        let Some(plain) = PlainUdp::of(link_type, self.layers) else { return };
        let mut sip = 0_u64;
        let skimmed = captures.skim(
            #[inline(always)]
            |frame| {
                let Some((source, destination)) = plain.ports(frame.data) else { return false };
                if is_sip(source, destination) {
                    sip = sip.saturating_add(1);
                }
                true
            },
        );
        self.traffic.note_skimmed(skimmed, sip);
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
