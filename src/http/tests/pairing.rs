//! Which response answers which request, where not all was captured, or not in order; and why one has none.

use super::*;

/// A response whose body is not captured, and what it takes: all that is lost is known to be its own.
const LOSING: (&str, u64) = ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 10);

#[test]
fn a_response_captured_before_its_request_answers_it_unless_what_both_had_received_says_no() {
    let (request, response) = (post("/a", "{}"), ok("x"));
    let told = |by_server: usize, by_client: usize| {
        let mut script = Script::new();
        script.sends_having(Side::Acceptor, response.as_bytes(), by_server as u64);
        script.sends_having(Side::Opener, request.as_bytes(), by_client as u64);
        script.closes(Closing::Ended).remove(0)
    };
    assert_eq!(told(request.len(), 0), "/a 200 x Whole");
    assert_eq!(told(0, 0), "? 200 x Whole", "the server had not received it");
    assert_eq!(told(request.len(), response.len()), "? 200 x Whole", "the client already had the response");
}

#[test]
fn a_response_sent_before_the_request_arrived_is_not_its_answer() {
    let told = |received: Option<usize>, behind: bool| {
        let (mut script, request) = (Script::new(), post("/b", "{}"));
        script.client(post("/a", "{}")).server(ok("x"));
        let (asked, answered) = (script.sent.opener, script.sent.acceptor);
        let received = received.map_or(0, |part| asked + part as u64);
        if behind {
            script.client(&request).sends_having(Side::Acceptor, ok("y").as_bytes(), received);
        } else {
            script.sends_having(Side::Acceptor, ok("y").as_bytes(), received);
            script.sends_having(Side::Opener, request.as_bytes(), answered);
        }
        script.ends(Side::Acceptor, End::Fin).closes(Closing::Ended)[1..].join(", ")
    };
    for behind in [true, false] {
        assert_eq!(told(Some(0), behind), "? 200 y Whole, /b Closed");
        assert_eq!(told(Some(1), behind), "/b 200 y Whole", "it may answer a part of the request");
    }
    assert_eq!(told(None, true), "/b 200 y Whole", "it acknowledges nothing");
}

#[test]
fn what_was_lost_before_a_fin_that_crossed_the_request_was_not_its_answer() {
    let told = |part: u64| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server(ok("x"));
        let asked = script.sent.opener;
        script.client(post("/b", "{}")).loses(Side::Acceptor, 50);
        let (at, received) = (script.at(), Some(asked + part));
        script.push(&Event::Ended { side: Side::Acceptor, how: End::Fin, at, received });
        script.closes(Closing::Ended).pop().unwrap()
    };
    assert_eq!([told(0), told(1)], ["/b Closed", "/b NotCaptured"]);
}

#[test]
fn an_interim_response_that_was_not_captured_does_not_hide_the_final_one() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).loses(Side::Acceptor, 25).server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
}

#[test]
fn a_request_lost_behind_another_one_does_not_take_its_response() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).loses(Side::Opener, 60).server(ok("x")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole", "? 200 y Whole"]);
}

#[test]
fn a_response_is_abandoned_by_a_client_that_left_before_the_server_ended_it() {
    let abandoned = |ends: &[(Side, End)]| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        for (side, how) in ends {
            script.ends(*side, *how);
        }
        assert_eq!(script.closes(Closing::Ended), ["/a 200 abc Broken"]);
        script.found[0].abandoned.is_some()
    };
    assert!(abandoned(&[(Side::Opener, End::Reset)]));
    assert!(abandoned(&[(Side::Opener, End::Reset), (Side::Acceptor, End::Fin)]));
    assert!(!abandoned(&[(Side::Acceptor, End::Fin), (Side::Opener, End::Fin)]));
    assert!(!abandoned(&[(Side::Acceptor, End::Reset)]));
}

#[test]
fn a_client_that_waits_for_the_end_of_a_response_in_vain_has_given_up() {
    let completeness = |fields: &str, ends: [Side; 2]| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server(format!("HTTP/1.1 200 OK\r\n{fields}\r\n{{}}"));
        let (offset, at) = (script.sent.acceptor, script.at());
        script.push(&Event::Acknowledged { side: Side::Acceptor, offset, at });
        for side in ends {
            script.ends(side, End::Fin);
        }
        script.closes(Closing::Ended);
        let response = script.found[0].response.as_ref().unwrap();
        (response.completeness, script.found[0].abandoned.is_some())
    };
    let (client_first, server_first) = ([Side::Opener, Side::Acceptor], [Side::Acceptor, Side::Opener]);
    assert_eq!(completeness("", client_first), (Completeness::Broken, true));
    assert_eq!(completeness("", server_first), (Completeness::Whole, false));
    assert_eq!(completeness("Content-Length: 2\r\n", client_first), (Completeness::Whole, false));
}

#[test]
fn a_client_that_resets_has_given_up_where_it_had_waited_for_the_end() {
    let completeness = |fields: &str, missing: u64, frames: u64| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server(format!("HTTP/1.1 200 OK\r\n{fields}\r\n{{}}"));
        let (offset, at) = (script.sent.acceptor + missing, script.at());
        script.push(&Event::Acknowledged { side: Side::Acceptor, offset, at });
        // Each frame is a tenth of a second later.
        script.frame += frames;
        script.ends(Side::Opener, End::Reset).closes(Closing::Ended);
        let response = script.found[0].response.as_ref().unwrap();
        (response.completeness, script.found[0].abandoned.is_some())
    };
    assert_eq!(completeness("", 0, 3), (Completeness::Broken, true));
    assert_eq!(completeness("", 0, 2), (Completeness::NotCaptured, false), "it did not wait");
    assert_eq!(completeness("", 1, 3), (Completeness::NotCaptured, false), "it received the end, or more");
    assert_eq!(completeness("Content-Length: 2\r\n", 0, 3), (Completeness::Whole, false));
}

#[test]
fn a_client_that_leaves_behind_the_response_abandons_nothing_whenever_its_request_was_captured() {
    let (request, response) = (post("/a", "{}"), ok("x"));
    let mut script = Script::new();
    script.sends_having(Side::Acceptor, response.as_bytes(), request.len() as u64);
    script.ends(Side::Opener, End::Reset).sends_having(Side::Opener, request.as_bytes(), 0);
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
    assert!(script.found[0].abandoned.is_none());
}

#[test]
fn of_more_messages_than_may_wait_the_oldest_are_given_up() {
    let within = |pending| Script::within(Limits { pending, ..Limits::default() });
    let mut requests = within(2);
    for target in ["/a", "/b", "/c", "/d"] {
        requests.client(post(target, "{}"));
    }
    assert_eq!(requests.found.iter().map(tell).collect::<Vec<_>>(), ["/a LostSight", "/b LostSight"]);
    assert_eq!(requests.facts.count(FactKind::LimitReached(Limit::Pending)), 2);
    let mut responses = within(2);
    for body in ["x", "y", "z"] {
        responses.server(ok(body));
    }
    assert_eq!(responses.found.iter().map(tell).collect::<Vec<_>>(), ["? 200 x Whole"]);
    assert_eq!(responses.facts.count(FactKind::LimitReached(Limit::Pending)), 1);
}

#[test]
fn late_responses_that_are_given_up_are_held_no_longer() {
    let mut script = Script::within(Limits { pending: 1, ..Limits::default() });
    script.client(post("/a", "{}")).ends(Side::Opener, End::Fin).server(ok("x"));
    let held = script.exchanges.held.0;
    assert!(held > 0);
    for _ in 0..3 {
        script.client(post("/a", "{}")).server(ok("x"));
        assert_eq!(script.exchanges.held.0, held);
    }
}

#[test]
fn what_was_lost_before_the_last_response_does_not_excuse_a_missing_one() {
    let (head, lost) = LOSING;
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(head).loses(Side::Acceptor, lost).client(post("/b", "{}"));
    script.ends(Side::Acceptor, End::Reset);
    assert_eq!(script.closes(Closing::Ended)[1..], ["/b Reset"]);
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(head).loses(Side::Acceptor, lost);
    script.client(post("/b", "{}")).server(ok("y")).client(post("/c", "{}"));
    script.ends(Side::Acceptor, End::Reset);
    assert_eq!(script.closes(Closing::Ended)[1..], ["/b 200 y Whole", "/c Reset"]);
}

#[test]
fn what_may_just_not_have_been_captured_is_not_missing() {
    // A gap behind the last response.
    let mut script = Script::new();
    script.client(post("/a", "{}")).loses(Side::Acceptor, 20).ends(Side::Acceptor, End::Reset);
    assert_eq!(script.closes(Closing::Ended), ["/a NotCaptured"]);
    // The client acknowledges what was not captured.
    let mut script = Script::new();
    script.client(post("/a", "{}"));
    let at = script.at();
    script.push(&Event::Acknowledged { side: Side::Acceptor, offset: 50, at });
    assert_eq!(script.ends(Side::Acceptor, End::Reset).closes(Closing::Ended), ["/a NotCaptured"]);
    // Octets that make no sense, behind a gap, or in the middle of a connection.
    let (head, lost) = LOSING;
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(head).loses(Side::Acceptor, lost);
    assert_eq!(
        script.client(post("/b", "{}")).server("\u{1}").closes(Closing::Ended)[1..],
        ["/b NotCaptured"]
    );
    let mut script = Script::new();
    script.head.from_start = false;
    script.client(post("/a", "{}")).server("\u{1}");
    assert_eq!(script.closes(Closing::Ended), ["/a NotCaptured"]);
}

#[test]
fn of_a_connection_whose_beginning_was_not_captured_that_is_told_once() {
    let midstream = |from_start| {
        let mut script = Script::new();
        script.head.from_start = from_start;
        script.client(post("/a", "{}")).server(ok("x")).client(post("/b", "{}")).server(ok("y"));
        assert_eq!(script.closes(Closing::Ended).len(), 2);
        script.facts.count(FactKind::Midstream)
    };
    assert_eq!([midstream(true), midstream(false)], [0, 1]);
}

#[test]
fn an_acknowledgment_may_be_captured_before_its_request() {
    let request = post("/a", "{}");
    let acknowledged = |offset: usize| {
        let (mut script, offset) = (Script::new(), offset as u64);
        let at = script.at();
        script.push(&Event::Acknowledged { side: Side::Opener, offset, at });
        script.client(&request).closes(Closing::Ended);
        script.found[0].acknowledged.map(|at| at.frame.number())
    };
    assert_eq!(acknowledged(request.len()), Some(1));
    assert_eq!(acknowledged(request.len() - 1), None);
}

#[test]
fn what_has_a_response_already_does_not_frame_the_next_one() {
    let mut script = Script::new();
    script.sends_having(Side::Acceptor, ok("x").as_bytes(), 50);
    script.sends_having(Side::Opener, b"HEAD /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n", 0);
    script.server(ok("y")).client("1234");
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole", "? 200 y Whole"]);
}

#[test]
fn the_time_to_connect_belongs_to_the_first_exchange() {
    let mut script = Script::new();
    let (syn, established) = (script.at(), script.at());
    script.head = Head { syn: Some(syn), established: Some(established), ..script.head };
    script.client(post("/a", "{}")).server(ok("x")).client(post("/b", "{}")).server(ok("y"));
    script.closes(Closing::Ended);
    let opened = |place: usize| script.found[place].opened.map(|(syn, at)| (syn.frame, at.frame));
    assert_eq!([opened(0), opened(1)], [Some((syn.frame, established.frame)), None]);
    let idle = |place: usize| script.found[place].idle_since.map(|at| at.frame.number());
    assert_eq!([idle(0), idle(1)], [Some(2), Some(4)]);
}

#[test]
fn a_reset_belongs_to_the_response_that_it_broke_off() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    let (request, early) = (post("/a", "{}"), "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n");
    let reset = |response: &str| {
        let mut script = Script::new();
        script.client(early).server(response).ends(Side::Acceptor, End::Reset).client("{}");
        script.closes(Closing::Ended);
        script.found[0].reset.map(|at| at.frame.number())
    };
    assert_eq!([reset(broken), reset(&ok("x"))], [Some(3), None]);
    // The request is captured behind both.
    let mut script = Script::new();
    script.sends_having(Side::Acceptor, broken.as_bytes(), request.len() as u64);
    script.ends(Side::Acceptor, End::Reset).sends_having(Side::Opener, request.as_bytes(), 0);
    script.closes(Closing::Ended);
    assert_eq!((script.found[0].reset, script.found[0].stale.is_some()), (None, false));
}

#[test]
fn a_new_connection_that_is_closed_at_once_is_not_stale() {
    let ended = |before: bool, frames: u64| {
        let mut script = Script::new();
        let at = script.at();
        script.head.established = Some(at);
        if before {
            script.client(post("/a", "{}")).server(ok("x"));
        }
        // Each frame is a tenth of a second later.
        script.frame += frames;
        script.ends(Side::Acceptor, End::Fin).client(post("/b", "{}")).ends(Side::Acceptor, End::Reset);
        (script.closes(Closing::Ended).pop().unwrap(), script.found.last().unwrap().stale.is_some())
    };
    let told = |reason: &str, stale| (format!("/b {reason}"), stale);
    assert_eq!(ended(false, 0), told("Closed", false));
    assert_eq!(ended(false, 10), told("Reset", true), "it lay unused");
    assert_eq!(ended(true, 0), told("Reset", true));
}

#[test]
fn a_client_that_closes_its_direction_at_once_has_not_given_up() {
    let ended = |behind: i64| {
        let mut script = Script::new();
        script.client(post("/a", "{}"));
        let mut at = script.at();
        // The frame before was a tenth of a second earlier.
        at.time = Timestamp::from_nanoseconds(100_000_000 + behind);
        script.push(&Event::Ended { side: Side::Opener, how: End::Fin, at, received: None });
        script.ends(Side::Acceptor, End::Fin).closes(Closing::Ended).remove(0)
    };
    assert_eq!([ended(50_000_000), ended(50_000_001)], ["/a Closed", "/a GaveUp"]);
}

/// Whether a connection was stale on which a FIN came behind a request, whose sender had received so much of this
/// and of what was before it.
fn crossed(before: bool, received: impl Fn(u64) -> Option<u64>) -> (String, bool) {
    let mut script = Script::new();
    if before {
        script.client(post("/a", "{}")).server(ok("x"));
    }
    let asked = script.sent.opener;
    script.client(post("/b", "{}"));
    let at = script.at();
    script.push(&Event::Ended { side: Side::Acceptor, how: End::Fin, at, received: received(asked) });
    (script.closes(Closing::Ended).pop().unwrap(), script.found.last().unwrap().stale == Some(at))
}

#[test]
fn a_fin_that_was_sent_before_the_request_arrived_makes_the_connection_stale() {
    let closed = |stale| ("/b Closed".to_owned(), stale);
    assert_eq!(crossed(true, Some), closed(true));
    assert_eq!(crossed(true, |asked| Some(asked + 1)), closed(false), "part of the request had arrived");
    assert_eq!(crossed(true, |asked| Some(asked - 1)), closed(false), "less than before: out of its place");
    assert_eq!(
        crossed(true, |_| None),
        closed(true),
        "it does not say, and nothing says that the request arrived"
    );
    assert_eq!(crossed(false, Some), closed(false), "a connection that was never used");
}

#[test]
fn a_fin_that_was_not_captured_crossed_nothing_that_had_arrived_or_was_sent_long_before() {
    let crossed = |acknowledged: bool, frames: u64| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server(ok("x")).client(post("/b", "{}"));
        let (at, offset) = (script.at(), script.sent.opener);
        if acknowledged {
            script.push(&Event::Acknowledged { side: Side::Opener, offset, at });
        }
        // Each frame is a tenth of a second later.
        script.frame += frames;
        script.ends(Side::Acceptor, End::Fin).closes(Closing::Ended);
        script.found[1].stale.is_some()
    };
    assert_eq!([crossed(false, 2), crossed(false, 3), crossed(true, 2)], [true, false, false]);
}

#[test]
fn who_gave_up_before_the_fin_came_met_no_stale_connection() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(ok("x"));
    let asked = script.sent.opener;
    script.client(post("/b", "{}")).ends(Side::Opener, End::Reset);
    let at = script.at();
    script.push(&Event::Ended { side: Side::Acceptor, how: End::Fin, at, received: Some(asked) });
    assert_eq!(script.closes(Closing::Ended).pop().unwrap(), "/b GaveUp");
    assert_eq!(script.found[1].stale, None);
}
