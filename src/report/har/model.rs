//! The objects of HAR 1.2, and our own additions to them, whose names begin with an underscore.

use crate::report::document::{Frame, Verdict};
use serde::Serialize;

/// The file.
#[derive(Serialize)]
pub(super) struct Har<'d> {
    pub(super) log: Log<'d>,
}

#[derive(Serialize)]
pub(super) struct Log<'d> {
    pub(super) version: &'static str,
    pub(super) creator: Creator<'d>,
    pub(super) pages: Vec<Page>,
    pub(super) entries: Vec<Entry<'d>>,
    #[serde(rename = "_redacted")]
    pub(super) redacted: bool,
    #[serde(rename = "_verdict")]
    pub(super) verdict: &'d Verdict,
    /// Findings about no hook: what no entry shows.
    #[serde(rename = "_findings")]
    pub(super) findings: Vec<FindingNote<'d>>,
}

#[derive(Serialize)]
pub(super) struct Creator<'d> {
    pub(super) name: &'d str,
    pub(super) version: &'d str,
}

/// A session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) started_date_time: String,
    pub(super) id: String,
    pub(super) title: String,
    #[serde(rename = "pageTimings")]
    pub(super) timings: PageTimings,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageTimings {
    pub(super) on_content_load: i8,
    pub(super) on_load: i8,
}

/// A hook.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pageref: Option<&'d str>,
    pub(super) started_date_time: String,
    pub(super) time: f64,
    pub(super) request: Request<'d>,
    pub(super) response: Response<'d>,
    pub(super) cache: Empty,
    pub(super) timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub(super) server_address: Option<&'d str>,
    pub(super) connection: String,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'d str>,
    #[serde(rename = "_frames")]
    pub(super) frames: Frames<'d>,
    #[serde(rename = "_tcpStream")]
    pub(super) stream: u32,
    #[serde(rename = "_wcs")]
    pub(super) wcs: Wcs<'d>,
    #[serde(rename = "_findings")]
    pub(super) findings: Vec<FindingNote<'d>>,
    #[serde(rename = "_captureFile", skip_serializing_if = "Option::is_none")]
    pub(super) capture_file: Option<&'d str>,
    #[serde(rename = "_sha256", skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<&'d str>,
}

/// An object without members.
#[derive(Serialize)]
#[expect(clippy::empty_structs_with_brackets, reason = "an object, not null")]
pub(super) struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'d> {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) http_version: &'d str,
    pub(super) cookies: [Pair<'d>; 0],
    pub(super) headers: Vec<Pair<'d>>,
    pub(super) query_string: Vec<Pair<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) post_data: Option<PostData<'d>>,
    pub(super) headers_size: i64,
    pub(super) body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData<'d> {
    pub(super) mime_type: &'d str,
    pub(super) text: Text<'d>,
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response<'d> {
    pub(super) status: u16,
    pub(super) status_text: &'d str,
    pub(super) http_version: &'d str,
    pub(super) cookies: [Pair<'d>; 0],
    pub(super) headers: Vec<Pair<'d>>,
    pub(super) content: Content<'d>,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: &'d str,
    pub(super) headers_size: i64,
    pub(super) body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content<'d> {
    pub(super) size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compression: Option<i64>,
    pub(super) mime_type: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Text<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<&'static str>,
}

/// Text, or octets in base64.
pub(super) type Text<'d> = std::borrow::Cow<'d, str>;

/// A header field or a query's parameter.
#[derive(Serialize)]
pub(super) struct Pair<'d> {
    pub(super) name: &'d str,
    pub(super) value: &'d str,
}

/// Milliseconds; -1 where unknown.
#[derive(Serialize)]
pub(super) struct Timings {
    pub(super) blocked: f64,
    pub(super) dns: f64,
    pub(super) connect: f64,
    pub(super) ssl: f64,
    pub(super) send: f64,
    pub(super) wait: f64,
    pub(super) receive: f64,
}

#[derive(Serialize)]
pub(super) struct Frames<'d> {
    pub(super) request: &'d [Frame],
    pub(super) response: &'d [Frame],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wcs<'d> {
    pub(super) hook: &'d str,
    pub(super) method: &'d str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) hook_type: Option<&'d str>,
    pub(super) outcome: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effect: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_of: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call_id: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node_id: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_key: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flow: Option<&'d str>,
}

/// A finding, in short.
#[derive(Serialize)]
pub(super) struct FindingNote<'d> {
    pub(super) id: &'d str,
    pub(super) rule: &'d str,
    pub(super) severity: &'d str,
    pub(super) confidence: &'d str,
    pub(super) title: &'d str,
}
