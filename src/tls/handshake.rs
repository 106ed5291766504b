//! Messages of the handshake (RFC 8446, section 4; RFC 5246, section 7.4).

use super::certificate::Certificate;

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The name of the server that it wants (RFC 6066, section 3).
    pub server_name: Option<String>,
    /// The highest version that it offers, as in `0x0303` for TLS 1.2.
    pub version: u16,
}

/// A message.
pub(super) enum Message {
    ClientHello(ClientHello),
    /// With the version that the server chose.
    ServerHello(u16),
    /// With the server's own certificate.
    Certificate(Option<Certificate>),
    Other,
}

/// The number of the extension with the server's name.
const SERVER_NAME: u16 = 0;
/// The number of the extension with the versions.
const SUPPORTED_VERSIONS: u16 = 43;

/// The first message, if all of it is there, and its length.
pub(super) fn next(octets: &[u8]) -> Option<(Message, usize)> {
    let [kind, high, middle, low, rest @ ..] = octets else { return None };
    let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
    let body = rest.get(..length)?;
    let message = match kind {
        1 => client_hello(body).map_or(Message::Other, Message::ClientHello),
        2 => server_hello(body).map_or(Message::Other, Message::ServerHello),
        11 => Message::Certificate(certificate(body)),
        _ => Message::Other,
    };
    Some((message, length.saturating_add(4)))
}

/// What is left to read of a message.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, octets: usize) -> Option<usize> {
        Some(self.take(octets)?.iter().fold(0, |number, octet| number << 8 | usize::from(*octet)))
    }

    /// A vector behind its length in so many octets.
    fn vector(&mut self, octets: usize) -> Option<&'a [u8]> {
        let length = self.number(octets)?;
        self.take(length)
    }

    fn extension(&mut self) -> Option<(u16, &'a [u8])> {
        Some((u16::try_from(self.number(2)?).ok()?, self.vector(2)?))
    }
}

fn client_hello(body: &[u8]) -> Option<ClientHello> {
    let mut rest = Rest(body);
    let mut hello = ClientHello { server_name: None, version: u16::try_from(rest.number(2)?).ok()? };
    // The random value, the session's id, ciphers, compression methods.
    rest.take(32)?;
    rest.vector(1)?;
    rest.vector(2)?;
    rest.vector(1)?;
    let mut extensions = Rest(rest.vector(2).unwrap_or_default());
    while let Some((kind, content)) = extensions.extension() {
        match kind {
            SERVER_NAME => hello.server_name = server_name(content),
            SUPPORTED_VERSIONS => hello.version = highest(content).unwrap_or(hello.version),
            _ => {}
        }
    }
    Some(hello)
}

fn server_name(content: &[u8]) -> Option<String> {
    let mut names = Rest(Rest(content).vector(2)?);
    let kind = names.number(1)?;
    let name = names.vector(2).filter(|_| kind == 0)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The highest of the versions, those left out that only test whether servers pass over unknown ones (RFC 8701).
fn highest(content: &[u8]) -> Option<u16> {
    let versions = Rest(content).vector(1)?.chunks_exact(2);
    let versions = versions.filter_map(|version| Some(u16::from_be_bytes(version.try_into().ok()?)));
    versions.filter(|version| version >> 8 == 3).max()
}

/// The first one of the list: the server's own (RFC 5246, section 7.4.2).
fn certificate(body: &[u8]) -> Option<Certificate> {
    let list = Rest(body).vector(3)?;
    Certificate::read(Rest(list).vector(3)?)
}

fn server_hello(body: &[u8]) -> Option<u16> {
    let mut rest = Rest(body);
    let version = u16::try_from(rest.number(2)?).ok()?;
    rest.take(32)?;
    rest.vector(1)?;
    // The cipher, the compression method.
    rest.take(3)?;
    let mut extensions = Rest(rest.vector(2).unwrap_or_default());
    while let Some((kind, content)) = extensions.extension() {
        if let (SUPPORTED_VERSIONS, [high, low]) = (kind, content) {
            return Some(u16::from_be_bytes([*high, *low]));
        }
    }
    Some(version)
}
