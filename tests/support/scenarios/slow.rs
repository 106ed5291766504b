//! Slow answers, and who took the time.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// A call that is answered late.
const fn slow(
    name: &'static str,
    shows: &'static str,
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "degraded", findings: &["slow-response"], near_miss_of, build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    slow(
        "slow-answer-unread.pcap",
        "WCS has no room for the second half of an answer for five seconds: it does not read.",
        &[],
        || around(answer_unread),
    ),
    slow(
        "slow-request-unread.pcap",
        "The backend has no room for the second half of a request for three seconds: it does not read.",
        &["request-unacknowledged"],
        || around(request_unread),
    ),
    slow(
        "slow-answer-lost.pcap",
        "The end of an answer comes at once; its lost beginning comes again three seconds later.",
        &["capture-loss"],
        || around(answer_lost),
    ),
    slow(
        "slow-request-lost.pcap",
        "A request is lost four times, and answered at once when it arrives after three seconds.",
        &["network-loss"],
        || around(request_lost),
    ),
    slow(
        "slow-unacknowledged.pcap",
        "Two seconds pass from a request to its answer; the capture lacks the acknowledgment, and nothing is sent again.",
        &["network-loss"],
        || around(unacknowledged),
    ),
];

/// A session with a call, which `happens` on an open connection.
fn around(happens: fn(&mut Connection, &str)) -> Vec<u8> {
    let (client, id) = (Client::new(13), call_id(13));
    let mut backend = to_backend(41_070, 0);
    backend.handshake().session(&client).wait(SEC);
    happens(&mut backend, &client.call(&id, "PENDING"));
    backend.wait(30 * MS).ok("CallStatusEvent", &client.call(&id, "FINISH")).disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

/// One side sends octets; when half of them have come, the other has no room for so long.
fn sends_to_full(backend: &mut Connection, from: Side, octets: &[u8], time: u64) {
    let (first, rest) = octets.split_at(octets.len() / 2);
    let (to, acknowledge): (_, fn(&mut Connection) -> &mut Connection) = match from {
        Side::Client => (Side::Server, Connection::server_acks),
        Side::Server => (Side::Client, Connection::client_acks),
    };
    backend.sends(from, first);
    acknowledge(backend.window(to, 0));
    // A probe into the closed window, and its answer.
    backend.wait(time / 2).keep_alive(from).wait(time / 2);
    acknowledge(backend.window(to, 64_240));
    acknowledge(backend.sends(from, rest));
}

fn answer_unread(backend: &mut Connection, call: &str) {
    backend.asks("call", call).wait(5 * MS);
    sends_to_full(backend, Side::Server, &http::json(call), 5 * SEC);
}

fn request_unread(backend: &mut Connection, call: &str) {
    sends_to_full(backend, Side::Client, &request("call", call), 3 * SEC);
    backend.wait(5 * MS).server_sends(&http::json(call)).client_acks();
}

fn answer_lost(backend: &mut Connection, call: &str) {
    backend.asks("call", call).wait(5 * MS);
    backend.sends_in(Side::Server, &http::json(call), &[200]).reverses(2).wait(3 * SEC);
    backend.packets().last_mut().unwrap().time += 3 * SEC;
    backend.client_acks();
}

fn request_lost(backend: &mut Connection, call: &str) {
    let start = backend.now();
    backend.client_sends(&request("call", call));
    for after in [200, 600, 1_400, 3_000] {
        backend.go_to(start + after * MS).retransmits(0);
    }
    backend.server_acks().wait(5 * MS).server_sends(&http::json(call)).client_acks();
}

fn unacknowledged(backend: &mut Connection, call: &str) {
    backend.client_sends(&request("call", call)).wait(2 * SEC).server_sends(&http::json(call)).client_acks();
}
