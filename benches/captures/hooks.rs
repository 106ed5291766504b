//! The hooks of sessions: each registers, calls, hangs up and leaves, in ten hooks.

use crate::support::builder::wcs::{Body, Client, NODE};
use crate::support::random::Random;

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
    use Padding::{Browser, Sdp, Sip};
    let client = client(number);
    let call = format!("{number:08x}-13af-11e7-af37-05c788b22e35");
    let mut random = Random::new(u64::from(number));
    let mut pad = |body: Body, padding: Padding, size: usize| match bodies {
        Bodies::Small => body.end(),
        Bodies::Full => padded(body, padding, size, &mut random),
    };
    let status = |status: &str| client.call_body(&call, status);
    let connection = |status: &str| client.body().text("status", status).raw("sipRegisterRequired", "true");
    let registered = client.body().text("status", "REGISTERED");
    [
        ("connect", pad(connect(&client), Browser, 800)),
        ("ConnectionStatusEvent", pad(connection("ESTABLISHED"), Browser, 600)),
        ("RegistrationStatusEvent", pad(registered, Sip, 800)),
        ("call", pad(status("PENDING"), Sdp, 3_200)),
        ("CallStatusEvent", pad(status("TRYING"), Sip, 600)),
        ("CallStatusEvent", pad(status("RING"), Sip, 900)),
        ("CallStatusEvent", pad(status("ESTABLISHED"), Sdp, 3_600)),
        ("hangup", client.call_id(&call)),
        ("CallStatusEvent", pad(status("FINISH"), Sip, 600)),
        ("ConnectionStatusEvent", pad(connection("DISCONNECTED"), Browser, 600)),
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

/// A member that makes a body as large as real ones are.
#[derive(Clone, Copy)]
enum Padding {
    Browser,
    Sip,
    Sdp,
}

impl Padding {
    fn member(self) -> &'static str {
        match self {
            Self::Browser => "clientBrowserVersion",
            Self::Sip => "sipMessageRaw",
            Self::Sdp => "sdp",
        }
    }

    /// What is to be masked: of a call's description its password.
    fn secret(self, random: &mut Random) -> String {
        match self {
            Self::Sdp => format!(
                "a=ice-pwd:{:08x}{:08x}{:08x}\r\n",
                random.below(1 << 32),
                random.below(1 << 32),
                random.below(1 << 32)
            ),
            Self::Browser | Self::Sip => String::new(),
        }
    }

    /// The next line; it varies as real ones do, so that captures compress no better.
    fn line(self, random: &mut Random) -> String {
        let mut digits = || random.below(1 << 32);
        match self {
            Self::Browser => format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/{}.36 ", digits()),
            Self::Sip => {
                format!("Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{:08x}{:08x}\r\n", digits(), digits())
            }
            Self::Sdp => {
                format!("a=candidate:{} 1 udp {} 203.0.113.5 50002 typ srflx\r\n", digits(), digits())
            }
        }
    }
}

/// The body with a member that makes it about so large.
fn padded(body: Body, padding: Padding, size: usize, random: &mut Random) -> String {
    let plain = body.clone().text(padding.member(), "").end().len();
    let mut text = padding.secret(random);
    while plain + text.len() < size {
        text += &padding.line(random);
    }
    body.text(padding.member(), &text).end()
}
