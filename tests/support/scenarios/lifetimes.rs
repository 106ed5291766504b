//! How flows end, or do not: last statuses, keep-alives, orders of statuses, clients that come again and again.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, MS, SEC, US};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "flow-unfinished.pcap",
        shows: "A session is over; its call and its stream were never reported to be.",
        verdict: "healthy",
        findings: &["flow-unfinished"],
        near_miss_of: &["status-event-missing"],
        build: || unfinished(None, 8 * SEC),
    },
    Scenario {
        name: "flow-ended-behind.pcap",
        shows: "A call and a stream are reported to be over two seconds behind their session.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["flow-unfinished"],
        build: || unfinished(Some("FINISH"), 8 * SEC),
    },
    Scenario {
        name: "flow-end-cut-off.pcap",
        shows: "The capture ends two seconds behind a session, whose call and stream are not reported to be over.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["flow-unfinished"],
        build: || unfinished(None, SEC),
    },
    Scenario {
        name: "keepalive-gap.pcap",
        shows: "A stream's keep-alives stop; the session goes on for minutes, and so do another stream's keep-alives.",
        verdict: "degraded",
        findings: &["keepalive-gap"],
        near_miss_of: &["flow-unfinished", "status-event-missing"],
        build: || keep_alives(false, |_, _| {}),
    },
    Scenario {
        name: "keepalive-pause.pcap",
        shows: "A stream's keep-alives come again after a pause of a minute.",
        verdict: "degraded",
        findings: &["keepalive-gap"],
        near_miss_of: &[],
        build: || keep_alives(true, |_, _| {}),
    },
    Scenario {
        name: "keepalive-ended.pcap",
        shows: "A stream's keep-alives stop since it failed.",
        verdict: "healthy",
        findings: &["operation-failed"],
        near_miss_of: &["client-lost", "keepalive-gap"],
        build: || {
            keep_alives(false, |backend, client| {
                backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "FAILED"));
            })
        },
    },
    Scenario {
        name: "keepalive-paused.pcap",
        shows: "The client pauses a stream, and its keep-alives stop.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["keepalive-gap"],
        build: || {
            keep_alives(false, |backend, client| {
                backend.ok("pauseStream", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
                backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PAUSED"));
            })
        },
    },
    Scenario {
        name: "keepalive-lost-client.pcap",
        shows: "A stream's keep-alives stop, and 50 s later its client is found to be gone.",
        verdict: "healthy",
        findings: &["client-lost"],
        near_miss_of: &["flow-unfinished", "keepalive-gap"],
        build: lost_client,
    },
    Scenario {
        name: "keepalive-cut-off.pcap",
        shows: "The capture ends two periods behind a stream's last keep-alive.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["keepalive-gap"],
        build: || {
            let client = Client::new(17);
            let mut backend = open(&client);
            alive(&mut backend, &client, MEDIA_SESSION, 4);
            backend.wait(10 * SEC);
            goes_on(backend)
        },
    },
];

/// A browser with a call and a stream, on an open connection.
fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_110, 0);
    backend.handshake().session(client).call(client, &call_id(17));
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(300 * MS);
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING")).wait(5 * SEC);
    backend
}

const MEDIA_SESSION: &str = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";

/// Another session: it shows that the capture goes on, and that hooks come.
fn goes_on(mut backend: Connection) -> Vec<u8> {
    let other = Client::new(18);
    backend.session(&other).disconnect(&other).close();
    Capture::of([backend]).ethernet()
}

/// A session that ends; two seconds later a status of its call, and with FINISH one of its stream.
fn unfinished(status: Option<&str>, rest: u64) -> Vec<u8> {
    let client = Client::new(17);
    let mut backend = open(&client);
    backend.disconnect(&client).wait(2 * SEC);
    if let Some(status) = status {
        backend.ok("CallStatusEvent", &client.call(&call_id(17), status));
        let status = if status == "FINISH" { "UNPUBLISHED" } else { "PUBLISHING" };
        backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, status));
    }
    backend.wait(rest);
    goes_on(backend)
}

/// Keep-alives of a stream, the last of them ten seconds ago.
fn alive(backend: &mut Connection, client: &Client, stream: &str, count: u32) {
    for _ in 0..count {
        backend.ok("StreamKeepAliveEvent", &client.stream(stream, true, "PUBLISHING"));
        backend.wait(10 * SEC - 46_400 * US);
    }
}

/// A stream with four keep-alives, then what `then` says, and no more for a minute, in which another stream's come.
fn keep_alives(again: bool, then: impl Fn(&mut Connection, &Client)) -> Vec<u8> {
    let (client, other) = (Client::new(17), Client::new(18));
    let second = "77a41d10-fddc-11e6-ac3a-4d67d5b3360d";
    let mut backend = open(&client);
    alive(&mut backend, &client, MEDIA_SESSION, 4);
    then(&mut backend, &client);
    backend.session(&other).ok("publishStream", &other.stream(second, true, "PENDING"));
    backend.ok("StreamStatusEvent", &other.stream(second, true, "PUBLISHING"));
    alive(&mut backend, &other, second, 6);
    backend.ok("unPublishStream", &other.stream(second, true, "PUBLISHING"));
    backend.ok("StreamStatusEvent", &other.stream(second, true, "UNPUBLISHED")).disconnect(&other);
    if again {
        alive(&mut backend, &client, MEDIA_SESSION, 3);
    }
    backend.wait(30 * SEC).hangup(&client, &call_id(17));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED"));
    backend.disconnect(&client).close();
    Capture::of([backend]).ethernet()
}

fn lost_client() -> Vec<u8> {
    let client = Client::new(17);
    let mut backend = open(&client);
    alive(&mut backend, &client, MEDIA_SESSION, 4);
    backend.wait(40 * SEC).ok("CallStatusEvent", &client.call(&call_id(17), "FINISH"));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED")).disconnect(&client);
    backend.wait(20 * SEC);
    goes_on(backend)
}
