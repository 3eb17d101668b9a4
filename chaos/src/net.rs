//! HTTP between the driver and everything it runs: one client, and servers of a few lines.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

/// A body that is there as a whole.
pub(crate) type Body = Full<Bytes>;

/// An answer whose body was read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After` in seconds; 0 when there was none.
    pub(crate) retry_after: u32,
    pub(crate) body: Bytes,
}

/// The client; clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Http(Client<HttpConnector, Body>);

impl Http {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(5)).build_http())
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> anyhow::Result<Answer> {
        let answer = self.0.request(request).await?;
        let retry_after = answer.headers().get("retry-after").and_then(|it| it.to_str().ok()?.parse().ok());
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, retry_after: retry_after.unwrap_or(0), body })
    }

    /// Posts JSON and reads JSON; any status but 200 is an error.
    pub(crate) async fn ask(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> anyhow::Result<Value> {
        let mut request = Request::post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.send(request.body(Body::from(body.to_string()))?).await?;
        if answer.status != 200 {
            bail!("{url} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        serde_json::from_slice(&answer.body).with_context(|| format!("{url} did not answer JSON"))
    }
}

/// What a server does with a request: answer, or break the connection off.
pub(crate) type Handled = Result<Response<Body>, Broken>;

/// The connection is broken off without an answer.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("broken off")
    }
}

impl std::error::Error for Broken {}

/// Serves on a free port of this machine until the runtime ends; gives back the port.
pub(crate) async fn serve<F, R>(handle: F) -> anyhow::Result<u16>
where
    F: Fn(Request<Bytes>) -> R + Clone + 'static,
    R: Future<Output = Handled> + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handle = handle.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let handle = handle.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
                        handle(Request::from_parts(head, body)).await
                    }
                });
                // Whoever was cut off, or cut us off, knows.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(port)
}

/// An answer of a server.
pub(crate) fn answer(status: u16, media: &str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::new(body.into()));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(media) = media.parse() {
        response.headers_mut().insert("content-type", media);
    }
    response
}

/// A free port of this machine.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Tries until it is so, or too long.
pub(crate) async fn until<F: Future<Output = bool>>(
    what: &str,
    limit: Duration,
    mut is_so: impl FnMut() -> F,
) -> anyhow::Result<()> {
    let end = tokio::time::Instant::now() + limit;
    while !is_so().await {
        if tokio::time::Instant::now() > end {
            bail!("{what}: not within {} s", limit.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
