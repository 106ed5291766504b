//! Link-layer headers: what stands before the IP header (<https://www.tcpdump.org/linktypes.html>).

use super::u16_at;
use crate::capture::LinkType;

/// What a frame holds behind its link-layer header.
pub(super) enum Content<'a> {
    /// An IP datagram, of the version that its first octet says.
    Ip(&'a [u8]),
    /// Something else.
    Other,
    /// The link type is not decoded.
    Unknown,
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// IEEE 802.1Q, 802.1ad, and the tag that came before the latter.
const VLAN_TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];
/// Deeper than any network nests its tags.
const MOST_TAGS: usize = 8;

/// Takes the link-layer header off; `None` when it is cut.
pub(super) fn strip(link_type: LinkType, frame: &[u8]) -> Option<Content<'_>> {
    match link_type {
        LinkType::ETHERNET => ether_type(u16_at(frame, 12)?, frame.get(14..)?),
        LinkType::LINUX_SLL => ether_type(u16_at(frame, 14)?, frame.get(16..)?),
        LinkType::LINUX_SLL2 => ether_type(u16_at(frame, 0)?, frame.get(20..)?),
        LinkType::NULL | LinkType::LOOP => address_family(frame),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            Some(Content::Ip(frame))
        }
        _ => Some(Content::Unknown),
    }
}

fn ether_type(mut kind: u16, mut octets: &[u8]) -> Option<Content<'_>> {
    for _ in 0..MOST_TAGS {
        if !VLAN_TAGS.contains(&kind) {
            break;
        }
        kind = u16_at(octets, 2)?;
        octets = octets.get(4..)?;
    }
    Some(if matches!(kind, IPV4 | IPV6) { Content::Ip(octets) } else { Content::Other })
}

/// The address family stands in one octet of four, at whichever end the writer's byte order put it. IPv4 is 2
/// everywhere; IPv6 is 10 on Linux, 24, 28 or 30 on the BSDs and macOS.
fn address_family(frame: &[u8]) -> Option<Content<'_>> {
    let family = match frame.get(..4)? {
        [family, 0, 0, 0] | [0, 0, 0, family] => *family,
        _ => return Some(Content::Other),
    };
    let payload = frame.get(4..)?;
    Some(if matches!(family, 2 | 10 | 24 | 28 | 30) { Content::Ip(payload) } else { Content::Other })
}
