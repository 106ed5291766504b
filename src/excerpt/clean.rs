//! Overwrites secrets, at the same length and in all copies.

use super::follow::{Followed, Said, Stream};
use super::{Kept, Refusal};
use crate::endpoint::FrameNumber;
use crate::report::{Redactor, plain};
use crate::session::Case;
use std::ops::Range;

/// What stands in place of a secret's octets.
const COVER: u8 = b'x';
/// The same for numbers, so that JSON stays JSON.
const COVER_OF_NUMBERS: u8 = b'1';
/// The place of the checksum in TCP's header (RFC 9293, section 3.1).
const CHECKSUM: usize = 16;

/// Overwrites the secrets in all frames.
pub(super) fn clean(followed: &mut Followed, case: &Case, redactor: &Redactor) -> Result<(), Refusal> {
    let covers: Vec<Covers> =
        followed.streams.iter().map(|stream| Covers::of(stream, case, redactor)).collect::<Result<_, _>>()?;
    let Followed { frames, streams, .. } = followed;
    for frame in frames {
        let Some(place) = frame.place.clone().filter(|place| !place.payload.is_empty()) else { continue };
        let Some((stream, covers)) = streams.get(place.stream).zip(covers.get(place.stream)) else {
            continue;
        };
        let payload = frame.data.get(place.payload.clone()).unwrap_or_default();
        let at = stream.place(place.sequence);
        let known = |index: usize| {
            let octet = at?.checked_add_unsigned(index)?;
            covers.0.get(usize::try_from(octet).ok()?).copied()
        };
        let mut own = vec![None; payload.len()];
        if (0..payload.len()).any(|index| known(index).is_none()) && !is_encrypted(payload) {
            // Octets that the connection's other end never got, or got otherwise.
            cover(&plain(payload), redactor, &(0..payload.len()).collect::<Vec<_>>(), &mut own);
        }
        let own: Vec<Option<u8>> =
            own.into_iter().enumerate().map(|(index, own)| known(index).flatten().or(own)).collect();
        for (at, octet) in place.payload.zip(own) {
            if let Some(octet) = octet {
                overwrite(frame, place.header, at, octet);
            }
        }
    }
    Ok(())
}

/// What each octet of a stream is overwritten with.
struct Covers(Vec<Option<u8>>);

impl Covers {
    fn of(stream: &Stream, case: &Case, redactor: &Redactor) -> Result<Self, Refusal> {
        let mut covers = vec![None; stream.octets.len()];
        if is_encrypted(&stream.octets) {
            return Ok(Self(covers));
        }
        let mut messages: Vec<&Said> = stream.messages.iter().collect();
        messages.sort_by_key(|message| message.octets.start);
        let mut at = 0;
        for message in messages {
            let end = message.octets.end.min(stream.octets.len());
            let start = message.octets.start.clamp(at, end.max(at));
            text(&stream.octets, at..start, redactor, &mut covers);
            look_inside(message, case, redactor)?;
            one(&stream.octets, start..end.max(start), message, redactor, &mut covers);
            at = end.max(start);
        }
        text(&stream.octets, at..stream.octets.len(), redactor, &mut covers);
        Ok(Self(covers))
    }
}

/// Covers what stands in a part of a stream.
fn text(octets: &[u8], range: Range<usize>, redactor: &Redactor, covers: &mut [Option<u8>]) {
    let words = plain(octets.get(range.clone()).unwrap_or_default());
    cover(&words, redactor, &range.collect::<Vec<_>>(), covers);
}

/// Refuses a message whose body cannot be read as it stands, if it holds secrets or may hold some.
fn look_inside(message: &Said, case: &Case, redactor: &Redactor) -> Result<(), Refusal> {
    let body = &message.body;
    if body.coding.is_none() || body.wire_len == 0 {
        return Ok(());
    }
    if !body.undecodable && !body.cut && body.missing == 0 && !shows(&plain(&body.octets), redactor) {
        return Ok(());
    }
    Err(Refusal::Encoded { frame: message.last.number(), what: what(case, message.last) })
}

/// What a frame belongs to, in words.
fn what(case: &Case, frame: FrameNumber) -> String {
    let of = |record: &crate::session::HookRecord| {
        record.frames.contains(&frame)
            || record.answer.as_ref().is_some_and(|answer| answer.frames.contains(&frame))
    };
    match case.hooks.iter().position(of) {
        Some(index) => format!("hook h{}", index.saturating_add(1)),
        None => "no hook".to_owned(),
    }
}

/// Covers what stands in a message: its head line by line, its content without the framing of chunks.
fn one(octets: &[u8], range: Range<usize>, message: &Said, redactor: &Redactor, covers: &mut [Option<u8>]) {
    let raw = octets.get(range.clone()).unwrap_or_default();
    let head = raw
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(raw.len(), |end| end.saturating_add(4));
    let words = plain(raw.get(..head).unwrap_or_default());
    let places: Vec<usize> = range.clone().take(head).collect();
    cover_spans(&words, &redactor.head_spans(&words), &places, covers);
    if message.body.coding.is_some() {
        return;
    }
    let content: Vec<usize> = if message.fields.is_chunked() {
        chunks(raw, head).into_iter().map(|place| range.start.saturating_add(place)).collect()
    } else {
        range.skip(head).collect()
    };
    let body: Vec<u8> = content.iter().filter_map(|place| octets.get(*place)).copied().collect();
    cover(&plain(&body), redactor, &content, covers);
}

/// The places of a content's octets behind the head of a message in chunks (RFC 9112, section 7.1).
fn chunks(raw: &[u8], head: usize) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), head);
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let line = rest.windows(2).position(|window| window == b"\r\n");
        let digits = rest.iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let size = rest.get(..digits).and_then(|digits| str::from_utf8(digits).ok());
        let size = size.and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let Some((line, size)) = line.zip(size) else {
            // No chunk, whatever it is.
            places.extend(at..raw.len());
            break;
        };
        if size == 0 {
            break;
        }
        let start = at.saturating_add(line).saturating_add(2);
        let end = start.saturating_add(size).min(raw.len());
        places.extend(start..end);
        at = end.saturating_add(2);
    }
    places
}

fn cover(text: &str, redactor: &Redactor, places: &[usize], covers: &mut [Option<u8>]) {
    cover_spans(text, &redactor.spans(text), places, covers);
}

fn cover_spans(text: &str, spans: &[Range<usize>], places: &[usize], covers: &mut [Option<u8>]) {
    for span in spans {
        let secret = text.as_bytes().get(span.clone()).unwrap_or_default();
        let number = secret.iter().all(|octet| octet.is_ascii_digit() || b"+-.eE".contains(octet));
        for place in places.get(span.clone()).unwrap_or_default() {
            if let Some(known) = covers.get_mut(*place) {
                *known = Some(if number { COVER_OF_NUMBERS } else { COVER });
            }
        }
    }
}

/// Whether a text shows a secret that is not overwritten.
pub(super) fn shows(text: &str, redactor: &Redactor) -> bool {
    uncovered(text, redactor.spans(text))
}

/// The same of a message's head.
pub(super) fn head_shows(head: &str, redactor: &Redactor) -> bool {
    uncovered(head, redactor.head_spans(head))
}

fn uncovered(text: &str, spans: Vec<Range<usize>>) -> bool {
    spans.into_iter().any(|span| {
        let octets = text.as_bytes().get(span).unwrap_or_default();
        !octets.iter().all(|octet| *octet == COVER) && !octets.iter().all(|octet| *octet == COVER_OF_NUMBERS)
    })
}

/// Whether octets are records of TLS.
fn is_encrypted(octets: &[u8]) -> bool {
    matches!(octets, [20..=23, 3, 0..=4, ..])
}

/// Overwrites an octet of a segment, and moves the checksum on (RFC 1624).
fn overwrite(frame: &mut Kept, header: usize, at: usize, octet: u8) {
    let Some(place) = frame.data.get_mut(at) else { return };
    let before = std::mem::replace(place, octet);
    let is_high = at.saturating_sub(header).is_multiple_of(2);
    let weight = |octet: u8| if is_high { u16::from(octet) << 8 } else { u16::from(octet) };
    let Some(checksum) = frame.data.get_mut(header.saturating_add(CHECKSUM)..) else { return };
    let Some(checksum) = checksum.first_chunk_mut() else { return };
    // HC' = ~(~HC + ~m + m')
    let known = !u16::from_be_bytes(*checksum);
    let sum = add(add(known, !weight(before)), weight(octet));
    *checksum = (!sum).to_be_bytes();
}

/// The sum in ones' complement (RFC 1071, section 1): what is carried out at the top comes in at the bottom.
const fn add(one: u16, other: u16) -> u16 {
    let (sum, carried) = one.overflowing_add(other);
    sum.wrapping_add(carried as u16)
}
