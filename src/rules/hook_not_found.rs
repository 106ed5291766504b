use super::answered::{self, Words};
use super::describe::{CONSOLE, Group};
use super::{Findings, rule};
use crate::session::Case;

rule! {
    /// ## What it detects
    /// Hooks that the backend answers 404, 405 or 410: it has no such path, or not for POST.
    ///
    /// ## Why it matters
    /// To WCS anything but 200 is an error. A new application with all methods enabled (`add app-rest-method -a`) needs an
    /// answer 200 for every one of them.
    ///
    /// ## What to do
    /// All methods: the base path of the application's URL is wrong; correct it with `update app -l <url> <name>`. Some
    /// methods: implement them in the backend, or disable them with `remove app-rest-method <appKey> <method>`. Only
    /// one spelling: make the backend's routes ignore case; WCS versions differ in the first letter. `show apps -d`
    /// lists the URLs, `show app-rest-methods <appKey>` the methods.
    ///
    /// ## When it is wrong
    /// Never about the status.
    "hook-not-found", Error, Backend, "the backend has no such path: 404, 405 or 410", check
}

fn check(case: &Case, findings: &mut Findings) {
    let is_case = |record: &_| answered::with_status(record, |status| matches!(status, 404 | 405 | 410));
    answered::report(case, findings, &RULE, is_case, |group| Words {
        title: format!(
            "backend {} has no path for {}: it answers {}",
            group.backend(case),
            group.hooks(case),
            answered::statuses(case, &group.hooks)
        ),
        remedy: remedy(case, group),
    });
}

fn remedy(case: &Case, group: &Group<()>) -> String {
    if group.same_methods_succeed(case) {
        "The same methods succeed at other times or in another spelling: make the backend's routes accept every \
            spelling, without regard to case."
            .to_owned()
    } else if group.others_succeed(case) {
        format!(
            "Other methods succeed there: implement these in the backend, or disable each {CONSOLE}: \
                remove app-rest-method <appKey> <method>"
        )
    } else {
        format!(
            "Nothing succeeds there: the base path in the application's URL is wrong. Correct it {CONSOLE}: \
                update app -l <url> <name>; show apps -d lists the present one."
        )
    }
}
