//! A hook's response, as WCS sees it.

use super::Outcome;
use super::members::Members;
use super::names::{Name, Names};
use crate::endpoint::{FrameNumber, Moment};
use crate::http::{Completeness, Request, Response};

/// Characters of an unusable body that are kept for the report.
const EXCERPT: usize = 200;

/// A response to a hook.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The segment with the first octet.
    pub first: Moment,
    /// The segment that completed it: Wireshark's frame of it.
    pub last: Moment,
    /// Its segments.
    pub frames: Box<[FrameNumber]>,
    /// Whether all of it is there.
    pub completeness: Completeness,
    /// Whether what follows it is another protocol, for which the request had asked (RFC 9110, section 7.8): the answer
    /// proper comes in that, and is not read.
    pub is_elsewhere: bool,
    /// The body.
    pub members: Members,
    /// The field Content-Type.
    pub content_type: Option<Name>,
    /// The field Server.
    pub server: Option<Name>,
    /// The field Location.
    pub location: Option<Box<str>>,
    /// The beginning of a body that is no JSON object.
    pub excerpt: Option<Box<str>>,
}

/// What a body is to WCS, which wants a JSON object (D6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A JSON object.
    Usable,
    /// Nothing.
    Empty,
    /// Something else.
    Unusable,
    /// The connection ended in the middle of it.
    Truncated,
    /// The capture does not show it whole.
    Unseen,
}

impl Answer {
    /// Reads a response to a request, of whose body these members were read.
    pub(super) fn read(
        response: Response,
        (request, asked): (&Request, &Members),
        names: &mut Names,
    ) -> Self {
        let asked = (&*request.body.octets, asked);
        let members = Members::read_beside(&response.body, response.completeness, asked);
        let mut shared = |name| response.fields.get(name).map(|value| names.share(value));
        let excerpt = members.problem().is_some().then(|| {
            let start = response.body.octets.get(..EXCERPT * 4).unwrap_or(&response.body.octets);
            String::from_utf8_lossy(start).chars().take(EXCERPT).collect::<String>().into()
        });
        Self {
            status: response.start.status,
            first: response.extent.first,
            last: response.extent.last,
            completeness: response.completeness,
            is_elsewhere: response.start.status == 101 && request.fields.get("upgrade").is_some(),
            members,
            content_type: shared("content-type"),
            server: shared("server"),
            location: response.fields.get("location").map(Into::into),
            excerpt,
            frames: response.extent.frames.into(),
        }
    }

    /// What the body is to WCS.
    pub const fn content(&self) -> Content {
        match self.completeness {
            Completeness::Broken => Content::Truncated,
            // Whatever is missing, what cannot be the beginning of an object is none.
            _ if self.members.problem().is_some() => Content::Unusable,
            Completeness::NotCaptured | Completeness::CaptureEnded => Content::Unseen,
            Completeness::Whole if self.members.is_partial() => Content::Unseen,
            Completeness::Whole if self.members.is_empty() => Content::Empty,
            Completeness::Whole => Content::Usable,
        }
    }

    /// How a hook went that got this response in time.
    pub(super) const fn outcome(&self) -> Outcome {
        match (self.status, self.content()) {
            (403, _) => Outcome::Declined,
            (200, Content::Usable) => Outcome::Ok,
            (200, Content::Unseen) => Outcome::Unknown,
            _ if self.is_elsewhere => Outcome::Unknown,
            _ => Outcome::Failed,
        }
    }
}
