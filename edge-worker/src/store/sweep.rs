//! Finding and deleting what is stored of somebody, or of a site altogether.
//!
//! Events and Sessions are gone through partition by partition, by the keys of a day. ActiveSessions is scanned: what
//! was decided for a page without kept ids (`claim`) is found by nothing that is known of its visitor afterwards, and
//! the table holds nine days at most. It is the one `Scan` there is.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use analytics::{Bucket, DAY_MS, MAX_OFFSET_MS, Span, user_hash};
use aws_sdk_dynamodb::types::{AttributeValue, WriteRequest};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use protocol::{SessionId, SiteId, UserId};
use serde::{Deserialize, Serialize};

use super::calls::{ROWS_A_CALL, Select, delete, key};
use super::items::Item;
use super::read::CONCURRENT_QUERIES;
use super::rows::{number, text};
use super::{Store, StoreError, keys, segments};
use crate::ingest::Parcel;

/// Pages of ActiveSessions, of a megabyte each, that are looked through before progress is noted.
const PAGES_AT_ONCE: usize = 20;

/// Who is to be erased, and what was found of them so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    /// The site's own id of the person.
    #[serde(default)]
    pub(crate) person: Option<String>,
    /// Visitors all of whose visits go.
    #[serde(default)]
    pub(crate) users: BTreeSet<String>,
    /// Visits that go.
    #[serde(default)]
    pub(crate) sessions: BTreeSet<String>,
    /// The same visits as segments name them: the visitor's number and the start.
    #[serde(default)]
    pub(crate) visits: BTreeSet<(u64, u64)>,
    /// Visitors, by their numbers, whom segments alone know: their rows are gone.
    #[serde(default)]
    pub(crate) known: BTreeSet<u64>,
}

impl Gone {
    /// How segments name those visitors.
    pub(crate) fn hashes(&self) -> HashSet<u64> {
        let users =
            self.users.iter().filter_map(|user| UserId::parse(user).ok()).map(|user| user_hash(&user));
        users.chain(self.known.iter().copied()).collect()
    }

    /// Whether a row is about them. Takes up what it says: other visitors of the person, other ids of the visit.
    fn takes(&mut self, item: &Item) -> bool {
        let user = text(item, "user_id");
        let session = match text(item, "session_id") {
            // Rows of Sessions and ActiveSessions are named by it.
            "" => text(item, "sk").get(..protocol::ids::ID_BYTES).unwrap_or_default(),
            session => session,
        };
        let named = match item.get("person_ids") {
            Some(AttributeValue::Ss(persons)) => self.person.as_ref().is_some_and(|it| persons.contains(it)),
            _ => self.person.as_deref().is_some_and(|it| text(item, "person_id") == it),
        };
        let is_known = !self.known.is_empty()
            && UserId::parse(user).is_ok_and(|user| self.known.contains(&user_hash(&user)));
        if (named || is_known) && !user.is_empty() {
            self.users.insert(user.to_owned());
        }
        let is_visit = self.sessions.contains(session);
        if is_visit && let (Ok(user), Ok(session)) = (UserId::parse(user), SessionId::parse(session)) {
            let at = number(item, "at").unwrap_or(session.unix_ms());
            // As segments have it: see `analytics::Builder`.
            let start = match at.abs_diff(session.unix_ms()) > MAX_OFFSET_MS {
                true => at - at % DAY_MS,
                false => session.unix_ms(),
            };
            self.visits.insert((user_hash(&user), start));
        }
        named || is_visit || self.users.contains(user)
    }

    /// Whether a batch that is kept apart is about them.
    fn takes_parcel(&self, printed: &str) -> bool {
        if self.users.iter().chain(&self.sessions).any(|id| printed.contains(id.as_str())) {
            return true;
        }
        let Some(person) = &self.person else { return false };
        let person_of = |parcel: Parcel| parcel.batch.person_id.map(|it| it.as_str().to_owned());
        Parcel::read(printed).and_then(person_of).as_ref() == Some(person)
    }
}

/// Which rows are meant.
pub(crate) enum Which<'a> {
    /// All.
    All,
    /// Those about somebody.
    Of(&'a mut Gone),
}

/// Rows that were found and are to be deleted.
#[derive(Debug, Default)]
pub(crate) struct Found {
    events: Vec<(String, String)>,
    sessions: Vec<(String, String)>,
    times: Vec<u64>,
}

impl Found {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.events.len() + self.sessions.len()
    }
}

fn keys_of(item: &Item) -> (String, String) {
    (text(item, "pk").to_owned(), text(item, "sk").to_owned())
}

impl Store {
    /// The partitions of Events and Sessions in which rows of a day lie.
    fn partitions(&self, site: &SiteId, shards: u32, day: Bucket) -> (Vec<String>, String) {
        let hours = Bucket::touching(Span::Hour, day.range());
        let mut events: Vec<String> = hours
            .flat_map(|hour| (0..shards.max(1)).map(move |shard| keys::events(site, hour.start(), shard)))
            .collect();
        events.push(format!("{site}#quarantine#{}", keys::day(day.start())));
        (events, format!("{site}#{}", keys::day(day.start())))
    }

    /// What there is of somebody in the rows of a day.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; so in all methods here.
    pub(crate) async fn find_rows(
        &self,
        site: &SiteId,
        shards: u32,
        day: Bucket,
        gone: &mut Gone,
    ) -> Result<Found, StoreError> {
        let (events, sessions) = self.partitions(site, shards, day);
        let attributes = ["pk", "sk", "user_id", "session_id", "person_id", "at", "parcel"];
        // Several partitions are read at once, and of each a page is held.
        let told = RefCell::new((gone, Found::default()));
        let (shared, table) = (&told, self.tables.events.as_str());
        stream::iter(events)
            .map(|pk| async move {
                let select = Select { table, pk, between: None, attributes: &attributes, consistent: true };
                let take = &mut |item: Item| {
                    let (gone, found) = &mut *shared.borrow_mut();
                    let is_about = match text(&item, "parcel") {
                        "" => gone.takes(&item),
                        parcel => gone.takes_parcel(parcel),
                    };
                    if is_about {
                        found.times.extend(number(&item, "at"));
                        found.events.push(keys_of(&item));
                    }
                    Ok(())
                };
                self.calls.select(select, take).await
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_for_each(|_| std::future::ready(Ok(())))
            .await?;
        let (gone, mut found) = told.into_inner();
        found.sessions = self.find_sessions(sessions, gone).await?;
        Ok(found)
    }

    async fn find_sessions(&self, pk: String, gone: &mut Gone) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        let attributes = ["pk", "sk", "user_id", "person_ids"];
        let table = &self.tables.sessions;
        let select = Select { table, pk, between: None, attributes: &attributes, consistent: true };
        self.calls
            .select(select, &mut |item| {
                if gone.takes(&item) {
                    found.push(keys_of(&item));
                }
                Ok(())
            })
            .await?;
        Ok(found)
    }

    /// Takes up which visitors were seen with a person on a day.
    pub(crate) async fn find_visitors(
        &self,
        site: &SiteId,
        day: Bucket,
        gone: &mut Gone,
    ) -> Result<(), StoreError> {
        self.find_sessions(format!("{site}#{}", keys::day(day.start())), gone).await.map(drop)
    }

    /// Deletes what was found. Hours that have closed are marked before and after, so that nobody goes on believing
    /// what they remember of them.
    pub(crate) async fn delete_found(&self, site: &SiteId, found: &Found) -> Result<(), StoreError> {
        let marks = || segments::marks(site, found.times.iter().copied(), self.now());
        self.mark(&marks()).await?;
        self.delete_rows(&self.tables.events, &found.events).await?;
        self.delete_rows(&self.tables.sessions, &found.sessions).await?;
        self.mark(&marks()).await?;
        self.segments.borrow_mut().forget(site, self.now(), found.times.iter().copied());
        Ok(())
    }

    async fn delete_rows(&self, table: &str, rows: &[(String, String)]) -> Result<(), StoreError> {
        stream::iter(rows.chunks(ROWS_A_CALL))
            .map(|batch| {
                let requests: Vec<WriteRequest> = batch.iter().map(|(pk, sk)| delete(pk, sk)).collect();
                self.calls.write([(table.to_owned(), requests)].into())
            })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_fold(0.0, |units, more| std::future::ready(Ok(units + more)))
            .await
            .map(drop)
    }

    /// Deletes a partition, page by page; how many rows that were.
    pub(super) async fn delete_partition(&self, table: &str, pk: &str) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let select = Select {
                table,
                pk: pk.to_owned(),
                between: None,
                attributes: &["pk", "sk"],
                consistent: true,
            };
            let (items, more) = self.calls.page(select).await?;
            let rows: Vec<_> = items.iter().map(keys_of).collect();
            self.delete_rows(table, &rows).await?;
            deleted += rows.len() as u64;
            if !more {
                return Ok(deleted);
            }
        }
    }

    /// Deletes all rows of a day; how many that were.
    pub(crate) async fn delete_day(
        &self,
        site: &SiteId,
        shards: u32,
        day: Bucket,
    ) -> Result<u64, StoreError> {
        let (events, sessions) = self.partitions(site, shards, day);
        let deleted = stream::iter(events)
            .map(|pk| async move { self.delete_partition(&self.tables.events, &pk).await })
            .buffer_unordered(CONCURRENT_QUERIES)
            .try_fold(0, |all, more| std::future::ready(Ok(all + more)))
            .await?;
        Ok(deleted + self.delete_partition(&self.tables.sessions, &sessions).await?)
    }

    /// Deletes from ActiveSessions what is about somebody or a site, some pages at a time: how many rows, and where to
    /// go on.
    pub(crate) async fn sweep_active(
        &self,
        site: &SiteId,
        mut which: Which<'_>,
        after: Option<(String, String)>,
    ) -> Result<(u64, Option<(String, String)>), StoreError> {
        let table = &self.tables.active;
        let mut start = after.map(|(pk, sk)| key(&pk, &sk));
        let mut deleted = 0;
        for _ in 0..PAGES_AT_ONCE {
            let page = self
                .calls
                .client
                .scan()
                .table_name(table)
                .consistent_read(true)
                .filter_expression("begins_with(#pk, :site)")
                .expression_attribute_names("#pk", "pk")
                .expression_attribute_values(":site", AttributeValue::S(format!("{site}#")))
                .projection_expression("#pk, sk, user_id, session_id")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(StoreError::from_sdk("Scan"))?;
            let about = |item: &&Item| match &mut which {
                Which::All => true,
                Which::Of(gone) => {
                    let pk = text(item, "pk");
                    let named = pk.rsplit('#').next().unwrap_or_default();
                    gone.takes(item) || gone.users.contains(named) || gone.sessions.contains(named)
                }
            };
            let rows: Vec<_> = page.items().iter().filter(about).map(keys_of).collect();
            self.delete_rows(table, &rows).await?;
            deleted += rows.len() as u64;
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                break;
            }
        }
        Ok((deleted, start.as_ref().map(keys_of)))
    }

    /// Deletes everything of a site in Segments that its manifests and marks tell of; how many rows.
    pub(crate) async fn delete_segments(&self, site: &SiteId) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for span in [Span::Month, Span::Day, Span::Hour] {
            for sealed in self.sealed(site, span, &(0..self.now() + DAY_MS)).await? {
                self.drop_sealed(site, &sealed).await?;
                deleted += 1;
            }
        }
        Ok(deleted + self.delete_partition(&self.tables.segments, site.as_str()).await?)
    }
}
