//! The known causes of failing hooks: each is told by a rule, in words of its own.

use crate::samples::judge;
use crate::support::scenarios::SCENARIOS;
use hookscope::rules::Finding;

/// A cause: its number in the catalogue of failure causes, a sample of it, the rule that tells it, and words of the
/// finding that no other cause has.
type Cause = (u8, &'static str, &'static str, &'static str);

/// Every cause; some show themselves in several ways.
const CAUSES: &[Cause] = &[
    (1, "refused.pcap", "backend-refused", "correct the port in the application's URL"),
    (2, "unreachable.pcap", "backend-unreachable", "Open port 8081 in the firewall"),
    (3, "rejected-icmp.pcap", "backend-rejected", "change its firewall rule or route"),
    (4, "dns-no-such-name.pcap", "host-not-resolved", "NXDOMAIN: there is no such name"),
    (4, "dns-unanswered.pcap", "host-not-resolved", "the DNS server 192.0.2.53 works"),
    (5, "timeout.pcap", "response-timeout", "which fits its rest_request_timeout of 15.000 s"),
    (6, "late-response.pcap", "late-response", "after WCS had given up"),
    (7, "reset-then-retried.pcap", "hook-retried", "it may have handled the first attempt too"),
    (8, "stale-retried.pcap", "stale-connection", "Raise the backend's keep-alive timeout"),
    (9, "not-found-one-method.pcap", "hook-not-found", "implement these in the backend, or disable them"),
    (10, "wrong-base-path.pcap", "hook-not-found", "the base path in the application's URL is wrong"),
    (11, "not-found-lower-case.pcap", "hook-not-found", "accept every spelling, without regard to case"),
    (12, "connect-403.pcap", "connect-failed", "check the credentials or token that it passes"),
    (13, "call-403-log.pcap", "decline-ignored", "but restOnError is LOG, its default: WCS goes on"),
    (14, "incoming-403-fail.pcap", "hook-declined", "answered the caller 403 FORBIDDEN"),
    (15, "keep-alive-403.pcap", "hook-declined", "WCS ended the stream"),
    (16, "play-hls-403.pcap", "hook-declined", "WCS answered the player 401"),
    (17, "wants-credentials.pcap", "authentication-required", "update app -u <user> -p <password> <name>"),
    (18, "redirected-to-https.pcap", "redirected", "remove the redirect of these paths"),
    (
        18,
        "redirected-altogether.pcap",
        "redirected",
        "update app -l https://backend.example.com/EchoApp <name>",
    ),
    (19, "gateway-503.pcap", "gateway-error", "it names the upstream that is down, overloaded or too slow"),
    (20, "error-500.pcap", "backend-error", "its code failed while it handled the request"),
    (21, "html-200.pcap", "response-not-json", "an HTML page (line 1, column 1)"),
    (21, "php-notice.pcap", "response-not-json", "a PHP message before or instead of the JSON"),
    (22, "empty-200.pcap", "response-empty", "without a body"),
    (23, "truncated.pcap", "response-truncated", "breaks off its answer"),
    (24, "too-large.pcap", "request-rejected", "raise its limit (nginx: client_max_body_size"),
    (25, "upgrade-answer.pcap", "request-rejected", "which WCS did not ask for"),
    (26, "override-without-policy.pcap", "override-ignored", "restPolicy is NOTIFY, the default"),
    (26, "override-not-listed.pcap", "override-ignored", "restOverwrite does not list it"),
    (
        27,
        "status-event-not-enabled.pcap",
        "status-event-missing",
        "add app-rest-method defaultApp StreamStatusEvent",
    ),
    (28, "browsers-only.pcap", "no-hooks", "the interface that hooks may take was not captured"),
    (28, "browsers-only-on-any.pcap", "no-hooks", "disable_rest_requests"),
    (29, "tls-unknown-ca.pcap", "tls-handshake-failed", "install its CA into the trust store"),
    (29, "tls-version-refused.pcap", "tls-handshake-failed", "protocol_version"),
    (30, "plain-to-tls-port.pcap", "scheme-mismatch", "speaks TLS, but WCS sends it plain HTTP"),
    (30, "tls-to-plain-port.pcap", "scheme-mismatch", "speaks plain HTTP, but is asked for TLS"),
    (31, "registration-fails.pcap", "operation-failed", "Check the SIP login, password and domain"),
    (32, "registration-missing.pcap", "status-event-missing", "whether the SIP server answers REGISTER"),
    (33, "reconnect-loop.pcap", "reconnect-loop", "connects again and again, in vain"),
    (34, "snap-length.pcap", "snaplen-cut", "Capture again with tcpdump -i any -s 0"),
    (35, "one-sided-requests.pcap", "one-sided", "mirror both"),
    (36, "answered-after-14s.pcap", "slow-response", "so the backend took the time"),
    (37, "rest-api-call-403.pcap", "rest-api-declined", "by the documents such hooks should not be declined"),
    (38, "stream-name-in-use.pcap", "operation-failed", "publish under a name of its own"),
    (39, "keepalive-lost-client.pcap", "client-lost", "WCS notices a lost client after about 50 s"),
];

/// Everything that a finding says.
fn words(finding: &Finding) -> String {
    let effect = finding.effect.as_deref().unwrap_or_default();
    [&finding.title, &finding.message, effect, &finding.remedy].join("\n")
}

/// What a cause's sample says by its rule.
fn told((_, sample, rule, _): &Cause) -> String {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == *sample);
    let scenario = scenario.unwrap_or_else(|| panic!("there is no sample {sample}"));
    let (_, findings, _) = judge(scenario);
    let findings = findings.iter().filter(|finding| finding.rule.name == *rule);
    findings.map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_cause_is_told_in_words_of_its_own() {
    let told: Vec<String> = CAUSES.iter().map(told).collect();
    for (cause, text) in CAUSES.iter().zip(&told) {
        let (number, sample, rule, phrase) = cause;
        assert!(text.contains(phrase), "cause {number}: {rule} does not say {phrase:?} of {sample}:\n{text}");
        let others = CAUSES.iter().zip(&told).filter(|((other, ..), _)| other != number);
        for ((other, sample, ..), text) in others {
            assert!(!text.contains(phrase), "{phrase:?} of cause {number} is said of {other}, {sample}, too");
        }
    }
    for number in 1..=39 {
        assert!(CAUSES.iter().any(|(cause, ..)| *cause == number), "nothing tells cause {number}");
    }
}
