//! How long an exchange took, and its parts.

use super::Exchange;
use crate::time::Span;

/// The parts of an exchange's time, in the order in which they come. What was not captured has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// From the SYN until the connection could be used; the first exchange of a connection has it.
    pub connect: Option<Span>,
    /// From then, or from the end of the response before, to the request's first octet; none where the request came
    /// before that (pipelining).
    pub idle: Option<Span>,
    /// From the request's first octet to its last.
    pub send: Option<Span>,
    /// From there to the response's first octet; below zero where the response began before.
    pub wait: Option<Span>,
    /// From there to its last octet.
    pub receive: Option<Span>,
}

impl Exchange {
    /// First octet of the request to last octet of the response.
    pub fn latency(&self) -> Option<Span> {
        let (request, response) = (self.request.as_ref()?, self.response.as_ref()?);
        Some(response.extent.last.time.since(request.extent.first.time))
    }

    /// Last octet of the request to first octet of the response.
    pub fn ttfb(&self) -> Option<Span> {
        let (request, response) = (self.request.as_ref()?, self.response.as_ref()?);
        Some(response.extent.first.time.since(request.extent.last.time))
    }

    /// Last segment of the request to last segment of the response: Wireshark's `http.time`.
    pub fn http_time(&self) -> Option<Span> {
        let (request, response) = (self.request.as_ref()?, self.response.as_ref()?);
        Some(response.extent.last.time.since(request.extent.last.time))
    }

    /// The parts of its time.
    pub fn phases(&self) -> Phases {
        let (asked, answered) = (
            self.request.as_ref().map(|request| &request.extent),
            self.response.as_ref().map(|response| &response.extent),
        );
        let idle = self.idle_since.zip(asked).map(|(since, asked)| asked.first.time.since(since.time));
        Phases {
            connect: self.opened.map(|(syn, established)| established.time.since(syn.time)),
            idle: idle.filter(|idle| *idle >= Span::ZERO),
            send: asked.map(|asked| asked.last.time.since(asked.first.time)),
            wait: self.ttfb(),
            receive: answered.map(|answered| answered.last.time.since(answered.first.time)),
        }
    }
}
