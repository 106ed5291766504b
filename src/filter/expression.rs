//! Expressions over the fields of a hook's JSON, such as `status != 200 && latency > 0.5`.

use super::parse;
use super::token::ExpressionError;
use regex::Regex;
use serde_json::Value;
use std::cmp::Ordering;
use std::str::FromStr;

/// A condition on a hook's JSON.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    root: Node,
}

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// One of them holds.
    Any(Vec<Self>),
    /// All of them hold.
    All(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The field is there; of a boolean: it is true.
    Is(Field),
    /// The field compares so with the literal.
    Compare(Field, Comparison, Literal),
    /// The field is one of the literals.
    In(Field, Vec<Literal>),
    /// The field's text has a match.
    Matches(Field, Regex),
    /// The field's text has the text in it.
    Contains(Field, String),
}

/// The names on the way to a field.
pub(super) type Field = Vec<String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Number(f64),
    Text(String),
    Truth(bool),
}

impl Expression {
    /// Whether it holds for a value. A comparison with a field that is not there does not hold, but `!=` does.
    pub fn holds(&self, value: &Value) -> bool {
        self.root.holds(value)
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { text: text.to_owned(), root: parse::parse(text)? })
    }
}

impl Node {
    fn holds(&self, value: &Value) -> bool {
        let any = |field: &Field, test: &dyn Fn(&Value) -> bool| any(value, field, test);
        match self {
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(value)),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(value)),
            Self::Not(node) => !node.holds(value),
            Self::Is(field) => any(field, &|found| !matches!(found, Value::Null | Value::Bool(false))),
            Self::Compare(field, Comparison::Different, literal) => {
                !any(field, &|found| literal.compare(found) == Some(Ordering::Equal))
            }
            Self::Compare(field, comparison, literal) => {
                any(field, &|found| literal.compare(found).is_some_and(|order| comparison.accepts(order)))
            }
            Self::In(field, literals) => any(field, &|found| {
                literals.iter().any(|literal| literal.compare(found) == Some(Ordering::Equal))
            }),
            Self::Matches(field, pattern) => any(field, &|found| pattern.is_match(&text(found))),
            Self::Contains(field, part) => any(field, &|found| text(found).contains(part)),
        }
    }
}

/// Whether a value at the end of the way meets a test; a list stands for each of its values.
fn any(value: &Value, field: &[String], test: &dyn Fn(&Value) -> bool) -> bool {
    match (value, field) {
        (Value::Array(values), field) => values.iter().any(|value| any(value, field, test)),
        (value, []) => test(value),
        (Value::Object(members), [name, rest @ ..]) => {
            // Names of members may hold dots.
            members
                .get(&field.join("."))
                .filter(|_| !rest.is_empty())
                .is_some_and(|found| any(found, &[], test))
                || members.get(name).is_some_and(|found| any(found, rest, test))
        }
        _ => false,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Literal {
    /// How a found value stands to this one; bodies write numbers as text, too.
    fn compare(&self, found: &Value) -> Option<Ordering> {
        match (self, found) {
            (Self::Number(number), Value::Number(found)) => found.as_f64()?.partial_cmp(number),
            (Self::Number(number), Value::String(found)) => found.parse::<f64>().ok()?.partial_cmp(number),
            (Self::Text(text), Value::String(found)) => Some(found.as_str().cmp(text)),
            (Self::Truth(truth), Value::Bool(found)) => Some(found.cmp(truth)),
            (Self::Truth(truth), Value::String(found)) => {
                found.parse::<bool>().ok().map(|found| found.cmp(truth))
            }
            _ => None,
        }
    }
}

impl Comparison {
    const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(text: &str) -> bool {
        let hook = json!({
            "method": "CallStatusEvent", "status": 403, "latency": 0.75, "frames": [12, 14], "outcome": "declined",
            "context": {"app_key": "defaultApp"},
            "request": {"complete": true, "json": {"status": "BUSY", "sipCode": "486", "a.b": 1}},
        });
        Expression::from_str(text).unwrap().holds(&hook)
    }

    #[test]
    fn comparisons_and_their_combinations() {
        for yes in [
            "status == 403",
            "status != 200 && latency > 0.5",
            "latency > 700ms and latency < 1s",
            "status == 200 || status in {401, 403}",
            "!(status == 200)",
            "not status == 200",
            "method == \"CallStatusEvent\"",
            "method matches '^Call.*Event$'",
            "target contains 'x' || method contains 'Status'",
            "frames == 14",
            "request.json.status == 'BUSY'",
            "request.json.sipCode >= 480",
            "request.json.a.b == 1",
            "request.complete",
            "request.complete == true",
            "retry_of != 'h1'",
            "!retry_of",
            "context.app_key == 'defaultApp' && (status == 1 || status == 403)",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in [
            "status == 200",
            "retry_of == 'h1'",
            "ttfb > 0",
            "retry_of",
            "status == 403 && latency < 0.5",
            "latency == -1",
            "request.json.nothing == 1",
        ] {
            assert!(!holds(no), "{no}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(holds("status == 403 || status == 1 && status == 2"));
        assert!(!holds("(status == 403 || status == 1) && status == 2"));
    }

    #[test]
    fn an_error_points_at_the_wrong_token() {
        for (text, marked, words) in [
            ("statuss != 200", "statuss", "did you mean status?"),
            ("status != 200 && latncy > 1", "latncy", "did you mean latency?"),
            ("status = 200", "=", "== compares"),
            ("status == 200 &", "&", "&&"),
            ("status ==", "", "a value is missing"),
            ("status == \"200\"", "\"200\"", "status is a number"),
            ("method == 200", "200", "method is text"),
            ("method == connect", "connect", "quotes"),
            ("(status == 200", "", ") is missing"),
            ("status == 200)", ")", "nothing is open"),
            ("status == 200 latency > 1", "latency", "&& or ||"),
            ("method matches '('", "'('", "regular expression"),
            ("status == 'x", "'x", "not closed"),
            ("== 200", "==", "a field is missing"),
            ("", "", "a field is missing"),
            ("status in 200", "200", "{ is missing"),
            ("status == 2x", "2x", "no number"),
            ("contxt.app_key == 'a'", "contxt.app_key", "did you mean context"),
            ("context.appkey == 'a'", "context.appkey", "did you mean context.app_key?"),
            ("status matches '4..'", "matches", "status is a number"),
            ("request > 5", "request", "request has members"),
        ] {
            let error = Expression::from_str(text).unwrap_err();
            assert_eq!(text.get(error.place.clone()), Some(marked), "{text}: {error}");
            assert!(error.message.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn an_error_is_shown_below_the_expression() {
        let error = Expression::from_str("status == 200 && statüs == 1").unwrap_err();
        assert!(
            error.to_string().ends_with("\n  status == 200 && statüs == 1\n                   ^^^^^^"),
            "{error}"
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "(".repeat(100_000);
        assert!(Expression::from_str(&deep).unwrap_err().message.contains("nested"));
        assert!(Expression::from_str(&"!".repeat(100_000)).is_err());
    }
}
