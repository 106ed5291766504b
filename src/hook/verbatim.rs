//! JSON that is written as it stands.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

/// The name by which `serde_json` knows that what follows is JSON already.
const TOKEN: &str = "$serde_json::private::RawValue";

/// Valid JSON, written as it stands: what [`RawValue`](serde_json::value::RawValue) is, but not read all over again before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verbatim<'j>(pub(crate) &'j str);

impl Serialize for Verbatim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct(TOKEN, 1)?;
        json.serialize_field(TOKEN, self.0)?;
        json.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn json_is_written_as_it_stands() {
        let list = [Verbatim("{\"a\":  1}"), Verbatim("\"\u{e9}\\n\"")];
        assert_eq!(serde_json::to_string(&list).unwrap(), "[{\"a\":  1},\"\u{e9}\\n\"]");
        assert_eq!(serde_json::to_value(list).unwrap(), json!([{"a": 1}, "\u{e9}\n"]));
        assert_eq!(
            serde_json::from_str::<Value>(&serde_json::to_string_pretty(&list).unwrap()).unwrap().to_string(),
            "[{\"a\":1},\"\u{e9}\\n\"]"
        );
    }
}
