use super::describe;
use super::once::Once;
use super::{Actor, Confidence, Evidence, Finding, Findings, Severity, rule};
use crate::catalog::{HookMethod, HookType, Phase};
use crate::hook::{Outcome, RestOnError};
use crate::session::{Case, HookRecord};
use std::borrow::Cow;
use std::rc::Rc;

rule! {
    /// ## What it detects
    /// Events that report a failed operation: FAILED, BUSY, `AUTHENTICATION_FAIL` and the like, with the text in `info`.
    ///
    /// ## Why it matters
    /// The hook itself works: it tells what went wrong elsewhere, in SIP, in the media, at the client. Nothing is wrong
    /// with the REST traffic.
    ///
    /// ## What to do
    /// Read `info`: "SIP 403 FORBIDDEN" and the like come from the SIP server, and `sipMessageRaw` holds its message;
    /// "Failed by ICE timeout" and the like concern the client's network. WCS logs are under
    /// `/usr/local/FlashphonerWebCallServer/logs`: `server_logs/flashphoner.log`, and `client_logs` for each client.
    ///
    /// ## When it is wrong
    /// A busy callee is no fault. `REST_FAIL` behind a connect that was answered well is a warning: WCS did not take the
    /// answer. A connection that FAILED because the backend refused connect is that refusal's consequence.
    "operation-failed", Note, Sip, "the hook works, but reports a failure", check
}

fn check(case: &Case, findings: &mut Findings) {
    let asked = Asked::default();
    for group in
        describe::group(case, |record| Some((failure(record)?, origin(case, record, &asked).is_some())))
    {
        let Some(evidence) = Evidence::of_hooks(case, &group.hooks) else { continue };
        let ((method, status, info), _) = &group.key;
        let what = info.as_ref().map_or_else(|| status.clone(), |info| format!("{status}, \"{info}\""));
        let count = describe::counted(group.hooks.len() as u64, "time");
        let title = format!("{} reports {what} ({count})", method.name());
        let Some((_, first)) = case.records(&group.hooks).next() else { continue };
        let message = format!(
            "POST {} ({}) reports {what}. The hook itself went well.",
            first.target,
            describe::frame(case, first.last)
        );
        let remedy = remedy(status, info.as_deref()).to_owned();
        let follows =
            case.records(&group.hooks).filter_map(|(_, record)| origin(case, record, &asked)).collect();
        let finding = Finding { follows, ..Finding::new(&RULE, title, message, remedy, evidence) };
        findings.add(if case.records(&group.hooks).all(|(_, record)| is_unexplained(case, record)) {
            unexplained(finding)
        } else {
            finding
        });
    }
}

/// What WCS tells a client of whose connect the backend did not answer well (C2).
const REST_FAILURES: [&str; 2] = ["REST_FAIL", "REST_AUTHORIZATION_FAIL"];

/// Whether WCS tells that connect failed, which was answered well as far as the capture shows.
fn is_unexplained(case: &Case, record: &HookRecord) -> bool {
    let connect = case.session_of(record).and_then(|session| case.hooks.get(session.connect?));
    record.parameter("info").is_some_and(|info| REST_FAILURES.contains(&&*info))
        && connect.is_some_and(|connect| connect.outcome == Outcome::Ok)
}

/// The same as a problem: WCS did not take the answer.
fn unexplained(finding: Finding) -> Finding {
    let remedy = "WCS did not take the backend's answer to connect, though it looks well: compare its Content-Encoding, charset \
        and length with what WCS asked for, and look into flashphoner.log for the reason."
        .to_owned();
    let finding = Finding { severity: Severity::Warning, actor: Actor::Backend, remedy, ..finding };
    finding.sure(Confidence::Likely)
}

/// What to do, by what the hook reports.
fn remedy(status: &str, info: Option<&str>) -> &'static str {
    let told = |what: &str| status.contains(what) || info.is_some_and(|info| info.contains(what));
    if told("already in use") {
        "Let the client publish under a name of its own: another stream has this one. The hook before it was answered well; \
            a backend that knows the names in use could refuse it."
    } else if told("AUTHENTICATION_FAIL") || told("SIP 401") || told("SIP 403") || told("SIP 407") {
        "Check the SIP login, password and domain: the SIP server does not accept them. They come from the client, or from \
            the backend's answer to connect. sipMessageRaw shows what it says."
    } else {
        "Look at the member info, and at sipMessageRaw where there is one: the failure is in SIP, in the media or at the \
            client, not in the REST traffic."
    }
}

/// The failure that an event reports.
fn failure(record: &HookRecord) -> Option<(HookMethod, String, Option<String>)> {
    let method = record.method.filter(|method| method.spec().hook_type == HookType::Event)?;
    let status = record.status()?;
    let known = method.spec().status(&status)?;
    (known.phase == Phase::Failed)
        .then(|| (method, known.name.to_owned(), record.parameter("info").map(Cow::into_owned)))
}

/// The hooks of each flow that ask for something, where one is looked for.
type Asked = Once<usize, Rc<[usize]>>;

/// The last hook of a flow before another one that asks for something.
fn asked<'c>(case: &'c Case, record: &HookRecord, known: &Asked) -> Option<(usize, &'c HookRecord)> {
    let flow = case.flows.get(record.flow?)?;
    let asks =
        |other: &HookRecord| other.method.is_some_and(|method| method.spec().hook_type != HookType::Event);
    let all = known.get(record.flow?, || {
        case.records(&flow.hooks).filter(|(_, other)| asks(other)).map(|(index, _)| index).collect()
    });
    let before = all.partition_point(|index| {
        case.hooks.get(*index).is_some_and(|other| other.first.time < record.first.time)
    });
    let last = *all.get(before.checked_sub(1)?)?;
    Some((last, case.hooks.get(last)?))
}

/// The hook whose refusal or failure is what a client is told of by an event: its connect, or the flow's hook with
/// restOnError FAIL.
fn origin(case: &Case, record: &HookRecord, known: &Asked) -> Option<usize> {
    let session = case.session_of(record);
    let failed = |other: &HookRecord| {
        matches!(other.outcome, Outcome::Declined | Outcome::Failed | Outcome::Unanswered)
    };
    if record.is(HookMethod::ConnectionStatusEvent) {
        let connect = session?.connect?;
        return case.hooks.get(connect).is_some_and(failed).then_some(connect);
    }
    let breaks_off = |other: &HookRecord| {
        other.method.is_some_and(|method| case.config(session, method).rest_on_error == RestOnError::Fail)
    };
    asked(case, record, known).filter(|(_, other)| failed(other) && breaks_off(other)).map(|(index, _)| index)
}
