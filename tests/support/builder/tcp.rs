//! TCP conversations with control over every segment.

use super::packet::{self, Segment, flags};
use super::{MS, Packet, SEC, US};
use std::net::SocketAddr;

/// One of the two sides of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The side that connects.
    Client,
    /// The side that listens.
    Server,
}

/// What one side sends next.
#[derive(Clone, Debug)]
struct Half {
    address: SocketAddr,
    next: u32,
    id: u16,
    window: u16,
    /// The timestamp clock at time zero, in milliseconds.
    clock: u32,
    /// The last timestamp that was sent.
    stamp: u32,
    /// Octets of the other side that the next segment does not acknowledge yet.
    behind: u32,
}

/// A TCP conversation, captured on the client's host unless said otherwise. Its clock runs on with each
/// packet and with [`Connection::wait`].
#[derive(Clone, Debug)]
pub struct Connection {
    client: Half,
    server: Half,
    now: u64,
    step: u64,
    segment_size: usize,
    stamps: bool,
    captured_by: Side,
    packets: Vec<Packet>,
}

impl Connection {
    /// A conversation between two addresses, such as `192.0.2.10:40001`, at time zero.
    pub fn new(client: &str, server: &str) -> Self {
        let half = |address: &str, next, id, clock| Half {
            address: address.parse().unwrap(),
            next,
            id,
            window: 64_240,
            clock,
            stamp: 0,
            behind: 0,
        };
        Self {
            client: half(client, 1_000_000, 0x1000, 300_000_000),
            server: half(server, 5_000_000, 0x5000, 700_000_000),
            now: 0,
            step: 100 * US,
            segment_size: 1_448,
            stamps: true,
            captured_by: Side::Client,
            packets: Vec::new(),
        }
    }

    /// Sets the time of the next packet.
    pub fn at(mut self, time: u64) -> Self {
        self.now = time;
        self
    }

    /// Sets the sequence numbers that the client and the server use next.
    pub fn numbered(mut self, client: u32, server: u32) -> Self {
        (self.client.next, self.server.next) = (client, server);
        self
    }

    /// Sets how many octets go into one segment.
    pub fn segment_size(mut self, octets: usize) -> Self {
        self.segment_size = octets;
        self
    }

    /// The server's host captures: a connection into WCS.
    pub fn captured_by_server(mut self) -> Self {
        self.captured_by = Side::Server;
        self
    }

    /// Leaves out the timestamp option.
    pub fn without_timestamps(mut self) -> Self {
        self.stamps = false;
        self
    }

    /// Sets the timestamp clocks' values at time zero.
    pub fn clocks(mut self, client: u32, server: u32) -> Self {
        (self.client.clock, self.server.clock) = (client, server);
        self
    }

    /// Sets the last timestamp that a side has sent, before the capture began.
    pub fn stamped(mut self, side: Side, stamp: u32) -> Self {
        self.half(side).stamp = stamp;
        self
    }

    /// Sets the window that a side announces, before scaling.
    pub fn window(&mut self, side: Side, window: u16) -> &mut Self {
        self.half(side).window = window;
        self
    }

    /// The time of the next packet.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: u64) -> &mut Self {
        self.now += time;
        self
    }

    /// Goes to a time, which may also lie in the past.
    pub fn go_to(&mut self, time: u64) -> &mut Self {
        self.now = time;
        self
    }

    /// The packets so far, for doing something to them.
    pub fn packets(&mut self) -> &mut Vec<Packet> {
        &mut self.packets
    }

    /// The last packet but `back`.
    pub fn recent(&self, back: usize) -> &Packet {
        &self.packets[self.packets.len() - 1 - back]
    }

    // ---- Opening ----

    /// SYN, SYN-ACK, ACK.
    pub fn handshake(&mut self) -> &mut Self {
        self.syn().syn_ack().client_acks()
    }

    /// The client asks for the connection.
    pub fn syn(&mut self) -> &mut Self {
        self.emit(Side::Client, flags::SYN, Vec::new());
        self.client.next = self.client.next.wrapping_add(1);
        self
    }

    /// The client asks again, with the same sequence number.
    pub fn syn_again(&mut self) -> &mut Self {
        self.client.next = self.client.next.wrapping_sub(1);
        self.syn()
    }

    /// The server accepts.
    pub fn syn_ack(&mut self) -> &mut Self {
        self.emit(Side::Server, flags::SYN | flags::ACK, Vec::new());
        self.server.next = self.server.next.wrapping_add(1);
        self
    }

    /// The client asks for the connection, and sends octets with it (RFC 7413).
    pub fn syn_with(&mut self, octets: &[u8]) -> &mut Self {
        self.emit(Side::Client, flags::SYN, octets.to_vec());
        self.client.next = self.client.next.wrapping_add(1 + octets.len() as u32);
        self
    }

    /// Both sides ask for the connection at the same time, and accept (RFC 9293, section 3.5).
    pub fn simultaneous_handshake(&mut self) -> &mut Self {
        self.emit(Side::Client, flags::SYN, Vec::new());
        self.emit(Side::Server, flags::SYN, Vec::new());
        self.client.behind = u32::MAX;
        self.server.behind = u32::MAX;
        self.emit(Side::Client, flags::SYN | flags::ACK, Vec::new());
        self.emit(Side::Server, flags::SYN | flags::ACK, Vec::new());
        (self.client.behind, self.server.behind) = (0, 0);
        self.client.next = self.client.next.wrapping_add(1);
        self.server.next = self.server.next.wrapping_add(1);
        self.client_acks()
    }

    /// SYNs at once and 1, 3 and 7 s later, all unanswered.
    pub fn syn_unanswered(&mut self) -> &mut Self {
        let start = self.now;
        self.syn();
        for seconds in [1, 3, 7] {
            self.go_to(start + seconds * SEC).syn_again();
        }
        self
    }

    /// A host on the way, or the server's own, answers the last packet with "destination unreachable".
    pub fn unreachable(&mut self, from: &str, code: u8) -> &mut Self {
        let quoted = &self.recent(0).ip;
        let ip = packet::unreachable(from.parse().unwrap(), self.client.address.ip(), code, quoted);
        self.push(ip, false);
        self
    }

    // ---- Data ----

    /// The client sends octets, in as many segments as they need.
    pub fn client_sends(&mut self, octets: &[u8]) -> &mut Self {
        self.sends(Side::Client, octets)
    }

    /// The server sends octets, in as many segments as they need.
    pub fn server_sends(&mut self, octets: &[u8]) -> &mut Self {
        self.sends(Side::Server, octets)
    }

    /// A side sends octets, in as many segments as they need.
    pub fn sends(&mut self, side: Side, octets: &[u8]) -> &mut Self {
        for segment in octets.chunks(self.segment_size) {
            self.send_segment(side, flags::PSH | flags::ACK, segment);
        }
        self
    }

    /// A side sends octets in one large segment, and the interface cuts it: the capture holds both.
    pub fn sends_offloaded(&mut self, side: Side, octets: &[u8]) -> &mut Self {
        let (start, id) = (self.half(side).next, self.half(side).id);
        self.send_segment(side, flags::PSH | flags::ACK, octets);
        (self.half(side).next, self.half(side).id) = (start, id);
        let step = std::mem::replace(&mut self.step, US);
        self.sends(side, octets);
        self.step = step;
        self.wait(step)
    }

    /// A side sends octets in segments of these sizes; the rest goes into one more.
    pub fn sends_in(&mut self, side: Side, octets: &[u8], sizes: &[usize]) -> &mut Self {
        let mut rest = octets;
        for size in sizes {
            let (segment, behind) = rest.split_at(*size);
            self.send_segment(side, flags::PSH | flags::ACK, segment);
            rest = behind;
        }
        if !rest.is_empty() {
            self.send_segment(side, flags::PSH | flags::ACK, rest);
        }
        self
    }

    /// A side sends octets that arrive, but that the capture misses.
    pub fn loses(&mut self, side: Side, octets: &[u8]) -> &mut Self {
        let half = self.half(side);
        half.next = half.next.wrapping_add(octets.len() as u32);
        half.id += 1;
        self.wait(self.step)
    }

    /// A side sends octets, and has not received the other's last octets yet.
    pub fn sends_missing(&mut self, side: Side, octets: &[u8], missing: usize) -> &mut Self {
        self.half(side).behind = missing as u32;
        self.sends(side, octets);
        self.half(side).behind = 0;
        self
    }

    /// The client acknowledges all it has received.
    pub fn client_acks(&mut self) -> &mut Self {
        self.emit(Side::Client, flags::ACK, Vec::new());
        self
    }

    /// The server acknowledges all it has received.
    pub fn server_acks(&mut self) -> &mut Self {
        self.emit(Side::Server, flags::ACK, Vec::new());
        self
    }

    /// The client acknowledges all but the last so many octets.
    pub fn client_acks_but(&mut self, octets: u32) -> &mut Self {
        self.client.behind = octets;
        self.client_acks();
        self.client.behind = 0;
        self
    }

    /// A side asks whether the other is still there: a segment without data, one octet back, and its answer.
    pub fn keep_alive(&mut self, side: Side) -> &mut Self {
        let half = self.half(side);
        half.next = half.next.wrapping_sub(1);
        self.emit(side, flags::ACK, Vec::new());
        let half = self.half(side);
        half.next = half.next.wrapping_add(1);
        let other = if side == Side::Client { Side::Server } else { Side::Client };
        self.emit(other, flags::ACK, Vec::new());
        self
    }

    /// The last packet but `back` goes out again, as a packet of its own: TCP retransmits it.
    pub fn retransmits(&mut self, back: usize) -> &mut Self {
        let mut packet = self.recent(back).clone();
        // Another IP identification, which the header's checksum has to follow.
        packet.ip[4] = packet.ip[4].wrapping_add(1);
        let sum = u16::from_be_bytes([packet.ip[10], packet.ip[11]]);
        let (sum, borrow) = sum.overflowing_sub(0x100);
        let sum = if borrow { sum - 1 } else { sum };
        packet.ip[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.time = self.now;
        self.packets.push(packet);
        self.wait(self.step)
    }

    /// The same with other content: two words of the payload are exchanged, so that the checksum stays right.
    pub fn retransmits_changed(&mut self, back: usize) -> &mut Self {
        self.retransmits(back);
        let ip = &mut self.packets.last_mut().unwrap().ip;
        let end = ip.len() / 2 * 2;
        for octet in [end - 2, end - 1] {
            ip.swap(octet, octet - 10);
        }
        self
    }

    /// The last `count` packets arrive in reverse order.
    pub fn reverses(&mut self, count: usize) -> &mut Self {
        let start = self.packets.len() - count;
        let last = &mut self.packets[start..];
        let times: Vec<_> = last.iter().map(|packet| packet.time).collect();
        last.reverse();
        last.iter_mut().zip(times).for_each(|(packet, time)| packet.time = time);
        self
    }

    // ---- Closing ----

    /// A side says that it sends no more.
    pub fn fin(&mut self, side: Side) -> &mut Self {
        self.emit(side, flags::FIN | flags::ACK, Vec::new());
        let half = self.half(side);
        half.next = half.next.wrapping_add(1);
        self
    }

    /// The same of a side that has not received the other's last octets yet.
    pub fn fin_missing(&mut self, side: Side, octets: usize) -> &mut Self {
        self.half(side).behind = octets as u32;
        self.fin(side);
        self.half(side).behind = 0;
        self
    }

    /// A side resets the connection.
    pub fn rst(&mut self, side: Side) -> &mut Self {
        self.emit(side, flags::RST | flags::ACK, Vec::new());
        self
    }

    /// The client closes, and the server does too.
    pub fn close(&mut self) -> &mut Self {
        self.fin(Side::Client).fin(Side::Server).client_acks()
    }

    /// The server closes, and the client does too.
    pub fn server_closes(&mut self) -> &mut Self {
        self.fin(Side::Server).fin(Side::Client).server_acks()
    }

    // ---- Exchanges ----

    /// A request, its acknowledgment, the response after the server's time, and its acknowledgment.
    pub fn exchange(&mut self, request: &[u8], response: &[u8], server_time: u64) -> &mut Self {
        self.client_sends(request).server_acks().wait(server_time).server_sends(response).client_acks()
    }

    // ---- Octets ----

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn send_segment(&mut self, side: Side, flags: u8, payload: &[u8]) {
        self.emit(side, flags, payload.to_vec());
        let half = self.half(side);
        half.next = half.next.wrapping_add(payload.len() as u32);
    }

    /// Puts a segment with the current numbers; these go on only where the caller says so.
    fn emit(&mut self, side: Side, flags: u8, payload: Vec<u8>) {
        let options = self.options(side, flags);
        let (from, to) = match side {
            Side::Client => (&mut self.client, &self.server),
            Side::Server => (&mut self.server, &self.client),
        };
        let ack = if flags & flags::ACK == 0 { 0 } else { to.next.wrapping_sub(from.behind) };
        let segment = Segment { seq: from.next, ack, flags, window: from.window, options, payload };
        let ip = packet::tcp(from.address, to.address, from.id, &segment);
        from.id = from.id.wrapping_add(1);
        self.push(ip, side == self.captured_by);
    }

    fn push(&mut self, ip: Vec<u8>, outbound: bool) {
        self.packets.push(Packet { time: self.now, outbound, ip });
        self.now += self.step;
    }

    fn options(&mut self, side: Side, flags: u8) -> Vec<u8> {
        let segment_size = (self.segment_size as u16 + 12).to_be_bytes();
        let (now, stamps) = (self.now, self.stamps);
        let (from, to) = match side {
            Side::Client => (&mut self.client, &self.server),
            Side::Server => (&mut self.server, &self.client),
        };
        let mut options = Vec::new();
        if flags & flags::SYN != 0 {
            // Maximum segment size, selective acknowledgments.
            options.extend([2, 4, segment_size[0], segment_size[1], 4, 2]);
        } else if stamps && flags & flags::RST == 0 {
            options.extend([1, 1]);
        }
        if stamps && flags & flags::RST == 0 {
            from.stamp = from.clock.wrapping_add((now / MS) as u32);
            options.extend([8, 10]);
            options.extend(from.stamp.to_be_bytes());
            options.extend(to.stamp.to_be_bytes());
        }
        if flags & flags::SYN != 0 {
            // A window scale of 7.
            options.extend([1, 3, 3, 7]);
            options.resize(options.len().next_multiple_of(4), 1);
        }
        options
    }
}

impl IntoIterator for Connection {
    type Item = Packet;
    type IntoIter = std::vec::IntoIter<Packet>;

    fn into_iter(self) -> Self::IntoIter {
        self.packets.into_iter()
    }
}
