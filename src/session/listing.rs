//! Exchanges as they are listed: without their bodies.

use crate::endpoint::Moment;
use crate::http::{Body, Exchange};
use sha2::{Digest as _, Sha256};

/// An exchange, hook or not.
#[derive(Clone, Debug)]
pub struct ListedExchange {
    /// The exchange; its bodies' octets are gone.
    pub exchange: Exchange,
    /// The request's body, where there is a request.
    pub request_body: Option<BodyDigest>,
    /// The response's body, where there is a response.
    pub response_body: Option<BodyDigest>,
    /// The name of the hook that it is.
    pub hook: Option<String>,
}

/// What names a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyDigest {
    /// Its octets, decoded.
    pub len: u64,
    /// The hexadecimal SHA-256 of these.
    pub sha256: String,
}

impl ListedExchange {
    /// Lists an exchange.
    pub(super) fn new(exchange: &Exchange) -> Self {
        let mut exchange = exchange.clone();
        let digest = |body: &mut Body| {
            let octets = std::mem::take(&mut body.octets);
            let sha256 =
                Sha256::digest(&octets).iter().fold(String::new(), |hex, octet| format!("{hex}{octet:02x}"));
            BodyDigest { len: octets.len() as u64, sha256 }
        };
        let request_body = exchange.request.as_mut().map(|request| digest(&mut request.body));
        let response_body = exchange.response.as_mut().map(|response| digest(&mut response.body));
        Self { exchange, request_body, response_body, hook: None }
    }

    /// When it begins.
    pub fn first(&self) -> Option<Moment> {
        let Exchange { request, response, .. } = &self.exchange;
        let asked = request.as_ref().map(|request| request.extent.first);
        asked.or_else(|| response.as_ref().map(|response| response.extent.first))
    }
}
