//! A recipe as a page: for a terminal, and in Markdown.

use super::super::page::{Block, Page};
use super::super::{for_code, for_markdown, for_terminal};
use super::{Before, Recipe, Step};
use crate::report::Style;
use std::io::{self, Write};

/// Files that are named; the rest is counted.
const NAMED: usize = 3;

/// Writes a page for a terminal.
pub(super) fn text(recipe: &Recipe, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let plain = |text: &str| for_terminal(text).into_owned();
    Form { text: &plain, name: &plain }.page(recipe).text(style, out)
}

/// Writes Markdown.
pub(super) fn markdown(recipe: &Recipe, out: &mut dyn Write) -> io::Result<()> {
    Form { text: &for_markdown, name: &for_code }.page(recipe).markdown_unbroken(out)
}

/// A form: how texts from a capture, and names of captures, are made harmless for it.
struct Form<'f> {
    text: &'f dyn Fn(&str) -> String,
    name: &'f dyn Fn(&str) -> String,
}

impl Form<'_> {
    fn page(&self, recipe: &Recipe) -> Page {
        let mut blocks = Vec::new();
        if let Some(before) = &recipe.before {
            self.before(before, &mut blocks);
        }
        blocks.push(Block::heading("Where hooks are expected"));
        let source = |source: &str| match source {
            "url" => "as given",
            "capture" => "as the capture shows",
            _ => "the default of WCS",
        };
        let backends = recipe.backends.iter();
        blocks.push(Block::Items(
            backends.map(|one| format!("{} ({})", (self.name)(&one.url), source(&one.source))).collect(),
        ));
        for (index, step) in recipe.steps.iter().enumerate() {
            add_step(index + 1, step, &mut blocks);
        }
        Page { title: "How to capture REST hooks".to_owned(), blocks }
    }

    /// Why a capture could not answer.
    fn before(&self, before: &Before, blocks: &mut Vec<Block>) {
        let mut names: Vec<String> =
            before.captures.iter().take(NAMED).map(|path| (self.name)(path)).collect();
        let more = before.captures.len().saturating_sub(NAMED);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let heading = if before.answers { "What the capture tells" } else { "Why the capture cannot answer" };
        blocks.push(Block::heading(heading));
        let (state, headline) = (before.state.to_uppercase(), (self.text)(&before.headline));
        blocks.push(Block::Text(format!("{}: {state}, {headline}.", names.join(", "))));
        let lacks = before.lacks.iter().map(|lack| {
            let rule = lack.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
            format!("{}{rule}. {}", (self.text)(&lack.title), (self.text)(&lack.message))
        });
        let lacks: Vec<String> = lacks.collect();
        if before.answers {
            let text = if lacks.is_empty() {
                "It can answer: `hookscope analyze` tells more. A new capture is only wanted to see the same again."
            } else {
                "It can answer: `hookscope analyze` tells more. What it leaves open:"
            };
            blocks.push(Block::text(text));
        }
        if !lacks.is_empty() {
            blocks.push(Block::Items(lacks));
        }
    }
}

/// Adds a step. Its words are the program's own, and what is not, a URL or an interface, has no letter that could harm.
fn add_step(number: usize, step: &Step, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(format!("{number}. {}", step.title)));
    blocks.push(Block::text(step.text.as_str()));
    for command in &step.commands {
        blocks.push(Block::text(command.about.as_str()));
        blocks.push(Block::Code(command.command.lines().map(str::to_owned).collect()));
    }
    if !step.notes.is_empty() {
        blocks.push(Block::Items(step.notes.clone()));
    }
}
