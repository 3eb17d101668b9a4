//! Requests and answers as the rest of the worker sees them: plain values, no platform types.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::stream::LocalBoxStream;
use protocol::problem::{Code, MEDIA_TYPE, Problem};
use serde::{Deserialize, Serialize};

use crate::address::Address;

/// Where the edge says the sender is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geo {
    /// ISO 3166-1 alpha-2 code; empty when unknown.
    pub country: String,
    /// Name of the region; empty when unknown.
    pub region: String,
    /// Name of the city; empty when unknown.
    pub city: String,
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Upper-case method.
    pub method: String,
    /// Path, with its leading slash.
    pub path: String,
    /// Query without `?`; empty when there is none.
    pub query: String,
    /// Host of the request's own address, with its port unless that is the scheme's own.
    pub host: String,
    /// Whether the visitor's connection is encrypted; decides on `Secure` cookies.
    pub https: bool,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body, or `None` when it was longer than [`protocol::limits::MAX_BODY_BYTES`].
    pub body: Option<Vec<u8>>,
    /// Where the edge says the sender is.
    pub geo: Geo,
    /// Where the request came from. Never stored, never logged.
    pub address: Option<Address>,
    /// Names the request in logs and answers; empty where nobody asks.
    pub id: String,
    /// The worker's clock when the request arrived, Unix milliseconds.
    pub received_at: u64,
}

impl Request {
    /// A header's value, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A query parameter's value, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into())
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// A body that is made while it is sent, piece by piece. Copies are one body: whoever takes it first has it.
#[derive(Clone)]
pub struct Stream(Rc<RefCell<Option<Pieces>>>);

/// Pieces of a body. After an error the connection is broken off, so that nobody takes what came for the whole.
pub type Pieces = LocalBoxStream<'static, Result<Vec<u8>, StreamBroken>>;

/// A body could not be made to its end; the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body could not be made to its end")]
pub struct StreamBroken;

impl Stream {
    /// A body of these pieces.
    pub fn new(pieces: Pieces) -> Self {
        Self(Rc::new(RefCell::new(Some(pieces))))
    }

    /// The pieces; `None` if somebody has them.
    pub fn take(&self) -> Option<Pieces> {
        self.0.borrow_mut().take()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stream {}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body; may be empty.
    pub body: Vec<u8>,
    /// Body in place of the other one, if it is long.
    pub stream: Option<Stream>,
    /// The problem's code, for the log, when this is one.
    pub problem: Option<Code>,
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: vec![("cache-control", "no-store".into())],
            body: Vec::new(),
            stream: None,
            problem: None,
        }
    }

    /// A JSON answer.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => {
                let mut response = Self { body, ..Self::empty(status) };
                response.headers.push(("content-type", "application/json".into()));
                response
            }
            // Only a map with keys that are not text cannot be printed, and no answer of ours has one.
            Err(_) => Self::empty(500),
        }
    }

    /// A problem document.
    pub fn problem(code: Code, detail: impl Into<Option<String>>) -> Self {
        let mut response = Self::json(code.status(), &Problem::new(code, detail.into()));
        response.headers.retain(|(name, _)| *name != "content-type");
        response.problem = Some(code);
        response.with("content-type", MEDIA_TYPE)
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_and_parameters_are_found_among_others() {
        let request = Request {
            query: "a=1&site_id=demo%2Dshop&b".into(),
            headers: vec![("cookie".into(), "x=1; li_session=abc=; y=2".into())],
            ..Request::default()
        };
        assert_eq!(request.parameter("site_id").as_deref(), Some("demo-shop"));
        assert_eq!(request.parameter("c"), None);
        assert_eq!(request.cookie("li_session"), Some("abc="));
        assert_eq!(request.cookie("session"), None);
    }
}
