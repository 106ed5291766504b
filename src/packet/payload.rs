//! What stands behind a header.

/// Octets of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload<'a> {
    /// Those that were captured.
    pub(super) octets: &'a [u8],
    /// How many there were on the wire, trailers of lower layers included.
    pub(super) on_wire: usize,
}

impl Payload<'_> {
    /// What stands behind the first `length` octets; `None` when these are cut.
    pub(super) fn skip(self, length: usize) -> Option<Self> {
        let octets = self.octets.get(length..)?;
        Some(Self { octets, on_wire: self.on_wire.saturating_sub(length) })
    }

    /// Without what stands behind the first `length` octets.
    pub(super) fn cut_to(self, length: usize) -> Self {
        Self { octets: self.octets.get(..length).unwrap_or(self.octets), on_wire: length }
    }

    /// The octet at an offset.
    pub(super) fn u8(self, at: usize) -> Option<u8> {
        self.octets.get(at).copied()
    }

    /// Two octets in network byte order.
    pub(super) fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(self.array(at)?))
    }

    /// Two octets, the low one first.
    pub(super) fn u16_le(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.array(at)?))
    }

    /// Four octets in network byte order.
    pub(super) fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.array(at)?))
    }

    /// As many octets as the result has.
    pub(super) fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.octets.get(at..at.checked_add(N)?)?.try_into().ok()
    }
}
