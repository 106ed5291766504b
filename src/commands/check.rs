//! `hookscope check`: does a capture hold a call flow?

use super::judged::Judged;
use super::output::{self, Place, Target};
use super::{Error, Exit, files};
use crate::cli::{Coloring, Destination, Form, Input, Judging, Redacting, Resources};
use clap::{Args, ValueEnum};
use hookscope::check::{self, Check, FlowFile};
use hookscope::hook::closest;
use hookscope::report::render_json;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  hookscope check log.pcap --flow outgoing-call       a ready-made flow; --list names them all
  hookscope check log.pcap --flow my.toml -o result.junit
  hookscope check good.pcap --record -o my.toml       a flow file of what a good capture holds
  hookscope check --show outgoing-call > my.toml      a ready-made flow to begin with";

const EXIT_CODES: &str = "\
Exit codes:
  0 passed   1 failed, or undecided: the capture cannot tell   2 wrong usage, or a flow file that is wrong
  3 input cannot be read or is no capture   4 no hook traffic in the capture   5 output failed";

/// The octets of a flow file that are read: one more than are allowed.
const LONGEST: u64 = (1 << 20) + 1;

/// Lay call flows beside what was captured: expected hooks, in order, and what was seen
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Capture files (pcap or pcapng, plain, gzip, zstd or lz4), or - for standard input; several are one capture in time order
    #[arg(required_unless_present_any = ["list", "show"], value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    #[arg(from_global)]
    quiet: bool,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    destination: Destination<Format>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    redacting: Redacting,
    #[command(flatten)]
    coloring: Coloring,
    #[command(flatten)]
    resources: Resources,
}

/// What is to be done.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Wanted {
    /// A flow file, or the name of a ready-made flow; may be repeated
    #[arg(long, value_name = "FILE|NAME")]
    flow: Vec<String>,
    /// Write a flow file that the captures are an example of
    #[arg(long, conflicts_with = "format")]
    record: bool,
    /// List the ready-made flows
    #[arg(long, conflicts_with_all = ["format", "captures"])]
    list: bool,
    /// Print the file of a ready-made flow
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "captures"])]
    show: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs; `hookscope schema check` describes it
    Json,
    /// For a ticket
    Markdown,
    /// Test results in the XML of junit, for systems that run tests
    Junit,
}

impl Form for Format {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::Markdown => &["md"],
            Self::Junit => &["junit", "xml"],
        }
    }
}

/// Checks captures, or tells of flows.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { wanted, destination, .. } = arguments;
    if let Some(name) = &wanted.show {
        let text = check::ready_made_named(name).ok_or_else(|| unknown(name))?;
        print(arguments, Place::named(&destination.file, [])?, text)?;
        Ok(Exit::Clean)
    } else if wanted.list {
        let width = check::ready_made().map(|(_, flow)| flow.name.len()).max().unwrap_or_default();
        let row = |(_, flow): (_, FlowFile)| {
            format!("{:width$}  {}\n", flow.name, flow.about.as_deref().unwrap_or_default())
        };
        let place = Place::named(&destination.file, [])?;
        print(arguments, place, &check::ready_made().map(row).collect::<String>())?;
        Ok(Exit::Clean)
    } else if wanted.record {
        record(arguments)
    } else {
        compare(arguments)
    }
}

/// Lays flows beside captures.
fn compare(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { captures, wanted, redacting, .. } = arguments;
    let flows = wanted.flow.iter().map(|name| flow(name)).collect::<Result<Vec<_>, _>>()?;
    let files: Vec<PathBuf> = wanted.flow.iter().map(PathBuf::from).collect();
    let inputs = captures.iter().chain(&redacting.redact_key).chain(&files);
    let target = Target::of(&arguments.destination, inputs)?;
    let redaction = files::redaction(redacting)?;
    let judged = read(arguments)?;
    let document = judged.document(redaction.clone());
    let check = Check::new(&judged.case, &document, &redaction, &flows);
    output::write(target.place, arguments.coloring.color, |style, out| match target.format {
        Format::Text => check::render_text(&check, style, out),
        Format::Json => render_json(&check, out),
        Format::Markdown => check::render_markdown(&check, out),
        Format::Junit => check::render_junit(&check, out),
    })?;
    Ok(match judged.exit(None) {
        Exit::Clean if !check.has_passed() => Exit::Findings,
        exit => exit,
    })
}

/// Writes the flow file that the captures are an example of.
fn record(arguments: &Arguments) -> Result<Exit, Error> {
    let Arguments { captures, redacting, destination, .. } = arguments;
    let place = Place::named(&destination.file, captures.iter().chain(&redacting.redact_key))?;
    let redaction = files::redaction(redacting)?;
    let judged = read(arguments)?;
    let stem = arguments.captures.first().and_then(|path| path.file_stem()?.to_str());
    let name = stem.filter(|stem| *stem != "-").unwrap_or("recorded");
    let text = check::record(&judged.case, name, &redaction).ok_or(Error::NothingToRecord)?;
    print(arguments, place, &text)?;
    Ok(Exit::Clean)
}

fn read(arguments: &Arguments) -> Result<Judged, Error> {
    let Arguments { captures, quiet, resources, .. } = arguments;
    let input = Input { captures: captures.clone(), quiet: *quiet, resources: resources.clone() };
    Judged::read(&input, &arguments.judging, false)
}

fn print(arguments: &Arguments, place: Place<'_>, text: &str) -> Result<(), Error> {
    output::write(place, arguments.coloring.color, |_, out| out.write_all(text.as_bytes()))
}

/// A flow by the name of a ready-made one, or of a file.
fn flow(name: &str) -> Result<FlowFile, Error> {
    let path = Path::new(name);
    let (text, stem) = match check::ready_made_named(name) {
        Some(text) => (text.to_owned(), name),
        None if !path.exists() && path.extension().is_none() && path.components().count() == 1 => {
            return Err(unknown(name));
        }
        None => {
            let unreadable = |source| Error::Flow { path: path.to_owned(), source };
            let text = read_text(path).map_err(unreadable)?;
            (text, path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name))
        }
    };
    FlowFile::parse(stem, &text).map_err(|source| Error::FlowFile {
        path: path.to_owned(),
        text: text.clone(),
        source,
    })
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn unknown(name: &str) -> Error {
    let names: Vec<String> = check::ready_made().map(|(_, flow)| flow.name).collect();
    let meant = closest(name, names.iter().map(String::as_str));
    let advice = meant.map(|meant| format!("did you mean {meant}? ")).unwrap_or_default();
    Error::UnknownFlow { name: name.to_owned(), advice: format!("{advice}there are {}", names.join(", ")) }
}
