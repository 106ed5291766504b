//! Where messages begin and end: behind preambles and gaps, in tunnels, and where limits are reached.

use super::*;

/// A handshake of SOCKS, and a message behind it: who sends what.
fn socks(script: &mut Script) -> &mut Script {
    script.client([5, 1, 0]).server([5, 0]);
    script.client([5, 1, 0, 1, 10, 0, 0, 9, 0x1f, 0x91]).server([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
}

#[test]
fn messages_behind_a_handshake_of_socks_are_read() {
    let mut script = Script::new();
    socks(&mut script).client(post("/a", "{}")).server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
    let mut script = Script::new();
    // The start line comes in two segments.
    let (line, rest) = ("POST /a/long", "/target HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    socks(&mut script).client(line).client(rest).server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/a/long/target 200 x Whole"]);
}

#[test]
fn no_message_is_looked_for_behind_more_than_a_handshake() {
    for (length, expected) in [(1_023, 1), (1_024, 1), (1_025, 0), (3_000, 0)] {
        let mut script = Script::new();
        script.client(vec![7; length]).client(post("/a", "{}"));
        assert_eq!(script.closes(Closing::Ended).len(), expected, "{length}");
    }
    let mut script = Script::new();
    script.client([0x16, 3, 1, 0, 5, 1, 2]).client(post("/a", "{}"));
    assert!(script.closes(Closing::Ended).is_empty(), "behind TLS");
}

#[test]
fn behind_a_gap_a_segment_that_begins_with_a_method_begins_a_request() {
    let begins = |first: &str| {
        let mut script = Script::new();
        script.loses(Side::Opener, 50).client(first).client(" HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
        script.closes(Closing::Ended).len()
    };
    assert_eq!(begins("POST /a"), 1);
    assert_eq!(begins("GUESS /a"), 0);
    let mut script = Script::new();
    script.loses(Side::Opener, 50).client(format!("\"b\":1}}{}", post("/a", "{}")));
    script.server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
    assert_eq!(script.found[0].request.as_ref().unwrap().extent.octets.start, 56);
}

#[test]
fn a_damaged_request_is_read_and_what_stands_behind_it() {
    let read = |line: &str, body: &str| {
        let mut script = Script::new();
        script.client(post("/a", "")).server(ok("x"));
        let length = body.len();
        script
            .client(format!("{line}\r\nHost: y\r\nContent-Length: {length}\r\n\r\n{body}{}", post("/b", "")));
        script.closes(Closing::Ended).len()
    };
    for line in ["GET /c", "PUT ", "M_X /c", "POST /c HTTP"] {
        assert_eq!([read(line, ""), read(line, "{\n\"a\"\n}")], [3, 3], "{line}");
    }
    // No method has two letters, and another protocol's message is no damaged one of HTTP.
    for line in ["AB /c", "GET sip:c SIP/2.0", "get /c"] {
        assert_eq!(read(line, ""), 1, "{line}");
    }
}

#[test]
fn behind_an_upgrade_nothing_is_read_even_behind_a_gap() {
    let mut script = Script::new();
    script.client("GET /ws HTTP/1.1\r\n\r\n").server("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    script.loses(Side::Acceptor, 9).server(ok("x")).loses(Side::Opener, 9).client(post("/b", "{}"));
    assert_eq!(script.closes(Closing::Ended)[0], "/ws 101  Whole");
    let responses = script.found.iter().filter(|exchange| exchange.response.is_some());
    assert_eq!(responses.count(), 1);
}

/// A client's frame of WebSocket: its mask makes it look like nothing (RFC 6455, section 5.2).
const FRAME: [u8; 10] = [0x82, 0x84, 1, 2, 3, 4, 5, 6, 7, 8];
const UPGRADE: &str = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

#[test]
fn what_a_client_sends_behind_an_upgrade_is_not_read_as_http() {
    for (asked, agreed) in [(UPGRADE, SWITCHING), ("CONNECT a:1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n")]
    {
        let mut script = Script::new();
        script.client(asked).server(agreed).client(FRAME).server([0x82, 1, 7]).client(post("/b", "{}"));
        script.loses(Side::Opener, 9).client(post("/c", "{}"));
        assert_eq!(script.closes(Closing::Ended).len(), 1, "{asked}");
        assert_eq!(script.facts.count(FactKind::MalformedHttp), 0, "{asked}");
    }
    // Its first octets were captured before the answer, or come in the segment of the request, or in half a message.
    for early in [&FRAME[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"POST /b HTTP/1.1\r\nA: "] {
        for whole in [true, false] {
            let mut script = Script::new();
            if whole {
                script.client([UPGRADE.as_bytes(), early].concat());
            } else {
                script.client(UPGRADE).client(early);
            }
            script.server(SWITCHING).client(FRAME).client(post("/b", "{}"));
            assert_eq!(script.closes(Closing::Ended), ["/ws 101  Whole"], "{early:?}");
            assert_eq!(script.facts.count(FactKind::MalformedHttp), 0, "{early:?}");
        }
    }
}

#[test]
fn a_request_whose_body_goes_on_behind_the_upgrade_is_read_to_its_end() {
    let mut script = Script::new();
    script
        .client("POST /ws HTTP/1.1\r\nUpgrade: a\r\nContent-Length: 4\r\n\r\nab")
        .server(SWITCHING)
        .client("cd");
    script.client(FRAME).client(post("/b", "{}"));
    assert_eq!(script.closes(Closing::Ended), ["/ws 101  Whole"]);
    assert_eq!(script.found[0].request.as_ref().unwrap().body.octets, b"abcd");
    assert_eq!(script.facts.count(FactKind::MalformedHttp), 0);
}

#[test]
fn what_is_no_http_is_told_where_no_upgrade_was_agreed_to() {
    let malformed = |asked: &str, answered: &str| {
        let mut script = Script::new();
        script.client(asked).client(FRAME).server(answered).client(FRAME);
        script.closes(Closing::Ended);
        script.facts.count(FactKind::MalformedHttp)
    };
    assert_eq!(malformed(UPGRADE, SWITCHING), 0);
    assert_eq!(malformed(UPGRADE, &ok("no")), 1);
    assert_eq!(malformed(&post("/a", "{}"), &ok("x")), 1);
    assert_eq!(malformed("CONNECT a:1 HTTP/1.1\r\n\r\n", "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), 1);
    // Where the answer was not captured, the client itself shows what it was.
    assert_eq!(malformed(UPGRADE, ""), 0);
}

#[test]
fn behind_an_upgrade_that_nobody_asked_for_requests_are_read() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(SWITCHING).client(post("/b", "{}"));
    assert_eq!(script.closes(Closing::Ended), ["/a 101  Whole", "/b LostSight"]);
}

#[test]
fn a_tunnel_begins_where_connect_is_allowed() {
    let tunnel = |status: &str| {
        let mut script = Script::new();
        script.client("CONNECT a:1 HTTP/1.1\r\n\r\n");
        script.server(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        script.client(post("/a", "{}")).server(ok("x"));
        script.closes(Closing::Ended).iter().any(|told| told.ends_with("200 x Whole"))
    };
    assert_eq!(["200 OK", "204 Fine", "407 Proxy", "302 Found"].map(tunnel), [false, false, true, true]);
    let mut script = Script::new();
    script.client(post("/a", "{}")).server(ok("x")).client(post("/b", "{}")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended).len(), 2, "what is no CONNECT begins none");
}

#[test]
fn a_response_that_comes_before_the_request_is_whole_is_framed_by_it() {
    let mut script = Script::new();
    script.client("HEAD /a HTTP/1.1\r\nContent-Length: 4\r\n\r\n{\"");
    script.server("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n").client("\"}");
    script.client(post("/b", "{}")).server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200  Whole", "/b 200 x Whole"]);
}

#[test]
fn a_body_until_the_end_is_broken_by_its_sender_only() {
    let ended = |end: &dyn Fn(&mut Script) -> Vec<String>| {
        let mut script = Script::new();
        script.client(post("/a", "{}")).server("HTTP/1.0 200 OK\r\n\r\nab");
        end(&mut script).remove(0)
    };
    let by = |side| {
        ended(&|script: &mut Script| {
            script.ends(side, End::Reset);
            script.closes(Closing::Ended)
        })
    };
    assert_eq!(by(Side::Acceptor), "/a 200 ab Broken");
    assert_eq!(by(Side::Opener), "/a 200 ab NotCaptured");
    assert_eq!(ended(&|script| script.closes(Closing::CaptureEnded)), "/a 200 ab CaptureEnded");
    let mut script = Script::new();
    script.client(post("/a", "{}")).server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
    script.ends(Side::Opener, End::Reset);
    assert_eq!(script.closes(Closing::Ended), ["/a 200 ab Broken"], "it says how long it is");
}

#[test]
fn a_head_longer_than_the_limit_is_given_up_and_told() {
    let head = format!("POST /a HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(400));
    let told = |limit, step| {
        let mut script = Script::within(Limits { head: limit, ..Limits::default() });
        for octets in head.as_bytes().chunks(step) {
            script.client(octets);
        }
        let read = script.closes(Closing::Ended).len();
        (read, script.facts.count(FactKind::LimitReached(Limit::Head)))
    };
    for step in [head.len(), 100, 7] {
        assert_eq!(told(head.len(), step), (1, 0), "{step}");
        assert_eq!(told(head.len() - 1, step), (0, 1), "{step}");
        assert_eq!(told(100, step), (0, 1), "{step}");
    }
}

#[test]
fn heads_that_are_given_up_for_others_are_not_read() {
    let mut script = Script::within(Limits { messages_total: 500, ..Limits::default() });
    script.client(format!("POST /a HTTP/1.1\r\nX: {}", "y".repeat(300)));
    let held = script.exchanges.held.0;
    assert!(held > 300, "{held} octets are held");
    // Another connection wants the room.
    let other = Head { id: ConnectionId(1), ..script.head };
    let (octets, at) = (format!("POST /b HTTP/1.1\r\nX: {}", "z".repeat(400)), script.at());
    let event = Event::Data { side: Side::Opener, offset: 0, octets: octets.as_bytes(), at, received: 0 };
    script.exchanges.push(&other, &event, &mut script.facts, &mut |_, _| {});
    assert!(script.exchanges.held.0 < 500);
    assert!(script.facts.count(FactKind::LimitReached(Limit::MessagesTotal)) > 0);
}

#[test]
fn the_fields_of_a_message_whose_body_is_awaited_are_held_and_given_up() {
    for fields in [format!("X: {}\r\n", "y".repeat(9_000)), "X:\r\n".repeat(700)] {
        let mut script = Script::within(Limits { messages_total: 15_000, ..Limits::default() });
        let request = format!("POST /a HTTP/1.1\r\n{fields}Content-Length: 9\r\n\r\n");
        for octets in request.as_bytes().chunks(100) {
            script.client(octets);
        }
        let held = script.exchanges.held.0;
        assert!(held > 9_000, "{held} octets are held");
        // Another connection wants the room.
        let other = Head { id: ConnectionId(1), ..script.head };
        let (octets, at) = (format!("POST /b HTTP/1.1\r\nX: {}", "z".repeat(6_500)), script.at());
        let event = Event::Data { side: Side::Opener, offset: 0, octets: octets.as_bytes(), at, received: 0 };
        script.exchanges.push(&other, &event, &mut script.facts, &mut |_, _| {});
        assert_eq!(script.exchanges.held.0, octets.len());
        assert_eq!(script.facts.count(FactKind::LimitReached(Limit::MessagesTotal)), 1);
        script.client("123456789").server(ok("x"));
        assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole"]);
        assert!(script.found[0].request.as_ref().unwrap().fields.is_empty());
    }
}

#[test]
fn a_head_that_breaks_off_is_read_as_far_as_it_goes() {
    let cut = "POST /a HTTP/1.1\r\nHost: a\r\nConte";
    let mut script = Script::new();
    assert_eq!(script.client(cut).closes(Closing::CaptureEnded), ["/a CaptureEnded"]);
    assert_eq!(script.found[0].request.as_ref().unwrap().completeness, Completeness::CaptureEnded);
    let mut script = Script::new();
    script.client(cut).loses(Side::Opener, 30).server(ok("x")).client(post("/b", "{}")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole", "/b 200 y Whole"]);
    assert_eq!(script.found[0].request.as_ref().unwrap().completeness, Completeness::NotCaptured);
    // Behind the answer to an upgrade nothing is HTTP, whether its head is whole or not.
    let mut script = Script::new();
    script.client("GET /ws HTTP/1.1\r\n\r\n").server("HTTP/1.1 101 Switching\r\nA: b\r\nC");
    script.loses(Side::Acceptor, 30).server(ok("x"));
    assert_eq!(script.closes(Closing::Ended), ["/ws 101  NotCaptured"]);
}

#[test]
fn chunks_that_make_no_sense_break_their_message_only() {
    let mut script = Script::new();
    script.client(post("/a", "{}"));
    script.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n");
    script.client(post("/b", "{}")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 ab Broken", "/b 200 y Whole"]);
    assert_eq!(script.facts.count(FactKind::MalformedHttp), 1);
}

#[test]
fn the_first_length_counts_and_one_that_is_no_number_is_none() {
    let read = |fields: &str| {
        let mut script = Script::new();
        script.client(format!("POST /a HTTP/1.1\r\n{fields}\r\n\r\nab"));
        script.client(post("/b", "")).closes(Closing::Ended);
        let body = |found: &Exchange| {
            String::from_utf8_lossy(&found.request.as_ref().unwrap().body.octets).into_owned()
        };
        script.found.iter().map(body).collect::<Vec<_>>()
    };
    assert_eq!(read("Content-Length: 2, 9\r\nContent-Length: 7"), ["ab", ""]);
    assert_eq!(read("Content-Length: ,2"), ["ab", ""]);
    assert_eq!(read("Content-Length: +2")[0], "");
    assert_eq!(read("Content-Length: 99999999999999999999999")[0].len(), 2 + post("/b", "").len());
}

#[test]
fn chunks_count_only_where_they_are_the_last_transfer_coding() {
    let read = |codings: &str, body: &str| {
        let mut script = Script::new();
        script.client(post("/a", "{}"));
        script.server(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: {codings}\r\n\r\n{body}"
        ));
        script.ends(Side::Acceptor, End::Fin);
        let told = script.closes(Closing::Ended);
        (told, script.found[0].response.as_ref().unwrap().body.undecodable)
    };
    let whole = |body: &str| vec![format!("/a 200 {body} Whole")];
    let chunks = "2\r\n{}\r\n0\r\n\r\n";
    assert_eq!(read("chunked", chunks), (whole("{}"), false));
    assert_eq!(read("identity, Chunked\r\nTransfer-Encoding: chunked", chunks), (whole("{}"), false));
    assert_eq!(read("exi, chunked", chunks), (whole("{}"), true), "in chunks of what is not known");
    assert_eq!(read("chunked, exi", chunks), (whole(chunks), true));
    assert_eq!(read("xchunked", "{}"), (whole("{}"), true));
    assert_eq!(read("identity", "{"), (whole("{"), false));
}

#[test]
fn a_request_whose_last_transfer_coding_is_not_chunked_has_no_end() {
    let mut script = Script::new();
    script.client("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked, exi\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
    script.server(ok("x")).client(post("/b", "{}")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole", "/b 200 y Whole"]);
    let request = script.found[0].request.as_ref().unwrap();
    assert_eq!((request.completeness, request.body.octets.len()), (Completeness::Broken, 0));
    assert_eq!(script.facts.count(FactKind::MalformedHttp), 1);
}

#[test]
fn a_message_with_a_gap_in_its_body_is_not_whole_and_ends_where_it_says() {
    let head = "POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n";
    // In the middle, at the end, and beyond it.
    for (lost, rest, known) in [(4, "345678", true), (10, "", true), (25, "the rest of another", false)] {
        let mut script = Script::new();
        script.client(head).loses(Side::Opener, lost).client(rest).server(ok("x"));
        assert_eq!(script.found.len(), 1, "{lost}: told when it is answered");
        let request = script.found[0].request.as_ref().unwrap();
        assert_eq!(request.completeness, Completeness::NotCaptured, "{lost}");
        assert_eq!(request.extent.octets.end, head.len() as u64 + if known { 10 } else { lost }, "{lost}");
        script.client(post("/b", "{}")).server(ok("y"));
        assert_eq!(script.closes(Closing::Ended), ["/a 200 x Whole", "/b 200 y Whole"], "{lost}");
        assert_eq!(script.facts.count(FactKind::MalformedHttp), 0, "{lost}");
    }
}

#[test]
fn behind_a_gap_from_one_chunk_into_another_the_next_message_is_looked_for() {
    let mut script = Script::new();
    script.client(post("/a", "{}")).server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
    script.loses(Side::Acceptor, 30).server("cd\r\n0\r\n\r\n");
    script.client(post("/b", "{}")).server(ok("y"));
    assert_eq!(script.closes(Closing::Ended), ["/a 200 ab NotCaptured", "/b 200 y Whole"]);
    assert_eq!(script.facts.count(FactKind::MalformedHttp), 0);
}
