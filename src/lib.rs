//! hookscope reads packet captures of a media server (Flashphoner Web Call Server, WCS) and tells what happened to its
//! REST hooks: the HTTP POSTs that WCS sends to a customer's backend. This page is also the architecture's page.
//!
//! # In ten lines
//!
//! ```
//! use hookscope::{capture::Captures, limits::Limits, pipeline, report::Document, rules, session::Options};
//!
//! let limits = Limits::default();
//! let captures = Captures::open(&["samples/web-phone-call.pcap".into()], &limits)?;
//! let case = pipeline::read(captures, &limits, Options::default());
//! let (findings, verdict) = rules::judge(&case);
//! let document = Document::new(&case, &findings, &verdict, true);
//! assert_eq!(document.verdict.state, "healthy");
//! # Ok::<(), hookscope::capture::CaptureError>(())
//! ```
//!
//! # The flow
//!
//! Octets flow one way through stages. Each stage has one kind of input and one kind of output, takes what the one
//! before it emits with `push`, ends with `finish`, and bounds its memory by named [`limits`].
//!
//! ```text
//! capture ─Frame→ packet ─Segment→ tcp ─Octets|Gap→ http ─Exchange→ hook ─Hook→ session ─Case→ rules ─Finding→ report → check, compare, excerpt, filter
//!                   └─DnsMessage→ session     └→ tls ─TlsConnection→ session
//! leaves, usable anywhere: time · endpoint · limits · fact · parallel   catalog: used from hook on
//! toml_text: used by check, and by the binary for its configuration
//! ```
//!
//! A module names only modules to its left, and the leaves; [`pipeline`] alone knows all stages up to `session`, and
//! whoever reads it has read the architecture. [`check`] lays the case beside a call flow that somebody expects, and
//! [`excerpt`] goes over the captures a second time, both with what the report knows of secrets; [`filter`] asks about
//! the fields that it shows, and [`compare`] reads two reports with their cases; so they stand behind all others. A test
//! reads `src` and enforces this. The binary (`main`, `cli`,
//! `config`, `commands`) stands to the right of everything.
//!
//! # The words
//!
//! * *frame*: a record of the file, numbered from 1 as Wireshark does. *segment*: what TCP sends. *connection*: a TCP
//!   conversation; its number is Wireshark's `tcp.stream`. *gap*: octets that were sent but not captured.
//! * *exchange*: a request with its response, or with the reason why there is none.
//! * *hook*: an exchange that is a call of a REST method by WCS; a retry is a hook of its own that names the one it
//!   repeats. *session*: the hooks of one client, by nodeId and sessionId. *flow*: the hooks of one thing inside a
//!   session: a call, a message, a stream. *backend*: address, port, base path.
//! * *REST API call*: the other way, a POST *into* WCS.
//! * *fact*: what a stage noticed. *rule*: what can be wrong. *finding*: what a rule concluded. "Stream" alone names
//!   nothing.
//!
//! # The invariants
//!
//! * Stages state [facts](fact), only [rules] judge, only [reports](report) speak.
//! * Malformed input is never an error but a fact. Only `capture` and the binary do I/O, so only they return errors.
//! * No input makes it panic: nothing is indexed or unwrapped, and up to `session` all arithmetic says what it does where
//!   it overflows: it saturates, goes round as sequence numbers do, or is checked and the input malformed.
//! * Only capture time exists: no stage reads a clock. The same input gives the same output, octet for octet.
//! * Nothing is dropped without being counted, and reaching a limit is a fact.
//! * Maps whose keys the capture chooses are those of `foldhash`, whose hash has a seed of its own in each run: nobody who
//!   writes a capture can make keys that collide. Maps of other keys are those of `rustc_hash`.
//! * Frames borrow from the reader's window; traffic that cannot be HTTP over TCP is set aside before anything is
//!   allocated; memory grows with hooks and open connections, never with octets.
//! * Which hooks exist is one table, the [catalogue](catalog); what can be wrong is one file a [rule](rules).
//! * An absence is confirmed only where the capture would have shown the opposite; that is decided in one place for all
//!   rules. No finding is without evidence: its constructor demands it.
//! * Secrets are masked while a report is made, before any renderer sees them.

pub mod capture;
pub mod catalog;
pub mod check;
pub mod compare;
pub mod endpoint;
pub mod excerpt;
pub mod fact;
pub mod filter;
pub mod hook;
pub mod http;
pub mod limits;
pub mod packet;
pub mod parallel;
pub mod pipeline;
pub mod report;
pub mod rules;
pub mod session;
pub mod tcp;
pub mod time;
pub mod tls;
pub mod toml_text;
