//! Hooks of WCS: who a hook is about, and its body.

use super::tcp::Side;
use super::{Connection, MS, http};

/// A client of WCS, as the context parameters of its hooks name it.
#[derive(Clone, Debug)]
pub struct Client {
    /// The WCS node; WCS 4 does not send it.
    pub node_id: Option<String>,
    /// The session.
    pub session_id: String,
    /// The application.
    pub app_key: String,
}

/// The node that most samples come from.
pub const NODE: &str = "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.0.2.10";

impl Client {
    /// The browser client with that number.
    pub fn new(number: u16) -> Self {
        Self {
            node_id: Some(NODE.to_owned()),
            session_id: format!("/203.0.113.{number}:{}/192.0.2.10:8443", 50_000 + number),
            app_key: "defaultApp".to_owned(),
        }
    }

    /// A body that begins with the context parameters.
    pub fn body(&self) -> Body {
        let body = Body(String::new());
        let body = self.node_id.iter().fold(body, |body, node| body.text("nodeId", node));
        body.text("appKey", &self.app_key).text("sessionId", &self.session_id)
    }

    /// `connect` of a browser that registers at no SIP server.
    pub fn connect(&self) -> String {
        self.body()
            .raw("useWsTunnel", "false")
            .raw("mediaProviders", r#"["WebRTC","WSPlayer"]"#)
            .text("clientVersion", "2.0")
            .text("clientOSVersion", "5.0 (X11; Linux x86_64)")
            .raw("custom", r#"{"token":"planted-secret-custom-token"}"#)
            .end()
    }

    /// `connect`, or with a status `ConnectionStatusEvent`, of a browser that registers at a SIP server.
    pub fn sip_connect(&self, status: &str) -> String {
        let body = self
            .body()
            .raw("sipRegisterRequired", "true")
            .text("sipLogin", "1001")
            .text("sipAuthenticationName", "1001")
            .text("sipPassword", "planted-secret-sip-password")
            .text("sipVisibleName", "Alice")
            .text("sipDomain", "sip.example.com")
            .text("sipOutboundProxy", "sip.example.com")
            .raw("sipPort", "5060")
            .text("status", status)
            .raw("mediaProviders", r#"["WebRTC"]"#);
        if status == "PENDING" { body } else { body.text("authToken", "planted-secret-auth-token") }.end()
    }

    /// `ConnectionStatusEvent`.
    pub fn connection_status(&self, status: &str) -> String {
        self.body().text("authToken", "planted-secret-auth-token").text("status", status).end()
    }

    /// `RegistrationStatusEvent`.
    pub fn registration_status(&self, status: &str) -> String {
        self.body()
            .text("status", status)
            .text("sipMessageRaw", "SIP/2.0 200 OK\r\nCSeq: 2 REGISTER\r\n")
            .end()
    }

    /// A hook of an outgoing call: `call`, or with a status other than `PENDING` `CallStatusEvent`.
    pub fn call(&self, call: &str, status: &str) -> String {
        self.call_body(call, status).end()
    }

    /// The same, unfinished.
    pub fn call_body(&self, call: &str, status: &str) -> Body {
        self.body()
            .text("callId", call)
            .raw("incoming", "false")
            .text("status", status)
            .text("caller", "1001")
            .text("callee", "1002")
            .raw("hasAudio", "true")
            .raw("hasVideo", "false")
            .text("mediaProvider", "WebRTC")
    }

    /// An incoming call's hook: `OnCallEvent`, `answer`, `CallStatusEvent`.
    pub fn incoming_call(&self, call: &str, status: &str) -> String {
        self.body()
            .text("callId", call)
            .raw("incoming", "true")
            .text("status", status)
            .text("caller", "1002")
            .text("callee", "1001")
            .raw("hasAudio", "true")
            .raw("hasVideo", "false")
            .end()
    }

    /// A hook that names a call and nothing else: `hangup`, `hold`, `unhold`.
    pub fn call_id(&self, call: &str) -> String {
        self.body().text("callId", call).end()
    }

    /// A stream's hook.
    pub fn stream(&self, media_session: &str, published: bool, status: &str) -> String {
        self.body()
            .text("mediaSessionId", media_session)
            .text("name", "b4e7")
            .raw("published", if published { "true" } else { "false" })
            .raw("hasVideo", "true")
            .raw("hasAudio", "true")
            .text("status", status)
            .raw("record", "false")
            .raw("width", "640")
            .raw("height", "480")
            .text("mediaProvider", "WebRTC")
            .end()
    }
}

/// A JSON object under construction.
#[derive(Clone, Debug)]
pub struct Body(String);

impl Body {
    /// A member with a text.
    pub fn text(self, name: &str, value: &str) -> Self {
        self.raw(name, &quoted(value))
    }

    /// A member with a value that is JSON already.
    pub fn raw(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0 += &format!("\"{name}\":{value}");
        self
    }

    /// A last member with a text that goes on with `filler` for as long as the object needs to be `size`
    /// octets.
    pub fn end_at(self, size: usize, name: &str, value: &str, filler: &str) -> String {
        let plain = self.clone().text(name, value).end().len();
        assert!(plain <= size, "{name}: the body has {plain} octets already, more than {size}");
        let filling: String = filler.chars().cycle().take(size - plain).collect();
        self.text(name, &format!("{value}{filling}")).end()
    }

    /// The object.
    pub fn end(self) -> String {
        format!("{{{}}}", self.0)
    }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n");
    format!("\"{text}\"")
}

/// Where the backend of most samples listens.
pub const BACKEND: &str = "198.51.100.20:8081";
/// The name in its URL.
pub const HOST: &str = "backend.example.com:8081";
/// The base path in its URL.
pub const BASE: &str = "/rest/my_api";

/// A new connection from a port of WCS to the backend, not yet open.
pub fn to_backend(port: u16, time: u64) -> Connection {
    let number = u32::from(port);
    Connection::new(&format!("192.0.2.10:{port}"), BACKEND)
        .at(time)
        .numbered(number * 70_001, number * 90_007)
}

/// The request of a hook to the backend.
pub fn request(method: &str, body: &str) -> Vec<u8> {
    http::post(&format!("{BASE}/{method}"), HOST, body)
}

impl Connection {
    /// A hook that the backend answers with that response, after 6 ms.
    pub fn hook(&mut self, method: &str, body: &str, response: &[u8]) -> &mut Self {
        self.exchange(&request(method, body), response, 6 * MS).wait(40 * MS)
    }

    /// A hook that the backend answers by its own body.
    pub fn ok(&mut self, method: &str, body: &str) -> &mut Self {
        self.hook(method, body, &http::json(body))
    }

    /// A hook whose request goes out and is acknowledged, and no more.
    pub fn asks(&mut self, method: &str, body: &str) -> &mut Self {
        self.sends(Side::Client, &request(method, body)).server_acks()
    }

    /// `connect` and `ConnectionStatusEvent`, both answered.
    pub fn session(&mut self, client: &Client) -> &mut Self {
        self.ok("connect", &client.connect())
            .ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"))
    }

    /// A session's end.
    pub fn disconnect(&mut self, client: &Client) -> &mut Self {
        self.ok("ConnectionStatusEvent", &client.connection_status("DISCONNECTED"))
    }

    /// `call` and its status events up to `ESTABLISHED`, all answered.
    pub fn call(&mut self, client: &Client, call: &str) -> &mut Self {
        self.ok("call", &client.call(call, "PENDING"))
            .ok("CallStatusEvent", &client.call(call, "RING"))
            .wait(400 * MS)
            .ok("CallStatusEvent", &client.call(call, "ESTABLISHED"))
            .wait(900 * MS)
    }

    /// `hangup` and the call's last status event, both answered.
    pub fn hangup(&mut self, client: &Client, call: &str) -> &mut Self {
        self.ok("hangup", &client.call_id(call)).ok("CallStatusEvent", &client.call(call, "FINISH"))
    }
}

/// The call of the client with that number.
pub fn call_id(number: u16) -> String {
    format!("e95166{number:02}-13af-11e7-af37-05c788b22e35")
}
