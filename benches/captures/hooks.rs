//! The hooks of sessions: each registers, calls, hangs up and leaves, in ten hooks.

use crate::support::builder::wcs::{Body, Client, NODE};

/// A hook's method and body.
pub type Hook = (&'static str, String);

/// The hooks of a session.
pub const HOOKS: usize = 10;

/// How large bodies are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bodies {
    /// What recognition needs.
    Small,
    /// With session descriptions and SIP messages, as clients and SIP servers send them.
    Full,
}

/// The hooks of the session with that number.
pub fn session(number: u32, bodies: Bodies) -> [Hook; HOOKS] {
    let client = client(number);
    let call = format!("{number:08x}-13af-11e7-af37-05c788b22e35");
    let pad = |body: Body, name: &str, line: &str, size: usize| match bodies {
        Bodies::Small => body.end(),
        Bodies::Full => padded(body, name, line, size),
    };
    let status = |status: &str, name: &str, line: &str, size: usize| {
        ("CallStatusEvent", pad(client.call_body(&call, status), name, line, size))
    };
    let connection = |status: &str| {
        let body = client.body().text("status", status).raw("sipRegisterRequired", "true");
        ("ConnectionStatusEvent", pad(body, "clientBrowserVersion", BROWSER, 640))
    };
    let registered = client.body().text("status", "REGISTERED");
    [
        ("connect", pad(connect(&client), "clientBrowserVersion", BROWSER, 900)),
        connection("ESTABLISHED"),
        ("RegistrationStatusEvent", pad(registered, "sipMessageRaw", SIP, 900)),
        ("call", pad(client.call_body(&call, "PENDING"), "sdp", SDP, 3_300)),
        status("TRYING", "sipMessageRaw", SIP, 644),
        status("RING", "sipMessageRaw", SIP, 900),
        status("ESTABLISHED", "sdp", SDP, 3_700),
        ("hangup", client.call_id(&call)),
        status("FINISH", "sipMessageRaw", SIP, 644),
        connection("DISCONNECTED"),
    ]
}

fn client(number: u32) -> Client {
    let [_, a, b, c] = number.to_be_bytes();
    // Of the addresses that are set apart for benchmarks (RFC 2544).
    let session_id = format!("/198.18.{a}.{b}:{}/192.0.2.10:8443", 50_000 + u32::from(c));
    Client { node_id: Some(NODE.to_owned()), session_id, app_key: "defaultApp".to_owned() }
}

fn connect(client: &Client) -> Body {
    client
        .body()
        .raw("sipRegisterRequired", "true")
        .text("sipLogin", "1001")
        .text("sipDomain", "sip.example.com")
        .raw("sipPort", "5060")
        .raw("mediaProviders", r#"["WebRTC"]"#)
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ";
const SIP: &str = "Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK00000029\r\n";
const SDP: &str = "a=candidate:842163049 1 udp 1677729535 203.0.113.5 50002 typ srflx generation 0\r\n";

/// The body with a member that repeats a line until the body is about so large.
fn padded(body: Body, name: &str, line: &str, size: usize) -> String {
    let plain = body.clone().text(name, "").end().len();
    body.text(name, &line.repeat(size.saturating_sub(plain) / line.len())).end()
}
