//! What `hookscope replay` prints, run by a shell, delivers the octets that were captured.

use crate::folder;
use crate::support::scenarios::{SCENARIOS, Scenario};
use hookscope::capture::{Capture, Captures};
use hookscope::hook::Hook;
use hookscope::limits::Limits;
use hookscope::report::{Document, Masked, Redaction, Replay};
use hookscope::session::{Case, Options};
use hookscope::{pipeline, rules};
use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// A request as a server got it.
struct Received {
    start: String,
    fields: Vec<String>,
    body: Vec<u8>,
}

/// Takes in one request, and answers it.
fn serve(listener: &TcpListener) -> Received {
    let (mut stream, _) = listener.accept().unwrap();
    let mut octets = Vec::new();
    let mut buffer = [0; 8_192];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        octets.extend(&buffer[..count]);
        if let Some(received) = parse(&octets) {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
            stream.write_all(answer).unwrap();
            return received;
        }
        assert!(count > 0, "the request ends too early: {}", String::from_utf8_lossy(&octets));
    }
}

fn parse(octets: &[u8]) -> Option<Received> {
    let head = octets.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = String::from_utf8(octets[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n").map(str::to_owned);
    let start = lines.next().unwrap();
    let fields: Vec<String> = lines.collect();
    let length = fields.iter().find_map(|field| field.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    let body = &octets[head + 4..];
    (body.len() >= length).then(|| Received { start, fields, body: body.to_vec() })
}

/// Runs a script for the shell, and returns what the server got.
fn run(script: &str, listener: &TcpListener) -> Received {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).env_remove("http_proxy").env("no_proxy", "*");
    for name in variables(script) {
        shell.env(name, placeholder(name));
    }
    let child =
        shell.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let received = serve(listener);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}");
    received
}

/// The variables that a script asks for.
fn variables(script: &str) -> Vec<&str> {
    script.lines().filter_map(|line| Some(line.strip_prefix(": \"${")?.split_once(":?")?.0)).collect()
}

fn placeholder(name: &str) -> String {
    format!("<<{name}>>")
}

fn case(scenario: &Scenario) -> Case {
    let limits = Limits::default();
    let reader = Box::new(Cursor::new((scenario.build)()));
    let capture = Capture::from_reader(reader, Path::new(scenario.name), 0, &limits).unwrap();
    let options = Options { keep_exchanges: true, ..Options::default() };
    pipeline::read(Captures::new(vec![capture]), &limits, options)
}

fn script(case: &Case, index: usize, to: &str, redaction: &Redaction) -> Option<String> {
    let (findings, verdict) = rules::judge(case);
    let document = Document::new(case, &findings, &verdict, redaction.clone());
    let replay = Replay::new(case, &document, &format!("h{}", index + 1), Some(to), redaction).ok()?;
    let mut script = Vec::new();
    replay.render(&mut script).unwrap();
    Some(String::from_utf8(script).unwrap())
}

/// Whether text is a pattern's, in which placeholders stand for something.
fn fits(text: &str, pattern: &str, names: &[&str]) -> bool {
    let mut parts = vec![pattern.to_owned()];
    for name in names {
        let placeholder = placeholder(name);
        parts = parts.iter().flat_map(|part| part.split(&placeholder).map(str::to_owned)).collect();
    }
    let mut rest = text;
    for (place, part) in parts.iter().enumerate() {
        let Some((before, behind)) = rest.split_once(part.as_str()) else { return false };
        if place == 0 && !before.is_empty() {
            return false;
        }
        rest = behind;
    }
    parts.len() > 1 || rest.is_empty()
}

fn body(hook: &Hook) -> &[u8] {
    &hook.exchange.as_ref().unwrap().request.as_ref().unwrap().body.octets
}

/// The samples that are tried: one for each kind of bodies and heads.
const TRIED: [&str; 9] = [
    "http-authorization.pcap",
    "http-chunked.pcap",
    "http-gzip.pcap",
    "http-absolute-form.pcap",
    "secrets-masked.pcap",
    "secrets-in-clear.pcap",
    "values-in-other-spellings.pcap",
    "web-phone-connection.pcap",
    "web-phone-messaging.pcap",
];

#[test]
fn the_command_delivers_the_octets_that_were_captured() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "curl is needed");
        println!("skipped: no curl");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}", listener.local_addr().unwrap());
    let mut tried = 0;
    let mut with_variables = 0;
    for scenario in SCENARIOS.iter().filter(|scenario| TRIED.contains(&scenario.name)) {
        let case = case(scenario);
        for (index, record) in case.hooks.iter().enumerate() {
            let open = Redaction { masked: Masked::Nothing, ..Redaction::default() };
            let Some(plain) = script(&case, index, &to, &open) else { continue };
            let received = run(&plain, &listener);
            assert_eq!(received.body, body(record), "{} h{}", scenario.name, index + 1);
            let target = record.target.strip_prefix("http://").map_or_else(
                || record.target.to_string(),
                |rest| format!("/{}", rest.split_once('/').unwrap().1),
            );
            assert_eq!(received.start, format!("POST {target} HTTP/1.1"));
            let sent = &record.exchange.as_ref().unwrap().request.as_ref().unwrap().fields;
            for (name, value) in sent
                .iter()
                .filter(|(name, _)| *name != "Host" && !name.starts_with("Con") && !name.starts_with("Tra"))
            {
                let field = format!("{name}: {value}");
                assert!(received.fields.contains(&field), "{field} of {:?}", received.fields);
            }
            let masked = script(&case, index, &to, &Redaction::default()).unwrap();
            let names = variables(&masked);
            let received = run(&masked, &listener);
            let original = String::from_utf8_lossy(body(record));
            assert!(fits(&original, &String::from_utf8_lossy(&received.body), &names), "{masked}");
            with_variables += usize::from(!names.is_empty());
            tried += 1;
        }
    }
    assert!(tried > 20 && with_variables > 3, "{tried} hooks, {with_variables} with secrets");
    assert!(folder("samples").exists());
}

#[test]
fn a_hook_that_was_not_captured_whole_is_not_repeated() {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "snap-length.pcap").unwrap();
    let case = case(scenario);
    let refused = (0..case.hooks.len())
        .filter(|index| script(&case, *index, "http://x", &Redaction::default()).is_none());
    assert_eq!(refused.count(), 1);
}
