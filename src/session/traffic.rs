//! What a capture holds beside hooks, counted.

use crate::endpoint::Moment;
use crate::http::Protocols;

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
    /// What they carry.
    pub protocols: Protocols,
    /// HTTP exchanges that ended in another protocol: a browser's WebSocket to WCS.
    pub upgrades: u64,
    /// HTTP exchanges with a request.
    pub exchanges: u64,
    /// HTTP responses whose request was not captured.
    pub orphans: u64,
}

impl Traffic {
    /// Counts a frame.
    #[inline]
    pub fn note_frame(&mut self, at: Moment) {
        self.frames = self.frames.saturating_add(1);
        self.first.get_or_insert(at);
        if self.last.is_none_or(|last| last.time <= at.time) {
            self.last = Some(at);
        }
    }

    /// Counts a UDP datagram.
    #[inline]
    pub fn note_udp(&mut self, source: u16, destination: u16) {
        self.udp = self.udp.saturating_add(1);
        let is_sip = source & !1 == SIP || destination & !1 == SIP;
        self.sip = self.sip.saturating_add(is_sip.into());
    }
}
