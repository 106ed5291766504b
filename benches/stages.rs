//! What each stage takes by itself: `cargo bench`.
//!
//! Every stage reads what the one before it would have emitted, made beforehand. Throughput counts octets of frames,
//! of TCP's payload, of HTTP and of JSON.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a mistake here is to fail loudly; not all of the captures' parts are used"
)]

#[path = "captures/hooks.rs"]
mod hooks;
#[path = "captures/lane.rs"]
mod lane;
#[path = "captures/shapes.rs"]
mod shapes;
#[path = "captures/sink.rs"]
mod sink;
#[path = "../tests/support/support.rs"]
mod support;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hookscope::capture::{Frame, LinkType};
use hookscope::endpoint::{ConnectionId, FrameNumber, Moment, Side, Sides};
use hookscope::fact::Facts;
use hookscope::hook::{Names, recognize};
use hookscope::http::{Exchange, Exchanges};
use hookscope::limits::Limits;
use hookscope::packet::{Packet, Packets, Segment};
use hookscope::pipeline::Decoder;
use hookscope::tcp::{Connections, Event, Head};
use hookscope::time::Timestamp;
use std::hint::black_box;
use support::builder::{self, EPOCH, Link, traffic};

/// Sessions of ten hooks.
const SESSIONS: u32 = 100;
const SEGMENT: usize = 1_448;

/// A frame's octets, and when it was captured.
struct Captured {
    time: Timestamp,
    octets: Vec<u8>,
}

fn captured(packet: &builder::Packet) -> Captured {
    Captured {
        time: Timestamp::from_nanoseconds((EPOCH + packet.time) as i64),
        octets: Link::Ethernet(&[]).frame(packet),
    }
}

fn hook_frames() -> Vec<Captured> {
    lane::Merged::new(shapes::http(SESSIONS)).map(|packet| captured(&packet)).collect()
}

fn rtp_frames() -> Vec<Captured> {
    traffic::call_media(0, 20_000).iter().map(captured).collect()
}

fn octets(frames: &[Captured]) -> Throughput {
    Throughput::Bytes(frames.iter().map(|frame| frame.octets.len() as u64).sum())
}

fn frame((number, captured): (u64, &Captured)) -> Frame<'_> {
    Frame {
        number: FrameNumber::new(0, number),
        time: captured.time,
        link_type: LinkType::ETHERNET,
        interface: 0,
        wire_len: captured.octets.len() as u32,
        data: &captured.octets,
    }
}

fn frames(captured: &[Captured]) -> Vec<Frame<'_>> {
    (1..).zip(captured).map(frame).collect()
}

/// From frames to packets.
fn packet(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("packet");
    for (name, captured) in [("rtp", rtp_frames()), ("hooks", hook_frames())] {
        let frames = frames(&captured);
        group.throughput(octets(&captured)).bench_function(name, |bench| {
            bench.iter(|| {
                let (mut packets, mut facts) = (Packets::new(&Limits::default()), Facts::default());
                for frame in &frames {
                    packets.push(frame, &mut facts, &mut |packet, _| {
                        black_box(&packet);
                    });
                }
            });
        });
    }
    group.finish();
}

/// A segment with its payload kept outside of the frame.
fn owned(segment: &Segment<'_>) -> Segment<'static> {
    Segment {
        frame: segment.frame,
        time: segment.time,
        source: segment.source,
        destination: segment.destination,
        sequence: segment.sequence,
        acknowledgment: segment.acknowledgment,
        flags: segment.flags,
        window: segment.window,
        header_len: segment.header_len,
        payload: segment.payload.to_vec().leak(),
        payload_len: segment.payload_len,
        ip_id: segment.ip_id,
    }
}

fn segments() -> Vec<Segment<'static>> {
    let (mut packets, mut facts) = (Packets::new(&Limits::default()), Facts::default());
    let (captured, mut segments) = (hook_frames(), Vec::new());
    for frame in frames(&captured) {
        packets.push(&frame, &mut facts, &mut |packet, _| {
            if let Packet::Tcp(segment) = packet {
                segments.push(owned(&segment));
            }
        });
    }
    segments
}

/// From segments to octets in order.
fn tcp(criterion: &mut Criterion) {
    let segments = segments();
    let mut swapped = segments.clone();
    // Neighbours of a connection stand 64 lanes apart; every tenth segment comes late.
    (0..swapped.len() - 200).step_by(10).for_each(|at| swapped.swap(at, at + 200));
    let mut group = criterion.benchmark_group("tcp");
    for (name, segments) in [("in order", segments), ("out of order", swapped)] {
        let payload = segments.iter().map(|segment| segment.payload.len() as u64).sum();
        group.throughput(Throughput::Bytes(payload)).bench_function(name, |bench| {
            bench.iter(|| {
                let (mut connections, mut facts) = (Connections::new(Limits::default()), Facts::default());
                let mut taken = 0;
                let mut on = |_: &Head, event: Event<'_>, _: &mut Facts| {
                    if let Event::Data { octets, .. } = event {
                        taken += octets.len();
                    }
                };
                for segment in &segments {
                    connections.push(segment, &mut facts, &mut on);
                }
                connections.finish(&mut facts, &mut on);
                taken
            });
        });
    }
    group.finish();
}

/// The messages of a connection: who sends what.
fn messages() -> Vec<(Side, Vec<u8>)> {
    let mut random = support::random::Random::new(0);
    let hooks = (0..SESSIONS).flat_map(|session| hooks::session(session, hooks::Bodies::Full));
    let exchanges = hooks.map(|hook| shapes::full(hook, &mut random));
    let both = |exchange: lane::Exchange| {
        [(Side::Opener, exchange.request), (Side::Acceptor, exchange.response.concat())]
    };
    exchanges.flat_map(both).collect()
}

/// Puts messages through HTTP as TCP would, and gives the exchanges to `emit`.
fn through_http(messages: &[(Side, Vec<u8>)], emit: &mut dyn FnMut(Exchange)) {
    let (mut exchanges, mut facts) = (Exchanges::new(Limits::default()), Facts::default());
    let mut at = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::from_nanoseconds(EPOCH as i64) };
    let head = Head {
        id: ConnectionId(0),
        opener: "192.0.2.10:40001".parse().unwrap(),
        acceptor: builder::wcs::BACKEND.parse().unwrap(),
        from_start: true,
        syn: Some(at),
        established: Some(at),
        captured: Sides { opener: true, acceptor: true },
    };
    let mut sent = Sides { opener: 0, acceptor: 0 };
    for (side, message) in messages {
        let side = *side;
        for octets in message.chunks(SEGMENT) {
            at = Moment {
                frame: FrameNumber::new(0, at.frame.number() + 1),
                time: Timestamp::from_nanoseconds(at.time.nanoseconds() + 100_000),
            };
            let (offset, received) = (*sent.of(side), *sent.of(side.other()));
            *sent.of_mut(side) += octets.len() as u64;
            let data = Event::Data { side, offset, octets, at, received };
            let acknowledged = Event::Acknowledged { side, offset: *sent.of(side), at };
            for event in [data, acknowledged] {
                exchanges.push(&head, &event, &mut facts, &mut |exchange, _| emit(exchange));
            }
        }
    }
}

/// From octets in order to exchanges.
fn http(criterion: &mut Criterion) {
    let messages = messages();
    let octets = messages.iter().map(|(_, message)| message.len() as u64).sum();
    let mut group = criterion.benchmark_group("http");
    group.throughput(Throughput::Bytes(octets)).bench_function("chunked", |bench| {
        bench.iter(|| through_http(&messages, &mut |exchange| drop(black_box(exchange))));
    });
    group.finish();
}

/// From exchanges to hooks: their JSON is read.
fn hook(criterion: &mut Criterion) {
    let mut exchanges = Vec::new();
    through_http(&messages(), &mut |exchange| exchanges.push(exchange));
    let hooks = (0..SESSIONS).flat_map(|session| hooks::session(session, hooks::Bodies::Full));
    // It comes back in the response.
    let json = hooks.map(|(_, body)| 2 * body.len() as u64).sum();
    let mut group = criterion.benchmark_group("hook");
    group.throughput(Throughput::Bytes(json)).bench_function("recognized", |bench| {
        bench.iter_batched(
            || exchanges.clone(),
            |exchanges| {
                let mut names = Names::default();
                exchanges.into_iter().map(|exchange| recognize(exchange, &[], &mut names)).collect::<Vec<_>>()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// The lower stages together: from frames to exchanges.
fn decoder(criterion: &mut Criterion) {
    let captured = hook_frames();
    let frames = frames(&captured);
    let mut group = criterion.benchmark_group("decoder");
    group.throughput(octets(&captured)).bench_function("hooks", |bench| {
        bench.iter(|| {
            let mut decoder = Decoder::new(&Limits::default());
            let mut emit = |decoded| drop(black_box(decoded));
            for frame in &frames {
                decoder.push(frame, &mut emit);
            }
            decoder.finish(&mut emit)
        });
    });
    group.finish();
}

criterion_group!(stages, packet, tcp, http, hook, decoder);
criterion_main!(stages);
