//! Orders of statuses: those that cannot be, and those that look so.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// A session whose statuses come in an order that cannot be.
const fn wrong(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let findings = &["unexpected-transition"];
    Scenario { name, shows, verdict: "healthy", findings, near_miss_of: &[], build }
}

/// A session whose statuses come in an order that is unusual, but possible.
const fn unusual(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let near_miss_of = &["unexpected-transition"];
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of, build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    wrong("call-rings-again.pcap", "A call rings after it was established.", || {
        call(&["TRYING", "RING", "ESTABLISHED", "RING", "FINISH"])
    }),
    wrong("call-after-its-end.pcap", "A call is established after it was over.", || {
        call(&["RING", "FINISH", "ESTABLISHED", "FINISH"])
    }),
    wrong("stream-after-its-end.pcap", "A stream plays after it was stopped.", || {
        stream(&["PLAYING", "STOPPED", "PLAYING", "STOPPED"], false)
    }),
    wrong("transfer-after-its-end.pcap", "A transfer goes on after it was completed.", || {
        transfer(&["ACCEPTED", "COMPLETED", "TRYING", "COMPLETED"])
    }),
    wrong("session-after-its-end.pcap", "A connection is established after it was over.", || {
        session(&["ESTABLISHED", "DISCONNECTED", "ESTABLISHED", "DISCONNECTED"])
    }),
    unusual(
        "call-unusual-order.pcap",
        "A call rings at two places, is held twice, gets a re-INVITE, and ends twice.",
        || {
            call(&[
                "TRYING",
                "SESSION_PROGRESS",
                "RING",
                "TRYING",
                "RING",
                "ESTABLISHED",
                "HOLD",
                "HOLD",
                "ESTABLISHED",
                "TRYING",
                "ESTABLISHED",
                "FINISH",
                "FINISH",
            ])
        },
    ),
    Scenario {
        name: "call-unknown-status.pcap",
        shows: "A call reports a status that no document knows between two.",
        verdict: "healthy",
        findings: &["invalid-value"],
        near_miss_of: &["unexpected-transition"],
        build: || call(&["ESTABLISHED", "RECONNECTING", "RING", "FINISH"]),
    },
    unusual("stream-played-again.pcap", "The client plays a stream again after it stopped it.", || {
        stream(&["PLAYING", "STOPPED", "PLAYING", "STOPPED"], true)
    }),
    unusual("transfer-sip-status.pcap", "A transfer reports a SIP status as the SIP side wrote it.", || {
        transfer(&["ACCEPTED", "SIP/2.0 100 Trying", "TRYING", "COMPLETED"])
    }),
    Scenario {
        name: "transition-lost-between.pcap",
        shows: "A call rings after it was established; the capture lost what came between.",
        verdict: "healthy",
        findings: &["capture-loss", "unexpected-transition"],
        near_miss_of: &[],
        build: lost_between,
    },
    unusual(
        "transition-swapped.pcap",
        "The last two statuses of a call come in swapped order on two connections, 200 ms apart.",
        swapped,
    ),
];

fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_120, 0);
    backend.handshake().session(client);
    backend
}

fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.disconnect(client).close();
    Capture::of([backend]).ethernet()
}

/// A call with these statuses.
fn call(statuses: &[&str]) -> Vec<u8> {
    let (client, call) = (Client::new(19), call_id(19));
    let mut backend = open(&client);
    backend.ok("call", &client.call(&call, "PENDING"));
    for status in statuses {
        backend.ok("CallStatusEvent", &client.call(&call, status)).wait(700 * MS);
    }
    end(backend, &client)
}

/// A stream that is played, with these statuses; `again` says whether the client asks before each PLAYING.
fn stream(statuses: &[&str], again: bool) -> Vec<u8> {
    let client = Client::new(19);
    let media_session = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";
    let mut backend = open(&client);
    for (number, status) in statuses.iter().enumerate() {
        if number == 0 || again && *status == "PLAYING" {
            backend.ok("playStream", &client.stream(media_session, false, "PENDING"));
        }
        backend.ok("StreamStatusEvent", &client.stream(media_session, false, status)).wait(700 * MS);
    }
    end(backend, &client)
}

fn transfer(statuses: &[&str]) -> Vec<u8> {
    let (client, call) = (Client::new(19), call_id(19));
    let mut backend = open(&client);
    backend.call(&client, &call);
    backend.ok("transfer", &client.body().text("callId", &call).text("target", "1003").end());
    for status in statuses {
        let body = client.body().text("callId", &call).raw("incoming", "false").text("status", status).end();
        backend.ok("TransferStatusEvent", &body).wait(700 * MS);
    }
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    end(backend, &client)
}

fn session(statuses: &[&str]) -> Vec<u8> {
    let client = Client::new(19);
    let mut backend = to_backend(41_120, 0);
    backend.handshake().ok("connect", &client.connect());
    for status in statuses {
        backend.ok("ConnectionStatusEvent", &client.connection_status(status)).wait(SEC);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn lost_between() -> Vec<u8> {
    let (client, call) = (Client::new(19), call_id(19));
    let mut backend = open(&client);
    backend.ok("call", &client.call(&call, "PENDING"));
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).wait(2 * SEC);
    let lost = client.call(&call, "RING");
    backend.loses(Side::Client, &request("CallStatusEvent", &lost)).loses(Side::Server, &http::json(&lost));
    backend.wait(2 * SEC).ok("CallStatusEvent", &client.call(&call, "RING"));
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    end(backend, &client)
}

fn swapped() -> Vec<u8> {
    let (client, call) = (Client::new(19), call_id(19));
    let mut backend = open(&client);
    backend.call(&client, &call).wait(2 * SEC).ok("CallStatusEvent", &client.call(&call, "FINISH"));
    let mut other = to_backend(41_121, backend.now() + 150 * MS);
    other.handshake().ok("CallStatusEvent", &client.call(&call, "HOLD"));
    backend.wait(3 * SEC).disconnect(&client).close();
    Capture::of([backend, other]).ethernet()
}
