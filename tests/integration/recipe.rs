//! Recipes: their filters compile, their commands are words of the shell, and what they let pass tells the same again.

use crate::command_line::{hookscope, told};
use crate::folder;
use crate::samples::judge;
use crate::support::scenarios::SCENARIOS;
use hookscope::report::{BackendUrl, Document, Recipe, Style, Wanted, render_json};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::process::{Command, Output};

/// URLs of all shapes, with a hostile one among them.
const URLS: &[&str] = &[
    "http://localhost:8081/apps/EchoApp",
    "http://127.0.0.1:9091/EchoApp",
    "http://198.51.100.20:8081/rest/my_api",
    "http://[2001:db8::20]:8081/rest",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]:1/",
    "https://backend.example.com/rest",
    "https://backend:65535",
    "http://b_1.example:53/",
    "http://backend/a'b$(reboot)&c;d!e*f,g=h@i:j~k+l",
    "http://user:planted-secret@backend:8080/x",
];

fn wanted(urls: &[&str]) -> Wanted {
    let urls = urls.iter().map(|url| url.parse().unwrap()).collect();
    Wanted { urls, interface: "any".parse().unwrap(), ring: "100x10".parse().unwrap() }
}

fn text(recipe: &Recipe, width: u16) -> String {
    let mut out = Vec::new();
    recipe.render_text(Style::plain(width), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn markdown(recipe: &Recipe) -> String {
    let mut out = Vec::new();
    recipe.render_markdown(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The recipe for a sample, from what it shows.
fn of_sample(name: &str) -> Recipe {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
    let (case, findings, verdict) = judge(scenario);
    let document = Document::new(&case, &findings, &verdict, true);
    Recipe::new(&wanted(&[]), Some((&case, &document)))
}

/// What a program prints; `None` where it is not installed, which the checks do not accept.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{program} is needed: {error}");
            println!("skipped: no {program} ({error})");
            None
        }
    }
}

/// Lets libpcap compile a filter, for the link types that `any` and Ethernet interfaces have.
fn compiles(filter: &str) {
    for link in ["LINUX_SLL", "LINUX_SLL2", "EN10MB", "RAW"] {
        let Some(output) = run("tcpdump", &["-y", link, "-d", filter]) else { break };
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && output.stdout.starts_with(b"(000)"),
            "{filter} on {link}: {error}"
        );
    }
}

/// A command of the recipe, by how it begins.
fn command(recipe: &Recipe, start: &str) -> String {
    let commands = recipe.steps.iter().flat_map(|step| &step.commands);
    let mut found = commands.filter(|entry| entry.command.starts_with(start));
    let command = found.next().unwrap_or_else(|| panic!("no command {start}")).command.clone();
    command.replace("\\\n", "")
}

fn words(command: &str) -> Vec<String> {
    shlex::split(command).unwrap_or_else(|| panic!("no words of the shell: {command}"))
}

/// The filter is one word wherever it stands, and all commands of shells are that.
fn is_safe(recipe: &Recipe) {
    let mut script = String::new();
    for entry in recipe.steps.iter().flat_map(|step| &step.commands) {
        if entry.place != "console" {
            writeln!(script, "{}", entry.command).unwrap();
        }
    }
    let output = run("sh", &["-n", "-c", &script]).unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    for start in ["tcpdump", "dumpcap"] {
        assert_eq!(words(&command(recipe, start)).last(), Some(&recipe.filter));
    }
    let ssh = command(recipe, "ssh root@");
    let remote = words(ssh.split(" |\n").next().unwrap());
    assert_eq!(remote.len(), 3, "{ssh}");
    assert_eq!(words(&remote[2]).last(), Some(&recipe.filter));
}

#[test]
fn filters_compile_and_commands_are_safe_for_any_url() {
    for url in URLS {
        let recipe = Recipe::new(&wanted(&[url]), None);
        compiles(&recipe.filter);
        is_safe(&recipe);
        let shown = BackendUrl::to_string(&url.parse().unwrap());
        for curl in recipe.steps.iter().flat_map(|step| &step.commands) {
            if curl.command.starts_with("curl") {
                assert_eq!(words(&curl.command).last(), Some(&shown), "what the shell makes of it");
            }
        }
        let told = text(&recipe, 80) + &markdown(&recipe) + &format!("{recipe:?}");
        assert!(!told.contains("planted-secret"), "{told}");
    }
    let many: Vec<String> = (1..40).map(|port| format!("http://backend:{port}/")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let recipe = Recipe::new(&wanted(&many), None);
    assert_eq!(recipe.filter, "tcp or port 53 or icmp or icmp6");
    compiles(&recipe.filter);
}

#[test]
fn dumpcap_takes_the_filter() {
    for url in URLS {
        let filter = Recipe::new(&wanted(&[url]), None).filter;
        let Some(output) = run("dumpcap", &["-d", "-i", "lo", "-f", &filter]) else { return };
        // It ends well even then; where it may not open the interface, it does not come to the filter.
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!error.contains("Invalid capture filter"), "{filter}: {error}");
    }
}

#[test]
fn the_filter_has_the_ports_of_the_backend_and_dns_for_names() {
    let filter = |url| Recipe::new(&wanted(&[url]), None).filter;
    assert_eq!(
        filter("http://198.51.100.20/"),
        "tcp port 80 or 8080 or 8081 or 8443 or 9091 or icmp or icmp6"
    );
    assert_eq!(
        filter("https://backend/x"),
        "tcp port 443 or 8080 or 8081 or 8443 or 9091 or port 53 or icmp or icmp6"
    );
    assert_eq!(filter("http://localhost:8081/"), "tcp port 8080 or 8081 or 8443 or 9091 or icmp or icmp6");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_for_a_url_can_do_no_harm(
        host in "[a-z0-9.:_@%$`'\"; \\[\\]-]{1,16}|[a-z][a-z0-9.-]{0,9}[a-z]|198\\.51\\.100\\.[0-9]{1,3}",
        port in proptest::option::of(0_u32..70_000),
        path in "(/[ -~]{0,20}){0,2}",
        secure in any::<bool>(),
    ) {
        let scheme = if secure { "https" } else { "http" };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let Ok(url) = format!("{scheme}://{host}{port}{path}").parse::<BackendUrl>() else { return Ok(()) };
        // What is shown names the same.
        prop_assert_eq!(&url.to_string().parse::<BackendUrl>().unwrap().to_string(), &url.to_string());
        let recipe = Recipe::new(&Wanted { urls: vec![url], ..wanted(&[]) }, None);
        compiles(&recipe.filter);
        is_safe(&recipe);
    }
}

#[test]
fn what_the_filter_lets_pass_tells_the_same_again() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut count, mut wrong) = (0, String::new());
    for scenario in SCENARIOS {
        let recipe = of_sample(scenario.name);
        // Tags of VLANs stand in these files, which an interface takes off before a filter sees them. tcpdump reads neither
        // compressed files nor several link types. What goes through a SOCKS proxy has the proxy's port.
        let is_other = ["vlan", "qinq", "pcapng", ".gz", "socks"];
        if scenario.verdict == "absent" || is_other.iter().any(|part| scenario.name.contains(part)) {
            continue;
        }
        let from = folder("samples").join(scenario.name);
        let to = scratch.path().join(scenario.name);
        let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
        let Some(output) = run("tcpdump", &["-r", from, "-w", to, &recipe.filter]) else { return };
        let (_, out, err) = told(&hookscope(&["analyze", "--format", "json", to], b""));
        let again: serde_json::Value = serde_json::from_str(&out)
            .unwrap_or_else(|_| panic!("{from}: {err} {}", String::from_utf8_lossy(&output.stderr)));
        count += 1;
        if again["verdict"]["state"] != scenario.verdict {
            writeln!(wrong, "{}: {} {}", scenario.name, again["verdict"], recipe.filter).unwrap();
        }
    }
    assert!(count > 150 && wrong.is_empty(), "{count}\n{wrong}");
}

#[test]
fn why_a_capture_cannot_answer_is_told() {
    for (sample, answers, lack) in [
        ("empty.pcap", false, "no-hooks"),
        ("browsers-only.pcap", false, "loopback interface"),
        ("one-sided-responses.pcap", false, "one-sided"),
        ("tls-works.pcap", false, "tls-backend"),
        ("cut-in-packet.pcap", true, "capture-cut"),
        ("snap-length.pcap", true, "snaplen-cut"),
        ("midstream.pcap", true, "midstream"),
        ("refused.pcap", true, ""),
        ("timeout.pcap", true, ""),
    ] {
        let recipe = of_sample(sample);
        let before = recipe.before.as_ref().unwrap();
        assert_eq!(before.answers, answers, "{sample}");
        let text = text(&recipe, 80).split_whitespace().collect::<Vec<_>>().join(" ");
        let heading = if answers { "What the capture tells" } else { "Why the capture cannot answer" };
        assert!(text.contains(heading) && text.contains(lack), "{sample}\n{text}");
        assert_eq!(before.lacks.is_empty(), lack.is_empty(), "{sample}: {:?}", before.lacks);
    }
    let tls = of_sample("tls-works.pcap");
    assert_eq!((tls.backends[0].tls, tls.backends[0].source.as_str()), (true, "capture"));
    assert!(text(&tls, 160).contains("Hooks over https cannot be read"));
    let lost = of_sample("dropped-packets.pcapng");
    assert!(command(&lost, "tcpdump").contains("-B 65536"), "{lost:?}");
}

#[test]
fn recipes_of_all_samples_keep_to_schema_and_width_and_drive_no_terminal() {
    let schema: serde_json::Value =
        serde_json::from_str(&told(&hookscope(&["schema", "recipe"], b"")).1).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for scenario in SCENARIOS {
        let recipe = of_sample(scenario.name);
        is_safe(&recipe);
        let mut json = Vec::new();
        render_json(&recipe, &mut json).unwrap();
        assert!(validator.is_valid(&serde_json::from_slice(&json).unwrap()), "{}", scenario.name);
        for report in [text(&recipe, 80), markdown(&recipe), String::from_utf8(json).unwrap()] {
            assert!(!report.contains("planted-secret"), "{}", scenario.name);
            assert!(!report.contains(|c: char| c.is_control() && c != '\n'), "{}", scenario.name);
        }
        for line in text(&recipe, 80).lines() {
            // Commands, and words that are longer than a line, are never broken.
            let is_whole = line.starts_with("    ") || line.split_whitespace().count() < 2;
            assert!(is_whole || line.chars().count() <= 80, "{}: {line}", scenario.name);
        }
    }
    assert!(!validator.is_valid(&serde_json::json!({})), "the schema is able to fail");
}

#[test]
fn recipes_are_as_they_were() {
    let named = Recipe::new(&wanted(&["https://user:planted-secret@backend.example.com/rest"]), None);
    let reports = [
        ("named.80.txt", text(&named, 80)),
        ("named.160.txt", text(&named, 160)),
        ("named.md", markdown(&named)),
        ("absent.80.txt", text(&of_sample("browsers-only.pcap"), 80)),
        ("absent.md", markdown(&of_sample("browsers-only.pcap"))),
        ("default.160.txt", text(&Recipe::new(&wanted(&[]), None), 160)),
    ];
    let golden = folder("tests/golden-recipe");
    for (name, report) in &reports {
        let path = golden.join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&golden).unwrap();
            std::fs::write(&path, report).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == *report, "other than tests/golden-recipe/{name} (UPDATE=1 writes it)\n{report}");
    }
    assert_eq!(std::fs::read_dir(&golden).unwrap().count(), reports.len(), "a file that no test keeps");
}

#[test]
fn the_command_writes_all_forms_and_its_own_commands_are_right() {
    for (arguments, start) in [
        (&["recipe"][..], "How to capture"),
        (&["recipe", "--format", "markdown", "samples/empty.pcap"], "# How to capture"),
        (&["recipe", "--format", "json", "--interface", "eth0", "--ring", "5x2"], "{"),
    ] {
        let (exit, out, err) = told(&hookscope(arguments, b""));
        assert_eq!((exit, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.starts_with(start), "{out}");
    }
    let (_, out, _) = told(&hookscope(&["recipe", "--interface", "eth0", "--ring", "5x2"], b""));
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["-i eth0 -s 0 -U -Z root -C 5 -W 2", "-b filesize:5000 -b files:2", "which `eth0` is not"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    for url in URLS {
        let analyze = command(&Recipe::new(&wanted(&[url]), None), "hookscope analyze");
        let words = words(&analyze.replace("hooks*.pcap*", "samples/one-hook.pcap"));
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        assert_eq!(told(&hookscope(&arguments, b"")).2, "", "{analyze}");
    }
}

#[test]
fn wrong_input_is_told_without_credentials() {
    for (arguments, code, words) in [
        (&["recipe", "--url", "backend"][..], 2, "it is no URL"),
        (&["recipe", "--url", "ftp://user:planted-secret@backend/"], 2, "neither http"),
        (&["recipe", "--url", "http://user:planted-secret@backend:99999/"], 2, "port"),
        (&["recipe", "--url", "http://backend/?token=planted-secret"], 2, "query"),
        (&["recipe", "--url", "http://user:planted-secret@-rf/"], 2, "host"),
        (&["recipe", "--ring", "100"], 2, "such as 100x10"),
        (&["recipe", "--interface", "-w"], 2, ""),
        (&["recipe", "--interface", "a b"], 2, "name of an interface"),
        (&["recipe", "-o", "recipe.pdf"], 2, ".json"),
        (&["recipe", "Cargo.toml"], 3, "begins with text"),
    ] {
        let (exit, out, err) = told(&hookscope(arguments, b""));
        assert_eq!((exit, out.as_str()), (code, ""), "{arguments:?}: {err}");
        assert!(err.contains(words) && !err.contains("planted-secret"), "{err}");
    }
}
