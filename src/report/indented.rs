//! Indented JSON, as `serde_json`'s own formatter writes it, with one write for each line's beginning instead of one for
//! each level.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// A line's end and the deepest indentation that is written at once.
const INDENTATION: &[u8; 65] = b"\n                                                                ";
/// Blanks for each level.
const STEP: usize = 2;

/// Octets that most values have room in.
const ROOM: usize = 2 << 10;

/// Writes two blanks for each level.
#[derive(Default)]
pub(super) struct Indented {
    depth: usize,
    has_value: bool,
}

/// The JSON of a value that stands so deep in another one.
pub(super) fn json(value: &impl Serialize, depth: usize) -> io::Result<String> {
    let mut json = Vec::with_capacity(ROOM);
    value.serialize(&mut Serializer::with_formatter(&mut json, Indented { depth, has_value: false }))?;
    String::from_utf8(json).map_err(io::Error::other)
}

impl Indented {
    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        let mut blanks = self.depth * STEP;
        let length = blanks.min(INDENTATION.len() - 1);
        out.write_all(INDENTATION.get(..=length).unwrap_or(INDENTATION))?;
        blanks -= length;
        (0..blanks).try_for_each(|_| out.write_all(b" "))
    }

    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(&[bracket])
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(out)?;
        }
        out.write_all(&[bracket])
    }

    fn next<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }
}

impl Formatter for Indented {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b'[')
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b']')
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b'{')
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b'}')
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn it_is_what_the_usual_formatter_writes() {
        let deep = (0..40).fold(json!([1, "a\nb"]), |inner, _| json!({"a": [inner], "b": {}, "c": []}));
        for value in [json!({}), json!([]), json!(1), json!([[], {}]), deep, Value::Null] {
            let mut own = Vec::new();
            value.serialize(&mut Serializer::with_formatter(&mut own, Indented::default())).unwrap();
            assert_eq!(String::from_utf8(own).unwrap(), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
