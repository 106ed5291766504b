//! The one-way rule: a module names only modules to its left, and the leaves.

use crate::folder;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Usable anywhere; among themselves as listed.
const LEAVES: [&str; 5] = ["time", "endpoint", "limits", "fact", "parallel"];
/// From left to right. The catalogue is data, used from `hook` on.
const LAYERS: [&str; 11] = [
    "capture",
    "packet",
    "tcp",
    "tls",
    "http",
    "catalog",
    "hook",
    "session",
    "pipeline",
    "rules",
    "toml_text",
];
/// Sees findings, hooks and sessions, but nothing of how octets became exchanges.
const REPORT_SEES: [&str; 7] = ["capture", "http", "catalog", "hook", "session", "rules", "report"];
/// Use reports: to the right of all, and not of each other.
const BEHIND_REPORT: [&str; 4] = ["check", "compare", "excerpt", "filter"];
/// Knows what to call a connection, but not how it is put together.
const TCP_IS_FOR: [&str; 5] = ["tcp", "tls", "http", "session", "pipeline"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the crate that a source names, comments aside.
fn named(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let words = code.split("crate::").skip(1);
    let first = |rest: &str| -> Vec<String> {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest,
        };
        let name =
            |part: &str| part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if rest.starts_with('{') { names.split(',').map(name).collect() } else { vec![name(names)] }
    };
    words.flat_map(first).filter(|name| !name.is_empty()).collect()
}

fn may_name(module: &str, other: &str) -> bool {
    let layer = |name: &str| LAYERS.iter().position(|known| *known == name);
    let leaf = |name: &str| LEAVES.iter().position(|known| *known == name);
    match (leaf(module), leaf(other)) {
        _ if module == other => true,
        (Some(one), Some(other)) => other < one,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) if BEHIND_REPORT.contains(&module) => !BEHIND_REPORT.contains(&other),
        (None, None) if module == "report" => REPORT_SEES.contains(&other),
        (None, None) => {
            layer(other).is_some_and(|other| layer(module).is_some_and(|module| other < module))
                && (other != "tcp" || TCP_IS_FOR.contains(&module))
        }
    }
}

#[test]
fn modules_name_only_what_stands_to_their_left() {
    let root = folder("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "the sources were found");
    let mut modules = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module =
            inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if matches!(module, "lib" | "main" | "cli" | "config" | "commands") {
            continue;
        }
        modules.insert(module.to_owned());
        for other in named(&fs::read_to_string(&file).unwrap()) {
            if !may_name(module, &other) {
                wrong.push(format!("{} names {other}", inside.display()));
            }
        }
    }
    let known: BTreeSet<String> = LEAVES
        .iter()
        .chain(&LAYERS)
        .chain(&["report"])
        .chain(&BEHIND_REPORT)
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(modules, known, "a module without a place in the flow");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_sees_hostile_input_leaves_no_arithmetic_unchecked() {
    let layers = LAYERS.iter().take_while(|layer| **layer != "rules");
    for module in LEAVES.iter().chain(layers).chain(&["excerpt"]) {
        let text = fs::read_to_string(folder(&format!("src/{module}.rs"))).unwrap();
        let denial = "#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]";
        assert!(text.lines().any(|line| line == denial), "{module}");
    }
}

#[test]
fn the_rule_is_able_to_fail() {
    let names =
        named("use crate::tcp::{Head, Event};\n// use crate::report;\nuse crate::{http, rules::RULES};\n");
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["http", "rules", "tcp"]);
    assert!(!may_name("tcp", "http") && !may_name("report", "tcp") && !may_name("fact", "packet"));
    assert!(may_name("http", "tcp") && may_name("rules", "session") && may_name("packet", "time"));
}

#[test]
fn every_rule_has_its_file_and_every_file_its_rule() {
    let text = fs::read_to_string(folder("src/rules.rs")).unwrap();
    let mut files = Vec::new();
    sources(&folder("src/rules"), &mut files);
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if fs::read_to_string(&path).unwrap().contains("rule! {") {
            assert!(text.contains(&format!("&{name}::RULE,")), "rules/{name}.rs is not in RULES");
            assert!(hookscope::rules::RULES.iter().any(|rule| rule.name.replace('-', "_") == name), "{name}");
        }
    }
}

#[test]
fn only_the_catalogue_lists_methods() {
    // More methods than these in one file means that a column of the catalogue is missing.
    const FEW: usize = 6;
    let root = folder("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files
        .iter()
        .filter(|file| !file.starts_with(root.join("catalog")) && **file != root.join("catalog.rs"))
    {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("mod tests {").next().unwrap();
        let uses: BTreeSet<&str> = code
            .split("HookMethod::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap())
            .filter(|name| {
                hookscope::catalog::HookMethod::ALL.iter().any(|method| format!("{method:?}") == *name)
            })
            .collect();
        assert!(uses.len() <= FEW, "{} lists methods: {uses:?}", file.display());
    }
}
