//! The entry points on Workers: turn the platform's requests and messages into ours, keep one [`App`] an
//! isolate, and see to it that a started batch is finished even when the visitor's tab is already closed.

mod hub;
mod open;
mod platform;
mod request;

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use protocol::problem::Code;
use wasm_bindgen::JsValue;
use worker::{
    Context, Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, Result, ScheduleContext,
    ScheduledEvent, event,
};

use crate::app::App;
use crate::compact::Worked;
use crate::config::{Config, ConfigError};
use crate::http::Response;
use crate::ingest::{Drained, Message};
use crate::log::{self, Level};
use crate::store::Store;
use platform::Edge;

/// When compaction is planned, and when alerts are looked at: as in `wrangler.toml`.
const HOURLY_CRON: &str = "12 * * * *";
const ALERTS_CRON: &str = "*/10 * * * *";

/// How long a job that failed waits, in seconds.
const JOB_DELAY_S: u32 = 30;

thread_local! {
    /// Holds no object of JavaScript, so it outlives the request that made it.
    static APP: RefCell<Option<Rc<App>>> = const { RefCell::new(None) };
}

/// Says what a panic was about: after one the isolate is reset and nothing else would.
#[event(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
        log::write(Level::Error, "panic", &[("place", place.into())]);
    }));
}

#[event(fetch)]
async fn fetch(mut request: worker::Request, env: Env, context: Context) -> Result<worker::Response> {
    let received_at = worker::Date::now().as_millis();
    let app = match app(&env) {
        Ok(app) => app,
        Err(error) => {
            log::write(Level::Error, "not configured", &[("error", error.to_string().into())]);
            return request::answer(Response::problem(Code::NotConfigured, None));
        }
    };
    let request = request::read(&mut request, received_at).await?;
    let edge = Rc::new(Edge::new(env, context));
    let (sender, receiver) = oneshot::channel();
    // A beacon's connection is gone before the store has answered; what runs in the background is not
    // cancelled with it.
    crate::platform::Platform::background(
        edge.as_ref(),
        Box::pin({
            let edge = Rc::clone(&edge);
            async move {
                let response = app.handle(&request, edge.as_ref()).await;
                // Nobody is left to be told when the visitor has gone.
                let _ = sender.send(response);
            }
        }),
    );
    match receiver.await {
        // The platform gives the connection that this status speaks of.
        Ok(response) if response.status == 101 => edge.connection(),
        Ok(response) => request::answer(response),
        Err(oneshot::Canceled) => {
            request::answer(Response::problem(Code::StoreUnavailable, None).with("retry-after", "5"))
        }
    }
}

/// Does what the queues give back: jobs, and batches that the store did not take.
#[event(queue)]
async fn queue(batch: MessageBatch<JsValue>, env: Env, context: Context) -> Result<()> {
    let app = match app(&env) {
        Ok(app) => app,
        Err(error) => {
            log::write(Level::Error, "not configured", &[("error", error.to_string().into())]);
            batch.retry_all();
            return Ok(());
        }
    };
    let edge = Edge::new(env, context);
    let queue = batch.queue();
    app.received(&queue, u32::try_from(batch.raw_iter().count()).unwrap_or(u32::MAX), &edge);
    if queue.contains("-jobs") {
        work(&app, &batch, &edge).await;
    } else {
        drain(&app, &batch, &edge).await;
    }
    Ok(())
}

/// Does jobs. What fails is tried again a few times; after that it is due again within the hour, so the dead-letter
/// queue only says so.
async fn work(app: &App, batch: &MessageBatch<JsValue>, edge: &Edge) {
    let is_dead = batch.queue().ends_with("-dead");
    for message in batch.raw_iter() {
        let job = message.body().as_string().unwrap_or_default();
        if is_dead {
            log::write(Level::Error, "job given up", &[("job", job.into())]);
            message.ack();
            continue;
        }
        match app.work(&job, edge).await {
            Worked::Done => message.ack(),
            Worked::Again => again(&message, JOB_DELAY_S),
            Worked::Later(seconds) => again(&message, seconds),
        }
    }
}

fn again(message: &RawMessage, seconds: u32) {
    let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds).build();
    message.retry_with_options(&options);
}

/// Stores what the overflow queue gives back. A message leaves the queue only when it is stored: what cannot be
/// stored now comes back later, and after its last attempt it lies in the dead-letter queue, from which the same
/// worker takes it up again.
async fn drain(app: &App, batch: &MessageBatch<JsValue>, edge: &Edge) {
    let is_dead = batch.queue().ends_with("-dead");
    for message in batch.raw_iter() {
        let delivered = match message.body().as_string() {
            Some(body) => {
                let queued_at = message.timestamp().as_millis();
                app.drain(Message { body: &body, queued_at, is_dead }, edge).await
            }
            // Nothing of ours is in it.
            None => Drained::Later(3_600),
        };
        match delivered {
            Drained::Done => message.ack(),
            Drained::Later(seconds) => {
                let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds).build();
                message.retry_with_options(&options);
            }
        }
    }
}

/// Once an hour, and every ten minutes (`wrangler.toml`).
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, context: ScheduleContext) {
    match app(&env) {
        Ok(app) => {
            let edge = Edge::scheduled(env, context);
            // By hand it is both.
            let cron = event.cron();
            if cron != ALERTS_CRON {
                app.tidy(&edge).await;
            }
            if cron != HOURLY_CRON {
                app.watch(&edge).await;
            }
            app.publish_later(&edge);
        }
        Err(error) => log::write(Level::Error, "not configured", &[("error", error.to_string().into())]),
    }
}

fn app(env: &Env) -> std::result::Result<Rc<App>, ConfigError> {
    APP.with_borrow_mut(|kept| {
        if let Some(app) = kept {
            return Ok(Rc::clone(app));
        }
        let config = Config::read(&|name| env.var(name).ok().map(|value| value.to_string()))?;
        let store = Store::new(&config.store);
        let app = Rc::new(App::new(config, store));
        *kept = Some(Rc::clone(&app));
        Ok(app)
    })
}
