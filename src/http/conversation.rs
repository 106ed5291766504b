//! One connection's HTTP: both directions, and which response answers which request.
//!
//! Requests and responses are paired first in, first out, corrected by what TCP's acknowledgments prove: a client that
//! had received octets of a response when it sent a request did not get that response for it. So a message that was
//! not captured unpairs only itself.

mod reasons;

use super::delays::{Delays, Pauses};
use super::ends::Ends;
use super::framing::{ReplyTo, asks_to_leave, is_left, reply_to};
use super::message::{Completeness, Request, Response};
use super::reader::{Incoming, Piece, Reader, Reading};
use super::{Emit, Exchange, NoResponse, SentAgain};
use crate::endpoint::{Moment, Side, Sides};
use crate::fact::{FactKind, Facts};
use crate::limits::{Limit, Limits};
use crate::tcp::{Closing, End, Event, Head};
use std::collections::VecDeque;
use std::num::Saturating;
use std::ops::Range;

/// Gaps that are remembered for each direction.
const REMEMBERED_GAPS: usize = 256;

/// A request that waits for its response.
#[derive(Clone)]
struct Waiting {
    request: Box<Request>,
    acknowledged: Option<Moment>,
    sent_again: SentAgain,
}

/// One connection's HTTP.
#[derive(Clone, Default)]
pub(super) struct Conversation {
    readers: Option<Sides<Reader>>,
    client: Option<Side>,
    requests: VecDeque<Waiting>,
    responses: VecDeque<Box<Response>>,
    /// What those that wait hold.
    waiting: Saturating<usize>,
    /// Exchanges of which it is not known yet whether the client still cared for the response.
    late: VecDeque<Exchange>,
    /// The end of the last response that no captured request asked for, among the server's octets.
    orphaned: u64,
    from_start: bool,
    /// When it could be used.
    established: Option<Moment>,
    /// Whether an exchange was given out.
    begun: bool,
    /// When the last response was complete.
    answered: Option<Moment>,
    /// The end of the last response that answered a request, interim ones included, among the server's octets.
    settled: u64,
    acknowledged: Sides<(u64, Option<Moment>)>,
    gaps: Sides<Vec<Range<u64>>>,
    ends: Sides<Ends>,
    full: Sides<Pauses>,
    first_message: Option<Moment>,
}

impl Conversation {
    /// Whether the connection carries TLS.
    pub(super) fn is_tls(&self) -> bool {
        let is_tls = |readers: &Sides<Reader>| readers.opener.is_tls() || readers.acceptor.is_tls();
        self.first_message.is_none() && self.readers.as_ref().is_some_and(is_tls)
    }

    /// Takes in what happened; acknowledgments, what is sent again, room and the last event excepted.
    pub(super) fn push(
        &mut self,
        head: &Head,
        event: &Event<'_>,
        limits: &Limits,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        match *event {
            Event::Data { side, octets, offset, at, received } => {
                let piece = Piece { octets, offset, at, received };
                self.read(head, side, limits, facts, |reader, reading| reader.push(piece, reading));
            }
            Event::Gap { side, offset, length, .. } => {
                let gaps = self.gaps.of_mut(side);
                if gaps.len() < REMEMBERED_GAPS {
                    gaps.push(offset..offset.saturating_add(length));
                }
                self.read(head, side, limits, facts, |reader, reading| reader.gap(length, reading));
            }
            Event::Ended { side, how, at, received } => {
                // A FIN behind a gap is passed on late: what was acknowledged since tells nothing of it.
                let (offset, since) = *self.acknowledged.of(side.other());
                let acknowledged = since.filter(|since| since.is_before(at)).map_or(0, |_| offset);
                self.ends.of_mut(side).note(how, at, received, acknowledged);
                if how == End::Fin {
                    self.read(head, side, limits, facts, |reader, reading| reader.end(at, reading));
                }
            }
            Event::Acknowledged { .. }
            | Event::SentAgain { .. }
            | Event::Room { .. }
            | Event::Closed { .. } => return,
        }
        self.pair(head, facts, emit);
        self.note_strays(facts);
        self.bound(head, limits, facts, emit);
    }

    /// Octets of messages that it holds.
    pub(super) fn held(&self) -> usize {
        let reading = self
            .readers
            .as_ref()
            .map_or(0, |readers| readers.opener.held().saturating_add(readers.acceptor.held()));
        self.waiting.0.saturating_add(reading)
    }

    /// Gives up the bodies that it keeps, and the heads that it reads.
    pub(super) fn forget(&mut self) {
        for reader in self.readers.iter_mut().flat_map(|readers| [&mut readers.opener, &mut readers.acceptor])
        {
            reader.forget();
        }
        self.requests.iter_mut().for_each(|waiting| waiting.request.forget());
        self.responses.iter_mut().for_each(|response| response.forget());
        for exchange in &mut self.late {
            exchange.request.iter_mut().for_each(Request::forget);
            exchange.response.iter_mut().for_each(Response::forget);
        }
        self.waiting = Saturating(0);
    }

    /// The request that waits for longest.
    fn next_request(&mut self) -> Option<Waiting> {
        let next = self.requests.pop_front()?;
        self.waiting -= next.request.held();
        Some(next)
    }

    /// The response that waits for longest.
    fn next_response(&mut self) -> Option<Box<Response>> {
        let next = self.responses.pop_front()?;
        self.waiting -= next.held();
        Some(next)
    }

    /// Takes in the last event, why and when: gives out what waits.
    pub(super) fn close(
        mut self,
        head: &Head,
        (why, last): (Closing, Moment),
        limits: &Limits,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        let ended = self.ends.opener.first().is_some() || self.ends.acceptor.first().is_some();
        let completeness = if ended { Completeness::Broken } else { Completeness::CaptureEnded };
        for side in [Side::Opener, Side::Acceptor] {
            let sender_ended = self.ends.of(side).first().is_some();
            self.read(head, side, limits, facts, |reader, reading| {
                reader.close(completeness, sender_ended, reading);
            });
        }
        self.pair(head, facts, emit);
        self.note_strays(facts);
        while let Some(response) = self.next_response() {
            if !response.start.is_interim() {
                self.emit(head, None, Some(response), facts, emit);
            }
        }
        while let Some(waiting) = self.next_request() {
            let reason = self.no_response(&waiting.request, why, last);
            self.emit(head, Some((waiting, reason)), None, facts, emit);
        }
        let received = self.client.map_or(0, |client| self.acknowledged.of(client.other()).0);
        let client_reset = self.client.is_some_and(|client| self.ends.of(client).reset.is_some());
        for mut exchange in std::mem::take(&mut self.late) {
            if self.waited_for_end(&exchange) {
                exchange
                    .response
                    .iter_mut()
                    .for_each(|response| response.completeness = Completeness::Broken);
            }
            // A client that only closed its own direction goes on to receive; what a RST acknowledges nobody read.
            let missed = client_reset
                || exchange.response.as_ref().is_none_or(|response| {
                    received <= response.extent.octets.start || response.completeness == Completeness::Broken
                });
            // Whether a client that closed its own direction read on, a capture that ends here does not show.
            let told = why != Closing::CaptureEnded || client_reset;
            exchange.abandoned = exchange.abandoned.filter(|_| missed && told);
            emit(exchange, facts);
        }
        if let Some(at) = self.first_message
            && !(head.captured.opener && head.captured.acceptor)
        {
            facts.note(FactKind::OneSided, at);
        }
    }

    /// Lets one direction's reader work, and sorts what it has read.
    fn read(
        &mut self,
        head: &Head,
        side: Side,
        limits: &Limits,
        facts: &mut Facts,
        work: impl FnOnce(&mut Reader, &mut Reading<'_>),
    ) {
        let waiting = self.methods(side);
        let asked_again = self.is_asked_again(side);
        let readers = self.readers.get_or_insert_with(|| Sides {
            opener: Reader::new(head.from_start),
            acceptor: Reader::new(head.from_start),
        });
        let mut out = Vec::new();
        let mut reading =
            Reading { limits, facts, out: &mut out, answered: 0, waiting: &waiting, asked_again };
        work(readers.of_mut(side), &mut reading);
        for incoming in out {
            self.sort(head, side, incoming, facts);
        }
    }

    /// Whether more requests wait than the next response of `side` answers.
    fn is_asked_again(&self, side: Side) -> bool {
        self.client == Some(side.other()) && self.requests.len() > 1
    }

    /// The methods that the next responses of `side` reply to; empty where none of them matters.
    fn methods(&self, side: Side) -> Vec<ReplyTo> {
        if self.client == Some(side) {
            return Vec::new();
        }
        let being_read = self.readers.as_ref().and_then(|readers| readers.of(side.other()).reply_to());
        let known = self.requests.iter().map(|waiting| reply_to(&waiting.request.start.method));
        let answered = self.responses.iter().filter(|response| !response.start.is_interim()).count();
        let methods = known.chain(being_read).skip(answered);
        let matter = methods.clone().any(|method| method != ReplyTo::Other);
        if matter { methods.collect() } else { Vec::new() }
    }

    fn sort(&mut self, head: &Head, side: Side, incoming: Incoming, facts: &mut Facts) {
        let (sender, at) = match &incoming {
            Incoming::Request(request) => (side, request.extent.first),
            Incoming::Response(response) => (side.other(), response.extent.first),
        };
        if *self.client.get_or_insert(sender) != sender {
            facts.note(FactKind::MalformedHttp, at);
            return;
        }
        if self.first_message.is_none() {
            self.first_message = Some(at);
            (self.from_start, self.established) = (head.from_start, head.established);
            if !head.from_start {
                facts.note(FactKind::Midstream, at);
            }
        }
        match incoming {
            Incoming::Request(request) => {
                let (until, at) = *self.acknowledged.of(side);
                let acknowledged = at.filter(|_| until >= request.extent.octets.end);
                self.waiting += request.held();
                let sent_again = SentAgain::default();
                self.requests.push_back(Waiting { request, acknowledged, sent_again });
            }
            Incoming::Response(response) => {
                self.waiting += response.held();
                self.responses.push_back(response);
            }
        }
    }

    /// Takes in that all octets of `side` before `offset` were received.
    pub(super) fn acknowledge(&mut self, side: Side, offset: u64, at: Moment) {
        *self.acknowledged.of_mut(side) = (offset, Some(at));
        if self.client == Some(side) {
            for waiting in &mut self.requests {
                if waiting.acknowledged.is_none() && waiting.request.extent.octets.end <= offset {
                    waiting.acknowledged = Some(at);
                }
            }
        }
    }

    /// Takes in that `side` has room for more octets, or none.
    pub(super) fn note_room(&mut self, side: Side, any: bool, at: Moment) {
        self.full.of_mut(side).note(any, at.time);
    }

    /// Takes in that octets of `side` were sent again.
    pub(super) fn note_again(&mut self, side: Side, octets: &Range<u64>, at: Moment) {
        let is_part = |own: &Range<u64>| own.start < octets.end && octets.start < own.end;
        for waiting in self.requests.iter_mut().filter(|_| self.client == Some(side)) {
            if is_part(&waiting.request.extent.octets) {
                waiting.sent_again.count = waiting.sent_again.count.saturating_add(1);
                waiting.sent_again.last = Some(at);
            }
        }
    }

    /// Joins responses with the requests that they answer.
    fn pair(&mut self, head: &Head, facts: &mut Facts, emit: &mut Emit<'_>) {
        while let Some(response) = self.responses.front() {
            if self.is_overtaken(response) {
                let waiting = self.next_request().map(|waiting| (waiting, NoResponse::NotCaptured));
                self.emit(head, waiting, None, facts, emit);
                continue;
            }
            if response.start.is_interim() {
                self.settled = response.extent.octets.end;
                self.next_response();
                continue;
            }
            let Some(waiting) = self.requests.front() else { return };
            let (answers, end) = (self.may_answer(&waiting.request, response), response.extent.octets.end);
            let crosses = Self::crosses(&waiting.request, response);
            if answers
                && is_left(&waiting.request, response)
                && let (Some(readers), Some(client)) = (&mut self.readers, self.client)
            {
                readers.of_mut(client).leave();
            }
            let response = self.next_response();
            if answers || crosses {
                // What was sent before the request arrived is neither its answer nor the sign of one.
                self.settled = end;
            }
            if answers {
                let waiting = self.next_request().map(|waiting| (waiting, NoResponse::LostSight));
                self.emit(head, waiting, response, facts, emit);
            } else {
                self.emit(head, None, response, facts, emit);
            }
        }
    }

    /// Notes octets that should have been HTTP. What a client sends behind a request to go on with another protocol may
    /// be that one, until the answer says no.
    fn note_strays(&mut self, facts: &mut Facts) {
        let Some(readers) = &mut self.readers else { return };
        for side in [Side::Opener, Side::Acceptor] {
            let reader = readers.of_mut(side);
            let Some(at) = reader.stray() else { continue };
            let last = self.requests.back().filter(|_| self.client == Some(side));
            if !last.is_some_and(|last| asks_to_leave(&last.request)) {
                facts.note(FactKind::MalformedHttp, at);
                reader.forgive_stray();
            }
        }
    }

    /// Whether the first waiting request was answered before `response` began, by a response that was not captured:
    /// when it sent a later request, the client had received octets between the last known response and this one.
    fn is_overtaken(&self, response: &Response) -> bool {
        let mut waiting = self.requests.iter().map(|waiting| waiting.request.extent.received);
        let Some(first) = waiting.next() else { return false };
        let known = first.max(self.settled);
        waiting.any(|received| received > known && received <= response.extent.octets.start)
    }

    /// Whether a response was sent before any octet of a request arrived, though it was captured behind it: a segment
    /// acknowledges all that its sender has received. One that acknowledges nothing proves nothing.
    const fn crosses(request: &Request, response: &Response) -> bool {
        let received = response.extent.received;
        received > 0 && received <= request.extent.octets.start
    }

    /// Whether a response can be the answer to a request that is the first to wait.
    fn may_answer(&self, request: &Request, response: &Response) -> bool {
        let (asked, answer) = (&request.extent, &response.extent);
        let before = answer.first.is_before(asked.first);
        if Self::crosses(request, response)
            || before && (answer.received <= asked.octets.start || asked.received > answer.octets.start)
        {
            return false;
        }
        // The server had received more than this request, and sent more than this response, though neither was
        // captured: it answers a request that was not captured.
        let known = self.requests.get(1).map_or(u64::MAX, |next| next.request.extent.octets.start);
        let asked_more = answer.received > asked.octets.end && known >= answer.received;
        !(asked_more && answer.octets.start > asked.received.max(self.settled))
    }

    /// Whether the client left before a response was complete, and before the server ended it.
    fn is_late(&self, response: &Response, left: Moment) -> bool {
        let client = self.client.unwrap_or(Side::Opener);
        let broken = response.completeness == Completeness::Broken;
        let cut_by_server = self.ends.of(client.other()).first().is_some_and(|end| end.is_before(left));
        left.is_before(response.extent.last) || broken && !cut_by_server || self.waits_for_end(response, left)
    }

    /// Gives up the oldest messages that wait for their partners when there are too many.
    fn bound(&mut self, head: &Head, limits: &Limits, facts: &mut Facts, emit: &mut Emit<'_>) {
        while self.requests.len().max(self.responses.len()) > limits.pending {
            let (waiting, response) = if self.requests.len() > limits.pending {
                (self.next_request(), None)
            } else {
                (None, self.next_response())
            };
            let asked = waiting.as_ref().map(|waiting| waiting.request.extent.first);
            if let Some(at) = asked.or_else(|| Some(response.as_ref()?.extent.first)) {
                facts.note(FactKind::LimitReached(Limit::Pending), at);
            }
            let waiting = waiting.map(|waiting| (waiting, NoResponse::LostSight));
            self.emit(head, waiting, response, facts, emit);
        }
        while self.late.len() > limits.pending
            && let Some(exchange) = self.late.pop_front()
        {
            // Whether the client still cared for the response is not known, so it is not claimed.
            exchange.abandoned.iter().for_each(|at| facts.note(FactKind::LimitReached(Limit::Pending), *at));
            self.waiting -= exchange.request.as_ref().map_or(0, Request::held);
            self.waiting -= exchange.response.as_ref().map_or(0, Response::held);
            emit(Exchange { abandoned: None, ..exchange }, facts);
        }
    }

    fn emit(
        &mut self,
        head: &Head,
        asked: Option<(Waiting, NoResponse)>,
        response: Option<Box<Response>>,
        facts: &mut Facts,
        emit: &mut Emit<'_>,
    ) {
        let client = self.client.unwrap_or(Side::Opener);
        let (waiting, reason) = asked.map_or((None, None), |(waiting, reason)| (Some(waiting), Some(reason)));
        let sent_again = waiting.as_ref().map(|waiting| waiting.sent_again).unwrap_or_default();
        let (request, acknowledged) =
            waiting.map_or((None, None), |waiting| (Some(waiting.request), waiting.acknowledged));
        let asked = request.as_ref().map(|request| request.extent.first);
        if let (None, Some(alone)) = (&request, &response) {
            self.orphaned = self.orphaned.max(alone.extent.octets.end);
        }
        let left = self.ends.of(client).first();
        let exchange = Exchange {
            connection: head.id,
            from_start: head.from_start,
            opened: head.syn.zip(head.established).filter(|_| !self.begun),
            idle_since: self.answered.or(head.established),
            client: head.endpoint(client),
            server: head.endpoint(client.other()),
            no_response: reason.filter(|_| response.is_none()),
            acknowledged,
            sent_again,
            delays: Delays::of(
                request.as_deref(),
                response.as_deref(),
                self.full.of(client),
                self.full.of(client.other()),
            ),
            abandoned: left
                .filter(|left| response.as_ref().is_some_and(|response| self.is_late(response, *left))),
            reset: self.ends.of(client.other()).reset.filter(|at| {
                let broken = |response: &Response| response.completeness == Completeness::Broken;
                response.as_deref().is_some_and(broken) && asked.is_some_and(|asked| asked.is_before(*at))
            }),
            stale: request.as_ref().and_then(|request| self.stale(request, acknowledged, reason)),
            request: request.map(|request| *request),
            response: response.map(|response| *response),
        };
        self.begun = true;
        self.answered = exchange.response.as_ref().map(|response| response.extent.last).or(self.answered);
        if exchange.abandoned.is_some() {
            self.waiting += exchange.request.as_ref().map_or(0, Request::held);
            self.waiting += exchange.response.as_ref().map_or(0, Response::held);
            self.late.push_back(exchange);
        } else {
            emit(exchange, facts);
        }
    }
}
