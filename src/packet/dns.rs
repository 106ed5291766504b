//! DNS messages over UDP (RFC 1035, section 4.1): what is asked, and whether the answer is any good.

use super::Payload;
use crate::endpoint::{Endpoint, Moment};
use std::net::IpAddr;

/// The port of DNS.
pub(super) const PORT: u16 = 53;
/// Octets of the header.
const HEADER: usize = 12;
/// Octets of a question's or record's class, and of a record's time to live.
const CLASS: usize = 2;
const TIME_TO_LIVE: usize = 4;
/// The longest name (RFC 1035, section 2.3.4).
const LONGEST_NAME: usize = 255;
/// Records with addresses: A and AAAA (RFC 3596).
const ADDRESSES: [u16; 2] = [1, 28];
/// Records of an answer that are read.
const MOST_RECORDS: u16 = 64;

/// A question for a name's addresses, or the answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsMessage {
    /// Where and when it was captured.
    pub at: Moment,
    /// Who asks.
    pub client: Endpoint,
    /// Who is asked.
    pub server: Endpoint,
    /// The name, in small letters, without the last dot.
    pub name: String,
    /// What the answer says; `None`: this is the question.
    pub answer: Option<DnsAnswer>,
    /// The addresses in the answer, as far as they were captured.
    pub addresses: Vec<IpAddr>,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// The response code (RFC 1035, section 4.1.1); 0 is no error.
    pub code: u8,
    /// How many records it has.
    pub records: u16,
}

impl DnsAnswer {
    /// What the code says, for people (IANA, "DNS RCODEs").
    pub const fn meaning(self) -> &'static str {
        match self.code {
            0 => "no error",
            1 => "FORMERR: the question makes no sense to the server",
            2 => "SERVFAIL: the name server failed",
            3 => "NXDOMAIN: there is no such name",
            4 => "NOTIMP: the name server does not do that",
            5 => "REFUSED: the name server refuses to answer",
            _ => "an error",
        }
    }

    /// Whether the server knows that the name has no address: NXDOMAIN, or no error and nothing else (RFC 2308).
    pub const fn is_no_such_name(self) -> bool {
        matches!(self.code, 0 | 3)
    }
}

/// A message with one question for addresses; `None` where it is anything else.
pub(super) fn message(
    source: Endpoint,
    destination: Endpoint,
    octets: Payload<'_>,
    at: Moment,
) -> Option<DnsMessage> {
    let (flags, questions) = (octets.u16(2)?, octets.u16(4)?);
    let (is_response, is_query) = (flags & 0x8000 != 0, flags & 0x7800 == 0);
    let (name, behind) = name(octets.octets.get(HEADER..)?)?;
    let (kind, behind) = behind.split_first_chunk()?;
    let kind = u16::from_be_bytes(*kind);
    if questions != 1 || !is_query || !ADDRESSES.contains(&kind) || name.is_empty() {
        return None;
    }
    let (client, server) = if is_response { (destination, source) } else { (source, destination) };
    if server.port() != PORT {
        return None;
    }
    let answer = DnsAnswer { code: u8::try_from(flags & 0xf).unwrap_or_default(), records: octets.u16(6)? };
    let records = behind.get(CLASS..).filter(|_| is_response).unwrap_or_default();
    let addresses = addresses(records, answer.records.min(MOST_RECORDS));
    Some(DnsMessage { at, client, server, name, answer: is_response.then_some(answer), addresses })
}

/// The addresses in so many records (RFC 1035, section 4.1.3), up to where the capture cuts them.
fn addresses(mut octets: &[u8], records: u16) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for _ in 0..records {
        let Some((address, behind)) = record(octets) else { break };
        addresses.extend(address);
        octets = behind;
    }
    addresses
}

/// A record's address, if that is what it holds, and what stands behind it.
fn record(octets: &[u8]) -> Option<(Option<IpAddr>, &[u8])> {
    let fields = behind_name(octets)?;
    let (kind, rest) = fields.split_first_chunk()?;
    let (length, rest) = rest.get(CLASS + TIME_TO_LIVE..)?.split_first_chunk()?;
    let (data, behind) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let address = match u16::from_be_bytes(*kind) {
        1 => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
        28 => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
        _ => None,
    };
    Some((address, behind))
}

/// What stands behind a name, which may end in a pointer (RFC 1035, section 4.1.4).
fn behind_name(mut octets: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, behind) = octets.split_first()?;
        match *length {
            0 => return Some(behind),
            0xc0.. => return behind.get(1..),
            length => octets = behind.get(usize::from(length)..)?,
        }
    }
}

/// A name that is not compressed, as a question's is, and what stands behind it.
fn name(octets: &[u8]) -> Option<(String, &[u8])> {
    let (mut name, mut rest) = (String::new(), octets);
    loop {
        let (length, behind) = rest.split_first()?;
        if *length == 0 {
            return Some((name, behind));
        }
        // The longest label; two bits more make it a pointer.
        if *length > 63 || octets.len().saturating_sub(rest.len()) > LONGEST_NAME {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        let (label, behind) = behind.split_at_checked(usize::from(*length))?;
        name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_up_to_where_the_capture_cuts_them() {
        let records = [
            // An alias, by a pointer, to a name of one label and a pointer.
            [&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4][..], &[1, b'a', 0xc0, 12]].concat(),
            [&[1, b'a', 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4][..], &[192, 0, 2, 1]].concat(),
            [&[0, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16][..], &[0xfd; 16]].concat(),
        ];
        let all: [IpAddr; 2] = [[192, 0, 2, 1].into(), [0xfd; 16].into()];
        let octets = records.concat();
        for (length, count) in
            [(0, 0), (16, 0), (records[0].len() + 17, 0), (octets.len() - 1, 1), (octets.len(), 2)]
        {
            assert_eq!(addresses(&octets[..length], 3), all[..count], "{length}");
        }
        assert_eq!(addresses(&octets, 2), all[..1]);
    }
}
