use super::confidence;
use super::describe::{self, CONSOLE};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::session::{Case, Session};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// Sessions without a connect that began within the capture: their first hook is a connection status, or comes so long
    /// after the capture's beginning that they may well have.
    ///
    /// ## Why it matters
    /// Without connect the backend cannot admit or refuse clients, and cannot return `restClientConfig`: the defaults hold.
    ///
    /// ## What to do
    /// Enable the method with `add app-rest-method <appKey> connect`. `show app-rest-methods <appKey>` lists those that
    /// are; it wants the application's key, not its name.
    ///
    /// ## When it is wrong
    /// When the connect was sent to another address or went by another way; when a client came back to a session that was
    /// kept for it. Sessions that are older than the capture do not fire it, nor viewers by HLS or RTSP, who have none.
    "connect-missing", Note, MediaServer, "a session without a connect hook", check
}

/// How long before the first connection status a connect comes at most.
const BEFORE: Span = Span::from_seconds(5);

/// How long after the capture's beginning a session's first hook suggests that it began within the capture.
const LATE: Span = Span::from_seconds(30);

fn check(case: &Case, findings: &mut Findings) {
    let mut hooks: Vec<usize> = Vec::new();
    let mut confidence = Confidence::Confirmed;
    for session in &case.sessions {
        if let Some((index, sure)) = began_without(case, session) {
            hooks.push(index);
            confidence = confidence.min(sure);
        }
    }
    let Some(evidence) = Evidence::of_hooks(case, &hooks) else { return };
    let Some((_, first)) = case.records(&hooks).next() else { return };
    let enabled = confidence::is_enabled(case, first, &[HookMethod::Connect]);
    let sessions = describe::counted(hooks.len() as u64, "session");
    let title = format!("{sessions} without a connect hook");
    let message = format!(
        "No connect came before the first hook of {sessions}, such as POST {} ({}).{}",
        first.target,
        describe::frame(case, first.last),
        if enabled {
            ""
        } else {
            " connect is seen nowhere for this application: it is probably not enabled."
        },
    );
    let key = first.context.app_key.as_deref().unwrap_or("<appKey>");
    let remedy = format!("Enable the method {CONSOLE}: add app-rest-method {key} connect");
    let confidence = if enabled { confidence } else { confidence.min(Confidence::Possible) };
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
}

/// The first hook of a session that has none, and how surely the session began within the capture.
fn began_without(case: &Case, session: &Session) -> Option<(usize, Confidence)> {
    let (index, first) = case.records(&session.hooks).next()?;
    let exempt = case
        .records(&session.hooks)
        .all(|(_, record)| record.method.is_none_or(|method| method.spec().without_connect));
    if session.connect.is_some() || exempt {
        return None;
    }
    let begins = first.is(HookMethod::ConnectionStatusEvent)
        && first.status().is_some_and(|status| {
            ["PENDING", "ESTABLISHED", "FAILED"].iter().any(|known| status.eq_ignore_ascii_case(known))
        });
    let from = first.first.time.plus(Span::from_nanoseconds(-BEFORE.nanoseconds()));
    if begins && case.start() <= from {
        return Some((index, confidence::of_absence(case, from, first.first.time)));
    }
    // A session that did nothing for that long may be older than the capture all the same.
    let late = !begins && first.first.time.since(case.start()) >= LATE;
    late.then(|| {
        (index, confidence::of_absence(case, case.start(), first.first.time).min(Confidence::Possible))
    })
}
