//! What held an exchange's messages up, as far as TCP shows it.

use super::message::{Request, Response};
use crate::endpoint::Moment;
use crate::time::{Span, Timestamp};
use std::collections::VecDeque;

/// What held the messages of an exchange up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How long the server had no room for more, between the request's first octet and its last.
    pub server_full: Span,
    /// How long the client had no room for more, between the request's last octet and the response's last.
    pub client_full: Span,
    /// How long octets of the request or of the response, captured already, waited for others before them.
    pub hole: Span,
}

impl Delays {
    /// Those of a request and its response, from when the client and the server had no room.
    pub(super) fn of(
        request: Option<&Request>,
        response: Option<&Response>,
        client: &Pauses,
        server: &Pauses,
    ) -> Self {
        let (asked, answered) =
            (request.map(|request| &request.extent), response.map(|response| &response.extent));
        let within = |pauses: &Pauses, from: Option<Moment>, until: Option<Moment>| {
            from.zip(until).map_or(Span::ZERO, |(from, until)| pauses.within(from.time, until.time))
        };
        let (first, last) = (asked.map(|asked| asked.first), asked.map(|asked| asked.last));
        Self {
            server_full: within(server, first, last),
            client_full: within(client, last, answered.map(|answered| answered.last)),
            hole: asked.into_iter().chain(answered).map(|extent| extent.waited).max().unwrap_or_default(),
        }
    }
}

/// Pauses that are remembered of each end.
const REMEMBERED: usize = 64;

/// When an end had no room for more octets.
#[derive(Clone, Default)]
pub(super) struct Pauses {
    over: VecDeque<(Timestamp, Timestamp)>,
    since: Option<Timestamp>,
}

impl Pauses {
    /// Takes in that it has room, or none.
    pub(super) fn note(&mut self, has_room: bool, at: Timestamp) {
        if !has_room {
            self.since.get_or_insert(at);
        } else if let Some(since) = self.since.take() {
            if self.over.len() >= REMEMBERED {
                self.over.pop_front();
            }
            self.over.push_back((since, at));
        }
    }

    /// How long it had none between two moments.
    fn within(&self, from: Timestamp, until: Timestamp) -> Span {
        let lasting = self.since.map(|since| (since, until));
        let pauses = self.over.iter().copied().chain(lasting);
        let parts = pauses.map(|(since, end)| end.min(until).since(since.max(from)).max(Span::ZERO));
        parts.fold(Span::ZERO, |sum, part| {
            Span::from_nanoseconds(sum.nanoseconds().saturating_add(part.nanoseconds()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_count_as_far_as_they_lie_between_two_moments() {
        let at = Timestamp::from_nanoseconds;
        let mut pauses = Pauses::default();
        for (has_room, time) in [(true, 1), (false, 10), (false, 15), (true, 20), (true, 25), (false, 40)] {
            pauses.note(has_room, at(time));
        }
        let within = |from, until| pauses.within(at(from), at(until)).nanoseconds();
        assert_eq!(
            [within(0, 30), within(12, 18), within(20, 40), within(30, 50), within(0, 45)],
            [10, 6, 0, 10, 15]
        );
        for time in 0..1_000 {
            pauses.note(time % 2 == 0, at(100 + time));
        }
        assert_eq!(pauses.over.len(), REMEMBERED);
    }
}
