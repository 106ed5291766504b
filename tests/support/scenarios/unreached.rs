//! Backends that cannot be reached: refused, silent, rejected on the way.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, Packet, SEC, http, packet, traffic};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "refused.pcap",
        shows: "Nothing listens at the backend's port: every SYN is answered by RST.",
        verdict: "broken",
        findings: &["backend-refused"],
        near_miss_of: &["no-hooks"],
        build: refused,
    },
    Scenario {
        name: "refused-later.pcap",
        shows: "After some hooks the backend stops listening.",
        verdict: "degraded",
        findings: &["backend-refused"],
        near_miss_of: &[],
        build: refused_later,
    },
    Scenario {
        name: "refused-elsewhere.pcap",
        shows: "Another service refuses connections; hooks are healthy.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["backend-refused"],
        build: refused_elsewhere,
    },
    Scenario {
        name: "others-unreached.pcap",
        shows: "Hooks are healthy; other hosts are refused, rejected or not answered at the backend's port, and lose segments there.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["backend-refused", "backend-rejected", "backend-unreachable", "network-loss"],
        build: others_unreached,
    },
    Scenario {
        name: "port-scan.pcap",
        shows: "A stranger tries one closed port of a host after the other, those of backends among them; no hook.",
        verdict: "absent",
        findings: &["no-hooks"],
        near_miss_of: &["backend-refused"],
        build: port_scan,
    },
    Scenario {
        name: "unreachable.pcap",
        shows: "SYNs to the backend are repeated after 1, 3 and 7 s and never answered.",
        verdict: "broken",
        findings: &["backend-unreachable"],
        near_miss_of: &["no-hooks", "one-sided"],
        build: unreachable,
    },
    Scenario {
        name: "unreachable-later.pcap",
        shows: "After some hooks the backend's host is silent.",
        verdict: "degraded",
        findings: &["backend-unreachable"],
        near_miss_of: &[],
        build: unreachable_later,
    },
    Scenario {
        name: "refused-for-one.pcap",
        shows: "A firewall refuses one of two WCS servers, while the other one's hooks are answered.",
        verdict: "degraded",
        findings: &["backend-refused"],
        near_miss_of: &[],
        build: refused_for_one,
    },
    Scenario {
        name: "dropped.pcap",
        shows: "A load balancer without living members accepts connections and resets them before WCS sends a request.",
        verdict: "broken",
        findings: &["connection-dropped"],
        near_miss_of: &["no-hooks"],
        build: dropped,
    },
    Scenario {
        name: "dropped-unused.pcap",
        shows: "Hooks are healthy; the backend ends a spare connection after 20 s, and a stranger's at once.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connection-dropped"],
        build: dropped_unused,
    },
    Scenario {
        name: "syn-repeated-once.pcap",
        shows: "A SYN is repeated once after 1 s and then answered.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["backend-unreachable"],
        build: syn_repeated,
    },
    Scenario {
        name: "rejected-icmp.pcap",
        shows: "A firewall answers the SYNs with ICMP: administratively prohibited.",
        verdict: "broken",
        findings: &["backend-rejected"],
        near_miss_of: &["backend-unreachable"],
        build: rejected,
    },
    Scenario {
        name: "rejected-icmpv6.pcap",
        shows: "A router answers the SYNs with ICMPv6: no route to destination.",
        verdict: "broken",
        findings: &["backend-rejected"],
        near_miss_of: &["backend-unreachable"],
        build: rejected_v6,
    },
    Scenario {
        name: "rejected-elsewhere.pcap",
        shows: "ICMP is about a datagram of sound, and asks for smaller packets to the backend.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["backend-rejected"],
        build: rejected_elsewhere,
    },
];

/// A connection with two healthy hooks of a session, left open.
fn hooks(client: &Client) -> Connection {
    let mut backend = to_backend(41_030, 0);
    backend.handshake().session(client);
    backend
}

fn refused() -> Vec<u8> {
    let mut capture = Capture::new();
    for attempt in 0..3 {
        let mut backend = to_backend(41_031 + attempt, u64::from(attempt) * 4 * SEC);
        backend.syn().rst(Side::Server);
        capture.add(backend);
    }
    capture.add(traffic::call_media(SEC, 20)).ethernet()
}

fn dropped() -> Vec<u8> {
    let mut capture = Capture::new();
    for attempt in 0..3 {
        let mut backend = to_backend(41_031 + attempt, u64::from(attempt) * 4 * SEC);
        backend.handshake().wait(MS).rst(Side::Server);
        capture.add(backend);
    }
    capture.add(traffic::call_media(SEC, 20)).ethernet()
}

fn dropped_unused() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = hooks(&client);
    backend.wait(30 * SEC).disconnect(&client).close();
    let mut spare = to_backend(41_060, 2 * SEC);
    spare.handshake().wait(20 * SEC).server_closes();
    let mut strange = Connection::new("192.0.2.70:41061", "198.51.100.20:8081").at(3 * SEC);
    strange.handshake().wait(MS).rst(Side::Server);
    Capture::of([backend, spare, strange]).ethernet()
}

fn refused_for_one() -> Vec<u8> {
    let (one, other) = (Client::new(9), Client::new(10));
    let mut backend = hooks(&one);
    let mut elsewhere = Connection::new("192.0.2.11:41030", "198.51.100.20:8081").at(10 * MS);
    elsewhere.handshake().session(&other).close();
    for number in 0..4 {
        backend.wait(SEC).ok("StreamStatusEvent", &one.stream(&call_id(number), true, "PUBLISHING"));
    }
    let mut capture = Capture::of([backend, elsewhere]);
    for number in 0..3 {
        let from = format!("192.0.2.11:{}", 41_031 + number);
        let mut refused = Connection::new(&from, "198.51.100.20:8081").at((1 + number) * SEC + 500 * MS);
        refused.syn().rst(Side::Server);
        capture.add(refused);
    }
    capture.ethernet()
}

fn refused_later() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = hooks(&client);
    backend.server_closes();
    let mut capture = Capture::of([backend]);
    for attempt in 0..2 {
        let mut again = to_backend(41_032 + attempt, (20 + u64::from(attempt)) * SEC);
        again.syn().rst(Side::Server);
        capture.add(again);
    }
    capture.ethernet()
}

fn refused_elsewhere() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = hooks(&client);
    backend.wait(2 * SEC).disconnect(&client).close();
    let mut database = Connection::new("192.0.2.10:41050", "198.51.100.30:5432").at(SEC);
    database.syn().rst(Side::Server);
    Capture::of([backend, database]).ethernet()
}

/// What other hosts meet at the backend's port is not what WCS meets.
fn others_unreached() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = hooks(&client);
    backend.wait(30 * SEC).disconnect(&client).close();
    let other = |address: &str, time| Connection::new(address, "198.51.100.20:8081").at(time);
    let mut refused = other("192.0.2.70:41060", 2 * SEC);
    refused.syn().rst(Side::Server);
    let mut rejected = other("192.0.2.71:41061", 3 * SEC);
    rejected.syn().unreachable("198.51.100.1", 13);
    let mut silent = other("203.0.113.99:41062", 4 * SEC);
    silent.syn_unanswered();
    let mut lossy = other("203.0.113.98:41063", 5 * SEC);
    lossy.handshake();
    for _ in 0..12 {
        lossy.client_sends(b"GET /shop HTTP/1.1\r\nHost: shop\r\n\r\n").wait(250 * MS).retransmits(0);
        lossy.server_acks().server_sends(&http::response("200 OK", &[], b"<html>")).client_acks();
    }
    Capture::of([backend, refused, rejected, silent, lossy]).ethernet()
}

fn port_scan() -> Vec<u8> {
    let mut capture = Capture::new();
    for (number, port) in [2000_u16, 2001, 2002, 8081, 9091, 9092].into_iter().enumerate() {
        let client = format!("203.0.113.77:4100{number}");
        let mut scan = Connection::new(&client, &format!("192.0.2.10:{port}")).at(number as u64 * 100 * MS);
        scan.syn().rst(Side::Server);
        capture.add(scan);
    }
    capture.ethernet()
}

/// Enough other traffic that the capture goes on long after the last SYN.
fn long_media() -> Vec<Packet> {
    (0..12).flat_map(|number| traffic::call_media(number * 5 * SEC, 1)).collect()
}

fn unreachable() -> Vec<u8> {
    let mut backend = to_backend(41_033, SEC);
    backend.syn_unanswered();
    let mut again = to_backend(41_034, 20 * SEC);
    again.syn_unanswered();
    Capture::of([backend, again]).add(long_media()).ethernet()
}

fn unreachable_later() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = hooks(&client);
    backend.close();
    let mut again = to_backend(41_035, 20 * SEC);
    again.syn_unanswered();
    Capture::of([backend, again]).add(long_media()).ethernet()
}

fn syn_repeated() -> Vec<u8> {
    let client = Client::new(9);
    let mut backend = to_backend(41_036, 0);
    backend.syn().wait(SEC).syn_again().syn_ack().client_acks();
    backend.session(&client).wait(2 * SEC).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn rejected() -> Vec<u8> {
    let mut capture = Capture::new();
    for attempt in 0..2 {
        let mut backend = to_backend(41_037 + attempt, u64::from(attempt) * 3 * SEC);
        backend.syn().unreachable("192.0.2.1", 13);
        capture.add(backend);
    }
    capture.add(long_media()).ethernet()
}

fn rejected_v6() -> Vec<u8> {
    let mut capture = Capture::new();
    for attempt in 0_u16..2 {
        let client = format!("[2001:db8::10]:{}", 41_037 + attempt);
        let mut backend = Connection::new(&client, "[2001:db8:1::20]:8081").at(u64::from(attempt) * 3 * SEC);
        backend.syn().unreachable("2001:db8::1", 0);
        capture.add(backend);
    }
    capture.add(long_media()).ethernet()
}

fn rejected_elsewhere() -> Vec<u8> {
    let (client, call) = (Client::new(9), call_id(9));
    let mut backend = hooks(&client);
    // A tunnel on the way has a smaller MTU: code 4. TCP sends the request again.
    let body = client.call_body(&call, "PENDING").end_at(1_100, "sdp", "v=0\r\n", "a=candidate:1 1 udp ");
    backend.client_sends(&request("call", &body)).unreachable("192.0.2.1", 4);
    backend.wait(30 * MS).retransmits(1).server_acks().wait(5 * MS);
    backend.server_sends(&http::json("{}")).client_acks().wait(40 * MS);
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).close();
    let sound = traffic::datagram(SEC, "192.0.2.10:31000", "198.51.100.20:8081", &traffic::rtp(0, 7, 1, 160));
    let (from, to) = ("198.51.100.20".parse().unwrap(), "192.0.2.10".parse().unwrap());
    let refusal = packet::unreachable(from, to, 3, &sound.ip);
    let refusal = Packet { time: SEC + MS, outbound: false, ip: refusal };
    Capture::of([backend]).add([sound, refusal]).ethernet()
}
