//! Hooks that were captured again on their way, and hooks that are sent again since the answer asks for it.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{BACKEND, BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "docker-translated.pcap",
        shows: "WCS in a container, captured on all interfaces: each packet with the container's address and with the host's.",
        verdict: "degraded",
        findings: &["decline-ignored", "hook-declined", "hooks-captured-twice", "response-timeout"],
        near_miss_of: &["hook-retried", "reconnect-loop"],
        build: translated,
    },
    Scenario {
        name: "proxy-forwarded.pcap",
        shows: "nginx on WCS's host forwards hooks; its first upstream does not answer one of them, the next one does.",
        verdict: "degraded",
        findings: &["hooks-captured-twice", "slow-response"],
        near_miss_of: &["response-timeout", "connection-closed", "hook-retried"],
        build: forwarded,
    },
    Scenario {
        name: "challenged.pcap",
        shows: "The backend wants credentials for the hooks of a call, and WCS sends them again with these at once; one is answered slowly.",
        verdict: "degraded",
        findings: &["hook-retried", "slow-response"],
        near_miss_of: &["authentication-required"],
        build: challenged,
    },
    Scenario {
        name: "redirect-followed.pcap",
        shows: "The backend redirects connect by 307, and WCS follows; a status event is answered slowly.",
        verdict: "degraded",
        findings: &["hook-retried", "slow-response"],
        near_miss_of: &["redirected", "connect-failed", "connect-missing"],
        build: redirected,
    },
    Scenario {
        name: "retried-elsewhere.pcap",
        shows: "A member behind the backend's name resets a connect; WCS sends it to another one, which answers well.",
        verdict: "degraded",
        findings: &["connection-reset", "hook-retried"],
        near_miss_of: &["connect-failed", "hooks-captured-twice"],
        build: retried_elsewhere,
    },
];

const CONTAINER: &str = "172.17.0.2";

/// A session that is declined a call, and waits for another one in vain; with its addresses and ports.
fn seen_at(client_address: &str, later: u64) -> [Connection; 2] {
    let client = Client::new(31);
    let connect = |port: u16, time| {
        let client = format!("{client_address}:{port}");
        let number = u32::from(port);
        Connection::new(&client, BACKEND).at(time + later).numbered(number * 70_001, number * 90_007)
    };
    let mut backend = connect(41_300, 0);
    backend.handshake().session(&client).wait(SEC);
    let refused = http::response("403 Forbidden", &[], b"");
    backend.hook("call", &client.call(&call_id(31), "PENDING"), &refused).wait(20 * SEC);
    backend.disconnect(&client).close();
    let mut silent = connect(41_301, 3 * SEC);
    silent.handshake().asks("call", &client.call(&call_id(32), "PENDING"));
    silent.wait(15 * SEC).fin(Side::Client).server_acks().fin(Side::Server).client_acks();
    [backend, silent]
}

fn translated() -> Vec<u8> {
    let [backend, silent] = seen_at(CONTAINER, 0);
    let [behind, silent_behind] = seen_at("192.0.2.10", MS / 25);
    Capture::of([backend, silent, behind, silent_behind]).ethernet()
}

fn forwarded() -> Vec<u8> {
    let client = Client::new(33);
    let mut proxy = Connection::new("127.0.0.1:41310", "127.0.0.1:80");
    let mut upstream = to_backend(41_311, 0);
    proxy.handshake();
    upstream.handshake();
    let hooks = [
        ("connect", client.connect(), 0),
        ("ConnectionStatusEvent", client.connection_status("ESTABLISHED"), 0),
        ("call", client.call(&call_id(33), "PENDING"), 3 * SEC),
        ("CallStatusEvent", client.call(&call_id(33), "FINISH"), 0),
    ];
    let mut capture = Capture::new();
    for (method, body, waits) in hooks {
        let (request, answer) = (request(method, &body), http::json(&body));
        proxy.client_sends(&request);
        if waits > 0 {
            let mut first = Connection::new("192.0.2.10:41312", "198.51.100.21:8081").at(proxy.now() + MS);
            first.handshake().client_sends(&request).server_acks().wait(waits).close();
            capture.add(first);
        }
        upstream.go_to(proxy.now() + waits + 10 * MS).exchange(&request, &answer, 6 * MS);
        proxy.go_to(upstream.now() + MS).server_sends(&answer).client_acks().wait(SEC);
    }
    proxy.close();
    upstream.go_to(proxy.now()).close();
    capture.add(proxy).add(upstream).ethernet()
}

fn challenged() -> Vec<u8> {
    let client = Client::new(34);
    let mut backend = to_backend(41_320, 0);
    backend.handshake().session(&client);
    let challenge =
        http::response("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"hooks\"")], b"<html>");
    for (method, body) in [
        ("call", client.call(&call_id(34), "PENDING")),
        ("CallStatusEvent", client.call(&call_id(34), "FINISH")),
    ] {
        backend.exchange(&request(method, &body), &challenge, 2 * MS).wait(2 * MS);
        let credentials = [("Authorization", "Basic d2NzOnBsYW50ZWQtc2VjcmV0LWJhc2lj")];
        let again = http::post_with(&format!("{BASE}/{method}"), HOST, &credentials, &body);
        let takes = if method == "call" { 6 * MS } else { 1_500 * MS };
        backend.exchange(&again, &http::json(&body), takes).wait(SEC);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn redirected() -> Vec<u8> {
    let client = Client::new(35);
    let mut backend = to_backend(41_330, 0);
    let body = client.connect();
    let location = format!("http://{HOST}/v2/connect");
    let redirect = http::response("307 Temporary Redirect", &[("Location", &location)], b"");
    backend.handshake().session(&Client::new(37));
    backend.exchange(&request("connect", &body), &redirect, 2 * MS).wait(2 * MS);
    backend.exchange(&http::post("/v2/connect", HOST, &body), &http::json(&body), 6 * MS).wait(SEC);
    let established = request("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.exchange(&established, &http::json("{}"), 1_500 * MS).wait(9 * SEC);
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn retried_elsewhere() -> Vec<u8> {
    let client = Client::new(36);
    let body = client.connect();
    let mut one = to_backend(41_340, 0);
    one.handshake().client_sends(&request("connect", &body)).rst(Side::Server);
    let mut other = Connection::new("192.0.2.10:41341", "198.51.100.21:8081").at(one.now() + 30 * MS);
    other.handshake().session(&client).wait(9 * SEC).disconnect(&client).close();
    Capture::of([one, other]).ethernet()
}
