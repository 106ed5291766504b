//! Requests without a response, or with a late one.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{Client, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http, traffic};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "reset-mid-response.pcap",
        shows: "The backend resets the connection in the middle of its response to call.",
        verdict: "degraded",
        findings: &["connection-reset"],
        near_miss_of: &[],
        build: reset_mid_response,
    },
    Scenario {
        name: "reset-before-response.pcap",
        shows: "The backend resets the connection in place of a response to call.",
        verdict: "degraded",
        findings: &["connection-reset"],
        near_miss_of: &["connection-closed", "stale-connection"],
        build: reset_before_response,
    },
    Scenario {
        name: "reset-then-retried.pcap",
        shows: "A pooled connection is reset in place of a response; the same hook succeeds on a new one.",
        verdict: "healthy",
        findings: &["hook-retried", "stale-connection"],
        near_miss_of: &["connection-reset"],
        build: reset_then_retried,
    },
    Scenario {
        name: "closed-before-response.pcap",
        shows: "The backend closes the connection in place of a response to call.",
        verdict: "degraded",
        findings: &["connection-closed"],
        near_miss_of: &["connection-reset"],
        build: closed_before_response,
    },
    Scenario {
        name: "closed-before-requests.pcap",
        shows: "A load balancer without members closes each new connection before the request arrives, and resets it then.",
        verdict: "broken",
        findings: &["connect-failed", "connection-closed"],
        near_miss_of: &["connection-reset", "stale-connection"],
        build: closed_before_requests,
    },
    Scenario {
        name: "timeout.pcap",
        shows: "The backend takes the request and is silent; WCS closes after 15 s.",
        verdict: "degraded",
        findings: &["response-timeout"],
        near_miss_of: &["connection-closed", "no-response"],
        build: || timeout(|backend| backend.close()),
    },
    Scenario {
        name: "timeout-reset.pcap",
        shows: "The backend takes the request and is silent; WCS resets the connection after 15 s.",
        verdict: "degraded",
        findings: &["response-timeout"],
        near_miss_of: &["connection-reset", "no-response", "request-cancelled"],
        build: || timeout(|backend| backend.rst(Side::Client)),
    },
    Scenario {
        name: "wcs-restarts.pcap",
        shows: "WCS is restarted: it resets its connections 50 ms after their requests; one answer comes all the same.",
        verdict: "degraded",
        findings: &["request-cancelled"],
        near_miss_of: &["late-response", "response-timeout"],
        build: wcs_restarts,
    },
    Scenario {
        name: "response-without-end.pcap",
        shows: "The backend answers call without a length, and does not close; WCS resets the connection after 15 s.",
        verdict: "degraded",
        findings: &["response-timeout"],
        near_miss_of: &["connection-reset", "no-response", "response-truncated"],
        build: response_without_end,
    },
    Scenario {
        name: "request-unacknowledged.pcap",
        shows: "A firewall has forgotten an idle connection: call is sent again six times, unacknowledged; WCS closes after 15 s.",
        verdict: "degraded",
        findings: &["network-loss", "request-unacknowledged"],
        near_miss_of: &["no-response", "response-timeout"],
        build: || unacknowledged(&[200, 600, 1_400, 3_000, 6_200, 12_600], false),
    },
    Scenario {
        name: "request-unacknowledged-altogether.pcap",
        shows: "The backend's machine goes down behind the handshake: connect is sent again five times, unacknowledged.",
        verdict: "broken",
        findings: &["connect-failed", "network-loss", "request-unacknowledged"],
        near_miss_of: &["backend-unreachable", "response-timeout"],
        build: altogether_unacknowledged,
    },
    Scenario {
        name: "request-acknowledged-late.pcap",
        shows: "call is sent again three times, and acknowledged then; WCS closes after 15 s.",
        verdict: "degraded",
        findings: &["response-timeout"],
        near_miss_of: &["network-loss", "request-unacknowledged"],
        build: || unacknowledged(&[200, 600, 1_400], true),
    },
    Scenario {
        name: "all-time-out.pcap",
        shows: "Every hook, from connect on, ends after 15 s without a response.",
        verdict: "broken",
        findings: &["connect-failed", "response-timeout"],
        near_miss_of: &["slow-response"],
        build: all_time_out,
    },
    Scenario {
        name: "answered-after-14s.pcap",
        shows: "The backend answers call after 14 s, just before WCS would give up.",
        verdict: "degraded",
        findings: &["slow-response"],
        near_miss_of: &["late-response", "response-timeout"],
        build: || answered_after(14 * SEC),
    },
    Scenario {
        name: "answered-after-1200ms.pcap",
        shows: "The backend answers call after 1.2 s.",
        verdict: "degraded",
        findings: &["slow-response"],
        near_miss_of: &[],
        build: || answered_after(1_200 * MS),
    },
    Scenario {
        name: "answered-after-900ms.pcap",
        shows: "The backend answers call after 0.9 s.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["slow-response"],
        build: || answered_after(900 * MS),
    },
    Scenario {
        name: "no-response.pcap",
        shows: "The backend takes the request and is silent; nobody closes for another minute.",
        verdict: "degraded",
        findings: &["no-response"],
        near_miss_of: &["response-timeout"],
        build: no_response,
    },
    Scenario {
        name: "no-response-captured.pcap",
        shows: "No response to a call was captured; but packets of another connection, which came within a second, were not captured either. \
            A status event is answered slowly.",
        verdict: "degraded",
        findings: &["capture-loss", "slow-response"],
        near_miss_of: &["no-response"],
        build: no_response_captured,
    },
    Scenario {
        name: "request-at-the-end.pcap",
        shows: "The capture ends 50 ms after a request.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["no-response"],
        build: request_at_the_end,
    },
];

/// A session with two healthy hooks, on an open connection; what follows is about its call.
fn wcs_restarts() -> Vec<u8> {
    let mut capture = Capture::new();
    for number in 0..3 {
        let client = Client::new(40 + number);
        let mut backend = to_backend(41_340 + number, u64::from(number) * 5 * MS);
        backend.handshake().session(&client).wait(5 * SEC);
        let call = client.call(&call_id(40 + number), "PENDING");
        backend.client_sends(&request("call", &call)).server_acks().wait(50 * MS);
        if number == 0 {
            backend.fin(Side::Client).wait(100 * MS).server_sends(&http::json(&call)).rst(Side::Client);
        } else {
            backend.rst(Side::Client);
        }
        capture.add(backend);
    }
    capture.ethernet()
}

fn open() -> (Connection, Client, String) {
    let client = Client::new(11);
    let mut backend = to_backend(41_060, 0);
    backend.handshake().session(&client).wait(SEC);
    let call = client.call(&call_id(11), "PENDING");
    (backend, client, call)
}

/// The session ends on another connection, three seconds after the first one's last packet.
fn end(backend: Connection, client: &Client) -> Vec<u8> {
    let mut last = to_backend(41_061, backend.now() + 3 * SEC);
    last.handshake().disconnect(client).close();
    Capture::of([backend, last]).ethernet()
}

fn reset_mid_response() -> Vec<u8> {
    let (mut backend, client, call) = open();
    let response = http::json(&call);
    backend.asks("call", &call).wait(8 * MS).server_sends(&response[..200]).client_acks();
    backend.wait(20 * MS).rst(Side::Server);
    end(backend, &client)
}

fn reset_before_response() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call).wait(300 * MS).rst(Side::Server);
    end(backend, &client)
}

fn reset_then_retried() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.wait(60 * SEC).client_sends(&request("call", &call)).rst(Side::Server);
    let mut again = to_backend(41_062, backend.now() + 2 * MS);
    again.handshake().ok("call", &call);
    again.ok("CallStatusEvent", &client.call(&call_id(11), "ESTABLISHED"));
    again.ok("CallStatusEvent", &client.call(&call_id(11), "FINISH")).disconnect(&client).close();
    Capture::of([backend, again]).ethernet()
}

fn closed_before_response() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call).wait(300 * MS).server_closes();
    end(backend, &client)
}

fn closed_before_requests() -> Vec<u8> {
    let capture = (0..2).fold(Capture::new(), |mut capture, number| {
        let mut backend = to_backend(41_067 + number, u64::from(number) * 4 * SEC);
        backend.handshake().wait(MS).fin(Side::Server).wait(MS);
        let connect = request("connect", &Client::new(11 + number).connect());
        backend.client_sends(&connect).wait(MS).rst(Side::Server);
        capture.add(backend);
        capture
    });
    capture.ethernet()
}

fn timeout(give_up: fn(&mut Connection) -> &mut Connection) -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call).wait(15 * SEC);
    give_up(&mut backend);
    end(backend, &client)
}

fn response_without_end() -> Vec<u8> {
    let (mut backend, client, call) = open();
    let response = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{call}");
    backend.exchange(&request("call", &call), response.as_bytes(), 6 * MS);
    backend.wait(15 * SEC).rst(Side::Client);
    end(backend, &client)
}

/// A request is sent, and again after so many milliseconds each; returns when WCS gives up.
fn send_again(backend: &mut Connection, request: &[u8], again: &[u64]) -> u64 {
    let start = backend.now();
    backend.client_sends(request);
    for after in again {
        backend.go_to(start + after * MS).retransmits(0);
    }
    start + 15 * SEC
}

fn unacknowledged(again: &[u64], acknowledged: bool) -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.wait(600 * SEC);
    let given_up = send_again(&mut backend, &request("call", &call), again);
    if acknowledged {
        backend.server_acks();
    }
    backend.go_to(given_up).fin(Side::Client).wait(200 * MS).retransmits(0);
    end(backend, &client)
}

fn altogether_unacknowledged() -> Vec<u8> {
    let mut backend = to_backend(41_065, 0);
    let connect = request("connect", &Client::new(11).connect());
    let given_up = send_again(backend.handshake(), &connect, &[200, 600, 1_400, 3_000, 6_200]);
    backend.go_to(given_up).fin(Side::Client);
    Capture::of([backend]).ethernet()
}

fn all_time_out() -> Vec<u8> {
    let client = Client::new(11);
    let mut capture = Capture::new();
    let hooks =
        [("connect", client.connect()), ("ConnectionStatusEvent", client.connection_status("DISCONNECTED"))];
    for (number, (method, body)) in (0_u16..).zip(&hooks) {
        let mut backend = to_backend(41_063 + number, u64::from(number) * 16 * SEC);
        backend.handshake().asks(method, body).wait(15 * SEC).close();
        capture.add(backend);
    }
    capture.ethernet()
}

fn answered_after(time: u64) -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.exchange(&request("call", &call), &http::json(&call), time).wait(30 * MS);
    backend.ok("CallStatusEvent", &client.call(&call_id(11), "ESTABLISHED"));
    backend.ok("CallStatusEvent", &client.call(&call_id(11), "FINISH"));
    end(backend, &client)
}

fn no_response() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call);
    let mut other = to_backend(41_064, backend.now() + 20 * SEC);
    other.handshake().disconnect(&client).wait(20 * SEC).session(&Client::new(12)).wait(20 * SEC);
    other.disconnect(&Client::new(12)).close();
    Capture::of([backend, other]).ethernet()
}

fn no_response_captured() -> Vec<u8> {
    let (mut backend, client, call) = open();
    backend.asks("call", &call);
    let mut other = to_backend(41_064, 10 * MS);
    other.handshake().session(&Client::new(12)).go_to(backend.now() + SEC);
    let body = Client::new(12).connection_status("ESTABLISHED");
    other.client_sends(&request("ConnectionStatusEvent", &body)).wait(MS);
    other.loses(Side::Server, &http::json("{}")).client_acks().wait(20 * SEC);
    let body = client.connection_status("DISCONNECTED");
    other.exchange(&request("ConnectionStatusEvent", &body), &http::json("{}"), 2 * SEC);
    other.wait(40 * SEC).disconnect(&Client::new(12)).close();
    Capture::of([backend, other]).ethernet()
}

fn request_at_the_end() -> Vec<u8> {
    let (mut backend, _, call) = open();
    backend.asks("call", &call);
    let last = backend.now() + 50 * MS;
    let sound = traffic::rtp(0, 9, 1, 160);
    let sound = traffic::datagram(last, "192.0.2.10:31000", "198.51.100.60:17002", &sound);
    Capture::of([backend]).add([sound]).ethernet()
}
