//! `hookscope config`: what is configured, and where.

use super::output::{self, Target};
use super::{Error, Exit};
use crate::cli::{Coloring, Destination, Failing, Judging, Redacting, TextOrJson};
use crate::config::{Configuration, Origin, Setting};
use clap::{Args, Subcommand};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use hookscope::report::{for_terminal, render_json};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use std::io::{self, Write};

const EXAMPLES: &str = "\
Examples:
  hookscope config show                           every key, its value, and who says so
  hookscope config show --profile acme            the same with a profile
  HOOKSCOPE_SLOW=2 hookscope config show          HOOKSCOPE_ and a key in capitals sets it as well";

/// Tell what is configured, and where
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Print every key, its value, and who says so: a flag, the environment, a file, or nobody
    #[command(before_help = EXAMPLES)]
    Show(Box<Show>),
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    destination: Destination<TextOrJson>,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
}

/// What `hookscope config show` tells.
#[derive(Debug, Serialize, JsonSchema)]
struct Shown {
    /// The files that were read, those that count more first.
    files: Vec<FileEntry>,
    /// Every key.
    settings: Vec<Entry>,
}

/// A configuration file.
#[derive(Debug, Serialize, JsonSchema)]
struct FileEntry {
    /// Where it is.
    path: String,
    /// Whose it is: `project` or `user`.
    role: &'static str,
}

/// A key, its value, and who says so.
#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    /// The key, as in files.
    key: &'static str,
    /// Its values; none where nothing is said.
    values: Vec<String>,
    /// Who says so: `flag`, `environment`, `file` or `default`.
    origin: &'static str,
    /// The variable of the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<&'static str>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The profile in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
}

/// The schema of what is told as JSON.
pub(crate) fn schema() -> Schema {
    schema_for!(Shown)
}

/// Tells what is configured.
pub(crate) fn run(arguments: &Arguments, configuration: &Configuration) -> Result<Exit, Error> {
    let Asked::Show(show) = &arguments.command;
    let target = Target::of(&show.destination, [])?;
    output::write(target.place, show.coloring.color, |_, out| match target.format {
        TextOrJson::Text => text(configuration, out),
        TextOrJson::Json => render_json(&shown(configuration), out),
    })?;
    Ok(Exit::Clean)
}

fn shown(configuration: &Configuration) -> Shown {
    let files = configuration.files.iter();
    let file = |(path, trust): &(std::path::PathBuf, crate::config::Trust)| FileEntry {
        path: path.display().to_string(),
        role: trust.name(),
    };
    Shown { files: files.map(file).collect(), settings: configuration.settings.iter().map(entry).collect() }
}

fn entry(setting: &Setting) -> Entry {
    let (path, line, profile) = match &setting.origin {
        Origin::File { path, line, profile } => {
            (Some(path.display().to_string()), Some(*line), profile.clone())
        }
        _ => (None, None, None),
    };
    let variable = match setting.origin {
        Origin::Variable(name) => Some(name),
        _ => None,
    };
    Entry {
        key: setting.key.name(),
        values: setting.value.texts().map(str::to_owned).collect(),
        origin: setting.origin.kind(),
        variable,
        path,
        line,
        profile,
    }
}

fn text(configuration: &Configuration, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["Key", "Value", "From"]);
    for setting in &configuration.settings {
        let values: Vec<_> = setting.value.texts().map(for_terminal).collect();
        let value = if values.is_empty() { "-".to_owned() } else { values.join(", ") };
        table.add_row([
            setting.key.name().to_owned(),
            value,
            for_terminal(&setting.origin.to_string()).into_owned(),
        ]);
    }
    for line in table.to_string().lines() {
        // Paths are not broken, however narrow the terminal is: they are to be copied.
        writeln!(out, "{}", line.trim())?;
    }
    writeln!(out)?;
    for (path, trust) in &configuration.files {
        writeln!(out, "{} file {}", trust.name(), for_terminal(&path.display().to_string()))?;
    }
    if configuration.files.is_empty() { writeln!(out, "no file was read") } else { Ok(()) }
}
