//! `GET /metrics`: what this isolate has measured, as Prometheus reads it.

use protocol::problem::Code;

use crate::app::App;
use crate::auth::same_secret;
use crate::http::{Request, Response};

/// The text format of Prometheus.
const MEDIA: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers whoever shows the token; without a token in the configuration there is nothing here.
pub(crate) fn get(app: &App, request: &Request) -> Response {
    let Some(token) = &app.config.metrics_token else { return Response::problem(Code::NotFound, None) };
    let shown = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if !shown.is_some_and(|shown| same_secret(shown, token)) {
        let refusal =
            Response::problem(Code::SignInRequired, "show METRICS_TOKEN as a bearer token".to_owned());
        return refusal.with("www-authenticate", "Bearer");
    }
    let environment = app.config.environment.as_deref().unwrap_or_default();
    let text = app.store.metrics().prometheus(environment, &app.isolate);
    Response { body: text.into_bytes(), ..Response::empty(200) }.with("content-type", MEDIA)
}
