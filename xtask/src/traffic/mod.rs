//! `npm start -- --traffic`: made-up visitors, sent over HTTP through the same door as real ones.
//!
//! First the past week, the newest hour first, so that the dashboard has something to show at once; then,
//! in real time, visitors who come, look around and leave. They are sent as a server with the ingest key
//! would send them, because only such a sender may say which country a visitor is in.

mod visit;
mod world;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use protocol::event::Url;
use protocol::{Batch, Event, EventKind, SiteId, encode};

use visit::{HOUR_MS, Visit};

/// How far back the past goes. A little less than the week for which events are taken.
const PAST_HOURS: u64 = 7 * 24 - 2;

/// Requests of the past under way at once: enough to be done soon, few enough to leave room for a look at
/// the dashboard meanwhile.
const SENDERS: usize = 3;

/// Events of the past sent in one batch.
const CHUNK: usize = 24;

const STEP: Duration = Duration::from_millis(250);

/// Where the visitors go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The worker.
    pub(crate) url: String,
    /// The demo shop.
    pub(crate) shop_url: String,
    /// The site the events belong to.
    pub(crate) site_id: String,
    /// The key for senders that are not browsers.
    pub(crate) ingest_key: String,
}

/// Sends traffic until `stop` is set.
///
/// # Errors
/// When the worker refuses a batch or cannot be reached.
pub(crate) fn run(target: &Target, stop: &AtomicBool) -> anyhow::Result<()> {
    let sender = Sender::new(target)?;
    let started = now_ms();
    let this_hour = started / HOUR_MS;
    thread::scope(|scope| {
        let past = scope.spawn(|| past(&sender, this_hour, started, stop));
        let live = live(&sender, this_hour, started, stop);
        past.join().unwrap_or_else(|_| bail!("sending the past panicked")).and(live)
    })
}

/// Sends what happened before `started`.
fn past(sender: &Sender, this_hour: u64, started: u64, stop: &AtomicBool) -> anyhow::Result<()> {
    println!("traffic: sending the visits of the past week, the newest first");
    let hours = Mutex::new(0..=PAST_HOURS);
    let sent = AtomicUsize::new(0);
    let work = || -> anyhow::Result<()> {
        while let Some(back) = hours.lock().ok().and_then(|mut hours| hours.next()) {
            for visit in visit::hour(this_hour - back, &sender.base) {
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                // Heartbeats on the way only say who is here now.
                let done: Vec<&Event> =
                    visit.events.iter().filter(|event| event.at < started && counts(event)).collect();
                for chunk in done.chunks(CHUNK) {
                    sender.send(&visit, chunk)?;
                    sent.fetch_add(chunk.len(), Ordering::Relaxed);
                }
            }
            if back > 0 && back % 24 == 0 {
                println!("traffic: {} events sent, back to {} h ago", sent.load(Ordering::Relaxed), back);
            }
        }
        Ok(())
    };
    let results: Vec<anyhow::Result<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..SENDERS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| bail!("a sender panicked"))).collect()
    });
    results.into_iter().collect::<anyhow::Result<()>>()?;
    println!("traffic: the past week is sent, {} events; visitors keep coming", sent.load(Ordering::Relaxed));
    Ok(())
}

fn page(event: &Event) -> Option<&Url> {
    match &event.kind {
        EventKind::PageView(view) => Some(&view.url),
        _ => None,
    }
}

fn counts(event: &Event) -> bool {
    !matches!(&event.kind, EventKind::Heartbeat(beat) if !beat.last)
}

/// Sends what happens from `started` on, when it happens.
fn live(sender: &Sender, this_hour: u64, started: u64, stop: &AtomicBool) -> anyhow::Result<()> {
    let mut planned = this_hour - 1;
    let mut here: Vec<(Visit, VecDeque<Event>)> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let now = now_ms();
        // A visit may begin in one hour and go on in the next.
        while planned <= now / HOUR_MS {
            for mut visit in visit::hour(planned, &sender.base) {
                let begun = visit.events.partition_point(|event| event.at < started);
                let to_come: VecDeque<Event> = visit.events.split_off(begun).into();
                // Who is in the middle of a visit is on the page opened last.
                visit.context.url = visit.events.iter().rev().find_map(page).cloned();
                if !to_come.is_empty() {
                    here.push((visit, to_come));
                }
            }
            planned += 1;
        }
        for (visit, to_come) in &mut here {
            let due = to_come.partition_point(|event| event.at <= now);
            let due: Vec<Event> = to_come.drain(..due).collect();
            // Heartbeats say where the visitor is by the context alone.
            if let Some(url) = due.iter().rev().find_map(page) {
                visit.context.url = Some(url.clone());
            }
            if !due.is_empty() {
                sender.send(visit, &due.iter().collect::<Vec<_>>())?;
            }
        }
        here.retain(|(_, to_come)| !to_come.is_empty());
        thread::sleep(STEP);
    }
    Ok(())
}

struct Sender {
    agent: ureq::Agent,
    url: String,
    base: String,
    site: SiteId,
    key: String,
}

impl Sender {
    fn new(target: &Target) -> anyhow::Result<Self> {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        Ok(Self {
            agent,
            url: format!("{}/events", target.url.trim_end_matches('/')),
            base: target.shop_url.trim_end_matches('/').to_owned(),
            site: SiteId::parse(&target.site_id).ok().context("the site id is not one")?,
            key: target.ingest_key.clone(),
        })
    }

    fn send(&self, visit: &Visit, events: &[&Event]) -> anyhow::Result<()> {
        let body = encode::batch(&Batch {
            site_id: self.site.clone(),
            user_id: visit.user,
            person_id: None,
            session_id: visit.session,
            cookieless: false,
            sent_at: now_ms(),
            dropped: 0,
            faults: 0,
            context: visit.context.clone(),
            events: events.iter().map(|event| (*event).clone()).collect(),
        });
        let answer = self
            .agent
            .post(&self.url)
            .header("x-liveinsight-key", &self.key)
            .header("x-liveinsight-country", visit.country.code)
            .header("x-liveinsight-city", visit.city)
            .header("user-agent", visit.user_agent)
            .content_type("text/plain")
            .send(body);
        match answer {
            Ok(answer) if answer.status() == 200 || answer.status() == 503 => Ok(()),
            Ok(mut answer) => {
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                bail!("the worker answered {}: {text}", answer.status())
            }
            Err(error) => Err(error).context("the worker cannot be reached"),
        }
    }
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(0))
}
