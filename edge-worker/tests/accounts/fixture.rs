//! The worker's code, natively, over tables of a test's own. Time is what the test says it is.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use edge_worker::address::Address;
use edge_worker::app::App;
use edge_worker::config::{Config, MailConfig, Outbound, StoreConfig};
use edge_worker::http::Request;
use edge_worker::platform::{Clock, Limit, LocalFuture, Outgoing, Platform, PostError, QueueError};
use edge_worker::store::Store;
use edge_worker::store::accounts::Accounts;
use futures_util::StreamExt;
use serde_json::{Value, json};

/// 2025-11-23T03:00:00Z
pub(crate) const NOW: u64 = 1_763_866_800_000;

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const SETUP_TOKEN: &str = "set-up-token-of-the-tests";
pub(crate) const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef";

/// A platform whose background work waits for the test to run it.
#[derive(Default)]
pub(crate) struct Bench {
    /// Milliseconds since [`NOW`], or before it.
    pub(crate) passed: Cell<i64>,
    /// What was sent to other hosts.
    pub(crate) posts: RefCell<Vec<Outgoing>>,
    /// The statuses they answer; 200 when there are none.
    pub(crate) answers: RefCell<VecDeque<u16>>,
    pub(crate) background: RefCell<Vec<LocalFuture<'static, ()>>>,
    pub(crate) limited: Cell<bool>,
    /// How much later than [`NOW`] it is.
    pub(crate) later: Cell<u64>,
}

impl Platform for Bench {
    fn now(&self) -> u64 {
        (NOW + self.later.get()).saturating_add_signed(self.passed.get())
    }
    fn post<'a>(&'a self, request: &'a Outgoing) -> LocalFuture<'a, Result<u16, PostError>> {
        self.posts.borrow_mut().push(request.clone());
        Box::pin(std::future::ready(Ok(self.answers.borrow_mut().pop_front().unwrap_or(200))))
    }
    fn clock(&self, zone: &str) -> Option<Clock> {
        edge_worker::zones::native(zone)
    }

    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
    fn allows<'a>(&'a self, _: Limit, _: &'a str) -> LocalFuture<'a, bool> {
        Box::pin(std::future::ready(!self.limited.get()))
    }
    fn enqueue<'a>(&'a self, _: &'a str) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(std::future::ready(Err(QueueError::Absent)))
    }
    fn enqueue_jobs<'a>(&'a self, _: &'a [String]) -> LocalFuture<'a, Result<(), QueueError>> {
        Box::pin(std::future::ready(Err(QueueError::Absent)))
    }

    fn background(&self, work: LocalFuture<'static, ()>) {
        self.background.borrow_mut().push(work);
    }
    fn sleep(&self, duration: Duration) -> LocalFuture<'static, ()> {
        // Time is what the test says it is.
        Box::pin(tokio::time::sleep(duration.min(Duration::from_millis(10))))
    }
}

/// An installation with an empty store.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) accounts: Accounts,
    pub(crate) bench: Bench,
    pub(crate) now: Cell<u64>,
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) prefix: String,
}

/// How somebody is known to the worker.
#[derive(Debug, Clone, Default)]
pub(crate) struct As {
    pub(crate) cookie: Option<String>,
    pub(crate) bearer: Option<String>,
}

impl As {
    pub(crate) fn bearer(token: &str) -> Self {
        Self { bearer: Some(token.into()), cookie: None }
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) text: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Whoever was signed in by this answer.
    pub(crate) fn signed_in(&self) -> As {
        let cookie = self.header("set-cookie").expect("a cookie").split(';').next().unwrap();
        As { cookie: Some(cookie.into()), bearer: None }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.status < 300, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        self
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("accounts-{}-{}-", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let store = Store::new(&config(&prefix));
        store.create_tables().await.unwrap();
        Self::over(&prefix)
    }

    /// Another isolate over the same tables: nothing is in its caches.
    pub(crate) fn over(prefix: &str) -> Self {
        let store = Store::new(&config(prefix));
        let (client, accounts) = (store.client().clone(), store.accounts());
        let config = Config {
            metrics_token: None,
            environment: None,
            sites: vec![
                serde_json::from_value(json!({ "id": "fixed", "domains": ["fixed.example"] })).unwrap(),
            ],
            store: config(prefix),
            session_secret: SECRET_KEY.into(),
            setup_token: Some(SETUP_TOKEN.into()),
            ingest_key: Some("ingest-key-of-the-tests".into()),
            trace: edge_worker::trace::TraceConfig::default(),
            log_share: 1.0,
            outbound: outbound(),
            debug: false,
        };
        Self {
            app: App::new(config, store),
            accounts,
            bench: Bench::default(),
            now: Cell::new(NOW),
            client,
            prefix: prefix.into(),
        }
    }

    pub(crate) fn later(&self, ms: u64) {
        self.now.set(self.now.get() + ms);
    }

    /// Moves the clock of requests and of the platform.
    pub(crate) fn pass(&self, ms: u64) {
        self.at(self.now.get() + ms);
    }

    /// Sets both.
    pub(crate) fn at(&self, unix_ms: u64) {
        self.now.set(unix_ms);
        self.bench.passed.set(unix_ms.cast_signed() - NOW.cast_signed());
    }

    /// The cron runs, an hour later.
    pub(crate) async fn an_hour_passes(&self) {
        self.bench.later.set(self.bench.later.get() + HOUR_MS);
        self.app.tidy(&self.bench).await;
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let request = Request { received_at: self.now.get(), ..request };
        let response = Box::pin(self.app.handle(&request, &self.bench)).await;
        let work: Vec<_> = self.bench.background.borrow_mut().drain(..).collect();
        futures_util::future::join_all(work).await;
        let mut bytes = response.body.clone();
        if let Some(mut pieces) = response.stream.as_ref().and_then(edge_worker::http::Stream::take) {
            while let Some(piece) = pieces.next().await {
                bytes.extend(piece.expect("a body that comes to its end"));
            }
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            status: response.status,
            body,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            headers: response.headers,
        }
    }

    /// A request as a page of the dashboard makes it.
    pub(crate) async fn call(&self, who: &As, method: &str, path: &str, body: Value) -> Answer {
        self.send(request(who, method, path, &body)).await
    }

    pub(crate) async fn get(&self, who: &As, path: &str) -> Answer {
        self.call(who, "GET", path, Value::Null).await
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str, code: Option<&str>) -> Answer {
        let body = json!({ "email": email, "password": password, "code": code });
        self.call(&As::default(), "POST", "/api/session", body).await
    }

    /// The first owner, signed in.
    pub(crate) async fn owner(&self) -> As {
        let body = json!({ "setup_token": SETUP_TOKEN, "email": "Owner@Shop.Example", "password": PASSWORD });
        self.call(&As::default(), "POST", "/api/setup", body).await.ok().signed_in()
    }

    /// Somebody the owner lets in, signed in.
    pub(crate) async fn person(&self, owner: &As, email: &str, role: Option<&str>, grants: Value) -> As {
        let body = json!({ "email": email, "role": role, "grants": grants });
        let made = self.call(owner, "POST", "/api/invitations", body).await.ok();
        let body = json!({ "token": made.body["token"], "name": "N", "password": PASSWORD });
        self.call(&As::default(), "POST", "/api/invitations/accept", body).await.ok().signed_in()
    }

    pub(crate) async fn site(&self, owner: &As, id: &str) -> Answer {
        // Of what is kept for longer there is more to look through when it is deleted.
        let body = json!({ "id": id, "domains": [format!("{id}.example")], "retention_days": 30 });
        self.call(owner, "POST", "/api/sites", body).await.ok()
    }

    pub(crate) async fn person_id(&self, who: &As) -> String {
        self.get(who, "/api/session").await.ok().body["person"]["id"].as_str().unwrap().to_owned()
    }

    /// Every row of Accounts, printed.
    pub(crate) async fn rows(&self) -> String {
        let scan = self.client.scan().table_name(format!("{}Accounts", self.prefix));
        format!("{:?}", scan.send().await.unwrap().items())
    }
}

pub(crate) fn request(who: &As, method: &str, path: &str, body: &Value) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = vec![("origin".to_owned(), "http://stats.example".to_owned())];
    headers.extend(who.cookie.clone().map(|cookie| ("cookie".to_owned(), cookie)));
    headers.extend(who.bearer.clone().map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
    if !body.is_null() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        host: "stats.example".into(),
        headers,
        body: Some(if body.is_null() { Vec::new() } else { body.to_string().into_bytes() }),
        address: Address::parse("203.0.113.7"),
        ..Request::default()
    }
}

fn outbound() -> Outbound {
    let api = Some(("https://mail.example/send".to_owned(), Some("token".to_owned())));
    let mail = MailConfig { from: "Stats <stats@shop.example>".into(), api, ses: String::new() };
    Outbound { local: false, mail: Some(mail) }
}

pub(crate) fn config(prefix: &str) -> StoreConfig {
    let endpoint = std::env::var("LIVEINSIGHT_DYNAMODB_ENDPOINT")
        .expect("set LIVEINSIGHT_DYNAMODB_ENDPOINT to a DynamoDB, or run `npm test -- store`");
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    StoreConfig {
        metrics_endpoint: None,
        endpoint: Some(endpoint),
        region: variable("AWS_REGION", "us-east-1"),
        table_prefix: prefix.into(),
        access_key_id: variable("AWS_ACCESS_KEY_ID", "local"),
        secret_access_key: variable("AWS_SECRET_ACCESS_KEY", "local"),
        session_token: None,
    }
}
