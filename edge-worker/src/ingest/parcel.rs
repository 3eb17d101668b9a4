//! A batch on its way from the door to the store, with all that is known of it. Printed, it is the message of the
//! overflow queue and the row of the quarantine.

use protocol::clock::Source;
use protocol::outcome::Outcome;
use protocol::{Batch, EventKind, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::enrich::Visit;
use super::identity::Identity;
use crate::site::Site;

/// Version of the printed form. A reader takes its own and the one before.
const VERSION: u32 = 1;

/// What the site says about storing, as of the batch's arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Partitions an hour of this site is spread over.
    pub shards: u32,
    /// How long raw events of this site are kept, in days.
    pub retention_days: u32,
    /// Parameters of a page's query that are kept.
    pub query_parameters: Vec<String>,
}

impl From<&Site> for Rules {
    fn from(site: &Site) -> Self {
        Self {
            shards: site.shards,
            retention_days: site.retention_days,
            query_parameters: site.query_parameters.clone(),
        }
    }
}

/// A batch that passed the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The events that are to be stored, as they were sent.
    pub batch: Batch,
    /// What is known of the visit: place, device, browser.
    pub visit: Visit,
    /// Whose it is.
    pub identity: Identity,
    /// Whose clock it has.
    pub clock: Source,
    /// The worker's clock when it arrived, Unix milliseconds.
    pub received_at: u64,
    /// What the site says.
    pub rules: Rules,
    /// Why it is to be kept apart instead of being counted.
    pub quarantine: Option<Outcome>,
}

#[derive(Serialize, Deserialize)]
struct Printed<'a> {
    v: u32,
    #[serde(borrow)]
    batch: &'a RawValue,
    visit: std::borrow::Cow<'a, Visit>,
    identity: Identity,
    server: bool,
    received_at: u64,
    rules: std::borrow::Cow<'a, Rules>,
    quarantine: Option<Outcome>,
}

impl Parcel {
    /// The printed form, which may lie somewhere for days: it has nothing in it that the rows would not have. `None` if
    /// it cannot be printed, which no checked batch is known to cause.
    pub fn print(&self) -> Option<String> {
        let mut batch = self.batch.clone();
        if let Identity::Derived { today, .. } = self.identity {
            // The id that the browser made is not used.
            batch.user_id = today;
        }
        for event in &mut batch.events {
            strip(&mut event.kind, &self.rules.query_parameters);
        }
        if let Some(page) = &mut batch.context.url {
            *page = page.clone().with_query("");
        }
        let batch = RawValue::from_string(encode::batch(&batch)).ok()?;
        let printed = Printed {
            v: VERSION,
            batch: &batch,
            visit: std::borrow::Cow::Borrowed(&self.visit),
            identity: self.identity,
            server: self.clock == Source::Server,
            received_at: self.received_at,
            rules: std::borrow::Cow::Borrowed(&self.rules),
            quarantine: self.quarantine,
        };
        serde_json::to_string(&printed).ok()
    }

    /// Reads the printed form; `None` for what is none, or is of a version this worker does not know.
    pub fn read(text: &str) -> Option<Self> {
        let printed: Printed<'_> = serde_json::from_str(text).ok()?;
        if printed.v != VERSION {
            return None;
        }
        let batch = decode::batch(printed.batch.get().as_bytes()).ok()?.batch;
        Some(Self {
            batch,
            visit: printed.visit.into_owned(),
            identity: printed.identity,
            clock: if printed.server { Source::Server } else { Source::Browser },
            received_at: printed.received_at,
            rules: printed.rules.into_owned(),
            quarantine: printed.quarantine,
        })
    }
}

/// Takes out of addresses what is not kept: of queries all but the allowed and the campaign's parameters.
fn strip(kind: &mut EventKind, allowed: &[String]) {
    match kind {
        EventKind::PageView(view) => {
            let query = enrich::kept_query(view.url.query(), allowed);
            view.url = view.url.clone().with_query(&query);
            view.referrer = view.referrer.take().map(|referrer| referrer.with_query(""));
        }
        EventKind::Click(click) => click.href = click.href.take().map(|href| href.with_query("")),
        EventKind::Conversion(_) | EventKind::Custom(_) | EventKind::Heartbeat(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use protocol::limits::{self, MAX_PROP_VALUE_BYTES};

    use super::*;

    #[test]
    fn parcel_survives_printing() {
        let body = include_str!("../../../tests/fixtures/batch.json");
        let batch = decode::batch(body.as_bytes()).unwrap().batch;
        let user = batch.user_id;
        let parcel = Parcel {
            batch,
            visit: Visit { browser: "Firefox".into(), language: "ko-KR".into(), ..Visit::default() },
            identity: Identity::Derived { today: user, before: Some(user), page_has_id: true },
            clock: Source::Server,
            received_at: 1_763_866_800_500,
            rules: Rules { shards: 2, retention_days: 30, query_parameters: vec!["q".into()] },
            quarantine: Some(Outcome::Spam),
        };
        let text = parcel.print().unwrap();
        let read = Parcel::read(&text).unwrap();
        // Printed once more it is the same: nothing is lost on the way round the queue.
        assert_eq!(Parcel::read(&read.print().unwrap()).as_ref(), Some(&read));
        assert_eq!(
            (&read.visit, read.identity, &read.rules),
            (&parcel.visit, parcel.identity, &parcel.rules)
        );
        assert_eq!(read.batch.events.len(), parcel.batch.events.len());
        assert_eq!(read.quarantine, parcel.quarantine);
        assert_eq!(Parcel::read(&text.replacen(r#""v":1"#, r#""v":9"#, 1)), None);
        assert_eq!(Parcel::read("{}"), None);
    }

    #[test]
    fn what_the_rows_would_not_have_is_not_printed() {
        let body = include_str!("../../../tests/fixtures/batch.json")
            .replace("utm_source=newsletter", "token=secret&utm_source=newsletter&gclid=secret&q=tea")
            .replace("https://www.google.com/", "https://www.google.com/search?q=secret")
            .replace("https://docs.example/", "https://docs.example/?key=secret")
            .replace(
                r#""url": "https://shop.example/cart","#,
                r#""url": "https://shop.example/cart?secret","#,
            );
        assert!(body.matches("secret").count() >= 4);
        let batch = decode::batch(body.as_bytes()).unwrap().batch;
        let browsers_own = batch.user_id;
        let today = protocol::UserId::new(7, &[7; 10]);
        let parcel = Parcel {
            batch,
            visit: Visit::default(),
            identity: Identity::Derived { today, before: None, page_has_id: true },
            clock: Source::Browser,
            received_at: 1,
            rules: Rules { query_parameters: vec!["q".into()], ..Rules::default() },
            quarantine: None,
        };
        let text = parcel.print().unwrap();
        assert!(!text.contains("secret") && !text.contains(&browsers_own.to_string()), "{text}");
        assert!(text.contains("?utm_source=newsletter&gclid=1&q=tea"), "{text}");
    }

    #[test]
    fn largest_batch_fits_into_one_message_of_the_queue() {
        // The most that events gain by being printed again is what a heartbeat may leave out.
        let id = "019aaea7-6f80-7000-8000-000000000003";
        let beat = format!(r#"{{"id":"{id}","type":"heartbeat","page_id":"{id}","engaged_ms":1}}"#);
        let long = "가".repeat(MAX_PROP_VALUE_BYTES / 3);
        let event = format!(
            r#"{{"id":"{id}","type":"custom","page_id":"{id}","name":"n","props":{{"p":"{long}"}}}}"#
        );
        for (event, count) in [(beat, limits::MAX_EVENTS), (event, 45)] {
            let events: Vec<String> =
                (0..count).map(|n| event.replacen("000000000003", &format!("{n:012}"), 1)).collect();
            let events = events.join(",");
            let body = format!(
                r#"{{"v":1,"site_id":"s","user_id":"{id}","session_id":"{id}","sent_at":1,"events":[{events}]}}"#
            );
            let decoded = decode::batch(body.as_bytes()).unwrap();
            assert_eq!(decoded.batch.events.len(), count);
            assert!(body.len() > 9_000 && body.len() <= limits::MAX_INFLATED_BYTES);
            let parcel = Parcel {
                batch: decoded.batch,
                visit: Visit::default(),
                identity: Identity::Given,
                clock: Source::Browser,
                received_at: 1,
                rules: Rules::default(),
                quarantine: None,
            };
            // 128 KB: Cloudflare Queues, limits.
            assert!(parcel.print().unwrap().len() < 128_000 - 4_096);
        }
    }
}
