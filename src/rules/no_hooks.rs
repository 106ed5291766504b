use super::confidence;
use super::describe;
use super::{Actor, Confidence, Evidence, Finding, Findings, rule};
use crate::capture::LinkType;
use crate::fact::FactKind;
use crate::session::Case;

rule! {
    /// ## What it detects
    /// A capture without any hook, and why: it is empty, holds no TCP, no HTTP, no hooks among the HTTP, only calls of the
    /// REST API, which go the other way, or only the side of browsers; or it may be from another host.
    ///
    /// ## Why it matters
    /// "REST traffic is not flowing" is exactly this. The reason tells whether WCS sends no hooks, or whether they were not
    /// captured.
    ///
    /// ## What to do
    /// Capture where hooks pass: on the WCS server, on all interfaces, since the default backend is on its loopback
    /// interface. Then check that the application has methods (`show app-rest-methods <appKey>`), that its URL is right
    /// (`show apps -d`), and that `disable_rest_requests` is not set in flashphoner.properties. A new application has
    /// no methods: `add app-rest-method -a <appKey>` adds all, and the backend must then answer each of them with 200.
    /// A client with an `appKey` that no application has causes no hook at all.
    ///
    /// ## When it is wrong
    /// When hooks are sent over TLS; they cannot be read.
    "no-hooks", Error, Capture, "no hook in the capture; the reason is told", check
}

/// What there is instead of hooks.
struct Reason {
    title: String,
    message: String,
    remedy: String,
    actor: Actor,
    confidence: Confidence,
}

impl Reason {
    /// The same, where the capture may not show everything.
    fn likely(self) -> Self {
        Self { confidence: Confidence::Likely, ..self }
    }
}

const CAPTURE: &str =
    "Capture again on the WCS server while a client connects: tcpdump -i any -s 0 -w log.pcap";
const SETTINGS: &str = "Check in the WCS console that the application has methods and the right URL (show apps -d; show \
    app-rest-methods <appKey>), that the appKey with which the client connects is listed there, and that \
    disable_rest_requests is not true in flashphoner.properties.";

/// Ports that WCS listens on by default, and those that its hooks go to: WebSocket, REST API, RTMP, RTSP, backends.
const WCS_PORTS: [u16; 10] = [8080, 8081, 8082, 8443, 8444, 8445, 8888, 9091, 1935, 554];

/// WCS's port for browsers with TLS.
const SECURE_SOCKETS: u16 = 8443;

fn check(case: &Case, findings: &mut Findings) {
    if !case.hooks.is_empty() || findings.explain_absence() {
        return;
    }
    let Reason { title, message, remedy, actor, confidence } = with_doubt(case, reason(case));
    let frames: Vec<_> = case.rest_api_calls.iter().map(|call| call.at.frame).collect();
    let first = case.traffic.first.map(|at| at.time);
    let last = case.traffic.last.map(|at| at.time);
    let evidence = Evidence::of_capture(&frames, 1, first, last);
    let finding = Finding::new(&RULE, title, message, remedy, evidence).sure(confidence);
    findings.add(Finding { actor, ..finding });
}

/// What was not read may be hooks.
fn beyond_limits() -> Reason {
    let message = "A limit of the analysis was reached, so that not all of the capture was read; there may be hooks in it.";
    let remedy = "Analyse it again with the limit raised (--limit NAME=VALUE), or a shorter capture.";
    let title = "no hook was read, but a limit was reached";
    let reason = build(title, message.to_owned(), remedy.to_owned(), Actor::Capture);
    Reason { confidence: Confidence::Unresolved, ..reason }
}

/// What stood behind the place where a file breaks off may be hooks.
fn with_doubt(case: &Case, reason: Reason) -> Reason {
    let Some(cut) = case.captures.iter().find(|capture| capture.cut_short) else { return reason };
    if case.traffic.frames == 0 {
        let title = "the file breaks off before its first whole packet".to_owned();
        let remedy = format!("Copy the file again from where it was captured. {CAPTURE}");
        return Reason { title, remedy, confidence: Confidence::Likely, ..reason };
    }
    let path = cut.path.display();
    let message = format!("{} {path} breaks off, so that packets of it are missing.", reason.message);
    Reason { message, confidence: reason.confidence.min(Confidence::Likely), ..reason }
}

fn reason(case: &Case) -> Reason {
    let traffic = &case.traffic;
    if !confidence::shows_no_hook(case) {
        beyond_limits()
    } else if traffic.frames == 0 || traffic.tcp == 0 {
        without_tcp(case)
    } else if traffic.http.exchanges > 0 {
        other_http(case)
    } else {
        without_requests(case)
    }
}

fn build(title: &str, message: String, remedy: String, actor: Actor) -> Reason {
    Reason { title: title.to_owned(), message, remedy, actor, confidence: Confidence::Confirmed }
}

fn without_tcp(case: &Case) -> Reason {
    let traffic = &case.traffic;
    if traffic.frames == 0 {
        let message = "The capture file has no packets.".to_owned();
        return build(
            "the capture is empty: no packet was captured",
            message,
            CAPTURE.to_owned(),
            Actor::Capture,
        );
    }
    let frames = describe::counted(traffic.frames, "frame");
    let is_unknown = |kind| matches!(kind, FactKind::UnknownLinkType(_));
    let unknown: u64 =
        case.facts.iter().filter(|(kind, _)| is_unknown(*kind)).map(|(_, fact)| fact.count).sum();
    if unknown > 0 {
        let types: Vec<String> =
            case.captures.iter().flat_map(|capture| &capture.link_types).map(|kind| kind.name()).collect();
        let message =
            format!("{frames}, {unknown} of them of a link type that is not decoded ({}).", types.join(", "));
        return build("the capture's link type is not decoded", message, CAPTURE.to_owned(), Actor::Capture);
    }
    let message = format!(
        "{frames}, but no TCP: {} UDP datagrams ({} of SIP), {} other packets.",
        traffic.udp, traffic.sip, traffic.other
    );
    let remedy = format!("{CAPTURE}. The filter or interface of this capture let no TCP through.");
    build("no TCP in the capture, so no hooks either", message, remedy, Actor::Capture)
}

fn other_http(case: &Case) -> Reason {
    // The default backend is on WCS's own loopback interface.
    let (remedy, actor) = if sees_loopback(case) {
        (format!("{SETTINGS} {CAPTURE}"), Actor::MediaServer)
    } else {
        (format!("{CAPTURE}. If there is still none: {SETTINGS}"), Actor::Capture)
    };
    if let Some(first) = case.rest_api_calls.first() {
        let calls = describe::counted(case.rest_api_calls.len() as u64, "call");
        let message = format!(
            "{calls} of the REST API, into WCS, such as {}; hooks go the other way, and there is none.",
            first.path
        );
        let title = "only REST API calls into WCS, no hooks from WCS";
        return build(title, message, remedy, actor).likely();
    }
    if has_browsers(case) {
        return browsers(case);
    }
    let exchanges = describe::counted(case.traffic.http.exchanges, "HTTP exchange");
    let message = format!(
        "{exchanges}, but no POST of a WCS session to a path that ends in the name of a REST method.{}",
        wrong_host(case)
    );
    build("HTTP in the capture, but no hooks", message, remedy, actor).likely()
}

/// Browsers are connected to WCS, and nothing goes on to a backend.
fn browsers(case: &Case) -> Reason {
    let traffic = &case.traffic;
    let sockets = describe::counted(traffic.http.upgrades + secure_sockets(case), "connection");
    let message = format!(
        "{sockets} of browsers to WCS, {} UDP datagrams ({} of SIP), but no hook and no attempt to reach a backend.",
        traffic.udp, traffic.sip
    );
    if !sees_loopback(case) {
        let remedy = format!(
            "The default backend is on WCS's own loopback interface, which this capture does not show. {CAPTURE}. If there is \
                still none: {SETTINGS}"
        );
        let title = "browsers are connected to WCS, but the interface that hooks may take was not captured";
        return build(title, message, remedy, Actor::Capture).likely();
    }
    let title = "browsers are connected to WCS, but WCS sends no hooks";
    build(title, message, SETTINGS.to_owned(), Actor::MediaServer).likely()
}

/// Whether browsers are connected to WCS.
fn has_browsers(case: &Case) -> bool {
    case.traffic.http.upgrades + secure_sockets(case) > 0
}

/// Connections with TLS to WCS's port for browsers.
fn secure_sockets(case: &Case) -> u64 {
    case.tls
        .iter()
        .filter(|connection| connection.server.port() == SECURE_SOCKETS && connection.established)
        .count() as u64
}

/// Whether packets of all interfaces, or of the loopback interface, are in the capture.
pub(crate) fn sees_loopback(case: &Case) -> bool {
    let all = [LinkType::LINUX_SLL, LinkType::LINUX_SLL2, LinkType::NULL, LinkType::LOOP];
    case.captures.iter().flat_map(|capture| &capture.link_types).any(|kind| all.contains(kind))
        || case.targets.iter().any(|target| target.server.ip().is_loopback())
}

/// A doubt: no connection uses a port of WCS.
fn wrong_host(case: &Case) -> &'static str {
    let is_own = |port| WCS_PORTS.contains(&port) || case.options.ports.contains(&port);
    let seen = case.targets.iter().any(|target| is_own(target.server.port()));
    if seen || case.targets.is_empty() || case.traffic.sip > 0 {
        return "";
    }
    " No connection goes to a port of WCS either: was this captured on another host?"
}

fn without_requests(case: &Case) -> Reason {
    let traffic = &case.traffic;
    if has_browsers(case) && traffic.http.orphans == 0 {
        return browsers(case);
    }
    if traffic.http.orphans > 0 && case.facts.count(FactKind::SnaplenCut) > 0 {
        let responses = describe::counted(traffic.http.orphans, "HTTP response");
        let message = format!("{responses} and no whole request line: packets were cut by the snap length.");
        let remedy = "Capture again with whole packets: tcpdump -i any -s 0 -w log.pcap".to_owned();
        return build(
            "packets are cut so short that no request can be read",
            message,
            remedy,
            Actor::Capture,
        );
    }
    if traffic.http.orphans > 0 {
        let responses = describe::counted(traffic.http.orphans, "HTTP response");
        let message = format!("{responses} without the request: only the backend's direction was captured.");
        let title = "only HTTP responses were captured, no requests";
        return build(title, message, format!("{CAPTURE}, without a filter on direction."), Actor::Capture);
    }
    let connections = describe::counted(traffic.connections, "TCP connection");
    let mut message = format!(
        "{connections}, {} of them TLS, none with readable HTTP.{}",
        traffic.tls_connections,
        wrong_host(case)
    );
    let unanswered: Vec<String> = case
        .targets
        .iter()
        .filter(|target| target.failed > 0)
        .take(3)
        .map(|target| format!("{} ({})", target.server, describe::counted(target.failed, "attempt")))
        .collect();
    if !unanswered.is_empty() {
        message.push_str(&format!(
            " No answer to connection attempts was captured from {}; the capture is too short to tell more.",
            unanswered.join(", ")
        ));
    }
    if traffic.tls_connections > 0 {
        let title = "no readable HTTP in the capture; hooks over TLS cannot be read";
        let remedy = format!("If the application's URL is https, capture behind the TLS proxy. {SETTINGS}");
        return build(title, message, remedy, Actor::Capture);
    }
    build("TCP in the capture, but no HTTP", message, format!("{CAPTURE}. {SETTINGS}"), Actor::Capture)
}
