//! The steps of a recipe: settings, reachability, the capture, what to do meanwhile, and what to do with it.

use super::super::words::for_shell;
use super::filter::{BROWSERS, DEFAULTS};
use super::url::{BackendUrl, HostName};
use super::{CommandEntry, Known, Source, Step};

/// Backends that have commands of their own.
const SHOWN: usize = 4;
/// Where the capture is written on the WCS server: not below /tmp, which may be in memory.
const FOLDER: &str = "/var/tmp";
/// What stands for the WCS server in commands that are given elsewhere.
const SERVER: &str = "root@wcs-server";
/// Where WCS is installed.
const HOME: &str = "/usr/local/FlashphonerWebCallServer";
/// How long to wait before a capture is stopped: longer than `rest_request_timeout`, 15 s by default.
const WAIT: &str = "30 seconds";

/// The steps, in their order.
pub(super) fn steps(known: &Known<'_>) -> Vec<Step> {
    vec![settings(known), reach(known), capture(known), reproduce(), analyze(known)]
}

fn step(name: &str, title: &str, text: impl Into<String>) -> Step {
    Step {
        name: name.to_owned(),
        title: title.to_owned(),
        text: text.into(),
        commands: Vec::new(),
        notes: Vec::new(),
    }
}

impl Step {
    fn add(&mut self, place: &str, about: impl Into<String>, command: impl Into<String>) {
        self.commands.push(CommandEntry {
            about: about.into(),
            place: place.to_owned(),
            command: command.into(),
        });
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

fn settings(known: &Known<'_>) -> Step {
    let mut step = step(
        "settings",
        "Look into the settings",
        "WCS sends hooks to the URL of the application, and only those methods that the application has.",
    );
    let key = known.app_key.as_deref().unwrap_or("<appKey>");
    step.add(
        "server",
        "The WCS console (port 2000 in WCS 4); the commands below it are given there:",
        "ssh -p 2001 admin@localhost",
    );
    let given = known.backends.first().filter(|_| known.source == Source::Url && known.backends.len() == 1);
    let about = match given {
        Some(url) => format!("The URL must be `{url}`, and the appKey that of the client:"),
        None => "The URL must be that of the backend, and the appKey that of the client:".to_owned(),
    };
    step.add("console", about, "show apps -d");
    step.add("console", "The methods; a new application has none:", format!("show app-rest-methods {key}"));
    step.add(
        "console",
        "All methods, if they are missing; the backend must then answer each of them with 200:",
        format!("add app-rest-method -a {key}"),
    );
    if let Some(url) = given {
        step.add("console", "The URL, if it is another:", format!("update app -l {url} <name>"));
    }
    step.add(
        "server",
        "No line may say that `disable_rest_requests` is true:",
        format!("grep disable_rest_requests {HOME}/conf/flashphoner.properties"),
    );
    step.add(
        "server",
        "How many hooks WCS says it sent; the lines around these tell what came back:",
        format!("grep -c 'SEND REST OBJECT' {HOME}/logs/server_logs/flashphoner.log"),
    );
    if known.source != Source::Url {
        step.note(
            "With the URL that is listed, `hookscope recipe --url URL` writes the commands below for it.",
        );
    }
    step
}

fn reach(known: &Known<'_>) -> Step {
    let text = "On the WCS server. Any answer will do, even 404 or 405: it shows that a server listens there. WCS uses no \
        proxy of the shell's environment, and neither does this.";
    let mut step = step("reach", "Try to reach the backend", text);
    for url in known.backends.iter().take(SHOWN) {
        if let Some(name) = url.dns_name() {
            let about = "The name must have an address:".to_owned();
            step.add("server", about, format!("getent ahosts {}", for_shell(name)));
        }
        if url.is_loopback() {
            let about = "A program must listen on the port:".to_owned();
            step.add("server", about, format!("ss -tln 'sport = :{}'", url.port));
        }
        let about = "The backend must answer:".to_owned();
        let url = for_shell(&url.to_string());
        step.add("server", about, format!("curl -v --max-time 15 --noproxy '*' {url}"));
    }
    let more = known.backends.len().saturating_sub(SHOWN);
    if more > 0 {
        step.note(format!("The capture shows {more} more; the filter below has their ports as well."));
    }
    if known.backends.iter().any(|url| url.had_credentials) {
        step.note(
            "The credentials of the URL are left out: `curl --user NAME` asks for them. WCS has them by `update app -u \
                <user> -p <password> <name>`.",
        );
    }
    if known.backends.iter().any(|url| url.is_secure) {
        step.note(
            "That curl trusts the certificate does not mean that WCS does: Java has a list of authorities of its own.",
        );
    }
    step
}

fn capture(known: &Known<'_>) -> Step {
    let ring = known.wanted.ring;
    let text = format!(
        "On the WCS server, as root, before the client connects. Packets are kept whole; {} files of about {} MB are written \
            to {FOLDER} at most, then the oldest is overwritten.",
        ring.files, ring.megabytes
    );
    let mut step = step("capture", "Capture", text);
    let buffer = if known.lost_packets { " -B 65536" } else { "" };
    step.add(
        "server",
        "By tcpdump:",
        format!(
            "tcpdump -i {} -s 0{buffer} -U -Z root -C {} -W {} \\\n  -w {FOLDER}/hooks.pcap \\\n  '{}'",
            interface(known),
            ring.megabytes,
            ring.files,
            known.filter
        ),
    );
    let buffer = if known.lost_packets { " -B 64" } else { "" };
    step.add(
        "server",
        "Or by dumpcap, which comes with Wireshark:",
        format!(
            "dumpcap -i {} -s 0{buffer} -b filesize:{} -b files:{} \\\n  -w {FOLDER}/hooks.pcapng \\\n  -f '{}'",
            interface(known),
            u64::from(ring.megabytes) * 1_000,
            ring.files,
            known.filter
        ),
    );
    step.note(passes(known));
    capture_notes(known, &mut step);
    step
}

fn interface(known: &Known<'_>) -> String {
    for_shell(known.wanted.interface.name())
}

/// What the filter lets pass, and why.
fn passes(known: &Known<'_>) -> String {
    let dns = if known.filter.contains("port 53") { ", DNS (53)" } else { "" };
    let listed = |ports: [u16; 2]| ports.map(|port| port.to_string()).join(" and ");
    format!(
        "The filter lets pass the backend, both directions{dns} and ICMP, by which networks refuse connections; ports {}, \
            where browsers connect to WCS; and {}, where hooks go by default and calls of the REST API come in.",
        listed(BROWSERS),
        listed(DEFAULTS)
    )
}

fn capture_notes(known: &Known<'_>, step: &mut Step) {
    let interface = &known.wanted.interface;
    let on_loopback = known.backends.iter().any(BackendUrl::is_loopback);
    if on_loopback && !interface.sees_loopback() {
        step.note(format!(
            "Hooks to the WCS server itself pass the loopback interface only, which `{}` is not: take `any`.",
            interface.name()
        ));
    } else if !on_loopback && interface.sees_loopback() && !interface.is_any() {
        step.note("Hooks to another machine do not pass the loopback interface: take `any`.");
    }
    let is_secure = |url: &&BackendUrl| url.is_secure;
    if known.backends.iter().any(|url| is_secure(&url)) {
        step.note(
            "Hooks over https cannot be read in a capture; whether connections come about can. Capture behind the proxy that \
                ends TLS, or on the backend where it talks plain HTTP; or let a test application send its hooks to an http \
                URL: `add app <name> <appKey> <url>`, then `add app-rest-method -a <appKey>`, in the WCS console.",
        );
    }
    step.note("Where WCS runs in a container, capture inside of it: its loopback interface is its own.");
}

fn reproduce() -> Step {
    let mut step = step(
        "reproduce",
        "Repeat what goes wrong",
        "While the capture runs; it takes a minute or two, and a capture of more is only harder to read.",
    );
    step.note("Reload the client's page, so that it connects anew: connect comes once for each connection.");
    step.note("Do what goes wrong once: one call, one message, or one stream. Write down when, and by which client.");
    step.note("End it, and close the page, so that the last events come.");
    step.note(format!(
        "Wait {WAIT}: WCS waits 15 s for an answer by default (`rest_request_timeout`), and then tries again."
    ));
    step.note("Stop the capture with Ctrl-C; copy the files only then.");
    step
}

fn analyze(known: &Known<'_>) -> Step {
    let mut step = step(
        "analyze",
        "Analyze",
        "On the machine that has hookscope; `wcs-server` stands for the WCS server.",
    );
    step.add("here", "Copy the files:", format!("scp '{SERVER}:{FOLDER}/hooks*.pcap*' ."));
    let backends: Vec<String> =
        known.backends.iter().filter(|_| known.source != Source::Default).filter_map(address).collect();
    let mut options = String::new();
    for backend in backends.iter().take(SHOWN) {
        options.push_str(&format!(" --backend {}", for_shell(backend)));
    }
    step.add(
        "here",
        "The verdict on all of them, as one capture:",
        format!("hookscope analyze hooks*.pcap*{options}"),
    );
    let remote = format!("tcpdump -i {} -s 0 -U -w - '{}'", interface(known), known.filter);
    step.add(
        "here",
        "Or, without a file, while it happens:",
        format!("ssh {SERVER} \\\n  {} |\n  hookscope watch -{options}", for_shell(&remote)),
    );
    step.note(
        "Captures hold passwords and what people say to each other. `hookscope excerpt` overwrites secrets before a file is \
            passed on; remove the files from the server afterwards.",
    );
    step
}

/// A backend's address with its port, where the URL has one: a failed connection to it is a problem for sure.
fn address(url: &BackendUrl) -> Option<String> {
    matches!(url.host, HostName::Address(_)).then(|| format!("{}:{}", url.host, url.port))
}
