//! Healthy hooks over a TCP that is not: reordering, loss, retransmission, sequence wrap, port reuse.

use super::Scenario;
use super::builder::packet::Packet;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, Link, MS, SEC, US, http};

/// A healthy session, whatever TCP has to do for it.
const fn healthy(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    healthy(
        "tcp-reordered.pcap",
        "The segments of a request and of its response arrive in reverse.",
        reordered,
    ),
    Scenario {
        name: "tcp-retransmitted.pcap",
        shows: "A request is retransmitted 200 ms later, and a response too.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["capture-loss", "duplicate-packets", "overlap-conflict"],
        build: retransmitted,
    },
    Scenario {
        name: "tcp-overlap-conflict.pcap",
        shows: "A request, and a response, come a second time with other content.",
        verdict: "healthy",
        findings: &["overlap-conflict"],
        near_miss_of: &["network-loss"],
        build: changed,
    },
    healthy("tcp-sequence-wrap.pcap", "The sequence numbers of both sides pass 2^32 inside messages.", wrap),
    healthy(
        "tcp-port-reuse.pcap",
        "A second connection with the addresses and ports of the first.",
        port_reuse,
    ),
    healthy("tcp-no-close.pcap", "The same without a FIN of the first connection.", port_reuse_unclosed),
    healthy("tcp-keep-alive.pcap", "Keep-alive probes and window updates between two hooks.", keep_alive),
    Scenario {
        name: "tcp-gap.pcap",
        shows: "Five hooks on one connection; the capture lacks one segment of the second.",
        verdict: "healthy",
        findings: &["capture-loss"],
        near_miss_of: &["no-response"],
        build: gap,
    },
    Scenario {
        name: "any-duplicates.pcap",
        shows: "A capture on the interface any that holds every packet twice.",
        verdict: "healthy",
        findings: &["duplicate-packets"],
        near_miss_of: &["capture-loss"],
        build: duplicates,
    },
    Scenario {
        name: "any-offload.pcap",
        shows: "A capture on the interface any that holds large segments whole, and again as the interface cut them.",
        verdict: "healthy",
        findings: &["duplicate-packets"],
        near_miss_of: &["network-loss"],
        build: offloaded,
    },
    Scenario {
        name: "reset-after-response.pcap",
        shows: "The backend resets each connection after a complete response.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connection-reset"],
        build: || each_connection(|backend| backend.rst(Side::Server)),
    },
    Scenario {
        name: "closed-after-response.pcap",
        shows: "The backend closes each connection after a complete response.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connection-closed", "response-truncated"],
        build: || each_connection(|backend| backend.server_closes()),
    },
];

fn changed() -> Vec<u8> {
    let client = Client::new(4);
    let mut backend = to_backend(41_004, 0);
    backend.handshake().session(&client);
    let body = client.call(&call_id(4), "PENDING");
    backend
        .client_sends(&request("call", &body))
        .server_acks()
        .wait(3 * MS)
        .retransmits_changed(1)
        .wait(9 * MS);
    backend.server_sends(&http::json(&body)).wait(2 * MS).retransmits_changed(0).client_acks().close();
    Capture::of([backend]).ethernet()
}

fn reordered() -> Vec<u8> {
    let (client, call) = (Client::new(4), call_id(4));
    let body = client.call_body(&call, "PENDING").end_at(3_000, "sdp", "v=0\r\n", "a=candidate:1 1 udp ");
    let mut backend = to_backend(41_004, 0);
    backend.handshake().session(&client);
    backend.client_sends(&request("call", &body)).reverses(3).server_acks().wait(7 * MS);
    backend.server_sends(&http::json(&body)).reverses(3).client_acks().wait(80 * MS);
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).close();
    Capture::of([backend]).ethernet()
}

fn retransmitted() -> Vec<u8> {
    let (client, call) = (Client::new(4), call_id(4));
    let mut backend = to_backend(41_004, 0);
    let body = client.call(&call, "PENDING");
    backend.handshake().session(&client);
    backend.client_sends(&request("call", &body)).wait(200 * MS).retransmits(0).server_acks().wait(4 * MS);
    backend.server_sends(&http::json(&body)).wait(210 * MS).retransmits(0).client_acks().wait(50 * MS);
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).close();
    Capture::of([backend]).ethernet()
}

fn wrap() -> Vec<u8> {
    let client = Client::new(4);
    // The octets of the first request and of the first response reach beyond the last number.
    let mut backend = to_backend(41_004, 0).numbered(u32::MAX - 300, u32::MAX - 200);
    backend.handshake().session(&client).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn port_reuse() -> Vec<u8> {
    let client = Client::new(4);
    let mut first = to_backend(41_004, 0);
    first.handshake().session(&client).close();
    let mut second = to_backend(41_004, 5 * SEC).numbered(77_000_000, 88_000_000);
    second.handshake().disconnect(&client).close();
    Capture::of([first, second]).ethernet()
}

fn port_reuse_unclosed() -> Vec<u8> {
    let client = Client::new(4);
    let mut first = to_backend(41_004, 0);
    first.handshake().session(&client);
    let mut second = to_backend(41_004, 5 * SEC).numbered(77_000_000, 88_000_000);
    second.handshake().disconnect(&client);
    Capture::of([first, second]).ethernet()
}

fn keep_alive() -> Vec<u8> {
    let client = Client::new(4);
    let mut backend = to_backend(41_004, 0);
    backend.handshake().session(&client).wait(45 * SEC).keep_alive(Side::Client);
    backend.wait(45 * SEC).keep_alive(Side::Server).wait(5 * SEC);
    backend.window(Side::Client, 60_000).client_acks().wait(SEC).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn gap() -> Vec<u8> {
    let (client, call) = (Client::new(4), call_id(4));
    let mut backend = to_backend(41_004, 0);
    let body = client.call_body(&call, "PENDING").end_at(3_000, "sdp", "v=0\r\n", "a=candidate:1 1 udp ");
    backend.handshake().ok("connect", &client.connect()).wait(60 * MS);
    // The middle of the body is missing; its length is known, so the next request is found.
    let octets = request("call", &body);
    backend.sends(Side::Client, &octets[..1_448]).loses(Side::Client, &octets[1_448..2_896]);
    backend.sends(Side::Client, &octets[2_896..]).server_acks().wait(9 * MS);
    backend.server_sends(&http::json("{}")).client_acks().wait(2 * SEC);
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("CallStatusEvent", &client.call(&call, "RING")).wait(700 * MS);
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).close();
    Capture::of([backend]).ethernet()
}

fn duplicates() -> Vec<u8> {
    let (client, call) = (Client::new(4), call_id(4));
    let mut backend = to_backend(41_004, 0);
    backend.handshake().session(&client).call(&client, &call).hangup(&client, &call).close();
    Capture::of([backend]).doubled(3 * US).pcap(Link::LinuxCooked)
}

fn offloaded() -> Vec<u8> {
    let (client, call) = (Client::new(4), call_id(4));
    let mut backend = to_backend(41_004, 0);
    backend.handshake().session(&client);
    for status in ["ESTABLISHED", "FINISH"] {
        let body = client.call_body(&call, status).end_at(6_000, "sdp", "v=0\r\n", "a=candidate:1 1 udp ");
        backend.sends_offloaded(Side::Client, &request("CallStatusEvent", &body)).server_acks().wait(7 * MS);
        backend.sends_offloaded(Side::Server, &http::json(&body)).client_acks().wait(80 * MS);
    }
    backend.disconnect(&client).close();
    Capture::of([backend]).pcap(Link::LinuxCooked)
}

fn each_connection(end: fn(&mut Connection) -> &mut Connection) -> Vec<u8> {
    let client = Client::new(4);
    let hooks = [
        ("connect", client.connect()),
        ("ConnectionStatusEvent", client.connection_status("ESTABLISHED")),
        ("ConnectionStatusEvent", client.connection_status("DISCONNECTED")),
    ];
    let mut packets: Vec<Packet> = Vec::new();
    for (number, (method, body)) in (0_u16..).zip(&hooks) {
        let mut backend = to_backend(41_020 + number, u64::from(number) * SEC);
        backend.handshake().ok(method, body);
        end(&mut backend);
        packets.extend(backend);
    }
    Capture::new().add(packets).ethernet()
}
