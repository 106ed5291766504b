//! Healthy flows: streams, calls, messages, subscriptions, data and reports, as the documents order their
//! hooks.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

/// A flow that is as it should be.
const fn healthy(name: &'static str, shows: &'static str, build: fn() -> Vec<u8>) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings: &[], near_miss_of: &[], build }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    healthy("stream-publish.pcap", "A browser publishes a stream; it is kept alive and stopped.", publish),
    healthy("stream-play.pcap", "A browser plays a stream, pauses it, takes a snapshot and stops.", play),
    healthy("stream-rtmp.pcap", "An RTMP client publishes and plays.", rtmp),
    Scenario {
        name: "play-hls.pcap",
        shows: "Viewers ask for a stream by HLS, without connect.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing"],
        build: play_hls,
    },
    Scenario {
        name: "play-rtsp.pcap",
        shows: "A viewer plays by RTSP: a hook for each RTSP method, without connect.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing"],
        build: play_rtsp,
    },
    healthy("call-incoming.pcap", "An incoming call is answered; the other side hangs up.", incoming),
    Scenario {
        name: "call-cancelled.pcap",
        shows: "The caller hangs up while it rings.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["operation-failed"],
        build: cancelled,
    },
    healthy("call-hold.pcap", "A call is put on hold and taken off, with DTMF between.", hold),
    healthy("call-transfer.pcap", "A call is transferred.", transfer),
    healthy("message-imdn.pcap", "A message out and one in, both with delivery notifications.", imdn),
    healthy("subscribe.pcap", "A SIP subscription becomes active and ends.", subscribe),
    healthy("xcap.pcap", "An XCAP request and its answer.", xcap),
    healthy("data.pcap", "Data from a client, and data for it through the REST API.", data),
    healthy("bug-report.pcap", "A bug report, a debug session and pushed logs.", bug_report),
];

/// Two sessions' worth of opening: a client that is connected, on an open connection.
fn open(client: &Client) -> Connection {
    let mut backend = to_backend(41_005, 0);
    backend.handshake().session(client);
    backend
}

fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.disconnect(client).close();
    Capture::of([backend]).ethernet()
}

const MEDIA_SESSION: &str = "56141d10-fddc-11e6-ac3a-4d67d5b3360d";

fn publish() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    backend.ok("publishStream", &client.stream(MEDIA_SESSION, true, "PENDING")).wait(900 * MS);
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    for _ in 0..3 {
        backend
            .wait(9_940 * MS)
            .ok("StreamKeepAliveEvent", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    }
    backend.wait(3 * SEC).ok("unPublishStream", &client.stream(MEDIA_SESSION, true, "PUBLISHING"));
    backend.ok("StreamStatusEvent", &client.stream(MEDIA_SESSION, true, "UNPUBLISHED"));
    end(backend, &client)
}

fn play() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let muted = client.body().text("mediaSessionId", MEDIA_SESSION).text("type", "audioMuted").end();
    for (method, status) in [
        ("playStream", "PENDING"),
        ("StreamStatusEvent", "PLAYING"),
        ("pauseStream", "PLAYING"),
        ("StreamStatusEvent", "PAUSED"),
        ("playStream", "PENDING"),
        ("StreamStatusEvent", "PLAYING"),
        ("snapshot", "PLAYING"),
        ("StreamStatusEvent", "SNAPSHOT_COMPLETE"),
        ("StreamEvent", ""),
        ("stopStream", "PLAYING"),
        ("StreamStatusEvent", "STOPPED"),
    ] {
        let body = client.stream(MEDIA_SESSION, false, status);
        backend.ok(method, if method == "StreamEvent" { &muted } else { &body }).wait(300 * MS);
    }
    end(backend, &client)
}

fn rtmp() -> Vec<u8> {
    let client = Client {
        app_key: "flashStreamingApp".to_owned(),
        session_id: "/203.0.113.5:5643/192.0.2.10:1935".to_owned(),
        ..Client::new(5)
    };
    let mut backend = open(&client);
    let play = "77a41d10-fddc-11e6-ac3a-4d67d5b3360d";
    for (method, session, published, status) in [
        ("publishStream", MEDIA_SESSION, true, "NEW"),
        ("StreamStatusEvent", MEDIA_SESSION, true, "PUBLISHING"),
        ("playStream", play, false, "NEW"),
        ("StreamStatusEvent", play, false, "PLAYING"),
        ("StreamStatusEvent", play, false, "STOPPED"),
        ("StreamStatusEvent", MEDIA_SESSION, true, "UNPUBLISHED"),
    ] {
        backend.ok(method, &client.stream(session, published, status)).wait(400 * MS);
    }
    end(backend, &client)
}

fn play_hls() -> Vec<u8> {
    let mut backend = to_backend(41_005, 0);
    backend.handshake();
    for viewer in 0..3 {
        let client =
            Client { session_id: format!("/203.0.113.5:5947{viewer}/192.0.2.10:8445"), ..Client::new(5) };
        let body = client
            .body()
            .text("mediaSessionId", &format!("60709c5b-85ef-4a7d-8e1f-7f3d6a20f5e{viewer}-test-HLS"))
            .text("name", "test")
            .raw("published", "false")
            .text("status", "NEW")
            .text("mediaProvider", "HLS")
            .raw("custom", r#"{"token":"planted-secret-hls-token"}"#)
            .end();
        backend.ok("playHLS", &body).wait(2 * SEC);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn play_rtsp() -> Vec<u8> {
    let client = Client { session_id: "/203.0.113.5:32008/192.0.2.10:554".to_owned(), ..Client::new(5) };
    let body = client
        .body()
        .text("mediaSessionId", "5a2fd1c0-4b53-4f0c-8a6e-0a1c9c1a7b3e-test-RTSP")
        .text("name", "rtsp://192.0.2.10:554/test")
        .text("mediaProvider", "RTSP")
        .text("userAgent", "LibVLC/3.0.18 (LIVE555 Streaming Media v2016.11.28)")
        .raw("custom", r#"{"aclAuth":"planted-secret-acl"}"#)
        .end();
    let mut backend = to_backend(41_005, 0);
    backend.handshake();
    // DESCRIBE, SETUP twice, PLAY.
    for _ in 0..4 {
        backend.ok("playRTSP", &body);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

fn incoming() -> Vec<u8> {
    let client = Client::new(5);
    let call = "pbx-8BD6EE910B71BE609010-3434@pbx.example.com";
    let mut backend = open(&client);
    for (method, status) in [
        ("OnCallEvent", "PENDING"),
        ("CallStatusEvent", "RING"),
        ("answer", "PENDING"),
        ("CallStatusEvent", "ESTABLISHED"),
        ("CallStatusEvent", "FINISH"),
    ] {
        backend.ok(method, &client.incoming_call(call, status)).wait(800 * MS);
    }
    end(backend, &client)
}

fn cancelled() -> Vec<u8> {
    let (client, call) = (Client::new(5), call_id(5));
    let mut backend = open(&client);
    backend.ok("call", &client.call(&call, "PENDING")).ok("CallStatusEvent", &client.call(&call, "RING"));
    backend.wait(4 * SEC).hangup(&client, &call);
    end(backend, &client)
}

fn hold() -> Vec<u8> {
    let (client, call) = (Client::new(5), call_id(5));
    let mut backend = open(&client);
    backend.call(&client, &call);
    backend
        .ok("hold", &client.call_id(&call))
        .ok("CallStatusEvent", &client.call(&call, "HOLD"))
        .wait(2 * SEC);
    backend.ok("unhold", &client.call_id(&call)).ok("CallStatusEvent", &client.call(&call, "ESTABLISHED"));
    backend
        .ok("sendDTMF", &client.body().text("callId", &call).text("dtmf", "5").text("type", "RFC2833").end());
    backend.hangup(&client, &call);
    end(backend, &client)
}

fn transfer() -> Vec<u8> {
    let (client, call) = (Client::new(5), call_id(5));
    let mut backend = open(&client);
    backend.call(&client, &call);
    backend.ok("transfer", &client.body().text("callId", &call).text("target", "1003").end());
    for status in ["ACCEPTED", "TRYING", "COMPLETED"] {
        let body = client.body().text("callId", &call).raw("incoming", "false").text("status", status).end();
        backend.ok("TransferStatusEvent", &body).wait(200 * MS);
    }
    backend.ok("CallStatusEvent", &client.call(&call, "FINISH"));
    end(backend, &client)
}

fn imdn() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let message = |id: &str, status: &str| {
        let body = client.body().text("id", id).text("from", "1001").text("to", "1002").text("body", "Hello");
        body.text("contentType", "message/cpim").raw("isImdnRequired", "true").text("status", status).end()
    };
    let (sent, received) = ("0c53b1d2-77f1-4a60-9d5b-30a1f7c2be10", "5b1e90aa-13c4-4f02-8b0d-6f7e2d3c4a11");
    backend.ok("sendMessage", &message(sent, "PENDING")).ok("MessageStatusEvent", &message(sent, "ACCEPTED"));
    backend.wait(SEC).ok("MessageStatusEvent", &message(sent, "IMDN_DELIVERED")).wait(SEC);
    backend.ok("OnMessageEvent", &message(received, "RECEIVED")).wait(SEC);
    backend.ok("sendIMDN", &client.body().text("messageId", received).end());
    backend.ok("MessageStatusEvent", &message(received, "IMDN_NOTIFICATION_SENT"));
    end(backend, &client)
}

fn subscribe() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let body = |terminate: &str| {
        client.body().text("event", "reg").raw("expires", "3600").raw("terminate", terminate)
    };
    backend.ok("subscribe", &body("false").end());
    backend.ok("SubscriptionStatusEvent", &body("false").text("status", "Active").end()).wait(5 * SEC);
    backend.ok("subscribe", &body("true").end());
    backend.ok("SubscriptionStatusEvent", &body("true").text("status", "Terminated").end());
    end(backend, &client)
}

fn xcap() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let url = "http://xcap.example.com/resource-lists/users/sip:1001@sip.example.com/index";
    backend.ok("sendXcapRequest", &client.body().text("url", url).end());
    backend.ok("XcapStatusEvent", &client.body().text("url", url).text("xcapResponse", "<list/>").end());
    end(backend, &client)
}

fn data() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let operation = |id: &str| client.body().text("operationId", id);
    let payload = r#"{"message":"hello"}"#;
    let (out, back) = ("d1999750-fde9-11e6-9f1b-913210792931", "e7a1f330-fde9-11e6-9f1b-913210792931");
    backend.ok("OnDataEvent", &operation(out).raw("payload", payload).end());
    backend.ok("DataStatusEvent", &operation(out).text("status", "ACCEPTED").end()).wait(SEC);
    // The other way: the backend calls the REST API of WCS.
    let mut api =
        Connection::new("198.51.100.20:52001", "192.0.2.10:8081").captured_by_server().at(backend.now());
    let send = operation(back).raw("payload", payload).end();
    let request = http::post("/rest-api/data/send", "192.0.2.10:8081", &send);
    api.handshake().exchange(&request, &http::response("200 OK", &[], b""), 3 * MS).close();
    backend.wait(100 * MS).ok("DataStatusEvent", &operation(back).text("status", "ACCEPTED").end());
    backend.disconnect(&client).close();
    Capture::of([backend, api]).ethernet()
}

fn bug_report() -> Vec<u8> {
    let client = Client::new(5);
    let mut backend = open(&client);
    let status = |status: &str| client.body().text("status", status).end();
    backend.ok("sendBugReport", &client.body().text("text", "No sound").text("type", "no_media").end());
    backend.ok("BugReportStatusEvent", &client.body().text("filename", "report_2026-03-02.zip").end());
    backend.ok("sessionDebug", &client.body().text("command", "start").end());
    backend.ok("SessionDebugStatusEvent", &status("STARTED"));
    backend.ok("pushLogs", &client.body().text("logs", "09:00:01 INFO webrtc - connected").end());
    backend.ok("sessionDebug", &client.body().text("command", "stop").end());
    backend.ok("SessionDebugStatusEvent", &status("STOPPED"));
    end(backend, &client)
}
