use super::confidence;
use super::describe::{self, CONSOLE};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::{HookMethod, HookType};
use crate::session::{Case, HookRecord, Session};
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

/// How viewers get a stream without connecting (D14-D16).
const VIEWERS: [&str; 2] = ["HLS", "RTSP"];

/// WCS's ports for them, as a sessionId names them.
const VIEWER_PORTS: [u16; 4] = [8082, 8445, 554, 5554];

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
    if session.connect.is_some() || needs_none(case, session) {
        return None;
    }
    let begins = first.is(HookMethod::ConnectionStatusEvent)
        && first.status().is_some_and(|status| {
            ["PENDING", "ESTABLISHED", "FAILED"].iter().any(|known| status.eq_ignore_ascii_case(known))
        });
    let from = first.first.time.plus(Span::from_nanoseconds(-BEFORE.nanoseconds()));
    if begins && case.start() <= from {
        let sure = confidence::of_absence(case, from, first.first.time);
        // No document promises a connect for what a call of the REST API made.
        let made = case.rest_api_calls.iter().any(|call| call.at.time <= first.first.time);
        return Some((index, if made { sure.min(Confidence::Possible) } else { sure }));
    }
    // A session that did nothing for that long may be older than the capture all the same.
    let late = !begins && first.first.time.since(case.start()) >= LATE;
    late.then(|| {
        (index, confidence::of_absence(case, case.start(), first.first.time).min(Confidence::Possible))
    })
}

/// Whether a session needs no connect: it is a viewer's, or nothing in it asks for one.
fn needs_none(case: &Case, session: &Session) -> bool {
    let without = |record: &HookRecord| record.method.is_none_or(|method| method.spec().without_connect);
    // The events of a viewer's stream come as well.
    let views = |record: &HookRecord| {
        let asks = record.method.is_some_and(|method| method.spec().hook_type == HookType::Direct);
        let provider = record.parameter("mediaProvider").unwrap_or_default();
        asks && without(record) || VIEWERS.iter().any(|viewer| provider.eq_ignore_ascii_case(viewer))
    };
    let port = session.session_id.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.is_some_and(|port| VIEWER_PORTS.contains(&port))
        || session.session_id.ends_with("-HLS")
        || case.records(&session.hooks).all(|(_, record)| without(record))
        || case.records(&session.hooks).any(|(_, record)| views(record))
}
