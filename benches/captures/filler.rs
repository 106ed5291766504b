//! What most of a media server's captures are: RTP, with little HTTP on the loopback device inside, of which the
//! least are hooks.

use crate::hooks::{self, Bodies};
use crate::lane::{self, Exchange, Lane, Merged};
use crate::sink::Sink;
use crate::support::builder::traffic::{datagram, rtp};
use crate::support::builder::{Link, MS, http, wcs};
use crate::support::random::Random;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The link layer: a capture on the interface `any`.
pub const LINK: Link = Link::LinuxCooked;

const STREAMS: u16 = 400;
/// Time between two packets of an RTP stream.
const PERIOD: u64 = 20 * MS;
/// Connections with other requests than hooks.
const REPORTS: u16 = 304;
/// Time between two requests on one of these: it makes HTTP a tenth of all octets.
const REPORT_PERIOD: u64 = 1_780 * MS;
const HOOK_LANES: u32 = 2;
const SESSIONS: u32 = 40;

/// Writes about so many octets.
pub fn write(sink: &mut Sink<impl Write>, octets: u64) -> io::Result<()> {
    let mut frames: Vec<_> = (0..STREAMS).map(stream).collect();
    let lanes = (0..REPORTS).map(reports).chain((0..HOOK_LANES).map(some_hooks));
    let mut http = Merged::new(lanes.collect());
    for number in 0_u32.. {
        for (stream, frame) in (0_u64..).zip(&mut frames) {
            let time = u64::from(number) * PERIOD + stream * (PERIOD / u64::from(STREAMS));
            while let Some(packet) = http.until(time) {
                sink.packet(&packet)?;
            }
            frame[RTP + 2..RTP + 4].copy_from_slice(&(number as u16).to_be_bytes());
            frame[RTP + 4..RTP + 8].copy_from_slice(&number.wrapping_mul(160).to_be_bytes());
            sink.frame(time, frame)?;
        }
        if sink.octets() >= octets {
            break;
        }
    }
    sink.finish()
}

/// Where RTP begins in a frame.
const RTP: usize = 16 + 20 + 8;

/// A stream's frame. Its UDP checksum is zero, "none", so that numbers can be put into it.
fn stream(number: u16) -> Vec<u8> {
    let wcs = format!("192.0.2.10:{}", 31_000 + number);
    let peer = format!("198.51.100.{}:{}", 60 + number % 40, 20_000 + number);
    let (from, to) = if number.is_multiple_of(2) { (&wcs, &peer) } else { (&peer, &wcs) };
    let mut frame = LINK.frame(&datagram(0, from, to, &rtp(0, 0x5743_0000 + u32::from(number), 0, 160)));
    frame[RTP - 2..RTP].fill(0);
    frame
}

/// Requests that are no hooks, for ever; every other connection's server answers in chunks.
fn reports(number: u16) -> Lane {
    let mut random = Random::new(u64::from(number));
    let client = format!("127.0.0.1:{}", 33_000 + number);
    let connection =
        lane::connection(&client, "127.0.0.1:8080", 1 + u32::from(number), u64::from(number) * 5 * MS);
    let exchanges = std::iter::repeat_with(move || {
        let target = format!("/api/report/{}", random.below(100_000));
        let request = http::post(&target, "localhost:8080", &report(&mut random));
        let answer = report(&mut random);
        let response = if number.is_multiple_of(2) {
            http::json(&answer)
        } else {
            http::chunked("200 OK", &[("Content-Type", "application/json")], &[answer.as_bytes()])
        };
        let pause = REPORT_PERIOD - 100 * MS + random.below(200 * MS);
        Exchange { request, response: vec![response], server_time: 6 * MS, pause }
    });
    lane::kept_alive(connection.segment_size(65_483), exchanges)
}

/// An object of 0.2 to 2.5 kB.
fn report(random: &mut Random) -> String {
    let size = 200 + random.below(2_200) as usize;
    let mut text = format!("{{\"id\":{},\"measured\":[", random.below(1 << 32));
    while text.len() < size {
        let (stream, lost, delay) = (random.below(400), random.below(50), random.below(100_000));
        let _ =
            write!(text, "{{\"stream\":\"s{stream}\",\"lost\":{lost},\"delay\":{delay}e-6,\"ok\":true}},");
    }
    text + "null]}"
}

fn some_hooks(number: u32) -> Lane {
    let client = format!("127.0.0.1:{}", 40_001 + number);
    let connection =
        lane::connection(&client, "127.0.0.1:9091", 1_000 + number, u64::from(number) * 300 * MS);
    let sessions = (number..SESSIONS).step_by(HOOK_LANES as usize);
    let hooks = sessions.flat_map(|session| hooks::session(session, Bodies::Full));
    let exchanges = hooks.map(|(method, body)| Exchange {
        request: wcs::request(method, &body),
        response: vec![http::json(&body)],
        server_time: 6 * MS,
        pause: 850 * MS,
    });
    lane::kept_alive(connection.segment_size(65_483), exchanges)
}
