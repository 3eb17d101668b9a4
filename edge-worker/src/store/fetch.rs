//! The SDK's way to send, to sleep and to tell the time on Workers: `fetch`, `setTimeout`, `Date.now()`.

use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::{Headers, StatusCode};
use aws_smithy_types::body::SdkBody;
use worker::send::SendFuture;
use worker::{AbortController, Fetch, Method, Request, RequestInit};

use super::client::Platform;

pub(super) fn platform() -> Platform {
    let http = SharedHttpConnector::new(FetchConnector);
    Platform { http, sleep: SharedAsyncSleep::new(TimeoutSleep), time: SharedTimeSource::new(DateTime) }
}

#[derive(Debug)]
struct FetchConnector;

impl HttpConnector for FetchConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // The isolate has one thread, so what JavaScript hands out never crosses to another.
        HttpConnectorFuture::new(SendFuture::new(send(request)))
    }
}

/// Aborts the request when the SDK gives up on it, as it does by dropping the future: otherwise a hanging
/// store would hold one of the isolate's few connections.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}

async fn send(request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let io = |error: worker::Error| ConnectorError::io(error.to_string().into());
    let request = to_platform(&request).map_err(|e| ConnectorError::user(e.to_string().into()))?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let mut guard = AbortOnDrop(Some(controller));
    let mut answer = Fetch::Request(request).send_with_signal(&signal).await.map_err(io)?;
    let body = answer.bytes().await.map_err(io)?;
    guard.0 = None;

    let status = StatusCode::try_from(answer.status_code())
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    let mut headers = Headers::new();
    for (name, value) in answer.headers().entries() {
        headers.try_append(name, value).map_err(|error| ConnectorError::other(error.into(), None))?;
    }
    *response.headers_mut() = headers;
    Ok(response)
}

fn to_platform(request: &HttpRequest) -> worker::Result<Request> {
    let headers = worker::Headers::new();
    for (name, value) in request.headers() {
        // fetch sets these two itself, and refuses to be told.
        if !matches!(name, "host" | "content-length") {
            headers.set(name, value)?;
        }
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().to_owned())).with_headers(headers);
    if let Some(bytes) = request.body().bytes().filter(|bytes| !bytes.is_empty()) {
        init.with_body(Some(js_sys::Uint8Array::from(bytes).into()));
    }
    Request::new_with_init(request.uri(), &init)
}

#[derive(Debug)]
struct TimeoutSleep;

impl AsyncSleep for TimeoutSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(SendFuture::new(worker::Delay::from(duration)))
    }
}

#[derive(Debug)]
struct DateTime;

impl TimeSource for DateTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(worker::Date::now().as_millis())
    }
}
