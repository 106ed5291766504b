use super::answered::{self, Words};
use super::{Findings, rule};
use crate::catalog::HookMethod;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks other than connect that the backend answers 403.
    ///
    /// ## Why it matters
    /// 403 is how a backend forbids an operation. Whether that has an effect depends on the hook's type and on
    /// `restOnError`: with LOG, the default, WCS goes on as if nothing had been said.
    ///
    /// ## What to do
    /// If the refusal is meant: set `restOnError` to FAIL for the method in the `restClientConfig` that the backend returns
    /// to connect. If it is not: look into the backend's log why it refuses.
    ///
    /// ## When it is wrong
    /// A web server may answer 403 by itself, for the client's address or for the size or content of the request.
    "hook-declined", Warning, Backend, "the backend refuses a hook with 403", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &crate::session::HookRecord| {
        !record.is(HookMethod::Connect) && answered::with_status(record, |status| status == 403)
    };
    answered::report(case, findings, &RULE, is_case, |group| {
        Words {
        title: format!("backend {} refuses {} with 403", group.backend(case), group.hooks(case)),
        remedy: "If the refusal is meant, let the backend return restOnError FAIL for the method in restClientConfig \
            when it answers connect; otherwise look into its log why it refuses."
            .to_owned(),
    }
    });
}
