//! Every bound on memory, in one place. Reaching one is counted as a fact and reported, never silent.

use crate::time::Span;

/// The bounds of all stages.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many threads share the work; the result is the same for any number.
    pub threads: usize,
    /// Octets of one record or block of a capture file; a larger claim is taken for damage.
    pub record: usize,
    /// The longest window of a capture compressed with zstd, as a power of two: octets that its decoder keeps.
    pub zstd_window_log: u32,
    /// Octets of all captures of one archive, unpacked; what stands behind is not looked at.
    pub archive_octets: u64,
    /// Entries of an archive; further ones are not looked at.
    pub archive_entries: usize,
    /// Octets of an archive's header of one entry, long names included.
    pub archive_header: u64,
    /// Headers of one frame that are taken off, tunnels within tunnels.
    pub layers: u32,
    /// Octets of IP fragments held until their datagrams are complete; beyond it, the oldest are given up.
    pub fragments: usize,
    /// Connections tracked at once; beyond it, those idle for longest are closed as evicted.
    pub connections: usize,
    /// Out-of-order octets held for one direction of a connection; beyond it, the gap is passed on.
    pub reorder_octets: usize,
    /// Capture time for which octets that the peer acknowledged, but that the capture does not hold (yet), are
    /// waited for.
    pub reorder_wait: Span,
    /// Octets of a TLS handshake message; a longer one is not read.
    pub handshake: usize,
    /// Octets of an HTTP message's head; a longer one is passed over.
    pub head: usize,
    /// Octets of a body that are kept, before and after decoding; the rest is counted.
    pub body: usize,
    /// Exchanges of one connection that wait for their partner.
    pub pending: usize,
    /// Hooks kept; further ones are counted only.
    pub hooks: usize,
    /// Exchanges listed; further ones are counted only.
    pub exchanges: usize,
    /// Addresses to which connection attempts failed.
    pub attempts: usize,
    /// Calls of the REST API kept.
    pub rest_api_calls: usize,
    /// Connections with TLS kept.
    pub tls_connections: usize,
    /// Names whose lookups are kept.
    pub lookups: usize,
    /// Frames listed for one message, fact or finding.
    pub frames: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threads: 1,
            record: 16 << 20,
            zstd_window_log: if usize::BITS > 32 { 31 } else { 30 },
            archive_octets: 64 << 30,
            archive_entries: 100_000,
            archive_header: 64 << 10,
            layers: 32,
            fragments: 4 << 20,
            connections: 65_536,
            reorder_octets: 1 << 20,
            reorder_wait: Span::from_seconds(1),
            handshake: 64 << 10,
            head: 256 << 10,
            body: 1 << 20,
            pending: 1_024,
            hooks: 1_000_000,
            exchanges: 1_000_000,
            attempts: 4_096,
            rest_api_calls: 100_000,
            tls_connections: 4_096,
            lookups: 4_096,
            frames: 64,
        }
    }
}

/// The names of limits, as facts and reports call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// [`Limits::layers`].
    Layers,
    /// [`Limits::fragments`].
    Fragments,
    /// [`Limits::connections`].
    Connections,
    /// [`Limits::reorder_octets`].
    ReorderOctets,
    /// [`Limits::head`].
    Head,
    /// [`Limits::body`].
    Body,
    /// [`Limits::pending`].
    Pending,
    /// [`Limits::hooks`].
    Hooks,
    /// [`Limits::exchanges`].
    Exchanges,
    /// [`Limits::attempts`].
    Attempts,
    /// [`Limits::rest_api_calls`].
    RestApiCalls,
    /// [`Limits::tls_connections`].
    TlsConnections,
    /// [`Limits::lookups`].
    Lookups,
}

impl Limit {
    /// What was lost beyond the limit, for people.
    pub const fn loss(self) -> &'static str {
        match self {
            Self::Layers => "frames were not decoded: too many headers within each other",
            Self::Fragments => "IP datagrams were given up before all their fragments had come",
            Self::Connections => "connections were closed as evicted",
            Self::ReorderOctets => "gaps were passed on before they could be filled",
            Self::Head => "HTTP heads were too long and passed over",
            Self::Body => "bodies were kept in part only",
            Self::Pending => "exchanges were given up unpaired",
            Self::Hooks => "hooks were counted only",
            Self::Exchanges => "HTTP exchanges were counted only",
            Self::Attempts => "failed connection attempts were counted only",
            Self::RestApiCalls => "REST API calls were counted only",
            Self::TlsConnections => "connections with TLS were counted only",
            Self::Lookups => "lookups of names were counted only",
        }
    }
}
