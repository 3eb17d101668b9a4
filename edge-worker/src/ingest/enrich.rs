//! What the worker adds to a batch: place, device, browser.

use protocol::Batch;
use protocol::api::Device;
use protocol::limits::{MAX_CONTEXT_BYTES, cut};

use super::authorise::Sender;
use super::user_agent;
use crate::http::{Geo, Request};

/// What is known of a visit beyond its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// Where the visitor is.
    pub geo: Geo,
    /// Device class.
    pub device: Device,
    /// Browser family; empty when unknown.
    pub browser: &'static str,
    /// Operating system; empty when unknown.
    pub os: &'static str,
    /// Language tag of the browser; empty when unknown.
    pub language: String,
}

/// Describes the visit a batch belongs to. A server that holds the ingest key says where its visitor is.
pub(super) fn visit(request: &Request, sender: &Sender, batch: &Batch) -> Visit {
    let header = |name| cut(request.header(name).unwrap_or(""), MAX_CONTEXT_BYTES).to_owned();
    let mut geo = match sender {
        Sender::Page => request.geo.clone(),
        Sender::Server => Geo {
            country: header("x-liveinsight-country"),
            region: header("x-liveinsight-region"),
            city: header("x-liveinsight-city"),
        },
    };
    if geo.country.len() != 2 || !geo.country.bytes().all(|b| b.is_ascii_alphabetic()) {
        geo.country.clear();
    }
    geo.country.make_ascii_uppercase();
    let agent = user_agent::parse(request.header("user-agent").unwrap_or(""));
    Visit {
        geo,
        device: agent.device,
        browser: agent.browser,
        os: agent.os,
        language: batch.context.language.as_str().to_owned(),
    }
}
