//! Reads a flow file, and says where it is wrong.

mod body;

use super::file::{FlowFile, Pattern, Per, Step};
use crate::catalog::HookMethod;
use crate::hook::{Outcome, closest};
use crate::report::for_terminal;
use crate::time::Span;
use crate::toml_text::{self, Members, Read, Wrong, integer, meant, string, strings, wrong};
use body::body;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longer files are not read.
const LONGEST: usize = 1 << 20;
/// More steps are not taken.
const STEPS: usize = 2_000;

/// Why a flow file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct FlowError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, the offending key or value named.
    pub what: String,
}

/// Reads a flow file.
pub(super) fn read(name: &str, text: &str) -> Result<FlowFile, FlowError> {
    let parsed = if text.len() > LONGEST {
        wrong(0..0, format!("the file has {} octets, the limit is {LONGEST}", text.len()))
    } else {
        toml_text::parse(text).and_then(|table| flow_file(name, &table))
    };
    parsed.map_err(|Wrong { at, what }| {
        let (line, column) = toml_text::place(text, at.start);
        FlowError { line, column, what: for_terminal(&what).into_owned() }
    })
}

fn flow_file(name: &str, file: &Spanned<DeTable<'_>>) -> Read<FlowFile> {
    let mut members = Members::of("a flow file", 0..0, file.get_ref());
    let flow = members.take("flow");
    let steps = members.needed("step")?;
    members.end()?;
    let empty = DeTable::new();
    let (at, table) = match flow.map(|flow| (flow.span(), flow.get_ref().as_table())) {
        Some((at, None)) => return wrong(at, "`flow` is a table: [flow]"),
        Some((at, Some(table))) => (at, table),
        None => (0..0, &empty),
    };
    let mut flow = Members::of("[flow]", at, table);
    let name = flow.take("name").map(|value| string("name", value)).transpose()?.unwrap_or(name);
    let about = flow.take("about").map(|value| string("about", value)).transpose()?;
    let per = flow.take("per").map(per).transpose()?.unwrap_or(Per::Session);
    let strict = flow.flag("strict")?;
    let applies_to = flow.take("applies-to");
    flow.end()?;
    let steps = self::steps(steps, per)?;
    let applies_to = match applies_to {
        Some(value) => {
            let Some(table) = value.get_ref().as_table() else {
                return wrong(value.span(), "`applies-to` is a table, such as { method = \"call\" }");
            };
            let mut members = Members::of("`applies-to`", value.span(), table);
            let pattern = pattern(&mut members, per, Vec::new())?;
            members.end()?;
            Some(pattern)
        }
        None if per == Per::Capture => None,
        None => beginning(&steps),
    };
    let (name, about) = (name.to_owned(), about.map(str::to_owned));
    Ok(FlowFile { name, about, per, applies_to, strict, steps })
}

/// Any hook of the first step that has to come.
fn beginning(steps: &[Step]) -> Option<Pattern> {
    let first = steps.iter().find(|step| !step.optional).or(steps.first())?;
    Some(Pattern::of(first.pattern.methods.clone()))
}

fn per(value: &Spanned<DeValue<'_>>) -> Read<Per> {
    let name = string("per", value)?;
    let all = Per::all();
    all.iter().copied().find(|per| per.name() == name).map_or_else(
        || {
            let names: Vec<&str> = all.iter().map(|per| per.name()).collect();
            wrong(value.span(), format!("`per` cannot be {name:?}{}", meant(name, &names)))
        },
        Ok,
    )
}

fn steps(value: &Spanned<DeValue<'_>>, per: Per) -> Read<Vec<Step>> {
    let Some(values) = value.get_ref().as_array() else {
        return wrong(value.span(), "steps are tables of their own: [[step]]");
    };
    if values.is_empty() || values.len() > STEPS {
        return wrong(value.span(), format!("a flow has 1 to {STEPS} steps, not {}", values.len()));
    }
    let mut steps = Vec::new();
    for value in values {
        let Some(table) = value.get_ref().as_table() else {
            return wrong(value.span(), "a step is a table: [[step]]");
        };
        let step = step(Members::of("a step", value.span(), table), per, &steps)?;
        if steps.is_empty() && step.within.is_some() {
            return wrong(value.span(), "`within` counts from a step before, and the first step has none");
        }
        steps.push(step);
    }
    Ok(steps)
}

fn step(mut members: Members<'_, '_>, per: Per, earlier: &[Step]) -> Read<Step> {
    let pattern = pattern(&mut members, per, vec![Outcome::Ok])?;
    let within = members.take("within").map(|value| span("within", value)).transpose()?;
    let after = members.take("after").map(|value| after(value, earlier)).transpose()?;
    if after.is_some() && within.is_none() {
        return wrong(members.at, "`after` says what `within` counts from, and there is no `within`");
    }
    let answered_within =
        members.take("answered-within").map(|value| span("answered-within", value)).transpose()?;
    let optional = members.flag("optional")?;
    let (least, most) = members.take("repeat").map(repeat).transpose()?.unwrap_or((1, Some(1)));
    members.end()?;
    let optional = optional || least == 0;
    Ok(Step { pattern, within, after, answered_within, optional, least: least.max(1), most })
}

/// The last of the earlier steps with a method.
fn after(value: &Spanned<DeValue<'_>>, earlier: &[Step]) -> Read<usize> {
    let name = string("after", value)?;
    let method = HookMethod::from_name(name);
    earlier
        .iter()
        .rposition(|step| method.is_some_and(|method| step.pattern.methods.contains(&method)))
        .map_or_else(
            || {
                let methods = earlier.iter().flat_map(|step| &step.pattern.methods);
                let names: Vec<&str> = methods.map(|method| method.name()).collect();
                wrong(value.span(), format!("no step before has the method {name:?}{}", meant(name, &names)))
            },
            Ok,
        )
}

/// What a hook is to be; `outcome` unless the file says how it went, or what status it was answered with.
fn pattern(members: &mut Members<'_, '_>, per: Per, outcome: Vec<Outcome>) -> Read<Pattern> {
    let value = members.needed("method")?;
    let mut methods = Vec::new();
    for (at, name) in strings("method", value)? {
        let Some(method) = HookMethod::from_name(name) else {
            let names: Vec<&str> = HookMethod::ALL.iter().map(|method| method.name()).collect();
            let advice = closest(name, names).map_or_else(
                || "; `hookscope methods` lists them".to_owned(),
                |name| format!("; did you mean {name:?}?"),
            );
            return wrong(at, format!("no method is called {name:?}{advice}"));
        };
        if !per.holds(method) {
            let (method, per) = (method.name(), per.name());
            return wrong(
                at,
                format!("{method} is no hook of a {per}: per = \"session\" looks at all of a session"),
            );
        }
        methods.push(method);
    }
    let status = members.take("status").map(statuses).transpose()?.unwrap_or_default();
    let outcome = match members.take("outcome") {
        Some(value) => outcomes(value)?,
        None if status.is_empty() => outcome,
        None => Vec::new(),
    };
    let request = members.take("request").map(|value| body("request", value)).transpose()?;
    let response = members.take("response").map(|value| body("response", value)).transpose()?;
    Ok(Pattern {
        methods,
        request: request.unwrap_or_default(),
        response: response.unwrap_or_default(),
        status,
        outcome,
    })
}

fn statuses(value: &Spanned<DeValue<'_>>) -> Read<Vec<u16>> {
    let one = |value: &Spanned<DeValue<'_>>| {
        let number = integer(value.get_ref()).and_then(|number| u16::try_from(number).ok());
        number.filter(|number| (100..600).contains(number)).map_or_else(
            || wrong(value.span(), "`status` is HTTP's, 100 to 599; a hook's own stands in `request`"),
            Ok,
        )
    };
    match value.get_ref().as_array() {
        Some(values) => values.iter().map(one).collect(),
        None => Ok(vec![one(value)?]),
    }
}

fn outcomes(value: &Spanned<DeValue<'_>>) -> Read<Vec<Outcome>> {
    let known = [Outcome::Ok, Outcome::Declined, Outcome::Failed, Outcome::Unanswered];
    let mut outcomes = Vec::new();
    for (at, name) in strings("outcome", value)? {
        match known.iter().find(|outcome| outcome.name() == name) {
            Some(outcome) => outcomes.push(*outcome),
            None if name == "any" => return Ok(Vec::new()),
            None => {
                let names: Vec<&str> = known.iter().map(|outcome| outcome.name()).chain(["any"]).collect();
                return wrong(at, format!("`outcome` cannot be {name:?}{}", meant(name, &names)));
            }
        }
    }
    Ok(outcomes)
}

/// How often: `true`, a number, `"1..3"`, `"2.."`.
fn repeat(value: &Spanned<DeValue<'_>>) -> Read<(usize, Option<usize>)> {
    let range = |text: &str| {
        let (least, most) = text.split_once("..")?;
        let least: usize = least.trim().parse().ok()?;
        let most = if most.trim().is_empty() { None } else { Some(most.trim().parse().ok()?) };
        Some((least, most))
    };
    let range = match value.get_ref() {
        DeValue::Boolean(true) => Some((1, None)),
        DeValue::Boolean(false) => Some((1, Some(1))),
        DeValue::Integer(_) => integer(value.get_ref())
            .and_then(|number| usize::try_from(number).ok())
            .map(|number| (number, Some(number))),
        DeValue::String(text) => range(text),
        _ => None,
    };
    range.filter(|(least, most)| most.is_none_or(|most| most > 0 && *least <= most)).map_or_else(
        || wrong(value.span(), "`repeat` is true, a number, or a range such as \"1..3\" or \"2..\""),
        Ok,
    )
}

/// A duration: `"500ms"`, `"2s"`, `"1.5 s"`, `"3min"`.
fn span(name: &str, value: &Spanned<DeValue<'_>>) -> Read<Span> {
    const UNITS: [(&str, f64); 3] = [("ms", 1e6), ("min", 6e10), ("s", 1e9)];
    let text = string(name, value)?.trim();
    let parsed = UNITS.iter().find_map(|(unit, size)| {
        let number: f64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        (0.0..=1e6).contains(&number).then_some(number * size)
    });
    #[expect(clippy::cast_possible_truncation, reason = "the range has been checked")]
    parsed.map(|nanoseconds| Span::from_nanoseconds(nanoseconds.round() as i64)).map_or_else(
        || wrong(value.span(), format!("`{name}` is a duration, such as \"500ms\", \"2s\" or \"3min\"")),
        Ok,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn a_file_is_read_with_all_that_it_may_hold() {
        let text = r#"
            [flow]
            name = "mine"
            per = "call"
            strict = true
            applies-to = { method = "CALL", request = { caller = ["1001", 1002] } }
            [[step]]
            method = "call"
            status = [200, 403]
            [[step]]
            method = "callStatusEvent"
            request = { status = "RING", custom.a = { pattern = "^x" }, "sdp.x" = { present = false } }
            response = { hasVideo = { not = true } }
            within = "1.5s"
            answered-within = "500 ms"
            repeat = "0..3"
        "#;
        let flow = read("file", text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((flow.name.as_str(), flow.strict, flow.steps.len()), ("mine", true, 2));
        assert_eq!(flow.applies_to.as_ref().unwrap().request.len(), 1);
        let [first, second] = flow.steps.as_slice() else { panic!("{flow:?}") };
        assert!(first.pattern.outcome.is_empty() && first.pattern.status == [200, 403]);
        assert_eq!(second.pattern.title(), "CallStatusEvent RING");
        assert_eq!(second.pattern.outcome, [Outcome::Ok]);
        let paths: Vec<String> = second.pattern.request.iter().map(|member| member.path.join("/")).collect();
        assert_eq!(paths, ["status", "custom/a", "sdp/x"]);
        assert_eq!(second.within, Some(Span::from_milliseconds(1_500)));
        assert_eq!(second.answered_within, Some(Span::from_milliseconds(500)));
        assert!(second.optional && second.least == 1 && second.most == Some(3));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let step = "[[step]]\nmethod = \"call\"\n";
        for (text, line, column, words) in [
            ("[flow\n", 1, 6, ""),
            ("[flow]\nname = \"x\"\n", 1, 1, "has no `step`"),
            (&format!("{step}repaet = true\n"), 3, 1, "`repaet`; did you mean `repeat`?"),
            (&format!("{step}stat = 1\n"), 3, 1, "there are method, status, outcome"),
            ("[[step]]\nmethod = \"cal\"\n", 2, 10, "did you mean \"call\"?"),
            ("[[step]]\nmethod = \"nothing\"\n", 2, 10, "`hookscope methods`"),
            ("[[step]]\nstatus = 200\n", 1, 1, "a step has no `method`"),
            (&format!("[flow]\nper = \"cal\"\n{step}"), 2, 7, "did you mean `call`?"),
            (
                "[flow]\nper = \"call\"\n[[step]]\nmethod = \"connect\"\n",
                4,
                10,
                "connect is no hook of a call",
            ),
            (&format!("{step}status = \"RING\"\n"), 3, 10, "stands in `request`"),
            (&format!("{step}outcome = \"okay\"\n"), 3, 11, "`outcome` cannot be \"okay\""),
            (&format!("{step}within = \"2s\"\n"), 1, 1, "the first step has none"),
            (&format!("{step}{step}after = \"call\"\n"), 3, 1, "there is no `within`"),
            (
                &format!("{step}{step}within = \"1s\"\nafter = \"cal\"\n"),
                6,
                9,
                "no step before has the method \"cal\"; did you mean `call`?",
            ),
            (&format!("{step}answered-within = 2\n"), 3, 19, "is a string"),
            (&format!("{step}answered-within = \"2 h\"\n"), 3, 19, "is a duration"),
            (&format!("{step}repeat = \"3..1\"\n"), 3, 10, "`repeat` is true"),
            (&format!("{step}request = {{ a = {{ pattern = \"(\" }} }}\n"), 3, 29, "unclosed group"),
            (&format!("{step}request = {{ a = [[1]] }}\n"), 3, 18, "an expected value is"),
            (&format!("{step}request = 5\n"), 3, 11, "`request` is a table"),
            ("step = 5\n", 1, 8, "[[step]]"),
            ("step = []\n", 1, 8, "1 to 2000 steps"),
        ] {
            let error = read("file", text).unwrap_err();
            assert!(error.what.contains(words), "{text}: {error}");
            assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
        }
    }
}
