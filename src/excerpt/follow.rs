//! Reads the frames of an excerpt, and what their connections say.

use super::{Kept, MOST, Place, Refusal, Selection};
use crate::capture::{Captures, Frame};
use crate::endpoint::{ConnectionId, Endpoint, FrameNumber, Side};
use crate::fact::Facts;
use crate::http::{Body, Exchange, Exchanges, Fields, Message};
use crate::limits::Limits;
use crate::packet::{Flags, Packet, Packets, Segment};
use crate::session::Case;
use crate::tcp::{self, Connections, Event};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// What an end of a connection sent.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The octets in order; those that were not captured are zero.
    pub(super) octets: Vec<u8>,
    /// A sequence number, and the place of the octet that has it.
    anchor: Option<(u32, usize)>,
    /// The messages in it.
    pub(super) messages: Vec<Said>,
}

/// A message in a stream.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) octets: Range<usize>,
    pub(super) fields: Fields,
    pub(super) body: Body,
    pub(super) last: FrameNumber,
}

impl Stream {
    /// Where an octet stands by its sequence number.
    pub(super) fn place(&self, sequence: u32) -> Option<isize> {
        let (known, place) = self.anchor?;
        // Sequence numbers go round; an excerpt is short of half of them.
        let distance = sequence.wrapping_sub(known).cast_signed();
        isize::try_from(place).ok()?.checked_add(isize::try_from(distance).ok()?)
    }
}

/// The frames of an excerpt, and the streams in them.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) frames: Vec<Kept>,
    pub(super) streams: Vec<Stream>,
    ends: FxHashMap<(ConnectionId, Endpoint), usize>,
    by_number: FxHashMap<FrameNumber, usize>,
    size: usize,
    refusal: Option<Refusal>,
}

impl Followed {
    /// Reads the captures once more.
    pub(super) fn read(
        mut captures: Captures,
        selection: &Selection,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let mut followed = Self::default();
        let (mut packets, mut connections) = (Packets::new(limits), Connections::new(limits.clone()));
        let mut exchanges = Exchanges::new(limits.clone());
        let (mut facts, mut reading) = (Facts::default(), Facts::default());
        while let Some(frame) = captures.next_frame(&mut reading) {
            packets.push(&frame, &mut facts, &mut |packet, facts| match packet {
                Packet::Tcp(segment) => {
                    let mut events = Vec::new();
                    let id = connections.push(&segment, facts, &mut |head, event, facts| {
                        tell(head, &event, selection, &mut events);
                        exchanges.push(head, &event, facts, &mut |exchange, _| {
                            events.push(Told::Exchange(Box::new(exchange)));
                        });
                    });
                    if selection.connections.contains(&id) || selection.frames.contains(&frame.number) {
                        followed.keep(&frame, Some((id, &segment)));
                    }
                    followed.take(events, selection);
                }
                Packet::Unreachable(message) => connections.unreachable(&message, facts, &mut |_, _, _| {}),
                _ => {}
            });
            if selection.frames.contains(&frame.number) && !followed.by_number.contains_key(&frame.number) {
                followed.keep(&frame, None);
            }
            if let Some(refusal) = followed.refusal.take() {
                return Err(refusal);
            }
        }
        let mut events = Vec::new();
        connections.finish(&mut facts, &mut |head, event, facts| {
            tell(head, &event, selection, &mut events);
            exchanges.push(head, &event, facts, &mut |exchange, _| {
                events.push(Told::Exchange(Box::new(exchange)));
            });
        });
        followed.take(events, selection);
        followed.refusal.take().map_or(Ok(followed), Err)
    }

    fn stream(&mut self, connection: ConnectionId, sender: Endpoint) -> usize {
        let next = self.streams.len();
        let index = *self.ends.entry((connection, sender)).or_insert(next);
        if index == next {
            self.streams.push(Stream::default());
        }
        index
    }

    fn keep(&mut self, frame: &Frame<'_>, segment: Option<(ConnectionId, &Segment<'_>)>) {
        self.size = self.size.saturating_add(frame.data.len());
        if self.size > MOST {
            self.refusal.get_or_insert(Refusal::TooLarge);
            return;
        }
        let place = segment.and_then(|(connection, segment)| {
            if segment.payload.is_empty() {
                let nowhere = Place { connection, stream: usize::MAX, sequence: 0, header: 0, payload: 0..0 };
                return Some(nowhere);
            }
            let stream = self.stream(connection, segment.source);
            let Some(payload) = part(frame.data, segment.payload) else {
                self.refusal.get_or_insert(Refusal::Fragment(frame.number.number()));
                return None;
            };
            let header = payload.start.saturating_sub(segment.header_len.into());
            // A SYN takes a sequence number of its own, before the octets that come with it.
            let sequence = segment.sequence.wrapping_add(u32::from(segment.flags.has(Flags::SYN)));
            Some(Place { connection, stream, sequence, header, payload })
        });
        self.by_number.insert(frame.number, self.frames.len());
        self.frames.push(Kept {
            number: frame.number,
            time: frame.time,
            link_type: frame.link_type,
            interface: frame.interface,
            wire_len: frame.wire_len,
            data: frame.data.to_vec(),
            place,
        });
    }

    fn take(&mut self, events: Vec<Told>, selection: &Selection) {
        for event in events {
            match event {
                Told::Data { connection, sender, offset, octets, frame } => {
                    if selection.connections.contains(&connection) {
                        self.put(connection, sender, offset, &octets, frame);
                    }
                }
                Told::Exchange(exchange) => {
                    if selection.connections.contains(&exchange.connection) {
                        self.exchange(*exchange);
                    }
                }
            }
        }
    }

    fn put(
        &mut self,
        connection: ConnectionId,
        sender: Endpoint,
        offset: u64,
        octets: &[u8],
        frame: FrameNumber,
    ) {
        let index = self.stream(connection, sender);
        let kept = self.by_number.get(&frame).and_then(|index| self.frames.get(*index));
        let came = kept.and_then(|kept| {
            Some((kept.place.as_ref()?, kept.data.get(kept.place.as_ref()?.payload.clone())?))
        });
        let anchor = came.and_then(|(place, payload)| {
            let skipped =
                if payload.starts_with(octets) { 0 } else { payload.len().checked_sub(octets.len())? };
            payload.get(skipped..)?.starts_with(octets).then_some((place.sequence, skipped))
        });
        let Some(stream) = self.streams.get_mut(index) else { return };
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        // The same addresses and ports were used for another connection whose beginning was not captured.
        let again = start < stream.octets.len();
        if again || start > MOST {
            self.refusal.get_or_insert(Refusal::NoPlace(frame.number()));
            return;
        }
        if let Some((sequence, skipped)) = anchor {
            let behind = u32::try_from(skipped).unwrap_or_default();
            stream.anchor.get_or_insert((sequence.wrapping_add(behind), start));
        }
        stream.octets.resize(start, 0);
        stream.octets.extend(octets);
    }

    fn exchange(&mut self, exchange: Exchange) {
        let (connection, client, server) = (exchange.connection, exchange.client, exchange.server);
        if let Some(request) = exchange.request {
            self.message(connection, client, request);
        }
        if let Some(response) = exchange.response {
            self.message(connection, server, response);
        }
    }

    fn message<S>(&mut self, connection: ConnectionId, sender: Endpoint, message: Message<S>) {
        let index = self.stream(connection, sender);
        let range = message.extent.octets;
        let place = |octet| usize::try_from(octet).unwrap_or(usize::MAX);
        if let Some(stream) = self.streams.get_mut(index) {
            stream.messages.push(Said {
                octets: place(range.start)..place(range.end),
                fields: message.fields,
                body: message.body,
                last: message.extent.last.frame,
            });
        }
    }

    /// Leaves out, of connections that carry hooks of others as well, the payload that is none of those asked for.
    pub(super) fn drop_what_others_said(&mut self, case: &Case, selection: &Selection) {
        let mut own: FxHashMap<ConnectionId, Vec<FrameNumber>> = FxHashMap::default();
        for (index, record) in case.hooks.iter().enumerate() {
            if !selection.hooks.contains(&index) {
                own.entry(record.connection).or_default();
            }
        }
        for index in &selection.hooks {
            let Some(record) = case.hooks.get(*index) else { continue };
            if let Some(frames) = own.get_mut(&record.connection) {
                frames.extend(&record.frames);
                frames.extend(record.answer.iter().flat_map(|answer| &answer.frames));
            }
        }
        let spans = own
            .into_iter()
            .map(|(connection, frames)| (connection, self.spans(&frames)))
            .collect::<FxHashMap<_, _>>();
        let streams = &self.streams;
        self.frames.retain(|frame| {
            if selection.frames.contains(&frame.number) {
                return true;
            }
            let Some(place) = frame.place.as_ref().filter(|place| !place.payload.is_empty()) else {
                return true;
            };
            let Some(spans) = spans.get(&place.connection) else { return true };
            let Some(start) = streams.get(place.stream).and_then(|stream| stream.place(place.sequence))
            else {
                return false;
            };
            let end = start.saturating_add_unsigned(place.payload.len());
            spans.iter().any(|(stream, span)| *stream == place.stream && span.start < end && start < span.end)
        });
    }

    /// The octets that frames hold, copies of which stand in others.
    fn spans(&self, frames: &[FrameNumber]) -> Vec<(usize, Range<isize>)> {
        let one = |number: &FrameNumber| {
            let place = self.frames.get(*self.by_number.get(number)?)?.place.as_ref()?;
            let start = self.streams.get(place.stream)?.place(place.sequence)?;
            Some((place.stream, start..start.saturating_add_unsigned(place.payload.len())))
        };
        frames.iter().filter_map(one).collect()
    }
}

/// What happened, kept until the frame is known to belong to the excerpt.
enum Told {
    Data { connection: ConnectionId, sender: Endpoint, offset: u64, octets: Vec<u8>, frame: FrameNumber },
    Exchange(Box<Exchange>),
}

fn tell(head: &tcp::Head, event: &Event<'_>, selection: &Selection, events: &mut Vec<Told>) {
    if let Event::Data { side, offset, octets, at, .. } = event
        && selection.connections.contains(&head.id)
    {
        let sender = match side {
            Side::Opener => head.opener,
            Side::Acceptor => head.acceptor,
        };
        events.push(Told::Data {
            connection: head.id,
            sender,
            offset: *offset,
            octets: octets.to_vec(),
            frame: at.frame,
        });
    }
}

/// Where a part stands in a whole that it was cut out of; `None` where it was not.
fn part(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    (whole.get(range.clone())? == part).then_some(range)
}
