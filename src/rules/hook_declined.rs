use super::answered::{self, Words};
use super::effect::goes_on_in_spite;
use super::{Findings, rule};
use crate::catalog::{HookMethod, HookType};
use crate::hook::RestOnError;
use crate::session::{Case, HookRecord};

rule! {
    /// ## What it detects
    /// Hooks other than connect that the backend answers 403.
    ///
    /// ## Why it matters
    /// 403 is how a backend forbids an operation. Whether that has an effect depends on the hook's type and on
    /// `restOnError`: with LOG, the default, WCS goes on as if nothing had been said.
    ///
    /// ## What to do
    /// If the refusal is meant: set `restOnError` to FAIL for the method in the `restClientConfig` that the backend
    /// returns to connect, such as `{"restClientConfig":{"call":{"restOnError":"FAIL"}}}`. If it is not: look into the
    /// backend's log why it refuses.
    ///
    /// ## When it is wrong
    /// A web server may answer 403 by itself, for the client's address or for the size or content of the request.
    "hook-declined", Warning, Backend, "the backend refuses a hook with 403", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &HookRecord| {
        !record.is(HookMethod::Connect) && answered::with_status(record, |status| status == 403)
    };
    answered::report(case, findings, &RULE, is_case, |group| {
        let remedy = if case.records(&group.hooks).all(|(_, record)| is_pointless(record)) {
            "Let the backend answer 200: these events have happened already, and a refusal undoes nothing."
        } else if case.records(&group.hooks).any(|(_, record)| is_disobeyed(case, record)) {
            "restOnError is FAIL, yet WCS went on. If the refusal is meant, have the backend end the operation by the REST API, \
            and ask WCS's vendor about it, with this capture."
        } else if case.records(&group.hooks).all(|(_, record)| counts(case, record)) {
            "WCS obeys the refusal. If it is not meant, look into the backend's log why it refuses."
        } else {
            "If the refusal is meant, let the backend return restOnError FAIL for the method in restClientConfig when it \
            answers connect; otherwise look into its log why it refuses."
        };
        Words {
            actor: None,
            title: format!("backend {} refuses {} with 403", group.backend(case), group.hooks(case)),
            remedy: remedy.to_owned(),
        }
    });
}

/// Whether WCS obeys the refusal of a hook.
fn counts(case: &Case, record: &HookRecord) -> bool {
    record.method.is_some_and(|method| {
        let config = case.config(case.session_of(record), method);
        !method.spec().on_refusal.is_empty() || config.rest_on_error == RestOnError::Fail
    })
}

/// Whether WCS went on, though its settings say that it obeys.
fn is_disobeyed(case: &Case, record: &HookRecord) -> bool {
    counts(case, record) && goes_on_in_spite(case, record).is_some()
}

/// Whether a hook tells what cannot be refused; only of a stream's life a refusal can be an end (D21).
fn is_pointless(record: &HookRecord) -> bool {
    let event = record.hook_type == Some(HookType::Event);
    event && !record.is(HookMethod::StreamKeepAliveEvent)
}
