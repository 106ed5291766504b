//! However many threads share the work, the report is the same, octet for octet.

use crate::support::builder::wcs::{Client, call_id, to_backend};
use crate::support::builder::{Capture as Built, MS};
use crate::support::scenarios::SCENARIOS;
use hookscope::capture::{Capture, Captures};
use hookscope::limits::Limits;
use hookscope::pipeline;
use hookscope::report::{Document, HookList, render_hooks_ndjson, render_json, render_ndjson};
use hookscope::rules::{self, Scope};
use hookscope::session::Options;
use std::io::Cursor;
use std::path::Path;

/// The forms whose hooks are made while they are written.
fn streamed(octets: &[u8], threads: usize) -> Vec<Vec<u8>> {
    let limits = Limits { threads, ..Limits::default() };
    let reader = Box::new(Cursor::new(octets.to_vec()));
    let Ok(capture) = Capture::from_reader(reader, Path::new("test"), 0, &limits) else { return Vec::new() };
    let case = pipeline::read(Captures::new(vec![capture]), &limits, Options::default());
    let (findings, verdict) = rules::judge_on(&case, threads);
    let mut document = Document::streamed(&case, &findings, &verdict, true, Scope::default(), None);
    document.hooks.share(threads);
    let mut forms = vec![Vec::new(); 4];
    if let [json, ndjson, list, lines] = forms.as_mut_slice() {
        render_json(&document, json).unwrap();
        render_ndjson(&document, ndjson).unwrap();
        render_json(&HookList::of(&document), list).unwrap();
        render_hooks_ndjson(&document, lines).unwrap();
    }
    let whole = Document::new(&case, &findings, &verdict, true);
    let mut json = Vec::new();
    render_json(&whole, &mut json).unwrap();
    assert!(forms[0] == json, "hooks made beforehand are the same");
    forms
}

#[test]
fn samples_read_alike_on_any_number_of_threads() {
    for scenario in SCENARIOS {
        let octets = (scenario.build)();
        let one = streamed(&octets, 1);
        for threads in [2, 3] {
            assert!(streamed(&octets, threads) == one, "{} on {threads} threads", scenario.name);
        }
    }
}

#[test]
fn thousands_of_hooks_read_alike_on_any_number_of_threads() {
    let mut built = Built::new();
    for number in 1..=200 {
        let mut connection = to_backend(40_000 + number, u64::from(number) * 7 * MS);
        connection.handshake();
        let client = Client::new(number);
        connection.session(&client);
        for call in 0..3 {
            connection.call(&client, &call_id(number * 4 + call));
            connection.hangup(&client, &call_id(number * 4 + call));
        }
        built.add(connection);
    }
    let octets = built.ethernet();
    let one = streamed(&octets, 1);
    let hooks = one[3].split(|octet| *octet == b'\n').count();
    assert!(hooks > 2_000, "{hooks} lines");
    for threads in [2, 3, 8] {
        assert!(streamed(&octets, threads) == one, "{threads} threads");
    }
}
