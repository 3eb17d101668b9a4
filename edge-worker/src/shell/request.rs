//! Requests and answers of the platform, turned into ours and back.

use futures_util::StreamExt;
use protocol::limits::MAX_BODY_BYTES;
use worker::{Headers, Result};

use crate::address::Address;
use crate::http::{Geo, Request, Response};

pub(super) async fn read(request: &mut worker::Request, received_at: u64) -> Result<Request> {
    let url = request.url()?;
    let geo = request.cf().map_or_else(Geo::default, |cf| Geo {
        country: cf.country().unwrap_or_default(),
        region: cf.region().unwrap_or_default(),
        city: cf.city().unwrap_or_default(),
    });
    Ok(Request {
        method: request.method().to_string(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        host: url.host_str().map_or_else(String::new, |host| match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }),
        https: url.scheme() == "https",
        // Set by the edge, which removes what a sender gives under this name.
        address: request.headers().get("cf-connecting-ip")?.as_deref().and_then(Address::parse),
        headers: request.headers().entries().collect(),
        body: body(request).await?,
        geo,
        received_at,
    })
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
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
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
    let answer = if response.body.is_empty() {
        worker::Response::empty()?
    } else {
        worker::Response::from_bytes(response.body)?
    };
    // `from_bytes` sets a content type of its own.
    Ok(answer.with_status(response.status).with_headers(headers))
}
