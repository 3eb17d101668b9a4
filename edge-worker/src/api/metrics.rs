//! What this isolate has measured: `GET /metrics` as Prometheus reads it, `GET /api/operator/metrics` as the dashboard does.

use protocol::metric::{Metric, MetricsAnswer};
use protocol::problem::Code;

use super::{Answer, Call};
use crate::app::App;
use crate::auth::same_secret;
use crate::http::{Request, Response};
use crate::metrics::Label;
use crate::platform::Backlog;

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

/// Answers an admin of the installation. Queues are looked into now: elsewhere that is done when measurements are published.
pub(super) async fn measured(call: &Call<'_>) -> Answer {
    let (app, metrics) = (call.app, call.app.store.metrics());
    for queue in Backlog::ALL {
        if let Some(depth) = call.platform.backlog(queue).await {
            metrics.add(Metric::QueueDepth, Label::Queue(queue.name()), f64::from(depth));
        }
    }
    let answer = MetricsAnswer {
        generated_at: call.now(),
        environment: app.config.environment.clone(),
        isolate: app.isolate.clone(),
        began_at: app.began_at,
        series: metrics.measured(),
    };
    Ok(Response::json(200, &answer))
}
