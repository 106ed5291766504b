//! Why a command could not do its work, and how that is told: what, why, and what to do.

use super::Exit;
use crate::config::ConfigError;
use hookscope::capture::CaptureError;
use hookscope::check::FlowError;
use hookscope::excerpt::Refusal;
use hookscope::report::{NotRepeatable, UrlError, for_terminal};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, SourceOffset,
};
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Standard input is a terminal.
    #[error("standard input is a terminal, and no capture")]
    Terminal,
    /// The ending of `--output` names no format.
    #[error("{} does not end in {known}", path.display())]
    Ending {
        /// The file.
        path: PathBuf,
        /// The endings that do.
        known: String,
    },
    /// One form for several files.
    #[error("--format names one form for several files")]
    OneFormat,
    /// What is to be explained does not exist.
    #[error("no rule and no hook method is called {name:?}")]
    Topic {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        advice: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key of the pseudonyms cannot be read.
    #[error("cannot read the key {}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key of the pseudonyms is empty.
    #[error("the key {} is empty", path.display())]
    EmptyKey {
        /// The file.
        path: PathBuf,
    },
    /// A hook cannot be repeated.
    #[error("hook {name:?} cannot be repeated: {reason}")]
    Replay {
        /// What was asked for.
        name: String,
        /// Why not.
        reason: NotRepeatable,
    },
    /// There is no such ready-made flow, and no such file.
    #[error("no flow is called {name:?}, and no file")]
    UnknownFlow {
        /// What was asked for.
        name: String,
        /// Those that there are.
        advice: String,
    },
    /// A flow file cannot be read.
    #[error("cannot read the flow file {}: {source}", path.display())]
    Flow {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A flow file is wrong.
    #[error("the flow file {} is wrong in {source}", path.display())]
    FlowFile {
        /// The file.
        path: PathBuf,
        /// What stands in it.
        text: String,
        /// Where, and what.
        source: FlowError,
    },
    /// There is no hook to make a flow file of.
    #[error("the capture has no hooks to record")]
    NothingToRecord,
    /// There is no such command.
    #[error("there is no command {name:?}")]
    Page {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// There is no such session or backend.
    #[error("the capture has no {what} {name:?}")]
    Unknown {
        /// Which of them.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// There is no such hook, or more than one.
    #[error("{name:?} names no one hook")]
    Hook {
        /// What was asked for.
        name: String,
        /// Those that there are.
        advice: String,
    },
    /// A capture that has not begun.
    #[error("the capture has not begun: nothing was read before the end")]
    NothingYet,
    /// An excerpt of standard input.
    #[error("an excerpt reads its capture twice, and standard input can be read once")]
    TwiceRead,
    /// Standard input in place of two captures.
    #[error("standard input can be one of the two captures, and not both")]
    InputTwice,
    /// An excerpt cannot be made.
    #[error(transparent)]
    Excerpt(#[from] Refusal),
    /// The application's URL is none.
    #[error("--url is not the URL of an application: {0}")]
    Url(UrlError),
    /// An input.
    #[error(transparent)]
    Input(#[from] CaptureError),
    /// There is a file already where output is to go.
    #[error("{} exists already{}", path.display(), if *is_link { ", as a symbolic link" } else { "" })]
    OutputExists {
        /// The file.
        path: PathBuf,
        /// Whether it is a link.
        is_link: bool,
    },
    /// Output is to go into what is read.
    #[error("{} is read, and cannot be written", path.display())]
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// Two outputs are to go to one place.
    #[error("{name} is named twice with --output")]
    OutputTwice {
        /// The place.
        name: String,
    },
    /// Output is to go into a folder, without a name.
    #[error("cannot write {}: it is a folder", path.display())]
    OutputIsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder for output does not exist, or is closed.
    #[error("cannot write {}: folder {}: {source}", path.display(), folder.display())]
    OutputFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is no text is to go to a terminal.
    #[error("standard output is a terminal, and a capture is no text")]
    OutputIsTerminal,
    /// The report cannot be written.
    #[error("cannot write {name}: {source}")]
    Output {
        /// Where to.
        name: String,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// There is such a file already.
    pub(crate) fn exists(path: &Path, is_link: bool) -> Self {
        Self::OutputExists { path: path.to_owned(), is_link }
    }

    const fn exit(&self) -> Exit {
        match self {
            Self::Terminal
            | Self::Ending { .. }
            | Self::OneFormat
            | Self::Topic { .. }
            | Self::Unknown { .. }
            | Self::Page { .. }
            | Self::Config(_)
            | Self::Key { .. }
            | Self::EmptyKey { .. }
            | Self::Hook { .. }
            | Self::Replay { .. }
            | Self::UnknownFlow { .. }
            | Self::Flow { .. }
            | Self::FlowFile { .. }
            | Self::Url(_)
            | Self::TwiceRead
            | Self::InputTwice
            | Self::OutputIsInput { .. }
            | Self::OutputTwice { .. }
            | Self::OutputIsTerminal
            | Self::Excerpt(Refusal::Unknown(_)) => Exit::Usage,
            Self::Input(_) | Self::NothingYet | Self::Excerpt(Refusal::Unreadable(_)) => Exit::Input,
            Self::NothingToRecord => Exit::Absent,
            Self::OutputExists { .. }
            | Self::OutputIsFolder { .. }
            | Self::OutputFolder { .. }
            | Self::Output { .. }
            | Self::Excerpt(_) => Exit::Output,
        }
    }

    /// Its name, for scripts and for search engines.
    const fn code(&self) -> &'static str {
        match self {
            Self::Terminal => "input-is-a-terminal",
            Self::Ending { .. } => "ending-unknown",
            Self::OneFormat => "format-ambiguous",
            Self::Topic { .. } => "topic-unknown",
            Self::Config(error) => error.code(),
            Self::Key { .. } => "key-unreadable",
            Self::EmptyKey { .. } => "key-empty",
            Self::Replay { .. } => "hook-not-repeatable",
            Self::UnknownFlow { .. } => "flow-unknown",
            Self::Flow { .. } => "flow-unreadable",
            Self::FlowFile { .. } => "flow-wrong",
            Self::NothingToRecord => "nothing-to-record",
            Self::Page { .. } => "command-unknown",
            Self::Unknown { .. } => "name-unknown",
            Self::Hook { .. } => "hook-unknown",
            Self::NothingYet => "capture-not-begun",
            Self::Url(_) => "url-wrong",
            Self::TwiceRead => "input-read-twice",
            Self::InputTwice => "input-named-twice",
            Self::Excerpt(Refusal::Unknown(_)) => "id-unknown",
            Self::Excerpt(Refusal::Unreadable(error)) | Self::Input(error) => error.code(),
            Self::Excerpt(_) => "excerpt-refused",
            Self::OutputExists { .. } => "output-exists",
            Self::OutputIsInput { .. } => "output-is-input",
            Self::OutputTwice { .. } => "output-named-twice",
            Self::OutputIsFolder { .. } => "output-is-a-folder",
            Self::OutputFolder { .. } => "output-folder",
            Self::OutputIsTerminal => "output-is-a-terminal",
            Self::Output { .. } => "output-failed",
        }
    }

    /// What to do.
    fn help(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match self {
            Self::Terminal => "pipe a capture into hookscope, or name a file",
            Self::Ending { .. } => "name the format with --format",
            Self::OneFormat => "leave it out: the endings of the files pick their forms",
            Self::EmptyKey { .. } => "fill it: from an empty key anybody could compute the pseudonyms",
            Self::Topic { advice, .. }
            | Self::UnknownFlow { advice, .. }
            | Self::Config(ConfigError::Profile { advice, .. }) => advice,
            Self::Page { known, .. } => return Some(format!("there are {known}").into()),
            Self::Unknown { known, .. } if known.is_empty() => "it has none",
            Self::Unknown { known, .. } => return Some(format!("it has {known}").into()),
            Self::Hook { advice, .. } => {
                return Some(format!("give an id (h12), a frame (12) or file#frame; {advice}").into());
            }
            Self::NothingYet => "wait for the first packets, or look at what writes the capture",
            Self::Url(_) => {
                "give it as `show apps -d` in the WCS console lists it, such as http://198.51.100.20:8081/rest/my_api"
            }
            Self::OutputExists { .. } => "give --force to replace it, or another name",
            Self::OutputIsInput { .. } | Self::OutputTwice { .. } => "give another name",
            Self::OutputIsFolder { .. } => "name a file in it",
            Self::OutputFolder { .. } => "make the folder first, or name another one that you may write to",
            Self::OutputIsTerminal => "name a file, or pipe it into a program that reads captures",
            Self::TwiceRead => "write standard input to a file first",
            Self::NothingToRecord => "hookscope analyze tells why there are none",
            Self::Excerpt(Refusal::Unreadable(error)) | Self::Input(error) => {
                return error.advice().map(Cow::Owned);
            }
            _ => return None,
        }))
    }
}

/// What is told of an error: text from files and captures made harmless.
struct Told {
    message: String,
    code: &'static str,
    help: Option<String>,
    /// The file in which something is wrong, and where.
    place: Option<(NamedSource<String>, LabeledSpan)>,
}

impl Told {
    fn of(error: &Error) -> Self {
        let help = error.help().map(|help| for_terminal(&help).into_owned());
        let message = for_terminal(&error.to_string()).into_owned();
        Self { message, code: error.code(), help, place: place(error) }
    }
}

/// Where in a file an error is.
fn place(error: &Error) -> Option<(NamedSource<String>, LabeledSpan)> {
    let (path, text, line, column) = match error {
        Error::FlowFile { path, text, source } => (path, text, source.line, source.column),
        Error::Config(ConfigError::File { path, text, line, column, .. }) => (path, text, *line, *column),
        _ => return None,
    };
    // As many characters as before, so that the place stays where it is.
    let harmless = |letter: char| if letter.is_control() && !"\n\t".contains(letter) { '?' } else { letter };
    let text: String = text.chars().map(harmless).collect();
    let offset = SourceOffset::from_location(&text, line, column).offset();
    let name = for_terminal(&path.to_string_lossy()).into_owned();
    Some((NamedSource::new(name, text), LabeledSpan::new(Some("here".to_owned()), offset, 1)))
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Told {}

impl Diagnostic for Told {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|(file, _)| file as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.place.as_ref().map(|(_, label)| Box::new(std::iter::once(label.clone())) as Box<_>)
    }
}

/// Tells an error; a reader that went away is none.
pub(crate) fn report(error: &Error, color: bool, out: &mut dyn Write) -> Exit {
    if let Error::Output { source, .. } = error
        && source.kind() == io::ErrorKind::BrokenPipe
    {
        return Exit::Clean;
    }
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let mut text = String::new();
    // Lines are not wrapped: paths and commands are there to be copied.
    let rendered = GraphicalReportHandler::new_themed(theme)
        .with_wrap_lines(false)
        .render_report(&mut text, &Told::of(error));
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    // Where standard error is closed, the exit code alone tells.
    let told = rendered
        .map_err(io::Error::other)
        .and_then(|()| lines.into_iter().try_for_each(|line| writeln!(out, "{line}")));
    drop(told);
    error.exit()
}
