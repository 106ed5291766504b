//! Conditions on hooks and findings, the same for all commands that show some.

use super::Judging;
use clap::{Args, ValueEnum};
use hookscope::filter::{Bound, Expression, Filter, FrameRange, Statuses};
use hookscope::report::Topic;
use hookscope::rules::{Rule, Severity};
use std::str::FromStr;

/// Which hooks and findings are meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Filters (those of one kind are alternatives; of several kinds, all are met)")]
pub(crate) struct Filtering {
    /// Hooks of a session: its id in the report (s3), or its sessionId or a part of it
    #[arg(long, value_name = "SESSION")]
    session: Vec<String>,
    /// Hooks of a call: its callId or a part of it, or its flow's id in the report (f2)
    #[arg(long, value_name = "CALL")]
    call: Vec<String>,
    /// Hooks of a stream: its name or media session or a part of these, or its flow's id in the report
    #[arg(long, value_name = "STREAM")]
    stream_name: Vec<String>,
    /// Hooks of an application, by its appKey
    #[arg(long, value_name = "APPKEY")]
    app: Vec<String>,
    /// Hooks of a method, such as connect, in any case of letters
    #[arg(long, value_name = "METHOD")]
    method: Vec<String>,
    /// Hooks with a status code: 403, 4xx, 400-404, or none for those without a response
    #[arg(long, value_name = "STATUS")]
    status: Vec<Given<Statuses>>,
    /// Findings of a rule, and their hooks
    #[arg(long, value_name = "RULE")]
    rule: Vec<Given<RuleName>>,
    /// Findings of at least this severity, and their hooks
    #[arg(long, value_enum, value_name = "SEVERITY")]
    severity: Option<Least>,
    /// Hooks from a time on: seconds since the first frame (12.5, 2m30s), 09:00:05 or 2026-03-02T09:00:05Z (UTC)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<Given<Bound>>,
    /// Hooks until a time, in the same forms
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<Given<Bound>>,
    /// Hooks with one of these frames: 12, 12-40, or `file#12-40` where there are several files
    #[arg(long, value_name = "FRAMES")]
    frames: Vec<Given<FrameRange>>,
    /// Hooks whose JSON meets a condition, such as 'status != 200 && latency > 0.5'
    #[arg(long = "where", value_name = "EXPRESSION")]
    expression: Option<Given<Expression>>,
}

/// A value, and the words in which it was given.
#[derive(Clone, Debug)]
pub(crate) struct Given<T> {
    text: String,
    /// The value.
    pub(crate) value: T,
}

impl<T: FromStr> FromStr for Given<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { text: text.to_owned(), value: text.parse()? })
    }
}

/// A rule, by its name.
#[derive(Clone, Copy, Debug)]
struct RuleName(&'static Rule);

impl FromStr for RuleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Topic::find(text) {
            Ok(Topic::Rule(rule)) => Ok(Self(rule)),
            Ok(Topic::Method(_)) => {
                Err("no such rule, but a hook method: --method asks for these".to_owned())
            }
            Err(meant) if meant.is_empty() => Err("no such rule; hookscope rules lists them".to_owned()),
            Err(meant) => Err(format!("no such rule; did you mean {}?", meant.join(", "))),
        }
    }
}

/// A least severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// All
    Note,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => Self::Error,
            Least::Warning => Self::Warning,
            Least::Note => Self::Note,
        }
    }
}

impl Filtering {
    /// The conditions; those on backends are also what findings depend on.
    pub(crate) fn filter(&self, judging: &Judging) -> Filter {
        Filter {
            sessions: self.session.clone(),
            calls: self.call.clone(),
            stream_names: self.stream_name.clone(),
            applications: self.app.clone(),
            methods: self.method.clone(),
            backends: values(&judging.backend),
            since: self.since.as_ref().map(|given| given.value),
            until: self.until.as_ref().map(|given| given.value),
            frames: values(&self.frames),
            statuses: values(&self.status),
            rules: self.rule.iter().map(|given| given.value.0).collect(),
            severity: self.severity.map(Severity::from),
            expression: self.expression.as_ref().map(|given| given.value.clone()),
        }
    }

    /// The conditions as they can be said again.
    pub(crate) fn conditions(&self, judging: &Judging) -> String {
        let severity = self.severity.as_ref().and_then(ValueEnum::to_possible_value);
        let severity: Vec<String> = severity.iter().map(|value| value.get_name().to_owned()).collect();
        let options = [
            ("--session", self.session.clone()),
            ("--call", self.call.clone()),
            ("--stream-name", self.stream_name.clone()),
            ("--app", self.app.clone()),
            ("--method", self.method.clone()),
            ("--backend", texts(&judging.backend)),
            ("--status", texts(&self.status)),
            ("--rule", texts(&self.rule)),
            ("--severity", severity),
            ("--since", texts(self.since.as_slice())),
            ("--until", texts(self.until.as_slice())),
            ("--frames", texts(&self.frames)),
            ("--where", texts(self.expression.as_slice())),
        ];
        let said =
            options.iter().flat_map(|(option, values)| values.iter().flat_map(move |value| [*option, value]));
        shlex::try_join(said).unwrap_or_default()
    }
}

fn values<T: Clone>(given: &[Given<T>]) -> Vec<T> {
    given.iter().map(|given| given.value.clone()).collect()
}

fn texts<T>(given: &[Given<T>]) -> Vec<String> {
    given.iter().map(|given| given.text.clone()).collect()
}
