//! Faults of the capture itself, with healthy hooks in it.

use super::Scenario;
use super::builder::wcs::{BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, Link, MS, Packet, Pcap, SEC, file, http, pcapng, traffic};

/// A fault that leaves the verdict healthy.
const fn fault(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings, near_miss_of, build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    fault(
        "cut-in-packet.pcap",
        "The file ends in the middle of its last packet.",
        &["capture-cut"],
        &[],
        || {
            let mut octets = with_sound().ethernet();
            octets.truncate(octets.len() - 100);
            octets
        },
    ),
    fault(
        "cut-in-record-header.pcap",
        "The file ends in the middle of a record's header.",
        &["capture-cut"],
        &[],
        || {
            let mut octets = with_sound().ethernet();
            octets.extend([0; 9]);
            octets
        },
    ),
    fault(
        "cut-between-packets.pcap",
        "The file ends between two packets of a response that goes on.",
        &[],
        &["capture-cut"],
        cut_between,
    ),
    fault(
        "snap-length.pcap",
        "A snap length of 4096 cuts a CallStatusEvent of 6 kB, sent over loopback in one segment.",
        &["snaplen-cut"],
        &["capture-loss"],
        || snap_length(16_384),
    ),
    fault(
        "snap-length-not-reached.pcap",
        "With a snap length of 4096, frames of exactly 4096 octets are whole.",
        &[],
        &["snaplen-cut"],
        || snap_length(4_096 - 16 - 20 - 32),
    ),
    fault(
        "dropped-packets.pcapng",
        "The interface statistics count 17 dropped packets.",
        &["capture-loss"],
        &[],
        dropped,
    ),
    Scenario {
        name: "one-sided-requests.pcap",
        shows: "The capture holds only what WCS sent; its acknowledgments tell that there were responses.",
        verdict: "unclear",
        findings: &["one-sided"],
        near_miss_of: &["no-response", "response-timeout"],
        build: || one_sided(true),
    },
    Scenario {
        name: "one-sided-responses.pcap",
        shows: "The capture holds only what the backend sent, so no hook can be told.",
        verdict: "absent",
        findings: &["no-hooks", "one-sided"],
        near_miss_of: &[],
        build: || one_sided(false),
    },
    fault(
        "one-sided-elsewhere.pcap",
        "A connection that carries no hooks is seen in one direction only.",
        &[],
        &["one-sided"],
        one_sided_elsewhere,
    ),
    fault(
        "midstream.pcap",
        "The capture begins after the backend connection's handshake.",
        &["midstream"],
        &["connect-missing"],
        || handshake_seen(0),
    ),
    fault(
        "syn-ack-first.pcap",
        "The capture begins with the backend's SYN-ACK.",
        &[],
        &["midstream"],
        || handshake_seen(2),
    ),
    fault(
        "clock-step.pcap",
        "The capturing host's clock is set back by three seconds between two hooks.",
        &["clock-backwards"],
        &[],
        clock_step,
    ),
    fault(
        "equal-times.pcap",
        "A coarse clock gives many packets the same time.",
        &[],
        &["clock-backwards"],
        coarse_clock,
    ),
    fault(
        "head-too-large.pcap.gz",
        "A request's head of 300 KiB, more than is held of one.",
        &["limit-reached"],
        &[],
        || large_head(300 << 10),
    ),
    fault("head-large.pcap.gz", "A request's head of 200 KiB.", &[], &["limit-reached"], || {
        large_head(200 << 10)
    }),
];

/// A healthy session with one call.
fn session() -> Connection {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = to_backend(41_090, 0);
    backend
        .handshake()
        .session(&client)
        .call(&client, &call)
        .hangup(&client, &call)
        .disconnect(&client)
        .close();
    backend
}

/// The session, and sound that goes on after it.
fn with_sound() -> Capture {
    let mut capture = Capture::of([session()]);
    capture.add(traffic::call_media(2 * SEC, 12));
    capture
}

fn cut_between() -> Vec<u8> {
    let client = Client::new(17);
    let mut backend = to_backend(41_090, 0);
    let response = http::json(&client.call(&call_id(17), "PENDING"));
    backend.handshake().session(&client).asks("call", &client.call(&call_id(17), "PENDING"));
    backend.wait(5 * MS).server_sends(&response[..150]);
    Capture::of([backend]).ethernet()
}

/// A call over loopback in segments of that size, whose big event does not fit into the snap length.
fn snap_length(segment_size: usize) -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = Connection::new("127.0.0.1:41090", "127.0.0.1:8081").segment_size(segment_size);
    backend.handshake().session(&client).ok("call", &client.call(&call, "PENDING"));
    let established = client.call_body(&call, "ESTABLISHED");
    let established = established.end_at(6_000, "sdp", "v=0\r\n", "a=candidate:1 1 udp 2113937151 ");
    backend.hook("CallStatusEvent", &established, &http::json("{}")).wait(2 * SEC);
    backend.hangup(&client, &call).disconnect(&client).close();
    Pcap { snap_length: 4_096, ..Pcap::default() }.write(Link::LinuxCooked, &Capture::of([backend]).packets())
}

fn dropped() -> Vec<u8> {
    let packets = with_sound().packets();
    pcapng::Pcapng::new(false)
        .interface(Link::Ethernet(&[]), "eth0", 6, 262_144)
        .packets(0, &packets)
        .statistics(0, 10 * SEC, packets.len() as u64 + 17, 17)
        .finish()
}

fn one_sided(outbound: bool) -> Vec<u8> {
    let mut capture = Capture::of([session()]);
    capture.retain(|packet| packet.outbound == outbound).ethernet()
}

fn one_sided_elsewhere() -> Vec<u8> {
    let mut media = Connection::new("203.0.113.17:51935", "192.0.2.10:1935").captured_by_server();
    media.handshake().client_sends(&[3; 1_400]).server_sends(&[3; 1_400]).client_sends(&[4; 1_400]).close();
    let mut capture = Capture::of([media]);
    capture.retain(|packet| packet.outbound).add(session()).ethernet()
}

/// The session without the packets of its handshake, but for the last so many.
fn handshake_seen(last: usize) -> Vec<u8> {
    let mut backend = session();
    backend.packets().drain(..3 - last);
    Capture::of([backend]).ethernet()
}

fn clock_step() -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = to_backend(41_090, 10 * SEC);
    backend.handshake().session(&client);
    let before = backend.packets().len();
    backend.call(&client, &call).hangup(&client, &call).disconnect(&client).close();
    for packet in &mut backend.packets()[before..] {
        packet.time -= 3 * SEC;
    }
    // In the order of capture, not of the times.
    let packets: Vec<Packet> = backend.into_iter().collect();
    Pcap::default().write(Link::Ethernet(&[]), &packets)
}

fn coarse_clock() -> Vec<u8> {
    let mut backend = session();
    for packet in backend.packets() {
        packet.time -= packet.time % (10 * MS);
    }
    Capture::of([backend]).ethernet()
}

/// A session, and beside it a hook whose request has a head of that size.
fn large_head(size: usize) -> Vec<u8> {
    let client = Client::new(18);
    let mut backend = to_backend(41_091, 300 * MS).segment_size(16_384);
    backend.handshake().session(&client);
    let body = client.body().text("text", "No sound").end();
    let cookie = "crumb=0123456789abcdef; ".repeat(size / 24);
    backend.exchange(
        &http::post_with(&format!("{BASE}/pushLogs"), HOST, &[("Cookie", &cookie)], &body),
        &http::json(&body),
        9 * MS,
    );
    let goodbye = client.connection_status("DISCONNECTED");
    backend
        .wait(SEC)
        .exchange(&request("ConnectionStatusEvent", &goodbye), &http::json(&goodbye), 4 * MS)
        .close();
    file::gzip(&Capture::of([session(), backend]).ethernet())
}
