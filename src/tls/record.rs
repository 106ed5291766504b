//! The record layer of one direction (RFC 8446, section 5.1; RFC 5246, section 6.2).

use super::certificate::Certificate;
use super::handshake::{self, ClientHello, Message};
use crate::endpoint::Moment;

/// An alert (RFC 8446, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Whether it ends the connection.
    pub is_fatal: bool,
    /// What it is about, by IANA's registry of TLS alerts.
    pub description: u8,
    /// Where and when it was captured.
    pub at: Moment,
}

impl Alert {
    /// Its name in the registry.
    pub const fn name(self) -> &'static str {
        match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            22 => "record_overflow",
            40 => "handshake_failure",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            109 => "missing_extension",
            110 => "unsupported_extension",
            112 => "unrecognized_name",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => "an alert without a name",
        }
    }

    /// Whether it is about the other end's certificate.
    pub const fn is_about_certificate(self) -> bool {
        matches!(self.description, 42..=46 | 48)
    }
}

/// Reads one direction until its records are encrypted.
#[derive(Clone, Default)]
pub(super) struct Reader {
    /// The record being read.
    pending: Vec<u8>,
    /// The handshake message being read.
    handshake: Vec<u8>,
    over: bool,
    encrypted: bool,
    hello: Option<ClientHello>,
    version: Option<u16>,
    certificate: Option<Certificate>,
    alert: Option<Alert>,
}

impl Reader {
    /// Takes in octets; `false` where a message is too long, and reading stops.
    pub(super) fn push(&mut self, octets: &[u8], at: Moment, limit: usize) -> bool {
        if self.over {
            return true;
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend(octets);
        let mut rest = pending.as_slice();
        while let Some((kind, record, behind)) = self.next_record(rest) {
            rest = behind;
            self.read(kind, record, at);
            if self.over {
                return true;
            }
        }
        if !self.over {
            let read = pending.len().saturating_sub(rest.len());
            pending.drain(..read);
            self.pending = pending;
        }
        let fits = self.held() <= limit;
        if !fits {
            self.lose();
        }
        fits
    }

    /// Octets that are held.
    pub(super) const fn held(&self) -> usize {
        self.pending.len().saturating_add(self.handshake.len())
    }

    /// Stops reading: octets are missing, or are none of TLS. Returns how many octets are let go.
    pub(super) fn lose(&mut self) -> usize {
        let held = self.held();
        self.over = true;
        (self.pending, self.handshake) = (Vec::new(), Vec::new());
        held
    }

    pub(super) const fn hello(&self) -> Option<&ClientHello> {
        self.hello.as_ref()
    }

    pub(super) const fn version(&self) -> Option<u16> {
        self.version
    }

    pub(super) const fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    pub(super) const fn alert(&self) -> Option<Alert> {
        self.alert
    }

    /// Whether records came that are encrypted, or that announce it.
    pub(super) const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Type and content of the next record, if all of it is there, and what follows it.
    fn next_record<'a>(&mut self, octets: &'a [u8]) -> Option<(u8, &'a [u8], &'a [u8])> {
        let (kind, length, rest) = match *octets {
            [kind @ 0x14..=0x17, 3, _, high, low, ref rest @ ..] => {
                (kind, u16::from_be_bytes([high, low]), rest)
            }
            [_, _, _, _, _, ..] => {
                self.lose();
                return None;
            }
            _ => return None,
        };
        let (record, behind) = rest.split_at_checked(length.into())?;
        Some((kind, record, behind))
    }

    fn read(&mut self, kind: u8, record: &[u8], at: Moment) {
        match (kind, record) {
            // One that is longer is encrypted.
            (0x15, [level, description]) => {
                let alert = Alert { is_fatal: *level == 2, description: *description, at };
                self.alert.get_or_insert(alert);
            }
            (0x16, _) => {
                self.handshake.extend(record);
                let mut read = 0_usize;
                while let Some((message, length)) = self.handshake.get(read..).and_then(handshake::next) {
                    read = read.saturating_add(length);
                    match message {
                        Message::ClientHello(hello) => self.hello = Some(hello),
                        Message::ServerHello(version) => self.version = Some(version),
                        Message::Certificate(certificate) => self.certificate = certificate,
                        Message::Other => {}
                    }
                }
                self.handshake.drain(..read);
            }
            // Change of cipher spec, data, encrypted alert: nothing more can be read.
            _ => {
                self.encrypted = true;
                self.lose();
            }
        }
    }
}
