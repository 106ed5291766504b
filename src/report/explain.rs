//! What there is to say about a rule or a hook method, and the pages that tell it of all.

use super::page::{Block, Page, read, write_rows};
use super::reference::{FollowerEntry, MethodEntry, MethodList, ParameterEntry, RuleEntry, RuleList};
use super::text::Style;
use crate::catalog::{HookMethod, HookType};
use crate::hook::closest;
use crate::rules::{RULES, Rule};
use std::io::{self, Write};

/// How to give the commands that explanations name.
const CONSOLE: &str = "Commands such as `show apps -d` are given in the WCS console: `ssh -p 2001 admin@localhost` on the \
    WCS server (port 2000 in WCS 4).";
/// What the sources' names mean.
const SOURCES: &str = "S0 to S4 are the vendor's documents \"Four types of REST methods\", \"REST / HTTP\" and \"List of \
    methods and parameters\"; D are pages of <https://docs.flashphoner.com>; C is the vendor's public client code; what \
    no document states is called inferred. All waiting times are inferred.";
/// What shows that an explanation names such commands.
const COMMANDS: [&str; 5] = ["show app", "show rest-methods", "update app", "add app", "remove app"];
/// Names that are offered in place of an unknown one.
const OFFERED: usize = 5;

/// What can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A rule.
    Rule(&'static Rule),
    /// A hook method.
    Method(HookMethod),
}

impl Topic {
    /// Finds a rule or a method by its name, without regard to case; otherwise the names that may have been meant.
    pub fn find(name: &str) -> Result<Self, Vec<&'static str>> {
        let kebab = name.replace(['_', ' '], "-");
        let rule = RULES.iter().find(|rule| rule.name.eq_ignore_ascii_case(&kebab));
        rule.map(|rule| Self::Rule(rule))
            .or_else(|| HookMethod::from_name(name).map(Self::Method))
            .ok_or_else(|| alternatives(name, &kebab))
    }

    /// Writes what there is to say, for people.
    pub fn render_text(self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        self.page().text(style, out)
    }

    /// Writes the same as Markdown.
    pub fn render_markdown(self, out: &mut dyn Write) -> io::Result<()> {
        self.page().markdown(1, out)
    }

    fn page(self) -> Page {
        let mut page = match self {
            Self::Rule(rule) => rule_page(rule),
            Self::Method(method) => method_page(&MethodEntry::new(method.spec()), method.spec().hook_type),
        };
        match self {
            Self::Rule(rule) if COMMANDS.iter().any(|command| rule.explanation.contains(command)) => {
                page.blocks.extend([Block::heading("Where commands are given"), Block::text(CONSOLE)]);
            }
            Self::Rule(_) => {}
            Self::Method(_) => page.blocks.extend([Block::text(SOURCES), Block::text(CONSOLE)]),
        }
        page
    }
}

/// The closest name, or else names that have the word in them.
fn alternatives(name: &str, kebab: &str) -> Vec<&'static str> {
    let names = || RULES.iter().map(|rule| rule.name).chain(HookMethod::names());
    if let Some(meant) = closest(kebab, names()).or_else(|| closest(name, names())) {
        return vec![meant];
    }
    let word = kebab.to_ascii_lowercase();
    let has_word = |known: &&str| word.len() > 2 && known.to_ascii_lowercase().contains(&word);
    names().filter(has_word).take(OFFERED).collect()
}

fn rule_page(rule: &'static Rule) -> Page {
    let head = vec![
        format!("finds: {}", rule.summary),
        format!("severity: {}", rule.severity.name()),
        format!("who acts, as a rule: {}", rule.actor.name()),
    ];
    let mut blocks = vec![Block::Items(head)];
    blocks.extend(read(rule.explanation));
    Page { title: rule.name.to_owned(), blocks }
}

fn method_page(method: &MethodEntry, hook_type: HookType) -> Page {
    let mut blocks = vec![
        Block::text(method.summary),
        Block::heading("When WCS sends it"),
        Block::Items(nature(method, hook_type)),
        Block::heading("What WCS does about a failure"),
        Block::text(method.on_error.as_str()),
        Block::heading("What follows"),
        follows(method),
        Block::heading("Parameters"),
        Block::Rows {
            header: vec!["Member", "Type", "Values"],
            rows: method.parameters.iter().map(parameter_row).collect(),
        },
    ];
    if !method.statuses.is_empty() {
        let row = |status: &super::reference::StatusEntry| {
            let over = if status.terminal { "yes" } else { "" };
            vec![format!("`{}`", status.name), status.phase.to_owned(), over.to_owned()]
        };
        blocks.push(Block::heading("Statuses"));
        let rows = method.statuses.iter().map(row).collect();
        blocks.push(Block::Rows { header: vec!["Status", "The operation", "Nothing follows"], rows });
        if method.open_statuses {
            blocks.push(Block::text("Other statuses may come as well, as the SIP side wrote them."));
        }
    }
    if !method.notes.is_empty() {
        let notes = method.notes.iter().map(|note| (*note).to_owned()).collect();
        blocks.extend([Block::heading("Settings and notes"), Block::Items(notes)]);
    }
    blocks.extend([Block::heading("Commands"), Block::Code(commands(method.name))]);
    blocks.extend([Block::heading("Sources"), Block::text(format!("{}.", method.source))]);
    Page { title: method.name.to_owned(), blocks }
}

/// Type, names, and what its hooks are about.
fn nature(method: &MethodEntry, hook_type: HookType) -> Vec<String> {
    let mut items = vec![
        format!("From WCS to the backend: `POST <url of the application>/{}`.", method.name),
        format!("Type {}: {}", hook_type.name(), lower(hook_type.meaning())),
    ];
    if !method.aliases.is_empty() {
        items.push(format!("Also called {}. Letter case is no matter.", coded(&method.aliases, "or")));
    }
    match (method.flow, method.flow_key.is_empty()) {
        (Some(flow), false) => {
            items.push(format!("Belongs to a flow: {flow}, by {}.", coded(&method.flow_key, "or")));
        }
        (Some(flow), true) => items.push(format!("Belongs to a flow: {flow}, one in a session.")),
        (None, _) => items.push("Belongs to the session as a whole.".to_owned()),
    }
    if method.without_connect {
        items.push("It may come in a session without connect.".to_owned());
    }
    if !method.caused_by.is_empty() {
        let paths = coded(&method.caused_by, "and");
        items.push(format!(
            "Calls of the REST API cause it as well: {paths}. Such hooks should not be declined."
        ));
    }
    items
}

fn follows(method: &MethodEntry) -> Block {
    if method.followers.is_empty() {
        return Block::text("Nothing is awaited.");
    }
    let mut items: Vec<String> = method.followers.iter().map(awaited).collect();
    if !method.carried_out.is_empty() {
        let shown = coded(&method.carried_out, "or");
        items.push(format!("That the operation was carried out is shown by the status {shown}."));
    }
    Block::Items(items)
}

fn awaited(follower: &FollowerEntry) -> String {
    let wanted = match follower.wanted {
        "listed" => format!(" with the status {}", coded(&follower.statuses, "or")),
        "terminal" => " with a status that nothing follows".to_owned(),
        _ => String::new(),
    };
    let after = match follower.after {
        "accepted" => "after the backend answered 200".to_owned(),
        "refused" => "after the backend answered otherwise, or not at all".to_owned(),
        status => format!("after the status `{status}`"),
    };
    let only_if = follower.only_if.map(|condition| format!(", if {condition}")).unwrap_or_default();
    let absence =
        if follower.required { "its absence is a warning" } else { "its absence is a hint at most" };
    format!(
        "{}{wanted}, within {} s {after}{only_if}; {absence}.",
        coded(&follower.methods, "or"),
        follower.within
    )
}

fn parameter_row(parameter: &ParameterEntry) -> Vec<String> {
    let mut values = coded(&parameter.values, "or");
    if parameter.secret {
        values.push_str("masked in reports");
    }
    vec![format!("`{}`", parameter.name), parameter.kind.to_owned(), values]
}

fn commands(name: &str) -> Vec<String> {
    vec![
        "show app-rest-methods <appKey>".to_owned(),
        format!("add app-rest-method <appKey> {name}"),
        format!("remove app-rest-method <appKey> {name}"),
    ]
}

/// Names as code: `a`, `b` or `c`.
fn coded(names: &[&str], last: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., end] => format!("{} {last} {end}", some.join(", ")),
    }
}

/// A sentence as it goes on after a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        // "WCS" stays as it is.
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            format!("{}{}", first.to_lowercase(), letters.as_str())
        }
        _ => sentence.to_owned(),
    }
}

/// Columns below which the list of rules leaves out who acts.
const NARROW: u16 = 100;

/// Writes the list of rules for people.
pub fn render_rules_text(list: &RuleList, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let shown = |mut columns: Vec<&'static str>| {
        if style.width < NARROW {
            columns.remove(2);
        }
        columns
    };
    let row = |rule: &RuleEntry| shown(vec![rule.name, rule.severity, rule.actor, rule.summary]);
    let rows: Vec<Vec<String>> =
        list.rules.iter().map(|rule| row(rule).into_iter().map(str::to_owned).collect()).collect();
    let header = shown(vec!["Rule", "Severity", "Who acts", "What it finds"]);
    write_rows(out, &header, &rows, style.width)?;
    writeln!(out, "\n{} rules. hookscope explain NAME tells more of each.", rows.len())
}

/// Writes the list of methods for people.
pub fn render_methods_text(list: &MethodList, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let row =
        |method: &MethodEntry| [method.name, method.hook_type, method.summary].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = list.methods.iter().map(row).collect();
    write_rows(out, &["Method", "Type", "What it tells"], &rows, style.width)?;
    writeln!(out, "\n{} methods. hookscope explain NAME tells more of each.", rows.len())
}

/// Writes the documentation of all rules, as Markdown.
pub fn render_rules_markdown(list: &RuleList, out: &mut dyn Write) -> io::Result<()> {
    let rows = list.rules.iter().map(|rule| {
        vec![link(rule.name), rule.severity.to_owned(), rule.actor.to_owned(), rule.summary.to_owned()]
    });
    let intro = "What `hookscope analyze` can find; `hookscope explain NAME` tells the same of one rule. Causes stand \
        before what follows from them. Who has to act is what usually holds; a finding may name another.";
    let blocks = vec![
        Block::text(intro),
        Block::text(CONSOLE),
        Block::Rows { header: vec!["Rule", "Severity", "Who acts", "What it finds"], rows: rows.collect() },
    ];
    Page { title: "Rules".to_owned(), blocks }.markdown(1, out)?;
    for rule in RULES {
        writeln!(out)?;
        rule_page(rule).markdown(2, out)?;
    }
    Ok(())
}

/// Writes the whole catalogue of methods, as Markdown.
pub fn render_methods_markdown(list: &MethodList, out: &mut dyn Write) -> io::Result<()> {
    let rows = list
        .methods
        .iter()
        .map(|method| vec![link(method.name), method.hook_type.to_owned(), method.summary.to_owned()]);
    let intro = "The REST methods that WCS calls on a backend; `hookscope explain NAME` tells the same of one. All are \
        sent by `POST`, with a JSON object. A new application has no methods; `add app-rest-method -a <appKey>` adds \
        all, and the backend must then answer each of them with 200.";
    let blocks = vec![
        Block::text(intro),
        Block::text(CONSOLE),
        Block::text(SOURCES),
        Block::Rows { header: vec!["Method", "Type", "What it tells"], rows: rows.collect() },
    ];
    Page { title: "REST methods".to_owned(), blocks }.markdown(1, out)?;
    for (method, known) in list.methods.iter().zip(HookMethod::ALL) {
        writeln!(out)?;
        method_page(method, known.spec().hook_type).markdown(2, out)?;
    }
    Ok(())
}

fn link(name: &str) -> String {
    format!("[`{name}`](#{})", name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn told(topic: Topic, width: u16) -> String {
        let mut out = Vec::new();
        topic.render_text(Style::plain(width), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_name_is_explained_whatever_its_case_and_within_80_columns() {
        let names = RULES.iter().map(|rule| rule.name).chain(HookMethod::names());
        let mut seen = BTreeSet::new();
        for name in names {
            let topic = Topic::find(&name.to_uppercase()).unwrap();
            assert!(seen.insert(name.to_lowercase()), "{name} means two things");
            let text = told(topic, 80);
            assert!(text.lines().count() > 10, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert!(!text.contains("\n\n\n"), "{text}");
            let narrow = told(topic, 50);
            // Commands, and words that are longer than a line, are never broken.
            let is_broken = |line: &&str| {
                let words = line.split_whitespace().count();
                line.chars().count() > 50 && words > 1 && !line.contains("app-rest-method")
            };
            assert_eq!(narrow.lines().find(is_broken), None, "{narrow}");
        }
        assert_eq!(Topic::find("backend_refused"), Topic::find("backend-refused"));
    }

    #[test]
    fn an_unknown_name_is_answered_by_those_that_may_be_meant() {
        assert_eq!(Topic::find("CallStatusEvents"), Err(vec!["CallStatusEvent"]));
        assert_eq!(Topic::find("backend-refusd"), Err(vec!["backend-refused"]));
        assert_eq!(Topic::find("timeout"), Err(vec!["response-timeout"]));
        assert_eq!(Topic::find("nothing of the kind"), Err(Vec::new()));
    }

    #[test]
    fn rules_that_name_commands_say_where_to_give_them() {
        let refused = told(Topic::find("backend-refused").unwrap(), 80);
        assert!(refused.contains("ssh -p 2001 admin@localhost"), "{refused}");
        let cut = told(Topic::find("capture-cut").unwrap(), 80);
        assert!(!cut.contains("ssh"), "{cut}");
    }
}
