//! Packets: decoding ends, invents no octets, and what is set aside early is what decoding sets aside.

use crate::script::Script;
use hookscope::capture::{Frame, LinkType};
use hookscope::endpoint::FrameNumber;
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::packet::{Aside, Packet, Packets, PlainUdp};
use hookscope::time::Timestamp;

/// Those that are decoded; an input may name others by their numbers.
const KNOWN: [LinkType; 18] = [
    LinkType::ETHERNET,
    LinkType::NULL,
    LinkType::PPP,
    LinkType::RAW_BSD,
    LinkType::RAW_OPENBSD,
    LinkType::PPP_HDLC,
    LinkType::PPP_ETHER,
    LinkType::RAW,
    LinkType::IEEE802_11,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::IEEE802_11_RADIOTAP,
    LinkType::PPI,
    LinkType::PPP_WITH_DIRECTION,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NFLOG,
    LinkType::LINUX_SLL2,
];

/// The number of a link type in inputs.
pub(crate) fn kind(link_type: LinkType) -> u8 {
    let place = KNOWN.iter().position(|known| *known == link_type);
    u8::try_from(place.unwrap_or(link_type.0.into())).unwrap_or(u8::MAX)
}

/// Checks frames: of each its link type (an octet), how many octets of it were cut (one), its length (two) and its octets.
pub fn check(input: &[u8]) {
    let mut script = Script::new(input);
    let limits = Limits { fragments: 4_096, ..Limits::default() };
    let mut packets = Packets::new(&limits);
    let mut held = 0;
    let mut facts = Facts::default();
    let mut number = 0;
    while !script.is_over() {
        number += 1;
        let kind = script.octet();
        let link_type = KNOWN.get(usize::from(kind)).copied().unwrap_or(LinkType(kind.into()));
        let cut = u32::from(script.octet());
        let length = usize::from(script.word());
        let data = script.octets(length);
        let frame = Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp::from_nanoseconds(i64::try_from(number).unwrap_or_default()),
            link_type,
            interface: 0,
            wire_len: u32::try_from(data.len()).unwrap_or_default().saturating_add(cut),
            data,
        };
        held += data.len();
        push(&mut packets, &frame, held, &mut facts);
    }
    packets.finish(&mut facts);
}

fn push(packets: &mut Packets, frame: &Frame<'_>, held: usize, facts: &mut Facts) {
    let plain = PlainUdp::of(frame.link_type, Limits::default().layers);
    let told = plain.and_then(|plain| plain.ports(frame.data));
    let (mut emitted, mut aside) = (0, None);
    packets.push(frame, facts, &mut |packet, _| {
        emitted += 1;
        match packet {
            Packet::Tcp(segment) => {
                let payload = segment.payload.len();
                assert!(payload <= held, "{payload} octets out of {held}");
                assert!(payload <= segment.payload_len as usize, "more octets than there are on the wire");
                assert_eq!(segment.frame, frame.number);
            }
            Packet::Aside(what) => aside = Some(what),
            Packet::Unreachable(_) | Packet::Dns(_) => {}
        }
    });
    assert!(emitted <= 2, "a frame and the datagram that it completes: {emitted}");
    if let Some((source, destination)) = told {
        assert_eq!((emitted, aside), (1, Some(Aside::Udp(source, destination))));
    }
}
