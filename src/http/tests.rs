//! Framing and pairing, driven by events as TCP would give them.

mod framing;
mod pairing;

use super::*;
use crate::endpoint::{FrameNumber, Side, Sides};
use crate::fact::FactKind;
use crate::tcp::{Closing, End, Opening};
use crate::time::Timestamp;
use proptest::prelude::*;
use std::net::Ipv4Addr;

/// A script of one connection: what each side sends, in order.
struct Script {
    exchanges: Exchanges,
    head: Head,
    facts: Facts,
    found: Vec<Exchange>,
    frame: u64,
    sent: Sides<u64>,
}

impl Script {
    fn new() -> Self {
        Self::within(Limits::default())
    }

    fn within(limits: Limits) -> Self {
        let endpoint = |port| Endpoint::new(Ipv4Addr::LOCALHOST.into(), port);
        let captured = Sides { opener: true, acceptor: true };
        let head = Head {
            id: ConnectionId(0),
            opener: endpoint(40_000),
            acceptor: endpoint(8081),
            from_start: true,
            syn: None,
            established: None,
            captured,
        };
        let exchanges = Exchanges::new(limits);
        Self { exchanges, head, facts: Facts::default(), found: Vec::new(), frame: 0, sent: Sides::default() }
    }

    fn push(&mut self, event: &Event<'_>) -> &mut Self {
        let Self { exchanges, head, facts, found, .. } = self;
        exchanges.push(head, event, facts, &mut |exchange, _| found.push(exchange));
        self
    }

    fn at(&mut self) -> Moment {
        self.frame += 1;
        Moment {
            frame: FrameNumber::new(0, self.frame),
            time: Timestamp::from_nanoseconds(i64::try_from(self.frame).unwrap() * 100_000_000),
        }
    }

    fn sends(&mut self, side: Side, octets: &[u8]) -> &mut Self {
        self.sends_having(side, octets, *self.sent.of(side.other()))
    }

    /// The same of a sender who has received so many octets.
    fn sends_having(&mut self, side: Side, octets: &[u8], received: u64) -> &mut Self {
        let at = self.at();
        let offset = *self.sent.of(side);
        *self.sent.of_mut(side) += octets.len() as u64;
        self.push(&Event::Acknowledged { side: side.other(), offset: received, at });
        self.push(&Event::Data { side, offset, octets, at, received })
    }

    fn client(&mut self, octets: impl AsRef<[u8]>) -> &mut Self {
        self.sends(Side::Opener, octets.as_ref())
    }

    fn server(&mut self, octets: impl AsRef<[u8]>) -> &mut Self {
        self.sends(Side::Acceptor, octets.as_ref())
    }

    fn loses(&mut self, side: Side, length: u64) -> &mut Self {
        let at = self.at();
        let offset = *self.sent.of(side);
        *self.sent.of_mut(side) += length;
        self.push(&Event::Gap { side, offset, length, at })
    }

    fn ends(&mut self, side: Side, how: End) -> &mut Self {
        let at = self.at();
        self.push(&Event::Ended { side, how, at, received: None })
    }

    /// Closes the connection; tells each exchange as `target status body`, or why there is no status.
    fn closes(&mut self, why: Closing) -> Vec<String> {
        let last = self.at();
        let (opening, counts) = (Opening::default(), Sides::default());
        self.push(&Event::Closed { why, opening: &opening, counts, last });
        self.found.iter().map(tell).collect()
    }
}

fn tell(exchange: &Exchange) -> String {
    let asked = exchange.request.as_ref().map_or("?", |request| request.start.target.as_str());
    let answer = match (&exchange.response, exchange.no_response) {
        (Some(response), _) => {
            let body = String::from_utf8_lossy(&response.body.octets);
            format!("{} {body} {:?}", response.start.status, response.completeness)
        }
        (None, reason) => format!("{:?}", reason.unwrap()),
    };
    format!("{asked} {answer}").split('(').next().unwrap().to_owned()
}

fn post(target: &str, body: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_response_whose_length_is_damaged_ends_where_the_next_one_begins() {
    for head in ["Content-Lengti: 2", "Transfer-Encodin\u{7f}: chunked", "X: y"] {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{{}}"));
        script.client(post("/b", "{}")).server(ok("{\"b\":1}"));
        script.client(post("/c", "{}")).server(ok("{\"c\":1}"));
        let expected = ["/a 200 {} NotCaptured", "/b 200 {\"b\":1} Whole", "/c 200 {\"c\":1} Whole"];
        assert_eq!(script.closes(Closing::Ended), expected, "{head}");
        assert_eq!(script.facts.count(FactKind::MalformedHttp), 1, "{head}");
    }
}

#[test]
fn a_body_until_the_end_may_hold_what_looks_like_a_response() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server("HTTP/1.0 200 OK\r\n\r\none ").server(ok("two"));
    script.ends(Side::Acceptor, End::Fin).ends(Side::Opener, End::Fin);
    let told = script.closes(Closing::Ended);
    assert!(told.len() == 1 && told[0].starts_with("/a 200 one HTTP/1.1 200 OK"), "{told:?}");
}

#[test]
fn messages_of_all_connections_are_bounded() {
    let limits = Limits { messages_total: 10_000, ..Limits::default() };
    let (mut exchanges, mut facts, mut found) = (Exchanges::new(limits), Facts::default(), Vec::new());
    let script = Script::new();
    let at = Moment { frame: FrameNumber::new(0, 1), time: Timestamp::default() };
    let body = |number: u32| format!("{{\"number\":{number},\"x\":\"{}\"}}", "y".repeat(400));
    let mut push = |number: u32, side, offset, octets: &[u8], most: &mut usize| {
        let head = Head { id: ConnectionId(number), ..script.head };
        let event = Event::Data { side, offset, octets, at, received: 0 };
        exchanges.push(&head, &event, &mut facts, &mut |exchange, _| found.push(exchange));
        *most = (*most).max(exchanges.held.0);
    };
    let mut most = 0;
    for number in 0..100 {
        // Half a head, a body that is cut in the middle, and a whole request, one on each connection.
        let request = post("/call", &body(number));
        let length = [100, 300, request.len()][number as usize % 3];
        push(number, Side::Opener, 0, &request.as_bytes()[..length], &mut most);
    }
    assert!(most > 9_000 && most < 10_600, "{most} octets were held");
    // Those that are still there are answered, whether what they hold is still there or not.
    for number in (2..100).step_by(3) {
        push(number, Side::Acceptor, 0, ok("x").as_bytes(), &mut most);
    }
    assert_eq!(found.len(), 33);
    let cut = found.iter().filter(|exchange| exchange.request.as_ref().unwrap().body.cut).count();
    assert!(cut > 5 && cut < 33, "{cut} bodies were given up");
    assert!(facts.count(FactKind::LimitReached(Limit::MessagesTotal)) > 5);
}

#[test]
fn a_request_is_paired_with_its_response() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(ok("[1]"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 [1] Whole"]);
    assert_eq!(script.exchanges.tls_connections(), 0);
    assert_eq!(script.facts.count(FactKind::OneSided), 0);
}

#[test]
fn what_waits_is_held_and_what_is_given_out_is_not() {
    let mut script = Script::new();
    let held = |script: &Script| script.exchanges.held.0;
    for (asked, answered) in [("{\"a\":1}", "[1]"), ("{}", "{\"b\":22}"), ("", "")] {
        let nothing = held(&script);
        script.client(post("/a", asked));
        assert!(held(&script) >= nothing + asked.len(), "{asked}");
        script.server(ok(answered));
        assert_eq!(held(&script), nothing, "{answered}");
    }
    // A response that nobody is known to have asked for waits as well.
    let mut script = Script::new();
    script.server(ok("[1]"));
    assert!(held(&script) >= 3);
    script.client(post("/a", "{}"));
    script.closes(Closing::Ended);
    assert_eq!(held(&script), 0);
}

#[test]
fn of_one_direction_alone_each_message_is_told_and_that_it_is_alone() {
    let mut script = Script::new();
    script.head.captured.opener = false;
    script.server("HTTP/1.1 100 Continue\r\n\r\n").server(ok("x")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["? 200 x Whole", "? 200 y Whole"]);
    assert_eq!(script.facts.count(FactKind::OneSided), 1);
    let mut script = Script::new();
    script.head.captured.acceptor = false;
    script.client(post("/a", "1")).client(post("/b", "2"));
    assert_eq!(script.closes(Closing::Ended), ["/a LostSight", "/b LostSight"]);
    assert_eq!(script.facts.count(FactKind::OneSided), 1);
}

#[test]
fn a_request_is_acknowledged_when_all_of_it_is() {
    let acknowledged = |upto: &dyn Fn(u64) -> u64| {
        let mut script = Script::new();
        script.client(post("/a", "{}"));
        let at = script.at();
        let offset = upto(script.sent.opener);
        script.push(&Event::Acknowledged { side: Side::Opener, offset, at });
        script.ends(Side::Acceptor, End::Reset).closes(Closing::Ended);
        script.found[0].acknowledged.map(|at| at.frame.number())
    };
    assert_eq!(acknowledged(&|sent| sent), Some(2));
    assert_eq!(acknowledged(&|sent| sent + 1), Some(2), "a FIN counts as well");
    assert_eq!(acknowledged(&|sent| sent - 1), None);
    // What comes again acknowledges nothing new.
    let mut script = Script::new();
    script.client(post("/a", "{}")).client(post("/b", "{}"));
    for _ in 0..2 {
        let (offset, at) = (script.sent.opener, script.at());
        script.push(&Event::Acknowledged { side: Side::Opener, offset, at });
    }
    script.closes(Closing::Ended);
    let frames = script.found.iter().map(|found| found.acknowledged.map(|at| at.frame.number()));
    assert_eq!(frames.collect::<Vec<_>>(), [Some(3), Some(3)]);
}

#[test]
fn a_request_is_sent_again_when_any_of_its_octets_are() {
    let mut script = Script::new();
    script.client(post("/a", "{}"));
    let first = script.sent.opener;
    script.client(post("/b", "{}"));
    for octets in [0..first, first - 1..first + 1, first..first + 1] {
        let at = script.at();
        script.push(&Event::SentAgain { side: Side::Opener, octets, at });
    }
    let at = script.at();
    script.push(&Event::SentAgain { side: Side::Acceptor, octets: 0..first, at });
    script.server(ok("x"));
    let at = script.at();
    script.push(&Event::SentAgain { side: Side::Opener, octets: 0..first, at });
    script.closes(Closing::Ended);
    let again = script.found.iter().map(|found| found.sent_again);
    let again: Vec<_> = again.map(|again| (again.count, again.last.map(|at| at.frame.number()))).collect();
    assert_eq!(again, [(2, Some(4)), (2, Some(5))], "not what is sent again once it is answered");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let both = post("/a", "1") + &post("/b", "2");
    let told = Script::new().client(both).server(ok("x") + &ok("y")).closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole", "/b 200 y Whole"]);
}

#[test]
fn interim_responses_answer_nothing() {
    let told = Script::new()
        .client(post("/a", "{}"))
        .server("HTTP/1.1 100 Continue\r\n\r\n")
        .server(ok("x"))
        .closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole"]);
}

#[test]
fn a_body_without_length_ends_with_the_connection() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server("HTTP/1.0 200 OK\r\n\r\nab").server("cd");
    script.ends(Side::Acceptor, End::Fin);
    assert_eq!(script.closes(Closing::Ended), ["/a 200 abcd Whole"]);
    assert_eq!(
        script.found[0].response.as_ref().unwrap().extent.last.frame.number(),
        4,
        "the frame of the FIN"
    );
}

#[test]
fn responses_without_body_are_told_by_request_and_status() {
    let told = Script::new()
        .client("HEAD /a HTTP/1.1\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        .client(post("/b", "{}"))
        .server("HTTP/1.1 204 No Content\r\n\r\n")
        .client(post("/c", "{}"))
        .server(ok("x"))
        .closes(Closing::Ended);
    assert_eq!(told, ["/a 200  Whole", "/b 204  Whole", "/c 200 x Whole"]);
}

#[test]
fn behind_an_upgrade_nothing_is_read() {
    let told = Script::new()
        .client("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        .server("HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        .closes(Closing::Ended);
    assert_eq!(told, ["/ws 101  Whole"]);
}

#[test]
fn a_gap_costs_the_message_it_hits() {
    // The second request's body is lost: the third and its response pair as if nothing had happened.
    let mut script = Script::new();
    script.client(post("/a", "1")).server(ok("x"));
    script.client("POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\n").loses(Side::Opener, 5);
    let told = script.server(ok("y")).client(post("/c", "3")).server(ok("z")).closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole", "/b 200 y Whole", "/c 200 z Whole"]);
    assert_eq!(script.found[1].request.as_ref().unwrap().completeness, Completeness::NotCaptured);
}

#[test]
fn a_body_goes_on_behind_a_gap_that_takes_most_of_it() {
    let mut script = Script::new();
    script.client("POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n").loses(Side::Opener, 9).client("}");
    let told = script.server(ok("x")).client(post("/b", "")).server(ok("y")).closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole", "/b 200 y Whole"]);
    let extent = &script.found[0].request.as_ref().unwrap().extent;
    assert_eq!(extent.frames.iter().map(|frame| frame.number()).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_message_ends_in_the_last_frame_that_holds_some_of_it() {
    // The frame at which a loss is noticed belongs to another message.
    let mut script = Script::new();
    script.client("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n").loses(Side::Opener, 5);
    script.server(ok("x")).closes(Closing::Ended);
    assert_eq!(script.found[0].request.as_ref().unwrap().extent.last.frame.number(), 1);
}

#[test]
fn requests_sent_before_the_earlier_ones_are_answered_keep_their_responses() {
    let mut script = Script::new();
    script.client(post("/a", "1") + &post("/b", "2"));
    script.server("HTTP/1.1 100 Continue\r\n\r\n").server(ok("x")).client(post("/c", "3"));
    let told = script.server(ok("y")).server(ok("z")).closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole", "/b 200 y Whole", "/c 200 z Whole"]);
}

#[test]
fn a_request_that_was_not_captured_leaves_its_response_alone() {
    let mut script = Script::new();
    script.client(post("/a", "1")).server(ok("x")).loses(Side::Opener, 80);
    let told = script.server(ok("y")).client(post("/c", "3")).server(ok("z")).closes(Closing::Ended);
    assert_eq!(told, ["/a 200 x Whole", "? 200 y Whole", "/c 200 z Whole"]);
}

#[test]
fn a_response_that_was_not_captured_leaves_its_request_alone() {
    let mut script = Script::new();
    script.client(post("/a", "1")).loses(Side::Acceptor, 40);
    let told = script.client(post("/b", "2")).server(ok("y")).closes(Closing::Ended);
    assert_eq!(told, ["/a NotCaptured", "/b 200 y Whole"]);
}

#[test]
fn request_and_response_lost_in_a_row_do_not_shift_the_others() {
    let mut script = Script::new();
    script.client(post("/a", "1")).loses(Side::Acceptor, 40).loses(Side::Opener, 80);
    let told = script.server(ok("y")).client(post("/c", "3")).server(ok("z")).closes(Closing::Ended);
    assert_eq!(told, ["? 200 y Whole", "/a NotCaptured", "/c 200 z Whole"]);
}

#[test]
fn why_there_is_no_response_is_told_apart() {
    let ended = |side, how| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).ends(side, how);
        script.closes(Closing::Ended).remove(0)
    };
    assert_eq!(ended(Side::Acceptor, End::Reset), "/a Reset");
    assert_eq!(ended(Side::Acceptor, End::Fin), "/a Closed");
    assert_eq!(ended(Side::Opener, End::Fin), "/a GaveUp");
    assert_eq!(ended(Side::Opener, End::Reset), "/a GaveUp");
    let mut script = Script::new();
    assert_eq!(script.client(post("/a", "{}")).closes(Closing::CaptureEnded), ["/a CaptureEnded"]);
    let mut script = Script::new();
    assert_eq!(
        script.client(post("/a", "{}")).server("\u{1}\u{2}").closes(Closing::CaptureEnded),
        ["/a Unreadable"]
    );
}

#[test]
fn a_response_that_breaks_off_says_so() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    script.ends(Side::Acceptor, End::Reset);
    assert_eq!(script.closes(Closing::Ended), ["/a 200 abc Broken"]);
    let mut script = Script::new();
    script
        .client(post("/a", "{}"))
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_eq!(script.closes(Closing::CaptureEnded), ["/a 200 abc CaptureEnded"]);
}

#[test]
fn a_response_behind_the_clients_end_is_late_unless_the_client_receives_it() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).ends(Side::Opener, End::Fin).server(ok("x"));
    script.closes(Closing::Ended);
    assert!(script.found[0].abandoned.is_some());
    let mut script = Script::new();
    script.client(post("/a", "{}")).ends(Side::Opener, End::Fin).server(ok("x"));
    let (offset, at) = (script.sent.acceptor, script.at());
    script.push(&Event::Acknowledged { side: Side::Acceptor, offset, at });
    script.closes(Closing::Ended);
    assert!(script.found[0].abandoned.is_none(), "it had closed its own direction only");
}

#[test]
fn of_more_late_responses_than_are_kept_nothing_is_claimed() {
    let mut script = Script::within(Limits { pending: 1, ..Limits::default() });
    script.client(post("/a", "{}")).ends(Side::Opener, End::Fin).server(ok("x"));
    script.client(post("/b", "{}")).server(ok("y")).closes(Closing::Ended);
    let abandoned = |target: &str| {
        let is_asked =
            |exchange: &&Exchange| exchange.request.as_ref().is_some_and(|one| one.start.target == target);
        script.found.iter().find(is_asked).map(|exchange| exchange.abandoned.is_some())
    };
    assert_eq!((abandoned("/a"), abandoned("/b")), (Some(false), Some(true)));
    assert_eq!(script.facts.count(FactKind::LimitReached(Limit::Pending)), 1);
}

#[test]
fn octets_that_cannot_begin_a_message_are_told_however_they_come() {
    for step in [1, 3, 100] {
        let mut script = Script::new();
        script.client(post("/a", "1")).server(ok("x"));
        for octets in b"X5O!P%@ no message".chunks(step) {
            script.client(octets);
        }
        assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
        assert_eq!(script.facts.count(FactKind::MalformedHttp), 1, "{step} at a time");
    }
}

#[test]
fn what_is_not_http_is_not_read_as_such() {
    let mut script = Script::new();
    script.client("REGISTER sip:a SIP/2.0\r\nVia: b\r\n\r\n").server("SIP/2.0 200 OK\r\n\r\n");
    assert!(script.closes(Closing::Ended).is_empty());
    assert_eq!(script.exchanges.tls_connections(), 0);
    let mut script = Script::new();
    script.client([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]).closes(Closing::Ended);
    assert_eq!(script.exchanges.tls_connections(), 1);
    assert_eq!(script.facts.count(FactKind::MalformedHttp), 0);
}

/// A conversation with every framing, as what each side sends.
fn dialogue() -> (Vec<u8>, Vec<u8>) {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n5\r\ndefgh\r\n0\r\nT: u\r\n\r\n";
    let asked = post("/a", "{\"x\":1}")
        + "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        + "\r\n"
        + &post("/c", "")
        + "HEAD /d HTTP/1.1\nHost: a\n\n";
    let answered = ok("[1]") + chunked + "HTTP/1.1 100 Continue\r\n\r\n" + &ok("") + "HTTP/1.0 200\r\n\r\n";
    (asked.into_bytes(), answered.into_bytes())
}

proptest! {
    #[test]
    fn any_split_gives_the_same_messages(
        ask in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        answer in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let (asked, answered) = dialogue();
        let pieces = |octets: &[u8], cuts: &[prop::sample::Index]| {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(octets.len())).chain([0, octets.len()]).collect();
            cuts.sort_unstable();
            cuts.dedup();
            cuts.windows(2).map(|cut| octets[cut[0]..cut[1]].to_vec()).collect::<Vec<_>>()
        };
        let mut script = Script::new();
        for piece in pieces(&asked, &ask) {
            script.client(piece);
        }
        for piece in pieces(&answered, &answer) {
            script.server(piece);
        }
        let told = script.closes(Closing::Ended);
        prop_assert_eq!(told, ["/a 200 [1] Whole", "/b 200 abcdefgh Whole", "/c 200  Whole", "/d 200  Whole"]);
        let bodies: Vec<_> = script.found.iter().map(|found| found.request.as_ref().unwrap().body.octets.as_slice()).collect();
        prop_assert_eq!(bodies, [&b"{\"x\":1}"[..], b"{}", b"", b""]);
    }

    #[test]
    fn no_octets_whatever_make_the_reader_fail(
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..60)), 0..20),
    ) {
        let mut script = Script::new();
        for (client, octets) in pieces {
            script.sends(if client { Side::Opener } else { Side::Acceptor }, &octets);
        }
        let _told = script.closes(Closing::Ended);
    }
}
