//! Protocols that carry packets inside packets.

use super::{Aside, Layer, Packet, Payload, Step, link, network, wireless};
use crate::endpoint::Moment;

/// MPLS labels, up to the bottom of the stack (RFC 3032, section 2.1).
pub(super) fn mpls(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let is_bottom = payload.u8(2)? & 1 == 1;
    let inner = payload.skip(4)?;
    if !is_bottom {
        return Some(Step::Into(mpls, inner));
    }
    // What is carried has no field of its own (RFC 4928, section 3): IP's version, or a control word before Ethernet.
    Some(match inner.u8(0)? >> 4 {
        4 | 6 => Step::Into(network::ip, inner),
        0 => Step::Into(link::ethernet, inner.skip(4)?),
        _ => Step::aside(Aside::NotIp),
    })
}

/// PPP over Ethernet, session stage (RFC 2516, section 4).
pub(super) fn pppoe(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    Some(Step::Into(link::ppp, payload.skip(6)?))
}

/// GRE (RFC 2784, RFC 2890), also the version of PPTP (RFC 2637, section 4.1).
pub(super) fn gre(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let (flags, protocol) = (payload.u16(0)?, payload.u16(2)?);
    let is_pptp = flags & 0x0007 == 1;
    let fields = [(0xc000, true), (0x2000, true), (0x1000, true), (0x0080, is_pptp)];
    let present = fields.into_iter().filter(|(bit, is_used)| flags & bit != 0 && *is_used);
    let inner = present.fold(payload.skip(4), |inner, _| inner?.skip(4))?;
    let has_sequence = flags & 0x1000 != 0;
    Some(match protocol {
        // ERSPAN type II has a header of its own, type I has none (draft-foschiano-erspan-03, sections 4.1, 4.2).
        0x88be => Step::Into(link::ethernet, inner.skip(if has_sequence { 8 } else { 0 })?),
        0x22eb => Step::Into(erspan_iii, inner),
        // Aruba's access points.
        0x8200..=0x83ff | 0x9000 => Step::Into(wireless::ieee802_11, inner),
        _ => return link::ether_type(protocol, inner),
    })
}

/// ERSPAN type III (draft-foschiano-erspan-03, section 4.3).
fn erspan_iii(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let has_platform_header = payload.u8(11)? & 1 == 1;
    Some(Step::Into(link::ethernet, payload.skip(if has_platform_header { 20 } else { 12 })?))
}

/// The highest port of those that are looked at, tunnels' and DNS's.
pub(super) const HIGHEST_PORT: u16 = 8472;

/// The tunnels that run over UDP, by the port that they are sent to.
#[inline]
pub(super) fn over_udp(port: u16) -> Option<Layer> {
    Some(match port {
        // By IANA, and as Linux had it before.
        4789 | 8472 => vxlan,
        6081 => geneve,
        4754 => gre,
        2152 => gtp,
        1701 => l2tp,
        _ => return None,
    })
}

/// VXLAN (RFC 7348, section 5).
fn vxlan(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let is_valid = payload.u8(0)? & 0x08 != 0 && payload.u8(7)? == 0;
    is_valid.then_some(Step::Into(link::ethernet, payload.skip(8)?))
}

/// Geneve (RFC 8926, section 3.4).
fn geneve(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let first = payload.u8(0)?;
    let options = usize::from(first & 0x3f) * 4;
    if first >> 6 != 0 {
        return None;
    }
    link::ether_type(payload.u16(2)?, payload.skip(8)?.skip(options)?)
}

/// The user plane of GTP version 1 (3GPP TS 29.281, section 5).
fn gtp(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    const USER_DATA: u8 = 255;
    let [flags, kind] = payload.array(0)?;
    let is_version_1 = flags >> 4 == 3;
    if !is_version_1 || kind != USER_DATA {
        return Some(Step::aside(Aside::OtherIp));
    }
    if flags.trailing_zeros() >= 3 {
        return Some(Step::Into(network::ip, payload.skip(8)?));
    }
    let (mut next, mut inner) = (payload.u8(11)?, payload.skip(12)?);
    while next != 0 {
        let length = usize::from(inner.u8(0)?) * 4;
        next = inner.u8(length.checked_sub(1)?)?;
        inner = inner.skip(length)?;
    }
    Some(Step::Into(network::ip, inner))
}

/// L2TP version 2, data messages (RFC 2661, section 3.1).
fn l2tp(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let flags = payload.u16(0)?;
    if flags & 0x0007 != 2 || flags & 0x8000 != 0 {
        return Some(Step::aside(Aside::OtherIp));
    }
    let has = |bit: u16, length: usize| if flags & bit != 0 { length } else { 0 };
    let mut inner = payload.skip(6)?.skip(has(0x4000, 2))?.skip(has(0x0800, 4))?;
    if flags & 0x0200 != 0 {
        inner = inner.skip(2)?.skip(inner.u16(0)?.into())?;
    }
    Some(Step::Into(link::ppp, inner))
}

/// A UDP datagram: a tunnel, or set aside by its ports.
pub(super) fn udp(ports: (u16, u16), payload: Option<Payload<'_>>, at: Moment) -> Step<'_> {
    let aside = Step::Packet(Packet::Aside(Aside::Udp(ports.0, ports.1)));
    let inner = || over_udp(ports.1)?(payload?, at);
    inner().unwrap_or(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::dns;

    #[test]
    fn no_higher_port_is_looked_at() {
        assert!(over_udp(HIGHEST_PORT).is_some() && dns::PORT < HIGHEST_PORT);
        assert!((HIGHEST_PORT + 1..=u16::MAX).all(|port| over_udp(port).is_none()));
    }
}
