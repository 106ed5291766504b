//! How flows end, or do not: last statuses, keep-alives, orders of statuses, clients that come again and again.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, MS, SEC};

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
