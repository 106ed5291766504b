//! Captures of nothing but hooks, on Ethernet between WCS and a backend.

use crate::hooks::{self, Bodies, HOOKS, Hook};
use crate::lane::{self, Exchange, Lane, Merged};
use crate::sink::{Format, Sink};
use crate::support::builder::wcs::{BACKEND, BASE};
use crate::support::builder::{Link, MS, SEC, US, http, wcs};
use crate::support::random::Random;
use std::io::{self, Write};

const LINK: Link = Link::Ethernet(&[]);

/// Writes a file of these lanes.
pub fn lanes(to: impl Write, lanes: Vec<Lane>) -> io::Result<()> {
    let mut sink = Sink::new(to, Format::Pcap, LINK)?;
    Merged::new(lanes).try_for_each(|packet| sink.packet(&packet))?;
    sink.finish()
}

/// 64 connections are kept alive; bodies are large and come back in chunks.
pub fn http(sessions: u32) -> Vec<Lane> {
    kept_alive(64, sessions, Bodies::Full, full)
}

/// 16 connections are kept alive; bodies are small.
pub fn hooks(sessions: u32) -> Vec<Lane> {
    kept_alive(16, sessions, Bodies::Small, |hook, _| small(hook))
}

/// Connections of one hook each, one after the other on each of 16 lanes.
pub fn connections(count: u32) -> Vec<Lane> {
    const LANES: u32 = 16;
    let lane = |lane: u32| -> Lane {
        // Ten connections in a row are a session.
        let sessions = (lane..count / HOOKS as u32).step_by(LANES as usize);
        let hooks = sessions.flat_map(|session| hooks::session(session, Bodies::Small)).zip(0..);
        Box::new(hooks.flat_map(move |(hook, turn)| {
            let number = turn * LANES + lane;
            let time = u64::from(turn) * 20 * MS + u64::from(lane) * MS;
            // The ephemeral ports of Linux, in use again when all have been.
            let client = format!("192.0.2.10:{}", 32_768 + number % 28_224);
            let mut connection = lane::connection(&client, BACKEND, number, time);
            connection.handshake();
            small(hook).on(&mut connection);
            lane::closed(&mut connection);
            connection
        }))
    };
    (0..LANES).map(lane).collect()
}

/// Writes connections of one hook each; all are open before the first closes, and every other stays open.
pub fn open(to: impl Write, count: u32) -> io::Result<()> {
    let mut sink = Sink::new(to, Format::Pcap, LINK)?;
    let mut open = Vec::new();
    let hooks = (0..).flat_map(|session| hooks::session(session, Bodies::Small));
    for (hook, number) in hooks.zip(0..count) {
        // Four nodes, since one has not so many ports.
        let client = format!("192.0.2.{}:{}", 10 + number % 4, 10_000 + number / 4);
        let time = u64::from(number) * 8 * MS;
        let mut connection = lane::connection(&client, BACKEND, number, time);
        connection.handshake();
        small(hook).on(&mut connection);
        std::mem::take(connection.packets()).iter().try_for_each(|packet| sink.packet(packet))?;
        if number % 2 == 0 {
            open.push(connection);
        }
    }
    let end = u64::from(count) * 8 * MS + SEC;
    for (connection, turn) in open.iter_mut().zip(0_u64..) {
        connection.go_to(end + turn * MS);
        lane::closed(connection);
        connection.packets().iter().try_for_each(|packet| sink.packet(packet))?;
    }
    sink.finish()
}

const JSON: [(&str, &str); 2] = [("Server", "nginx/1.22.1"), ("Content-Type", "application/json")];

fn kept_alive(
    connections: u32,
    sessions: u32,
    bodies: Bodies,
    exchange: impl Fn(Hook, &mut Random) -> Exchange + Copy + 'static,
) -> Vec<Lane> {
    let lane = |lane: u32| {
        let connection = lane::connection(
            &format!("192.0.2.10:{}", 40_001 + lane),
            BACKEND,
            1 + lane,
            u64::from(lane) * 700 * US,
        );
        // Small segments of one host are also met without timestamps.
        let connection = if bodies == Bodies::Small { connection.without_timestamps() } else { connection };
        let sessions = (lane..sessions).step_by(connections as usize);
        let hooks = sessions.flat_map(move |session| hooks::session(session, bodies));
        let mut random = Random::new(u64::from(lane));
        lane::kept_alive(connection, hooks.map(move |hook| exchange(hook, &mut random)))
    };
    (0..connections.min(sessions)).map(lane).collect()
}

/// A hook as WCS sends it, answered in chunks by its own body.
pub fn full((method, body): Hook, random: &mut Random) -> Exchange {
    Exchange {
        request: wcs::request(method, &body),
        response: vec![http::chunked("200 OK", &JSON, &[body.as_bytes()])],
        server_time: 6 * MS + random.below(8_000) * US,
        pause: 40 * MS + random.below(20_000) * US,
    }
}

/// A hook with short heads; the response's head and body are segments of their own.
fn small((method, body): Hook) -> Exchange {
    let request = format!(
        "POST {BASE}/{method} HTTP/1.1\r\nHost: backend\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    Exchange {
        request: request.into_bytes(),
        response: vec![head.to_vec(), b"{}".to_vec()],
        server_time: 6 * MS,
        pause: 40 * MS,
    }
}
