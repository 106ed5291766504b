//! A hook as a command that repeats it: `curl`, with secrets as variables of the shell.

use super::document::Document;
use super::escape::{for_terminal, is_dangerous};
use super::redact::{Redaction, Redactor};
use super::show;
use crate::http::{Completeness, Exchange, Request};
use crate::session::{Case, HookRecord};
use regex::Regex;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Header fields that belong to one transfer, or that `curl` writes for itself (RFC 9110, section 7.6.1).
const OF_THE_TRANSFER: [&str; 6] =
    ["host", "connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive"];
/// Fields that `curl` sends unasked.
const OF_CURL: [&str; 3] = ["Accept", "User-Agent", "Expect"];

/// A hook's request as a script for a POSIX shell.
#[derive(Debug)]
pub struct Replay {
    /// What it repeats: a line for people.
    about: String,
    /// Variables to set: name, and what each stands for.
    variables: Vec<(String, String)>,
    /// What makes the body, and hands it to `curl`.
    body: String,
    /// The arguments of `curl`, as words of the shell.
    arguments: Vec<String>,
}

/// Why a hook cannot be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRepeatable {
    /// There is no such hook, or not only one: which there are.
    #[error("the capture has no such hook, or not only one: {0}")]
    Unknown(String),
    /// Not all of the request was captured.
    #[error("not all of its request was captured; capture again with whole packets: tcpdump -i any -s 0")]
    Incomplete,
    /// The body is compressed in a way that cannot be undone.
    #[error("its body is encoded in a way that cannot be undone")]
    Encoded,
    /// The body is no text, so that nothing can tell whether it holds secrets.
    #[error(
        "its body is no text, so that secrets in it cannot be told; with --no-redact it is written as it is"
    )]
    Binary,
}

impl Replay {
    /// Describes how to repeat the hook of a case that its document names so: by its id, or one of its frames; `to` replaces the backend's scheme, address and port, and its base path if it has one.
    pub fn new(
        case: &Case,
        document: &Document,
        what: &str,
        to: Option<&str>,
        redaction: &Redaction,
    ) -> Result<Self, NotRepeatable> {
        let (index, _) = show::find(document, what).map_err(NotRepeatable::Unknown)?;
        let record = case.hooks.get(index).ok_or(NotRepeatable::Incomplete)?;
        let exchange = record.exchange.as_deref().ok_or(NotRepeatable::Incomplete)?;
        let request = exchange.request.as_ref().ok_or(NotRepeatable::Incomplete)?;
        if request.completeness != Completeness::Whole || request.body.missing > 0 || request.body.cut {
            return Err(NotRepeatable::Incomplete);
        }
        if request.body.undecodable {
            return Err(NotRepeatable::Encoded);
        }
        let redactor = Redactor::new(case, redaction);
        let mut words = Words::new(&redactor);
        let body = words.body(&request.body.octets)?;
        let arguments = arguments(&mut words, exchange, request, record, to);
        Ok(Self {
            about: redactor.text(&format!("POST {}, frame {}", record.target, record.last.frame.number())),
            variables: words.variables,
            body,
            arguments,
        })
    }

    /// Writes the script.
    pub fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "# {}", for_terminal(&self.about))?;
        for (name, meaning) in &self.variables {
            writeln!(out, ": \"${{{name}:?set it to {meaning}}}\"")?;
        }
        write!(out, "{} |\n  curl --include --data-binary @-", self.body)?;
        for argument in &self.arguments {
            write!(out, " \\\n    {argument}")?;
        }
        writeln!(out)
    }
}

fn arguments(
    words: &mut Words<'_>,
    exchange: &Exchange,
    request: &Request,
    record: &HookRecord,
    to: Option<&str>,
) -> Vec<String> {
    let fields = &request.fields;
    let version = if request.start.version == 0 { "--http1.0" } else { "--http1.1" };
    let mut arguments = vec![format!("{version} --globoff --path-as-is --request POST")];
    for (name, value) in fields.iter() {
        if OF_THE_TRANSFER.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        // curl takes a field without a value for one to be left out, unless it ends so.
        let line = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        arguments.push(format!("--header {}", words.word(&line)));
    }
    for name in OF_CURL.iter().filter(|name| fields.get(name).is_none()) {
        arguments.push(format!("--header {}", words.word(&format!("{name}:"))));
    }
    let server = exchange.server.to_string();
    if let Some(host) = fields.get("host").filter(|host| to.is_none() && **host != server) {
        arguments.push(format!("--header {}", words.word(&format!("Host: {host}"))));
    }
    let path = path(&record.target);
    let url = match to.map(|to| to.trim_end_matches('/')) {
        None => format!("http://{server}{path}"),
        // A base path of its own takes the place of the backend's.
        Some(to) if to.split_once("://").is_some_and(|(_, rest)| rest.contains('/')) => {
            format!("{to}{}", path.strip_prefix(&*record.base_path).unwrap_or(path))
        }
        Some(to) => format!("{to}{path}"),
    };
    arguments.push(words.word(&url));
    arguments
}

/// A target's path and query, also of one in absolute form (RFC 9112, section 3.2.2).
fn path(target: &str) -> &str {
    let rest = target.split_once("://").filter(|_| !target.starts_with('/')).map(|(_, rest)| rest);
    rest.map_or(target, |rest| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"))
}

/// Makes words of the shell, in which variables stand for secrets.
struct Words<'r> {
    redactor: &'r Redactor,
    name: Option<Regex>,
    variables: Vec<(String, String)>,
    by_value: BTreeMap<String, String>,
}

impl<'r> Words<'r> {
    fn new(redactor: &'r Redactor) -> Self {
        let name = Regex::new(r#"([A-Za-z][\w.-]*)[\\"'\s:=]*(?:(?i:basic|bearer|digest)\s+)?$"#).ok();
        Self { redactor, name, variables: Vec::new(), by_value: BTreeMap::new() }
    }

    /// What prints a body.
    fn body(&mut self, octets: &[u8]) -> Result<String, NotRepeatable> {
        match str::from_utf8(octets) {
            Ok(text) if !text.contains('\0') => Ok(format!("printf %s {}", self.word(text))),
            _ if self.redactor.is_active() => Err(NotRepeatable::Binary),
            _ => Ok(format!("printf '{}'", octal(octets))),
        }
    }

    /// Text as a word: quoted, but for the variables.
    fn word(&mut self, text: &str) -> String {
        let mut word = String::new();
        let mut from = 0;
        for span in self.redactor.spans(text) {
            let (Some(before), Some(secret)) = (text.get(from..span.start), text.get(span.clone())) else {
                continue;
            };
            if !before.is_empty() {
                word.push_str(&quoted(before));
            }
            let prefix = text.get(..span.start).unwrap_or_default();
            word.push_str(&format!("\"${}\"", self.variable(prefix, secret)));
            from = span.end;
        }
        let rest = text.get(from..).unwrap_or_default();
        if !rest.is_empty() || word.is_empty() {
            word.push_str(&quoted(rest));
        }
        word
    }

    /// The variable for a secret, named after what stands before it; equal secrets have one.
    fn variable(&mut self, prefix: &str, secret: &str) -> String {
        if let Some(known) = self.by_value.get(secret) {
            return known.clone();
        }
        let found = self.name.as_ref().and_then(|name| name.captures(prefix)?.get(1));
        let told = found.map_or("secret", |found| found.as_str()).to_owned();
        let stem = upper(&told);
        let taken =
            |name: &str, variables: &[(String, String)]| variables.iter().any(|(known, _)| known == name);
        let mut name = stem.clone();
        let mut number = 2;
        while taken(&name, &self.variables) {
            name = format!("{stem}_{number}");
            number += 1;
        }
        self.variables.push((name.clone(), format!("the value of {told} as it stands in the request")));
        self.by_value.insert(secret.to_owned(), name.clone());
        name
    }
}

/// `authToken` as `AUTH_TOKEN`.
fn upper(name: &str) -> String {
    let mut upper = String::new();
    let mut before = 'A';
    for character in name.chars() {
        if character.is_ascii_uppercase() && before.is_ascii_lowercase() {
            upper.push('_');
        }
        upper.push(if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' });
        before = character;
    }
    upper
}

/// A word of the shell; what could drive a terminal that shows it is printed by the shell itself.
fn quoted(text: &str) -> String {
    let is_raw = |character: char| !"\n\t".contains(character) && is_dangerous(character);
    if !text.contains(is_raw) {
        // A zero octet fits no word; bodies with one are written otherwise, and heads have none.
        return shlex::try_quote(text).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned);
    }
    let characters: Vec<char> = text.chars().collect();
    let runs = characters.chunk_by(|one, next| is_raw(*one) == is_raw(*next));
    let word = |run: &[char]| {
        let text: String = run.iter().collect();
        if text.contains(is_raw) {
            format!("\"$(printf '{}')\"", octal(text.as_bytes()))
        } else {
            quoted(&text)
        }
    };
    runs.map(word).collect()
}

/// Octets as `printf` takes them.
fn octal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |octal, octet| format!("{octal}\\{octet:03o}"))
}
