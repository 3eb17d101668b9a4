//! Requests and answers of the platform, turned into ours and back.

use futures_util::{StreamExt, TryStreamExt};
use protocol::limits::MAX_BODY_BYTES;
use worker::{Headers, Result};

use crate::address::Address;
use crate::http::{Geo, Request, Response, Stream};

fn name() -> String {
    format!("{:016x}", fastrand::u64(..))
}

pub(super) async fn read(request: &mut worker::Request, received_at: u64) -> Result<Request> {
    let url = request.inner().url();
    let url = Parts::of(&url);
    let geo = request.cf().map_or_else(Geo::default, |cf| Geo {
        country: cf.country().unwrap_or_default(),
        region: cf.region().unwrap_or_default(),
        city: cf.city().unwrap_or_default(),
    });
    Ok(Request {
        method: request.method().to_string(),
        path: url.path.to_owned(),
        query: url.query.to_owned(),
        host: url.host.to_owned(),
        https: url.scheme == "https",
        // Set by the edge, which removes what a sender gives under this name.
        address: request.headers().get("cf-connecting-ip")?.as_deref().and_then(Address::parse),
        headers: request.headers().entries().collect(),
        body: body(request).await?,
        geo,
        // The edge's own name of the request, without the location it came to; where there is none, one is made.
        id: request
            .headers()
            .get("cf-ray")?
            .map_or_else(name, |ray| ray.split('-').next().unwrap_or("").to_owned()),
        received_at,
    })
}

/// The parts of an address that the platform has parsed and printed: nothing in it needs to be understood any more, and
/// the `url` crate would be a twentieth of the bundle.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let url = url.split('#').next().unwrap_or("");
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        Self { scheme, host, path: if path.is_empty() { "/" } else { path }, query }
    }
}

/// Reads the body, but never more than is allowed, whatever `content-length` says. `None`: it was longer.
async fn body(request: &mut worker::Request) -> Result<Option<Vec<u8>>> {
    let announced = request.headers().get("content-length")?.and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Ok(None);
    }
    if announced.is_some() {
        // The connection ends a body at its announced length. Read at once it costs a third of what a stream does.
        return Ok(Some(request.bytes().await?));
    }
    let Ok(mut stream) = request.stream() else { return Ok(Some(Vec::new())) };
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > MAX_BODY_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

pub(super) fn answer(response: Response) -> Result<worker::Response> {
    let headers = Headers::new();
    for (name, value) in response.headers {
        headers.append(name, &value)?;
    }
    let pieces = response.stream.as_ref().and_then(Stream::take);
    let answer = if let Some(pieces) = pieces {
        worker::Response::from_stream(pieces.map_err(|broken| worker::Error::RustError(broken.to_string())))?
    } else if response.body.is_empty() {
        worker::Response::empty()?
    } else {
        worker::Response::from_bytes(response.body)?
    };
    // `from_bytes` sets a content type of its own.
    Ok(answer.with_status(response.status).with_headers(headers))
}
