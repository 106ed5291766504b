//! Tests as `JUnit`'s XML, whatever was tested.

use crate::report::document::{Capture, Tool};
use crate::report::escape::for_terminal;
use crate::time::{Span, Timestamp};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io::{self, Write};

/// How a test went.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Passed,
    Skipped,
    Failed,
    /// There was nothing to test.
    Error,
}

/// A test.
pub(crate) struct Test {
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// Why it did not pass.
    pub(crate) message: String,
    /// All that there is to say.
    pub(crate) told: String,
    pub(crate) time: Span,
}

/// The tests of some captures.
pub(crate) struct Suite<'d> {
    pub(crate) tool: &'d Tool,
    pub(crate) redacted: bool,
    pub(crate) captures: &'d [Capture],
    /// What is to be known of all tests, beside what captures tell.
    pub(crate) properties: Vec<(&'static str, String)>,
    pub(crate) tests: Vec<Test>,
}

impl Suite<'_> {
    /// Writes the tests.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let spans = self.captures.iter().filter_map(|capture| {
            Some((time(capture.first_time.as_ref())?, time(capture.last_time.as_ref())?))
        });
        let (firsts, lasts): (Vec<_>, Vec<_>) = spans.unzip();
        let first = firsts.into_iter().min();
        let all = first.zip(lasts.into_iter().max()).map(|(first, last)| last.since(first));
        let counts = counts(&self.tests, all.unwrap_or_default());
        let attributes = || counts.iter().map(|(name, value)| (*name, value.as_str()));
        let paths: Vec<&str> = self.captures.iter().map(|capture| capture.path.as_str()).collect();
        let name = for_terminal(&paths.join(", ")).into_owned();
        // JUnit's times have no zone and no fraction; these are UTC.
        let timestamp = first.map(|first| first.rfc3339().chars().take(19).collect::<String>());
        let mut writer = Writer::new_with_indent(out, b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let suites = writer.create_element("testsuites").with_attribute(("name", self.tool.name.as_str()));
        // The schema has no count of skipped tests here.
        let of_all = attributes().filter(|(name, _)| *name != "skipped");
        suites.with_attributes(of_all).write_inner_content(|writer| {
            let suite = writer.create_element("testsuite").with_attribute(("name", name.as_str()));
            let suite = suite.with_attributes(attributes());
            let suite = suite.with_attributes(timestamp.iter().map(|time| ("timestamp", time.as_str())));
            suite.write_inner_content(|writer| {
                self.write_properties(writer)?;
                self.tests.iter().try_for_each(|test| write(test, writer))
            })?;
            Ok(())
        })?;
        writeln!(writer.into_inner())
    }

    /// What is to be known of all tests.
    fn write_properties<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        let own = [("version", self.tool.version.clone()), ("redacted", self.redacted.to_string())];
        let digests = self.captures.iter().filter_map(|capture| Some(("sha256", capture.sha256.clone()?)));
        let properties = own.into_iter().chain(self.properties.iter().cloned()).chain(digests);
        writer.create_element("properties").write_inner_content(|writer| {
            for (name, value) in properties {
                let property = writer.create_element("property").with_attribute(("name", name));
                property.with_attribute(("value", for_terminal(&value).as_ref())).write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn counts(tests: &[Test], time: Span) -> [(&'static str, String); 5] {
    let count = |outcome| tests.iter().filter(|test| test.outcome == outcome).count().to_string();
    [
        ("tests", tests.len().to_string()),
        ("failures", count(Outcome::Failed)),
        ("errors", count(Outcome::Error)),
        ("skipped", count(Outcome::Skipped)),
        ("time", seconds(time)),
    ]
}

fn write<W: Write>(test: &Test, writer: &mut Writer<W>) -> io::Result<()> {
    let message = for_terminal(&test.message);
    let told = BytesText::new(&test.told);
    let case = writer
        .create_element("testcase")
        .with_attribute(("classname", test.class.as_str()))
        .with_attribute(("name", test.name.as_str()))
        .with_attribute(("time", seconds(test.time).as_str()));
    let element = match test.outcome {
        Outcome::Passed if test.told.is_empty() => {
            case.write_empty()?;
            return Ok(());
        }
        Outcome::Passed => "system-out",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failure",
        Outcome::Error => "error",
    };
    case.write_inner_content(|writer| {
        let mut inner = writer.create_element(element);
        if matches!(test.outcome, Outcome::Failed | Outcome::Error) {
            inner = inner.with_attribute(("type", test.name.as_str()));
        }
        if test.outcome != Outcome::Passed {
            inner = inner.with_attribute(("message", message.as_ref()));
        }
        inner.write_text_content(told)?;
        Ok(())
    })?;
    Ok(())
}

fn time(text: Option<&String>) -> Option<Timestamp> {
    Timestamp::from_rfc3339(text?)
}

/// Seconds with three decimals, none below zero.
fn seconds(span: Span) -> String {
    format!("{:.3}", span.seconds().max(0.0))
}
