//! The platform's clock, dice, limiters and queue, for the time of one request.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use protocol::SiteId;
use protocol::alert::MessageLanguage;
use protocol::live::Resume;
use wasm_bindgen::{JsCast, JsValue};
use worker::durable::Stub;
use worker::{
    AbortController, AbortSignal, BatchMessageBuilder, Context, Env, Fetch, Headers, MessageBuilder, Method,
    QueueContentType, Request, RequestInit, RequestRedirect, Response, ScheduleContext,
};

use super::hub::{self, Reader};
use crate::encoding::hex;
use crate::live::location_hint;
use crate::live::view::Viewer;
use crate::platform::{
    Backlog, Clock, HubDoor, HubRefusal, Limit, LocalFuture, Outgoing, PATIENCE, Platform, PostError,
    QueueError,
};

/// How long a reader waits for a hub. One that has panicked never answers.
const HUB_PATIENCE: Duration = Duration::from_secs(5);

/// Name of the overflow queue's binding.
const OVERFLOW: &str = "OVERFLOW";

/// Turns the queues off when set to `off`, for plans without them.
const OVERFLOW_SWITCH: &str = "OVERFLOW_QUEUE";

/// Name of the binding of the queue of jobs.
const JOBS: &str = "JOBS";

/// Name of the binding of the hubs.
const HUBS: &str = "LIVE";

/// What may outlive what is being done.
enum Lifetime {
    Request(Context),
    Scheduled(ScheduleContext),
    Hub(Box<dyn Fn(LocalFuture<'static, ()>)>),
}

pub(super) struct Edge {
    env: Env,
    /// The connection that a reader was given.
    connection: RefCell<Option<Response>>,
    context: Lifetime,
}

impl Edge {
    pub(super) fn new(env: Env, context: Context) -> Self {
        Self { env, connection: RefCell::default(), context: Lifetime::Request(context) }
    }

    pub(super) fn scheduled(env: Env, context: ScheduleContext) -> Self {
        Self { env, connection: RefCell::default(), context: Lifetime::Scheduled(context) }
    }

    /// For a hub, which says how it lets something go on.
    pub(super) fn of_hub(env: Env, wait_until: impl Fn(LocalFuture<'static, ()>) + 'static) -> Self {
        Self { env, connection: RefCell::default(), context: Lifetime::Hub(Box::new(wait_until)) }
    }

    /// The answer to a reader who was connected.
    pub(super) fn connection(&self) -> worker::Result<Response> {
        self.connection.take().ok_or_else(|| worker::Error::RustError("there is no connection".into()))
    }

    /// A site's hub; `None` where there are none.
    fn stub(&self, site: &SiteId) -> Option<Stub> {
        let hubs = self.env.durable_object(HUBS).ok()?;
        let region = self.env.var("AWS_REGION").map(|region| region.to_string()).unwrap_or_default();
        let stub = match location_hint(&region) {
            Some(hint) => hubs.get_by_name_with_location_hint(site.as_str(), hint),
            None => hubs.get_by_name(site.as_str()),
        };
        stub.ok()
    }

    async fn connect(stub: Stub, request: Request) -> worker::Result<Response> {
        stub.fetch_with_request(request).await
    }

    /// The queue of a binding.
    fn queue(&self, binding: &str) -> Result<worker::Queue, QueueError> {
        if self.env.var(OVERFLOW_SWITCH).is_ok_and(|value| value.to_string() == "off") {
            return Err(QueueError::Absent);
        }
        self.env.queue(binding).map_err(|_| QueueError::Absent)
    }

    async fn limited(&self, limit: Limit, key: &str) -> worker::Result<bool> {
        let binding = match limit {
            Limit::Client => "CLIENT_LIMIT",
            Limit::Site => "SITE_LIMIT",
            Limit::SignIn => "SIGN_IN_LIMIT",
        };
        Ok(self.env.rate_limiter(binding)?.limit(key.to_owned()).await?.success)
    }
}

impl Platform for Edge {
    fn now(&self) -> u64 {
        worker::Date::now().as_millis()
    }

    fn clock(&self, zone: &str) -> Option<Clock> {
        let options = js_sys::Object::new();
        for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset"), ("year", "numeric")] {
            js_sys::Reflect::set(&options, &name.into(), &value.into()).ok()?;
        }
        // A zone that is not known throws, and so nothing but a request for its formatter is made here.
        let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let constructor: js_sys::Function =
            js_sys::Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
        let arguments = js_sys::Array::of2(&"en-US".into(), &options);
        let formatter = js_sys::Reflect::construct(&constructor, &arguments).ok()?;
        let format: js_sys::Function =
            js_sys::Reflect::get(&formatter, &"format".into()).ok()?.dyn_into().ok()?;
        Some(Box::new(move |at| {
            let printed = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(at as f64));
            printed.ok().and_then(|text| text.as_string()).map_or(0, |text| seconds(&text))
        }))
    }

    fn random(&self, bytes: &mut [u8]) {
        // fastrand's `js` feature only seeds it; secrets are made of the platform's own randomness.
        if getrandom::fill(bytes).is_err() {
            wasm_bindgen::throw_str("the platform gives no random numbers");
        }
    }

    fn allows<'a>(&'a self, limit: Limit, key: &'a str) -> LocalFuture<'a, bool> {
        Box::pin(async move { self.limited(limit, key).await.unwrap_or(true) })
    }

    fn enqueue<'a>(&'a self, message: &'a str) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            let queue = self.queue(OVERFLOW)?;
            // As text: as JSON, which is the default, all its quotes would be escaped and count.
            let message = MessageBuilder::new(message).content_type(QueueContentType::Text).build();
            queue.send(message).await.map_err(|_| QueueError::Refused)
        })
    }

    fn enqueue_jobs<'a>(&'a self, jobs: &'a [String]) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(async move {
            let queue = self.queue(JOBS)?;
            let jobs = jobs
                .iter()
                .map(|job| MessageBuilder::new(job.as_str()).content_type(QueueContentType::Text).build());
            let batch = BatchMessageBuilder::new().messages(jobs).build();
            queue.send_batch(batch).await.map_err(|_| QueueError::Refused)
        })
    }

    fn post<'a>(&'a self, request: &'a Outgoing) -> LocalFuture<'a, Result<u16, PostError>> {
        Box::pin(async move {
            let controller = AbortController::default();
            let signal = controller.signal();
            let sent = Box::pin(send(request, &signal));
            match select(sent, self.sleep(PATIENCE)).await {
                Either::Left((status, _)) => status.map_err(|_| PostError::NoAnswer),
                Either::Right(_) => {
                    controller.abort();
                    Err(PostError::TimedOut)
                }
            }
        })
    }

    fn country(&self, code: &str, language: MessageLanguage) -> String {
        country(code, language).unwrap_or_else(|| code.to_owned())
    }

    fn backlog(&self, queue: Backlog) -> LocalFuture<'static, Option<u32>> {
        let binding = match queue {
            Backlog::Overflow => OVERFLOW,
            Backlog::Jobs => JOBS,
        };
        let queue = self.queue(binding).ok();
        Box::pin(async move { waiting(queue?.as_ref()).await })
    }

    fn background(&self, work: LocalFuture<'static, ()>) {
        match &self.context {
            Lifetime::Request(context) => context.wait_until(work),
            Lifetime::Scheduled(context) => context.wait_until(work),
            Lifetime::Hub(wait_until) => wait_until(work),
        }
    }

    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()> {
        Box::pin(worker::Delay::from(duration))
    }

    fn hub(&self, site: &SiteId) -> Option<Box<dyn HubDoor>> {
        let stub = Rc::new(self.stub(site)?);
        Some(Box::new(Door { stub, site: site.clone() }))
    }

    fn watch<'a>(
        &'a self,
        site: &'a SiteId,
        viewer: &'a Viewer,
        after: Option<Resume>,
    ) -> LocalFuture<'a, Result<(), HubRefusal>> {
        Box::pin(async move {
            let stub = self.stub(site).ok_or(HubRefusal::Absent)?;
            let reader = serde_json::to_vec(&Reader::new(site, viewer, after)).unwrap_or_default();
            let headers =
                [("upgrade", "websocket"), (hub::SITE, site.as_str()), (hub::READER, &hex(&reader))];
            let request = request(hub::WATCH, &headers, None).map_err(|_| HubRefusal::Failed)?;
            let answer = Box::pin(Self::connect(stub, request));
            let answer = match select(answer, self.sleep(HUB_PATIENCE)).await {
                Either::Left((Ok(answer), _)) => answer,
                _ => return Err(HubRefusal::Failed),
            };
            match answer.status_code() {
                101 => {
                    self.connection.replace(Some(answer));
                    Ok(())
                }
                429 => Err(HubRefusal::Full),
                _ => Err(HubRefusal::Failed),
            }
        })
    }
}

/// Sends a request to another host.
async fn send(outgoing: &Outgoing, signal: &AbortSignal) -> worker::Result<u16> {
    let headers = Headers::new();
    for (name, value) in &outgoing.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(outgoing.body.as_str().into()));
    let request = Request::new_with_init(&outgoing.url, &init)?;
    Ok(Fetch::Request(request).send_with_signal(signal).await?.status_code())
}

/// The way to one hub.
struct Door {
    stub: Rc<Stub>,
    site: SiteId,
}

impl HubDoor for Door {
    fn tell(&self, message: Vec<u8>) -> LocalFuture<'static, Option<u64>> {
        let (stub, site) = (Rc::clone(&self.stub), self.site.clone());
        Box::pin(async move {
            let request = request(hub::TOLD, &[(hub::SITE, site.as_str())], Some(&message)).ok()?;
            let mut answer = stub.fetch_with_request(request).await.ok()?;
            if answer.status_code() != 200 {
                return None;
            }
            answer.text().await.ok()?.parse().ok()
        })
    }

    fn now(&self) -> u64 {
        worker::Date::now().as_millis()
    }

    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()> {
        Box::pin(worker::Delay::from(duration))
    }
}

/// A request to a hub.
fn request(address: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> worker::Result<Request> {
    let all = Headers::new();
    for (name, value) in headers {
        all.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(all);
    if let Some(body) = body {
        init.with_method(Method::Post).with_body(Some(js_sys::Uint8Array::from(body).into()));
    }
    Request::new_with_init(address, &init)
}

/// Asks a queue how many messages wait in it. `worker` has no word for it yet, and older runtimes none either.
async fn waiting(queue: &JsValue) -> Option<u32> {
    let ask: js_sys::Function = js_sys::Reflect::get(queue, &"metrics".into()).ok()?.dyn_into().ok()?;
    let asked: js_sys::Promise = ask.call0(queue).ok()?.dyn_into().ok()?;
    let answer = wasm_bindgen_futures::JsFuture::from(asked).await.ok()?;
    let count = js_sys::Reflect::get(&answer, &"backlogCount".into()).ok()?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of messages")]
    Some(count as u32)
}

/// The name of a country, by the platform's own list.
fn country(code: &str, language: MessageLanguage) -> Option<String> {
    let tag = match language {
        MessageLanguage::En => "en",
        MessageLanguage::Ko => "ko",
    };
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
    let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: js_sys::Function =
        js_sys::Reflect::get(&intl, &"DisplayNames".into()).ok()?.dyn_into().ok()?;
    let arguments = js_sys::Array::of2(&tag.into(), &options);
    let names = js_sys::Reflect::construct(&constructor, &arguments).ok()?;
    let of: js_sys::Function = js_sys::Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
    // What is no code throws.
    of.call1(&names, &code.into()).ok()?.as_string()
}

/// Seconds of an offset as it is printed, such as `2026, GMT+05:30`; 0 of `GMT` alone.
fn seconds(printed: &str) -> i32 {
    let Some((_, offset)) = printed.split_once("GMT") else { return 0 };
    let (sign, digits) = match (offset.strip_prefix('+'), offset.strip_prefix(['-', '\u{2212}'])) {
        (Some(digits), _) => (1, digits),
        (_, Some(digits)) => (-1, digits),
        _ => return 0,
    };
    let parts = digits.split(':').map(|part| part.trim().parse::<i32>().unwrap_or(0));
    sign * parts.zip([3_600, 60, 1]).map(|(number, unit)| number * unit).sum::<i32>()
}
