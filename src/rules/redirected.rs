use super::answered::{self, Words};
use super::describe::CONSOLE;
use super::{Actor, Findings, rule};
use crate::catalog::HookMethod;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that are answered with a redirect (3xx).
    ///
    /// ## Why it matters
    /// WCS does not follow redirects of a POST; to it anything but 200 is an error.
    ///
    /// ## What to do
    /// Set the application's URL to where the redirect points: usually https instead of http, or a path with or without a
    /// final slash (`update app -l <url> <name>`).
    ///
    /// ## When it is wrong
    /// Never about the status. That WCS does not follow is inferred from its HTTP client, no document says it. Within the
    /// capture's last second it may have followed a 307 or 308 later; the confidence says so.
    "redirected", Error, MediaServer, "the backend answers with a redirect, which WCS does not follow", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| (300..400).contains(&status));
    answered::report(case, findings, &RULE, is_case, |group| {
        let mut answers = case.records(&group.hooks).filter_map(|(_, record)| record.answer.as_ref());
        let location = answers.find_map(|answer| answer.location.as_deref()).unwrap_or("an unnamed place");
        let (actor, remedy) = if leads_to_login(location) {
            let remedy =
                "Exempt the hooks' paths from the login that the backend asks for: WCS has no session there.";
            (Actor::Backend, remedy.to_owned())
        } else if group.others_succeed(case) {
            let remedy = "Others are answered there: remove the redirect of these paths from the web server, or serve them where \
                the others are.";
            (Actor::Backend, remedy.to_owned())
        } else {
            let remedy = format!(
                "Set the application's URL to the final one {CONSOLE}: update app -l {} <name>",
                base(location)
            );
            (Actor::MediaServer, remedy)
        };
        Words {
            actor: Some(actor),
            title: format!("backend {} redirects {} to {location}", group.backend(case), group.hooks(case)),
            remedy,
        }
    });
}

/// Whether a redirect's target is a page to log in.
fn leads_to_login(location: &str) -> bool {
    let (path, _) = location.split_once(['?', '#']).unwrap_or((location, ""));
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["login", "signin", "sign-in", "sign_in", "sso", "auth", "authorize"]
        .iter()
        .any(|known| name.starts_with(known))
}

/// The base of a redirect's target, as an application's URL has it: without the method's name.
fn base(location: &str) -> &str {
    let (path, _) = location.split_once(['?', '#']).unwrap_or((location, ""));
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((base, name)) if HookMethod::from_name(name).is_some() && base.contains("//") => base,
        _ => "<url>",
    }
}
