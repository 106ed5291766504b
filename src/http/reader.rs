//! One direction of a connection: octets in, messages out.

use super::body::Body;
use super::chunked::Progress;
use super::framing::{Framing, ReplyTo, declared, is_last, reply_to};
use super::head::{self, Glance, ParsedHead, StartLine};
use super::message::{Completeness, Extent, Message, Request, Response};
use crate::endpoint::Moment;
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};

/// A message that was read: large, and moved several times until its partner is there.
#[derive(Debug)]
pub(super) enum Incoming {
    Request(Box<Request>),
    Response(Box<Response>),
}

/// Octets in order, and where they come from.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) octets: &'a [u8],
    pub(super) offset: u64,
    pub(super) at: Moment,
    pub(super) received: u64,
}

impl Piece<'_> {
    /// The offset behind so many of the octets.
    const fn behind(&self, count: usize) -> u64 {
        self.offset.saturating_add(count as u64)
    }
}

/// What reading needs beside the octets, and where what was read goes.
pub(super) struct Reading<'a> {
    pub(super) limits: &'a Limits,
    pub(super) facts: &'a mut Facts,
    /// Messages read.
    pub(super) out: &'a mut Vec<Incoming>,
    /// Final responses among them.
    pub(super) answered: usize,
    /// Methods of the requests that wait for a response, the first one first.
    pub(super) waiting: &'a [ReplyTo],
    /// Whether the client asked again behind the request whose response is being read.
    pub(super) asked_again: bool,
}

impl Reading<'_> {
    /// The method that the response being read replies to.
    fn reply_to(&self) -> ReplyTo {
        self.waiting.get(self.answered).copied().unwrap_or_default()
    }
}

#[derive(Clone)]
enum State {
    /// At a message's boundary.
    Between,
    /// In a head.
    Head,
    /// In a body.
    Body,
    /// Before the first message, in what a proxy's handshake may be.
    Preamble,
    /// Anywhere: behind a gap, or where the capture began. Looks for the next message.
    Seeking,
    /// Not HTTP, or not any more.
    Opaque,
}

/// A message that is being read.
#[derive(Clone)]
struct Draft {
    extent: Extent,
    head: Option<ParsedHead>,
    body: Body,
    framing: Framing,
    /// Whether what follows it is another protocol.
    last: bool,
}

impl Draft {
    /// Octets that it holds, and could give up.
    fn held(&self) -> usize {
        let fields = self.head.as_ref().map_or(0, |head| head.fields.held());
        self.body.octets.len().saturating_add(fields)
    }
}

/// Octets that may stand before the first message: those of SOCKS (RFC 1928) are fewer.
const LONGEST_PREAMBLE: u64 = 1 << 10;

/// Octets of a usual head.
const USUAL_HEAD: usize = 4 << 10;

/// Reads one direction.
#[derive(Clone)]
pub(super) struct Reader {
    state: State,
    draft: Option<Draft>,
    /// The head being read, and how far it was looked at.
    head: Vec<u8>,
    glance: Glance,
    /// The end of the octets seen, and the last segment of them.
    seen: u64,
    last: Option<Moment>,
    /// Whether a message was read, or part of one.
    begun: bool,
    tls: bool,
    /// Where octets stood that begin no message.
    stray: Option<Moment>,
}

impl Reader {
    /// Starts at the first octet of a direction, or anywhere.
    pub(super) const fn new(from_start: bool) -> Self {
        let state = if from_start { State::Between } else { State::Seeking };
        Self {
            state,
            draft: None,
            head: Vec::new(),
            glance: Glance::new(),
            seen: 0,
            last: None,
            begun: false,
            tls: false,
            stray: None,
        }
    }

    /// The end of the octets seen.
    pub(super) const fn seen(&self) -> u64 {
        self.seen
    }

    /// The last segment with octets.
    pub(super) const fn last(&self) -> Option<Moment> {
        self.last
    }

    /// Whether the direction began with a TLS record.
    pub(super) const fn is_tls(&self) -> bool {
        self.tls
    }

    /// Octets that it holds.
    pub(super) fn held(&self) -> usize {
        self.head.len().saturating_add(self.draft.as_ref().map_or(0, Draft::held))
    }

    /// Gives up the octets that it holds, and with them a head that is being read.
    pub(super) fn forget(&mut self) {
        if let (State::Body, Some(draft)) = (&self.state, &mut self.draft) {
            draft.body.forget();
            draft.head.iter_mut().for_each(|head| head.fields.forget());
        } else if !self.head.is_empty() {
            self.draft = None;
            self.head = Vec::new();
            self.state = State::Seeking;
        }
    }

    /// The method of the request being read.
    pub(super) fn reply_to(&self) -> Option<ReplyTo> {
        match &self.draft.as_ref()?.head.as_ref()?.start {
            StartLine::Request(line) => Some(reply_to(&line.method)),
            StartLine::Status(_) => None,
        }
    }

    /// Where octets stand behind a message that begin no other one.
    pub(super) const fn stray(&self) -> Option<Moment> {
        self.stray
    }

    /// Lets such octets be, which were told or need not be.
    pub(super) const fn forgive_stray(&mut self) {
        self.stray = None;
    }

    /// The other side agreed to another protocol: what follows is none of HTTP, nor is what came of a next message.
    pub(super) fn leave(&mut self) {
        self.draft = None;
        self.head = Vec::new();
        self.state = State::Opaque;
        self.forgive_stray();
    }

    /// Takes in octets.
    pub(super) fn push(&mut self, piece: Piece<'_>, reading: &mut Reading<'_>) {
        // A handshake record of TLS 1.x (RFC 8446, section 5.1).
        self.tls |= self.seen == 0 && matches!(piece.octets, [0x16, 3, ..]);
        let mut rest = piece;
        while !rest.octets.is_empty() {
            let taken = match self.state {
                State::Between => self.begin(rest),
                State::Head => self.read_head(rest, reading),
                State::Body => self.read_body(rest, reading),
                State::Preamble => self.find_behind_preamble(rest),
                State::Seeking => self.find(rest),
                State::Opaque => rest.octets.len(),
            };
            rest.offset = rest.behind(taken);
            rest.octets = rest.octets.get(taken..).unwrap_or_default();
        }
        (self.seen, self.last) = (rest.offset, Some(piece.at));
    }

    /// Passes over octets that were not captured.
    pub(super) fn gap(&mut self, length: u64, reading: &mut Reading<'_>) {
        let (State::Body, Some(draft)) = (&self.state, &mut self.draft) else {
            self.give_up_head(Completeness::NotCaptured, reading);
            if !matches!(self.state, State::Opaque) {
                self.state = State::Seeking;
            }
            return;
        };
        let known = match &mut draft.framing {
            Framing::Length(left) => {
                let known = length <= *left;
                draft.body.skip(length.min(*left));
                *left = left.saturating_sub(length);
                known
            }
            Framing::Chunked(coding) => {
                draft.body.skip(length);
                coding.skip(length)
            }
            Framing::UntilClose => {
                draft.body.skip(length);
                true
            }
        };
        self.after_gap_in_body(known, length, reading);
    }

    /// Takes in the FIN of this direction.
    pub(super) fn end(&mut self, at: Moment, reading: &mut Reading<'_>) {
        if let (State::Body, Some(draft)) = (&self.state, &mut self.draft)
            && matches!(draft.framing, Framing::UntilClose)
        {
            let end = draft.extent.octets.end;
            draft.extent.cover(at, end);
            self.finish(Completeness::Whole, reading);
        } else {
            self.close(Completeness::Broken, true, reading);
        }
    }

    /// Gives out what is left, as incomplete. A body that lasts until its sender closes is not known to be broken where
    /// that end was not captured.
    pub(super) fn close(
        &mut self,
        completeness: Completeness,
        sender_ended: bool,
        reading: &mut Reading<'_>,
    ) {
        let until_close = matches!(self.draft, Some(Draft { framing: Framing::UntilClose, .. }));
        if matches!(self.state, State::Body) {
            let open = until_close && !sender_ended && completeness == Completeness::Broken;
            self.finish(if open { Completeness::NotCaptured } else { completeness }, reading);
        } else {
            self.give_up_head(completeness, reading);
        }
    }

    /// At a boundary: begins a message, unless the octets are none.
    fn begin(&mut self, rest: Piece<'_>) -> usize {
        // Empty lines before a request are let pass (RFC 9112, section 2.2).
        let blank = rest.octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        if blank > 0 {
            return blank;
        }
        if head::may_begin(rest.octets) {
            self.start_draft(rest);
        } else {
            self.malformed(rest.at);
        }
        0
    }

    /// Before the first message: waits for a segment that begins with one, but not for long.
    fn find_behind_preamble(&mut self, rest: Piece<'_>) -> usize {
        if rest.offset > LONGEST_PREAMBLE || self.tls {
            self.state = State::Opaque;
        } else if head::begins_surely(rest.octets) {
            self.start_draft(rest);
            return 0;
        }
        rest.octets.len()
    }

    /// Anywhere: goes to where a message begins for sure.
    fn find(&mut self, rest: Piece<'_>) -> usize {
        let Some(begin) = head::seek(rest.octets) else { return rest.octets.len() };
        self.start_draft(Piece { offset: rest.behind(begin), ..rest });
        begin
    }

    fn start_draft(&mut self, rest: Piece<'_>) {
        self.head.clear();
        self.glance = Glance::new();
        self.draft = Some(Draft {
            extent: Extent::new(rest.at, rest.offset, rest.received),
            head: None,
            body: Body::default(),
            framing: Framing::Length(0),
            last: false,
        });
        self.state = State::Head;
    }

    fn malformed(&mut self, at: Moment) {
        self.draft = None;
        self.head = Vec::new();
        if self.begun {
            self.stray.get_or_insert(at);
            self.state = State::Seeking;
        } else {
            self.state = State::Preamble;
        }
    }

    fn read_head(&mut self, rest: Piece<'_>, reading: &mut Reading<'_>) -> usize {
        let before = self.head.len();
        let room = reading.limits.head.saturating_sub(before);
        let new = rest.octets.get(..room).unwrap_or(rest.octets);
        // Most heads come in one segment, and are read where they stand.
        let head = if before == 0 {
            new
        } else {
            self.head.extend(new);
            &self.head
        };
        if self.glance.is_other(head) {
            self.malformed(rest.at);
            return rest.octets.len();
        }
        let Some(length) = head::length(head, before) else {
            if before == 0 {
                self.head.extend(new);
            }
            if room < rest.octets.len() {
                reading.facts.note(FactKind::LimitReached(Limit::Head), rest.at);
                self.draft = None;
                self.head = Vec::new();
                self.state = State::Seeking;
            } else if let Some(draft) = &mut self.draft {
                draft.extent.cover(rest.at, rest.behind(rest.octets.len()));
            }
            return rest.octets.len();
        };
        let taken = length.saturating_sub(before);
        let parsed = head.get(..length).and_then(head::parse);
        let (Some(parsed), Some(draft)) = (parsed, &mut self.draft) else {
            self.malformed(rest.at);
            return taken;
        };
        self.head.clear();
        // The room of a usual head is kept for the next one.
        self.head.shrink_to(USUAL_HEAD);
        draft.extent.cover(rest.at, rest.behind(taken));
        self.begun = true;
        let reply_to = reading.reply_to();
        self.frame(parsed, reply_to, reading);
        taken
    }

    /// Decides how long the body is (RFC 9112, section 6.3).
    fn frame(&mut self, parsed: ParsedHead, reply_to: ReplyTo, reading: &mut Reading<'_>) {
        let Some(draft) = &mut self.draft else { return };
        let framing = match &parsed.start {
            StartLine::Request(_) => declared(&parsed.fields).unwrap_or(Framing::Length(0)),
            StartLine::Status(line) => {
                draft.last = is_last(line, reply_to);
                let none = line.status < 200 || matches!(line.status, 204 | 304) || reply_to == ReplyTo::Head;
                if none || draft.last {
                    Framing::Length(0)
                } else {
                    declared(&parsed.fields).unwrap_or(Framing::UntilClose)
                }
            }
        };
        let is_request = matches!(parsed.start, StartLine::Request(_));
        draft.head = Some(parsed);
        if is_request && matches!(framing, Framing::UntilClose) {
            // A client that closes gets no response: where its body ends is not said.
            reading.facts.note(FactKind::MalformedHttp, draft.extent.last);
            self.finish(Completeness::Broken, reading);
            self.state = State::Seeking;
            return;
        }
        draft.framing = framing;
        self.state = State::Body;
        if matches!(self.draft, Some(Draft { framing: Framing::Length(0), .. })) {
            self.finish(Completeness::Whole, reading);
        }
    }

    fn read_body(&mut self, rest: Piece<'_>, reading: &mut Reading<'_>) -> usize {
        let Some(draft) = &mut self.draft else { return rest.octets.len() };
        let limit = reading.limits.body;
        let mut add = |count: usize| {
            draft.body.add(rest.octets.get(..count).unwrap_or_default(), limit);
            count
        };
        let (taken, over) = match &mut draft.framing {
            Framing::Length(left) => {
                let taken = add(usize::try_from(*left).unwrap_or(usize::MAX).min(rest.octets.len()));
                *left = left.saturating_sub(taken as u64);
                (taken, *left == 0)
            }
            Framing::Chunked(coding) => match coding.advance(rest.octets) {
                Progress::Framing(count) => (count, false),
                Progress::Content(count) => (add(count), false),
                Progress::End(count) => (count, true),
                Progress::Malformed => {
                    reading.facts.note(FactKind::MalformedHttp, rest.at);
                    self.finish(Completeness::Broken, reading);
                    self.state = State::Seeking;
                    return 0;
                }
            },
            // Nobody asks again who still waits for the end: the length was there, but is damaged.
            Framing::UntilClose if reading.asked_again && head::is_status_line(rest.octets) => {
                reading.facts.note(FactKind::MalformedHttp, rest.at);
                self.finish(Completeness::NotCaptured, reading);
                return 0;
            }
            Framing::UntilClose => (add(rest.octets.len()), false),
        };
        draft.extent.cover(rest.at, rest.behind(taken));
        if over {
            self.finish(Completeness::Whole, reading);
        }
        taken
    }

    fn after_gap_in_body(&mut self, known: bool, length: u64, reading: &mut Reading<'_>) {
        let Some(draft) = &mut self.draft else { return };
        draft.extent.octets.end = draft.extent.octets.end.saturating_add(length);
        let over = matches!(draft.framing, Framing::Length(0));
        if over || !known {
            self.finish(Completeness::NotCaptured, reading);
        }
        if !known {
            self.state = State::Seeking;
        }
    }

    /// Gives out the message being read, as far as it was read.
    fn finish(&mut self, completeness: Completeness, reading: &mut Reading<'_>) {
        let Some(mut draft) = self.draft.take() else { return };
        let Some(parsed) = draft.head else { return };
        self.state = if draft.last { State::Opaque } else { State::Between };
        draft.body.decode(&parsed.fields, reading.limits.body);
        let completeness = match completeness {
            Completeness::Whole if draft.body.missing > 0 => Completeness::NotCaptured,
            other => other,
        };
        let (fields, body, extent) = (parsed.fields, draft.body, draft.extent);
        reading.out.push(match parsed.start {
            StartLine::Request(start) => {
                Incoming::Request(Box::new(Message { start, fields, body, extent, completeness }))
            }
            StartLine::Status(start) => {
                reading.answered = reading.answered.saturating_add((!start.is_interim()).into());
                Incoming::Response(Box::new(Message { start, fields, body, extent, completeness }))
            }
        });
    }

    /// Gives out the message whose head breaks off, if its start line is there.
    fn give_up_head(&mut self, completeness: Completeness, reading: &mut Reading<'_>) {
        let head = std::mem::take(&mut self.head);
        if let (State::Head, Some(draft), Some(parsed)) =
            (&self.state, &mut self.draft, head::parse_visible(&head))
        {
            draft.last =
                matches!(&parsed.start, StartLine::Status(line) if is_last(line, reading.reply_to()));
            draft.head = Some(parsed);
            self.begun = true;
            self.finish(completeness, reading);
        }
        self.draft = None;
        if !matches!(self.state, State::Opaque) {
            self.state = State::Between;
        }
    }
}

#[cfg(test)]
mod tests;
