//! The README: its transcripts are what the commands print.

use crate::command_line::hookscope;
use crate::folder;

/// How the README calls the program on a fresh clone.
const CALL: &str = "$ cargo run --release --quiet -- ";

#[test]
fn transcripts_are_the_real_output() {
    let path = folder("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut fresh = String::new();
    let mut count = 0;
    let mut blocks = text.split("```");
    while let Some(prose) = blocks.next() {
        fresh.push_str(prose);
        let Some(block) = blocks.next() else { break };
        let shown = block.strip_prefix("console\n").and_then(|block| block.strip_prefix(CALL));
        match shown.and_then(|shown| shown.split_once('\n')) {
            Some((command, output)) if !output.is_empty() => {
                let arguments: Vec<&str> = command.split_whitespace().collect();
                let real = String::from_utf8(hookscope(&arguments, b"").stdout).unwrap();
                fresh.push_str(&format!("```console\n{CALL}{command}\n{real}```"));
                count += 1;
            }
            _ => fresh.push_str(&format!("```{block}```")),
        }
    }
    assert!(count >= 2, "the README shows its commands: {count}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert!(
        fresh == text || std::env::var_os("UPDATE").is_some(),
        "the README's transcripts are old: UPDATE=1"
    );
}

#[test]
fn every_rule_is_named() {
    let text = std::fs::read_to_string(folder("README.md")).unwrap();
    for rule in hookscope::rules::RULES {
        let row = format!("| `{}` | {} | {} |", rule.name, rule.severity.name(), rule.summary);
        assert!(text.contains(&row), "the README lacks the row\n{row}");
    }
}
