//! Other traffic of a media server: RTP, SIP and STUN, all over UDP.

use super::{MS, Packet, SEC, packet};
use std::net::SocketAddr;

/// One UDP datagram.
pub fn datagram(time: u64, from: &str, to: &str, payload: &[u8]) -> Packet {
    let (from, to): (SocketAddr, SocketAddr) = (from.parse().unwrap(), to.parse().unwrap());
    let outbound = from.port() == WCS_SIP || (WCS_MEDIA).contains(&from.port());
    let id = (time / MS) as u16;
    Packet { time, outbound, ip: packet::udp(from, to, id, payload) }
}

/// The port of WCS for SIP; other hosts of the samples have other ports.
pub const WCS_SIP: u16 = 5060;
/// The ports of WCS for media.
const WCS_MEDIA: std::ops::Range<u16> = 31_000..32_000;

/// An RTP packet of a payload type (0 is PCMU) with `octets` of sound.
pub fn rtp(payload_type: u8, source: u32, number: u16, octets: usize) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * 160).to_be_bytes());
    packet.extend(source.to_be_bytes());
    // A quiet line, in µ-law.
    packet.extend((0..octets).map(|index| if index % 3 == 0 { 0xff } else { 0x7f }));
    packet
}

/// A STUN binding request, or the success response to it, without attributes.
pub fn stun(response: bool, transaction: u32) -> Vec<u8> {
    let mut packet = vec![u8::from(response), 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    packet.extend([0x57, 0x43, 0x53, 0x2d, 0x69, 0x63, 0x65, 0x2d]);
    packet.extend(transaction.to_be_bytes());
    packet
}

/// A SIP message: its first line, the number of its transaction, and a body of that type.
pub fn sip(first_line: &str, method: &str, transaction: u32, body: Option<(&str, &str)>) -> Vec<u8> {
    let (kind, body) = body.unwrap_or(("", ""));
    let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
    format!(
        "{first_line}\r\n\
         Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK{transaction:08x}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:1001@sip.example.com>;tag=6b1f{transaction:04x}\r\n\
         To: <sip:1002@sip.example.com>\r\n\
         Call-ID: {transaction:08x}-3c1e@192.0.2.10\r\n\
         CSeq: {transaction} {method}\r\n\
         Contact: <sip:1001@192.0.2.10:5060>\r\n\
         User-Agent: Flashphoner/1.0\r\n\
         {kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Some sound in both directions between WCS and a SIP server, with a SIP request before it: `count` RTP
/// packets.
pub fn call_media(start: u64, count: u16) -> Vec<Packet> {
    let (wcs, peer) = ("192.0.2.10:31000", "198.51.100.60:17002");
    let options = sip("OPTIONS sip:198.51.100.60 SIP/2.0", "OPTIONS", 41, None);
    let mut packets = vec![datagram(start, "192.0.2.10:5060", "198.51.100.60:5070", &options)];
    for number in 0..count {
        let time = start + SEC / 50 * (1 + u64::from(number) / 2);
        let (from, to) = if number % 2 == 0 { (wcs, peer) } else { (peer, wcs) };
        let source = if number % 2 == 0 { 0x5743_5301 } else { 0x5349_5001 };
        packets.push(datagram(time, from, to, &rtp(0, source, 700 + number / 2, 160)));
    }
    packets
}
