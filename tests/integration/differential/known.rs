//! Where tshark and the library differ on purpose: everything else is a defect.

use super::{Case, Difference, Message};

/// A kind of difference that is understood.
pub struct Known {
    /// Why the programs differ, and who is right.
    pub reason: &'static str,
    /// Whether a difference is of this kind.
    pub explains: fn(&Case, &Difference) -> bool,
}

/// All of them; the first one that explains a difference counts.
pub const KNOWN: &[Known] = &[
    Known {
        reason: "a message of which octets are missing: tshark shows nothing, the library what there is of it",
        explains: |case, difference| match difference {
            Difference::Extra(_, is_partial) => *is_partial,
            Difference::ExtraPair(pair) => is_partial(case, pair.request) || is_partial(case, pair.response),
            _ => false,
        },
    },
    Known {
        reason: "pipelined messages in one frame: tshark has one partner and one time for all of them, the library \
            one for each",
        explains: |case, difference| match difference {
            Difference::ExtraPair(pair) => case.is_crowded(pair.request) || case.is_crowded(pair.response),
            Difference::Pairing(theirs, _) => {
                case.is_crowded(theirs.request) || case.is_crowded(theirs.response)
            }
            _ => false,
        },
    },
    Known {
        reason: "tshark takes a request that an ICMP error quotes for a request; the library takes the one sent",
        explains: |case, difference| {
            let Difference::Pairing(theirs, Some(_)) = difference else { return false };
            // Frames of ICMP are none of TCP.
            !case.ours.streams.contains_key(&theirs.request)
        },
    },
    Known {
        reason: "the library does not read a head beyond its limit; tshark does",
        explains: |case, difference| {
            case.name == "head-too-large.pcap.gz"
                && match difference {
                    Difference::Missed(message) => message.is("POST", "/rest/my_api/pushLogs"),
                    Difference::Pairing(_, None) => true,
                    _ => false,
                }
        },
    },
    Known {
        reason: "a response that was sent before the request arrived, as its acknowledgment tells: tshark pairs them",
        explains: |case, difference| {
            case.name == "stale-crossed-408.pcap" && matches!(difference, Difference::Pairing(_, None))
        },
    },
    Known {
        reason: "a Content-Length beyond 64 bits: tshark takes it for none, so that the FIN completes the response; the \
            library tells that the response is cut",
        explains: |case, difference| {
            case.name == "http-length-beyond-all-bounds.pcap"
                && match difference {
                    Difference::Missed(message) => message.frame == 8,
                    Difference::Pairing(_, None) => true,
                    _ => false,
                }
        },
    },
    Known {
        reason: "a closed connection is opened again with the same initial sequence numbers: tshark takes all of it \
            for retransmissions, the library for what it is",
        explains: |case, difference| {
            case.name == "two.pcap"
                && match difference {
                    Difference::Extra(message, _) => message.stream == 2,
                    Difference::ExtraPair(pair) => pair.request == 21,
                    _ => false,
                }
        },
    },
];

/// Whether octets are missing of the library's message in a frame.
fn is_partial(case: &Case, frame: u64) -> bool {
    case.ours.partial.iter().any(|message| message.frame == frame)
}

impl Message {
    fn is(&self, method: &str, target: &str) -> bool {
        self.line == super::Line::Request(method.to_owned(), target.to_owned())
    }
}
