//! Alerts of a site: rules, channels, how rules stand, what waits to be delivered and what was.
//!
//! | `pk` | `sk` | row |
//! |---|---|---|
//! | `alerts#<site>` | `rule#<id>` | a rule |
//! | `alerts#<site>` | `state#<rule id>` | what is remembered of it, with a version: what it tells is written with it, in one transaction |
//! | `alerts#<site>` | `channel#<id>` | a channel, its address included |
//! | `alerts#<site>` | `out#<delivery id>#<channel id>` | what waits; whoever sends it claims it by moving `due` |
//! | `alerts#<site>` | `report#<channel id>#<name>` | that a report was begun; 60 days |
//! | `deliveries#<channel id>` | delivery id | what became of it; 30 days |

use std::collections::BTreeMap;

use analytics::DAY_MS;
use protocol::alert::{AlertRule, Channel, Delivery, DeliveryStatus, MAX_DELIVERIES};
use serde::{Deserialize, Serialize};

use super::Accounts;
use super::rows::{Expression, bin_day, json, key, n, number, read_json, s, text};
use crate::alerts::{Memory, Message};
use crate::order;
use crate::store::StoreError;
use crate::store::items::Item;

/// How long it is known what was delivered.
const LISTED_MS: u64 = 30 * DAY_MS;
/// How long it is known that a report was sent.
const REPORTED_MS: u64 = 60 * DAY_MS;

/// A channel as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// The channel, with the whole of its address.
    pub channel: Channel,
    /// Where the dashboard was when it was made, such as `https://stats.example`: links in messages begin so.
    pub base: String,
    /// When the link to confirm its address was sent last, Unix milliseconds.
    #[serde(default)]
    pub asked_at: u64,
}

/// What waits to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Id of the delivery: its time, and what tells it from others of that time.
    pub id: String,
    /// Id of the channel.
    pub channel: String,
    /// When it was made, Unix milliseconds.
    pub at: u64,
    /// When it is to be sent, Unix milliseconds.
    pub due: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong at the last attempt.
    pub problem: String,
    /// What is delivered.
    pub message: Message,
}

impl Waiting {
    /// Names it in the queue.
    pub fn key(&self) -> String {
        format!("{}#{}", self.id, self.channel)
    }

    /// For the list of deliveries.
    pub fn listed(&self, status: DeliveryStatus) -> Delivery {
        let Self { id, at, attempts, problem, message, .. } = self.clone();
        let (kind, what) = message.listed();
        Delivery { id, at, kind: Some(kind), what, status, attempts, problem }
    }
}

/// All about the alerts of a site.
#[derive(Debug, Clone, Default)]
pub struct SiteAlerts {
    /// Rules with their ids, by name.
    pub rules: Vec<(String, AlertRule)>,
    /// Channels, by name.
    pub channels: Vec<ChannelRow>,
    /// What is remembered of rules, by their ids, with versions.
    pub memories: BTreeMap<String, (u64, Memory)>,
    /// What waits, the oldest first.
    pub waiting: Vec<Waiting>,
    /// Reports that were begun: `<channel id>#<name>`.
    pub reports: Vec<String>,
}

fn partition(site: &str) -> String {
    format!("alerts#{site}")
}

fn deliveries(channel: &str) -> String {
    format!("deliveries#{channel}")
}

fn read_waiting(item: &Item, id: &str, channel: &str) -> Option<Waiting> {
    Some(Waiting {
        id: id.to_owned(),
        channel: channel.to_owned(),
        at: number(item, "at")?,
        due: number(item, "due")?,
        attempts: number(item, "attempts").and_then(|count| count.try_into().ok())?,
        problem: text(item, "problem").to_owned(),
        message: read_json(item, "doc")?,
    })
}

fn waiting_item(site: &str, waiting: &Waiting) -> Result<Item, StoreError> {
    let mut item = key(&partition(site), &format!("out#{}", waiting.key()));
    item.insert("at".into(), n(waiting.at));
    item.insert("due".into(), n(waiting.due));
    item.insert("attempts".into(), n(waiting.attempts));
    item.insert("doc".into(), json(&waiting.message)?);
    // What nobody delivers does not stay for ever.
    item.insert("expires_at".into(), bin_day(waiting.at + LISTED_MS));
    Ok(item)
}

impl Accounts {
    /// All about the alerts of a site.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods of this type.
    pub async fn alerts(&self, site: &str) -> Result<SiteAlerts, StoreError> {
        let mut all = SiteAlerts::default();
        for item in self.all(&partition(site)).await? {
            let Some((kind, rest)) = text(&item, "sk").split_once('#') else { continue };
            match kind {
                "rule" => all.rules.extend(read_json(&item, "doc").map(|rule| (rest.to_owned(), rule))),
                "channel" => all.channels.extend(read_json::<ChannelRow>(&item, "doc")),
                "state" => {
                    let version = number(&item, "version").unwrap_or(0);
                    // One that a newer version wrote in a form unknown here is begun anew.
                    let memory = read_json(&item, "doc").unwrap_or_default();
                    all.memories.insert(rest.to_owned(), (version, memory));
                }
                "out" => {
                    let ids = rest.split_once('#');
                    all.waiting.extend(ids.and_then(|(id, channel)| read_waiting(&item, id, channel)));
                }
                "report" => all.reports.push(rest.to_owned()),
                // Of a newer version.
                _ => {}
            }
        }
        all.rules = order::by_text(all.rules, |(_, rule)| rule.name.clone());
        all.channels = order::by_text(all.channels, |row| row.channel.channel.name.clone());
        Ok(all)
    }

    /// Keeps a rule. What is remembered of it is forgotten: it was of another rule.
    pub async fn save_alert(&self, site: &str, id: &str, rule: &AlertRule) -> Result<(), StoreError> {
        let mut item = key(&partition(site), &format!("rule#{id}"));
        item.insert("doc".into(), json(rule)?);
        self.put(item).await?;
        self.delete(&partition(site), &format!("state#{id}")).await
    }

    /// Forgets a rule.
    pub async fn drop_alert(&self, site: &str, id: &str) -> Result<(), StoreError> {
        self.delete(&partition(site), &format!("rule#{id}")).await?;
        self.delete(&partition(site), &format!("state#{id}")).await
    }

    /// Keeps a channel.
    pub async fn save_channel(&self, site: &str, row: &ChannelRow) -> Result<(), StoreError> {
        let mut item = key(&partition(site), &format!("channel#{}", row.channel.id));
        item.insert("doc".into(), json(row)?);
        self.put(item).await
    }

    /// A channel.
    pub async fn channel(&self, site: &str, id: &str) -> Result<Option<ChannelRow>, StoreError> {
        let item = self.get(&partition(site), &format!("channel#{id}")).await?;
        Ok(item.and_then(|item| read_json(&item, "doc")))
    }

    /// Forgets a channel, with what waits for it and what was delivered by it.
    pub async fn drop_channel(&self, site: &str, id: &str) -> Result<(), StoreError> {
        self.delete(&partition(site), &format!("channel#{id}")).await?;
        for waiting in self.alerts(site).await?.waiting.iter().filter(|it| it.channel == id) {
            self.delete(&partition(site), &format!("out#{}", waiting.key())).await?;
        }
        for item in self.all(&deliveries(id)).await? {
            self.delete(&deliveries(id), text(&item, "sk")).await?;
        }
        Ok(())
    }

    /// Forgets all about the alerts of a site.
    pub async fn drop_alerts(&self, site: &str) -> Result<(), StoreError> {
        for row in self.alerts(site).await?.channels {
            self.drop_channel(site, &row.channel.id).await?;
        }
        for item in self.all(&partition(site)).await? {
            self.delete(&partition(site), text(&item, "sk")).await?;
        }
        Ok(())
    }

    /// Remembers how a rule stands now, and with it what it tells: both or nothing. `false` when somebody else was
    /// quicker. `version` is that of what it was made of, 0 for the first; `operation` names this attempt.
    pub async fn remember(
        &self,
        site: &str,
        (rule, version): (&str, u64),
        memory: &Memory,
        tells: &[Waiting],
        operation: &str,
    ) -> Result<bool, StoreError> {
        let sort = format!("state#{rule}");
        // A state that was deleted meanwhile, with its rule or because the rule was changed, stays deleted.
        let condition = if version == 0 { "attribute_not_exists(#version)" } else { "#version = :version" };
        let mut update = Expression::new("SET #doc = :doc, #version = :next")
            .condition(condition)
            .value(":doc", json(memory)?)
            .value(":next", n(version + 1));
        if version > 0 {
            update = update.value(":version", n(version));
        }
        if tells.is_empty() {
            return Ok(self.update(&partition(site), &sort, update).await?.is_ok());
        }
        let mut parts = vec![self.update_in(&partition(site), &sort, &update)?];
        for waiting in tells {
            parts.push(self.put_in(waiting_item(site, waiting)?, &Expression::default())?);
        }
        Ok(self.transact(operation, parts).await?.is_ok())
    }

    /// Begins a report, once: `false` when it was begun before.
    pub async fn begin_report(
        &self,
        site: &str,
        name: &str,
        waiting: &Waiting,
        operation: &str,
    ) -> Result<bool, StoreError> {
        let mut mark = key(&partition(site), &format!("report#{}#{name}", waiting.channel));
        mark.insert("expires_at".into(), bin_day(waiting.at + REPORTED_MS));
        let unknown = Expression::new("").condition("attribute_not_exists(#pk)");
        let parts = vec![
            self.put_in(mark, &unknown)?,
            self.put_in(waiting_item(site, waiting)?, &Expression::default())?,
        ];
        Ok(self.transact(operation, parts).await?.is_ok())
    }

    /// What waits under a key.
    pub async fn waiting(&self, site: &str, name: &str) -> Result<Option<Waiting>, StoreError> {
        let item = self.get(&partition(site), &format!("out#{name}")).await?;
        Ok(item.zip(name.split_once('#')).and_then(|(item, (id, channel))| read_waiting(&item, id, channel)))
    }

    /// Claims something that waits until `until`, for an attempt: `false` when somebody else did.
    pub async fn claim_delivery(&self, site: &str, it: &Waiting, until: u64) -> Result<bool, StoreError> {
        let update = Expression::new("SET #due = :until, #attempts = :next")
            .condition("#due = :due AND #attempts = :attempts")
            .value(":until", n(until))
            .value(":due", n(it.due))
            .value(":attempts", n(it.attempts))
            .value(":next", n(it.attempts + 1));
        Ok(self.update(&partition(site), &format!("out#{}", it.key()), update).await?.is_ok())
    }

    /// Puts an attempt that failed off.
    pub async fn put_off(&self, site: &str, it: &Waiting, due: u64) -> Result<(), StoreError> {
        let update = Expression::new("SET #due = :due, #problem = :problem")
            // A channel that is deleted meanwhile takes it along.
            .condition("attribute_exists(#pk)")
            .value(":due", n(due))
            .value(":problem", s(&it.problem));
        self.update(&partition(site), &format!("out#{}", it.key()), update).await.map(drop)
    }

    /// Notes what became of a delivery, which waits no longer.
    pub async fn finish(&self, site: &str, it: &Waiting, status: DeliveryStatus) -> Result<(), StoreError> {
        self.note_delivery(&it.channel, &it.listed(status)).await?;
        self.delete(&partition(site), &format!("out#{}", it.key())).await
    }

    /// Notes what became of a delivery.
    pub async fn note_delivery(&self, channel: &str, delivery: &Delivery) -> Result<(), StoreError> {
        let mut item = key(&deliveries(channel), &delivery.id);
        item.insert("doc".into(), json(delivery)?);
        item.insert("expires_at".into(), bin_day(delivery.at + LISTED_MS));
        self.put(item).await
    }

    /// The last deliveries of a channel, those that wait included, the newest first.
    pub async fn deliveries(&self, site: &str, channel: &str, now: u64) -> Result<Vec<Delivery>, StoreError> {
        let waiting = self.alerts(site).await?.waiting;
        let mut all: Vec<Delivery> = waiting
            .iter()
            .filter(|it| it.channel == channel)
            .map(|it| {
                let is_held = it.attempts == 0 && it.due > now;
                it.listed(if is_held { DeliveryStatus::Held } else { DeliveryStatus::Waiting })
            })
            .collect();
        let query = self
            .calls
            .client
            .query()
            .table_name(&*self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(MAX_DELIVERIES).unwrap_or(i32::MAX))
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_values(":pk", s(deliveries(channel)))
            .key_condition_expression("#pk = :pk");
        let answer = query.send().await.map_err(StoreError::from_sdk("Query"))?;
        all.extend(answer.items().iter().filter_map(|item| read_json(item, "doc")));
        let mut all = order::by_text(all, |it: &Delivery| order::newest_first(it.at));
        all.truncate(MAX_DELIVERIES);
        Ok(all)
    }
}
