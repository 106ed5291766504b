//! From the words and signs of an expression to what it means.

use super::expression::{Comparison, Field, Literal, Node};
use super::token::{ExpressionError, Placed, Token, tokens};
use crate::hook::closest;
use crate::report;
use regex::Regex;
use serde_json::Value;
use std::ops::Range;

/// How deep brackets and negations may be nested.
const DEPTH: usize = 64;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, fields: Fields::of_hooks(), depth: 0 };
    let root = parser.alternatives()?;
    match parser.tokens.first() {
        None => Ok(root),
        Some((Token::Sign(")"), place)) => Err(parser.error(place.clone(), "nothing is open here")),
        Some((_, place)) => Err(parser.error(place.clone(), "&& or || is missing before it")),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// What is not read yet.
    tokens: &'t [Placed],
    fields: Fields,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, place: Range<usize>, message: impl Into<String>) -> ExpressionError {
        ExpressionError::new(self.text, place, message)
    }

    /// Where the next token stands; behind the last one, the end.
    fn place(&self) -> Range<usize> {
        self.tokens.first().map_or(self.text.len()..self.text.len(), |(_, place)| place.clone())
    }

    fn next(&mut self) -> Option<Placed> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    /// Passes over one of some signs or words.
    fn takes(&mut self, names: &[&str]) -> bool {
        let takes = match self.tokens.first() {
            Some((Token::Sign(sign), _)) => names.contains(sign),
            Some((Token::Word(word), _)) => names.contains(&word.as_str()),
            _ => false,
        };
        if takes {
            self.next();
        }
        takes
    }

    fn expects(&mut self, sign: &str) -> Result<(), ExpressionError> {
        if self.takes(&[sign]) { Ok(()) } else { Err(self.error(self.place(), format!("{sign} is missing"))) }
    }

    fn alternatives(&mut self) -> Result<Node, ExpressionError> {
        let mut nodes = vec![self.conditions()?];
        while self.takes(&["||", "or"]) {
            nodes.push(self.conditions()?);
        }
        Ok(Node::Any(nodes))
    }

    fn conditions(&mut self) -> Result<Node, ExpressionError> {
        let mut nodes = vec![self.condition()?];
        while self.takes(&["&&", "and"]) {
            nodes.push(self.condition()?);
        }
        Ok(Node::All(nodes))
    }

    fn condition(&mut self) -> Result<Node, ExpressionError> {
        let place = self.place();
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error(place, "it is nested too deep"));
        }
        let node = if self.takes(&["!", "not"]) {
            Node::Not(Box::new(self.condition()?))
        } else if self.takes(&["("]) {
            let inner = self.alternatives()?;
            self.expects(")")?;
            inner
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn test(&mut self) -> Result<Node, ExpressionError> {
        let place = self.place();
        let Some((Token::Word(name), _)) = self.next() else {
            return Err(self.error(place, "a field is missing here, such as status or latency"));
        };
        let kind = self.fields.kind(&name).map_err(|message| self.error(place.clone(), message))?;
        let field: Field = name.split('.').map(str::to_owned).collect();
        let operator = self.place();
        if let Some(comparison) = self.comparison() {
            let literal = self.literal(&name, kind, place)?;
            return Ok(Node::Compare(field, comparison, literal));
        }
        if self.takes(&["in"]) {
            return Ok(Node::In(field, self.literals(&name, kind, &place)?));
        }
        let matches = self.takes(&["matches"]);
        if !matches && !self.takes(&["contains"]) {
            return Ok(Node::Is(field));
        }
        if matches!(kind, Kind::Number | Kind::Truth) {
            return Err(self.error(operator, format!("{name} is {}: compare it with == or <", kind.name())));
        }
        let place = self.place();
        match self.next() {
            Some((Token::Text(text), place)) if matches => match Regex::new(&text) {
                Ok(pattern) => Ok(Node::Matches(field, pattern)),
                Err(_) => Err(self.error(place, "it is no regular expression")),
            },
            Some((Token::Text(text), _)) => Ok(Node::Contains(field, text)),
            _ => Err(self.error(place, "text in quotes is missing here")),
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let all = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Different),
            ("<=", Comparison::LessOrEqual),
            ("<", Comparison::Less),
            (">=", Comparison::GreaterOrEqual),
            (">", Comparison::Greater),
        ];
        all.into_iter().find(|(sign, _)| self.takes(&[sign])).map(|(_, comparison)| comparison)
    }

    fn literals(
        &mut self,
        name: &str,
        kind: Kind,
        place: &Range<usize>,
    ) -> Result<Vec<Literal>, ExpressionError> {
        self.expects("{")?;
        let mut literals = vec![self.literal(name, kind, place.clone())?];
        while self.takes(&[","]) {
            literals.push(self.literal(name, kind, place.clone())?);
        }
        self.expects("}")?;
        Ok(literals)
    }

    /// A value that a field, which stands at `field`, can have.
    fn literal(&mut self, name: &str, kind: Kind, field: Range<usize>) -> Result<Literal, ExpressionError> {
        let place = self.place();
        let literal = match self.next() {
            Some((Token::Number(number), _)) => Literal::Number(number),
            Some((Token::Text(text), _)) => Literal::Text(text),
            Some((Token::Word(word), _)) if word == "true" || word == "false" => {
                Literal::Truth(word == "true")
            }
            Some((Token::Word(word), _)) => {
                return Err(self.error(place, format!("text stands in quotes: \"{word}\"")));
            }
            _ => return Err(self.error(place, "a value is missing here")),
        };
        let fits = match (kind, &literal) {
            (Kind::Members, _) => {
                return Err(
                    self.error(field, format!("{name} has members: name one of them, as in {name}.…"))
                );
            }
            (Kind::Any, _) => true,
            (Kind::Number, literal) => matches!(literal, Literal::Number(_)),
            (Kind::Text, literal) => matches!(literal, Literal::Text(_)),
            (Kind::Truth, literal) => matches!(literal, Literal::Truth(_)),
        };
        if fits { Ok(literal) } else { Err(self.error(place, format!("{name} is {}", kind.name()))) }
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Truth,
    /// Others below it.
    Members,
    /// Whatever the capture has there.
    Any,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "text, which stands in quotes",
            Self::Truth => "true or false",
            Self::Members | Self::Any => "anything",
        }
    }
}

/// The fields of a hook, as the report's JSON Schema has them.
struct Fields {
    schema: Value,
}

impl Fields {
    fn of_hooks() -> Self {
        Self { schema: report::schema() }
    }

    /// What the field of that name holds, or why there is none.
    fn kind(&self, name: &str) -> Result<Kind, String> {
        let mut schema = self.resolved(self.schema.pointer("/$defs/Hook"));
        let mut way = String::new();
        for part in name.split('.') {
            if kind(schema) == Kind::Any {
                return Ok(Kind::Any);
            }
            let members = schema.get("properties").and_then(Value::as_object);
            let Some(next) = members.and_then(|members| members.get(part)) else {
                let known: Vec<&str> =
                    members.into_iter().flat_map(|members| members.keys().map(String::as_str)).collect();
                let advice = match closest(part, known.iter().copied()) {
                    Some(meant) => format!("did you mean {way}{meant}?"),
                    None if known.is_empty() => "it has no members".to_owned(),
                    None => format!("there are {}", known.join(", ")),
                };
                return Err(format!("hooks have no field {name}: {advice}"));
            };
            schema = self.resolved(Some(next));
            way.push_str(part);
            way.push('.');
        }
        Ok(kind(schema))
    }

    /// What a schema refers to: another one, what a list holds, or what is there if it is not null.
    fn resolved<'v>(&'v self, schema: Option<&'v Value>) -> &'v Value {
        let mut schema = schema.unwrap_or(&Value::Null);
        // A schema refers to another one a few times at most.
        for _ in 0..8 {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let referred = reference.and_then(|path| self.schema.pointer(path.trim_start_matches('#')));
            let given = || match schema.get("anyOf")?.as_array()?.as_slice() {
                [given, null] if null.get("type")?.as_str() == Some("null") => Some(given),
                _ => None,
            };
            let items = || schema.get("items");
            match referred.or_else(given).or_else(items) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }
}

fn kind(schema: &Value) -> Kind {
    let names = match schema.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
        }
        _ => Vec::new(),
    };
    match names.as_slice() {
        ["integer" | "number"] => Kind::Number,
        ["string"] => Kind::Text,
        ["boolean"] => Kind::Truth,
        ["object"] if schema.get("properties").is_some() => Kind::Members,
        _ => Kind::Any,
    }
}
