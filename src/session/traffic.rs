//! What a capture holds beside hooks, counted.

use crate::capture::Skimmed;
use crate::endpoint::Moment;
use crate::http::Emitted;

/// Ports of SIP, but for the lowest bit.
const SIP: u16 = 5060;

/// What a capture holds, counted.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Frames.
    pub frames: u64,
    /// The first frame in file order: relative times count from it.
    pub first: Option<Moment>,
    /// The latest time of any frame.
    pub last: Option<Moment>,
    /// TCP segments.
    pub tcp: u64,
    /// UDP datagrams.
    pub udp: u64,
    /// UDP datagrams from or to a port of SIP.
    pub sip: u64,
    /// Other packets: ARP, ICMP and the like.
    pub other: u64,
    /// TCP connections.
    pub connections: u64,
    /// Those of them that begin with a TLS record.
    pub tls_connections: u64,
    /// HTTP exchanges.
    pub http: Emitted,
}

impl Traffic {
    /// Counts a frame.
    pub fn note_frame(&mut self, at: Moment) {
        self.frames = self.frames.saturating_add(1);
        self.first.get_or_insert(at);
        self.note_time(at);
    }

    /// Counts a UDP datagram.
    pub fn note_udp(&mut self, source: u16, destination: u16) {
        self.udp = self.udp.saturating_add(1);
        self.sip = self.sip.saturating_add(is_sip(source, destination).into());
    }

    /// Counts frames that each hold a UDP datagram, `sip` of them of SIP. The first frame of all is none of them.
    pub fn note_skimmed(&mut self, skimmed: Skimmed, sip: u64) {
        let Skimmed { frames, latest } = skimmed;
        self.frames = self.frames.saturating_add(frames);
        self.udp = self.udp.saturating_add(frames);
        self.sip = self.sip.saturating_add(sip);
        if let Some(at) = latest {
            self.note_time(at);
        }
    }

    fn note_time(&mut self, at: Moment) {
        if self.last.is_none_or(|last| last.time <= at.time) {
            self.last = Some(at);
        }
    }
}

/// Whether a datagram goes from or to a port of SIP.
#[inline]
pub const fn is_sip(source: u16, destination: u16) -> bool {
    let lower = if source < destination { source } else { destination };
    lower <= SIP | 1 && (source & !1 == SIP || destination & !1 == SIP)
}
