use super::answered::{self, Words};
use super::describe::{CONSOLE, Group};
use super::{Actor, Findings, rule};
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
    /// A backend may use 401 to refuse a client instead of 403; then it is an answer to the client's credentials. Within the
    /// capture's last second WCS may have sent its credentials later; the confidence says so.
    "authentication-required", Error, Backend, "the backend wants credentials, by 401 or 407", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| matches!(status, 401 | 407));
    answered::report(case, findings, &RULE, is_case, |group| Words {
        actor: (!group.others_succeed(case)).then_some(Actor::MediaServer),
        title: format!("backend {} wants credentials for {}", group.backend(case), group.hooks(case)),
        remedy: remedy(case, group),
    });
}

/// What to do: with credentials that are wrong, without any, or where other hooks go without.
fn remedy(case: &Case, group: &Group<()>) -> String {
    let sent = case.records(&group.hooks).any(|(_, record)| record.authorization.is_some());
    if group.others_succeed(case) {
        let other = "Other hooks are answered there: exempt these paths from authentication in the web server, as the others are";
        return if sent {
            format!("{other}, or let it accept the credentials that they carry.")
        } else {
            format!(
                "{other}; or give the application the backend's credentials, since the hooks carry none, {CONSOLE}: update app \
                    -u <user> -p <password> <name>"
            )
        };
    }
    let what = if sent {
        "other credentials, since it does not accept those sent"
    } else {
        "the backend's credentials, since the hooks carry none"
    };
    format!(
        "Give the application {what}, {CONSOLE}: update app -u <user> -p <password> <name>; or exempt the hooks' paths \
            from authentication in the web server."
    )
}
