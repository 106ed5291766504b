//! Why a request has no response.

use super::Conversation;
use crate::endpoint::{Moment, Side};
use crate::http::ends::Ends;
use crate::http::message::{Completeness, Request, Response};
use crate::http::{Exchange, NoResponse};
use crate::tcp::Closing;
use crate::time::Span;

/// How soon behind a request a FIN says no more than that nothing follows it: nobody gives up so early.
const HALF_CLOSE: Span = Span::from_milliseconds(50);

/// How long a client waits at least for the end of a response of which it already has the rest.
const PATIENCE: Span = Span::from_milliseconds(500);

/// How long a new connection lies unused before its server closes it for that.
const UNUSED: Span = Span::from_seconds(1);

impl Conversation {
    /// Why a request that still waits has no response.
    pub(super) fn no_response(&self, request: &Request, why: Closing, last: Moment) -> NoResponse {
        let client = self.client.unwrap_or(Side::Opener);
        let server = self.ends.of(client.other());
        if !server.cross(request)
            && let Some(reason) = self.perhaps_answered(request, client)
        {
            return reason;
        }
        // Who ends a new connection at once does so whatever comes.
        let at_once = |at: &Moment| !self.was_used() && !self.lay_unused(*at);
        let after = |at: &Moment| request.extent.first.is_before(*at) || at_once(at);
        let candidates = [
            // An end that the other side's end acknowledges, in the same frame, came first.
            self.gave_up(client, request).map(|at| (at, NoResponse::GaveUp(at))),
            server.reset.filter(after).map(|at| (at, NoResponse::Reset(at))),
            server.fin.filter(after).map(|at| (at, NoResponse::Closed(at))),
        ];
        let first = candidates.into_iter().flatten();
        let first = first.reduce(|first, next| if next.0.is_before(first.0) { next } else { first });
        let first = first.map(|(_, reason)| reason);
        first.or_else(|| server.first().map(NoResponse::Closed)).unwrap_or(match why {
            Closing::CaptureEnded => NoResponse::CaptureEnded(last),
            _ => NoResponse::LostSight,
        })
    }

    /// Why it is not known whether a request that still waits was answered: the server sent octets that may be the answer.
    fn perhaps_answered(&self, request: &Request, client: Side) -> Option<NoResponse> {
        let known = request.extent.received.max(self.settled);
        if self.orphaned > known {
            return Some(NoResponse::NotCaptured);
        }
        let seen = self.readers.as_ref().map_or(0, |readers| readers.of(client.other()).seen());
        let missed = self.gaps.of(client.other()).iter().any(|gap| gap.end > known);
        // The FIN counts among what is acknowledged.
        let fin = self.ends.of(client.other()).fin.is_some();
        let sent = known.max(seen).saturating_add(fin.into());
        if missed || self.acknowledged.of(client.other()).0 > sent {
            return Some(NoResponse::NotCaptured);
        }
        (seen > known).then(|| {
            let last = self.readers.as_ref().and_then(|readers| readers.of(client.other()).last());
            let last = last.filter(|_| self.from_start && self.gaps.of(client.other()).is_empty());
            last.map_or(NoResponse::NotCaptured, NoResponse::Unreadable)
        })
    }

    /// Whether a client that left had waited for the end of a response that only the connection's end tells.
    pub(super) fn waited_for_end(&self, exchange: &Exchange) -> bool {
        let (Some(request), Some(response), Some(left)) =
            (&exchange.request, &exchange.response, exchange.abandoned)
        else {
            return false;
        };
        let client = self.client.unwrap_or(Side::Opener);
        let is_told =
            ["content-length", "transfer-encoding"].iter().any(|name| response.fields.get(name).is_some());
        let by_end = self.ends.of(client.other()).fin == Some(response.extent.last)
            || self.waits_for_end(response, left);
        by_end && !is_told && self.gave_up(client, request) == Some(left)
    }

    /// Whether a client, having all that the server sent, waited for the server to end it, and reset the connection then.
    /// One that needs no more of it does not wait.
    pub(super) fn waits_for_end(&self, response: &Response, left: Moment) -> bool {
        let client = self.client.unwrap_or(Side::Opener);
        // Such a response is not known to be whole: its end may not have been captured, but for what was received.
        let is_open = response.completeness == Completeness::NotCaptured
            && response.body.missing == 0
            && self.ends.of(client.other()).first().is_none();
        let all_received = self.acknowledged.of(client.other()).0 == response.extent.octets.end;
        let waited = left.time.since(response.extent.last.time) >= PATIENCE;
        is_open && all_received && waited && self.ends.of(client).reset == Some(left)
    }

    /// When the client ended the connection, unless it only closed its own direction right behind the request.
    fn gave_up(&self, client: Side, request: &Request) -> Option<Moment> {
        let Ends { fin, reset, .. } = *self.ends.of(client);
        let left = fin.filter(|fin| fin.time.since(request.extent.last.time) > HALF_CLOSE);
        Moment::first_of([left, reset].into_iter().flatten())
    }

    /// Whether the connection was used before the request that is the next to be given out; of one that is older than
    /// the capture that is assumed.
    const fn was_used(&self) -> bool {
        self.begun || !self.from_start
    }

    /// Whether a new connection had waited in vain for its first request when the server ended it.
    fn lay_unused(&self, end: Moment) -> bool {
        self.established.is_some_and(|since| end.time.since(since.time) > UNUSED)
    }

    /// The server's end, where a request met a connection that the server had given up: one that was used before, or
    /// never for long. A FIN that crosses the request counts on a connection that was used before: another one never
    /// waited for too long.
    pub(super) fn stale(
        &self,
        request: &Request,
        acknowledged: Option<Moment>,
        reason: Option<NoResponse>,
    ) -> Option<Moment> {
        let server = self.ends.of(self.client.unwrap_or(Side::Opener).other());
        let before = server
            .first()
            .filter(|end| end.is_before(request.extent.first) && (self.was_used() || self.lay_unused(*end)));
        let closed = |at: &Moment| self.was_used() && reason == Some(NoResponse::Closed(*at));
        before.or_else(|| server.crossing(request, acknowledged).filter(closed))
    }
}
