//! The library's view of a capture.

use super::{Line, Message, Pair, View};
use hookscope::capture::{CaptureError, Captures};
use hookscope::fact::Facts;
use hookscope::http::{Completeness, Exchange};
use hookscope::limits::Limits;
use hookscope::packet::{Packet, Packets};
use hookscope::pipeline::{self, Decoded, Decoder};
use hookscope::report::{ExchangeEntry, ExchangeList};
use hookscope::session::Options;
use hookscope::tcp::Connections;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Exchanges of a capture.
pub fn exchanges(path: &Path) -> Result<Vec<Exchange>, CaptureError> {
    let limits = Limits::default();
    let captures = Captures::open(&[PathBuf::from(path)], &limits)?;
    let mut exchanges = Vec::new();
    Decoder::run(captures, &limits, &mut |decoded| {
        if let Decoded::Exchange(exchange) = decoded {
            exchanges.push(*exchange);
        }
    });
    Ok(exchanges)
}

/// The exchanges of a capture as they are listed.
pub fn list(path: &Path) -> Result<Vec<ExchangeEntry>, CaptureError> {
    let limits = Limits::default();
    let captures = Captures::open(&[PathBuf::from(path)], &limits)?;
    let options = Options { list_exchanges: true, ..Options::default() };
    Ok(ExchangeList::new(&pipeline::read(captures, &limits, options), false).exchanges)
}

/// The view of a capture, and the ports of the servers that it talks HTTP to.
pub fn view(path: &Path) -> (View, BTreeSet<u16>) {
    let mut view = View::default();
    let exchanges = exchanges(path).unwrap();
    for exchange in &exchanges {
        add(&mut view, exchange);
    }
    let mut frames = BTreeSet::new();
    for message in view.messages.iter().flat_map(|(message, count)| vec![message; *count]) {
        if !frames.insert(message.frame) {
            view.crowded.insert(message.frame);
        }
    }
    view.streams = streams(path).unwrap();
    (view, exchanges.iter().map(|exchange| exchange.server.port()).collect())
}

fn add(view: &mut View, exchange: &Exchange) {
    let stream = exchange.connection.0;
    let mut note = |frame, line, completeness| {
        let message = Message { stream, frame, line };
        if completeness != Completeness::Whole {
            view.partial.insert(message.clone());
        }
        *view.messages.entry(message).or_default() += 1;
    };
    if let Some(request) = &exchange.request {
        let line = Line::Request(request.start.method.clone(), request.start.target.clone());
        note(request.extent.last.frame.number(), line, request.completeness);
    }
    if let Some(response) = &exchange.response {
        note(
            response.extent.last.frame.number(),
            Line::Response(response.start.status),
            response.completeness,
        );
    }
    if let (Some(request), Some(response)) = (&exchange.request, &exchange.response) {
        let (asked, answered) = (request.extent.last, response.extent.last);
        view.pairs.insert(Pair {
            response: answered.frame.number(),
            request: asked.frame.number(),
            time: answered.time.since(asked.time).nanoseconds(),
        });
    }
}

/// The connection's number of each frame with TCP.
pub fn streams(path: &Path) -> Result<BTreeMap<u64, u32>, CaptureError> {
    let limits = Limits::default();
    let mut captures = Captures::open(&[PathBuf::from(path)], &limits)?;
    let mut streams = BTreeMap::new();
    let (mut connections, mut facts) = (Connections::new(limits.clone()), Facts::default());
    let mut reading = Facts::default();
    let mut packets = Packets::new(&limits);
    while let Some(frame) = captures.next_frame(&mut reading) {
        packets.push(&frame, &mut facts, &mut |packet, facts| match packet {
            Packet::Tcp(segment) => {
                let id = connections.push(&segment, facts, &mut |_, _, _| {});
                streams.insert(frame.number.number(), id.0);
            }
            Packet::Unreachable(message) => connections.unreachable(&message, facts, &mut |_, _, _| {}),
            Packet::Dns(_) | Packet::Aside(_) => {}
        });
    }
    Ok(streams)
}
