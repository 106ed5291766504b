//! What WCS does when a hook fails: the documents' table, by the hook's type, `restOnError`, and what the backend did.

use crate::samples::read;
use crate::support::builder::tcp::Side;
use crate::support::builder::wcs::{Client, call_id, request, to_backend};
use crate::support::builder::{Capture, SEC, http};
use hookscope::hook::Outcome;
use hookscope::rules::{self, Confidence};

/// What the backend does, the rule that tells it, and the outcome.
type Failure = (Answer, &'static str, Outcome);

#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(&'static str),
    Html,
    Silence,
    Reset,
    Close,
}

const FAILURES: &[Failure] = &[
    (Answer::Status("403 Forbidden"), "hook-declined", Outcome::Declined),
    (Answer::Status("401 Unauthorized"), "authentication-required", Outcome::Failed),
    (Answer::Status("404 Not Found"), "hook-not-found", Outcome::Failed),
    (Answer::Status("302 Found"), "redirected", Outcome::Failed),
    (Answer::Status("413 Content Too Large"), "request-rejected", Outcome::Failed),
    (Answer::Status("500 Internal Server Error"), "backend-error", Outcome::Failed),
    (Answer::Status("504 Gateway Timeout"), "gateway-error", Outcome::Failed),
    (Answer::Status("202 Accepted"), "unexpected-success", Outcome::Failed),
    (Answer::Html, "response-not-json", Outcome::Failed),
    (Answer::Silence, "response-timeout", Outcome::Unanswered),
    (Answer::Reset, "connection-reset", Outcome::Unanswered),
    (Answer::Close, "connection-closed", Outcome::Unanswered),
];

/// A hook by type, and the effects of a refusal and of another failure.
struct Row {
    method: &'static str,
    on_error: Option<&'static str>,
    refused: &'static str,
    failed: &'static str,
}

const fn row(
    method: &'static str,
    on_error: Option<&'static str>,
    refused: &'static str,
    failed: &'static str,
) -> Row {
    Row { method, on_error, refused, failed }
}

const DECLINED: &str = "WCS declined the session and told the client";
const IN_VAIN: &str = "WCS logged it and went on: the backend's refusal had no effect (restOnError LOG";
const LOGGED: &str = "WCS logged it and went on (restOnError LOG";
const BROKE_OFF: &str =
    "WCS broke off the operation and told the client by CallStatusEvent (restOnError FAIL)";
const ERROR_EVENT: &str = "WCS logged it, went on, and told the client by ErrorEvent (restOnError FAIL)";
const CALLER: &str = "WCS broke off, answered the caller 403 FORBIDDEN, and told the client by CallStatusEvent (restOnError FAIL)";

/// The documents' table; without restOnError LOG holds.
const TABLE: &[Row] = &[
    row("connect", None, DECLINED, DECLINED),
    row("call", Some("LOG"), IN_VAIN, LOGGED),
    row("call", None, IN_VAIN, LOGGED),
    row("call", Some("FAIL"), BROKE_OFF, BROKE_OFF),
    row("CallStatusEvent", Some("LOG"), LOGGED, LOGGED),
    row("CallStatusEvent", None, LOGGED, LOGGED),
    row("CallStatusEvent", Some("FAIL"), ERROR_EVENT, ERROR_EVENT),
    row("OnCallEvent", Some("LOG"), IN_VAIN, LOGGED),
    row("OnCallEvent", None, IN_VAIN, LOGGED),
    row("OnCallEvent", Some("FAIL"), CALLER, CALLER),
    row("StreamKeepAliveEvent", Some("FAIL"), "WCS ended the stream", ERROR_EVENT),
    row("playHLS", None, "WCS answered the player 401", LOGGED),
];

/// A session in which one hook fails.
fn capture(row: &Row, answer: Answer) -> Vec<u8> {
    let client = Client::new(17);
    let call = call_id(17);
    let mut backend = to_backend(41_100, 0);
    backend.handshake();
    let body = match row.method {
        "connect" => client.connect(),
        "OnCallEvent" => client.incoming_call(&call, "PENDING"),
        "StreamKeepAliveEvent" => client.stream(&call, true, "PUBLISHING"),
        "playHLS" => client.stream(&call, false, "NEW"),
        _ => client.call(&call, "PENDING"),
    };
    if row.method != "connect" {
        let config = row.on_error.map_or_else(
            || "{}".to_owned(),
            |value| format!(r#"{{"{}":{{"restOnError":"{value}"}}}}"#, row.method),
        );
        backend.hook(
            "connect",
            &client.connect(),
            &http::json(&format!(r#"{{"restClientConfig":{config}}}"#)),
        );
        backend.ok("ConnectionStatusEvent", &client.connection_status("ESTABLISHED"));
    }
    match answer {
        Answer::Status(status) => {
            backend.hook(row.method, &body, &http::response(status, &[], b"")).wait(SEC).close();
        }
        Answer::Html => {
            backend.hook(row.method, &body, &http::html("200 OK"));
        }
        Answer::Silence => {
            backend.sends(Side::Client, &request(row.method, &body)).server_acks().wait(15 * SEC).close();
        }
        Answer::Reset => {
            backend
                .sends(Side::Client, &request(row.method, &body))
                .server_acks()
                .wait(SEC)
                .rst(Side::Server);
        }
        Answer::Close => {
            backend.sends(Side::Client, &request(row.method, &body)).server_acks().wait(SEC).server_closes();
        }
    }
    Capture::of([backend]).ethernet()
}

/// What is wrong with how a row's failure is told.
fn complaint(row: &Row, (answer, rule, outcome): Failure) -> Option<String> {
    let case = read("errors.pcap", capture(row, answer));
    let (findings, verdict) = rules::judge(&case);
    let declined = outcome == Outcome::Declined;
    // That of connect is a failure of its own.
    let rule = if declined && row.method == "connect" { "connect-failed" } else { rule };
    let fails = format!("{} {:?} {answer:?}: ", row.method, row.on_error);
    let Some(finding) = findings.iter().find(|finding| finding.rule.name == rule) else {
        let fired: Vec<&str> = findings.iter().map(|finding| finding.rule.name).collect();
        return Some(format!("{fails}no {rule}, but {fired:?}"));
    };
    let record = case.hooks.iter().find(|record| record.method.is_some_and(|it| it.name() == row.method))?;
    let effect = rules::effect(&case, record).unwrap_or_default();
    let expected = if declined { row.refused } else { row.failed };
    let default = row.on_error.is_none() && expected.ends_with("LOG");
    let broken = row.method == "connect";
    let wrong = [
        (record.outcome != outcome, format!("the outcome is {:?}", record.outcome)),
        (!effect.starts_with(expected), format!("the effect is {effect:?}")),
        (default && !effect.ends_with("LOG, the default)"), format!("no default in {effect:?}")),
        (finding.effect.as_deref() != Some(&effect), format!("{rule} says {:?}", finding.effect)),
        (finding.confidence != Confidence::Confirmed, format!("{rule} is {}", finding.confidence.name())),
        (
            verdict.state.name() != if broken { "broken" } else { "degraded" },
            format!("the verdict is {}", verdict.state.name()),
        ),
    ];
    wrong.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| fails + &what)
}

#[test]
fn every_failure_of_every_type_has_the_documents_effect() {
    let all = TABLE.iter().flat_map(|row| FAILURES.iter().map(move |failure| (row, *failure)));
    let complaints: Vec<String> = all.filter_map(|(row, failure)| complaint(row, failure)).collect();
    assert!(complaints.is_empty(), "{} failures:\n{}", complaints.len(), complaints.join("\n"));
}
