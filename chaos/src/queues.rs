//! Queues outside of the worker's process, as Cloudflare's are: what they took they keep, whoever is killed, and give
//! it back at least once. Their settings are those of `wrangler.toml`.
//!
//! The worker puts messages in over the HTTP that workerd makes of its queue bindings; what is due goes to the
//! dispatcher, which calls the worker's consumer and tells what it said.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::Request;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::net::{Handled, answer};
use crate::stack::Stack;

/// How a queue is consumed.
struct Settings {
    name: &'static str,
    batch: usize,
    retries: u32,
    concurrency: usize,
    /// Where messages go that were tried too often; without one they are dropped.
    dead: Option<&'static str>,
}

const ALL: [Settings; 4] = [
    Settings {
        name: "liveinsight-overflow",
        batch: 10,
        retries: 100,
        concurrency: 4,
        dead: Some("liveinsight-overflow-dead"),
    },
    Settings { name: "liveinsight-overflow-dead", batch: 10, retries: 100, concurrency: 1, dead: None },
    Settings {
        name: "liveinsight-jobs",
        batch: 1,
        retries: 5,
        concurrency: 10,
        dead: Some("liveinsight-jobs-dead"),
    },
    Settings { name: "liveinsight-jobs-dead", batch: 10, retries: 3, concurrency: 1, dead: None },
];

/// How long a queue waits for more messages before it gives a batch.
const GATHER: Duration = Duration::from_millis(250);
/// How long a message waits whose consumer could not be reached.
const UNREACHED: Duration = Duration::from_secs(1);
/// A consumer that has not answered by then is given up, as on the platform (15 minutes there).
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Message {
    id: u64,
    body: String,
    queued_at: u64,
    attempts: u32,
    due: Instant,
}

struct Queue {
    settings: Settings,
    waiting: RefCell<VecDeque<Message>>,
    /// How many batches are with consumers.
    busy: Cell<usize>,
    /// Messages that were taken, of those delivered once more than needed, and dropped for good.
    taken: Cell<u64>,
}

/// All queues.
pub(crate) struct Queues {
    all: [Queue; 4],
    next_id: Cell<u64>,
    /// Whether they refuse messages.
    pub(crate) refuses: Cell<bool>,
    /// Whether consumers fail: their answers are lost, so that all they did is done again.
    pub(crate) consumers_fail: Cell<bool>,
    /// Batches that were delivered once more because of that.
    pub(crate) redelivered: Cell<u64>,
    /// Messages that were dropped after their last attempt.
    pub(crate) dropped: Cell<u64>,
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

impl Queues {
    pub(crate) fn new() -> Rc<Self> {
        let queue = |settings| Queue {
            settings,
            waiting: RefCell::default(),
            busy: Cell::new(0),
            taken: Cell::new(0),
        };
        Rc::new(Self {
            all: ALL.map(queue),
            next_id: Cell::new(1),
            refuses: Cell::new(false),
            consumers_fail: Cell::new(false),
            redelivered: Cell::new(0),
            dropped: Cell::new(0),
        })
    }

    fn of(&self, name: &str) -> Option<&Queue> {
        self.all.iter().find(|queue| queue.settings.name == name)
    }

    /// Whether nothing waits and nothing is with a consumer.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.iter().all(|queue| queue.waiting.borrow().is_empty() && queue.busy.get() == 0)
    }

    /// How many messages a queue took.
    pub(crate) fn taken(&self, name: &str) -> u64 {
        self.of(name).map_or(0, |queue| queue.taken.get())
    }

    /// What waits, by queue, for whoever watches.
    pub(crate) fn describe(&self) -> String {
        let waiting = self.all.iter().map(|queue| {
            format!("{} {}+{}", queue.settings.name, queue.waiting.borrow().len(), queue.busy.get())
        });
        waiting.collect::<Vec<_>>().join(", ")
    }

    fn put(&self, queue: &Queue, body: String, delay: Duration) {
        let id = self.next_id.replace(self.next_id.get() + 1);
        queue.taken.set(queue.taken.get() + 1);
        let message = Message { id, body, queued_at: now_ms(), attempts: 0, due: Instant::now() + delay };
        queue.waiting.borrow_mut().push_back(message);
    }

    /// What the worker asks of its binding.
    pub(crate) async fn handle(self: Rc<Self>, request: Request<Bytes>) -> Handled {
        let name = request.headers().get("x-queue").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let Some(queue) = self.of(name) else { return Ok(answer(404, "text/plain", "no such queue")) };
        let metrics = || {
            let waiting = queue.waiting.borrow();
            let bytes: usize = waiting.iter().map(|message| message.body.len()).sum();
            let oldest = waiting.front().map_or(0, |message| message.queued_at);
            json!({ "backlogCount": waiting.len(), "backlogBytes": bytes, "oldestMessageTimestamp": oldest })
        };
        let said = |value: Value| Ok(answer(200, "application/json", value.to_string()));
        if request.uri().path() == "/metrics" {
            return said(metrics());
        }
        if self.refuses.get() {
            return Ok(answer(503, "text/plain", "injected"));
        }
        match request.uri().path() {
            "/message" => self.put(queue, text(request.body()), Duration::ZERO),
            "/batch" => {
                let batch: Value = serde_json::from_slice(request.body()).unwrap_or_default();
                for message in batch["messages"].as_array().into_iter().flatten() {
                    let body = message["body"].as_str().unwrap_or_default();
                    let Ok(body) = STANDARD.decode(body) else {
                        return Ok(answer(400, "text/plain", "a body that is not base64"));
                    };
                    let delay = Duration::from_secs(message["delaySecs"].as_u64().unwrap_or(0));
                    self.put(queue, text(&body), delay);
                }
            }
            _ => return Ok(answer(404, "text/plain", "not found")),
        }
        said(json!({ "metadata": { "metrics": metrics() } }))
    }

    /// Gives messages to the worker until the runtime ends.
    pub(crate) fn consume(self: &Rc<Self>, stack: &Rc<Stack>) {
        for index in 0..self.all.len() {
            for _ in 0..self.all[index].settings.concurrency {
                let (queues, stack) = (Rc::clone(self), Rc::clone(stack));
                tokio::task::spawn_local(async move {
                    loop {
                        tokio::time::sleep(GATHER).await;
                        queues.deliver(&queues.all[index], &stack).await;
                    }
                });
            }
        }
    }

    async fn deliver(&self, queue: &Queue, stack: &Stack) {
        let batch = take_due(&mut queue.waiting.borrow_mut(), queue.settings.batch);
        if batch.is_empty() {
            return;
        }
        queue.busy.set(queue.busy.get() + 1);
        let messages: Vec<Value> = batch
            .iter()
            .map(|it| {
                json!({ "id": it.id.to_string(), "timestamp": it.queued_at, "body": it.body, "attempts": it.attempts + 1 })
            })
            .collect();
        let body = json!({ "queue": queue.settings.name, "messages": messages });
        let told = tokio::time::timeout(PATIENCE, stack.dispatch("/queue", &body)).await;
        let told = told.ok().and_then(Result::ok);
        if told.is_some() && self.consumers_fail.get() {
            self.redelivered.set(self.redelivered.get() + 1);
        }
        let told = told.filter(|it| it["outcome"] == "ok" && !self.consumers_fail.get());
        for message in batch {
            if let Some(delay) = again(told.as_ref(), message.id) {
                self.retry(queue, message, delay);
            }
        }
        queue.busy.set(queue.busy.get() - 1);
    }

    fn retry(&self, queue: &Queue, mut message: Message, delay: Duration) {
        message.attempts += 1;
        message.due = Instant::now() + delay;
        if message.attempts <= queue.settings.retries {
            queue.waiting.borrow_mut().push_back(message);
        } else if let Some(dead) = queue.settings.dead.and_then(|name| self.of(name)) {
            message.attempts = 0;
            dead.waiting.borrow_mut().push_back(message);
        } else {
            self.dropped.set(self.dropped.get() + 1);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn take_due(waiting: &mut VecDeque<Message>, most: usize) -> Vec<Message> {
    let now = Instant::now();
    let mut batch = Vec::new();
    for _ in 0..waiting.len() {
        let Some(message) = waiting.pop_front() else { break };
        if batch.len() < most && message.due <= now {
            batch.push(message);
        } else {
            waiting.push_back(message);
        }
    }
    batch
}

/// Whether a message is to be delivered again by what the consumer said, and after how long.
fn again(told: Option<&Value>, id: u64) -> Option<Duration> {
    let Some(told) = told else { return Some(UNREACHED) };
    let seconds = |value: &Value| Duration::from_secs(value["delaySeconds"].as_u64().unwrap_or(0));
    let named = |list: &Value, is_it: &dyn Fn(&Value) -> bool| {
        list.as_array().and_then(|all| all.iter().find(|it| is_it(it)).cloned())
    };
    let id = id.to_string();
    if let Some(message) = named(&told["retryMessages"], &|it| it["msgId"] == id.as_str()) {
        return Some(seconds(&message));
    }
    let is_acked = told["ackAll"] == true || named(&told["explicitAcks"], &|it| *it == id.as_str()).is_some();
    if told["retryBatch"]["retry"] == true && !is_acked {
        return Some(seconds(&told["retryBatch"]));
    }
    // What is not mentioned counts as done, as on the platform.
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_comes_again_when_the_consumer_says_so_or_says_nothing() {
        let told = json!({
            "outcome": "ok", "retryBatch": { "retry": false }, "ackAll": false,
            "retryMessages": [{ "msgId": "7", "delaySeconds": 5 }], "explicitAcks": ["8"]
        });
        assert_eq!(again(Some(&told), 7), Some(Duration::from_secs(5)));
        assert_eq!(again(Some(&told), 8), None);
        assert_eq!(again(None, 8), Some(UNREACHED));
        let all = json!({ "retryBatch": { "retry": true, "delaySeconds": 2 }, "explicitAcks": ["8"] });
        assert_eq!(again(Some(&all), 7), Some(Duration::from_secs(2)));
        assert_eq!(again(Some(&all), 8), None);
    }

    #[test]
    fn what_is_not_due_waits() {
        let message = |id, due| Message { id, body: String::new(), queued_at: 0, attempts: 0, due };
        let now = Instant::now();
        let mut waiting: VecDeque<Message> =
            [message(1, now + Duration::from_secs(60)), message(2, now), message(3, now)].into();
        assert_eq!(take_due(&mut waiting, 1).iter().map(|it| it.id).collect::<Vec<_>>(), [2]);
        assert_eq!(take_due(&mut waiting, 9).iter().map(|it| it.id).collect::<Vec<_>>(), [3]);
        assert_eq!(waiting.len(), 1);
    }
}
