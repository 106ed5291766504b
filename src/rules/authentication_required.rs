use super::answered::{self, Words};
use super::describe::CONSOLE;
use super::{Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that are answered 401 or 407: the backend, or a proxy before it, wants credentials.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. WCS sends credentials only where the application has them.
    ///
    /// ## What to do
    /// Give the application the credentials with `update app -u <user> -p <password> <name>`, or exempt the hooks' paths
    /// from authentication in the web server.
    ///
    /// ## When it is wrong
    /// A backend may use 401 to refuse a client instead of 403; then it is an answer to the client's credentials.
    "authentication-required", Error, Backend, "the backend wants credentials: 401 or 407", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| matches!(status, 401 | 407));
    answered::report(case, findings, &RULE, is_case, |group| Words {
        title: format!("backend {} wants credentials for {}", group.backend(case), group.hooks(case)),
        remedy: format!(
            "Give the application the backend's credentials {CONSOLE}: update app -u <user> -p <password> <name>; or \
                exempt the hooks' paths from authentication in the web server."
        ),
    });
}
