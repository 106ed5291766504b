//! Secrets in all places where somebody has put one: none of [`PLANTED`] may occur in any output.

use super::Scenario;
use super::builder::tcp::Side;
use super::builder::wcs::{BASE, Client, HOST, call_id, request, to_backend};
use super::builder::{Capture, Connection, MS, SEC, http};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "secrets-in-hooks.pcap",
        shows: "Secrets in header fields, queries, nested JSON, SIP messages, SDP and encoded bodies.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["response-not-json"],
        build: || Capture::of([plain(), encoded()]).ethernet(),
    },
    Scenario {
        name: "secrets-in-answers.pcap",
        shows: "Secrets in broken JSON, in pages, in prose, behind redirections, and in bodies that are cut.",
        verdict: "degraded",
        findings: &[
            "authentication-required",
            "backend-error",
            "capture-loss",
            "redirected",
            "response-not-json",
        ],
        near_miss_of: &[],
        build: || Capture::of([told(), cut()]).ethernet(),
    },
];

/// The secrets of these samples, as they are meant.
pub const PLANTED: [&str; 46] = [
    "kq7-Vd01-basic",
    "zR3.kQ8v02Lm",
    "cq03+Xy/7Gh==",
    "set04Cookie9z",
    "ak05-77Qx-12",
    "prx06Digest5e",
    "tok07query%41",
    "enc08&qu=ry",
    "sess09Sign3d",
    "p4ss10:word@url",
    "plain11S3cret",
    "wi\"th12quote\\s",
    "sl/ash13/es",
    "b\u{e4}14uml\u{e4}ut9",
    "obj15Leaf-x9",
    "arr16Item-y8",
    "arr17Item-w7",
    "8271940518",
    "6604417219",
    "str20inSt-r1ng",
    "str21inStr2-zz",
    "str22inStr3-yy",
    "esc23kEy-u41",
    "nv24Pair-Qq",
    "cst25Deep-77",
    "sip26Auth5d0e",
    "sip27nonce8aa1",
    "sdp28IcePwd4f",
    "sdp29Crypto/k3y",
    "aor30Contact-1",
    "gz31Resp0nse-a",
    "gz32Request-b",
    "chk33Spl1t-cde",
    "frm34Enc0ded!",
    "frm35Js0n/x",
    "tel36inProse-9",
    "isp37Pr0se-8",
    "xml38Node-7a",
    "php39Dump-6b",
    "brk40Json-5c",
    "cut41Body-4dLong",
    "loc42Redirect3",
    "err43Header2e",
    "html44Entity1",
    "jwt.eyJ45.zzz",
    "fld46Reason-0",
];

fn planted(number: usize) -> &'static str {
    PLANTED[number - 1]
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |text, octet| text + &format!("%{octet:02x}"))
}

/// Base64 (RFC 4648, section 4).
pub fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let bits =
            chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |bits, octet| bits << 8 | u32::from(*octet));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn client() -> Client {
    Client::new(77)
}

fn ask(backend: &mut Connection, target: &str, fields: &[(&str, &str)], body: &str, response: &[u8]) {
    let request = http::post_with(&format!("{BASE}/{target}"), HOST, fields, body);
    backend.exchange(&request, response, 6 * MS).wait(40 * MS);
}

/// Header fields, queries and members.
fn plain() -> Connection {
    let mut backend = to_backend(41_077, 0);
    backend.handshake();
    let client = client();
    let basic = format!("Basic {}", base64(format!("wcs:{}", planted(1)).as_bytes()));
    let bearer = format!("Bearer {}", planted(2));
    let cookie = format!("theme=dark7; sid={}", planted(3));
    let set = format!("sid={}; Path=/; HttpOnly", planted(4));
    let proxy = format!("Digest username=\"wcs\", response=\"{}\"", planted(6));
    ask(
        &mut backend,
        "connect",
        &[("Authorization", &basic)],
        &client.connect(),
        &http::json(&client.connect()),
    );
    let fields = [("Authorization", bearer.as_str()), ("Cookie", &cookie), ("X-Api-Key", planted(5))];
    let fields = [&fields[..], &[("Proxy-Authorization", &proxy)]].concat();
    let body = client.connection_status("ESTABLISHED");
    let fields_back = [("Content-Type", "application/json"), ("Set-Cookie", set.as_str())];
    ask(
        &mut backend,
        "ConnectionStatusEvent",
        &fields,
        &body,
        &http::response("200 OK", &fields_back, body.as_bytes()),
    );
    members(&mut backend);
    nested(&mut backend);
    backend.close();
    backend
}

/// A query, and members of all kinds.
fn members(backend: &mut Connection) {
    let client = client();
    let target = format!(
        "call?token={}&access_token={}&sig={}&name=x",
        percent(planted(7)),
        percent(planted(8)),
        planted(9)
    );
    let body = client
        .call_body(&call_id(77), "PENDING")
        .text("notifyUrl", &format!("https://ops:{}@hooks.example.com/x", percent(planted(10))))
        .text("password", planted(11))
        .text("accessToken", planted(12))
        .raw("apiKey", &quoted(planted(13)).replace('/', "\\/"))
        .raw("clientSecret", &quoted(planted(14)).replace('\u{e4}', "\\u00e4"))
        .raw("credentials", &format!("{{\"deep\":{{\"leaf\":{}}}}}", quoted(planted(15))))
        .raw("passwords", &format!("[{},[{}]]", quoted(planted(16)), quoted(planted(17))))
        .raw("pwd", planted(18))
        .raw("custom", &format!("{{\"number\":{},\"list\":[{}]}}", planted(19), quoted(planted(25))))
        .end();
    ask(backend, &target, &[], &body, &http::json(&body));
}

/// JSON in strings in JSON, SIP and SDP.
fn nested(backend: &mut Connection) {
    let client = client();
    let once = format!("{{\"password\":{}}}", quoted(planted(20)));
    let twice = format!("{{\"x\":{}}}", quoted(&format!("{{\"password\":{}}}", quoted(planted(21)))));
    let thrice = format!(
        "{{\"y\":{}}}",
        quoted(&format!("{{\"x\":{}}}", quoted(&format!("{{\"token\":{}}}", quoted(planted(22))))))
    );
    let body = client
        .call_body(&call_id(77), "ESTABLISHED")
        .text("payload", &once)
        .text("payload2", &twice)
        .text("payload3", &thrice)
        .raw("\\u0050assword", &quoted(planted(23)))
        .raw("params", &format!("[{{\"name\":\"token\",\"value\":{}}}]", quoted(planted(24))))
        .text("sipMessageRaw", &format!("SIP/2.0 200 OK\r\nAuthorization: Digest username=\"1001\", nonce=\"{}\", response=\"{}\"\r\nCSeq: 2 INVITE\r\n", planted(27), planted(26)))
        .text("sdp", &format!("v=0\r\na=ice-ufrag:Yt77\r\na=ice-pwd:{}\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{}\r\na=mid:audio\r\n", planted(28), planted(29)))
        .text("sipContactParams", &format!("reg-id=1;auth={};ob", planted(30)))
        .end();
    backend.ok("CallStatusEvent", &body);
}

/// Bodies that are compressed, in chunks, or forms.
fn encoded() -> Connection {
    let mut backend = to_backend(41_078, SEC);
    backend.handshake();
    let client = client();
    let body = client.call_body(&call_id(77), "HOLD").end();
    let answer = |name: &str, value: &str| client.call_body(&call_id(77), "HOLD").text(name, value).end();
    let fields = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    let zipped = http::gzip(answer("authToken", planted(31)).as_bytes());
    ask(&mut backend, "CallStatusEvent", &[], &body, &http::response("200 OK", &fields, &zipped));
    let text = answer("sipPassword", planted(32));
    let zipped = http::gzip(text.as_bytes());
    let head = format!(
        "POST {BASE}/CallStatusEvent HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        zipped.len()
    );
    backend.exchange(&[head.as_bytes(), &zipped].concat(), &http::json(&text), 6 * MS).wait(40 * MS);
    let text = answer("userToken", planted(33));
    let (first, second) = text.as_bytes().split_at(text.find(planted(33)).unwrap() + 5);
    let chunked = http::chunked("200 OK", &[("Content-Type", "application/json")], &[first, second]);
    ask(&mut backend, "CallStatusEvent", &[], &body, &chunked);
    let form = format!(
        "password={}&custom={}",
        percent(planted(34)),
        percent(&format!("{{\"k\":{}}}", quoted(planted(35))))
    );
    ask(&mut backend, "CallStatusEvent", &[], &answer("form", &form), &http::json(&answer("form", &form)));
    let token = format!("Bearer {}", base64(planted(2).as_bytes()));
    ask(
        &mut backend,
        "hangup",
        &[("X-Forwarded-Auth", &token)],
        &client.call_id(&call_id(77)),
        &http::json("{}"),
    );
    backend.ok("CallStatusEvent", &client.call(&call_id(77), "FINISH"));
    backend.close();
    backend
}

/// Answers that are no JSON.
fn told() -> Connection {
    let mut backend = to_backend(41_079, 0);
    backend.handshake();
    let client = client();
    backend.session(&client);
    let body = client.call_body(&call_id(77), "RING").text("password", planted(11)).end();
    let page = |text: &str| http::response("200 OK", &[("Content-Type", "text/html")], text.as_bytes());
    for text in [
        format!("login with token {} failed", planted(36)),
        format!("<p>The password is {}</p>", planted(37)),
        format!("<error><authToken>{}</authToken></error>", planted(38)),
        format!("<b>Notice</b>: array(1) {{\n  [\"password\"]=>\n  string(12) \"{}\"\n}}", planted(39)),
        format!("{{\"status\":\"RING\" \"custom\":{{\"a\":\"{}\"}}, broken", planted(40)),
        format!("<pre>{{&quot;password&quot;:&quot;{}&quot;}}</pre>", planted(44)),
        format!("Invalid Authorization: Bearer {}", planted(45)),
    ] {
        backend.hook("CallStatusEvent", &body, &page(&text));
    }
    let location = format!("https://login.example.com/?next=%2Fx&token={}", planted(42));
    backend.hook("CallStatusEvent", &body, &http::response("302 Found", &[("Location", &location)], b""));
    let challenge = format!("Digest realm=\"x\", nonce=\"{}\"", planted(43));
    backend.hook(
        "CallStatusEvent",
        &body,
        &http::response("401 Unauthorized", &[("WWW-Authenticate", &challenge)], b""),
    );
    backend.hook(
        "CallStatusEvent",
        &body,
        &http::response(&format!("500 Bad password={}", planted(46)), &[], b""),
    );
    backend.hook(
        "CallStatusEvent",
        &body,
        &http::response("500 Error", &[], format!("no such user: {}", planted(11)).as_bytes()),
    );
    backend.close();
    backend
}

/// A request of which the capture misses the end.
fn cut() -> Connection {
    let mut backend = to_backend(41_080, 2 * SEC);
    backend.handshake();
    let text = client().call_body(&call_id(77), "ESTABLISHED").text("sipPassword", planted(41)).end();
    let octets = request("CallStatusEvent", &text);
    let length = octets.len() - 6;
    backend.client_sends(&octets[..length]).loses(Side::Client, &octets[length..]);
    backend
        .server_acks()
        .wait(6 * MS)
        .server_sends(&http::json(&client().call(&call_id(77), "ESTABLISHED")))
        .client_acks();
    backend.close();
    backend
}
