//! The differences between the library and the oracle on public captures, each with its reason, and who is right.
//!
//! The numbers count exchanges that only one of them has, and bodies and times that differ.

use std::fmt::Write as _;

/// Who reads the octets as the standards say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Hookscope,
    Tshark,
    /// The octets allow no right reading.
    Nobody,
}

/// Differences of one kind.
pub struct Judged {
    pub right: Right,
    pub reason: &'static str,
    /// Endings of paths, and how many differences each capture has.
    pub captures: &'static [(&'static str, usize)],
}

pub const JUDGED: &[Judged] = &[
    Judged {
        right: Right::Hookscope,
        reason: "A second SYN-ACK with another sequence number (frame 468, stream 10): tshark takes all that the server \
                 sends later for old octets, and shows none of 46 responses.",
        captures: &[("pcap2har/tests/out-of-order.pcap", 92)],
    },
    Judged {
        right: Right::Hookscope,
        reason: "A target with blanks, or with two before it: tshark shows it up to the first one.",
        captures: &[
            ("bug-5437-01/input.pcap", 4),
            ("bug-5437-02/input.pcap", 4),
            ("detect-pcre-05/input.pcap", 2),
            ("http-uri-spaces/input.pcap", 2),
            ("http/connect-with-smtp.pcap", 2),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "A method that tshark does not know (NOTMETHOD, WEIRD, QUERY, REQ): it misses the request.",
        captures: &[
            ("detect-app-layer-protocol-03/input.pcap", 2),
            ("tcp-session-decode-malformed-ipv4/input.pcap", 1),
            ("traces/quickstart.pcap", 2),
            ("http/query-method.pcap", 2),
            ("http/query-method-non-standard-port.pcap", 2),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "HTTP from port 53: tshark takes it for DNS.",
        captures: &[("detect-uricontent-04/input.pcap", 1)],
    },
    Judged {
        right: Right::Hookscope,
        reason: "Transfer-Encoding does not end in chunked (chunkedx, \"chunked x\", a NUL behind it, another coding behind \
                 or instead of it): the body lasts until the connection is closed, whatever length is given (RFC 9112, \
                 section 6.3); tshark reads chunks, or the length.",
        captures: &[
            ("http-evader-064/input.pcap", 2),
            ("http-evader-065/input.pcap", 2),
            ("http-evader-070/input.pcap", 2),
            ("http-evader-080/input.pcap", 2),
            ("http-evader-081/input.pcap", 2),
            ("http-evader-083/input.pcap", 2),
            ("http-evader-085/input.pcap", 2),
            ("http-evader-245/input.pcap", 2),
            ("http-evader-310/input.pcap", 2),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "Transfer-Encoding with its value on the next line, with a bare CR, or with a blank before the colon \
                 (RFC 9112, sections 2.2, 5.1, 5.2) is honoured; tshark does not see it. Three of these bodies are no \
                 chunks at all, and are told as broken.",
        captures: &[
            ("http-evader-060/input.pcap", 2),
            ("http-evader-073/input.pcap", 2),
            ("http-evader-076/input.pcap", 2),
            ("http-evader-087/input.pcap", 2),
            ("http-evader-088/input.pcap", 2),
            ("http-evader-091/input.pcap", 2),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "Line ends made of CR alone or LF CR, empty lines before or inside the head, a tab in the status, a length \
                 behind a bare CR: the body that hookscope reads is the very file that the test server sends (by its \
                 SHA-256); tshark ends the message elsewhere or reads no status.",
        captures: &[
            ("http-evader-251/input.pcap", 2),
            ("http-evader-284/input.pcap", 2),
            ("http-evader-285/input.pcap", 2),
            ("http-evader-286/input.pcap", 2),
            ("http-evader-399/input.pcap", 2),
            ("http-evader-405/input.pcap", 2),
            ("http-evader-474/input.pcap", 2),
            ("http-evader-492/input.pcap", 2),
            ("http-evader-493/input.pcap", 2),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "The decoded body is the very file that the test server sends (by its SHA-256); tshark leaves chunks or a \
                 coding in it, or drops it.",
        captures: &[
            ("http-evader-057/input.pcap", 1),
            ("http-evader-077/input.pcap", 1),
            ("http-evader-102/input.pcap", 1),
            ("http-evader-125/input.pcap", 1),
            ("http-evader-127/input.pcap", 1),
            ("http-evader-174/input.pcap", 1),
            ("http-evader-228/input.pcap", 1),
            ("http-evader-233/input.pcap", 1),
            ("http-evader-236/input.pcap", 1),
            ("http-evader-353/input.pcap", 1),
            ("http-evader-358/input.pcap", 1),
            ("http-evader-359/input.pcap", 1),
            ("http-evader-420/input.pcap", 1),
            ("http-evader-421/input.pcap", 1),
            ("http-evader-426/input.pcap", 1),
            ("http-evader-427/input.pcap", 1),
            ("http-evader-435/input.pcap", 1),
            ("http-evader-437/input.pcap", 1),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "A chunk size with a blank behind it: tshark loses the last chunk.",
        captures: &[("http-event-chunk/input.pcap", 1)],
    },
    Judged {
        right: Right::Hookscope,
        reason: "What follows a response to CONNECT, or a 101, is no body, and no message (RFC 9110, sections 9.3.6 and \
                 15.2.2).",
        captures: &[
            ("http-connect-simple/input.pcap", 2),
            ("http-connect-fragmented/input.pcap", 1),
            ("http-evader-448/input.pcap", 1),
        ],
    },
    Judged {
        right: Right::Hookscope,
        reason: "A Content-Length of 2^64-1: what follows is content; tshark reads a request in it.",
        captures: &[("http/261/variant-02-cl_uint64max.pcap", 1)],
    },
    Judged {
        right: Right::Hookscope,
        reason: "A status that is not three digits (2, 2040, digits with a NUL), or a version that is none (HTTP/!.4, HTTP/5.?2), is \
                 none; tshark reads what number there is.",
        captures: &[
            ("http1-noint-status/input.pcap", 2),
            ("http-evader-393/input.pcap", 2),
            ("http-evader-478/input.pcap", 2),
            ("http/http-inner-transfer-encoding-ossfuzz.pcap", 4),
            ("redis/oss-fuzz-473580107.pcap", 1),
        ],
    },
    Judged {
        right: Right::Nobody,
        reason: "Two lengths that differ, a number with something behind it, a field name folded before its colon, a bare CR in the \
                 status line with a field behind it: the standards call these invalid.",
        captures: &[
            ("http-multiple-cl/input.pcap", 2),
            ("http-evader-254/input.pcap", 2),
            ("http-evader-261/input.pcap", 1),
            ("http-evader-300/input.pcap", 1),
            ("http-evader-338/input.pcap", 1),
            ("http-evader-382/input.pcap", 2),
            ("http-evader-385/input.pcap", 2),
        ],
    },
    Judged {
        right: Right::Tshark,
        reason: "A gzip header whose fixed octets are others: tshark decodes what follows.",
        captures: &[("http-evader-201/input.pcap", 1), ("http-evader-202/input.pcap", 1)],
    },
    Judged {
        right: Right::Tshark,
        reason: "A request line of a method alone, or without version and fields (HTTP/0.9): hookscope reads none.",
        captures: &[("http/methods.pcap", 2), ("Traces/mixed-vlan-mpls.pcap", 1)],
    },
    Judged {
        right: Right::Tshark,
        reason: "ARCNET and IP payload compression are not decoded.",
        captures: &[
            ("filter/arcnet-rfc1051-arp-icmp-http.pcap", 1),
            ("tcpdump/tests/arcnet-rfc1051-arp-icmp-http.pcap", 1),
            ("filter/AH-IPcomp-IPv6.pcap", 1),
        ],
    },
    Judged {
        right: Right::Tshark,
        reason: "A timestamp beyond the year 2262 (the file claims one in the year 586,545) is cut to that.",
        captures: &[("PcapExamples/pcapng-example.pcapng", 1)],
    },
];

/// The page that tells users of it: `summary` first, then the table.
pub fn page(summary: &str) -> String {
    let mut page =
        format!("# Agreement with tshark\n\n{summary}\n\n| right | reason | captures |\n|---|---|---|\n");
    for Judged { right, reason, captures } in JUDGED {
        let names: Vec<String> = captures
            .iter()
            .map(|(name, count)| format!("`{}` ({count})", name.trim_end_matches("/input.pcap")))
            .collect();
        let right = format!("{right:?}").to_lowercase();
        writeln!(page, "| {right} | {reason} | {} |", names.join(", ")).unwrap();
    }
    page
}
