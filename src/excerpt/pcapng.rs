//! Writes pcapng (<https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html>): the few blocks that are needed.

use super::Kept;
use crate::capture::LinkType;
use std::iter;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// Options: a comment, the application that writes, the resolution of times.
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const RESOLUTION: u16 = 9;
/// Nanoseconds to a microsecond.
const MICROSECOND: i64 = 1_000;

/// An interface of the excerpt: file, interface and link type of its frames.
type Interface = (u16, u32, LinkType);

/// Writes frames, each with a comment.
pub(super) fn write(frames: &[Kept], comment: impl Fn(&Kept) -> String) -> Vec<u8> {
    let mut file = Vec::new();
    let mut section = Vec::new();
    section.extend(0x1a2b_3c4d_u32.to_le_bytes());
    section.extend(1_u16.to_le_bytes());
    section.extend(0_u16.to_le_bytes());
    section.extend(u64::MAX.to_le_bytes());
    option(&mut section, APPLICATION, concat!("hookscope ", env!("CARGO_PKG_VERSION")).as_bytes());
    end_options(&mut section);
    block(&mut file, SECTION_HEADER, &section);
    // Times as fine as the frames': microseconds, unless some are finer.
    let nanoseconds = frames.iter().any(|frame| frame.time.nanoseconds() % MICROSECOND != 0);
    let mut interfaces: Vec<Interface> = Vec::new();
    for frame in frames {
        let own = (frame.number.file(), frame.interface, frame.link_type);
        if !interfaces.contains(&own) {
            interfaces.push(own);
            let mut description = Vec::new();
            description.extend(frame.link_type.0.to_le_bytes());
            description.extend([0; 6]);
            option(&mut description, RESOLUTION, &[if nanoseconds { 9 } else { 6 }]);
            end_options(&mut description);
            block(&mut file, INTERFACE, &description);
        }
    }
    for frame in frames {
        let own = (frame.number.file(), frame.interface, frame.link_type);
        let interface = interfaces.iter().position(|known| *known == own).unwrap_or_default();
        let ticks =
            if nanoseconds { frame.time.nanoseconds() } else { frame.time.nanoseconds() / MICROSECOND };
        let ticks = ticks.cast_unsigned().to_be_bytes();
        let mut packet = Vec::new();
        packet.extend(u32::try_from(interface).unwrap_or_default().to_le_bytes());
        // The high half of the time comes first, each in the file's byte order.
        packet.extend(ticks.iter().take(4).rev().chain(ticks.iter().skip(4).rev()));
        packet.extend(length(&frame.data).to_le_bytes());
        packet.extend(frame.wire_len.max(length(&frame.data)).to_le_bytes());
        padded(&mut packet, &frame.data);
        option(&mut packet, COMMENT, comment(frame).as_bytes());
        end_options(&mut packet);
        block(&mut file, ENHANCED_PACKET, &packet);
    }
    file
}

fn length(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).unwrap_or(u32::MAX)
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let total = length(body).saturating_add(12).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(total);
    file.extend(body);
    file.extend(total);
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    body.extend(code.to_le_bytes());
    body.extend(u16::try_from(value.len()).unwrap_or_default().to_le_bytes());
    padded(body, value);
}

fn end_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

/// Octets up to a multiple of four.
fn padded(body: &mut Vec<u8>, octets: &[u8]) {
    body.extend(octets);
    body.extend(iter::repeat_n(0, octets.len().wrapping_neg() % 4));
}
