//! IP fragments: whatever their order, and however often they come, they are the datagram that was sent.

use crate::script::Script;
use crate::support::builder::packet::{Segment, tcp};
use hookscope::capture::{Frame, LinkType};
use hookscope::endpoint::FrameNumber;
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::packet::{Packet, Packets};
use hookscope::time::Timestamp;

/// Octets of an IPv4 header without options, and of an IPv6 one.
const HEADERS: [usize; 2] = [20, 40];

/// A datagram's payload from an offset on, as a fragment.
fn fragment(datagram: &[u8], is_v6: bool, from: usize, until: usize) -> Vec<u8> {
    let header = HEADERS[usize::from(is_v6)];
    let payload = &datagram[header..];
    let more = u16::from(until < payload.len());
    let place = u16::try_from(from).unwrap();
    let mut octets = datagram[..header].to_vec();
    let part = &payload[from..until];
    if is_v6 {
        let length = u16::try_from(8 + part.len()).unwrap().to_be_bytes();
        octets[4..6].copy_from_slice(&length);
        let next = std::mem::replace(&mut octets[6], 44);
        octets.extend([next, 0]);
        octets.extend((place | more).to_be_bytes());
        octets.extend([0, 0, 0, 7]);
    } else {
        let length = u16::try_from(header + part.len()).unwrap().to_be_bytes();
        octets[2..4].copy_from_slice(&length);
        octets[6..8].copy_from_slice(&((place / 8) | (more << 13)).to_be_bytes());
    }
    octets.extend(part);
    octets
}

/// The fragments of a datagram, cut where the script says, and their order.
fn cut(script: &mut Script<'_>, datagram: &[u8], is_v6: bool) -> Vec<Vec<u8>> {
    let length = datagram.len() - HEADERS[usize::from(is_v6)];
    let mut fragments = Vec::new();
    let mut from = 0;
    while from < length {
        let until = (from + (1 + usize::from(script.octet() % 40)) * 8).min(length);
        fragments.push(fragment(datagram, is_v6, from, until));
        from = until;
    }
    let count = fragments.len();
    for place in 0..count {
        fragments.swap(place, usize::from(script.octet()) % count);
    }
    fragments
}

/// The payloads of all segments that packets carry.
fn segments(packets: &mut Packets, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for (frame, number) in frames.iter().zip(1..) {
        let frame = Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp::from_nanoseconds(0),
            link_type: LinkType::RAW,
            interface: 0,
            wire_len: u32::try_from(frame.len()).unwrap(),
            data: frame,
        };
        packets.push(&frame, &mut Facts::default(), &mut |packet, _| {
            if let Packet::Tcp(segment) = packet {
                found.push(segment.payload.to_vec());
            }
        });
    }
    found
}

/// Checks a datagram in fragments: once as they are, once with doubles, and once damaged.
pub fn check(input: &[u8]) {
    let mut script = Script::new(input);
    let is_v6 = script.octet() % 2 == 1;
    let payload: Vec<u8> =
        (0..2_000).map(|place: u32| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let payload = &payload[..usize::from(script.word() % 2_000)];
    let address =
        |last: u8| if is_v6 { format!("[2001:db8::{last}]:80") } else { format!("192.0.2.{last}:80") };
    let segment = Segment { seq: 1, flags: 16, payload: payload.to_vec(), ..Segment::default() };
    let (source, destination) = (address(1).parse().unwrap(), address(2).parse().unwrap());
    let datagram = tcp(source, destination, 7, &segment);
    let mut fragments = cut(&mut script, &datagram, is_v6);

    let mut packets = Packets::new(&Limits::default());
    assert_eq!(segments(&mut packets, &fragments), [payload], "each once");
    let count = fragments.len();
    let twice: Vec<_> = fragments.iter().chain(&fragments).take(2 * count - 1).cloned().collect();
    let found = segments(&mut Packets::new(&Limits::default()), &twice);
    assert!(found == [payload], "some twice: {} datagrams", found.len());

    while !script.is_over() {
        let (which, what) = (usize::from(script.octet()), script.octet());
        let fragment = &mut fragments[which % count];
        let place = usize::from(script.octet()) % fragment.len();
        fragment[place] ^= what;
    }
    let limits = Limits { fragments: 2_048, ..Limits::default() };
    let mut packets = Packets::new(&limits);
    for found in segments(&mut packets, &fragments) {
        assert!(found.len() <= 65_535);
    }
    packets.finish(&mut Facts::default());
}
