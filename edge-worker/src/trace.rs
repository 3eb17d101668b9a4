//! Traces, by option: a share of the requests is followed from the door to the store's answers and told to a collector
//! of OpenTelemetry, as OTLP over HTTP in JSON, after the answer was given.
//!
//! A span names a route, an operation, tables, statuses and times. It never names a site, an address, an id of anybody or
//! a query. A trace is never continued from a request's headers: visitors must not decide what is traced.
//!
//! An isolate answers several requests at once on one thread. Which of them an operation of the store belongs to is
//! told by whose future is being polled (`within`), so that nobody in between has to hand anything on.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::{Value, json};

use crate::encoding::hex;
use crate::log::{self, Level};
use crate::platform::Platform;
use crate::store::Store;

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most operations of one request that are told of: an export of months has thousands.
const MAX_SPANS: usize = 200;

/// Where traces go, and of how many requests.
#[derive(Clone, Default, PartialEq)]
pub struct TraceConfig {
    /// The collector's address for traces, such as `https://collector.example/v1/traces`; off when empty.
    pub endpoint: String,
    /// Headers for it, which hold its key.
    pub headers: Vec<(String, String)>,
    /// Share of the requests, 0 to 1.
    pub share: f64,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) struct Trace {
    id: [u8; 16],
    root: [u8; 8],
    begun_at: u64,
    spans: RefCell<Vec<Span>>,
}

/// An operation of the store.
#[derive(Debug)]
struct Span {
    id: [u8; 8],
    operation: String,
    tables: Vec<&'static str>,
    begun_at: u64,
    ended_at: u64,
    error: Option<&'static str>,
}

thread_local! {
    /// The request whose future is being polled.
    static CURRENT: RefCell<Option<Rc<Trace>>> = const { RefCell::new(None) };
}

impl Trace {
    fn new(begun_at: u64) -> Self {
        Self {
            id: fastrand::u128(1..).to_be_bytes(),
            root: fastrand::u64(1..).to_be_bytes(),
            begun_at,
            spans: RefCell::default(),
        }
    }
}

/// Notes an operation of the store, if the request that asked for it is followed.
pub(crate) fn operation(
    name: &str,
    tables: impl IntoIterator<Item = &'static str>,
    [begun_at, ended_at]: [u64; 2],
    error: Option<&'static str>,
) {
    CURRENT.with_borrow(|current| {
        let Some(trace) = current else { return };
        let mut spans = trace.spans.borrow_mut();
        if spans.len() < MAX_SPANS {
            spans.push(Span {
                id: fastrand::u64(1..).to_be_bytes(),
                operation: name.to_owned(),
                tables: tables.into_iter().collect(),
                begun_at,
                ended_at,
                error,
            });
        }
    });
}

/// Runs a future; what it does meanwhile belongs to the trace.
pub(crate) async fn within<F: Future>(trace: Option<&Rc<Trace>>, future: F) -> F::Output {
    let Some(trace) = trace else { return future.await };
    let mut future = pin!(future);
    poll_fn(|context| {
        let before = CURRENT.replace(Some(Rc::clone(trace)));
        let polled = future.as_mut().poll(context);
        CURRENT.set(before);
        polled
    })
    .await
}

/// What is told of a request besides its times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) method: &'a str,
    /// The route's pattern, not the address that was asked for.
    pub(crate) route: &'static str,
    pub(crate) status: u16,
    /// Names the request, as in the log.
    pub(crate) request_id: &'a str,
}

/// Follows requests.
#[derive(Debug)]
pub(crate) struct Tracer {
    config: Rc<TraceConfig>,
    environment: String,
}

impl Tracer {
    pub(crate) fn new(config: &TraceConfig, environment: Option<&str>) -> Self {
        Self { config: Rc::new(config.clone()), environment: environment.unwrap_or_default().to_owned() }
    }

    /// Follows a request, if the dice say so.
    pub(crate) fn begin(&self, now: u64) -> Option<Rc<Trace>> {
        let is_on = !self.config.endpoint.is_empty() && fastrand::f64() < self.config.share;
        is_on.then(|| Rc::new(Trace::new(now)))
    }

    /// Tells of a request that was answered, in the background.
    pub(crate) fn tell(&self, trace: &Trace, told: Told<'_>, store: &Rc<Store>, platform: &dyn Platform) {
        let body = self.print(trace, told, platform.now()).to_string();
        let (config, store, patience) = (Rc::clone(&self.config), Rc::clone(store), platform.sleep(PATIENCE));
        platform.background(Box::pin(async move {
            let sent = Box::pin(store.post_json(&config.endpoint, &config.headers, &body));
            let failed = match select(sent, patience).await {
                Either::Left((Ok(200..300), _)) => return,
                Either::Left((Ok(status), _)) => format!("status {status}"),
                Either::Left((Err(error), _)) => error.to_string(),
                Either::Right(_) => "timed out".to_owned(),
            };
            log::write(Level::Error, "trace not exported", &[("error", failed.into())]);
        }));
    }

    /// An `ExportTraceServiceRequest` (opentelemetry-proto, `trace_service.proto`, in its JSON encoding).
    fn print(&self, trace: &Trace, told: Told<'_>, now: u64) -> Value {
        let id = hex(&trace.id);
        let parent = hex(&trace.root);
        let root = json!({
            "traceId": id,
            "spanId": parent,
            "name": format!("{} {}", told.method, told.route),
            "kind": SERVER,
            "startTimeUnixNano": nanos(trace.begun_at),
            "endTimeUnixNano": nanos(now),
            "attributes": [
                text("http.request.method", told.method),
                text("http.route", told.route),
                number("http.response.status_code", told.status.into()),
                text("liveinsight.request_id", told.request_id),
            ],
            "status": if told.status >= 500 { json!({ "code": ERROR }) } else { json!({}) },
        });
        let mut spans = vec![root];
        spans.extend(trace.spans.borrow().iter().map(|span| {
            let tables: Vec<Value> =
                span.tables.iter().map(|table| json!({ "stringValue": table })).collect();
            let mut attributes = vec![
                text("db.system.name", "aws.dynamodb"),
                text("db.operation.name", &span.operation),
                json!({ "key": "aws.dynamodb.table_names", "value": { "arrayValue": { "values": tables } } }),
            ];
            attributes.extend(span.error.map(|error| text("error.type", error)));
            json!({
                "traceId": id,
                "spanId": hex(&span.id),
                "parentSpanId": parent,
                "name": format!("DynamoDB.{}", span.operation),
                "kind": CLIENT,
                "startTimeUnixNano": nanos(span.begun_at),
                "endTimeUnixNano": nanos(span.ended_at),
                "attributes": attributes,
                "status": if span.error.is_some() { json!({ "code": ERROR }) } else { json!({}) },
            })
        }));
        let resource = json!({ "attributes": [
            text("service.name", "liveinsight"),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("deployment.environment.name", &self.environment),
        ] });
        let scope = json!({ "name": "edge-worker", "version": env!("CARGO_PKG_VERSION") });
        json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [{ "scope": scope, "spans": spans }] }] })
    }
}

/// `SpanKind` and `StatusCode` of the protocol.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

/// 64-bit numbers are texts in the JSON encoding.
fn nanos(unix_ms: u64) -> String {
    format!("{unix_ms}000000")
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn number(key: &str, value: u64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

impl std::fmt::Debug for TraceConfig {
    /// Without the headers, which hold a key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TraceConfig").field("share", &self.share).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    const NOW: u64 = 1_763_866_800_000;

    /// Is pending once, so that two futures are polled in turns.
    fn pause() -> impl Future<Output = ()> {
        let mut is_over = false;
        poll_fn(move |context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut is_over, true) { Poll::Ready(()) } else { Poll::Pending }
        })
    }

    #[test]
    fn operation_belongs_to_the_request_that_asked_for_it() {
        let traces = [Rc::new(Trace::new(NOW)), Rc::new(Trace::new(NOW))];
        let run = |index: usize| {
            let trace = &traces[index];
            within(Some(trace), async move {
                pause().await;
                operation(&format!("Query{index}"), ["Events"], [NOW, NOW + 1], None);
                pause().await;
                operation(&format!("Put{index}"), ["Events"], [NOW, NOW + 1], None);
            })
        };
        let mut both = pin!(futures_util::future::join(run(0), run(1)));
        let mut context = Context::from_waker(Waker::noop());
        while both.as_mut().poll(&mut context).is_pending() {}
        operation("Nobody's", ["Events"], [NOW, NOW], None);
        for (index, trace) in traces.iter().enumerate() {
            let names: Vec<String> = trace.spans.borrow().iter().map(|span| span.operation.clone()).collect();
            assert_eq!(names, [format!("Query{index}"), format!("Put{index}")]);
        }
    }

    #[test]
    fn trace_is_printed_as_the_protocol_has_it() {
        let config = TraceConfig {
            endpoint: "https://collector.example".into(),
            share: 1.0,
            ..TraceConfig::default()
        };
        let tracer = Tracer::new(&config, Some("staging"));
        let trace = tracer.begin(NOW).unwrap();
        let mut noted = pin!(within(Some(&trace), async {
            operation("BatchWriteItem", ["Events", "ActiveSessions"], [NOW + 2, NOW + 9], Some("throttled"));
        }));
        assert!(noted.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        let told = Told { method: "POST", route: "/events", status: 503, request_id: "r" };
        let printed = tracer.print(&trace, told, NOW + 12);
        let spans = printed["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
        let [root, store] = spans.as_slice() else { panic!("{printed}") };
        assert_eq!((root["name"].as_str(), root["kind"].as_u64()), (Some("POST /events"), Some(2)));
        assert_eq!(root["startTimeUnixNano"], "1763866800000000000");
        assert_eq!(root["endTimeUnixNano"], "1763866800012000000");
        assert_eq!(root["status"]["code"], 2);
        assert_eq!(root["traceId"].as_str().unwrap().len(), 32);
        assert_eq!(store["parentSpanId"], root["spanId"]);
        assert_eq!(store["traceId"], root["traceId"]);
        assert_eq!(store["name"], "DynamoDB.BatchWriteItem");
        assert!(
            store["attributes"].to_string().contains(r#""error.type","value":{"stringValue":"throttled"}"#)
        );
        assert!(root.get("parentSpanId").is_none());
    }

    #[test]
    fn nothing_is_followed_without_a_collector_or_a_share() {
        let with = |endpoint: &str, share| {
            Tracer::new(&TraceConfig { endpoint: endpoint.into(), share, ..TraceConfig::default() }, None)
                .begin(NOW)
        };
        assert!(with("", 1.0).is_none());
        assert!(with("https://collector.example", 0.0).is_none());
        assert!(with("https://collector.example", 1.0).is_some());
    }
}
