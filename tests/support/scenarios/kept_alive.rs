//! What happens around connections that are kept for the next hook, and to answers that come too late.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "late-response.pcap",
        shows: "The backend answers call after 16 s, when WCS has left.",
        verdict: "degraded",
        findings: &["late-response"],
        near_miss_of: &["response-timeout", "slow-response"],
        build: late_response,
    },
    Scenario {
        name: "stale-retried.pcap",
        shows: "A hook goes out on a connection that the backend has closed; it is sent again at once, and answered.",
        verdict: "healthy",
        findings: &["hook-retried", "stale-connection"],
        near_miss_of: &["connection-closed", "connection-reset"],
        build: || stale(true),
    },
    Scenario {
        name: "stale-lost.pcap",
        shows: "A hook goes out on a connection that the backend has closed, and is not sent again.",
        verdict: "degraded",
        findings: &["stale-connection"],
        near_miss_of: &["hook-retried", "connection-reset"],
        build: || stale(false),
    },
    Scenario {
        name: "stale-crossed.pcap",
        shows: "The backend closes an idle connection just when a hook goes out; it is sent again at once, and answered.",
        verdict: "healthy",
        findings: &["hook-retried", "stale-connection"],
        near_miss_of: &["connection-closed", "connection-reset"],
        build: || crossed(true),
    },
    Scenario {
        name: "stale-crossed-lost.pcap",
        shows: "The backend closes an idle connection just when a hook goes out, and it is not sent again.",
        verdict: "degraded",
        findings: &["stale-connection"],
        near_miss_of: &["connection-closed", "hook-retried"],
        build: || crossed(false),
    },
    Scenario {
        name: "stale-crossed-408.pcap",
        shows: "The backend answers an idle connection with 408 and closes it just when a hook goes out; it is sent again at \
            once, and answered.",
        verdict: "healthy",
        findings: &["hook-retried", "stale-connection"],
        near_miss_of: &["request-rejected"],
        build: crossed_by_408,
    },
    Scenario {
        name: "keep-alives.pcap",
        shows: "Equal StreamKeepAliveEvents, each answered: events of their own, not repetitions.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["hook-retried"],
        build: keep_alives,
    },
];

/// A session on an open connection, and its call.
fn open() -> (Connection, Client, String) {
    let client = Client::new(16);
    let mut backend = to_backend(41_095, 0);
    backend.handshake().session(&client).wait(SEC);
    let call = client.call(&call_id(16), "PENDING");
    (backend, client, call)
}

/// The session goes on and ends on another connection.
fn goes_on(backend: Connection, client: &Client, begin: impl Fn(&mut Connection)) -> Vec<u8> {
    let mut other = to_backend(41_096, backend.now() + 5 * MS);
    other.handshake();
    begin(&mut other);
    other.ok("CallStatusEvent", &client.call(&call_id(16), "FINISH")).disconnect(client).close();
    Capture::of([backend, other]).ethernet()
}

fn late_response() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call).wait(15 * SEC).fin(Side::Client).server_acks();
    backend.wait(SEC).server_sends(&http::json(&call)).rst(Side::Client);
    goes_on(backend, &client, |_| {})
}

fn stale(again: bool) -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.wait(60 * SEC).fin(Side::Server).client_acks().wait(2 * SEC);
    backend.client_sends(&request("call", &call)).rst(Side::Server);
    perhaps_again(backend, &client, &call, again)
}

fn crossed(again: bool) -> Vec<u8> {
    let (mut backend, client, call) = open();
    let request = request("call", &call);
    backend.wait(60 * SEC).client_sends(&request).wait(5 * MS).fin_missing(Side::Server, request.len());
    backend.client_acks().wait(15 * MS).rst(Side::Server);
    perhaps_again(backend, &client, &call, again)
}

fn crossed_by_408() -> Vec<u8> {
    let (mut backend, client, call) = open();
    let request = request("call", &call);
    backend.wait(60 * SEC).client_sends(&request);
    backend.sends_missing(Side::Server, &http::html("408 Request Timeout"), request.len());
    backend.fin_missing(Side::Server, request.len()).client_acks().rst(Side::Server);
    perhaps_again(backend, &client, &call, true)
}

/// A hook found no backend; it is sent again at once, or never.
fn perhaps_again(mut backend: Connection, client: &Client, call: &str, again: bool) -> Vec<u8> {
    if !again {
        backend.wait(8 * SEC);
    }
    goes_on(backend, client, |other| {
        if again {
            other.ok("call", call);
        }
    })
}

fn keep_alives() -> Vec<u8> {
    let (mut backend, client, _) = open();
    let stream = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";
    backend.ok("publishStream", &client.stream(stream, true, "PENDING"));
    for _ in 0..3 {
        backend.ok("StreamStatusEvent", &client.stream(stream, true, "PUBLISHING")).wait(10 * SEC);
    }
    for _ in 0..3 {
        backend.ok("StreamKeepAliveEvent", &client.stream(stream, true, "PUBLISHING")).wait(10 * SEC);
    }
    backend.ok("StreamStatusEvent", &client.stream(stream, true, "UNPUBLISHED"));
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}
