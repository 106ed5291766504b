//! Pages of documentation: read from a rule's own Markdown, or put together, and written as Markdown or for a terminal.

use super::text::{LIST, Style};
use anstyle::Style as Ansi;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use std::io::{self, Write};

/// Columns of the Markdown that is written.
const MARKDOWN_WIDTH: usize = 120;
/// Columns beyond which lines of prose are hard to read.
const MOST_WIDTH: u16 = 100;
/// How far text stands below its heading on a terminal.
const INDENT: &str = "  ";

/// A page: a title with parts below it.
pub(crate) struct Page {
    /// Its title.
    pub(crate) title: String,
    /// Its parts.
    pub(crate) blocks: Vec<Block>,
}

/// A part of a page. Texts are Markdown, of which code spans alone are used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A list.
    Items(Vec<String>),
    /// Lines as they are.
    Code(Vec<String>),
    /// A table.
    Rows {
        /// The columns' names.
        header: Vec<&'static str>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
}

impl Block {
    /// A paragraph.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A heading.
    pub(crate) fn heading(text: &str) -> Self {
        Self::Heading(text.to_owned())
    }
}

/// Reads the Markdown that doc comments of this crate use: headings, paragraphs, lists and fenced lines.
pub(super) fn read(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut fenced = false;
    let mut open = false;
    for line in markdown.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        let code = if let Some(Block::Code(code)) = blocks.last_mut() { Some(code) } else { None };
        if line.starts_with("```") {
            fenced = !fenced;
            if fenced {
                blocks.push(Block::Code(Vec::new()));
            }
            open = false;
        } else if let Some(code) = code.filter(|_| fenced) {
            code.push(line.to_owned());
        } else if let Some(heading) = line.strip_prefix("## ") {
            blocks.push(Block::heading(heading));
            open = false;
        } else if line.trim().is_empty() {
            open = false;
        } else {
            add_line(&mut blocks, line, open);
            open = true;
        }
    }
    blocks
}

/// Adds a line of a paragraph or list, to the last part where that is still open.
fn add_line(blocks: &mut Vec<Block>, line: &str, open: bool) {
    match (blocks.last_mut(), line.strip_prefix("- ")) {
        (Some(Block::Items(items)), Some(item)) => items.push(item.to_owned()),
        (_, Some(item)) => blocks.push(Block::Items(vec![item.to_owned()])),
        (Some(Block::Text(text)), None) if open => {
            text.push(' ');
            text.push_str(line.trim());
        }
        (Some(Block::Items(items)), None) if open => {
            if let Some(item) = items.last_mut() {
                item.push(' ');
                item.push_str(line.trim());
            }
        }
        _ => blocks.push(Block::text(line.trim())),
    }
}

impl Page {
    /// Writes Markdown; the title is a heading of this level.
    pub(super) fn markdown(&self, level: usize, out: &mut dyn Write) -> io::Result<()> {
        self.markdown_of(level, MARKDOWN_WIDTH, out)
    }

    /// Writes Markdown with a line for each paragraph and item: trackers show a line's end as one.
    pub(crate) fn markdown_unbroken(&self, out: &mut dyn Write) -> io::Result<()> {
        self.markdown_of(1, usize::MAX, out)
    }

    fn markdown_of(&self, level: usize, width: usize, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} {}", "#".repeat(level), self.title)?;
        for block in &self.blocks {
            writeln!(out)?;
            match block {
                Block::Heading(heading) => writeln!(out, "{} {heading}", "#".repeat(level + 1))?,
                Block::Text(text) => write_filled(out, text, "", "", width)?,
                Block::Items(items) => {
                    for item in items {
                        write_filled(out, item, "- ", "  ", width)?;
                    }
                }
                Block::Code(lines) => writeln!(out, "```text\n{}\n```", lines.join("\n"))?,
                Block::Rows { header, rows } => {
                    writeln!(out, "| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()))?;
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                        writeln!(out, "| {} |", cells.join(" | "))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes text for a terminal.
    pub(crate) fn text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let width = usize::from(style.width.min(MOST_WIDTH));
        let bold = |text: &str| {
            let ansi = Ansi::new().bold();
            if style.color { format!("{ansi}{text}{ansi:#}") } else { text.to_owned() }
        };
        writeln!(out, "{}", bold(&self.title))?;
        let mut is_below_heading = true;
        for block in &self.blocks {
            let is_heading = matches!(block, Block::Heading(_));
            if is_heading || !is_below_heading {
                writeln!(out)?;
            }
            is_below_heading = is_heading;
            match block {
                Block::Heading(heading) => writeln!(out, "{}", bold(heading))?,
                Block::Text(text) => write_filled(out, text, INDENT, INDENT, width)?,
                Block::Items(items) => {
                    for item in items {
                        write_filled(out, item, "  - ", "    ", width)?;
                    }
                }
                Block::Code(lines) => {
                    for line in lines {
                        writeln!(out, "{}", format!("{INDENT}{INDENT}{line}").trim_end())?;
                    }
                }
                Block::Rows { header, rows } => write_rows(out, header, rows, style.width)?,
            }
        }
        Ok(())
    }
}

/// Columns below which the last column of a table has no room.
const LEAST_ROOM: usize = 20;

/// Writes a table for a terminal; the last column alone is broken into lines. Where it has no room, it stands below.
pub(super) fn write_rows(
    out: &mut dyn Write,
    header: &[&'static str],
    rows: &[Vec<String>],
    width: u16,
) -> io::Result<()> {
    let last = header.len().saturating_sub(1);
    let longest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::as_str);
        cells
            .chain(header.get(column).copied())
            .map(|cell| cell.chars().count() + 1)
            .max()
            .unwrap_or_default()
    };
    if INDENT.len() + (0..last).map(longest).sum::<usize>() + LEAST_ROOM > usize::from(width) {
        return write_narrow(out, rows, width);
    }
    let indent = u16::try_from(INDENT.len()).unwrap_or_default();
    let mut table = Table::new();
    table.load_style(LIST).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.saturating_sub(indent)).set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| cell.replace('`', "")));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if index < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", format!("{INDENT}{line}").trim_end())?;
    }
    Ok(())
}

fn write_narrow(out: &mut dyn Write, rows: &[Vec<String>], width: u16) -> io::Result<()> {
    for (last, labels) in rows.iter().filter_map(|row| row.split_last()) {
        writeln!(out, "{INDENT}{}", labels.join("  ").replace('`', "").trim_end())?;
        if !last.is_empty() {
            write_filled(out, last, "    ", "    ", usize::from(width))?;
        }
    }
    Ok(())
}

/// Writes a text in lines of at most `width` columns, broken between words and, where possible, never inside of code.
fn write_filled(out: &mut dyn Write, text: &str, first: &str, rest: &str, width: usize) -> io::Result<()> {
    let room = width.saturating_sub(rest.chars().count());
    let mut line = first.to_owned();
    let mut is_fresh = true;
    for word in words(text, room) {
        if !is_fresh && line.chars().count() + 1 + word.chars().count() > width {
            writeln!(out, "{line}")?;
            rest.clone_into(&mut line);
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    writeln!(out, "{line}")
}

/// The words of a text; code in backticks is one word if it fits into `room`.
fn words(text: &str, room: usize) -> Vec<&str> {
    let mut quoted = false;
    let outside = |letter: char| {
        quoted ^= letter == '`';
        !quoted && letter.is_whitespace()
    };
    let whole = |word: &&str| word.chars().count() <= room;
    text.split(outside)
        .flat_map(|word| if whole(&word) { vec![word] } else { word.split_whitespace().collect() })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(blocks: Vec<Block>) -> String {
        let mut out = Vec::new();
        Page { title: "name".to_owned(), blocks }.markdown(1, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_doc_comment_is_read_and_written_alike() {
        let text = "# name\n\n## One\n\nA line `of text`.\n\nAnother.\n\n- an item that\n- two\n\n```text\n  as is\n\n```\n";
        let lines: Vec<String> = text.lines().skip(2).map(|line| format!(" {line}")).collect();
        let comment = lines.join("\n").replace("that", "\n   that");
        assert_eq!(markdown(read(&comment)), text);
    }

    #[test]
    fn code_stays_on_one_line_where_it_fits() {
        let mut out = Vec::new();
        write_filled(&mut out, "Say `show apps -d` or `one that is too long for it`.", "- ", "  ", 20)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "- Say `show apps -d`\n  or `one that is\n  too long for it`.\n");
    }

    #[test]
    fn a_pipe_in_a_cell_ends_no_column() {
        let rows = vec![vec!["a|b".to_owned(), "c".to_owned()]];
        let text = markdown(vec![Block::Rows { header: vec!["One", "Two"], rows }]);
        assert_eq!(text, "# name\n\n| One | Two |\n|---|---|\n| a\\|b | c |\n");
    }
}
