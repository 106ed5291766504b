//! HTTP: the same exchanges whatever the segments that the octets come in, and the same content whatever its framing.

use crate::script::Script;
use hookscope::endpoint::{ConnectionId, FrameNumber, Moment, Side, Sides};
use hookscope::fact::{FactKind, Facts};
use hookscope::http::{Exchange, Exchanges, Extent};
use hookscope::limits::{Limit, Limits};
use hookscope::tcp::{Closing, Event, Head, Opening};
use hookscope::time::Timestamp;

/// All octets come in the same frame, so that nothing but their grouping differs.
const AT: Moment = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::from_nanoseconds(0) };

/// A connection to a backend.
fn head() -> Head {
    Head {
        id: ConnectionId(0),
        opener: ([192, 0, 2, 1], 40_000).into(),
        acceptor: ([192, 0, 2, 2], 8_081).into(),
        from_start: true,
        syn: None,
        established: None,
        captured: Sides { opener: true, acceptor: true },
    }
}

/// The exchanges of a connection on which the opener sends octets, then the acceptor; in pieces of these sizes, in turns.
pub(crate) fn exchanges(
    limits: &Limits,
    asked: &[u8],
    answered: &[u8],
    sizes: &[usize],
) -> (Vec<Exchange>, Facts) {
    let (mut all, mut facts) = (Vec::new(), Facts::default());
    let mut http = Exchanges::new(limits.clone());
    let mut sizes = sizes.iter().cycle();
    let mut push = |event: &Event<'_>, facts: &mut Facts| {
        http.push(&head(), event, facts, &mut |exchange, _| all.push(exchange));
    };
    for (side, mut rest) in [(Side::Opener, asked), (Side::Acceptor, answered)] {
        let mut offset = 0;
        let received = if side == Side::Opener { 0 } else { asked.len() as u64 };
        while !rest.is_empty() {
            let (octets, behind) = rest.split_at((*sizes.next().unwrap_or(&1)).clamp(1, rest.len()));
            push(&Event::Data { side, offset, octets, at: AT, received }, &mut facts);
            offset += octets.len() as u64;
            rest = behind;
        }
    }
    let closed = Event::Closed {
        why: Closing::CaptureEnded,
        opening: &Opening::default(),
        counts: Sides::default(),
        last: AT,
    };
    push(&closed, &mut facts);
    (all, facts)
}

/// Checks octets in both directions; the first ones say how many they are, and how they come.
pub fn check(input: &[u8]) {
    let mut script = Script::new(input);
    let sizes: Vec<usize> = (0..4).map(|_| usize::from(script.octet())).collect();
    let length = usize::from(script.word());
    let (asked, answered) = (script.octets(length), script.rest());
    for limits in [Limits::default(), crate::small_limits()] {
        let (whole, facts) = exchanges(&limits, asked, answered, &[usize::MAX]);
        let splits: &[&[usize]] =
            if is_plain(&whole, &facts, asked, answered) { &[&[1], &sizes] } else { &[] };
        for sizes in splits {
            let (split, same) = exchanges(&limits, asked, answered, sizes);
            assert_eq!(format!("{whole:?}"), format!("{split:?}"));
            assert_eq!(format!("{facts:?}"), format!("{same:?}"));
        }
        for exchange in &whole {
            look(exchange, &limits, asked.len(), answered.len());
        }
    }
    chunks(&sizes, answered);
}

/// Whether all octets were read as HTTP, and none was given up: where others stand, only a segment's start may begin a
/// message, and what waits for too many others is given up behind a segment.
fn is_plain(exchanges: &[Exchange], facts: &Facts, asked: &[u8], answered: &[u8]) -> bool {
    let begin = |octets: &[u8]| octets.iter().position(|octet| !b"\r\n".contains(octet));
    let begins = |octets: &[u8], message: fn(&Exchange) -> Option<&Extent>| {
        begin(octets).is_none_or(|begin| {
            exchanges.iter().filter_map(message).any(|extent| extent.octets.start == begin as u64)
        })
    };
    facts.iter().all(|(kind, _)| kind == FactKind::LimitReached(Limit::Body))
        && begins(asked, |exchange| exchange.request.as_ref().map(|message| &message.extent))
        && begins(answered, |exchange| exchange.response.as_ref().map(|message| &message.extent))
}

/// What must hold for any exchange.
fn look(exchange: &Exchange, limits: &Limits, asked: usize, answered: usize) {
    assert_eq!(
        exchange.response.is_none(),
        exchange.no_response.is_some(),
        "a response, or why there is none"
    );
    let request = exchange.request.as_ref().map(|request| (&request.extent, &request.body));
    let response = exchange.response.as_ref().map(|response| (&response.extent, &response.body));
    assert!(request.is_some() || response.is_some());
    for (extent, body) in [request, response].into_iter().flatten() {
        assert!(extent.octets.start <= extent.octets.end);
        assert!(extent.octets.end <= asked.max(answered) as u64, "{:?}", extent.octets);
        assert!(body.octets.len() <= limits.body, "{} octets kept", body.octets.len());
    }
}

/// Content in chunks is the same as with its length.
fn chunks(sizes: &[usize], content: &[u8]) {
    let request = b"POST /EchoApp/connect HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    let mut plain = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len()).into_bytes();
    plain.extend(content);
    let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut rest = content;
    for size in sizes.iter().cycle() {
        let (chunk, behind) = rest.split_at((*size).max(1).min(rest.len()));
        chunked.extend(format!("{:X};of=\"a chunk\"\r\n", chunk.len()).as_bytes());
        if chunk.is_empty() {
            chunked.extend(b"Trailer: x\r\n\r\n");
            break;
        }
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
        rest = behind;
    }
    let limits = Limits::default();
    let [plain, chunked] = [plain, chunked].map(|response| exchanges(&limits, request, &response, sizes).0);
    let content = |exchanges: &[Exchange]| match exchanges {
        [Exchange { response: Some(response), .. }] => (response.body.octets.clone(), response.completeness),
        other => panic!("{other:?}"),
    };
    assert_eq!(content(&plain), content(&chunked));
}
