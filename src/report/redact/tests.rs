use super::*;
use crate::rules::read_sample;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn redactor(secrets: &[&str]) -> Redactor {
    Redactor {
        masked: Masked::Secrets,
        finder: &FINDER,
        known: Arc::new(Known::new(
            &secrets.iter().map(|secret| (*secret).to_owned()).collect::<BTreeSet<_>>(),
        )),
        identities: None,
        memory: Memory::default(),
        latest: RefCell::default(),
        masks: Masks::keyed(b"test"),
    }
}

/// With masks shortened to `***`.
fn masked(redactor: &Redactor, text: &str) -> String {
    let masked = redactor.text(text);
    let mut parts = masked.split("***");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(3).unwrap_or(("", part));
        assert!(digits.bytes().all(|octet| octet.is_ascii_hexdigit()), "{masked}");
        text + "***" + rest
    })
}

#[test]
fn what_other_captures_give_away_is_known() {
    let case = read_sample("secrets-in-hooks.pcap");
    let known = |masked| Redaction { masked, ..Redaction::default() }.knowing(&[&case]).known;
    assert!(known(Masked::Nothing).is_empty());
    let known = known(Masked::Secrets);
    assert!(known.contains("kq7-Vd01-basic") && known.contains("plain11S3cret"), "{known:?}");
    assert_eq!([true, false].map(|on| Redaction::from(on).masked), [Masked::Secrets, Masked::Nothing]);
}

#[test]
fn nothing_is_masked_where_nothing_is_to_be() {
    let case = read_sample("secrets-in-hooks.pcap");
    let open = Redactor::new(&case, &Redaction::from(false));
    let text = "password=kq7-Vd01-basic";
    assert!(!open.is_active() && open.spans(text).is_empty() && !open.holds_known(text));
    assert_eq!(open.text(text), text);
    assert_eq!(open.field("Cookie", "a=b"), ("Cookie".to_owned(), "a=b".to_owned()));
    let closed = Redactor::new(&case, &Redaction::from(true));
    assert!(closed.is_active() && closed.holds_known(text) && !closed.text(text).contains("kq7"));
}

#[test]
fn secrets_have_their_places() {
    let redactor = redactor(&["s3cret-value"]);
    let at = |spans: Vec<Range<usize>>, text: &str| -> Vec<String> {
        spans.into_iter().map(|span| text.get(span).unwrap().to_owned()).collect()
    };
    for (text, secrets) in [
        ("a s3cret-value b", &["s3cret-value"][..]),
        (r#"{"password":"","x":"y"}"#, &[]),
        (r#"{"password":"abc","token":"def"}"#, &["abc", "def"]),
        ("nothing", &[]),
    ] {
        assert_eq!(at(redactor.spans(text), text), secrets, "{text}");
    }
    let head = "POST /x?token=abc HTTP/1.1\r\nAuthorization: Basic ghi\r\nX-Token:  jkl \r\nX-Api-Key:\r\nHost: a\r\na token: mno\r\n\r\n";
    assert_eq!(at(redactor.head_spans(head), head), ["abc", "ghi", "jkl", "mno"]);
}

#[test]
fn secrets_in_text_are_masked_and_nothing_else() {
    let redactor = redactor(&[]);
    for (text, expected) in [
        ("/playHLS?token=abc123&name=x", "/playHLS?token=***&name=x"),
        ("/a?access_token%3Dabc%26x=1", "/a?access_token%3D***%26x=1"),
        ("rtsp://user:pa55@host/x", "rtsp://user:***@host/x"),
        ("sip:100:pa55@host", "sip:100:***@host"),
        ("rtsp://t0ken@camera/1", "rtsp://***@camera/1"),
        ("/x?auth=abc&name=y", "/x?auth=***&name=y"),
        (";transport=ws;auth=abc;x=1", ";transport=ws;auth=***;x=1"),
        ("Invalid: Bearer eyJhbGciOi.x", "Invalid: Bearer ***"),
        ("sip:100@host:5060", "sip:100@host:5060"),
        ("Authorization: Digest username=\"a\"\r\nVia: b", "Authorization: Digest ***\r\nVia: b"),
        (
            r#"{"m":"Authorization: Digest u=\"a\", r=\"b\"","x":"y"}"#,
            r#"{"m":"Authorization: Digest ***","x":"y"}"#,
        ),
        (r#"{"m":"Cookie: a=b\r\nVia: c","x":"y"}"#, r#"{"m":"Cookie: a=***\r\nVia: c","x":"y"}"#),
        ("Set-Cookie: id=a3; Path=/; HttpOnly\r\nX: y", "Set-Cookie: id=***; Path=/; HttpOnly\r\nX: y"),
        ("{\"sipPassword\":\"pa55 word", "{\"sipPassword\":\"***"),
        ("a=ice-pwd:abcdef\r\na=mid:0", "a=ice-pwd:***\r\na=mid:0"),
        (r#""sdp":"a=crypto:1 x inline:a\/b|2\r\na=mid:0""#, r#""sdp":"a=crypto:***\r\na=mid:0""#),
        ("{\\\"password\\\":\\\"x1\\\"}", "{\\\"password\\\":\\\"***\\\"}"),
        ("custom=%7B%22pin%22%3A%22abc%22%7D&password=a+b", "custom=***&password=***"),
        ("x={&quot;password&quot;:&quot;abc&quot;}", "x={&quot;password&quot;:&quot;***&quot;}"),
        ("{\"a\":{\"password\":12345},\"b\":1}", "{\"a\":{\"password\":\"***\"},\"b\":1}"),
        ("login with token zX91kq2 failed", "login with token *** failed"),
        ("the password is swordfish.", "the password is ***"),
        ("the password is wrong, the token is invalid", "the password is wrong, the token is invalid"),
        ("Basic authentication required", "Basic authentication required"),
        ("update app -p <password> <name>", "update app -p <password> <name>"),
        ("<token>ab c", "<token>***"),
        ("<ns:authToken a=\"b\">abc</ns:authToken>", "<ns:authToken a=\"b\">***</ns:authToken>"),
        ("a plain text: 12:30, http://host:8081/EchoApp", "a plain text: 12:30, http://host:8081/EchoApp"),
        ("token=***a3f&password=***", "token=***a3f&password=***"),
    ] {
        let expected = if expected.contains("***a3f") { "token=***&password=***" } else { expected };
        let text = if text.contains("***a3f") { "token=a3f&password=x" } else { text };
        assert_eq!(masked(&redactor, text), expected);
    }
    assert_eq!(redactor.text("token=***a3f&password=***"), "token=***a3f&password=***");
}

#[test]
fn secrets_in_members_are_masked_at_any_depth() {
    let members = serde_json::json!({
        "sipPassword": "a", "custom": {"x": ["deep", 7], "ok": true}, "name": "n",
        "payload": "{\"inner\":\"{\\\"userToken\\\":\\\"b\\\"}\"}",
    });
    let redactor = redactor(&[]);
    let masked = redactor.members(&JsonObject::of(members.as_object().unwrap())).as_str().to_owned();
    let of = |value| redactor.masks.of(Kind::Secret, value);
    let expected = format!(
        r#"{{"sipPassword":"{}","custom":{{"x":["{}","{}"],"ok":true}},"name":"n","payload":"{{\"inner\":\"{{\\\"userToken\\\":\\\"{}\\\"}}\"}}"}}"#,
        of("a"),
        of("deep"),
        of("7"),
        of("b")
    );
    assert_eq!(masked, expected);
}

#[test]
fn the_same_secret_has_the_same_mask_however_it_is_written() {
    let redactor = redactor(&["p/w \"9\""]);
    let texts = [
        r#"{"password":"p\/w \"9\""}"#,
        "?password=p%2Fw+%229%22&x",
        r#"{"x":"{\"password\":\"p/w \\\"9\\\"\"}"}"#,
        "said p/w \"9\" twice",
    ];
    let masks = texts.map(|text| {
        let masked = redactor.text(text);
        let at = masked.find("***").unwrap();
        masked.get(at..at + 6).unwrap().to_owned()
    });
    assert!(masks.iter().all(|mask| *mask == masks[0]), "{masks:?}");
    assert_eq!(redactor.field("Authorization", "Bearer abc").1, format!("Bearer {}", redactor.secret("abc")));
}

/// JSON with a secret under a secret name, somewhere.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-f/\\\\\"' {}:,\u{e9}]{0,12}".prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-f]{1,5}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let step = (0..4_u8, tree.clone(), tree);
    (prop::collection::vec(step, 0..5), 0..4_u8).prop_map(|(steps, held)| {
        let secret = match held {
            0 => serde_json::json!([SECRET, {"k": SECRET}]),
            1 => serde_json::json!({"a": {"b": SECRET}}),
            _ => SECRET.into(),
        };
        let innermost = serde_json::json!({ "sipPassword": secret });
        steps.into_iter().fold(innermost, |value, (how, before, behind)| match how {
            0 => serde_json::json!([before, value, behind]),
            1 => serde_json::json!({"a": before, "b": value.to_string(), "c": behind}),
            _ => serde_json::json!({"x": before, "y": value, "z": behind}),
        })
    })
}

const SECRET: &str = "Q7#\u{e9}\"W\\9/Z!K\nP=5&X+3%4";

/// Whether six octets in a row of the secret are there, as they are or escaped.
fn shows(text: &str) -> bool {
    let bare = view::canonical_octets(text.as_bytes()).into_owned();
    let secret = view::canonical_octets(SECRET.as_bytes()).into_owned();
    secret.windows(6).any(|part| bare.windows(6).any(|window| window == part))
}

proptest! {
    #[test]
    fn no_part_of_a_secret_remains_wherever_json_is_cut(document in document(), cut in 0..1_000_usize, escaped: bool) {
        let text = if escaped { document.to_string().replace('/', "\\/").replace('\u{e9}', "\\u00e9") } else { document.to_string() };
        let mut at = text.len() * cut / 1_000;
        while !text.is_char_boundary(at) {
            at += 1;
        }
        let redactor = redactor(&[]);
        prop_assert!(!shows(&redactor.text(&text)), "{}", redactor.text(&text));
        let cut = text.get(..at).unwrap();
        prop_assert!(!shows(&redactor.text(cut)), "{cut}\n{}", redactor.text(cut));
    }

    #[test]
    fn spans_are_in_order_and_apart(text in "[\"'\\\\{}:,= a&%2uFpassword\r\n]{0,60}") {
        let mut last = 0;
        for span in redactor(&["pass2a"]).spans(&text) {
            prop_assert!(span.start >= last && span.end <= text.len() && text.get(span.clone()).is_some());
            last = span.end;
        }
    }
}

/// The texts in a source file: what stands between quotation marks, but for comments.
fn texts(source: &str) -> Vec<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = source.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let text = regex::Regex::new(r#""(?:[^"\\]|\\(?s:.))*""#).unwrap();
    let joined = regex::Regex::new(r"\\\n\s*").unwrap();
    text.find_iter(&code)
        .map(|found| joined.replace_all(found.as_str().trim_matches('"'), "").into_owned())
        .collect()
}

#[test]
fn what_rules_say_is_not_taken_for_secrets() {
    let redactor = Redactor::new(&read_sample("empty.pcap"), &Redaction::default());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let (mut masked, mut count) = (Vec::new(), 0);
    for file in walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|file| file.file_type().is_file())
    {
        let source = std::fs::read_to_string(file.path()).unwrap();
        let own = source.split("#[cfg(test)]").next().unwrap();
        let all = texts(own);
        count += all.len();
        masked.extend(all.into_iter().filter(|text| redactor.text(text) != *text));
    }
    assert!(count > 500, "{count}");
    assert!(masked.is_empty(), "{masked:#?}");
}
