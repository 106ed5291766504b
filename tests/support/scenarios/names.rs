//! Lookups of the backend's name by DNS.

use super::Scenario;
use super::builder::packet::{self, Packet};
use super::builder::tcp::{Connection, Side};
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, MS, SEC, http};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "dns-no-such-name.pcap",
        shows: "WCS asks for the backend's name, there is none, and no connection follows.",
        verdict: "broken",
        findings: &["host-not-resolved"],
        near_miss_of: &[],
        build: || {
            let asks = |time| asks("bakcend.example.com", time, Answer::None);
            Capture::new().add(asks(0)).add(asks(10 * SEC)).ethernet()
        },
    },
    Scenario {
        name: "dns-unanswered.pcap",
        shows: "WCS asks for the backend's name again and again, and no name server answers.",
        verdict: "broken",
        findings: &["host-not-resolved"],
        near_miss_of: &[],
        build: || {
            let times = [0, 5 * SEC, 10 * SEC, 15 * SEC, 20 * SEC, 25 * SEC];
            let packets =
                times.into_iter().flat_map(|time| asks("backend.example.com", time, Answer::Silence));
            Capture::new().add(packets.collect::<Vec<_>>()).ethernet()
        },
    },
    Scenario {
        name: "dns-fails-later.pcap",
        shows: "A session works; then the backend's name can no longer be resolved.",
        verdict: "degraded",
        findings: &["host-not-resolved"],
        near_miss_of: &[],
        build: || after_session("backend.example.com", Answer::Failure),
    },
    Scenario {
        name: "dns-search-list.pcap",
        shows: "The resolver tries the name with the search list's domain first, in vain; the plain name works.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["host-not-resolved"],
        build: || {
            let mut backend = to_backend(41_003, 100 * MS);
            backend.handshake().session(&Client::new(3)).close();
            let searched = asks("backend.example.com.corp.example", 0, Answer::None);
            let plain = asks("backend.example.com", 10 * MS, Answer::Address);
            Capture::of([backend]).add(searched).add(plain).ethernet()
        },
    },
    Scenario {
        name: "dns-of-another-name.pcap",
        shows: "A session works; another name, which no hook goes to, cannot be resolved.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["host-not-resolved"],
        build: || {
            let mut backend = to_backend(41_003, 0);
            let client = Client::new(3);
            backend.handshake().session(&client).wait(60 * SEC).call(&client, &call_id(3)).close();
            let asks = |time| asks("updates.example.net", time, Answer::None);
            Capture::of([backend]).add(asks(20 * SEC)).add(asks(30 * SEC)).ethernet()
        },
    },
    Scenario {
        name: "dns-one-address-refuses.pcap",
        shows: "The backend's name has two addresses; one refuses connections, and WCS goes on to the other.",
        verdict: "degraded",
        findings: &["backend-refused"],
        near_miss_of: &["backend-unreachable"],
        build: || at_two_addresses("198.51.100.21:8081", 6 * MS),
    },
    Scenario {
        name: "dns-other-port-refuses.pcap",
        shows: "The backend's name has two addresses; what refuses connections at one of them is another port. An answer is slow.",
        verdict: "degraded",
        findings: &["slow-response"],
        near_miss_of: &["backend-refused"],
        build: || at_two_addresses("198.51.100.21:443", 1_500 * MS),
    },
];

/// A session at the second address of a name, whose last answer takes some time, and an attempt at a port of the first.
fn at_two_addresses(first: &str, takes: u64) -> Vec<u8> {
    let client = Client::new(3);
    let mut refuses = Connection::new("192.0.2.10:41002", first).at(50 * MS);
    refuses.syn().rst(Side::Server);
    let mut backend = to_backend(41_003, 52 * MS);
    let over = client.connection_status("DISCONNECTED");
    backend.handshake().session(&client).wait(SEC);
    backend.exchange(&request("ConnectionStatusEvent", &over), &http::json(&over), takes).close();
    Capture::of([refuses, backend]).add(asks("backend.example.com", 0, Answer::Addresses)).ethernet()
}

/// What a name server answers.
#[derive(Clone, Copy)]
enum Answer {
    Address,
    Addresses,
    None,
    Failure,
    Silence,
}

fn after_session(name: &str, answer: Answer) -> Vec<u8> {
    let mut backend = to_backend(41_003, 0);
    backend.handshake().session(&Client::new(3)).close();
    Capture::of([backend]).add(asks(name, 30 * SEC, answer)).add(asks(name, 40 * SEC, answer)).ethernet()
}

/// Questions for a name's addresses of both kinds, and their answers.
fn asks(name: &str, time: u64, answer: Answer) -> Vec<Packet> {
    let (client, server) = ("192.0.2.10:50353".parse().unwrap(), "192.0.2.53:53".parse().unwrap());
    let mut packets = Vec::new();
    for (number, kind) in [(0, 1), (1, 28)] {
        let (time, id) = (time + number * MS, 0x4000 + (time / MS) as u16 + number as u16);
        let question = message(id, 0x0100, &[], name, kind);
        packets.push(Packet { time, outbound: true, ip: packet::udp(client, server, id, &question) });
        let address: &[u8] = if kind == 1 { &[198, 51, 100, 20] } else { &[0x20; 16] };
        let octets = match answer {
            Answer::Address => message(id, 0x8180, &[address], name, kind),
            Answer::Addresses if kind == 1 => {
                message(id, 0x8180, &[&[198, 51, 100, 21], address], name, kind)
            }
            Answer::Addresses => message(id, 0x8180, &[], name, kind),
            Answer::None => message(id, 0x8183, &[], name, kind),
            Answer::Failure => message(id, 0x8182, &[], name, kind),
            Answer::Silence => continue,
        };
        let time = time + 3 * MS;
        packets.push(Packet { time, outbound: false, ip: packet::udp(server, client, id, &octets) });
    }
    packets.sort_by_key(|packet| packet.time);
    packets
}

/// A message with a question and a record for each address (RFC 1035, section 4).
fn message(id: u16, flags: u16, addresses: &[&[u8]], name: &str, kind: u16) -> Vec<u8> {
    let records = addresses.len() as u16;
    let mut octets: Vec<u8> =
        [id, flags, 1, records, 0, 0].iter().flat_map(|field: &u16| field.to_be_bytes()).collect();
    for label in name.split('.') {
        octets.push(label.len() as u8);
        octets.extend(label.as_bytes());
    }
    octets.push(0);
    let behind: Vec<u8> = [kind, 1].iter().flat_map(|field: &u16| field.to_be_bytes()).collect();
    octets.extend(&behind);
    for address in addresses {
        // A pointer to the name in the question; a minute to live.
        octets.extend([0xc0, 12]);
        octets.extend(&behind);
        octets.extend([0, 0, 0, 60, 0, address.len() as u8]);
        octets.extend(*address);
    }
    octets
}
