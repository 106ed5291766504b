//! Hooks made to have much to keep, to compare and to tell.

use super::builder::wcs::{Client, HOST, to_backend};
use super::builder::{Capture, Connection, MS, http};
use super::{Hostile, kind};

pub(super) const KINDS: &[Hostile] = &[
    kind("many-backends", "{} backends", None, 1_000, |count| {
        let mut capture = Capture::new();
        for number in 0..count {
            let mut backend = Connection::new(
                &format!("192.0.2.10:{}", 2_000 + number % 60_000),
                &format!("198.51.{}.{}:8081", number / 250 % 250, 1 + number % 250),
            )
            .at(u64::from(number) * 50 * MS);
            backend.handshake();
            backend.exchange(
                &http::post(&format!("/b{number}/connect"), HOST, &client(number).connect()),
                &failed(number),
                MS,
            );
            capture.add(backend.close().clone());
        }
        capture.ethernet()
    }),
    kind("many-applications", "hooks of {} applications", None, 1_000, |count| {
        one_connection(count, |number| {
            let client = Client { app_key: format!("app{number}"), ..client(number) };
            ("/rest/my_api/connect".to_owned(), client.connect(), http::json("{}"))
        })
    }),
    kind("many-methods", "POSTs of {} unknown methods beside hooks", Some("unknown-hook"), 1_000, |count| {
        one_connection(count, |number| {
            let body = client(number % 7).call("c", "PENDING");
            (
                format!("/rest/my_api/{}{number}", if number % 2 == 0 { "call" } else { "m" }),
                body,
                failed(number),
            )
        })
    }),
    kind("many-refusals", "{} connects of a client, all refused", Some("reconnect-loop"), 1_000, |count| {
        one_connection(count, |_| {
            (
                "/rest/my_api/connect".to_owned(),
                client(1).connect(),
                http::response("403 Forbidden", &[], b"{}"),
            )
        })
    }),
    kind("many-failures", "{} sessions with a hook that fails in one of 40 ways", None, 1_000, |count| {
        one_connection(count, |number| {
            ("/rest/my_api/connect".to_owned(), client(number).connect(), failed(number))
        })
    }),
    kind("many-calls", "{} calls of a session, none of which ends", None, 1_000, |count| {
        one_connection(count, |number| {
            let body = client(1).call(&format!("call-{number}"), "PENDING");
            let answer = http::json(&body);
            ("/rest/my_api/call".to_owned(), body, answer)
        })
    }),
    kind(
        "many-messages",
        "{} messages of a session, none of which is reported on",
        Some("status-event-missing"),
        2_000,
        |count| quiet(count, |_| ("sendMessage", client(1).body().text("body", "hello").end())),
    ),
    kind(
        "many-streams",
        "{} streams of a session, none of which ends",
        Some("flow-unfinished"),
        2_000,
        |count| {
            quiet(count, |number| {
                ("StreamStatusEvent", client(1).stream(&format!("m{number}"), true, "PUBLISHING"))
            })
        },
    ),
    kind("many-connection-events", "{} times a session is reported to be there", None, 2_000, |count| {
        one_connection(count, |_| {
            let body = client(1).connection_status("ESTABLISHED");
            ("/rest/my_api/ConnectionStatusEvent".to_owned(), body, http::json("{}"))
        })
    }),
    kind("many-statuses", "{} status events of a call, in no order", Some("invalid-value"), 1_000, |count| {
        let statuses = ["RING", "FINISH", "PENDING", "ESTABLISHED", "HOLD", "BUSY", "TRYING", "FAILED", "Ω"];
        one_connection(count, |number| {
            let body = client(1).call("call", statuses[number as usize % statuses.len()]);
            let answer = http::json(&body);
            ("/rest/my_api/CallStatusEvent".to_owned(), body, answer)
        })
    }),
    kind("many-keep-alives", "{} keep-alive events of a stream", None, 1_000, |count| {
        one_connection(count, |_| {
            let body = client(1).stream("m", true, "PUBLISHING");
            let answer = http::json(&body);
            ("/rest/my_api/StreamKeepAliveEvent".to_owned(), body, answer)
        })
    }),
    kind(
        "many-unanswered",
        "{} connections with a hook that is never answered",
        Some("no-response"),
        1_000,
        |count| {
            let mut capture = Capture::new();
            for number in 0..count {
                let mut backend = to_backend(2_000 + (number % 60_000) as u16, u64::from(number) * 50 * MS);
                backend.handshake().asks("connect", &client(number).connect());
                capture.add(backend);
            }
            capture.ethernet()
        },
    ),
    kind(
        "many-retries",
        "{} times the same hook on a new connection, the last one reset",
        Some("hook-retried"),
        1_000,
        |count| {
            let mut capture = Capture::new();
            for number in 0..count {
                let mut backend = to_backend(2_000 + (number % 60_000) as u16, u64::from(number) * 50 * MS);
                backend
                    .handshake()
                    .asks("connect", &client(1).connect())
                    .rst(super::builder::tcp::Side::Server);
                capture.add(backend);
            }
            capture.ethernet()
        },
    ),
    kind(
        "many-secrets",
        "{} hooks, each with secrets of its own",
        Some("secrets-in-clear"),
        1_000,
        |count| {
            one_connection(count, |number| {
                let body = client(number)
                    .body()
                    .text("authToken", &format!("hostile-{number}-{}", number.wrapping_mul(2_654_435_761)));
                let body = body.text("sipPassword", &format!("p{number:07}x")).end();
                ("/rest/my_api/connect".to_owned(), body, http::json("{}"))
            })
        },
    ),
];

fn client(number: u32) -> Client {
    let session_id = format!("/203.0.{}.{}:{number}/192.0.2.10:8443", number / 200 % 200, number % 200);
    Client { session_id, ..Client::new(1) }
}

/// An answer that is one of 40 failures.
fn failed(number: u32) -> Vec<u8> {
    http::response(&format!("{} Failed", 400 + number % 40), &[("Content-Type", "application/json")], b"{}")
}

/// So many hooks on one connection: target, body and answer of each.
fn one_connection(count: u32, hook: impl Fn(u32) -> (String, String, Vec<u8>)) -> Vec<u8> {
    let mut backend = to_backend(40_003, 0);
    backend.handshake().session(&Client::new(1));
    for number in 0..count {
        let (target, body, answer) = hook(number);
        backend.exchange(&http::post(&target, HOST, &body), &answer, MS);
    }
    Capture::of([backend.close().clone()]).ethernet()
}

/// So many hooks of a session, which is over a minute later.
fn quiet(count: u32, hook: impl Fn(u32) -> (&'static str, String)) -> Vec<u8> {
    let mut backend = to_backend(40_003, 0);
    backend.handshake().session(&client(1));
    for number in 0..count {
        let (method, body) = hook(number);
        backend.ok(method, &body);
    }
    backend.wait(60_000 * MS).disconnect(&client(1));
    Capture::of([backend.close().clone()]).ethernet()
}
