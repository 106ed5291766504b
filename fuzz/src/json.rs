//! JSON: what is read where it stands is what a parser reads, and a cut body shows no member that the whole has not.

use hookscope::hook::{JsonObject, Members};
use hookscope::http::{Body, Completeness};
use serde_json::{Map, Value};

/// Members of a body.
pub(crate) fn members(octets: &[u8], completeness: Completeness) -> Members {
    let body = Body { octets: octets.to_vec(), wire_len: octets.len() as u64, ..Body::default() };
    Members::read(&body, completeness)
}

/// Checks octets that are a body.
pub fn check(input: &[u8]) {
    let whole = members(input, Completeness::Whole);
    let text = String::from_utf8_lossy(input);
    let tree = serde_json::from_str::<Value>(&text);
    assert_eq!(whole.is_whole(), matches!(tree, Ok(Value::Object(_))), "{tree:?}");
    if let Ok(Value::Object(tree)) = &tree {
        assert_eq!(&whole.map(), tree);
        for (name, value) in tree {
            let member = whole.get(name).map(|member| member.value());
            assert_eq!(member.as_ref(), Some(value).filter(|value| !value.is_null()), "{name}");
        }
        assert_eq!(whole.iter().count(), tree.len(), "no name twice");
    }
    if let Some(object) = JsonObject::read(&text) {
        assert_eq!(Some(Value::Object(object.map())), tree.ok());
        assert_eq!(JsonObject::of(&object.map()).map(), object.map());
    }
    for place in [input.len() / 2, input.len().saturating_sub(1)] {
        let seen = members(&input[..place], Completeness::NotCaptured);
        assert!(
            !seen.is_whole()
                || serde_json::from_slice::<Map<String, Value>>(&input[..place]).is_ok()
                || text.contains('\u{fffd}')
        );
    }
}
