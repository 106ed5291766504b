//! IEEE 802.11 data frames, and the headers that capturing adds to them.

use super::{Aside, Payload, Step, link};
use crate::capture::LinkType;
use crate::endpoint::Moment;

/// Octets of a header with three addresses (IEEE 802.11, section 9.3.2.1).
const HEADER: usize = 24;

/// Radiotap: measurements, and the length of all of them (<https://www.radiotap.org>).
pub(super) fn radiotap(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let length = frame.u16_le(2)?;
    Some(Step::Into(ieee802_11, frame.skip(length.into())?))
}

/// Per-packet information: measurements, and the link type of what follows (CACE PPI 1.0.10).
pub(super) fn ppi(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let (length, link_type) = (frame.u16_le(2)?, LinkType(frame.u16_le(4)?));
    Some(match link::layer(link_type).filter(|_| link_type != LinkType::PPI) {
        Some(layer) => Step::Into(layer, frame.skip(length.into())?),
        None => Step::aside(Aside::UnknownLinkType(link_type)),
    })
}

/// A frame of which only data that is not encrypted is decoded (IEEE 802.11, section 9.2.4.1).
pub(super) fn ieee802_11(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let [kind, flags] = frame.array(0)?;
    let is_data = kind & 0x0c == 0x08 && kind & 0x40 == 0;
    let is_protected = flags & 0x40 != 0;
    if !is_data || is_protected {
        return Some(Step::aside(Aside::NotIp));
    }
    let fourth_address = if flags & 0x03 == 0x03 { 6 } else { 0 };
    let (has_qos, has_ht_control) = (kind & 0x80 != 0, flags & 0x80 != 0);
    let behind = frame.skip(HEADER)?.skip(fourth_address)?;
    let qos = match (has_qos, has_ht_control) {
        (false, _) => 0,
        (true, false) => 2,
        (true, true) => 6,
    };
    // Several frames in one (A-MSDU): the first is decoded, behind its addresses and length.
    let aggregated = if has_qos && behind.u8(0)? & 0x80 != 0 { 14 } else { 0 };
    Some(Step::Into(link::llc, behind.skip(qos)?.skip(aggregated)?))
}
