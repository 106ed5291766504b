//! The ways that sessions, streams, calls, messages and the rest may go, good and bad, beside those of `flows`.

use super::Scenario;
use super::builder::wcs::{Body, Client, call_id, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// What the documents describe, and nothing wrong with it.
const fn good(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let near_miss_of = &["flow-unfinished", "status-event-missing", "unexpected-transition"];
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of, build }
}

/// An operation that fails, and is told to.
const fn fails(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    let near_miss_of = &["flow-unfinished", "status-event-missing", "unexpected-transition"];
    Scenario { name, shows, verdict: "healthy", findings: &["operation-failed"], near_miss_of, build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    good("session-returns.pcap", "A client comes back by its authToken, and registers no more.", returns),
    fails("registration-fails.pcap", "The SIP server refuses a client's registration.", registration_fails),
    good("stream-publisher-stops.pcap", "A publisher stops, and with it its two viewers.", publisher_stops),
    good("stream-event.pcap", "A publisher mutes its stream, and a viewer is told.", stream_event),
    fails("stream-name-in-use.pcap", "A stream is published under a name that is in use.", name_in_use),
    Scenario {
        name: "keepalive-refused.pcap",
        shows: "The backend refuses a keep-alive with 403, under restOnError FAIL, and the stream ends.",
        verdict: "degraded",
        findings: &["hook-declined"],
        near_miss_of: &["flow-unfinished", "keepalive-gap"],
        build: keepalive_refused,
    },
    fails("call-busy.pcap", "The other side is busy, and FINISH follows BUSY.", || {
        call(&["TRYING", "RING", "BUSY", "FINISH"])
    }),
    fails("call-no-answer.pcap", "Nobody answers a call: SIP 408.", || call(&["TRYING", "RING", "FAILED"])),
    good("call-incoming-cancelled.pcap", "The caller gives up before anybody answers.", || {
        incoming(&[("CallStatusEvent", "RING"), ("CallStatusEvent", "FINISH")])
    }),
    good("call-incoming-rejected.pcap", "The client rejects an incoming call.", || {
        incoming(&[("CallStatusEvent", "RING"), ("hangup", ""), ("CallStatusEvent", "FINISH")])
    }),
    Scenario {
        name: "call-incoming-refused.pcap",
        shows: "The backend refuses an incoming call under restOnError FAIL; nothing more comes of it.",
        verdict: "degraded",
        findings: &["hook-declined"],
        near_miss_of: &["status-event-missing"],
        build: incoming_refused,
    },
    good("transfer-incoming.pcap", "The other side transfers a call.", transfer_incoming),
    fails("transfer-fails.pcap", "A call cannot be transferred, and goes on.", transfer_fails),
    fails("message-fails.pcap", "A message is not accepted.", || message("FAILED")),
    good(
        "message-without-notification.pcap",
        "The receiver of a message notifies nobody for a minute.",
        || message("ACCEPTED"),
    ),
    Scenario {
        name: "reports-without-events.pcap",
        shows: "A second subscription, XCAP request, bug report and debug session have no events.",
        verdict: "degraded",
        findings: &["status-event-missing"],
        near_miss_of: &[],
        build: reports,
    },
];

const MEDIA_SESSION: &str = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";
const VIEWS: [&str; 2] = ["77a41d10-fddc-11e6-ac3a-4d67d5b3360d", "88b41d10-fddc-11e6-ac3a-4d67d5b3360d"];

fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_150, 0);
    backend.handshake().session(client);
    backend
}

/// The session's end, and a minute of the capture behind it.
fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    let other = Client::new(25);
    backend.disconnect(client).wait(60 * SEC).session(&other).disconnect(&other).close();
    Capture::of([backend]).ethernet()
}

fn returns() -> Vec<u8> {
    let (before, after) = (Client::new(24), Client::new(26));
    let mut backend = to_backend(41_150, 0);
    backend.handshake().ok("connect", &before.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &before.sip_connect("ESTABLISHED"));
    backend.ok("RegistrationStatusEvent", &before.registration_status("REGISTERED")).wait(20 * SEC);
    backend.disconnect(&before).wait(2 * SEC);
    let token = after.body().raw("keepAlive", "true").text("authToken", "planted-secret-auth-token");
    backend.ok("connect", &token.raw("sipRegisterRequired", "true").end());
    backend.ok("ConnectionStatusEvent", &after.connection_status("ESTABLISHED")).wait(50 * SEC);
    end(backend, &after)
}

fn registration_fails() -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = to_backend(41_150, 0);
    backend.handshake().ok("connect", &client.sip_connect("PENDING"));
    backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED")).wait(SEC);
    backend.ok("RegistrationStatusEvent", &client.registration_status("AUTHENTICATION_FAIL")).wait(SEC);
    end(backend, &client)
}

/// A published stream and two viewers in one session.
fn watched(client: &Client) -> Connection {
    let mut backend = open(client);
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(SEC);
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    for view in VIEWS {
        backend.ok("playStream", &client.stream(view, false, "PENDING")).wait(SEC);
        backend.ok("StreamStatusEvent", &client.stream(view, false, "PLAYING"));
    }
    backend
}

/// All stop together, the viewers unasked.
fn stopped(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.ok("unPublishStream", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED"));
    for view in VIEWS {
        backend.ok("StreamStatusEvent", &client.stream(view, false, "STOPPED"));
    }
    end(backend, client)
}

fn publisher_stops() -> Vec<u8> {
    let client = Client::new(24);
    stopped(watched(&client), &client)
}

fn stream_event() -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = watched(&client);
    let muted = |stream: &str| client.body().text("mediaSessionId", stream).text("type", "audioMuted").end();
    backend.ok("sendStreamEvent", &muted(MEDIA_SESSION));
    for view in VIEWS {
        backend.ok("StreamEvent", &muted(view));
    }
    backend.wait(SEC);
    stopped(backend, &client)
}

fn name_in_use() -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = open(&client);
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(300 * MS);
    let body =
        client.body().text("mediaSessionId", MEDIA_SESSION).text("name", "b4e7").text("status", "FAILED");
    backend.ok("StreamStatusEvent", &body.text("info", "Stream name is already in use").end());
    end(backend, &client)
}

fn keepalive_refused() -> Vec<u8> {
    let client = Client::new(24);
    let config = client.body().raw("restClientConfig", r#"{"StreamKeepAliveEvent":{"restOnError":"FAIL"}}"#);
    let mut backend = to_backend(41_150, 0);
    backend.handshake().hook("connect", &client.connect(), &http::json(&config.end()));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(SEC);
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    let alive = client.stream(MEDIA_SESSION, true, "PUBLISHING");
    for _ in 0..3 {
        backend.wait(9_950 * MS).ok("StreamKeepAliveEvent", &alive);
    }
    backend.wait(9_950 * MS).hook("StreamKeepAliveEvent", &alive, &http::html("403 Forbidden"));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED")).wait(70 * SEC);
    end(backend, &client)
}

/// An outgoing call with these statuses.
fn call(statuses: &[&str]) -> Vec<u8> {
    let (client, call) = (Client::new(24), call_id(24));
    let mut backend = open(&client);
    backend.ok("call", &client.call(&call, "PENDING"));
    for status in statuses {
        let body = client.call_body(&call, status);
        let body = match *status {
            "BUSY" => body.text("info", "SIP 486 BUSY HERE"),
            "FAILED" => body.text("info", "SIP 408 REQUEST TIMEOUT"),
            _ => body,
        };
        backend.ok("CallStatusEvent", &body.end()).wait(2 * SEC);
    }
    end(backend, &client)
}

const INCOMING: &str = "pbx-8BD6EE910B71BE609010-3434@pbx.example.com";

/// An incoming call and what follows.
fn incoming(steps: &[(&str, &str)]) -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = open(&client);
    backend.ok("OnCallEvent", &client.incoming_call(INCOMING, "PENDING")).wait(200 * MS);
    for (method, status) in steps {
        let body = if *method == "hangup" {
            client.call_id(INCOMING)
        } else {
            client.incoming_call(INCOMING, status)
        };
        backend.ok(method, &body).wait(2 * SEC);
    }
    end(backend, &client)
}

fn incoming_refused() -> Vec<u8> {
    let client = Client::new(24);
    let config = client.body().raw("restClientConfig", r#"{"OnCallEvent":{"restOnError":"FAIL"}}"#);
    let mut backend = to_backend(41_150, 0);
    backend.handshake().hook("connect", &client.connect(), &http::json(&config.end()));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend.call(&client, &call_id(24)).hangup(&client, &call_id(24));
    let call = client.incoming_call(INCOMING, "PENDING");
    backend.hook("OnCallEvent", &call, &http::html("403 Forbidden")).wait(200 * SEC);
    end(backend, &client)
}

/// A transfer's status.
fn transferred(client: &Client, call: &str, incoming: bool, status: &str) -> String {
    let incoming = if incoming { "true" } else { "false" };
    client.body().text("callId", call).raw("incoming", incoming).text("status", status).end()
}

fn transfer_incoming() -> Vec<u8> {
    let (client, call) = (Client::new(24), call_id(24));
    let mut backend = open(&client);
    backend.call(&client, &call).ok("OnTransferEvent", &transferred(&client, &call, true, "PENDING"));
    for status in ["ACCEPTED", "TRYING", "COMPLETED"] {
        backend.ok("TransferStatusEvent", &transferred(&client, &call, true, status)).wait(SEC);
    }
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    end(backend, &client)
}

fn transfer_fails() -> Vec<u8> {
    let (client, call) = (Client::new(24), call_id(24));
    let mut backend = open(&client);
    backend.call(&client, &call);
    backend.ok("transfer", &client.body().text("callId", &call).text("target", "1003").end());
    for status in ["ACCEPTED", "TRYING", "FAILED"] {
        backend.ok("TransferStatusEvent", &transferred(&client, &call, false, status)).wait(SEC);
    }
    backend.wait(10 * SEC).hangup(&client, &call);
    end(backend, &client)
}

/// A message that asks for a notification, and its only status.
fn message(status: &str) -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = open(&client);
    let body = || {
        let body = client.body().text("id", "0c53b1d2-77f1-4a60-9d5b-30a1f7c2be10").text("from", "1001");
        body.text("to", "1002").text("contentType", "message/cpim").raw("isImdnRequired", "true")
    };
    backend.ok("sendMessage", &body().text("body", "Hello").end()).wait(100 * MS);
    backend.ok("MessageStatusEvent", &body().text("status", status).end()).wait(60 * SEC);
    end(backend, &client)
}

/// Each request twice: its event follows the first time.
fn reports() -> Vec<u8> {
    let client = Client::new(24);
    let mut backend = open(&client);
    let body = |name: &str, value: String| -> Body { client.body().text(name, &value) };
    for round in 0..2 {
        let event = || body("event", format!("reg{round}")).raw("expires", "3600");
        let url = || body("url", format!("http://xcap.example.com/resource-lists/users/{round}/index"));
        let command = if round == 0 { "start" } else { "stop" };
        backend.ok("subscribe", &event().raw("terminate", "false").end());
        backend.ok("sendXcapRequest", &url().end());
        backend
            .ok("sendBugReport", &body("text", format!("No sound {round}")).text("type", "no_media").end());
        backend.ok("sessionDebug", &body("command", command.to_owned()).end()).wait(SEC);
        if round == 0 {
            backend.ok("SubscriptionStatusEvent", &event().text("status", "Active").end());
            backend.ok("XcapStatusEvent", &url().text("xcapResponse", "<list/>").end());
            backend.ok("BugReportStatusEvent", &body("filename", "report.zip".to_owned()).end());
            backend.ok("SessionDebugStatusEvent", &body("status", "STARTED".to_owned()).end()).wait(40 * SEC);
        }
    }
    backend.wait(60 * SEC);
    end(backend, &client)
}
