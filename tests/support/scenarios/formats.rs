//! The same healthy phone call in several file formats and link layers.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, Link, Packet, Pcap, SEC, file, pcapng, traffic};

/// The scenario of a file or link that holds [`phone_call`].
const fn holds_call(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    holds_call("pcap-big-endian.pcap", "A healthy call; pcap with microseconds, big endian.", || {
        Pcap { big_endian: true, ..Pcap::default() }.write(ETHERNET, &phone_call().packets())
    }),
    holds_call("pcap-nanoseconds.pcap", "A healthy call; pcap with nanoseconds.", || {
        Pcap { nanoseconds: true, ..Pcap::default() }.write(ETHERNET, &odd_times())
    }),
    holds_call(
        "pcap-nanoseconds-big-endian.pcap",
        "A healthy call; pcap with nanoseconds, big endian.",
        || Pcap { nanoseconds: true, big_endian: true, ..Pcap::default() }.write(ETHERNET, &odd_times()),
    ),
    holds_call("pcap-gzip.pcap.gz", "A healthy call; pcap, compressed with gzip.", || {
        file::gzip(&phone_call().ethernet())
    }),
    Scenario {
        name: "pcapng.pcapng",
        shows: "A healthy call; pcapng whose interface statistics count no dropped packet.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["capture-loss"],
        build: pcapng_statistics,
    },
    holds_call(
        "pcapng-two-sections.pcapng",
        "A healthy call; pcapng of two sections, the second big endian and with nanoseconds.",
        pcapng_sections,
    ),
    holds_call(
        "pcapng-simple-packets.pcapng",
        "A healthy call; pcapng of simple packet blocks, which have no time.",
        pcapng_simple,
    ),
    holds_call("link-vlan.pcap", "A healthy call; Ethernet with a VLAN tag.", || {
        phone_call().pcap(Link::Ethernet(&[120]))
    }),
    holds_call("link-qinq.pcap", "A healthy call; Ethernet with two VLAN tags.", || {
        phone_call().pcap(Link::Ethernet(&[2_000, 120]))
    }),
    holds_call("link-linux-cooked.pcap", "A healthy call; Linux cooked capture.", || {
        phone_call().pcap(Link::LinuxCooked)
    }),
    holds_call("link-linux-cooked-2.pcap", "A healthy call; Linux cooked capture, version 2.", || {
        phone_call().pcap(Link::LinuxCooked2)
    }),
    holds_call("link-null.pcap", "A healthy call; BSD loopback.", || phone_call().pcap(Link::Null)),
    holds_call("link-loop.pcap", "A healthy call; OpenBSD loopback.", || phone_call().pcap(Link::Loop)),
    holds_call("link-raw-ip.pcap", "A healthy call; IP without a link layer.", || {
        phone_call().pcap(Link::RawIp)
    }),
    holds_call("ipv6.pcap", "A healthy call to a backend with an IPv6 address.", || {
        Capture::of([talk(Connection::new("[2001:db8::10]:41001", "[2001:db8:1::20]:8081"))]).ethernet()
    }),
    holds_call("ipv6-raw-ip.pcap", "A healthy call over IPv6, without a link layer.", || {
        Capture::of([talk(Connection::new("[2001:db8::10]:41001", "[2001:db8:1::20]:8081"))])
            .pcap(Link::RawIp)
    }),
    holds_call("no-timestamps.pcap", "A healthy call; TCP without the timestamp option.", || {
        Capture::of([talk(to_backend(41_001, 0).without_timestamps())]).ethernet()
    }),
];

const ETHERNET: Link = Link::Ethernet(&[]);

/// A session with one call, on one connection, with some sound beside it.
fn phone_call() -> Capture {
    let mut capture = Capture::of([talk(to_backend(41_001, 0))]);
    capture.add(traffic::call_media(SEC, 12));
    capture
}

fn talk(mut backend: Connection) -> Connection {
    let (client, call) = (Client::new(7), call_id(7));
    backend.handshake().session(&client).call(&client, &call).hangup(&client, &call).disconnect(&client);
    backend.close();
    backend
}

/// The call at times that microseconds cannot hold.
fn odd_times() -> Vec<Packet> {
    let later = |packet: Packet| Packet { time: packet.time + 123, ..packet };
    phone_call().packets().into_iter().map(later).collect()
}

fn pcapng_statistics() -> Vec<u8> {
    let packets = phone_call().packets();
    let received = packets.len() as u64;
    pcapng::Pcapng::new(false)
        .interface(ETHERNET, "eth0", 6, 262_144)
        .packets(0, &packets)
        .statistics(0, 10 * SEC, received, 0)
        .finish()
}

fn pcapng_sections() -> Vec<u8> {
    let packets = odd_times();
    let (first, second) = packets.split_at(14);
    pcapng::Pcapng::new(false)
        .interface(ETHERNET, "eth0", 6, 262_144)
        .packets(0, first)
        .section(true)
        .interface(Link::LinuxCooked, "any", 6, 4_096)
        .interface(ETHERNET, "eth0", 9, 262_144)
        .packets(1, second)
        .finish()
}

fn pcapng_simple() -> Vec<u8> {
    let (client, call) = (Client::new(7), call_id(7));
    let mut backend = to_backend(41_001, 0);
    backend.handshake().session(&client).call(&client, &call).hangup(&client, &call).close();
    let packets = Capture::of([backend]).packets();
    pcapng::Pcapng::new(false).interface(ETHERNET, "eth0", 6, 0).simple_packets(&packets).finish()
}
