//! What bodies say: settings that are not understood, changes that do not count, values, types and secrets.

use super::Scenario;
use super::builder::wcs::{Client, call_id, to_backend};
use super::builder::{Capture, Connection, SEC, http};

/// Hooks that are as they should be, but for notes.
const fn healthy(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { name, shows, verdict: "healthy", findings, near_miss_of, build }
}

/// Hooks of which some do not do what they are to do.
const fn bad(
    name: &'static str,
    shows: &'static str,
    findings: &'static [&'static str],
    near_miss_of: &'static [&'static str],
    build: fn() -> Vec<u8>,
) -> Scenario {
    Scenario { verdict: "degraded", ..healthy(name, shows, findings, near_miss_of, build) }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    bad(
        "config-misspelled.pcap",
        "The restClientConfig of two sessions names the method cal, the setting restonerror and the value STOP.",
        &["config-invalid"],
        &["hook-declined"],
        || configured(&[MISSPELLED, MISSPELLED]),
    ),
    bad(
        "config-in-a-string.pcap",
        "The restClientConfig is a string that holds the object.",
        &["config-invalid"],
        &[],
        || configured(&[r#""{\"call\":{\"restOnError\":\"FAIL\"}}""#]),
    ),
    healthy(
        "config-of-a-later-version.pcap",
        "The restClientConfig names a method and a setting that no document knows.",
        &["config-invalid"],
        &[],
        || configured(&[r#"{"roomCreated":{"restOnError":"FAIL"},"call":{"retries":3}}"#]),
    ),
    healthy(
        "config-spellings.pcap",
        "The restClientConfig has the value DISABLED of WCS 4, a method's other name, and the empty arrays of PHP.",
        &[],
        &["config-invalid"],
        || configured(&[SPELLINGS]),
    ),
    healthy(
        "content-type-missing.pcap",
        "The backend sends its JSON as text/html, PHP's default, or without a type.",
        &["response-type"],
        &[],
        || {
            types(&[
                ("connect", &[("Content-Type", "text/html; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "text/html; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[]),
            ])
        },
    ),
    healthy(
        "content-type-spellings.pcap",
        "The backend sends its JSON as application/json in several spellings, and as a type built on it.",
        &[],
        &["response-type"],
        || {
            types(&[
                ("connect", &[("content-type", "Application/JSON;charset=utf-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "application/json ; charset=UTF-8")]),
                ("ConnectionStatusEvent", &[("Content-Type", "application/vnd.example+json")]),
            ])
        },
    ),
    healthy(
        "override-without-policy.pcap",
        "The response to call changes the callee, without restPolicy OVERWRITE; the call goes to the first one.",
        &["override-ignored"],
        &["config-invalid"],
        || call_gets("{}", r#"{"callee":"2002"}"#),
    ),
    healthy(
        "override-not-listed.pcap",
        "The response to call changes caller and callee, and restOverwrite lists the caller only.",
        &["override-ignored"],
        &[],
        || {
            let config = r#"{"call":{"restPolicy":"OVERWRITE","restOverwrite":"caller"}}"#;
            call_gets(config, r#"{"caller":"3001","callee":"2002"}"#)
        },
    ),
    healthy(
        "override-in-form-only.pcap",
        "The response to call writes its members in other types, empties some, and says that its status is OK.",
        &[],
        &["override-ignored"],
        || {
            let answer = concat!(
                r#"{"status":"OK","result":"accepted","incoming":"false","hasAudio":1,"hasVideo":"","sdp":"","#,
                r#""custom":[],"callee":"1002"}"#
            );
            call_gets("{}", answer)
        },
    ),
    healthy(
        "answer-in-latin-1.pcap",
        "The backend answers a call to Jörg with what it received, in ISO-8859-1.",
        &[],
        &["override-ignored", "response-not-json"],
        in_latin_1,
    ),
    healthy(
        "invalid-values.pcap",
        "A status that no document knows, a DTMF type and truth values that are none, and a port of letters.",
        &["invalid-value"],
        &[],
        || values("HELD", "SIGNAL", "maybe", "\"none\""),
    ),
    healthy(
        "values-in-other-spellings.pcap",
        "A status in small letters, numbers and truth values as strings, and empty values.",
        &[],
        &["invalid-value"],
        || values("hold", "info", "FALSE", "\"5060\""),
    ),
    healthy(
        "secrets-in-clear.pcap",
        "Hooks with a SIP password, a token of the customer's and credentials cross the network unencrypted.",
        &["secrets-in-clear"],
        &[],
        || secrets(|number| to_backend(41_100 + number, 9 * SEC * u64::from(number))),
    ),
    healthy(
        "secrets-on-one-host.pcap",
        "The same between two addresses of 127.0.0.0/8, and between two ports of one address.",
        &[],
        &["secrets-in-clear"],
        || {
            secrets(|number| match number {
                0 => Connection::new("127.0.0.1:41100", "127.0.1.1:8081"),
                _ => Connection::new("192.0.2.10:41101", "192.0.2.10:8081").at(9 * SEC),
            })
        },
    ),
    healthy(
        "secrets-masked.pcap",
        "Hooks that cross the network with secrets masked, emptied or left out.",
        &[],
        &["secrets-in-clear"],
        || {
            let client = Client::new(17);
            let body = client
                .body()
                .text("sipPassword", "***")
                .text("authToken", "")
                .raw("custom", r#"{"room":"7"}"#);
            let body = body.text("status", "ESTABLISHED").end();
            let mut backend = to_backend(41_100, 0);
            backend
                .handshake()
                .ok("connect", &client.body().end())
                .ok("ConnectionStatusEvent", &body)
                .close();
            Capture::of([backend]).ethernet()
        },
    ),
];

const MISSPELLED: &str = concat!(
    r#"{"cal":{"restOnError":"FAIL"},"answer":{"restonerror":"FAIL","restPolicy":"NOTIFY"},"#,
    r#""publishStream":{"restOnError":"STOP"}}"#
);

const SPELLINGS: &str = concat!(
    r#"{"StreamKeepAliveEvent":{"restPolicy":"DISABLED"},"sendDtmf":{"restOnError":"FAIL","restExclude":""},"#,
    r#""callStatusEvent":[],"call":{"restOverwrite":[],"clientExclude":null,"restExclude":"sdp, sipSDP"}}"#
);

/// The response to connect that is the request with a configuration.
fn with_config(client: &Client, config: &str) -> Vec<u8> {
    http::json(&client.body().raw("restClientConfig", config).end())
}

/// A client that is let in with a configuration, on an open connection.
pub(super) fn open(client: &Client, config: &str) -> Connection {
    let mut backend = to_backend(41_100, 0);
    backend.handshake().hook("connect", &client.connect(), &with_config(client, config));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend
}

pub(super) fn end(mut backend: Connection, client: &Client) -> Vec<u8> {
    backend.wait(SEC).disconnect(client).close();
    Capture::of([backend]).ethernet()
}

/// Sessions that are let in with these configurations, one after the other, and make a call.
fn configured(configs: &[&str]) -> Vec<u8> {
    let mut backend = to_backend(41_100, 0);
    backend.handshake();
    for (number, config) in (17..).zip(configs) {
        let client = Client::new(number);
        backend.hook("connect", &client.connect(), &with_config(&client, config));
        backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
        backend.call(&client, &call_id(number)).hangup(&client, &call_id(number)).disconnect(&client);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

/// A session's hooks, each answered by its own body with these header fields.
fn types(hooks: &[(&str, &[(&str, &str)])]) -> Vec<u8> {
    let client = Client::new(17);
    let mut backend = to_backend(41_100, 0);
    backend.handshake();
    for (number, (method, fields)) in hooks.iter().enumerate() {
        let body = match number {
            0 => client.connect(),
            1 => client.connection_status("ESTABLISHED"),
            _ => client.connection_status("DISCONNECTED"),
        };
        backend.hook(method, &body, &http::response("200 OK", fields, body.as_bytes())).wait(SEC);
    }
    backend.close();
    Capture::of([backend]).ethernet()
}

/// A call that the backend answers so.
fn call_gets(config: &str, answer: &str) -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = open(&client, config);
    backend.hook("call", &client.call(&call, "PENDING"), &http::json(answer));
    backend.ok("CallStatusEvent", &client.call(&call, "ESTABLISHED")).wait(SEC).hangup(&client, &call);
    end(backend, &client)
}

fn in_latin_1() -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = open(&client, "{}");
    let body = client.call(&call, "PENDING").replace("1002", "J\u{f6}rg");
    let latin: Vec<u8> = body.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    let fields = [("Content-Type", "application/json;charset=ISO-8859-1")];
    backend.hook("call", &body, &http::response("200 OK", &fields, &latin));
    let status = client.call(&call, "ESTABLISHED").replace("1002", "J\u{f6}rg");
    backend.ok("CallStatusEvent", &status).wait(SEC).hangup(&client, &call);
    end(backend, &client)
}

/// A call with these values: a status, the type of a DTMF tone, a truth value, and connect's port.
fn values(status: &str, kind: &str, video: &str, port: &str) -> Vec<u8> {
    let (client, call) = (Client::new(17), call_id(17));
    let mut backend = to_backend(41_100, 0);
    let connect = client.body().raw("sipPort", "5060").text("width", "").end();
    let answer = client.body().raw("sipPort", port).raw("custom", "[]").end();
    backend.handshake().hook("connect", &connect, &http::json(&answer));
    backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    backend
        .call(&client, &call)
        .ok("hold", &client.body().text("callId", &call).text("hasVideo", video).end());
    backend.ok("CallStatusEvent", &client.call(&call, status)).wait(SEC);
    let tone = client.body().text("callId", &call).raw("dtmf", "5").text("type", kind);
    backend.ok("sendDTMF", &tone.end()).hangup(&client, &call);
    end(backend, &client)
}

/// Two connections with a session each, whose hooks hold secrets.
fn secrets(to: impl Fn(u16) -> Connection) -> Vec<u8> {
    let connections = [0, 1].map(|number| {
        let client = Client::new(17 + number);
        let mut backend = to(number);
        backend.handshake().ok("connect", &client.sip_connect("PENDING"));
        backend.ok("ConnectionStatusEvent", &client.sip_connect("ESTABLISHED"));
        backend.ok("RegistrationStatusEvent", &client.registration_status("REGISTERED")).wait(SEC);
        backend.disconnect(&client).close();
        backend
    });
    Capture::of(connections).ethernet()
}
