//! The three captures of the vendor's page "REST / HTTP": a web phone connects, calls and sends messages.
//!
//! The page shows listings of the call and of the messages ([`listings`]); the frames between those listed
//! are rebuilt as its numbers demand: EchoApp answers each request in five segments, and all other frames are
//! a media server's other traffic. The listed connection of the call is older than the capture, as no SYN is
//! listed.

use super::Scenario;
use super::builder::tcp::{Connection, Side};
use super::builder::traffic::{datagram, rtp, sip, stun};
use super::builder::wcs::{Body, Client};
use super::builder::{Capture, Link, MS, Packet, Pcap, SEC, US, http};
use super::listings::{self, Info, Line};
use std::collections::BTreeMap;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "web-phone-connection.pcap",
        shows: "A web phone connects and registers at a SIP server.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &[],
        build: connection,
    },
    Scenario {
        name: "web-phone-call.pcap",
        shows: "The documents' outgoing call, on a connection older than the capture.",
        verdict: "healthy",
        findings: &["midstream"],
        near_miss_of: &["connect-missing", "one-sided"],
        build: call,
    },
    Scenario {
        name: "web-phone-messaging.pcap",
        shows: "The documents' message that a user sends to himself; an idle connection is closed before.",
        verdict: "healthy",
        findings: &[],
        near_miss_of: &["connect-missing", "connection-reset"],
        build: messaging,
    },
];

/// The web phone's user. WCS 4 sends no `nodeId`.
fn user() -> Client {
    Client {
        node_id: None,
        session_id: "/203.0.113.142:63853/198.51.100.5:8080".to_owned(),
        app_key: "defaultApp".to_owned(),
    }
}

const CALL_ID: &str = "6d1f5a38-4bb2-4c07-9a3e-8f20d7c5e914";
const ECHO_APP: &str = "127.0.0.1:9091";
const BROWSER: &str = "203.0.113.142:52100";
const SIP_SERVER: &str = "192.0.2.60:5070";
const WCS_SIP: &str = "198.51.100.5:5060";

/// A loopback connection as Linux had it in 2014: MSS 16396, and one clock for both sides.
fn loopback(port: u16, clock: u32) -> Connection {
    Connection::new(&format!("127.0.0.1:{port}"), ECHO_APP)
        .segment_size(16_384)
        .numbered(0x3a51_0000 + u32::from(port), 0x7c20_4400)
        .clocks(clock, clock)
}

// ---- Connecting ----

fn connection() -> Vec<u8> {
    let user = user();
    let mut echo = loopback(34_251, 2_326_000_000).at(900 * MS);
    echo.handshake();
    echo_hook(&mut echo, "connect", &user.sip_connect("PENDING"));
    echo.wait(80 * MS);
    echo_hook(&mut echo, "ConnectionStatusEvent", &user.sip_connect("ESTABLISHED"));
    echo.wait(140 * MS);
    echo_hook(&mut echo, "RegistrationStatusEvent", &user.registration_status("REGISTERED"));
    let mut capture = Capture::new();
    capture.add((0..24).map(|number| idle(u64::from(number) * 100 * MS, number))).add(echo);
    capture.pcap(Link::LinuxCooked)
}

fn echo_hook(echo: &mut Connection, method: &str, body: &str) {
    echo.client_sends(&http::post_2014(&format!("/EchoApp/{method}"), body)).server_acks().wait(5 * MS);
    for piece in http::echo_pieces(body) {
        echo.server_sends(&piece).client_acks();
    }
}

// ---- Rebuilding the listings ----

/// What the server does in a frame that the listing leaves out.
#[derive(Clone, Copy)]
enum Server {
    /// Acknowledges the request.
    Acks,
    /// Accepts the connection.
    Accepts,
    /// Sends the next of the response's five pieces.
    Sends,
    /// Resets a connection that it has forgotten.
    Resets,
}

/// A frame of the server: its number, its time in microseconds, and what it holds.
type ServerFrame = (u64, u64, Server);

/// Frame 1 comes this long after the capture's time of zero; it sets the phase of the millisecond clock so
/// that all timestamps (`TSval`) come out as listed.
const START: u64 = 400 * US;

/// Plays the listed lines and the server's frames in the order of their frame numbers.
fn play(
    echo: &mut Connection,
    lines: &[Line],
    server: &[ServerFrame],
    bodies: &[String],
) -> Vec<(u64, Packet)> {
    let mut frames: Vec<u64> = lines.iter().map(|line| line.frame).collect();
    frames.extend(server.iter().map(|(frame, ..)| frame));
    frames.sort_unstable();
    let mut requests = bodies.iter();
    let mut pieces = Vec::new().into_iter();
    let (mut sent, mut played) = (1_u32, Vec::new());
    for frame in frames {
        if let Some(line) = lines.iter().find(|line| line.frame == frame) {
            echo.go_to(START + line.micros * US);
            echo.window(Side::Client, line.window.map_or(0, |window| (window / scale(line)) as u16));
            match line.info {
                Info::Post(method) => {
                    let body = requests.next().unwrap();
                    echo.window(Side::Client, 384);
                    echo.client_sends(&http::post_2014(&format!("/EchoApp/{method}"), body));
                    pieces = http::echo_pieces(body).to_vec().into_iter();
                }
                Info::Ack => _ = echo.client_acks_but(sent - line.ack),
                Info::Syn => _ = echo.syn(),
                Info::Fin => _ = echo.fin(Side::Client),
            }
        } else if let Some((_, micros, what)) = server.iter().find(|(number, ..)| *number == frame) {
            echo.go_to(START + micros * US);
            match what {
                Acks => _ = echo.server_acks(),
                Accepts => _ = echo.syn_ack(),
                Resets => _ = echo.rst(Side::Server),
                Sends => {
                    let piece = pieces.next().unwrap();
                    sent += piece.len() as u32;
                    echo.server_sends(&piece);
                }
            }
        }
        played.push((frame, echo.recent(0).clone()));
    }
    played
}

/// What Wireshark multiplies a window by: it knows the scale only of a connection whose SYN it has seen.
fn scale(line: &Line) -> u32 {
    if line.port == 34257 && line.info != Info::Syn { 128 } else { 1 }
}

/// Fills the frame numbers up to `last` that the conversation does not use with other traffic, evenly spread
/// over the time that there is between their neighbours.
fn fill(played: Vec<(u64, Packet)>, last: (u64, u64), other: impl Fn(u64, u64) -> Packet) -> Vec<Packet> {
    let used: BTreeMap<u64, Packet> = played.into_iter().collect();
    let mut before = (1, START);
    let mut packets = vec![other(START, 1)];
    for (frame, packet) in used.iter().map(|(frame, packet)| (*frame, Some(packet))).chain([(last.0, None)]) {
        let time = packet.map_or(START + last.1, |packet| packet.time);
        let (span, count) = (time - before.1, frame - before.0);
        for number in 1..count {
            let time = (before.1 + span * number / count) / US * US;
            packets.push(other(time, before.0 + number));
        }
        packets.push(packet.map_or_else(|| other(time, frame), Clone::clone));
        before = (frame, time);
    }
    packets
}

/// A browser's connectivity checks, and the answers.
fn idle(time: u64, number: u32) -> Packet {
    let (from, to) = ("198.51.100.5:31002", BROWSER);
    if number.is_multiple_of(2) {
        datagram(time, to, from, &stun(false, number / 2))
    } else {
        datagram(time, from, to, &stun(true, number / 2))
    }
}

// ---- The call ----

use Server::{Accepts, Acks, Resets, Sends};

const CALL_SERVER: &[ServerFrame] = &[
    (115, 8_571_360, Acks),
    (116, 8_577_262, Sends),
    (117, 8_577_270, Sends),
    (118, 8_577_279, Sends),
    (122, 8_577_352, Sends),
    (124, 8_577_950, Sends),
    (146, 8_687_822, Sends),
    (148, 8_687_845, Sends),
    (150, 8_687_915, Sends),
    (152, 8_687_982, Sends),
    (154, 8_688_543, Sends),
    (177, 8_758_021, Sends),
    (178, 8_758_034, Sends),
    (180, 8_758_050, Sends),
    (183, 8_758_120, Sends),
    (184, 8_758_506, Sends),
    (211, 8_992_828, Sends),
    (213, 8_992_889, Sends),
    (215, 8_992_979, Sends),
    (217, 8_993_038, Sends),
    (219, 8_993_497, Sends),
    (1699, 16_309_731, Acks),
    (1701, 16_315_244, Sends),
    (1702, 16_315_255, Sends),
    (1705, 16_315_334, Sends),
    (1707, 16_315_393, Sends),
    (1709, 16_315_936, Sends),
    (1735, 16_357_655, Sends),
    (1736, 16_357_667, Sends),
    (1737, 16_357_681, Sends),
    (1738, 16_357_690, Sends),
    (1740, 16_358_240, Sends),
];

fn call() -> Vec<u8> {
    // The timestamps begin with 232724, and more digits are not listed.
    let mut echo = loopback(34_266, 2_327_232_000);
    let bodies = call_bodies();
    let played = play(&mut echo, listings::CALL, CALL_SERVER, &bodies);
    let packets = fill(played, (1_770, 17 * SEC + 210 * MS), call_traffic);
    Pcap { snap_length: 4_096, ..Pcap::default() }.write(Link::LinuxCooked, &packets)
}

/// The six bodies, of the sizes that the listing tells.
fn call_bodies() -> Vec<String> {
    let user = user();
    let status = |status: &str, sip_status: &str| {
        user.body()
            .text("callId", CALL_ID)
            .raw("incoming", "false")
            .text("status", status)
            .raw("sipStatus", sip_status)
            .text("caller", "sip:1001@sip.example.com")
            .text("callee", "sip:1002@sip.example.com")
            .raw("hasAudio", "true")
            .raw("hasVideo", "false")
    };
    let raw = "sipMessageRaw";
    vec![
        user.call_body(CALL_ID, "PENDING").text("visibleName", "Alice").end_at(1_551, "sdp", SDP, FILLER),
        status("RING", "180").end_at(644, raw, &sip_reply("180 Ringing", "INVITE"), FILLER),
        status("RING", "180").end_at(644, raw, &sip_reply("180 Ringing", "INVITE"), FILLER),
        status("ESTABLISHED", "200").end_at(1_673, raw, &(sip_reply("200 OK", "INVITE") + SDP), FILLER),
        user.call_id(CALL_ID),
        user.body()
            .text("callId", CALL_ID)
            .raw("incoming", "false")
            .text("status", "FINISH")
            .text("info", "Normal call clearing")
            .end_at(327, raw, "SIP/2.0 200 OK\r\nCSeq: 2 BYE\r\n", FILLER),
    ]
}

/// Goes on for as long as a body has room.
const FILLER: &str = "X-Trace: 0123456789abcdef; ";

const SDP: &str = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    m=audio 1 RTP/SAVPF 111 8 0 101\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:pLaN\r\n\
    a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\r\n\
    a=setup:actpass\r\na=mid:audio\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
    a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

fn sip_reply(status: &str, method: &str) -> String {
    format!(
        "SIP/2.0 {status}\r\nVia: SIP/2.0/UDP 198.51.100.5:5060;branch=z9hG4bK1d\r\n\
         From: <sip:1001@sip.example.com>;tag=6b1f\r\nTo: <sip:1002@sip.example.com>;tag=a91c\r\n\
         CSeq: 1 {method}\r\n"
    )
}

/// What the media server does beside the hooks of the call: connectivity checks, then SIP, then sound on two
/// legs.
fn call_traffic(time: u64, frame: u64) -> Packet {
    let number = frame as u16;
    let invite = "INVITE sip:1002@sip.example.com SIP/2.0";
    match frame {
        126 => datagram(time, WCS_SIP, SIP_SERVER, &sip(invite, "INVITE", 1, None)),
        127 => datagram(time, SIP_SERVER, WCS_SIP, &sip("SIP/2.0 100 Trying", "INVITE", 1, None)),
        144 | 175 => datagram(time, SIP_SERVER, WCS_SIP, &sip("SIP/2.0 180 Ringing", "INVITE", 1, None)),
        208 => datagram(time, SIP_SERVER, WCS_SIP, &sip("SIP/2.0 200 OK", "INVITE", 1, None)),
        209 => datagram(time, WCS_SIP, SIP_SERVER, &sip("ACK sip:1002@192.0.2.60 SIP/2.0", "ACK", 1, None)),
        221..=1697 => sound(time, number),
        1700 => datagram(time, WCS_SIP, SIP_SERVER, &sip("BYE sip:1002@192.0.2.60 SIP/2.0", "BYE", 2, None)),
        1733 => datagram(time, SIP_SERVER, WCS_SIP, &sip("SIP/2.0 200 OK", "BYE", 2, None)),
        _ => idle(time, frame as u32),
    }
}

/// A packet of sound: both directions of the browser's leg (Opus, encrypted) and of the SIP leg (PCMU) in
/// turn.
fn sound(time: u64, number: u16) -> Packet {
    let (browser, wcs) = (BROWSER, "198.51.100.5:31002");
    let (peer, wcs_sip) = ("192.0.2.60:17002", "198.51.100.5:31010");
    match number % 4 {
        0 => datagram(time, browser, wcs, &rtp(111, 0x4252_0001, number / 4, 84)),
        1 => datagram(time, wcs_sip, peer, &rtp(0, 0x5743_0001, number / 4, 160)),
        2 => datagram(time, peer, wcs_sip, &rtp(0, 0x5349_0001, number / 4, 160)),
        _ => datagram(time, wcs, browser, &rtp(111, 0x5743_0002, number / 4, 84)),
    }
}

// ---- The messages ----

const MESSAGING_SERVER: &[ServerFrame] = &[
    (36, 10_169_718, Accepts),
    (39, 10_169_875, Acks),
    (40, 10_175_709, Sends),
    (42, 10_175_786, Sends),
    (44, 10_175_899, Sends),
    (46, 10_175_969, Sends),
    (48, 10_176_560, Sends),
    (64, 10_214_092, Sends),
    (65, 10_214_101, Sends),
    (66, 10_214_115, Sends),
    (67, 10_214_126, Sends),
    (69, 10_214_601, Sends),
    (84, 10_274_508, Sends),
    (85, 10_274_517, Sends),
    (86, 10_274_527, Sends),
    (88, 10_274_565, Sends),
    (90, 10_274_686, Sends),
    (109, 10_448_958, Sends),
    (111, 10_449_012, Sends),
    (113, 10_449_074, Sends),
    (115, 10_449_135, Sends),
    (117, 10_449_658, Sends),
];

/// The timestamp clock at the capture's time of zero.
const MESSAGING_CLOCK: u32 = 2_326_163_678 - 10_169;

fn messaging() -> Vec<u8> {
    // The server closed this connection 960 s ago, as the timestamps tell, and has forgotten it since.
    let mut old = loopback(34_248, MESSAGING_CLOCK).stamped(Side::Server, 2_325_203_574);
    let mut played = play(&mut old, &listings::MESSAGING_OPENS[..1], &[(34, 10_169_424, Resets)], &[]);
    let mut echo = loopback(34_257, MESSAGING_CLOCK);
    let lines = [&listings::MESSAGING_OPENS[1..], listings::MESSAGING].concat();
    played.extend(play(&mut echo, &lines, MESSAGING_SERVER, &messaging_bodies()));
    let packets = fill(played, (138, 13 * SEC + 80 * MS), messaging_traffic);
    Pcap { snap_length: 4_096, ..Pcap::default() }.write(Link::LinuxCooked, &packets)
}

/// The four bodies, of the sizes that the listing tells.
fn messaging_bodies() -> Vec<String> {
    let user = user();
    let (sent, received) = ("0c53b1d2-77f1", "5b1e90aa-13c4");
    let message = |id: &str, status: &str| {
        user.body()
            .text("id", id)
            .text("from", "sip:1001@sip.example.com")
            .text("to", "sip:1001@sip.example.com")
            .text("contentType", "text/plain")
            .text("status", status)
            .raw("isImdnRequired", "false")
    };
    let short = |body: Body| body.text("from", "1001").text("to", "1001").raw("isImdnRequired", "false");
    let raw = "sipMessageRaw";
    vec![
        short(user.body().text("id", sent)).end_at(192, "body", "Hello", ", hello"),
        message(sent, "ACCEPTED").text("body", "Hello").end_at(
            842,
            raw,
            &sip_reply("202 Accepted", "MESSAGE"),
            FILLER,
        ),
        message(received, "RECEIVED").text("body", "Hello").end_at(935, raw, MESSAGE, FILLER),
        message(received, "ACCEPTED").end_at(428, "info", "Answered 200 OK ", FILLER),
    ]
}

const MESSAGE: &str = "MESSAGE sip:1001@198.51.100.5:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.60:5070;branch=z9hG4bK2e\r\nCSeq: 7 MESSAGE\r\n";

/// What the media server does beside the hooks of the messages: SIP, the messages among it, and checks.
fn messaging_traffic(time: u64, frame: u64) -> Packet {
    let message = "MESSAGE sip:1001@sip.example.com SIP/2.0";
    let text = Some(("text/plain", "Hello"));
    match frame {
        50 => datagram(time, WCS_SIP, SIP_SERVER, &sip(message, "MESSAGE", 6, text)),
        62 => datagram(time, SIP_SERVER, WCS_SIP, &sip("SIP/2.0 202 Accepted", "MESSAGE", 6, None)),
        71 => datagram(time, SIP_SERVER, WCS_SIP, &sip(message, "MESSAGE", 7, text)),
        100 => datagram(time, WCS_SIP, SIP_SERVER, &sip("SIP/2.0 200 OK", "MESSAGE", 7, None)),
        _ if frame.is_multiple_of(2) => idle(time, frame as u32),
        _ => datagram(time, SIP_SERVER, WCS_SIP, &presence(frame as u32)),
    }
}

/// A notification about somebody's presence.
fn presence(number: u32) -> Vec<u8> {
    let person = "<tuple id=\"web\"><status><basic>open</basic></status>\
         <contact>sip:1002@sip.example.com</contact>\
         <note>At the desk until six o'clock</note></tuple>";
    let body = format!(
        "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
         entity=\"sip:1002@sip.example.com\">\
         {}</presence>",
        person.repeat(4)
    );
    sip("NOTIFY sip:1001@198.51.100.5 SIP/2.0", "NOTIFY", number, Some(("application/pidf+xml", &body)))
}
