//! Link-layer headers: what stands before the IP header (<https://www.tcpdump.org/linktypes.html>).

use super::{Aside, Layer, Payload, Step, network, tunnel, wireless};
use crate::capture::LinkType;
use crate::endpoint::Moment;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const VLAN: u16 = 0x8100;
/// Lower values of the type field are a length, and LLC follows (IEEE 802.3, section 3.2.6).
const LOWEST_TYPE: u16 = 0x0600;

/// The first layer of frames of a link type; `None` where it is not decoded.
pub(super) fn layer(link_type: LinkType) -> Option<Layer> {
    Some(match link_type {
        LinkType::ETHERNET => ethernet,
        LinkType::LINUX_SLL => |frame, _| ether_type(frame.u16(14)?, frame.skip(16)?),
        LinkType::LINUX_SLL2 => |frame, _| ether_type(frame.u16(0)?, frame.skip(20)?),
        LinkType::NULL | LinkType::LOOP => address_family,
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            network::ip
        }
        LinkType::PPP | LinkType::PPP_HDLC => ppp,
        LinkType::PPP_WITH_DIRECTION => |frame, at| ppp(frame.skip(1)?, at),
        LinkType::PPP_ETHER => tunnel::pppoe,
        LinkType::IEEE802_11 => wireless::ieee802_11,
        LinkType::IEEE802_11_RADIOTAP => wireless::radiotap,
        LinkType::PPI => wireless::ppi,
        LinkType::NFLOG => nflog,
        _ => return None,
    })
}

/// Where an IP datagram stands in frames of a link type, behind no more than a plain header and one tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    /// Where the `EtherType` is, if there is one.
    ether_type: Option<usize>,
    /// Octets of the header.
    header: usize,
}

impl Plain {
    /// That of a link type; `None` where it has no such header.
    pub(super) const fn of(link_type: LinkType) -> Option<Self> {
        let (ether_type, header) = match link_type {
            LinkType::ETHERNET => (Some(12), 14),
            LinkType::LINUX_SLL => (Some(14), 16),
            LinkType::LINUX_SLL2 => (Some(0), 20),
            LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
                (None, 0)
            }
            _ => return None,
        };
        Some(Self { ether_type, header })
    }

    /// The datagram in a frame.
    #[inline]
    pub(super) fn datagram(self, frame: &[u8]) -> Option<&[u8]> {
        let payload = frame.get(self.header..)?;
        let Some(place) = self.ether_type else { return Some(payload) };
        match u16::from_be_bytes(*frame.get(place..)?.first_chunk()?) {
            IPV4 | IPV6 => Some(payload),
            VLAN => match payload {
                [_, _, high, low, datagram @ ..] => {
                    matches!(u16::from_be_bytes([*high, *low]), IPV4 | IPV6).then_some(datagram)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Ethernet (IEEE 802.3).
pub(super) fn ethernet(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    ether_type(frame.u16(12)?, frame.skip(14)?)
}

/// What an `EtherType` says.
pub(super) fn ether_type(kind: u16, payload: Payload<'_>) -> Option<Step<'_>> {
    Some(match kind {
        IPV4 | IPV6 => Step::Into(network::ip, payload),
        // IEEE 802.1Q, 802.1ad, and the tags that came before the latter.
        VLAN | 0x88a8 | 0x9100 | 0x9200 => Step::Into(tag, payload),
        // IEEE 802.1ah: a service instance tag, and the customer's frame.
        0x88e7 => Step::Into(ethernet, payload.skip(4)?),
        0x6558 => Step::Into(ethernet, payload),
        0x8847 | 0x8848 => Step::Into(tunnel::mpls, payload),
        0x8864 => Step::Into(tunnel::pppoe, payload),
        0x880b => Step::Into(ppp, payload),
        // Linux "cooked" captures write 4 for 802.2 frames, Ethernet their length.
        4..LOWEST_TYPE => Step::Into(llc, payload),
        _ => Step::aside(Aside::NotIp),
    })
}

fn tag(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    ether_type(payload.u16(2)?, payload.skip(4)?)
}

/// LLC with SNAP (IEEE 802.2; RFC 1042).
pub(super) fn llc(payload: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    match payload.octets {
        [0xaa, 0xaa, 3, 0, 0, 0 | 0xf8, ..] => ether_type(payload.u16(6)?, payload.skip(8)?),
        _ => Some(Step::aside(Aside::NotIp)),
    }
}

/// The address family stands in one octet of four, at whichever end the writer's byte order put it. IPv4 is 2
/// everywhere; IPv6 is 10 on Linux, 24, 28 or 30 on the BSDs and macOS.
fn address_family(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let family = match frame.array::<4>(0)? {
        [family, 0, 0, 0] | [0, 0, 0, family] => family,
        _ => 0,
    };
    let payload = frame.skip(4)?;
    Some(match family {
        2 | 10 | 24 | 28 | 30 => Step::Into(network::ip, payload),
        _ => Step::aside(Aside::NotIp),
    })
}

/// PPP, with or without address and control fields, the protocol compressed or not (RFC 1661, section 2; RFC 1662).
pub(super) fn ppp(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    let frame = if frame.octets.starts_with(&[0xff, 3]) { frame.skip(2)? } else { frame };
    let first = frame.u8(0)?;
    let (protocol, payload) =
        if first & 1 == 1 { (first.into(), frame.skip(1)?) } else { (frame.u16(0)?, frame.skip(2)?) };
    Some(match protocol {
        0x0021 | 0x0057 => Step::Into(network::ip, payload),
        0x0281 => Step::Into(tunnel::mpls, payload),
        _ => Step::aside(Aside::NotIp),
    })
}

/// Packets logged by Linux's netfilter: attributes, of which one is the packet.
fn nflog(frame: Payload<'_>, _: Moment) -> Option<Step<'_>> {
    const HEADER: usize = 4;
    const PAYLOAD: u16 = 9;
    let mut attributes = frame.skip(HEADER)?;
    loop {
        // In the capturing machine's byte order, which the format does not tell: little endian nearly everywhere.
        let (length, kind) = (usize::from(attributes.u16_le(0)?), attributes.u16_le(2)?);
        if kind == PAYLOAD {
            return Some(Step::Into(network::ip, attributes.skip(4)?));
        }
        attributes = attributes.skip(length.next_multiple_of(4).max(4))?;
    }
}
