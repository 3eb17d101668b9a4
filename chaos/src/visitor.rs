//! A visitor: comes, looks around, loses the network, closes tabs in the midst of a request, and comes back with what
//! could not be sent.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use hyper::Request;
use protocol::decode;
use protocol::receipt::BatchAnswer;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tracker_wasm::core::Op;

use crate::ledger::{Ledger, Sender};
use crate::net::{Body, Http};
use crate::page::{Page, Post, Storage};
use crate::stack::{ORIGIN, SITE};
use crate::world::{AGENTS, PATHS, PLACES, REFERRERS, pick};

/// As long as the tracker waits in a browser (`tracker-wasm/js/constants.js`).
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// What all visitors share.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub(crate) http: Http,
    pub(crate) url: String,
    pub(crate) ledger: Rc<RefCell<Ledger>>,
    pub(crate) started: Instant,
    /// Turns true when nothing new is to be begun.
    pub(crate) over: watch::Receiver<bool>,
    /// Whether visitors have troubles of their own: no network, wrong clocks, tabs that are closed.
    pub(crate) troubles: bool,
    /// Of a hundred visitors, how many have no kept id.
    pub(crate) cookieless: u32,
}

/// Somebody at a browser.
struct Visitor {
    crowd: Crowd,
    dice: Rng,
    sender: Sender,
    agent: &'static str,
    address: String,
    storage: Storage,
    is_online: bool,
    next_page: u64,
    answers: mpsc::UnboundedSender<Told>,
    heard: mpsc::UnboundedReceiver<Told>,
    under_way: Vec<JoinHandle<()>>,
}

/// What a page is told of its request.
struct Told {
    page: u64,
    post: u32,
    status: u16,
    retry_after: u32,
}

/// Whether a page goes on.
#[derive(PartialEq)]
enum End {
    Closed,
    Torn,
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// Visit after visit, each of somebody else, until it is over; then until everything is delivered.
pub(crate) async fn browse(crowd: Crowd, seed: u64) {
    let mut dice = Rng::with_seed(seed);
    // They do not all come at once.
    sleep(Duration::from_millis(dice.u64(..4_000))).await;
    while !*crowd.over.borrow() {
        let mut visitor = Visitor::new(crowd.clone(), &mut dice);
        visitor.visit().await;
        visitor.finish().await;
    }
}

impl Visitor {
    fn new(crowd: Crowd, dice: &mut Rng) -> Self {
        let mut dice = dice.fork();
        let number = {
            let mut ledger = crowd.ledger.borrow_mut();
            ledger.visitors += 1;
            ledger.visitors
        };
        let skew_ms = match dice.u32(..100) {
            0..10 if crowd.troubles => dice.i64(6 * MINUTE_MS..48 * 60 * MINUTE_MS),
            10..20 if crowd.troubles => -dice.i64(6 * MINUTE_MS..48 * 60 * MINUTE_MS),
            20..40 if crowd.troubles => dice.i64(-3 * MINUTE_MS..3 * MINUTE_MS),
            _ => 0,
        };
        crowd.ledger.borrow_mut().skewed += u64::from(skew_ms.abs() > 5 * MINUTE_MS);
        let cookieless = dice.u32(..100) < crowd.cookieless;
        let (answers, heard) = mpsc::unbounded_channel();
        // An address of its own: without a kept id it is part of who somebody is. Of the networks for benchmarks.
        let address = format!("198.{}.{}.{}", 18 + (number >> 16), number >> 8 & 255, number & 255);
        Self {
            sender: Sender { skew_ms, cookieless, place: pick(&mut dice, &PLACES) },
            agent: *pick(&mut dice, &AGENTS),
            address,
            storage: Storage::default(),
            is_online: true,
            next_page: 1,
            answers,
            heard,
            under_way: Vec::new(),
            crowd,
            dice,
        }
    }

    /// The browser's clock.
    fn now(&self) -> u64 {
        now_ms().saturating_add_signed(self.sender.skew_ms)
    }

    fn open(&mut self, path: &str, referrer: &'static str) -> Page {
        self.next_page += 1;
        self.crowd.ledger.borrow_mut().pages += 1;
        Page::new(SITE, self.next_page, format!("{ORIGIN}{path}"), referrer, self.sender.cookieless)
    }

    fn start(&mut self, page: &mut Page) {
        let (now, seed) = (self.now(), [self.dice.u32(..), self.dice.u32(..)]);
        let adopted = page.start(&mut self.storage, now, seed);
        self.crowd.ledger.borrow_mut().adopted += adopted;
        self.send(page);
    }

    /// A visit: some pages, one after the other.
    async fn visit(&mut self) {
        if self.crowd.troubles && !self.sender.cookieless && self.dice.u32(..100) < 12 {
            self.was_offline();
        }
        let mut referrer = *pick(&mut self.dice, &REFERRERS);
        for _ in 0..=self.dice.u32(..6) {
            let path = *pick(&mut self.dice, &PATHS);
            let mut page = self.open(path, referrer);
            referrer = "";
            self.start(&mut page);
            let end = self.read(&mut page).await;
            self.close(page, end == End::Torn);
            if *self.crowd.over.borrow() {
                break;
            }
            let pause = if self.dice.u32(..8) == 0 { 1_000..6_000 } else { 50..400 };
            sleep(Duration::from_millis(self.dice.u64(pause))).await;
        }
        self.is_online = true;
    }

    /// Hours ago, on a train, nothing could be sent; the tab was closed with all of it.
    fn was_offline(&mut self) {
        self.crowd.ledger.borrow_mut().offline += 1;
        let mut now = self.now() - self.dice.u64(2 * HOUR_MS..6 * HOUR_MS);
        for _ in 0..=self.dice.u32(..3) {
            let path = *pick(&mut self.dice, &PATHS);
            let mut page = self.open(path, "");
            page.start(&mut self.storage, now, [self.dice.u32(..), self.dice.u32(..)]);
            for _ in 0..=self.dice.u32(..3) {
                now += self.dice.u64(1_000..20_000);
                page.say(&mut self.storage, now, Op::Look);
                if self.dice.bool() {
                    page.act(&mut self.storage, now, CLICK);
                }
                for post in std::mem::take(&mut page.posts) {
                    self.note(&post);
                    page.answered(&mut self.storage, now + 10, post.number, 0, 0);
                }
            }
            now += 2_000;
            page.visible = false;
            page.say(&mut self.storage, now, Op::Go);
            for post in &page.posts {
                self.note(post);
            }
            now += 1_000;
        }
    }

    /// Stays on a page for a while.
    async fn read(&mut self, page: &mut Page) -> End {
        let stay = match self.dice.u32(..10) {
            0..6 => self.dice.u64(800..5_000),
            6..9 => self.dice.u64(4_000..14_000),
            _ => self.dice.u64(15_000..40_000),
        };
        let end = Instant::now() + Duration::from_millis(stay);
        let mut next_act = Instant::now() + Duration::from_millis(self.dice.u64(300..3_000));
        let mut over = self.crowd.over.clone();
        loop {
            let wake = self.wakes(page);
            tokio::select! {
                _ = over.wait_for(|over| *over) => return End::Closed,
                () = tokio::time::sleep_until(end) => break,
                () = tokio::time::sleep_until(wake) => {
                    page.wake_at = None;
                    let now = self.now();
                    page.say(&mut self.storage, now, Op::Look);
                }
                () = tokio::time::sleep_until(next_act) => {
                    self.act(page);
                    next_act = Instant::now() + Duration::from_millis(self.dice.u64(400..4_000));
                }
                Some(told) = self.heard.recv() => self.hear(page, &told),
            }
            self.send(page);
        }
        match self.crowd.troubles && self.dice.u32(..100) < 12 {
            true => End::Torn,
            false => End::Closed,
        }
    }

    /// When the tracker wants to be woken.
    fn wakes(&self, page: &Page) -> Instant {
        let wait = page.wake_at.map_or(HOUR_MS, |at| at.saturating_sub(self.now()));
        Instant::now() + Duration::from_millis(wait)
    }

    fn act(&mut self, page: &mut Page) {
        let now = self.now();
        match self.dice.u32(..100) {
            0..30 => page.act(&mut self.storage, now, CLICK),
            30..42 => {
                let amount = format!("{}.{:02}", self.dice.u32(5..90), self.dice.u32(..100));
                let revenue = format!(r#","revenue":{{"amount":"{amount}","currency":"EUR"}}"#);
                page.act(
                    &mut self.storage,
                    now,
                    &format!(r#""type":"conversion","name":"purchase"{revenue}"#),
                );
            }
            42..50 => page.act(&mut self.storage, now, r#""type":"custom","name":"filter_opened""#),
            50..65 => {
                let url = format!("{ORIGIN}{}", pick(&mut self.dice, &PATHS));
                page.navigate(&mut self.storage, now, url);
            }
            65..75 => {
                page.visible = !page.visible;
                page.say(&mut self.storage, now, Op::Look);
            }
            75..82 if self.crowd.troubles => {
                self.is_online = !self.is_online;
                if self.is_online {
                    page.say(&mut self.storage, now, Op::Online);
                }
            }
            _ => page.say(&mut self.storage, now, Op::Activity),
        }
    }

    fn hear(&mut self, page: &mut Page, told: &Told) {
        // Nobody is left to be told of what an earlier page sent.
        if told.page == page.name {
            let now = self.now();
            page.answered(&mut self.storage, now, told.post, told.status, told.retry_after);
        }
    }

    /// The page goes. Its requests go on without it, or, when it is torn down, are broken off.
    fn close(&mut self, mut page: Page, is_torn: bool) {
        if is_torn {
            // The network goes with it: whether anything arrived, nobody will ever hear.
            self.under_way.retain(|request| !request.is_finished());
            self.crowd.ledger.borrow_mut().torn += u64::from(!self.under_way.is_empty());
            self.under_way.drain(..).for_each(|request| request.abort());
        }
        let now = self.now();
        page.visible = false;
        page.say(&mut self.storage, now, Op::Go);
        if is_torn {
            for post in &page.posts {
                self.note(post);
            }
        } else {
            self.send(&mut page);
        }
    }

    /// Comes back until nothing is left to be sent.
    async fn finish(&mut self) {
        self.is_online = true;
        while !self.storage.unsent.is_empty() {
            let mut page = self.open("/journal", "");
            self.start(&mut page);
            page.visible = false;
            let now = self.now();
            page.say(&mut self.storage, now, Op::Look);
            self.send(&mut page);
            while self.storage.unsent.contains_key(&page.name) {
                let wake = self.wakes(&page);
                tokio::select! {
                    () = tokio::time::sleep_until(wake) => {
                        page.wake_at = None;
                        let now = self.now();
                        page.say(&mut self.storage, now, Op::Look);
                    }
                    Some(told) = self.heard.recv() => self.hear(&mut page, &told),
                }
                self.send(&mut page);
            }
        }
        // What a closed page sent is on its way still.
        for request in self.under_way.drain(..) {
            let _ = request.await;
        }
    }

    /// Enters a batch into the driver's books.
    fn note(&self, post: &Post) {
        if let Ok(decoded) = decode::batch(post.body.as_bytes()) {
            self.crowd.ledger.borrow_mut().sending(&decoded.batch, self.sender);
        }
    }

    /// Sends what the tracker wants to be sent.
    fn send(&mut self, page: &mut Page) {
        self.under_way.retain(|request| !request.is_finished());
        for post in std::mem::take(&mut page.posts) {
            self.note(&post);
            let (crowd, answers, page) = (self.crowd.clone(), self.answers.clone(), page.name);
            let request = self.is_online.then(|| self.request(&post.body)).flatten();
            self.under_way.push(tokio::task::spawn_local(async move {
                let (status, retry_after) = match request {
                    Some(request) => deliver(&crowd, request, post.dropped).await,
                    None => (0, 0),
                };
                // The visitor may be gone.
                let _ = answers.send(Told { page, post: post.number, status, retry_after });
            }));
        }
    }

    /// A request as a browser makes it and the edge passes it on.
    fn request(&self, body: &str) -> Option<Request<Body>> {
        Request::post(format!("{}/events", self.crowd.url))
            .header("content-type", "text/plain;charset=UTF-8")
            .header("origin", ORIGIN)
            .header("accept-language", "ko-KR,ko;q=0.9,en;q=0.7")
            .header("user-agent", self.agent)
            .header("sec-fetch-mode", "cors")
            .header("cf-connecting-ip", &self.address)
            .header("cf-blob", self.sender.place.cf)
            .body(Body::from(body.to_owned()))
            .ok()
    }
}

/// Sends a request; gives back the status, 0 if there was no answer, and `Retry-After`.
async fn deliver(crowd: &Crowd, request: Request<Body>, dropped: u64) -> (u16, u32) {
    let started = Instant::now();
    let answer = tokio::time::timeout(ANSWER_WITHIN, crowd.http.send(request)).await;
    let answer = answer.ok().and_then(Result::ok);
    let mut ledger = crowd.ledger.borrow_mut();
    let status = answer.as_ref().map_or(0, |answer| answer.status);
    ledger.heard(status, started - crowd.started, started.elapsed());
    let Some(answer) = answer else { return (0, 0) };
    if status == 200 || status == 202 {
        let receipts: BatchAnswer = serde_json::from_slice(&answer.body).unwrap_or_else(|_| BatchAnswer {
            server_time: 0,
            request_id: String::new(),
            receipts: Vec::new(),
            unknown_fields: 0,
        });
        ledger.answered(&receipts, dropped);
    }
    (status, answer.retry_after)
}

const CLICK: &str = r#""type":"click","target":{"kind":"outbound","text":"Our roastery","href":"https://roastery.example/","selector":"main>a"}"#;
