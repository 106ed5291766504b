//! The report as a page: every sample's is sound HTML, refers to nothing outside, and shows no secret.

use crate::samples;
use crate::support::builder::wcs::{BASE, Client, HOST, to_backend};
use crate::support::builder::{Capture, http};
use crate::support::scenarios::SCENARIOS;
use hookscope::capture::{self, Captures};
use hookscope::limits::Limits;
use hookscope::report::{Document, render_html};
use hookscope::session::Options;
use hookscope::{pipeline, rules};
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

/// The page on a capture.
pub fn page(name: &str, octets: Vec<u8>, redact: bool) -> String {
    let limits = Limits::default();
    let reader = Box::new(Cursor::new(octets));
    let capture = capture::Capture::from_reader(reader, Path::new(name), 0, &limits).unwrap();
    let options = Options { keep_exchanges: true, ..Options::default() };
    let case = pipeline::read(Captures::new(vec![capture]), &limits, options);
    let (findings, verdict) = rules::judge(&case);
    rendered(&Document::new(&case, &findings, &verdict, redact))
}

fn rendered(document: &Document) -> String {
    let mut out = Vec::new();
    render_html(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page on a sample.
pub fn of_sample(name: &str) -> String {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
    page(&format!("samples/{name}"), (scenario.build)(), true)
}

/// What tries to become a part of the page.
pub const HOSTILE: &str =
    "</pre></script><script>document.title='taken'</script><img src=x onerror=alert(1)>\"'`{{x}}&amp;";
/// What tries to look like something else.
const DISGUISED: &str = "\u{202e}txt\u{200b}\u{7f}";

/// A capture whose every text is hostile.
pub fn hostile() -> Vec<u8> {
    let client = Client {
        session_id: format!("/203.0.113.66:1/{HOSTILE}{DISGUISED}"),
        app_key: format!("app{HOSTILE}"),
        ..Client::new(66)
    };
    let mut backend = to_backend(40_066, 0);
    let call = client.call(&format!("id{HOSTILE}"), &format!("RING{HOSTILE}{DISGUISED}"));
    let page = format!("<html>\u{1}\u{1b}[31m{HOSTILE}{DISGUISED}\r\n\tend</html>");
    let fields = [("Content-Type", "text/html"), ("X-Taken", HOSTILE)];
    backend
        .handshake()
        .ok("connect", &client.connect())
        .ok("CallStatusEvent", &call)
        .hook("call", &call, &http::response("500 Broken", &fields, page.as_bytes()))
        .hook("Call\"'<b>", &call, &http::json("{}"));
    let target = format!("{BASE}/hangup?x={}", HOSTILE.replace(' ', "+"));
    backend.exchange(&http::post(&target, HOST, &call), &http::json(&call), 1_000_000);
    Capture::of([backend]).ethernet()
}

/// A capture of so many hooks in sessions of fifty.
pub fn large(hooks: u16) -> Vec<u8> {
    let mut backend = to_backend(40_067, 0);
    backend.handshake();
    for number in 0..hooks / 50 {
        let mut client = Client::new(number % 200);
        client.session_id = format!("/203.0.113.{}:{}/192.0.2.10:8443", number % 250, 20_000 + number);
        backend.ok("connect", &client.connect());
        for call in 0..48 {
            let body = client.call(&format!("call-{number}-{call}"), "RING");
            if call == 7 && number % 10 == 3 {
                backend.hook("CallStatusEvent", &body, &http::html("500 Internal Server Error"));
            } else {
                backend.ok("CallStatusEvent", &body);
            }
        }
        backend.disconnect(&client);
    }
    Capture::of([backend]).ethernet()
}

fn select(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// Checks all that holds for each page.
pub fn assert_sound(name: &str, text: &str) {
    let html = Html::parse_document(text);
    assert!(html.errors.is_empty(), "{name}: {:?}", html.errors);
    assert_self_contained(name, &html);
    assert_accessible(name, &html);
    let stray = |c: &char| {
        (c.is_control() && *c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
    };
    assert_eq!(text.chars().find(stray), None, "{name}");
}

/// Nothing refers to anything but what the page has, once.
fn assert_self_contained(name: &str, html: &Html) {
    let mut ids = BTreeSet::new();
    for element in html.select(&select("[id]")) {
        let id = element.attr("id").unwrap();
        assert!(ids.insert(id), "{name}: {id} twice");
    }
    for element in html.select(&select("*")) {
        for (attribute, value) in element.value().attrs() {
            let sound = match attribute {
                "href" => value.strip_prefix('#').is_some_and(|target| ids.contains(target)),
                "aria-labelledby" | "for" => value.split(' ').all(|target| ids.contains(target)),
                "src" | "srcset" | "action" | "data" | "ping" | "xlink:href" | "style" => false,
                _ => !attribute.starts_with("on"),
            };
            assert!(sound, "{name}: <{} {attribute}={value:?}>", element.value().name());
        }
    }
    let outside = "link, iframe, object, embed, form, base, img, script ~ script, style ~ style";
    assert_eq!(html.select(&select(outside)).count(), 0, "{name}");
}

/// Headings in order, tables with heads, drawings with words.
fn assert_accessible(name: &str, html: &Html) {
    let mut level = 0;
    for heading in html.select(&select("h1, h2, h3, h4")) {
        let own: usize = heading.value().name().trim_start_matches('h').parse().unwrap();
        assert!(own <= level + 1, "{name}: a heading of level {own} below one of level {level}");
        level = own;
    }
    assert_eq!(html.select(&select("h1")).count(), 1, "{name}");
    assert_eq!(html.select(&select("th:not([scope]), table:not(:has(caption))")).count(), 0, "{name}");
    for drawing in html.select(&select("svg:not([aria-hidden])")) {
        assert_eq!(drawing.attr("role"), Some("img"), "{name}");
        assert_eq!(drawing.select(&select("desc")).count(), 1, "{name}");
    }
}

#[test]
fn every_sample_is_a_sound_page_without_secrets() {
    for scenario in SCENARIOS {
        let text = page(&format!("samples/{}", scenario.name), (scenario.build)(), true);
        assert_sound(scenario.name, &text);
        assert!(!text.contains("planted-secret"), "{}: a secret is shown", scenario.name);
        assert!(!text.contains("NOT masked"), "{}", scenario.name);
    }
}

#[test]
fn the_same_capture_gives_the_same_octets() {
    assert_eq!(of_sample("web-phone-call.pcap"), of_sample("web-phone-call.pcap"));
}

#[test]
fn a_page_without_masking_says_so() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "session-sip.pcap").unwrap();
    let open = page(scenario.name, (scenario.build)(), false);
    assert!(open.contains("planted-secret") && open.contains("NOT masked"));
}

#[test]
fn hooks_are_found_by_their_frames() {
    let html = Html::parse_document(&of_sample("timeout.pcap"));
    let step = html.select(&select("li#frame-12")).next().unwrap();
    assert_eq!(step.attr("data-outcome"), Some("unanswered"));
    assert!(step.text().collect::<String>().contains("no answer: WCS gave up"));
    assert_eq!(html.select(&select(".verdict a[href='#frame-12']")).count(), 1);
    assert_eq!(html.select(&select("#frame-6.response")).count(), 1);
    assert_eq!(html.select(&select(".plot path.unanswered title")).count(), 1);
}

#[test]
fn bodies_and_header_fields_are_folded_and_indented() {
    let html = Html::parse_document(&of_sample("timeout.pcap"));
    let body = html.select(&select("li#frame-12 > details:not([open]) pre.body")).next().unwrap();
    let text = body.text().collect::<String>();
    assert!(text.starts_with("{\n  \"nodeId\": \"Hw47"), "{text}");
    let head = html.select(&select("li#frame-12 pre.head")).next().unwrap().text().collect::<String>();
    assert!(head.starts_with("POST /rest/my_api/call HTTP/1.1\n") && head.contains("Host: "), "{head}");
}

#[test]
fn what_is_hostile_stays_text() {
    let text = page("<b>&\"'\u{1b}[31m.pcap", hostile(), true);
    assert_sound("hostile", &text);
    let html = Html::parse_document(&text);
    assert_eq!(html.select(&select("script")).count(), 1);
    assert_eq!(
        html.select(&select("b, i, img")).filter(|element| element.attr("onerror").is_some()).count(),
        0
    );
    let bodies: Vec<String> =
        html.select(&select("pre.body")).map(|body| body.text().collect::<String>()).collect();
    let page = bodies.iter().find(|body| body.starts_with("<html>")).unwrap();
    assert_eq!(
        *page,
        format!("<html>\\x01\\x1b[31m{HOSTILE}\\u{{202e}}txt\\u{{200b}}\\x7f\n    end</html>\n")
    );
    let name = html.select(&select(".session > summary h3")).next().unwrap().text().collect::<String>();
    assert!(name.contains("<script>") && name.contains("\\u{202e}"), "{name}");
}

#[test]
fn two_files_keep_their_frames_apart() {
    let limits = Limits::default();
    let mut captures = Vec::new();
    for (place, name) in [(0, "timeout.pcap"), (1, "refused-later.pcap")] {
        let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
        let reader = Box::new(Cursor::new((scenario.build)()));
        captures.push(capture::Capture::from_reader(reader, Path::new(name), place, &limits).unwrap());
    }
    let case = pipeline::read(Captures::new(captures), &limits, Options::default());
    let (findings, verdict) = rules::judge(&case);
    let text = rendered(&Document::new(&case, &findings, &verdict, true));
    assert_sound("two files", &text);
    assert!(
        text.contains("id=\"frame-timeout.pcap-4\"") && text.contains("id=\"frame-refused-later.pcap-4\"")
    );
}

#[test]
fn a_page_is_bounded_and_counts_what_it_leaves_out() {
    let text = page("large.pcap", large(12_000), true);
    assert_sound("large", &text);
    let html = Html::parse_document(&text);
    assert_eq!(html.select(&select("li.step")).count(), 10_000);
    let failed = samples::read("large.pcap", large(12_000));
    let failed = failed.hooks.iter().filter(|hook| hook.outcome.name() == "failed").count();
    assert_eq!(html.select(&select("li.step.failed")).count(), failed);
    assert_eq!(html.select(&select("li.step.failed pre.body")).count(), 2 * failed);
    assert!(html.select(&select(".plot a path")).count() <= 1_000);
    let more: u32 = html
        .select(&select(".session > .more"))
        .map(|more| more.text().collect::<String>().split(' ').nth(1).unwrap().parse::<u32>().unwrap())
        .sum();
    assert_eq!(more, 2_000);
    assert!(text.len() < 30_000_000, "{} octets", text.len());
}
