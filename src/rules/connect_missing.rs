use super::confidence;
use super::describe::{self, CONSOLE};
use super::{Confidence, Evidence, Finding, Findings, rule};
use crate::catalog::HookMethod;
use crate::session::{Case, Session};
use crate::time::Span;

rule! {
    /// ## What it detects
    /// Sessions that began within the capture, as their first connection status shows, without a connect before it.
    ///
    /// ## Why it matters
    /// Without connect the backend cannot admit or refuse clients, and cannot return `restClientConfig`: the defaults hold.
    ///
    /// ## What to do
    /// Enable the method with `add app-rest-method <appKey> connect`.
    ///
    /// ## When it is wrong
    /// When the connect was sent to another address or went by another way; when a client came back to a session that was
    /// kept for it. Sessions that are older than the capture do not fire it, nor viewers by HLS or RTSP, who have none.
    "connect-missing", Note, MediaServer, "a session began without a connect hook", check
}

/// How long before the first connection status a connect comes at most.
const BEFORE: Span = Span::from_seconds(5);

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
    let title = format!("{sessions} began without a connect hook");
    let message = format!(
        "The first hook of {sessions}, such as POST {} ({}), is a connection status; no connect came before it.{}",
        first.target,
        describe::frame(case, first.last),
        if enabled { "" } else { " connect is seen nowhere for this application: it is probably not enabled." },
    );
    let key = first.context.app_key.as_deref().unwrap_or("<appKey>");
    let remedy = format!("Enable the method {CONSOLE}: add app-rest-method {key} connect");
    let confidence = if enabled { confidence } else { confidence.min(Confidence::Possible) };
    findings.add(Finding::new(&RULE, title, message, remedy, evidence).sure(confidence));
}

/// The first hook of a session that must have begun within the capture, and how surely it had no connect.
fn began_without(case: &Case, session: &Session) -> Option<(usize, Confidence)> {
    let (index, first) = case.records(&session.hooks).next()?;
    let begins = first.status().is_some_and(|status| {
        ["PENDING", "ESTABLISHED", "FAILED"].iter().any(|known| status.eq_ignore_ascii_case(known))
    });
    if session.connect.is_some() || !first.is(HookMethod::ConnectionStatusEvent) || !begins {
        return None;
    }
    let from = first.first.time.plus(Span::from_nanoseconds(-BEFORE.nanoseconds()));
    if case.start() > from {
        return None;
    }
    Some((index, confidence::of_absence(case, from, first.first.time)))
}
