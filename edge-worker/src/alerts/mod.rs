//! Alerts and reports: rules that people set for a site are looked at every ten minutes, and what they tell is
//! delivered by e-mail and webhooks.
//!
//! The cron makes a job for each site ([`start`]); the job asks the engine what the rules need ([`check`]), judges
//! ([`judge`](mod@judge), pure) and writes what it remembers together with what is to be told, under the condition that nobody else
//! did: looked at twice or side by side, a rule tells once. What is to be told waits in the store until it is delivered
//! ([`deliver`]), by a job each.

pub mod baseline;
pub mod confirm;
mod deliver;
pub mod judge;
pub mod mail;
mod measure;
pub mod message;
pub mod notice;
mod report;
pub mod schedule;
pub mod target;

use std::rc::Rc;

use analytics::DAY_MS;
use protocol::alert::{AlertRule, AlertStatus, ChannelKind, DeliveryKind};
use protocol::query::Zone;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::compact::{Job, enqueue};
use crate::log::{self, Level};
use crate::platform::{Platform, QueueError};
use crate::site::Site;
use crate::store::accounts::{ChannelRow, SiteAlerts, Waiting};
pub use deliver::{deliver, send, unsubscribe_token};
pub use judge::Memory;
use judge::{News, judge};
use measure::{Broken, Watched};
use notice::{Event, Notice};
use schedule::{Quiet, Rhythm};

/// Rules are looked at as of the last full so many milliseconds, so that two looks at once see the same.
const TICK_MS: u64 = 600_000;

/// What is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What a rule tells.
    Notice(Box<Notice>),
    /// A report of a range of time, Unix milliseconds.
    Report {
        /// How often it is sent.
        rhythm: Rhythm,
        /// When the range begins.
        from: u64,
        /// When it ends.
        to: u64,
    },
}

impl Message {
    /// How it is listed: what it is, and the name of the rule that tells it.
    pub fn listed(&self) -> (DeliveryKind, String) {
        match self {
            Self::Notice(notice) => match notice.event {
                Event::Fired => (DeliveryKind::Fired, notice.rule.clone()),
                Event::Recovered => (DeliveryKind::Recovered, notice.rule.clone()),
                Event::Test => (DeliveryKind::Test, String::new()),
            },
            Self::Report { rhythm: Rhythm::Weekly, .. } => (DeliveryKind::Weekly, String::new()),
            Self::Report { rhythm: Rhythm::Monthly, .. } => (DeliveryKind::Monthly, String::new()),
        }
    }
}

/// Makes a job for each site.
pub async fn start(app: &App, platform: &dyn Platform) {
    let failed = |error: String| log::write(Level::Error, "alerts not looked at", &[("error", error.into())]);
    let sites = match app.sites().all().await {
        Ok(sites) => sites,
        Err(error) => return failed(error.to_string()),
    };
    let jobs = sites.iter().map(|site| Job::Alerts(site.id.clone()).to_string()).collect();
    match enqueue(jobs, platform).await {
        Ok(()) => {}
        // Without queues there are few sites.
        Err(QueueError::Absent) => {
            for site in &sites {
                if let Err(error) = Box::pin(check(app, site, platform)).await {
                    failed(error);
                }
            }
        }
        Err(error) => failed(error.to_string()),
    }
}

/// Looks at the rules of a site and at what has to be delivered.
///
/// # Errors
/// The store does not answer.
pub async fn check(app: &App, site: &Site, platform: &dyn Platform) -> Result<(), String> {
    let now = platform.now();
    let all = app.accounts.alerts(site.id.as_str()).await.map_err(|error| error.to_string())?;
    if all.channels.is_empty() && all.rules.is_empty() {
        return Ok(());
    }
    let zone = app.zones.get(&site.time_zone, now, platform);
    let look = Look { app, site, platform, zone, now, tick: now - now % TICK_MS, all: &all };
    let mut due: Vec<String> = all.waiting.iter().filter(|it| it.due <= now).map(Waiting::key).collect();
    // What waits is delivered even if a question fails.
    let looked = Box::pin(look.rules(&mut due)).await;
    let reported = look.reports(&mut due).await;
    dispatch(app, site, &due, platform).await;
    looked.and(reported)
}

/// Has what waits delivered.
async fn dispatch(app: &App, site: &Site, keys: &[String], platform: &dyn Platform) {
    let jobs = keys.iter().map(|key| Job::Deliver(site.id.clone(), key.clone()).to_string()).collect();
    // What the queue does not take is found again at the next look.
    if enqueue(jobs, platform).await == Err(QueueError::Absent) {
        for key in keys {
            if let Err(error) = Box::pin(deliver(app, site, key, platform)).await {
                log::write(Level::Error, "delivery failed", &[("error", error.into())]);
            }
        }
    }
}

/// A look at the rules of a site.
struct Look<'a> {
    app: &'a App,
    site: &'a Site,
    platform: &'a dyn Platform,
    zone: Rc<Zone>,
    now: u64,
    tick: u64,
    all: &'a SiteAlerts,
}

impl Look<'_> {
    /// Looks at the rules; adds what is due at once.
    async fn rules(&self, due: &mut Vec<String>) -> Result<(), String> {
        let mut watched: Vec<Watched<'_>> = Vec::new();
        for (id, rule) in self.all.rules.iter().filter(|(_, rule)| rule.enabled) {
            let (version, memory) = self.all.memories.get(id).cloned().unwrap_or_default();
            watched.push(Watched { id, rule, version, memory, seen: Err(Broken) });
        }
        if watched.is_empty() {
            return Ok(());
        }
        measure::see(self, &mut watched).await?;
        for Watched { id, rule, version, memory, seen } in watched {
            let (next, news) = match seen {
                Ok(seen) => judge(rule, &seen, &memory),
                Err(Broken) => {
                    let mut next = memory;
                    (next.state.status, next.state.checked_at) = (AlertStatus::Broken, self.tick);
                    (next, None)
                }
            };
            let tells = news.map(|news| self.tells(id, rule, version, &next, news)).unwrap_or_default();
            let operation = operation(self.platform);
            let accounts = &self.app.accounts;
            let written =
                accounts.remember(self.site.id.as_str(), (id, version), &next, &tells, &operation).await;
            // Whoever was quicker has told it.
            if written.map_err(|error| error.to_string())? {
                due.extend(tells.iter().filter(|it| it.due <= self.now).map(Waiting::key));
            }
        }
        Ok(())
    }

    /// What a rule tells, for each channel that is to be told.
    fn tells(&self, id: &str, rule: &AlertRule, version: u64, memory: &Memory, news: News) -> Vec<Waiting> {
        let event = match news {
            News::Fired => Event::Fired,
            News::Recovered => Event::Recovered,
        };
        let notice = Notice {
            event,
            rule_id: id.to_owned(),
            rule: rule.name.clone(),
            kind: rule.kind,
            site_id: self.site.id.to_string(),
            site: self.site.name.clone(),
            at: self.tick,
            clock: notice::clock(self.tick, &self.zone),
            hours: if rule.every.is_some() { 0 } else { rule.window_hours },
            value: memory.state.value,
            usual: memory.state.usual,
            threshold: rule.threshold,
            goal: rule.goal.clone(),
        };
        let wanted = |row: &&ChannelRow| {
            let is_named = rule.channels.is_empty() || rule.channels.contains(&row.channel.id);
            is_named && row.channel.channel.alerts && row.channel.is_open()
        };
        let waiting = |row: &ChannelRow| {
            let due = match schedule::quiet(&row.channel.channel, self.now, &self.zone) {
                Quiet::Until(end) => end,
                // What is dropped need not wait for it.
                Quiet::Dropped | Quiet::Not => self.now,
            };
            Waiting {
                id: format!("{:013}-{id}-{version}", self.now),
                channel: row.channel.id.clone(),
                at: self.now,
                due,
                attempts: 0,
                problem: String::new(),
                message: Message::Notice(Box::new(notice.clone())),
            }
        };
        self.all.channels.iter().filter(wanted).map(waiting).collect()
    }

    /// Begins the reports that are due.
    async fn reports(&self, due: &mut Vec<String>) -> Result<(), String> {
        for row in &self.all.channels {
            let channel = &row.channel.channel;
            let is_mail = channel.kind == ChannelKind::Email && row.channel.is_open();
            for rhythm in Rhythm::ALL {
                let wanted = is_mail
                    && match rhythm {
                        Rhythm::Weekly => channel.weekly,
                        Rhythm::Monthly => channel.monthly,
                    };
                let found = wanted.then(|| schedule::report_due(rhythm, self.now, &self.zone)).flatten();
                let Some(report) = found.filter(|it| row.channel.created_at < it.at) else { continue };
                let name = format!("{}-{}", rhythm.name(), report.at / DAY_MS);
                if self.all.reports.contains(&format!("{}#{name}", row.channel.id)) {
                    continue;
                }
                let waiting = Waiting {
                    id: format!("{:013}-{name}", self.now),
                    channel: row.channel.id.clone(),
                    at: self.now,
                    due: self.now,
                    attempts: 0,
                    problem: String::new(),
                    message: Message::Report { rhythm, from: report.range.start, to: report.range.end },
                };
                let operation = operation(self.platform);
                let begun =
                    self.app.accounts.begin_report(self.site.id.as_str(), &name, &waiting, &operation);
                if begun.await.map_err(|error| error.to_string())? {
                    due.push(waiting.key());
                }
            }
        }
        Ok(())
    }
}

/// Names an attempt to write.
fn operation(platform: &dyn Platform) -> String {
    crate::encoding::hex(&crate::auth::secret::random::<16>(platform))
}
